//! What a client counts, at a price that a hit can bear.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More than a machine usually has threads at work; who shares one loses time, not counts.
const STRIPES: usize = 32;

/// What one thread counts, on cache lines of its own: processors take lines by twos.
#[derive(Default)]
#[repr(align(128))]
struct Stripe {
    hits: AtomicU64,
    stale: AtomicU64,
}

/// All counts since the client was made.
pub(crate) struct Counters {
    stripes: Box<[Stripe]>,
    pub(crate) misses: AtomicU64,
    pub(crate) fetches: AtomicU64,
    pub(crate) failures: AtomicU64,
}

impl Counters {
    pub(crate) fn new() -> Self {
        let stripes = (0..STRIPES).map(|_| Stripe::default()).collect();
        Self { stripes, misses: 0.into(), fetches: 0.into(), failures: 0.into() }
    }

    /// An answer out of memory.
    pub(crate) fn hit(&self, is_stale: bool) {
        let stripe = &self.stripes[stripe()];
        stripe.hits.fetch_add(1, Ordering::Relaxed);
        if is_stale {
            stripe.stale.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An old value after a fetch that was waited for.
    pub(crate) fn stale(&self) {
        self.stripes[stripe()].stale.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn hits(&self) -> u64 {
        self.stripes.iter().map(|stripe| stripe.hits.load(Ordering::Relaxed)).sum()
    }

    pub(crate) fn stale_served(&self) -> u64 {
        self.stripes.iter().map(|stripe| stripe.stale.load(Ordering::Relaxed)).sum()
    }
}

/// This thread's stripe, in every client.
fn stripe() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    const NONE: usize = usize::MAX;
    thread_local!(static OWN: Cell<usize> = const { Cell::new(NONE) });
    OWN.with(|own| {
        if own.get() == NONE {
            own.set(NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES);
        }
        own.get()
    })
}
