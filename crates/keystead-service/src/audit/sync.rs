//! Makes what was written durable, on a thread of its own, so that no request waits for a disk unless it is to.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

/// Between a first write and its sync. With a sync that takes as long again, 100 ms are kept.
const PAUSE: Duration = Duration::from_millis(50);

/// The thread, and what it is told.
pub(super) struct Syncer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// The last record that was handed to the kernel.
    written: AtomicU64,
    /// The last record that is durable.
    synced: AtomicU64,
    dirty: AtomicBool,
    failed: AtomicBool,
    failures: AtomicU64,
}

#[derive(Default)]
struct State {
    /// Files, and folders, that hold something that is not durable; the last one is written to.
    files: Vec<Arc<File>>,
    waiting: Vec<oneshot::Sender<bool>>,
    closed: bool,
}

impl Syncer {
    pub(super) fn start() -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let work = shared.clone();
        let thread = thread::Builder::new().name("audit-sync".to_owned()).spawn(move || work.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// From now on this file is written to.
    pub(super) fn writes_to(&self, file: Arc<File>) {
        self.shared.state().files.push(file);
    }

    /// Says that everything up to this record was handed to the kernel.
    pub(super) fn written(&self, seq: u64) {
        self.shared.written.store(seq, Ordering::Release);
        if !self.shared.dirty.swap(true, Ordering::AcqRel) {
            drop(self.shared.state());
            self.shared.changed.notify_one();
        }
    }

    /// Resolves when everything that was written so far is durable; tells whether it is.
    pub(super) fn now(&self) -> oneshot::Receiver<bool> {
        let (done, receiver) = oneshot::channel();
        self.shared.state().waiting.push(done);
        self.shared.changed.notify_one();
        receiver
    }

    /// The last record that is durable.
    pub(super) fn synced(&self) -> u64 {
        self.shared.synced.load(Ordering::Acquire)
    }

    /// Whether a sync failed since this was last asked.
    pub(super) fn take_failure(&self) -> bool {
        self.shared.failed.load(Ordering::Relaxed) && self.shared.failed.swap(false, Ordering::AcqRel)
    }

    pub(super) fn failures(&self) -> u64 {
        self.shared.failures.load(Ordering::Relaxed)
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // It panicked; the panic hook has told the log.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut state = self.state();
        loop {
            let idle = |state: &mut State| {
                !self.dirty.load(Ordering::Acquire) && state.waiting.is_empty() && !state.closed
            };
            state = self.changed.wait_while(state, idle).unwrap_or_else(PoisonError::into_inner);
            let patient = |state: &mut State| state.waiting.is_empty() && !state.closed;
            (state, _) = self
                .changed
                .wait_timeout_while(state, PAUSE, patient)
                .unwrap_or_else(PoisonError::into_inner);
            // In this order: what is written from here on sets the flag anew.
            let dirty = self.dirty.swap(false, Ordering::AcqRel);
            let written = self.written.load(Ordering::Acquire);
            let (files, waiting) = (state.files.clone(), std::mem::take(&mut state.waiting));
            let closed = state.closed;
            drop(state);
            // Also when nothing was written since: what is asked for is that it is durable, not that it was synced before.
            let result = files.iter().try_for_each(|file| file.sync_data());
            state = self.state();
            match &result {
                Ok(()) => {
                    self.synced.fetch_max(written, Ordering::AcqRel);
                    // The last one goes on to be written to.
                    state.files.drain(..files.len().saturating_sub(1));
                }
                Err(error) => {
                    tracing::error!(%error, "the audit log cannot be synced: what was written last may be lost");
                    self.failures.fetch_add(1, Ordering::Relaxed);
                    self.failed.store(true, Ordering::Release);
                }
            }
            for waits in waiting {
                // Whoever asked may have gone.
                let _ = waits.send(result.is_ok());
            }
            if closed && (result.is_err() || !dirty) {
                return;
            }
        }
    }
}
