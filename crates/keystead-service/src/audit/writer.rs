use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::log::Log;
use super::outbox::Outbox;
use super::{Audit, NotWritten, Shared};

/// Records that are handed to the kernel at once.
const GROUP: usize = 1024;
/// How often heads, rotation and retention are looked at.
const TICK: Duration = Duration::from_secs(1);

/// What the writer is asked for.
pub(super) enum Entry {
    /// A record, JSON without the braces; tells its number.
    Record {
        fields: Vec<u8>,
        /// Where the store has it too.
        outbox: Option<String>,
        done: oneshot::Sender<Result<u64, NotWritten>>,
    },
    /// The end.
    Close(oneshot::Sender<()>),
}

/// The one task that writes. It runs where requests are served, for waking another thread for each record would cost more
/// than the write: it writes into the system's memory, which takes microseconds.
pub(super) struct Writer {
    log: Log,
    waiting: mpsc::Receiver<Entry>,
    shared: Arc<Shared>,
    outbox: Arc<Outbox>,
    sync_always: bool,
}

impl Writer {
    pub(super) fn new(
        log: Log,
        waiting: mpsc::Receiver<Entry>,
        shared: Arc<Shared>,
        outbox: Arc<Outbox>,
        sync_always: bool,
    ) -> Self {
        Self { log, waiting, shared, outbox, sync_always }
    }

    /// Writes until the end is asked for, or nobody is there any more who could.
    pub(super) async fn run(mut self, audit: Weak<Audit>) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut group = Vec::new();
        let mut closing = Vec::new();
        while closing.is_empty() {
            tokio::select! {
                count = self.waiting.recv_many(&mut group, GROUP) => {
                    if count == 0 {
                        break;
                    }
                    if group.len() < GROUP {
                        // Requests that can go on now do, and get in line: this task comes after all of them.
                        tokio::task::yield_now().await;
                        while group.len() < GROUP && let Ok(entry) = self.waiting.try_recv() {
                            group.push(entry);
                        }
                    }
                    self.write(&mut group, &mut closing).await;
                }
                _ = ticks.tick() => {
                    if let Some(audit) = audit.upgrade() {
                        // In a task of its own: it waits for this one.
                        tokio::spawn(async move { audit.write_summaries().await });
                    }
                    self.log.tick();
                }
            }
            self.tell();
        }
        self.waiting.close();
        while let Ok(entry) = self.waiting.try_recv() {
            group.push(entry);
        }
        self.write(&mut group, &mut closing).await;
        self.log.seal(self.log.now());
        let synced = self.log.syncer().now().await;
        if synced != Ok(true) {
            tracing::error!("the end of the audit log may not be durable");
        }
        self.log.remove_leaving();
        // Nothing is changed any more, for it could not be recorded.
        self.shared.broken.store(true, Ordering::Relaxed);
        self.tell();
        for done in closing {
            let _ = done.send(());
        }
    }

    async fn write(&mut self, group: &mut Vec<Entry>, closing: &mut Vec<oneshot::Sender<()>>) {
        let records: Vec<&[u8]> = group
            .iter()
            .filter_map(|entry| match entry {
                Entry::Record { fields, .. } => Some(fields.as_slice()),
                Entry::Close(_) => None,
            })
            .collect();
        let count = records.len() as u64;
        let mut written = match records.is_empty() {
            true => Ok(0),
            false => self.log.append(&records),
        };
        if self.sync_always && written.is_ok() && count > 0 && self.log.syncer().now().await != Ok(true) {
            written = Err(std::io::Error::other("it could not be synced"));
        }
        let result = match written {
            Ok(last) => {
                if self.shared.broken.swap(false, Ordering::Relaxed) {
                    tracing::warn!("the audit log can be written again");
                }
                self.shared.records.fetch_add(count, Ordering::Relaxed);
                Ok(last)
            }
            Err(error) => {
                self.shared.write_failures.fetch_add(1, Ordering::Relaxed);
                if !self.shared.broken.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "the audit log cannot be written: requests fail until it can");
                }
                Err(NotWritten)
            }
        };
        for entry in group.drain(..) {
            match entry {
                Entry::Record { fields, outbox, done } => {
                    match (outbox, result) {
                        (Some(path), Ok(last)) => self.outbox.recorded(path, last),
                        (Some(path), Err(_)) => self.outbox.unrecorded(path, fields),
                        (None, _) => {}
                    }
                    // Whoever waited may have gone.
                    let _ = done.send(result);
                }
                Entry::Close(done) => closing.push(done),
            }
        }
    }

    fn tell(&self) {
        self.shared.synced.store(self.log.syncer().synced(), Ordering::Release);
        self.shared.sync_failures.store(self.log.syncer().failures(), Ordering::Relaxed);
    }
}
