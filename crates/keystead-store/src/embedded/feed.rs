use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;

use crate::{Change, Changes, Horizon, Revision, StoreError};

/// Stands in the head for "lost". SQLite's integers end at 2^63, so no revision is like it.
const LOST: u64 = u64::MAX;

/// What the writer tells everybody: the head, recent changes, and whether the store still works.
pub(super) struct Feed {
    /// The newest durable revision, or [`LOST`].
    head: AtomicU64,
    wake: watch::Sender<Revision>,
    ring: Mutex<Recent>,
    reason: OnceLock<String>,
}

/// The newest changes, whole revisions only.
struct Recent {
    entries: VecDeque<Change>,
    capacity: usize,
    /// Everything after this revision, up to `through`, is in `entries`.
    floor: Revision,
    through: Revision,
}

impl Feed {
    pub(super) fn new(head: Revision, capacity: usize) -> Self {
        let recent = Recent { entries: VecDeque::new(), capacity, floor: head, through: head };
        Self {
            head: AtomicU64::new(head),
            wake: watch::Sender::new(head),
            ring: Mutex::new(recent),
            reason: OnceLock::new(),
        }
    }

    pub(super) fn horizon(&self) -> Horizon {
        match self.head.load(Ordering::Acquire) {
            LOST => Horizon::Lost,
            head => Horizon::At(head),
        }
    }

    pub(super) fn watch(&self) -> watch::Receiver<Revision> {
        self.wake.subscribe()
    }

    /// Makes durable commits known. The entries come before the head, so that whoever sees the head finds them.
    pub(super) fn publish(&self, changes: Vec<Change>, head: Revision) {
        self.ring().push(changes, head);
        self.head.store(head, Ordering::Release);
        self.wake.send_replace(head);
    }

    /// The store works no longer.
    pub(super) fn lose(&self, reason: &str) {
        // Only the first reason is the cause.
        if self.reason.set(reason.to_owned()).is_ok() {
            tracing::error!(reason, "the store has stopped");
        }
        self.head.store(LOST, Ordering::Release);
        self.wake.send_modify(|_| {});
    }

    /// The error of a store that works no longer.
    pub(super) fn lost(&self) -> StoreError {
        StoreError::Unavailable(self.reason.get().map_or("it is closing", String::as_str).to_owned())
    }

    pub(super) fn check(&self) -> Result<(), StoreError> {
        match self.horizon() {
            Horizon::At(_) => Ok(()),
            Horizon::Lost => Err(self.lost()),
        }
    }

    /// A page of the feed, when memory reaches back that far.
    pub(super) fn recent(&self, after: Revision, limit: usize) -> Option<Changes> {
        let recent = self.ring();
        if after < recent.floor || after > recent.through {
            return None;
        }
        let first = recent.entries.partition_point(|change| change.revision <= after);
        let page = recent.entries.range(first..).take(limit + 1).cloned().collect();
        Changes::page(page, limit, recent.through).or_else(|| {
            let through = recent.entries.get(first)?.revision;
            let behind = recent.entries.partition_point(|change| change.revision <= through);
            Some(Changes { entries: recent.entries.range(first..behind).cloned().collect(), through })
        })
    }

    fn ring(&self) -> MutexGuard<'_, Recent> {
        // Nothing panics while it is held, and the writer is the only one that changes it.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn push(&mut self, changes: Vec<Change>, through: Revision) {
        self.entries.extend(changes);
        self.through = through;
        while self.entries.len() > self.capacity {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.floor = oldest.revision;
            while self.entries.front().is_some_and(|change| change.revision == self.floor) {
                self.entries.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn change(revision: Revision, key: &str) -> Change {
        Change { revision, key: key.to_owned() }
    }

    #[test]
    fn memory_forgets_whole_revisions() {
        let feed = Feed::new(10, 4);
        feed.publish(vec![change(11, "a"), change(11, "b"), change(12, "a")], 12);
        assert_eq!(feed.recent(10, 100).unwrap().entries.len(), 3);
        feed.publish(vec![change(13, "a"), change(13, "b")], 13);
        assert_eq!(feed.recent(10, 100), None);
        assert_eq!(feed.recent(11, 100).unwrap().entries.len(), 3);
        feed.publish(["a", "b", "c", "d", "e"].map(|key| change(14, key)).to_vec(), 14);
        assert_eq!(feed.recent(13, 100), None);
        assert_eq!(feed.recent(14, 100).unwrap(), Changes { entries: vec![], through: 14 });
        assert_eq!(feed.recent(15, 100), None);
    }

    #[test]
    fn pages_hold_whole_revisions() {
        let feed = Feed::new(0, 100);
        feed.publish(vec![change(1, "a"), change(2, "a"), change(2, "b"), change(3, "c")], 3);
        let page = |after, limit| {
            let changes = feed.recent(after, limit).unwrap();
            (changes.entries.len(), changes.through)
        };
        assert_eq!(page(0, 1), (1, 1));
        assert_eq!(page(0, 2), (1, 1));
        assert_eq!(page(0, 3), (3, 2));
        assert_eq!(page(0, 4), (4, 3));
        assert_eq!(page(1, 1), (2, 2));
        assert_eq!(page(3, 1), (0, 3));
    }

    #[test]
    fn a_lost_feed_says_why() {
        let feed = Feed::new(7, 4);
        let watch = feed.watch();
        feed.lose("the disk failed");
        feed.lose("something later");
        assert_eq!(feed.horizon(), Horizon::Lost);
        assert!(watch.has_changed().unwrap());
        assert!(feed.check().unwrap_err().to_string().contains("the disk failed"));
    }
}
