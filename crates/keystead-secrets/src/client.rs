//! The client: a cache of secrets before one or several endpoints.

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::builder::SecretClientBuilder;
use crate::cache_file::{CacheFileError, Change, Record, Saver, run};
use crate::entries::{Entries, Wanted};
use crate::entry::{Entry, Kept, Supply};
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
    pub(crate) saver: Option<Saver>,
}

/// How long a caller waits for the service when the cache file has a value.
const LOADED_WAIT: Duration = Duration::from_secs(2);

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
    /// memory is got. `None` when the service has to be asked first. A value out of the cache file is given as an old one
    /// that stands in, while [`get`](CachedSecretSource::get) asks the service first.
    #[must_use]
    pub fn cached(&self, name: &str) -> Option<Result<SecretValue, SecretError>> {
        self.kept(self.at_stage(name), Kept::Any)
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
        let mut outcomes: Vec<_> = names.iter().map(|name| self.hit(name.as_ref())).collect();
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

    /// Writes the cache file now, which otherwise is written some seconds after a change; for the orderly end of a program.
    /// Without a cache file it does nothing.
    ///
    /// # Errors
    /// [`CacheFileError`]: the file is as it was.
    pub async fn save(&self) -> Result<(), Arc<CacheFileError>> {
        self.0.save().await
    }

    async fn wanted(&self, wanted: Wanted<'_>) -> Result<SecretValue, SecretError> {
        if let Some(outcome) = self.kept(wanted, Kept::Asked) {
            return outcome;
        }
        let entry = self.0.entries.entry(wanted);
        self.0.supply.counters.misses.fetch_add(1, Ordering::Relaxed);
        self.start(&entry);
        let refreshed = self.0.refresh(&entry, false);
        let outcome = match entry.loaded() {
            None => refreshed.await,
            // The one who waited longest may have made the request: the background then makes another one.
            Some(value) => timeout(LOADED_WAIT, refreshed).await.unwrap_or_else(|_| {
                entry.no_answer();
                Ok(value)
            }),
        };
        if outcome.as_ref().is_ok_and(SecretValue::is_stale) {
            self.0.supply.counters.stale();
        }
        outcome
    }

    fn kept(&self, wanted: Wanted<'_>, kept: Kept) -> Option<Result<SecretValue, SecretError>> {
        self.0.entries.look(wanted, |entry| entry.kept(kept, &self.0.supply.counters))?
    }

    /// Forgets the secret's value at the client's stage, after a fetch that is under way. The next caller asks the service.
    pub async fn invalidate(&self, name: &str) {
        let entry = self.0.entries.entry(self.at_stage(name));
        let _gate = entry.gate.lock().await;
        self.0.changed(&entry, entry.forget());
    }

    /// What `get` gives without waiting.
    pub(crate) fn hit(&self, name: &str) -> Option<Result<SecretValue, SecretError>> {
        self.kept(self.at_stage(name), Kept::Asked)
    }

    fn at_stage<'a>(&'a self, name: &'a str) -> Wanted<'a> {
        Wanted { name, which: &self.0.stage, is_version: false }
    }

    /// Refreshes the entry in the background from now on, until it or the client is gone.
    fn start(&self, entry: &Arc<Entry>) {
        let Ok(runtime) = Handle::try_current() else { return };
        if let Some((runtime, wake)) = self.0.saver.as_ref().and_then(Saver::to_start) {
            runtime.spawn(run(Arc::downgrade(&self.0), wake));
        }
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
        let (outcome, change) = entry.refresh(&self.supply, anew).await;
        self.changed(entry, change);
        outcome
    }

    fn changed(&self, entry: &Arc<Entry>, change: Change) {
        self.entries.weigh(entry);
        if let Some(saver) = &self.saver {
            saver.note(change);
        }
    }

    /// Takes what the cache file holds.
    pub(crate) fn load(&self, records: Vec<Record>) {
        for Record { id, value } in records {
            let entry = self.entries.entry((&id).into());
            entry.load(value, &self.supply);
            self.entries.weigh(&entry);
        }
    }

    /// Writes the cache file.
    pub(crate) async fn save(&self) -> Result<(), Arc<CacheFileError>> {
        let Some(saver) = &self.saver else { return Ok(()) };
        let kept = || {
            let mut records = Vec::new();
            self.entries.each(|entry| records.extend(entry.record()));
            records
        };
        saver.save(kept).await
    }
}

impl CachedSecretSource for SecretClient {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        // What is in memory needs no future of the size that a fetch has.
        match self.hit(name) {
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
