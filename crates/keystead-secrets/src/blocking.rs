//! The client for programs without an async runtime (feature `blocking`).
//!
//! ```no_run
//! use keystead_client::Client;
//! use keystead_secrets::{SecretClient, blocking};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let kms = Client::builder().region("cn-hangzhou").default_credentials().build()?;
//! let secrets = blocking::SecretClient::new(SecretClient::builder().endpoint("cn-hangzhou", kms).build()?)?;
//! println!("{} bytes", secrets.get("app/db")?.text()?.len());
//! # Ok(())
//! # }
//! ```
//!
//! A value in memory is given by the calling thread alone. Else it waits while a runtime of one thread of its own, shared by all
//! clones, does the work, background refreshes included. Calls that wait panic when they are made inside of an async runtime,
//! and so does dropping the last clone there: use [`crate::SecretClient`] in such a program.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::cache_file::CacheFileError;
use crate::client::Stats;
use crate::error::SecretError;
use crate::id::SecretId;
use crate::source::CachedSecretSource as _;
use crate::value::SecretValue;

/// Gives secrets from memory, and waits for those that are not there. Clones share the memory.
#[derive(Clone, Debug)]
pub struct SecretClient {
    client: crate::SecretClient,
    runtime: Arc<Runtime>,
}

impl SecretClient {
    /// Makes one out of an async client that was not used in another runtime yet.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(client: crate::SecretClient) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("keystead-secrets")
            .enable_all()
            .build()?;
        Ok(Self { client, runtime: Arc::new(runtime) })
    }

    /// The secret's value, from memory when it is there, also inside of an async runtime.
    ///
    /// # Errors
    /// As [`CachedSecretSource::get`](crate::CachedSecretSource::get).
    pub fn get(&self, name: &str) -> Result<SecretValue, SecretError> {
        // What is in memory is there at once, and needs no runtime.
        self.client.hit(name).unwrap_or_else(|| self.runtime.block_on(self.client.get(name)))
    }

    /// The value of a stage or version.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_id(&self, id: &SecretId) -> Result<SecretValue, SecretError> {
        self.runtime.block_on(self.client.get_id(id))
    }

    /// As [`crate::SecretClient::cached`]: never waits, and may be called anywhere.
    #[must_use]
    pub fn cached(&self, name: &str) -> Option<Result<SecretValue, SecretError>> {
        self.client.cached(name)
    }

    /// The value, read as JSON.
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`SecretValue::json`].
    pub fn get_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, SecretError> {
        self.get(name)?.json()
    }

    /// Several secrets, fetched side by side; in the order of their names.
    ///
    /// # Errors
    /// Each secret has its own outcome, as [`get`](Self::get).
    pub fn get_all<N: AsRef<str>>(&self, names: &[N]) -> Vec<Result<SecretValue, SecretError>> {
        self.runtime.block_on(self.client.get_all(names))
    }

    /// Asks the service for the value, and keeps that.
    ///
    /// # Errors
    /// As [`get`](Self::get); an old value does not stand in.
    pub fn refresh_now(&self, name: &str) -> Result<SecretValue, SecretError> {
        self.runtime.block_on(self.client.refresh_now(name))
    }

    /// As [`crate::SecretClient::invalidate`].
    pub fn invalidate(&self, name: &str) {
        self.runtime.block_on(self.client.invalidate(name));
    }

    /// Follows the secret's versions, each of which is an item; for a thread of its own.
    #[must_use]
    pub fn watch(&self, name: &str) -> Updates {
        let _entered = self.runtime.enter();
        Updates { updates: self.client.watch(name), runtime: Arc::clone(&self.runtime) }
    }

    /// As [`crate::SecretClient::save`].
    ///
    /// # Errors
    /// As there.
    pub fn save(&self) -> Result<(), Arc<CacheFileError>> {
        self.runtime.block_on(self.client.save())
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.client.stats()
    }
}

/// Each new version of a secret, beginning with the one that is known. The iterator waits for the next one, and ends when the
/// secret was driven out of memory by others.
#[derive(Debug)]
pub struct Updates {
    updates: crate::Updates,
    runtime: Arc<Runtime>,
}

impl Updates {
    /// Waits for a version that was not seen yet, at most for this time. `None` when there is none, or the secret was driven
    /// out of memory.
    pub fn next_within(&mut self, time: Duration) -> Option<SecretValue> {
        // The timer needs the runtime already when it is made.
        let Self { updates, runtime } = self;
        runtime.block_on(async { timeout(time, updates.next()).await.ok().flatten() })
    }

    /// The latest version, whether it was seen or not.
    #[must_use]
    pub fn latest(&self) -> Option<SecretValue> {
        self.updates.latest()
    }
}

impl Iterator for Updates {
    type Item = SecretValue;

    fn next(&mut self) -> Option<SecretValue> {
        self.runtime.block_on(self.updates.next())
    }
}
