//! The memory of nonces: no signed request is accepted twice.
//!
//! # Why a replay is never accepted
//!
//! A replay of the same signed bytes has the same AccessKey id, nonce and date. Each accepted request leaves an entry, a keyed
//! hash of id and nonce with the request's own date. An entry is dropped only while the *edge*, the date up to which requests
//! are refused, is moved to its date or beyond, and the edge never moves back. So at any later time either the entry is there
//! and the replay is [`Refused::Replayed`], or its date is at or below the edge and the replay is [`Refused::Expired`]. This
//! holds at the memory limit too, and if the clock is set back.
//!
//! The hash leaves the date out: one table per shard serves all dates, so a nonce is also refused under another date while it
//! is remembered, as the protocol says, at no further cost. Two different nonces with one hash (2^-64 per pair, under a random
//! key) would refuse an honest request, never accept a replay.
//!
//! The caller records a nonce only after its signature verified; else anyone could fill the memory.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How far a request's date may be from the service's clock, in seconds, both ways, inclusive.
pub const CLOCK_WINDOW: i64 = 900;

/// The usual memory limit in bytes: about four million nonces.
pub const DEFAULT_LIMIT_BYTES: usize = 64 << 20;

/// Enough that two requests rarely wait for one lock.
const SHARDS: usize = 16;

/// Bytes of one slot: a 64-bit hash and a 32-bit date.
const SLOT_BYTES: usize = size_of::<u64>() + size_of::<u32>();

/// A shard's first table, and its smallest limit.
const MIN_SLOTS: usize = 16;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The date is too far from the clock, or so old that its nonces had to be forgotten, or there is no memory left for it.
    #[error("the request's date is outside the accepted window")]
    Expired,
    /// The nonce was used already.
    #[error("the nonce was used already")]
    Replayed,
}

/// Remembers the nonces of accepted requests until their dates leave the clock window.
///
/// Memory is bounded: at the limit the oldest dates are forgotten and requests so old are refused. Each shard has its own share
/// of the memory, its own lock and its own edge. A shard's table doubles as it fills; while it is copied, the old table exists
/// beside the new one and is not counted.
pub struct NonceMemory {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

impl NonceMemory {
    /// An empty memory under a random hash key. `limit_bytes` bounds the tables' allocated size; less than 16 slots per shard
    /// (3 KiB in all) counts as that.
    #[must_use]
    pub fn new(limit_bytes: usize) -> Self {
        Self::with_hasher(limit_bytes, RandomState::new())
    }

    /// As [`NonceMemory::new`], with a hash key of the caller's. Who knows it can make honest requests' nonces collide.
    #[must_use]
    pub fn with_hasher(limit_bytes: usize, hasher: RandomState) -> Self {
        // A multiple of four makes every growth raise the threshold.
        let max_slots = (limit_bytes / SHARDS / SLOT_BYTES / 4 * 4).max(MIN_SLOTS);
        Self { hasher, shards: std::array::from_fn(|_| Mutex::new(Shard::new(max_slots))) }
    }

    /// Records the nonce of a request whose signature was verified. Dates are Unix seconds: the request's own and the clock's.
    ///
    /// Of several concurrent calls with one nonce exactly one succeeds.
    ///
    /// # Errors
    /// See [`Refused`]. A refused request leaves no trace.
    pub fn record(&self, access_key_id: &str, nonce: &str, date: i64, now: i64) -> Result<(), Refused> {
        if date.abs_diff(now) > CLOCK_WINDOW.unsigned_abs() {
            return Err(Refused::Expired);
        }
        // The tuple's hash separates the two texts, so ("ab", "c") is not ("a", "bc").
        let hash = self.hasher.hash_one((access_key_id, nonce));
        // The low bits choose the shard, the high ones the slot.
        self.shard(hash as usize % SHARDS).record(hash.max(1), date, now)
    }

    /// Bytes allocated for entries at this moment.
    #[must_use]
    pub fn allocated_bytes(&self) -> usize {
        (0..SHARDS).map(|index| self.shard(index).allocated_bytes()).sum()
    }

    /// Nonces remembered at this moment, those included whose dates have left the window but were not yet swept out.
    #[must_use]
    pub fn len(&self) -> usize {
        (0..SHARDS).map(|index| self.shard(index).len).sum()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, index: usize) -> MutexGuard<'_, Shard> {
        // Nothing in a shard's methods panics, so a poisoned lock cannot hide a broken shard.
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for NonceMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NonceMemory").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// An open-addressing table with linear probing, at most three quarters full. Hash 0 marks an empty slot.
struct Shard {
    hashes: Vec<u64>,
    /// Seconds since `base`.
    dates: Vec<u32>,
    len: usize,
    max_slots: usize,
    /// Requests dated at or before this are refused.
    edge: i64,
    /// No entry is older than this. Tells without a search that nothing can be forgotten.
    oldest: i64,
    /// Chosen at the first use so that 32 bits reach 68 years back and forth.
    base: Option<i64>,
}

impl Shard {
    fn new(max_slots: usize) -> Self {
        let (hashes, dates) = (Vec::new(), Vec::new());
        Self { hashes, dates, len: 0, max_slots, edge: i64::MIN, oldest: i64::MAX, base: None }
    }

    fn record(&mut self, hash: u64, date: i64, now: i64) -> Result<(), Refused> {
        if date <= self.edge {
            return Err(Refused::Expired);
        }
        if self.find(hash).is_ok() {
            return Err(Refused::Replayed);
        }
        let base = *self.base.get_or_insert(now.saturating_sub(1 << 31));
        let offset =
            date.checked_sub(base).and_then(|offset| u32::try_from(offset).ok()).ok_or(Refused::Expired)?;
        if self.len >= self.threshold() {
            // This may move the edge past this very request. It is remembered all the same, and its replay is refused.
            self.make_room(now)?;
        }
        if let Err(slot) = self.find(hash)
            && let (Some(entry), Some(entry_date)) = (self.hashes.get_mut(slot), self.dates.get_mut(slot))
        {
            (*entry, *entry_date) = (hash, offset);
            self.len += 1;
            self.oldest = self.oldest.min(date);
            return Ok(());
        }
        Err(Refused::Expired)
    }

    fn allocated_bytes(&self) -> usize {
        self.hashes.capacity() * size_of::<u64>() + self.dates.capacity() * size_of::<u32>()
    }

    /// Entries that the table may hold.
    fn threshold(&self) -> usize {
        self.hashes.len() / 4 * 3
    }

    /// Makes the table take at least one more entry: drops what has left the window, else grows, else forgets the oldest dates.
    ///
    /// Each way either frees a quarter of the table or doubles it, so the cost per entry stays constant; when neither is
    /// possible, [`Shard::oldest`] makes the next refusal cheap.
    fn make_room(&mut self, now: i64) -> Result<(), Refused> {
        let window_start = now.saturating_sub(CLOCK_WINDOW);
        if self.oldest < window_start {
            self.forget_until(window_start - 1);
            if self.len <= self.threshold() / 2 && !self.hashes.is_empty() {
                return Ok(());
            }
        }
        if self.hashes.len() < self.max_slots {
            self.grow();
            return Ok(());
        }
        if self.len < self.threshold() / 4 * 3 {
            return Ok(());
        }
        // Dates from the present second on are never forgotten: honest requests carry them, and would all be refused.
        if self.oldest >= now {
            return if self.len < self.threshold() { Ok(()) } else { Err(Refused::Expired) };
        }
        let quarter = self.date_of_rank(self.len / 4);
        self.forget_until(quarter.min(now.saturating_sub(1)));
        if self.len < self.threshold() { Ok(()) } else { Err(Refused::Expired) }
    }

    /// The date that `rank` entries are not younger than.
    fn date_of_rank(&self, rank: usize) -> i64 {
        let entries = self.hashes.iter().zip(&self.dates).filter(|(hash, _)| **hash != 0);
        let mut dates: Vec<u32> = entries.map(|(_, date)| *date).collect();
        if rank >= dates.len() {
            return self.edge;
        }
        let (_, date, _) = dates.select_nth_unstable(rank);
        self.date(*date)
    }

    /// Drops every entry dated `last` or before, and moves the edge to the youngest of them.
    fn forget_until(&mut self, last: i64) {
        let mut edge = self.edge;
        self.oldest = i64::MAX;
        for slot in 0..self.hashes.len() {
            // Removing may move a later entry into this slot, which then has to be looked at too.
            while self.hashes[slot] != 0 && self.date(self.dates[slot]) <= last {
                edge = edge.max(self.date(self.dates[slot]));
                self.remove(slot);
            }
            if self.hashes[slot] != 0 {
                self.oldest = self.oldest.min(self.date(self.dates[slot]));
            }
        }
        self.edge = edge;
    }

    /// Removes an entry and moves those after it back, so that no search ends early at the gap (Knuth 6.4, algorithm R).
    fn remove(&mut self, mut gap: usize) {
        let slots = self.hashes.len();
        let mut next = gap;
        loop {
            next = (next + 1) % slots;
            let hash = self.hashes[next];
            if hash == 0 {
                break;
            }
            // The entry may move only if its home is not cyclically after the gap.
            let distance_from_home = (next + slots - self.home(hash)) % slots;
            let distance_from_gap = (next + slots - gap) % slots;
            if distance_from_home >= distance_from_gap {
                (self.hashes[gap], self.dates[gap]) = (hash, self.dates[next]);
                gap = next;
            }
        }
        self.hashes[gap] = 0;
        self.len -= 1;
    }

    fn grow(&mut self) {
        let slots = (self.hashes.len() * 2).clamp(MIN_SLOTS, self.max_slots);
        let hashes = std::mem::replace(&mut self.hashes, vec![0; slots]);
        let dates = std::mem::replace(&mut self.dates, vec![0; slots]);
        for (hash, date) in hashes.into_iter().zip(dates).filter(|(hash, _)| *hash != 0) {
            if let Err(slot) = self.find(hash) {
                (self.hashes[slot], self.dates[slot]) = (hash, date);
            }
        }
    }

    /// The slot that holds the hash, or else the empty slot where it belongs (any number for a table without slots).
    fn find(&self, hash: u64) -> Result<usize, usize> {
        if self.hashes.is_empty() {
            return Err(0);
        }
        let mut slot = self.home(hash);
        // A quarter of the slots is empty, so this ends.
        loop {
            match self.hashes[slot] {
                0 => return Err(slot),
                found if found == hash => return Ok(slot),
                _ => slot = if slot + 1 == self.hashes.len() { 0 } else { slot + 1 },
            }
        }
    }

    /// Spreads hashes evenly over any number of slots: the high half of the product (Lemire's fast range).
    fn home(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.hashes.len() as u128) >> 64) as usize
    }

    fn date(&self, offset: u32) -> i64 {
        self.base.unwrap_or_default() + i64::from(offset)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::{HashMap, HashSet};
    use std::sync::Barrier;

    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_767_323_045;

    #[test]
    fn a_nonce_is_good_once_per_access_key() {
        let memory = NonceMemory::new(DEFAULT_LIMIT_BYTES);
        assert_eq!(memory.record("ab", "c", NOW, NOW), Ok(()));
        assert_eq!(memory.record("ab", "c", NOW, NOW), Err(Refused::Replayed));
        assert_eq!(memory.record("ab", "c", NOW, NOW + CLOCK_WINDOW), Err(Refused::Replayed));
        assert_eq!(memory.record("a", "bc", NOW, NOW), Ok(()));
        assert_eq!(memory.record("abc", "", NOW, NOW), Ok(()));
        // Another date does not make a nonce new.
        assert_eq!(memory.record("ab", "c", NOW + 1, NOW), Err(Refused::Replayed));
        assert_eq!(memory.len(), 3);
    }

    #[test]
    fn the_window_is_fifteen_minutes_both_ways() {
        let memory = NonceMemory::new(DEFAULT_LIMIT_BYTES);
        assert_eq!(memory.record("a", "1", NOW - 900, NOW), Ok(()));
        assert_eq!(memory.record("a", "2", NOW + 900, NOW), Ok(()));
        assert_eq!(memory.record("a", "3", NOW - 901, NOW), Err(Refused::Expired));
        assert_eq!(memory.record("a", "4", NOW + 901, NOW), Err(Refused::Expired));
        for date in [i64::MIN, i64::MAX, 0] {
            assert_eq!(memory.record("a", "5", date, NOW), Err(Refused::Expired));
        }
        // A request from the future is remembered until its own date is over.
        assert_eq!(memory.record("a", "2", NOW + 900, NOW + 1800), Err(Refused::Replayed));
        assert_eq!(memory.record("a", "2", NOW + 900, NOW + 1801), Err(Refused::Expired));
    }

    #[test]
    fn memory_stays_within_its_limit_and_forgotten_nonces_are_refused() {
        const LIMIT: usize = 64 << 10;
        let memory = NonceMemory::new(LIMIT);
        let mut accepted = Vec::new();
        // 20 requests a second for ten minutes: all within the window, far more than fit.
        for index in 0..12_000 {
            let now = NOW + index / 20;
            let nonce = index.to_string();
            assert_eq!(memory.record("a", &nonce, now, now), Ok(()), "the present second is always usable");
            accepted.push((nonce, now));
            assert!(memory.allocated_bytes() <= LIMIT);
        }
        assert!(memory.len() > LIMIT / SLOT_BYTES / 2, "{} nonces use the memory well", memory.len());
        let now = NOW + 600;
        let mut refusals = HashMap::new();
        for (nonce, date) in &accepted {
            let refused = memory.record("a", nonce, *date, now).unwrap_err();
            *refusals.entry(format!("{refused:?}")).or_insert(0) += 1;
        }
        assert!(refusals["Expired"] > 1_000 && refusals["Replayed"] > 1_000, "{refusals:?}");
    }

    #[test]
    fn one_second_that_fills_the_memory_is_refused_not_forgotten() {
        let memory = NonceMemory::new(0);
        let outcome = |index: i32, date, now| memory.record("a", &index.to_string(), date, now);
        let accepted: Vec<i32> = (0..1_000).filter(|index| outcome(*index, NOW, NOW).is_ok()).collect();
        assert_eq!(accepted.len(), SHARDS * MIN_SLOTS / 4 * 3);
        assert_eq!(outcome(2_000, NOW, NOW), Err(Refused::Expired));
        for index in &accepted {
            assert_eq!(outcome(*index, NOW, NOW), Err(Refused::Replayed));
        }
        // The next second has room again, at the cost of the last.
        // Few enough that one shard cannot get them all by chance.
        let next = (3_000..3_030).filter(|index| outcome(*index, NOW + 1, NOW + 1).is_ok()).count();
        assert_eq!(next, 30);
        for index in accepted {
            assert!(outcome(index, NOW, NOW + 1).is_err());
        }
    }

    #[test]
    fn dates_from_the_future_cannot_shut_out_the_present_for_long() {
        let memory = NonceMemory::new(0);
        for index in 0..1_000 {
            let _ = memory.record("a", &format!("f{index}"), NOW + 60, NOW);
        }
        assert_eq!(
            memory.record("a", "x", NOW, NOW),
            Err(Refused::Expired),
            "no room, so not accepted unremembered"
        );
        assert_eq!(memory.record("a", "x", NOW + 61, NOW + 61), Ok(()));
    }

    #[test]
    fn expired_entries_give_their_room_back() {
        let memory = NonceMemory::new(DEFAULT_LIMIT_BYTES);
        for round in 0..50 {
            let now = NOW + round * 2_000;
            for index in 0..5_000 {
                assert_eq!(memory.record("a", &format!("{round}/{index}"), now, now), Ok(()));
            }
        }
        assert!(memory.allocated_bytes() < 400_000, "{}", memory.allocated_bytes());
    }

    #[test]
    fn a_clock_set_back_brings_nothing_back() {
        let memory = NonceMemory::new(0);
        let outcome = |nonce: &str, now| memory.record("a", nonce, now, now);
        let accepted: Vec<String> =
            (0..100).map(|index| index.to_string()).filter(|nonce| outcome(nonce, NOW).is_ok()).collect();
        assert!(accepted.len() > 50);
        // A jump of an hour, with enough requests that every shard sweeps.
        for index in 0..500 {
            let _ = outcome(&format!("later {index}"), NOW + 3_600);
        }
        for nonce in accepted {
            assert!(outcome(&nonce, NOW).is_err());
        }
    }

    #[test]
    fn of_concurrent_calls_with_one_nonce_one_wins() {
        const THREADS: usize = 8;
        let memory = NonceMemory::new(DEFAULT_LIMIT_BYTES);
        for round in 0..200 {
            let (nonce, barrier) = (round.to_string(), Barrier::new(THREADS));
            let wins = std::thread::scope(|scope| {
                let attempt = || {
                    barrier.wait();
                    memory.record("a", &nonce, NOW, NOW).is_ok()
                };
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(attempt)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
            });
            assert_eq!(wins, 1);
        }
    }

    proptest! {
        /// With memory to spare the outcome is that of a list of all accepted requests.
        #[test]
        fn agrees_with_a_naive_model(
            steps in prop::collection::vec((0..3_u8, 0..40_u8, -950..950_i64, 0..120_i64), 1..300),
        ) {
            let memory = NonceMemory::new(DEFAULT_LIMIT_BYTES);
            let mut accepted: HashMap<(u8, u8), i64> = HashMap::new();
            let mut now = NOW;
            for (id, nonce, skew, pause) in steps {
                now += pause;
                let date = now + skew;
                let outcome = memory.record(&id.to_string(), &nonce.to_string(), date, now);
                match accepted.get(&(id, nonce)) {
                    _ if skew.abs() > CLOCK_WINDOW => prop_assert_eq!(outcome, Err(Refused::Expired)),
                    // While the earlier date is in the window the nonce has to be refused; after that it may be.
                    Some(&earlier) if earlier >= now - CLOCK_WINDOW => prop_assert_eq!(outcome, Err(Refused::Replayed)),
                    Some(_) => {}
                    None => prop_assert_eq!(outcome, Ok(())),
                }
                if outcome.is_ok() {
                    accepted.insert((id, nonce), date);
                }
            }
        }

        /// Whatever the memory, the dates and the clock do, no request is accepted twice.
        #[test]
        fn never_accepts_the_same_request_twice(
            limit in 0..20_000_usize,
            steps in prop::collection::vec((0..400_u16, -3..3_i64, -950..950_i64, -20..40_i64), 1..3_000),
        ) {
            let memory = NonceMemory::new(limit);
            let mut seen: HashSet<(u16, i64)> = HashSet::new();
            let mut now = NOW;
            for (nonce, near, far, pause) in steps {
                now += if nonce % 7 == 0 { pause } else { 0 };
                let date = now + if nonce % 3 == 0 { far } else { near };
                if memory.record("a", &nonce.to_string(), date, now).is_ok() {
                    prop_assert!(seen.insert((nonce, date)), "{nonce} at {date} twice");
                }
                prop_assert!(memory.allocated_bytes() <= limit.max(SHARDS * MIN_SLOTS * SLOT_BYTES));
            }
            // All of them once more.
            for (nonce, date) in seen {
                prop_assert!(memory.record("a", &nonce.to_string(), date, now).is_err());
            }
        }
    }
}
