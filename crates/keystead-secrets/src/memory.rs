//! A source for tests, without a service.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::error::{SecretError, SecretErrorKind};
use crate::source::{BoxFuture, CachedSecretSource, Updates};
use crate::value::SecretValue;

/// Secrets that a test sets: values, rotations, failures.
///
/// ```
/// use keystead_secrets::{CachedSecretSource, MemorySource, SecretErrorKind, SecretValue};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let secrets = MemorySource::new();
/// secrets.put(SecretValue::builder("app/db").text("hush"));
/// assert_eq!(secrets.get("app/db").await.unwrap().text().unwrap(), "hush");
///
/// secrets.fail("app/db", SecretErrorKind::Unavailable);
/// assert!(secrets.get("app/db").await.unwrap_err().is_transient());
/// # }
/// ```
#[derive(Debug, Default)]
pub struct MemorySource {
    secrets: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    value: Result<SecretValue, SecretErrorKind>,
    /// What the next refresh brings to light.
    rotated: Option<SecretValue>,
    updates: watch::Sender<Option<SecretValue>>,
    refreshes: usize,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            value: Err(SecretErrorKind::Missing),
            rotated: None,
            updates: watch::Sender::new(None),
            refreshes: 0,
        }
    }
}

impl MemorySource {
    /// No secrets yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a secret, which watchers see at once.
    pub fn put(&self, value: SecretValue) {
        let mut secrets = self.lock();
        let entry = secrets.entry(value.name().to_owned()).or_default();
        entry.rotated = None;
        entry.set(value);
    }

    /// Rotates a secret behind the cache's back: it is seen after the next [`CachedSecretSource::refresh_now`].
    pub fn rotate(&self, value: SecretValue) {
        let name = value.name().to_owned();
        self.lock().entry(name).or_default().rotated = Some(value);
    }

    /// From now on, reading the secret fails; until it is [`put`](Self::put) again.
    pub fn fail(&self, name: &str, kind: SecretErrorKind) {
        let mut secrets = self.lock();
        let entry = secrets.entry(name.to_owned()).or_default();
        (entry.value, entry.rotated) = (Err(kind), None);
    }

    /// How often a secret was refreshed.
    #[must_use]
    pub fn refreshes(&self, name: &str) -> usize {
        self.lock().get(name).map_or(0, |entry| entry.refreshes)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, name: &str, refresh: bool) -> Result<SecretValue, SecretError> {
        let mut secrets = self.lock();
        let fault = |kind| SecretError::new(kind, name, "as the test wants it");
        let Some(entry) = secrets.get_mut(name) else { return Err(fault(SecretErrorKind::Missing)) };
        if refresh {
            entry.refreshes += 1;
            if let Some(value) = entry.rotated.take() {
                entry.set(value);
            }
        }
        entry.value.clone().map_err(fault)
    }
}

impl Entry {
    fn set(&mut self, value: SecretValue) {
        self.updates.send_replace(Some(value.clone()));
        self.value = Ok(value);
    }
}

impl CachedSecretSource for MemorySource {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        Box::pin(std::future::ready(self.read(name, false)))
    }

    fn refresh_now<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        Box::pin(std::future::ready(self.read(name, true)))
    }

    fn watch(&self, name: &str) -> Updates {
        Updates::new(self.lock().entry(name.to_owned()).or_default().updates.subscribe())
    }
}
