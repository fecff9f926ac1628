//! The in-memory image of the store: what requests read instead of the store.
//!
//! Invariants:
//! - An entry that is in the image is as new as the revision that the image has applied. The feed removes what changed
//!   before the applied revision moves on.
//! - A load that the feed overtook is discarded: removing a key also removes the load that is under way for it, and
//!   that load then fails to enter its result and starts again.
//! - The identity epoch counts the changes of users, groups, roles and policies, the access epoch those of access points, their
//!   policies and network rules. Each moves on after they were removed and before the applied revision does: whoever reads an
//!   epoch and then such records finds none that is older than it.
//! - A request may be served only when the image has applied what the store's horizon asks for ([`Image::fresh`]).
//! - Material and values stand in here only sealed.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use keystead_store::{Horizon, Record, Revision, Store, StoreError};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use thiserror::Error;
use tokio::sync::watch;

use crate::access::Compiled;
use crate::keyed_hash::KeyedHash;
use crate::records::{Stored, path};

/// A record as the image holds it.
pub struct Versioned<T> {
    /// The revision that wrote it.
    pub revision: Revision,
    /// The decoded record.
    pub value: T,
    /// The policy that stands in the record, read on its first use.
    pub(crate) compiled: Compiled,
    /// To what belongs to exactly this record.
    pub(crate) shortcut: Shortcut,
}

/// From a record to what is looked up with it nearly always, which saves the look-up: from a key to its opened primary
/// version, from a secret to its current value.
///
/// It does not keep what it leads to: a bounded cache does, and when that lets go, the shortcut leads nowhere. A change of
/// the record makes a new one, whose shortcut is empty; so it may lead only to what changes in no other commit.
#[derive(Default)]
pub(crate) struct Shortcut(OnceLock<Weak<dyn Any + Send + Sync>>);

impl Shortcut {
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.get()?.upgrade()?.downcast().ok()
    }

    /// Set already: then it leads nowhere any more, and the cache is the way from now on.
    pub(crate) fn set<T: Send + Sync + 'static>(&self, to: &Arc<T>) {
        let to: Arc<dyn Any + Send + Sync> = to.clone();
        let _ = self.0.set(Arc::downgrade(&to));
    }
}

/// What is known of a key of the store: a record, or that there is none.
#[derive(Clone)]
struct Entry {
    record: Option<Arc<dyn Any + Send + Sync>>,
    weight: u32,
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<u128, Entry> for ByWeight {
    fn weight(&self, _: &u128, entry: &Entry) -> u64 {
        // The constant covers the cache's own slots and the allocations' heads.
        u64::from(entry.weight) + 160
    }
}

/// How much a decoded record weighs: as its JSON and half of it again, because fields become strings of their own. A policy
/// that was read takes up to eight times its text.
fn decoded_weight(json: &[u8], policy: Option<&str>) -> u32 {
    let policy = policy.map_or(0, str::len) * 8;
    u32::try_from(json.len() + json.len() / 2 + policy).unwrap_or(u32::MAX)
}

/// The in-memory image of a store.
pub struct Image {
    store: Arc<dyn Store>,
    /// Under a hash of the store's key: comparing texts would follow a pointer, which for a key that was not used just now
    /// is a miss of the processor's caches, and half of what a look-up costs.
    cache: Cache<u128, Entry, ByWeight>,
    hasher: KeyedHash,
    applied: AtomicU64,
    applied_watch: watch::Sender<Revision>,
    identities: AtomicU64,
    access: AtomicU64,
    instances: watch::Sender<u64>,
    patience: Duration,
}

impl Image {
    /// An empty image of at most `capacity` bytes. `patience` is how long a request waits for the image to catch up
    /// before it is refused.
    pub fn new(store: Arc<dyn Store>, capacity: u64, patience: Duration) -> Self {
        // Entries are some hundred bytes; the estimate only sizes the first tables.
        let estimate = usize::try_from(capacity / 1024).unwrap_or(usize::MAX).clamp(64, 65_536);
        // The image is empty, so it is as new as anything that has happened so far.
        let applied = match store.horizon() {
            Horizon::At(revision) => revision,
            Horizon::Lost => 0,
        };
        Self {
            cache: Cache::with_weighter(estimate, capacity, ByWeight),
            hasher: KeyedHash::new(),
            applied: AtomicU64::new(applied),
            applied_watch: watch::Sender::new(applied),
            identities: AtomicU64::new(0),
            access: AtomicU64::new(0),
            instances: watch::Sender::new(0),
            store,
            patience,
        }
    }

    /// What its records take by its own count, in bytes: at most its capacity.
    pub fn bytes(&self) -> u64 {
        self.cache.weight()
    }

    /// Counts what may have changed who may do what.
    pub(crate) fn identity_epoch(&self) -> u64 {
        self.identities.load(Ordering::Acquire)
    }

    /// Counts what may have changed what client keys may do.
    pub(crate) fn access_epoch(&self) -> u64 {
        self.access.load(Ordering::Acquire)
    }

    /// Counts the changes of instances' records. It moves on when the image has applied them.
    pub(crate) fn instances_changed(&self) -> watch::Receiver<u64> {
        self.instances.subscribe()
    }

    /// Waits until the image is as new as the store asks for; returns at once when it is.
    ///
    /// # Errors
    /// [`ImageError::Stale`] when the node cannot know that it is current, or the feed is late by more than the patience.
    pub async fn fresh(&self) -> Result<(), ImageError> {
        match self.store.horizon() {
            Horizon::At(revision) if self.applied.load(Ordering::Acquire) >= revision => Ok(()),
            Horizon::At(revision) => self.reached(revision).await,
            Horizon::Lost => Err(ImageError::Stale),
        }
    }

    /// Waits until the image has applied a revision.
    ///
    /// # Errors
    /// [`ImageError::Stale`] when that takes longer than the patience.
    pub async fn reached(&self, revision: Revision) -> Result<(), ImageError> {
        let mut applied = self.applied_watch.subscribe();
        let caught_up = applied.wait_for(|applied| *applied >= revision);
        match tokio::time::timeout(self.patience, caught_up).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(ImageError::Stale),
        }
    }

    /// A record, out of memory when it is there; loaded once, however many wait, when it is not.
    ///
    /// # Errors
    /// When the store cannot be read or the record cannot be understood.
    pub async fn get<T: Stored>(&self, key: &str) -> Result<Option<Arc<Versioned<T>>>, ImageError> {
        let hash = self.hasher.of(&[key.as_bytes()]);
        if let Some(entry) = self.cache.get(&hash) {
            return typed(key, entry);
        }
        loop {
            match self.cache.get_value_or_guard_async(&hash).await {
                Ok(entry) => return typed(key, entry),
                Err(guard) => {
                    let record = self.store.get(key).await?;
                    let entry = match &record {
                        Some(record) => {
                            let decoded = decode::<T>(record)?;
                            let weight = decoded_weight(&record.value, decoded.value.policy_text());
                            Entry { record: Some(Arc::new(decoded)), weight }
                        }
                        None => Entry { record: None, weight: 0 },
                    };
                    // Fails when the feed removed the key meanwhile: what was read may be old.
                    if guard.insert(entry.clone()).is_ok() {
                        return typed(key, entry);
                    }
                }
            }
        }
    }

    /// The same for a record that will hardly be read again: one that was not in memory does not stay there.
    ///
    /// # Errors
    /// As [`Image::get`].
    pub(crate) async fn get_once<T: Stored>(
        &self,
        key: &str,
    ) -> Result<Option<Arc<Versioned<T>>>, ImageError> {
        let hash = self.hasher.of(&[key.as_bytes()]);
        let was_there = self.cache.contains_key(&hash);
        let record = self.get(key).await;
        if !was_there {
            self.cache.remove(&hash);
        }
        record
    }

    /// Follows the store's change feed for as long as the image lives; run it as a task.
    pub async fn follow(self: Arc<Self>) {
        let mut head = self.store.head_watch();
        let image = Arc::downgrade(&self);
        drop(self);
        loop {
            head.mark_unchanged();
            let Some(image) = image.upgrade() else { return };
            let caught_up = image.apply_changes().await;
            drop(image);
            match caught_up {
                Ok(true) => {
                    if head.changed().await.is_err() {
                        return;
                    }
                }
                Ok(false) => {}
                Err(error) => {
                    // Requests are refused meanwhile, because the horizon moves on and the image does not.
                    tracing::error!(%error, "the change feed cannot be read");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    /// Applies the next changes; `true` when there are no more.
    async fn apply_changes(&self) -> Result<bool, StoreError> {
        let after = self.applied.load(Ordering::Acquire);
        let before = self.store.horizon();
        let (mut of_identities, mut of_access, mut of_instances) = (false, false, false);
        let through = match self.store.changes(after, 4096).await {
            Ok(changes) => {
                for change in &changes.entries {
                    self.cache.remove(&self.hasher.of(&[change.key.as_bytes()]));
                    of_identities |= change.key.starts_with(path::IDENTITY);
                    of_access |= change.key.starts_with(path::ACCESS);
                    of_instances |= change.key.starts_with(path::INSTANCES);
                }
                changes.through
            }
            // The feed does not reach back that far: forget everything, which is right for any revision that was
            // the head before.
            Err(StoreError::FeedGap { .. }) => match before {
                Horizon::At(revision) => {
                    self.cache.clear();
                    (of_identities, of_access, of_instances) = (true, true, true);
                    revision
                }
                Horizon::Lost => return Ok(true),
            },
            Err(error) => return Err(error),
        };
        if of_identities {
            self.identities.fetch_add(1, Ordering::Release);
        }
        if of_access {
            self.access.fetch_add(1, Ordering::Release);
        }
        if through <= after {
            return Ok(true);
        }
        self.applied.store(through, Ordering::Release);
        self.applied_watch.send_replace(through);
        if of_instances {
            self.instances.send_modify(|count| *count += 1);
        }
        Ok(false)
    }
}

/// Decodes a record of the store.
///
/// # Errors
/// When it is of another kind, of a newer format, or damaged.
pub fn decode<T: Stored>(record: &Record) -> Result<Versioned<T>, ImageError> {
    let unreadable =
        |reason: &str| ImageError::Unreadable { key: record.key.clone(), reason: reason.to_owned() };
    if record.kind != T::KIND {
        return Err(unreadable(&format!("its kind is {}, not {}", record.kind, T::KIND)));
    }
    if record.format > T::FORMAT {
        return Err(unreadable(&format!("its format {} is newer than {}", record.format, T::FORMAT)));
    }
    // The parser's message may quote the input; line and column are enough.
    let value = serde_json::from_slice(&record.value).map_err(|error| {
        unreadable(&format!("damaged at line {} column {}", error.line(), error.column()))
    })?;
    Ok(Versioned {
        revision: record.revision,
        value,
        shortcut: Shortcut::default(),
        compiled: Compiled::default(),
    })
}

fn typed<T: Stored>(key: &str, entry: Entry) -> Result<Option<Arc<Versioned<T>>>, ImageError> {
    let Some(record) = entry.record else { return Ok(None) };
    record
        .downcast()
        .map(Some)
        .map_err(|_| ImageError::Unreadable { key: key.to_owned(), reason: format!("it is no {}", T::KIND) })
}

/// The image cannot answer.
#[derive(Debug, Error)]
pub enum ImageError {
    /// This node cannot know that it is current.
    #[error("the image is behind the store")]
    Stale,
    /// A record cannot be understood.
    #[error("the record {key} cannot be read: {reason}")]
    Unreadable {
        /// Where it stands.
        key: String,
        /// Why; never part of its content.
        reason: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
