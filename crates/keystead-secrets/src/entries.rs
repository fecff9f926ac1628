//! All that is kept, found without a lock.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use hashbrown::HashTable;

use crate::entry::Entry;
use crate::id::SecretId;

/// Adding an entry copies its shard, so that whoever looks waits for nobody; with the default limit that is some 150 pointers.
const SHARDS: usize = 64;

type Shard = HashTable<Arc<Entry>>;

pub(crate) struct Entries {
    shards: Box<[ArcSwap<Shard>]>,
    hasher: RandomState,
    max: usize,
    /// How many there are. Held while one is added.
    count: Mutex<usize>,
}

/// Which entry is looked for. Borrowed, so that looking costs no memory.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a str,
    /// Its version's id, or its stage label.
    pub(crate) which: &'a str,
    pub(crate) is_version: bool,
}

impl Entries {
    pub(crate) fn new(max: usize) -> Self {
        let shards = (0..SHARDS).map(|_| ArcSwap::default()).collect();
        Self { shards, hasher: RandomState::new(), max, count: Mutex::new(0) }
    }

    pub(crate) fn len(&self) -> usize {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hash(&self, wanted: Wanted<'_>) -> u64 {
        // Most names are asked for at one stage only; the comparison tells the others apart.
        self.hasher.hash_one(wanted.name)
    }

    fn shard(&self, hash: u64) -> &ArcSwap<Shard> {
        // The table goes by the lowest bits and the highest: with those, the entries of a shard would crowd in it.
        &self.shards[(hash >> 32) as usize % SHARDS]
    }

    /// Looks at an entry.
    pub(crate) fn look<T>(&self, wanted: Wanted<'_>, at: impl FnOnce(&Arc<Entry>) -> T) -> Option<T> {
        let hash = self.hash(wanted);
        self.shard(hash).load().find(hash, |entry| wanted.is(&entry.id)).map(at)
    }

    /// The entry, a new one if there is none. When there are too many, another one goes; what is watched only if nothing else
    /// is there.
    pub(crate) fn entry(&self, wanted: Wanted<'_>) -> Arc<Entry> {
        if let Some(entry) = self.look(wanted, Arc::clone) {
            return entry;
        }
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = self.look(wanted, Arc::clone) {
            return entry;
        }
        if *count >= self.max && self.evict() {
            *count -= 1;
        }
        let entry = Arc::new(Entry::new(wanted.id()));
        let hash = self.hash(wanted);
        self.change(self.shard(hash), |shard| {
            shard.insert_unique(hash, Arc::clone(&entry), |entry| self.hasher.hash_one(entry.id.name()));
        });
        *count += 1;
        entry
    }

    fn evict(&self) -> bool {
        let is_watched = |entry: &Arc<Entry>| entry.updates.receiver_count() > 0;
        let first = |wanted: &dyn Fn(&Arc<Entry>) -> bool| {
            self.shards.iter().find_map(|shard| shard.load().iter().find(|entry| wanted(entry)).cloned())
        };
        let Some(out) = first(&|entry| !is_watched(entry)).or_else(|| first(&|_| true)) else { return false };
        let hash = self.hasher.hash_one(out.id.name());
        self.change(self.shard(hash), |shard| {
            if let Ok(found) = shard.find_entry(hash, |entry| Arc::ptr_eq(entry, &out)) {
                found.remove();
            }
        });
        true
    }

    /// Replaces a shard by a changed copy. The one caller at a time holds the count.
    fn change(&self, shard: &ArcSwap<Shard>, change: impl FnOnce(&mut Shard)) {
        let mut copy = Shard::clone(&shard.load());
        change(&mut copy);
        shard.store(Arc::new(copy));
    }
}

impl Wanted<'_> {
    fn is(self, id: &SecretId) -> bool {
        *id.name() == *self.name && id.which() == (self.which, self.is_version)
    }

    fn id(self) -> SecretId {
        match self.is_version {
            true => SecretId::version(self.name, self.which),
            false => SecretId::stage(self.name, self.which),
        }
    }
}

impl<'a> From<&'a SecretId> for Wanted<'a> {
    fn from(id: &'a SecretId) -> Self {
        let (which, is_version) = id.which();
        Self { name: id.name(), which, is_version }
    }
}
