//! The client: a cache of secrets before one or several endpoints.

use std::collections::HashMap;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keystead_client::Client;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::entries::{Entries, Wanted};
use crate::entry::{Entry, Hook, Supply};
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
    supply: Supply,
    stage: String,
    entries: Entries,
}

/// Collects the settings of a [`SecretClient`].
#[must_use]
pub struct SecretClientBuilder {
    endpoints: Vec<Endpoint>,
    age: Duration,
    own_ages: HashMap<String, Duration>,
    stale: Duration,
    max_entries: usize,
    stage: String,
    hook: Option<Hook>,
}

/// What a client has done so far; see [`SecretClient::stats`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Secrets that are kept, those included whose refusal is remembered.
    pub entries: usize,
    /// Fetches; each asks one endpoint after the other until one answers.
    pub fetches: u64,
    /// Those that gave no value.
    pub failures: u64,
}

/// The least age: more often, nobody is to be asked.
const MIN_AGE: Duration = Duration::from_secs(1);

impl SecretClientBuilder {
    /// Adds a region or an instance. They are asked in this order; the name stands in errors. The client's own repeats and
    /// its call timeout decide how soon the next one is asked.
    pub fn endpoint(mut self, name: impl Into<String>, client: Client) -> Self {
        self.endpoints.push(Endpoint::new(name.into(), client));
        self
    }

    /// How old a value may be; 1 hour by default. At least 1 second.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age.max(MIN_AGE);
        self
    }

    /// The same for one secret, at all its stages.
    pub fn age_of(mut self, name: impl Into<String>, age: Duration) -> Self {
        self.own_ages.insert(name.into(), age.max(MIN_AGE));
        self
    }

    /// Is called after each fetch, with what callers get from then on: a value, an old one that stands in
    /// ([`SecretValue::freshness`] says why), or an error. It is called where the fetch was made, so it must not take long.
    pub fn on_refresh(
        mut self,
        hook: impl Fn(&SecretId, &Result<SecretValue, SecretError>) + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// How long beyond its age a value stands in when the service cannot be asked; 1 day by default.
    pub fn stale_for(mut self, time: Duration) -> Self {
        self.stale = time;
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
        let Self { endpoints, age, own_ages, stale, max_entries, stage, hook } = self;
        let (fetches, failures) = (AtomicU64::new(0), AtomicU64::new(0));
        let supply = Supply { endpoints, age, own_ages, stale, hook, fetches, failures };
        Ok(SecretClient(Arc::new(Inner { supply, stage, entries: Entries::new(max_entries) })))
    }
}

impl SecretClient {
    /// Starts the settings.
    pub fn builder() -> SecretClientBuilder {
        SecretClientBuilder {
            endpoints: Vec::new(),
            age: Duration::from_secs(3600),
            own_ages: HashMap::new(),
            stale: Duration::from_secs(86_400),
            max_entries: 10_000,
            stage: CURRENT.into(),
            hook: None,
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

    /// The value of [`get`](CachedSecretSource::get), read as JSON.
    ///
    /// # Errors
    /// As [`CachedSecretSource::get`] and [`SecretValue::json`].
    pub async fn get_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, SecretError> {
        self.get(name).await?.json()
    }

    /// Several secrets, fetched side by side where they are not in memory; in the order of their names.
    ///
    /// # Errors
    /// Each secret has its own outcome, as [`CachedSecretSource::get`].
    pub async fn get_all<N: AsRef<str>>(&self, names: &[N]) -> Vec<Result<SecretValue, SecretError>> {
        let mut outcomes: Vec<_> = names.iter().map(|name| self.cached(name.as_ref())).collect();
        let mut tasks = JoinSet::new();
        for (at, name) in names.iter().enumerate().filter(|(at, _)| outcomes[*at].is_none()) {
            let (client, name) = (self.clone(), name.as_ref().to_owned());
            tasks.spawn(async move { (at, client.get(&name).await) });
        }
        while let Some(ended) = tasks.join_next().await {
            if let Ok((at, outcome)) = ended {
                outcomes[at] = Some(outcome);
            }
        }
        let lost = |name: &N| {
            SecretError::new(SecretErrorKind::Unavailable, name.as_ref(), "its fetch came to no end")
        };
        let named = outcomes.into_iter().zip(names);
        named.map(|(outcome, name)| outcome.unwrap_or_else(|| Err(lost(name)))).collect()
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let Supply { fetches, failures, .. } = &self.0.supply;
        Stats {
            entries: self.0.entries.len(),
            fetches: fetches.load(Ordering::Relaxed),
            failures: failures.load(Ordering::Relaxed),
        }
    }

    async fn wanted(&self, wanted: Wanted<'_>) -> Result<SecretValue, SecretError> {
        if let Some(outcome) = self.0.entries.look(wanted, |entry| entry.kept()).flatten() {
            return outcome;
        }
        let entry = self.0.entries.entry(wanted);
        self.start(&entry);
        entry.refresh(&self.0.supply, false).await
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
                    let _ = entry.refresh(&inner.supply, false).await;
                }
            }
        });
    }
}

impl CachedSecretSource for SecretClient {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        // What is in memory needs no future of the size that a fetch has.
        match self.cached(name) {
            Some(outcome) => Box::pin(ready(outcome)),
            None => Box::pin(self.wanted(self.at_stage(name))),
        }
    }

    fn refresh_now<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        Box::pin(async move {
            let entry = self.0.entries.entry(self.at_stage(name));
            let outcome = entry.refresh(&self.0.supply, true).await;
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
