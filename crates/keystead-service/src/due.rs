//! Work that falls due: ends of deletion windows, expiry of imported material, rotations.
//!
//! What is to be done when stands in the store, under [`path::due`], written in the same commit as the record that it is
//! about. So it survives a restart, and it is found without looking at every key. Whoever carries it out reads the
//! resource's own record, which alone decides, and writes with a precondition on it: two nodes that meet do the work once.

use keystead_api::ApiError;
use keystead_store::{Batch, Range};

use crate::engine::{CommitError, Engine};
use crate::image::ImageError;
use crate::records::{DueKind, DueRecord, Stored, path};
use crate::{keys, secrets};
use keystead_api::Timestamp;

/// Entries read at once.
const CHUNK: usize = 100;

/// One piece of work that is due.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    /// When it fell due.
    pub(crate) at: Timestamp,
    /// What is to be done.
    pub(crate) kind: DueKind,
    /// Whose resource.
    pub(crate) account: String,
    /// The key's id or the secret's name.
    pub(crate) id: String,
}

impl Due {
    /// Where it stands.
    pub(crate) fn path(&self) -> String {
        path::due(self.at, self.kind, &self.account, &self.id)
    }

    fn parse(at: &str) -> Option<Self> {
        let mut parts = at.strip_prefix(path::DUE)?.splitn(4, '/');
        Some(Self {
            at: Timestamp(parts.next()?.parse().ok()?),
            kind: DueKind::find(parts.next()?)?,
            account: parts.next()?.to_owned(),
            id: parts.next()?.to_owned(),
        })
    }
}

/// Adds work to the batch that makes it due.
pub(crate) fn schedule(batch: &mut Batch, at: Timestamp, kind: DueKind, account: &str, id: &str) {
    batch.put(path::due(at, kind, account, id), DueRecord::KIND, DueRecord::FORMAT, b"{}".to_vec());
}

impl Engine {
    /// Carries out everything that is due now, and says how much that was. What fails is logged and stays due.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn carry_out_due(&self) -> Result<usize, ApiError> {
        let now = self.now();
        let mut done = 0;
        let mut after = None;
        loop {
            let records = self
                .store
                .scan(Range::prefix(path::DUE), after, CHUNK)
                .await
                .map_err(|error| ApiError::from(ImageError::from(error)))?;
            let last = records.len() < CHUNK;
            for record in &records {
                let Some(due) = Due::parse(&record.key) else {
                    tracing::error!(key = record.key, "an entry of due work cannot be read");
                    continue;
                };
                if due.at.0 > now.0 {
                    return Ok(done);
                }
                match self.carry_out(&due, now).await {
                    Ok(()) => done += 1,
                    Err(error) => {
                        tracing::warn!(%error, kind = due.kind.as_str(), "due work failed; it is tried again")
                    }
                }
            }
            if last {
                return Ok(done);
            }
            after = records.last().map(|record| record.key.clone());
        }
    }

    async fn carry_out(&self, due: &Due, now: Timestamp) -> Result<(), ApiError> {
        match due.kind {
            DueKind::KeyDeletion => keys::deletion::carry_out(self, due, now).await,
            DueKind::KeyExpiry => keys::import::expire(self, due, now).await,
            DueKind::KeyRotation => keys::rotation::carry_out(self, due, now).await,
            DueKind::SecretDeletion => secrets::deletion::carry_out(self, due, now).await,
            DueKind::SecretRotation => secrets::rotation::carry_out(self, due, now).await,
        }
    }

    /// Removes an entry that nothing bears out any more.
    pub(crate) async fn drop_due(&self, due: &Due) -> Result<(), ApiError> {
        let mut batch = Batch::new();
        batch.delete(due.path());
        match self.commit(batch).await {
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(CommitError::Failed(error)) => Err(error),
        }
    }
}
