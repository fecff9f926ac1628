//! Work that falls due: ends of deletion windows, expiry of imported material, rotations.
//!
//! What is to be done when stands in the store, under [`path::due`], written in the same commit as the record that it is
//! about. So it survives a restart, and it is found without looking at every key. Whoever carries it out reads the
//! resource's own record, which alone decides, and writes with a precondition on it: two nodes that meet do the work once.

mod worker;

pub use worker::{DueWorker, Outcome};

use std::collections::HashSet;

use keystead_api::{ApiError, Timestamp};
use keystead_store::{Batch, Range, Record};

use crate::audit::{Author, ServiceWork, Subject};
use crate::engine::{CommitError, Engine};
use crate::image::{ImageError, decode};
use crate::records::{DueKind, DueRecord, KeyRecord, Stored, path};
use crate::{instances, keys, secrets};

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
    /// The key's or instance's id or the secret's name.
    pub(crate) id: String,
}

impl Due {
    /// Where it stands.
    pub(crate) fn path(&self) -> String {
        path::due(self.at, self.kind, &self.account, &self.id)
    }

    /// Its removal, when the record at `resource`, as it was read, does not bear it out: a change of that record may bear it
    /// out again at this moment, and makes the batch fail.
    pub(crate) fn dropped(&self, resource: String, record: Option<&Record>) -> Batch {
        let mut batch = Batch::new();
        batch.delete(self.path());
        match record {
            Some(record) => batch.expect_at(resource, record.revision),
            None => batch.expect_absent(resource),
        };
        batch
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

/// Adds to a batch what changes in the work about a key when its record does: `None` stands for no key.
pub(crate) fn reschedule_key(batch: &mut Batch, before: Option<&KeyRecord>, after: Option<&KeyRecord>) {
    let of = |key: Option<&KeyRecord>| key.map_or([None; 3], due_of_key);
    let Some(key) = after.or(before) else { return };
    for (before, after) in of(before).into_iter().zip(of(after)) {
        if before == after {
            continue;
        }
        if let Some((kind, at)) = before {
            batch.delete(path::due(at, kind, &key.account, &key.key_id));
        }
        if let Some((kind, at)) = after {
            schedule(batch, at, kind, &key.account, &key.key_id);
        }
    }
}

/// The work about a key, as its record has it.
fn due_of_key(key: &KeyRecord) -> [Option<(DueKind, Timestamp)>; 3] {
    [
        key.delete_date.map(|at| (DueKind::KeyDeletion, at)),
        key.material_expires.map(|at| (DueKind::KeyExpiry, at)),
        keys::rotation::due_at(key).map(|at| (DueKind::KeyRotation, at)),
    ]
}

/// The key that an entry is about. An entry that the key's record does not bear out any more is removed, and then there is
/// none.
pub(crate) async fn key_of(
    author: Author<'_>,
    due: &Due,
) -> Result<Option<(Record, KeyRecord)>, CommitError> {
    let at = path::key(&due.account, &due.id);
    let record =
        author.engine.store.get(&at).await.map_err(|error| ApiError::from(ImageError::from(error)))?;
    if let Some(record) = &record {
        let key = decode::<KeyRecord>(record).map_err(ApiError::from)?.value;
        if due_of_key(&key).contains(&Some((due.kind, due.at))) {
            return Ok(Some((record.clone(), key)));
        }
    }
    author.commit(due.dropped(at, record.as_ref())).await?;
    Ok(None)
}

/// The keys of an account whose window has ended or whose instance is released, and whose records still wait to be removed.
pub(crate) async fn gone_keys(
    engine: &Engine,
    account: &str,
    now: Timestamp,
) -> Result<HashSet<String>, ApiError> {
    let mut gone = HashSet::new();
    let mut after = None;
    loop {
        let records = overdue(engine, after, now).await?;
        let of_account =
            records.iter().filter_map(|record| Due::parse(&record.key)).filter(|due| due.account == account);
        for due in of_account {
            match due.kind {
                DueKind::KeyDeletion => drop(gone.insert(due.id)),
                DueKind::InstanceRemoval => gone.extend(instances::keys_in(engine, account, &due.id).await?),
                _ => {}
            }
        }
        if records.len() < CHUNK {
            return Ok(gone);
        }
        after = records.last().map(|record| record.key.clone());
    }
}

/// The next entries that are due, beginning behind `after`; fewer than [`CHUNK`] are the last ones.
async fn overdue(engine: &Engine, after: Option<String>, now: Timestamp) -> Result<Vec<Record>, ApiError> {
    let range = Range::between(path::DUE, path::due_from(now.plus(1)));
    Ok(engine.store.scan(range, after, CHUNK).await.map_err(ImageError::from)?)
}

impl Engine {
    /// Carries out everything that is due now, one after the other, and says how much that was. What fails is logged and
    /// stays due.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn carry_out_due(&self) -> Result<usize, ApiError> {
        let now = self.now();
        let mut done = 0;
        let mut after = None;
        loop {
            let records = overdue(self, after, now).await?;
            for record in &records {
                let Some(due) = Due::parse(&record.key) else {
                    tracing::error!(key = record.key, "an entry of due work cannot be read");
                    continue;
                };
                match self.carry_out(&due, now).await {
                    Ok(()) => done += 1,
                    Err(error) => {
                        tracing::warn!(%error, kind = due.kind.as_str(), "due work failed; it is tried again");
                    }
                }
            }
            if records.len() < CHUNK {
                break;
            }
            after = records.last().map(|record| record.key.clone());
        }
        self.scrub_if_wanted().await;
        Ok(done)
    }

    /// Carries out one piece of work.
    pub(crate) async fn carry_out(&self, due: &Due, now: Timestamp) -> Result<(), ApiError> {
        // A rotation goes on when this is given up, and so records itself.
        if due.kind == DueKind::SecretRotation {
            return secrets::rotation::carry_out(self, due, now).await;
        }
        let (kind, account, id) = (due.kind, due.account.as_str(), due.id.as_str());
        let work = ServiceWork::begin(self, Subject { kind, account, id, caused_by: None });
        let author = work.author(self);
        let result = match kind {
            DueKind::KeyDeletion => keys::deletion::carry_out(author, due, now).await,
            DueKind::KeyExpiry => keys::import::expire(author, due, now).await,
            DueKind::ImportToken => keys::import_token::forget(author, due).await,
            DueKind::KeyRotation => keys::rotation::carry_out(author, due, now).await,
            DueKind::InstanceRemoval => instances::remove_contents(author, due, now).await,
            DueKind::SecretDeletion => secrets::deletion::carry_out(author, due, now).await,
            DueKind::SecretRotation => Ok(()),
        };
        work.finish(self, &result).await;
        result
    }
}
