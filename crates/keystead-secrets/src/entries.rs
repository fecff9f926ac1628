//! All that is kept, found without a lock, and within its limits.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    limits: Limits,
    /// Held while an entry is added, weighed or removed.
    totals: Mutex<Totals>,
}

/// How much may be kept.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

/// What is kept now.
#[derive(Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
    /// The shard in which the next one to go is looked for first.
    hand: usize,
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
    pub(crate) fn new(limits: Limits) -> Self {
        let shards = (0..SHARDS).map(|_| ArcSwap::default()).collect();
        Self { shards, hasher: RandomState::new(), limits, totals: Mutex::default() }
    }

    pub(crate) fn totals(&self) -> Totals {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hash(&self, name: &str) -> u64 {
        // Most names are asked for at one stage only; the comparison tells the others apart.
        self.hasher.hash_one(name)
    }

    fn shard(&self, hash: u64) -> &ArcSwap<Shard> {
        // The table goes by the lowest bits and the highest: with those, the entries of a shard would crowd in it.
        &self.shards[(hash >> 32) as usize % SHARDS]
    }

    /// Looks at an entry.
    pub(crate) fn look<T>(&self, wanted: Wanted<'_>, at: impl FnOnce(&Arc<Entry>) -> T) -> Option<T> {
        let hash = self.hash(wanted.name);
        self.shard(hash).load().find(hash, |entry| wanted.is(&entry.id)).map(at)
    }

    /// Every entry, one shard as it is now after the other.
    pub(crate) fn each(&self, mut at: impl FnMut(&Entry)) {
        for shard in &self.shards {
            shard.load_full().iter().for_each(|entry| at(entry));
        }
    }

    /// The entry, a new one if there is none. When there are too many, another one goes.
    pub(crate) fn entry(&self, wanted: Wanted<'_>) -> Arc<Entry> {
        if let Some(entry) = self.look(wanted, Arc::clone) {
            return entry;
        }
        let mut totals = self.lock();
        if let Some(entry) = self.look(wanted, Arc::clone) {
            return entry;
        }
        if totals.entries >= self.limits.entries {
            self.evict(&mut totals, &|_| true);
        }
        let entry = Arc::new(Entry::new(wanted.id()));
        let hash = self.hash(wanted.name);
        self.change(self.shard(hash), |shard| {
            shard.insert_unique(hash, Arc::clone(&entry), |entry| self.hasher.hash_one(entry.id.name()));
        });
        totals.entries += 1;
        entry
    }

    /// Counts what the entry holds now. When that is too much in sum, others go; the entry itself if it alone is.
    pub(crate) fn weigh(&self, entry: &Arc<Entry>) {
        let mut totals = self.lock();
        if entry.gone.load(Ordering::Relaxed) {
            return;
        }
        let bytes = entry.bytes();
        totals.bytes = totals.bytes - entry.weight.swap(bytes, Ordering::Relaxed) + bytes;
        if bytes > self.limits.bytes {
            // Nobody else has to go for one that cannot stay.
            return self.remove(&mut totals, entry);
        }
        let others =
            |other: &Arc<Entry>| other.weight.load(Ordering::Relaxed) > 0 && !Arc::ptr_eq(other, entry);
        while totals.bytes > self.limits.bytes && self.evict(&mut totals, &others) {}
    }

    /// Removes one: first one that was not asked for since the last time that one was looked for, and what is watched last.
    fn evict(&self, totals: &mut Totals, may_go: &dyn Fn(&Arc<Entry>) -> bool) -> bool {
        let is_watched = |entry: &Arc<Entry>| entry.updates.receiver_count() > 0;
        let idle = |entry: &Arc<Entry>| !is_watched(entry) && !entry.used.swap(false, Ordering::Relaxed);
        let find = |wanted: &dyn Fn(&Arc<Entry>) -> bool| {
            let mut shards = (0..SHARDS).map(|step| (totals.hand + step) % SHARDS);
            shards.find_map(|at| {
                let shard = self.shards[at].load();
                Some((at, shard.iter().find(|entry| may_go(entry) && wanted(entry)).cloned()?))
            })
        };
        let found = find(&idle).or_else(|| find(&|entry| !is_watched(entry))).or_else(|| find(&|_| true));
        let Some((at, out)) = found else { return false };
        totals.hand = (at + 1) % SHARDS;
        self.remove(totals, &out);
        true
    }

    fn remove(&self, totals: &mut Totals, out: &Arc<Entry>) {
        let hash = self.hash(out.id.name());
        self.change(self.shard(hash), |shard| {
            if let Ok(found) = shard.find_entry(hash, |entry| Arc::ptr_eq(entry, out)) {
                found.remove();
            }
        });
        out.gone.store(true, Ordering::Relaxed);
        totals.entries -= 1;
        totals.bytes -= out.weight.swap(0, Ordering::Relaxed);
    }

    /// Replaces a shard by a changed copy. The one caller at a time holds the totals.
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
