//! What programs depend on: a source of secrets that keeps them. So that their tests need no service.

use std::fmt;
use std::pin::Pin;

use tokio::sync::watch;

use crate::error::SecretError;
use crate::value::SecretValue;

/// A future on the heap, so that the trait can be used as an object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Gives secrets and keeps them: a client with a cache, or in tests a [`MemorySource`](crate::MemorySource).
///
/// A name means the secret's version at the source's stage, `ACSCurrent` unless it was set otherwise.
pub trait CachedSecretSource: Send + Sync {
    /// The secret's value, from memory when it is there.
    ///
    /// # Errors
    /// There is none, or it cannot be had now.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>>;

    /// Asks the service for the value, and keeps that.
    ///
    /// # Errors
    /// As [`CachedSecretSource::get`]; an old value does not stand in.
    fn refresh_now<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>>;

    /// Follows the secret's versions.
    fn watch(&self, name: &str) -> Updates;
}

/// Each new version of a secret, beginning with the one that is known when the watching starts. Who reads slowly misses
/// versions in between and always gets the latest.
#[derive(Clone)]
pub struct Updates {
    receiver: watch::Receiver<Option<SecretValue>>,
}

impl Updates {
    /// Updates of a source of one's own: `None` stands for no value yet.
    #[must_use]
    pub fn new(mut receiver: watch::Receiver<Option<SecretValue>>) -> Self {
        receiver.mark_changed();
        Self { receiver }
    }

    /// Waits for a version that was not seen yet. `None` when the source is gone.
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<SecretValue> {
        loop {
            self.receiver.changed().await.ok()?;
            let value = self.receiver.borrow_and_update().clone();
            if value.is_some() {
                return value;
            }
        }
    }

    /// The latest version, whether it was seen or not.
    #[must_use]
    pub fn latest(&self) -> Option<SecretValue> {
        self.receiver.borrow().clone()
    }
}

impl fmt::Debug for Updates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Updates").field("latest", &self.latest()).finish_non_exhaustive()
    }
}
