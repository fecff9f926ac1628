//! The audit log: who did what, to which resource, and how it ended.
//!
//! - [`Trail`] is what a request leaves behind while it is carried out; [`Recording`] ends it. Every gateway records every
//!   request through [`Engine::record`](crate::Engine::record), and waits for it before it answers.
//! - `event` is what a record says, in the shape of ActionTrail's events; `line` how it stands in a file and follows the one
//!   before; `chain` is where records are added.
//! - `buffer` hands records to the kernel, one by one; `writer` is the thread that moves them into a file, many at once, and
//!   `sync` the one that makes them durable; `segment` is the files, `log` how they follow each other, turn over and go.
//! - `outbox`: what belongs to a change of state is part of the change's own commit, and so is never lost.
//! - `failures`: requests without a caller, which anybody can send, are recorded up to a number and then counted.
//! - [`verify`](verify::verify) finds what was cut, changed or moved.

mod author;
mod buffer;
mod chain;
mod event;
mod failures;
mod key;
mod line;
mod log;
mod outbox;
mod recording;
mod segment;
mod service;
mod sync;
mod trail;
pub mod verify;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keystead_crypto::Random;
use keystead_store::{Store, StoreError};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::image::{ImageError, decode};
use crate::vault::RootKeys;
use chain::{Mood, Refused};
use event::Place;
use failures::Failures;
use key::HeadKey;
use log::{Log, Opened};
use outbox::Outbox;
use writer::Writer;

pub(crate) use author::Author;
pub use event::{Actor, ActorKind, Outcome, Source};
pub use key::HeadVerifier;
pub use recording::Recording;
pub(crate) use service::{ServiceWork, Subject};
pub use trail::Trail;

/// How the log is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its folder; made if need be.
    pub dir: PathBuf,
    /// Whether each record is durable before its request is answered; else within 100 ms.
    pub sync_always: bool,
    /// A segment is closed when it has so many bytes.
    pub segment_bytes: u64,
    /// Or is so old, in seconds.
    pub segment_seconds: i64,
    /// Closed segments are removed after so many seconds; 0 means never.
    pub keep_seconds: i64,
    /// The oldest segments are removed while all of them have more bytes than this; 0 means never.
    pub keep_bytes: u64,
}

impl Settings {
    /// The defaults, in a folder.
    pub fn in_dir(dir: PathBuf) -> Self {
        Self {
            dir,
            sync_always: false,
            segment_bytes: 128 << 20,
            segment_seconds: 86_400,
            keep_seconds: 180 * 86_400,
            keep_bytes: 32 << 30,
        }
    }
}

/// The log of an engine.
pub struct Audit {
    writer: Writer,
    sync_always: bool,
    write_failures: Arc<AtomicU64>,
    outbox: Outbox,
    failures: Failures,
    place: Arc<Place>,
}

/// Counters of the log, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Records that were handed to the kernel since the start.
    pub records: u64,
    /// Requests without a caller that were only counted.
    pub counted: u64,
    /// Writes that failed, and with them their requests.
    pub write_failures: u64,
    /// Syncs that failed.
    pub sync_failures: u64,
    /// Whether the log cannot be written at present.
    pub broken: bool,
}

impl Audit {
    /// Opens the log, and writes what the store has and the log has not.
    pub(crate) async fn open(
        settings: Settings,
        region: &str,
        store: Arc<dyn Store>,
        root: &RootKeys,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Arc<Self>, AuditError> {
        let key = HeadKey::open(&*store, root, &*random, clock.now()).await?;
        let dir = settings.dir.clone();
        let sync_always = settings.sync_always;
        let Opened { mut log, found } = Log::open(settings, key, random, clock.clone())?;
        outbox::recover(&*store, &dir, &mut log, found).await?;
        let write_failures = log.failures().clone();
        let audit = Arc::new(Self {
            writer: Writer::start(log).map_err(|error| AuditError::Io(dir, error))?,
            sync_always,
            write_failures,
            outbox: Outbox::new(store),
            failures: Failures::new(clock),
            place: Arc::new(Place::new(region)),
        });
        tokio::spawn(outbox::keep(Arc::downgrade(&audit)));
        Ok(audit)
    }

    /// Whether the last write failed, or the log was closed; then nothing is changed any more, for it could not be recorded.
    fn is_broken(&self) -> bool {
        self.writer.intake().state().1 != Mood::Open
    }

    /// Counters.
    pub fn stats(&self) -> Stats {
        let (records, mood) = self.writer.intake().state();
        Stats {
            records,
            counted: self.failures.counted(),
            write_failures: self.write_failures.load(Ordering::Relaxed),
            sync_failures: self.writer.syncer().failures(),
            broken: mood != Mood::Open,
        }
    }

    /// Writes everything that waits, signs a head and makes it durable. What comes later is refused.
    pub(crate) async fn close(self: &Arc<Self>) {
        self.write_summaries().await;
        let (done, ended) = oneshot::channel();
        if self.writer.intake().close(done) {
            let _ = ended.await;
        }
        self.outbox.remove_recorded(self.synced()).await;
    }

    /// The last record that is durable.
    fn synced(&self) -> u64 {
        self.writer.syncer().synced()
    }

    /// Takes a record, which is with the kernel then; `outbox` is where the store has it too. Where that is not all there is
    /// to do, what was not done is given back.
    fn enter(&self, fields: Vec<u8>, outbox: Option<String>) -> Result<(), Pending> {
        match self.writer.intake().add(&fields) {
            Ok(seq) => {
                if let Some(path) = outbox {
                    self.outbox.recorded(path, seq);
                }
                if self.sync_always { Err(Pending::Sync) } else { Ok(()) }
            }
            Err(refused) => Err(Pending::Record { fields, outbox, refused }),
        }
    }

    /// Does what is left to do about a record.
    async fn complete(&self, mut pending: Pending) -> Result<(), NotWritten> {
        loop {
            match pending {
                Pending::Sync => {
                    let written = self.writer.intake().written().await == Ok(true);
                    let durable = written && self.writer.syncer().now().await == Ok(true);
                    return durable.then_some(()).ok_or(NotWritten);
                }
                Pending::Record { fields, outbox, refused } => {
                    let goes_on =
                        refused == Refused::NotNow && self.writer.intake().written().await == Ok(true);
                    if !goes_on {
                        if let Some(path) = outbox {
                            self.outbox.unrecorded(path, fields);
                        }
                        return Err(NotWritten);
                    }
                    match self.enter(fields, outbox) {
                        Ok(()) => return Ok(()),
                        Err(left) => pending = left,
                    }
                }
            }
        }
    }

    /// Writes a record and waits until it is with the kernel, or durable if that is asked for. `outbox` is where the store
    /// has it too. It is written also when nobody waits any more.
    async fn write(self: &Arc<Self>, fields: Vec<u8>, outbox: Option<String>) -> Result<(), NotWritten> {
        let Err(pending) = self.enter(fields, outbox) else { return Ok(()) };
        let audit = self.clone();
        tokio::spawn(async move { audit.complete(pending).await }).await.unwrap_or(Err(NotWritten))
    }

    /// Writes what was only counted.
    async fn write_summaries(self: &Arc<Self>) {
        for fields in self.failures.take_summaries() {
            if self.write(fields, None).await.is_err() {
                tracing::error!("a summary of requests without a caller could not be recorded");
            }
        }
    }
}

/// What is left to do about a record.
enum Pending {
    /// It is with the kernel; the disk is to have it.
    Sync,
    /// It was not taken.
    Record { fields: Vec<u8>, outbox: Option<String>, refused: Refused },
}

/// A record could not be written; the log says why.
#[derive(Clone, Copy, Debug)]
struct NotWritten;

/// The public key of an installation's log, PEM; none before the log was first opened.
///
/// # Errors
/// When the store cannot be read.
pub async fn public_key(store: &dyn Store) -> Result<Option<String>, AuditError> {
    let record = store.get(key::PATH).await?;
    let record = record.map(|record| decode::<key::AuditKeyRecord>(&record)).transpose()?;
    Ok(record.map(|record| record.value.public_pem))
}

/// A log cannot be opened or read.
#[derive(Debug, Error)]
pub enum AuditError {
    /// Its folder or one of its files cannot be used.
    #[error("cannot use the audit log in {}", .0.display())]
    Io(PathBuf, #[source] std::io::Error),
    /// Another process writes to it.
    #[error("the audit log in {} is written to by another process", .0.display())]
    InUse(PathBuf),
    /// The key that signs it cannot be made, opened or read.
    #[error("the key of the audit log cannot be used")]
    Key,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
}
