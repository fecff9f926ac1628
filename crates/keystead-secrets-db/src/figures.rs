//! What a pool counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// What has happened in a pool since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Connections that were opened.
    pub opened: u64,
    /// Attempts that the database refused for their login.
    pub refused: u64,
    /// Times that the secret was asked for anew because of a refusal.
    pub refreshed: u64,
    /// Connections that were opened with another login after a refusal.
    pub retried: u64,
    /// Connections that were closed because their login is an earlier one.
    pub retired: u64,
    /// Times that the secret's login changed.
    pub changed: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) opened: Counter,
    pub(crate) refused: Counter,
    pub(crate) refreshed: Counter,
    pub(crate) retried: Counter,
    pub(crate) retired: Counter,
    pub(crate) changed: Counter,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn figures(&self) -> Figures {
        Figures {
            opened: self.opened.get(),
            refused: self.refused.get(),
            refreshed: self.refreshed.get(),
            retried: self.retried.get(),
            retired: self.retired.get(),
            changed: self.changed.get(),
        }
    }
}
