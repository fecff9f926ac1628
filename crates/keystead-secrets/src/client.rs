//! The client: a cache of secrets before one or several endpoints.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use keystead_client::Client;
use tokio::runtime::Handle;
use tokio::time::sleep_until;

use crate::entries::{Entries, Wanted};
use crate::entry::{Ages, Entry};
use crate::error::{SecretError, SecretErrorKind};
use crate::fetch::Endpoint;
use crate::id::{CURRENT, SecretId};
use crate::source::{BoxFuture, CachedSecretSource, Updates};
use crate::value::SecretValue;

/// Gives secrets from memory, and refreshes them in the background. Clones share the memory.
///
/// When the service cannot be asked, an old value stands in for [`SecretClientBuilder::stale_for`]; a refusal of the service
/// ends that at once.
#[derive(Clone)]
pub struct SecretClient(Arc<Inner>);

struct Inner {
    endpoints: Vec<Endpoint>,
    ages: Ages,
    stage: String,
    entries: Entries,
}

/// Collects the settings of a [`SecretClient`].
#[must_use]
pub struct SecretClientBuilder {
    endpoints: Vec<Endpoint>,
    ages: Ages,
    max_entries: usize,
    stage: String,
}

impl SecretClientBuilder {
    /// Adds a region or an instance. They are asked in this order; the name stands in errors. The client's own repeats and
    /// its call timeout decide how soon the next one is asked.
    pub fn endpoint(mut self, name: impl Into<String>, client: Client) -> Self {
        self.endpoints.push(Endpoint::new(name.into(), client));
        self
    }

    /// How old a value may be; 1 hour by default. At least 1 second.
    pub fn age(mut self, age: Duration) -> Self {
        self.ages.age = age.max(Duration::from_secs(1));
        self
    }

    /// How long beyond its age a value stands in when the service cannot be asked; 1 day by default.
    pub fn stale_for(mut self, time: Duration) -> Self {
        self.ages.stale = time;
        self
    }

    /// How many secrets are kept; 10,000 by default. One more replaces another.
    pub fn max_entries(mut self, count: usize) -> Self {
        self.max_entries = count.max(1);
        self
    }

    /// The stage label that a name stands for; `ACSCurrent` by default.
    pub fn stage(mut self, stage: impl Into<String>) -> Self {
        self.stage = stage.into();
        self
    }

    /// # Errors
    /// [`SecretErrorKind::Settings`] without an endpoint.
    pub fn build(self) -> Result<SecretClient, SecretError> {
        if self.endpoints.is_empty() {
            return Err(SecretError::new(SecretErrorKind::Settings, "", "no endpoint is set"));
        }
        let Self { endpoints, ages, max_entries, stage } = self;
        Ok(SecretClient(Arc::new(Inner { endpoints, ages, stage, entries: Entries::new(max_entries) })))
    }
}

impl SecretClient {
    /// Starts the settings.
    pub fn builder() -> SecretClientBuilder {
        SecretClientBuilder {
            endpoints: Vec::new(),
            ages: Ages { age: Duration::from_secs(3600), stale: Duration::from_secs(86_400) },
            max_entries: 10_000,
            stage: CURRENT.into(),
        }
    }

    /// The value of a stage or version, from memory when it is there.
    ///
    /// # Errors
    /// As [`CachedSecretSource::get`].
    pub async fn get_id(&self, id: &SecretId) -> Result<SecretValue, SecretError> {
        self.wanted(id.into()).await
    }

    /// What [`get`](CachedSecretSource::get) would give without a request: nothing is waited for, no lock is taken and no
    /// memory is got. `None` when the service has to be asked first.
    #[must_use]
    pub fn cached(&self, name: &str) -> Option<Result<SecretValue, SecretError>> {
        self.0.entries.look(self.at_stage(name), |entry| entry.kept())?
    }

    async fn wanted(&self, wanted: Wanted<'_>) -> Result<SecretValue, SecretError> {
        if let Some(outcome) = self.0.entries.look(wanted, |entry| entry.kept()).flatten() {
            return outcome;
        }
        let entry = self.0.entries.entry(wanted);
        self.start(&entry);
        entry.refresh(&self.0.endpoints, &self.0.ages, false).await
    }

    /// Forgets the secret's value at the client's stage, after a fetch that is under way. The next caller asks the service.
    pub async fn invalidate(&self, name: &str) {
        let entry = self.0.entries.entry(self.at_stage(name));
        let _gate = entry.gate.lock().await;
        entry.forget();
    }

    fn at_stage<'a>(&'a self, name: &'a str) -> Wanted<'a> {
        Wanted { name, which: &self.0.stage, is_version: false }
    }

    /// Refreshes the entry in the background from now on, until it or the client is gone.
    fn start(&self, entry: &Arc<Entry>) {
        let Ok(runtime) = Handle::try_current() else { return };
        if entry.started.swap(true, Ordering::AcqRel) {
            return;
        }
        let (inner, entry) = (Arc::downgrade(&self.0), Arc::downgrade(entry));
        runtime.spawn(async move {
            loop {
                let Some(next) = entry.upgrade().map(|entry| entry.next()) else { return };
                sleep_until(next).await;
                let (Some(inner), Some(entry)) = (inner.upgrade(), entry.upgrade()) else { return };
                if entry.next() <= next {
                    let _ = entry.refresh(&inner.endpoints, &inner.ages, false).await;
                }
            }
        });
    }
}

impl CachedSecretSource for SecretClient {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        Box::pin(self.wanted(self.at_stage(name)))
    }

    fn refresh_now<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        Box::pin(async move {
            let entry = self.0.entries.entry(self.at_stage(name));
            let outcome = entry.refresh(&self.0.endpoints, &self.0.ages, true).await;
            self.start(&entry);
            outcome
        })
    }

    fn watch(&self, name: &str) -> Updates {
        let entry = self.0.entries.entry(self.at_stage(name));
        self.start(&entry);
        Updates::new(entry.updates.subscribe())
    }
}

impl fmt::Debug for SecretClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretClient").finish_non_exhaustive()
    }
}
