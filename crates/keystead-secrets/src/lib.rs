//! Secrets of Alibaba Cloud KMS as programs use them: the value with what is known of it, why it cannot be had, and the trait
//! of the sources that keep it. [`SecretClient`] asks the service and keeps the answers; [`MemorySource`] is for tests.

mod age;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod cache_file;
mod client;
mod counters;
mod entries;
mod entry;
mod error;
mod fetch;
mod id;
mod memory;
mod official;
mod order;
pub mod ram;
mod source;
mod value;

pub use builder::SecretClientBuilder;
pub use cache_file::{CacheFile, CacheFileError};
pub use client::{SecretClient, Stats};
pub use error::{FailedAttempt, SecretError, SecretErrorKind};
pub use id::{CURRENT, PREVIOUS, SecretId};
pub use keystead_client::SecretText;
pub use memory::MemorySource;
pub use source::{BoxFuture, CachedSecretSource, Updates};
pub use value::{Freshness, SecretValue, SecretValueBuilder};
