//! The Secret Client of Alibaba Cloud KMS in Rust.

mod error;
mod id;
mod memory;
mod source;
mod value;

pub use error::{FailedAttempt, SecretError, SecretErrorKind};
pub use id::{CURRENT, PREVIOUS, SecretId};
pub use keystead_client::SecretText;
pub use memory::MemorySource;
pub use source::{BoxFuture, CachedSecretSource, Updates};
pub use value::{Freshness, SecretValue, SecretValueBuilder};
