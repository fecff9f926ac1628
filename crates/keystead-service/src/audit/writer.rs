//! Handing records to the kernel, all that wait at once.
//!
//! Whoever ends a request gets in line, lets the other requests go on that can, and then writes for everybody who stands
//! there, unless somebody has done so meanwhile. There is no task for it: waking one for each record, and being woken by it,
//! would cost more than the write, which goes into the system's memory and takes microseconds.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use super::log::Log;
use super::{Audit, NotWritten};

/// Records that wait at most. Whoever comes then writes first.
const WAITING: usize = 8192;
/// How often heads, rotation and retention are looked at.
const TICK: Duration = Duration::from_secs(1);

/// The line of those who wait.
#[derive(Default)]
pub(super) struct Line {
    records: Vec<Record>,
    /// What becomes of them.
    fate: Arc<Fate>,
    closed: bool,
}

struct Record {
    /// JSON without the braces.
    fields: Vec<u8>,
    /// Where the store has it too.
    outbox: Option<String>,
}

/// How the writing of some records ended: the number of the last one.
type Fate = OnceLock<Result<u64, NotWritten>>;

/// The log, for whoever writes.
pub(super) struct Pen {
    log: Log,
    /// An empty list, to be filled by the next in line.
    spare: Vec<Record>,
}

impl Pen {
    pub(super) fn new(log: Log) -> Self {
        Self { log, spare: Vec::new() }
    }
}

/// Records that were taken out of the line and are being written.
struct Taken<'a> {
    audit: &'a Audit,
    records: Vec<Record>,
    fate: Arc<Fate>,
}

impl Drop for Taken<'_> {
    /// Nobody waits for ever, whatever goes wrong.
    fn drop(&mut self) {
        if self.fate.set(Err(NotWritten)).is_ok() {
            self.settle(Err(NotWritten));
        }
    }
}

impl Taken<'_> {
    fn end(mut self, result: Result<u64, NotWritten>) -> Vec<Record> {
        let _ = self.fate.set(result);
        self.settle(result);
        std::mem::take(&mut self.records)
    }

    /// Those that the store has too are noted.
    fn settle(&mut self, result: Result<u64, NotWritten>) {
        let outbox = &self.audit.outbox;
        for Record { fields, outbox: path } in self.records.drain(..) {
            match (path, result) {
                (Some(path), Ok(last)) => outbox.recorded(path, last),
                (Some(path), Err(_)) => outbox.unrecorded(path, fields),
                (None, _) => {}
            }
        }
    }
}

/// A record that stands in line. Whoever stops waiting for it changes nothing: it is written all the same.
pub(super) struct Waiting<'a> {
    audit: &'a Arc<Audit>,
    fate: Arc<Fate>,
}

impl Waiting<'_> {
    /// Waits until the record is with the kernel, or durable if that is asked for; tells the number of it or of one that was
    /// written together with it and later.
    pub(super) async fn written(self) -> Result<u64, NotWritten> {
        // Requests that can go on now do, and get in line.
        tokio::task::yield_now().await;
        loop {
            if let Some(result) = self.fate.get() {
                return *result;
            }
            self.audit.write_waiting(&self.fate).await;
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.fate.get().is_none()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (audit, fate) = (self.audit.clone(), self.fate.clone());
            runtime.spawn(async move { audit.write_waiting(&fate).await });
        }
    }
}

impl Audit {
    /// Waits until there is room in the line.
    pub(super) async fn room(self: &Arc<Self>) {
        loop {
            let fate = {
                let line = self.line();
                if line.records.len() < WAITING {
                    return;
                }
                line.fate.clone()
            };
            self.write_waiting(&fate).await;
        }
    }

    /// Puts a record in line. `outbox` is where the store has it too.
    pub(super) fn enter(
        self: &Arc<Self>,
        fields: Vec<u8>,
        outbox: Option<String>,
    ) -> Result<Waiting<'_>, NotWritten> {
        let mut line = self.line();
        if line.closed {
            if let Some(path) = outbox {
                self.outbox.unrecorded(path, fields);
            }
            return Err(NotWritten);
        }
        line.records.push(Record { fields, outbox });
        Ok(Waiting { audit: self, fate: line.fate.clone() })
    }

    /// Writes what waits, unless what has this fate is written already.
    async fn write_waiting(self: &Arc<Self>, fate: &Arc<Fate>) {
        if self.sync_always {
            // In a task of its own, which nobody gives up between the write and the sync.
            let (audit, fate) = (self.clone(), fate.clone());
            let task = tokio::spawn(async move {
                let mut pen = audit.pen.lock().await;
                if fate.get().is_none() {
                    audit.write_durably(&mut pen).await;
                }
            });
            if task.await.is_err() {
                tracing::error!("the audit log's writer failed");
            }
            return;
        }
        let mut pen = self.pen.lock().await;
        if fate.get().is_none() {
            let taken = self.take(&mut pen);
            let written = self.append(&mut pen, &taken);
            pen.spare = taken.end(written);
        }
    }

    async fn write_durably(&self, pen: &mut Pen) {
        let taken = self.take(pen);
        let mut written = self.append(pen, &taken);
        if written.is_ok() && !taken.records.is_empty() && pen.log.syncer().now().await != Ok(true) {
            written = self.failed(&"it could not be synced");
        }
        pen.spare = taken.end(written);
    }

    /// Takes all that wait out of the line.
    fn take(&self, pen: &mut Pen) -> Taken<'_> {
        let mut line = self.line();
        let records = std::mem::replace(&mut line.records, std::mem::take(&mut pen.spare));
        Taken { audit: self, records, fate: std::mem::take(&mut line.fate) }
    }

    fn append(&self, pen: &mut Pen, taken: &Taken<'_>) -> Result<u64, NotWritten> {
        let count = taken.records.len() as u64;
        let written = match count {
            0 => Ok(0),
            _ => pen.log.append(taken.records.iter().map(|record| record.fields.as_slice())),
        };
        self.tell(&pen.log);
        match written {
            Ok(last) => {
                if self.shared.broken.swap(false, Ordering::Relaxed) {
                    tracing::warn!("the audit log can be written again");
                }
                self.shared.records.fetch_add(count, Ordering::Relaxed);
                Ok(last)
            }
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> Result<u64, NotWritten> {
        self.shared.write_failures.fetch_add(1, Ordering::Relaxed);
        if !self.shared.broken.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "the audit log cannot be written: requests fail until it can");
        }
        Err(NotWritten)
    }

    fn tell(&self, log: &Log) {
        self.shared.synced.store(log.syncer().synced(), Ordering::Release);
        self.shared.sync_failures.store(log.syncer().failures(), Ordering::Relaxed);
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes everything that waits, signs a head and makes it durable. What comes later is refused.
    pub(super) async fn end(self: &Arc<Self>) {
        let mut pen = self.pen.lock().await;
        if std::mem::replace(&mut self.line().closed, true) {
            return;
        }
        let taken = self.take(&mut pen);
        let written = self.append(&mut pen, &taken);
        drop(taken.end(written));
        let now = pen.log.now();
        pen.log.seal(now);
        if pen.log.syncer().now().await != Ok(true) {
            tracing::error!("the end of the audit log may not be durable");
        }
        pen.log.remove_leaving();
        // Nothing is changed any more, for it could not be recorded.
        self.shared.broken.store(true, Ordering::Relaxed);
        self.tell(&pen.log);
    }
}

/// Does what is due from time to time, as long as there is a log.
pub(super) async fn keep(audit: Weak<Audit>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(audit) = audit.upgrade() else { return };
        audit.write_summaries().await;
        let mut pen = audit.pen.lock().await;
        if audit.line().closed {
            return;
        }
        pen.log.tick();
        audit.tell(&pen.log);
    }
}
