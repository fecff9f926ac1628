//! The end of the chain, where records are added.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use keystead_api::Timestamp;
use keystead_crypto::Random;
use tokio::sync::oneshot;

use super::buffer::Buffer;
use super::event::Fields;
use super::key::HeadKey;
use super::line::{self, Tip};

/// Bytes at which the writer is woken: half of the buffer. It comes by itself before long, and the more it then finds, the less
/// each record costs.
pub(super) const MANY: usize = 2 << 20;

/// What those who add records and the one writer share.
pub(super) struct Intake {
    state: Mutex<State>,
    /// There is something for the writer to do.
    pub(super) changed: Condvar,
}

/// The state of it.
pub(super) struct State {
    pub(super) chain: Chain,
    pub(super) mood: Mood,
    /// Records that were added for requests and for the service's own work.
    pub(super) records: u64,
    /// Those who wait until everything that is there now is in a segment.
    pub(super) waiting: Vec<oneshot::Sender<bool>>,
    /// What the writer is to do at the end.
    pub(super) end: Option<End>,
}

/// Whether records are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// They are.
    Open,
    /// The last write failed: a record is taken when one has worked.
    Broken,
    /// Never again.
    Closed,
}

/// How the writer ends.
pub(super) enum End {
    /// With a signed head, durably; it says when that is done.
    Sealed(oneshot::Sender<()>),
    /// Nobody is there any more: what waits is written.
    Dropped,
}

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The writer has to do something first.
    NotNow,
    /// The log was closed.
    Closed,
}

impl Intake {
    pub(super) fn new(chain: Chain) -> Arc<Self> {
        let state = State { chain, mood: Mood::Open, records: 0, waiting: Vec::new(), end: None };
        Arc::new(Self { state: Mutex::new(state), changed: Condvar::new() })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many records were added, and whether they are taken.
    pub(super) fn state(&self) -> (u64, Mood) {
        let state = self.lock();
        (state.records, state.mood)
    }

    /// Adds a record; it is with the kernel then. Tells its number.
    pub(super) fn add(&self, fields: &[u8]) -> Result<u64, Refused> {
        let mut state = self.lock();
        match state.mood {
            Mood::Open => {}
            Mood::Broken => return Err(Refused::NotNow),
            Mood::Closed => return Err(Refused::Closed),
        }
        let before = state.chain.buffer.len();
        let seq = state.chain.add(fields).ok_or(Refused::NotNow)?;
        state.records += 1;
        let after = state.chain.buffer.len();
        drop(state);
        if before == 0 || (before < MANY && after >= MANY) {
            self.changed.notify_one();
        }
        Ok(seq)
    }

    /// Resolves when everything that was added so far is in a segment; tells whether it is.
    pub(super) fn written(&self) -> oneshot::Receiver<bool> {
        let (done, receiver) = oneshot::channel();
        self.lock().waiting.push(done);
        self.changed.notify_one();
        receiver
    }

    /// Closes the log; the writer says when all is done. Tells whether it was open.
    pub(super) fn close(&self, done: oneshot::Sender<()>) -> bool {
        self.end(End::Sealed(done))
    }

    /// Lets the writer end when it has written what waits.
    pub(super) fn abandon(&self) {
        self.end(End::Dropped);
    }

    fn end(&self, end: End) -> bool {
        let mut state = self.lock();
        if std::mem::replace(&mut state.mood, Mood::Closed) == Mood::Closed {
            return false;
        }
        state.end = Some(end);
        drop(state);
        self.changed.notify_one();
        true
    }
}

/// The chain.
pub(super) struct Chain {
    key: HeadKey,
    random: Arc<dyn Random>,
    pub(super) tip: Tip,
    /// The last head.
    pub(super) head: u64,
    pub(super) buffer: Buffer,
}

impl Chain {
    pub(super) fn new(key: HeadKey, random: Arc<dyn Random>, tip: Tip, head: u64, buffer: Buffer) -> Self {
        Self { key, random, tip, head, buffer }
    }

    /// Adds a record; tells its number, or that there is no room.
    pub(super) fn add(&mut self, fields: &[u8]) -> Option<u64> {
        let tip = &mut self.tip;
        let room = fields.len() + line::FRAME;
        self.buffer.push(room, |place| line::write(place, tip, fields)).then_some(self.tip.seq)
    }

    /// Signs a head, unless the last record is one.
    pub(super) fn seal(&mut self, now: Timestamp) {
        if self.tip.seq <= self.head {
            return;
        }
        match self.key.sign(&*self.random, &self.tip, &now.to_string()) {
            Ok(signature) => {
                let mut fields = Fields::own("AuditHead", now);
                fields.json("keyId", self.key.id());
                fields.json("signature", &signature);
                if let Some(seq) = self.add(&fields.into_bytes()) {
                    self.head = seq;
                }
            }
            Err(error) => tracing::error!(%error, "the head of the audit log cannot be signed"),
        }
    }

    /// What the first record of a segment says.
    pub(super) fn first_of_segment(&self, now: Timestamp) -> Vec<u8> {
        let mut fields = Fields::own("AuditSegment", now);
        fields.json("keyId", self.key.id());
        fields.into_bytes()
    }
}
