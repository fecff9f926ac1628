//! How many repeats a client may have under way, over all its calls.

use std::sync::atomic::{AtomicU32, Ordering};

/// A repeat costs so much …
const REPEAT: u32 = 10;
/// … and a call that succeeds gives so much back.
const SUCCESS: u32 = 1;

/// A reserve of repeats. When a service is in trouble, repeating everything several times would keep it there: the reserve
/// empties, and calls then fail with what their first attempt met.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicU32,
    full: u32,
}

impl Budget {
    pub(crate) fn new(repeats: u32) -> Self {
        let full = repeats.saturating_mul(REPEAT);
        Self { left: AtomicU32::new(full), full }
    }

    /// Takes one repeat, if there is one.
    pub(crate) fn take(&self) -> Option<Taken<'_>> {
        let taken =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(REPEAT));
        // Made only then: one that is dropped gives back.
        taken.is_ok().then(|| Taken { budget: Some(self) })
    }

    /// Notes that a call succeeded.
    pub(crate) fn succeeded(&self) {
        // Full nearly always: then nothing is written.
        if self.left.load(Ordering::Relaxed) < self.full {
            self.give(SUCCESS);
        }
    }

    fn give(&self, back: u32) {
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            (left < self.full).then(|| left.saturating_add(back).min(self.full))
        });
    }
}

/// A repeat that was taken and is not made yet. A call that is dropped before it makes it puts it back: it has burdened nobody.
#[derive(Debug)]
#[must_use = "it goes back at once when it is dropped"]
pub(crate) struct Taken<'b> {
    budget: Option<&'b Budget>,
}

impl Taken<'_> {
    /// The repeat is made now.
    pub(crate) fn made(mut self) {
        self.budget = None;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(budget) = self.budget {
            budget.give(REPEAT);
        }
    }
}
