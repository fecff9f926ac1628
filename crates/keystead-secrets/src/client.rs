//! The client: a cache of secrets before one or several endpoints.

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::builder::SecretClientBuilder;
use crate::entries::{Entries, Wanted};
use crate::entry::{Entry, Supply};
use crate::error::{SecretError, SecretErrorKind};
use crate::id::SecretId;
use crate::source::{BoxFuture, CachedSecretSource, Updates};
use crate::value::SecretValue;

/// Gives secrets from memory, and refreshes them in the background. Clones share the memory.
///
/// When the service cannot be asked, an old value stands in for [`SecretClientBuilder::stale_for`]; a refusal of the service
/// ends that at once.
#[derive(Clone)]
pub struct SecretClient(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) supply: Supply,
    pub(crate) stage: String,
    pub(crate) entries: Entries,
}

/// What a client has done so far; see [`SecretClient::stats`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Secrets that are kept, those included whose refusal is remembered.
    pub entries: usize,
    /// Bytes of the values that are kept, as [`SecretClientBuilder::max_bytes`] counts them.
    pub bytes: usize,
    /// Calls that were answered from memory, remembered refusals included.
    pub hits: u64,
    /// Calls that had to wait for the service; [`CachedSecretSource::refresh_now`] is not counted.
    pub misses: u64,
    /// Old values that were handed out because the service could not be asked, from memory or after a fetch.
    pub stale_served: u64,
    /// Fetches; each asks one endpoint after the other until one answers.
    pub fetches: u64,
    /// Those that gave no value.
    pub failures: u64,
}

impl SecretClient {
    /// Starts the settings.
    pub fn builder() -> SecretClientBuilder {
        SecretClientBuilder::new()
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
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
        self.kept(self.at_stage(name))
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
        let (totals, counters) = (self.0.entries.totals(), &self.0.supply.counters);
        Stats {
            entries: totals.entries,
            bytes: totals.bytes,
            hits: counters.hits(),
            misses: counters.misses.load(Ordering::Relaxed),
            stale_served: counters.stale_served(),
            fetches: counters.fetches.load(Ordering::Relaxed),
            failures: counters.failures.load(Ordering::Relaxed),
        }
    }

    async fn wanted(&self, wanted: Wanted<'_>) -> Result<SecretValue, SecretError> {
        if let Some(outcome) = self.kept(wanted) {
            return outcome;
        }
        let entry = self.0.entries.entry(wanted);
        self.0.supply.counters.misses.fetch_add(1, Ordering::Relaxed);
        self.start(&entry);
        let outcome = self.0.refresh(&entry, false).await;
        if outcome.as_ref().is_ok_and(SecretValue::is_stale) {
            self.0.supply.counters.stale();
        }
        outcome
    }

    fn kept(&self, wanted: Wanted<'_>) -> Option<Result<SecretValue, SecretError>> {
        self.0.entries.look(wanted, |entry| entry.kept(&self.0.supply.counters))?
    }

    /// Forgets the secret's value at the client's stage, after a fetch that is under way. The next caller asks the service.
    pub async fn invalidate(&self, name: &str) {
        let entry = self.0.entries.entry(self.at_stage(name));
        let _gate = entry.gate.lock().await;
        entry.forget();
        self.0.entries.weigh(&entry);
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
                    let _ = inner.refresh(&entry, false).await;
                }
            }
        });
    }
}

impl Inner {
    /// Refreshes an entry, and sees to it that what is kept stays within its limits.
    async fn refresh(&self, entry: &Arc<Entry>, anew: bool) -> Result<SecretValue, SecretError> {
        let outcome = entry.refresh(&self.supply, anew).await;
        self.entries.weigh(entry);
        outcome
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
            let outcome = self.0.refresh(&entry, true).await;
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
