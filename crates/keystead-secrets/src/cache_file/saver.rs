//! When the file is written, and by whom.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::{CacheFile, CacheFileError, Record};
use crate::client::Inner;

/// After a change, so that changes side by side make one file.
const SOON: Duration = Duration::from_secs(1);
/// Between two files.
const PAUSE: Duration = Duration::from_secs(5);
/// After a refresh that brought the same version: only its time has changed. And after a failure.
const LATER: Duration = Duration::from_secs(60);

/// What a refresh means for the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    None,
    /// The same version is younger now.
    Younger,
    /// There is another version, or none any more.
    Content,
}

/// Writes a client's file.
pub(crate) struct Saver {
    file: Arc<CacheFile>,
    wake: Arc<Wake>,
    started: AtomicBool,
    /// Held by the one that writes.
    writing: tokio::sync::Mutex<()>,
}

/// When the file is to be written. Shared with the task that does it, which must not hold the client.
#[derive(Default)]
pub(crate) struct Wake {
    due: Mutex<Due>,
    notify: Notify,
}

#[derive(Default)]
struct Due {
    at: Option<Instant>,
    not_before: Option<Instant>,
}

impl Saver {
    pub(crate) fn new(file: CacheFile) -> Self {
        Self {
            file: Arc::new(file),
            wake: Arc::default(),
            started: false.into(),
            writing: Default::default(),
        }
    }

    pub(crate) fn note(&self, change: Change) {
        match change {
            Change::None => {}
            Change::Younger => self.wake.at(LATER),
            Change::Content => self.wake.at(SOON),
        }
    }

    /// What the task that writes needs, once.
    pub(crate) fn to_start(&self) -> Option<(Handle, Arc<Wake>)> {
        let runtime = Handle::try_current().ok()?;
        let is_first = !self.started.swap(true, Ordering::AcqRel);
        is_first.then(|| (runtime, Arc::clone(&self.wake)))
    }

    /// Writes what the client keeps now.
    pub(crate) async fn save(&self, kept: impl FnOnce() -> Vec<Record>) -> Result<(), Arc<CacheFileError>> {
        let _writing = self.writing.lock().await;
        self.wake.due().at = None;
        let (file, records) = (Arc::clone(&self.file), kept());
        // No outcome: the runtime is ending.
        let Ok(outcome) = spawn_blocking(move || file.write(&records)).await else { return Ok(()) };
        self.wake.due().not_before = Some(Instant::now() + PAUSE);
        outcome.map_err(|error| {
            self.file.tell(&error);
            self.wake.at(LATER);
            Arc::new(error)
        })
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        self.wake.notify.notify_one();
    }
}

impl Wake {
    fn due(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After this time, unless it is to be sooner anyway.
    fn at(&self, wait: Duration) {
        let mut due = self.due();
        let at = Instant::now() + wait;
        let at = due.not_before.map_or(at, |earliest| earliest.max(at));
        if due.at.is_none_or(|due| at < due) {
            due.at = Some(at);
            self.notify.notify_one();
        }
    }
}

/// Writes the client's file whenever it is due, until the client is gone.
pub(crate) async fn run(client: Weak<Inner>, wake: Arc<Wake>) {
    while client.strong_count() > 0 {
        let due = wake.due().at;
        match due {
            None => wake.notify.notified().await,
            Some(at) if Instant::now() < at => {
                // Woken when it is to be sooner.
                let _ = timeout_at(at, wake.notify.notified()).await;
            }
            Some(_) => {
                let Some(client) = client.upgrade() else { return };
                let _ = client.save().await;
            }
        }
    }
}
