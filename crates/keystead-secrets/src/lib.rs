//! Secrets of Alibaba Cloud KMS as programs use them: the value with what is known of it, why it cannot be had, and the trait
//! of the sources that keep it. [`MemorySource`] is one for tests; a client with a cache is not in this crate yet.

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
