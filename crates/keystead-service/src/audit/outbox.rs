//! Events of changes of state, in the commit of the change itself.
//!
//! So neither can be there without the other, whatever moment a crash takes: what the log does not have, the store has, and
//! the next start writes it into the log. An event that stands in the log durably is removed from the store, many at once.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::{Batch, Range, Revision, Store, StoreError};
use serde::Deserialize;

use super::line::Tip;
use super::log::Log;
use super::segment::Segment;
use super::{Audit, AuditError, Trail};

/// Where the events stand, by their ids.
const PREFIX: &str = "audit-outbox/";
const KIND: &str = "audit-event";
const FORMAT: u16 = 1;
/// Events that are read or removed at once.
const CHUNK: usize = 500;
/// How often those that are in the log are removed.
const PAUSE: Duration = Duration::from_secs(1);
/// A record may be so much younger than the event in it says, in seconds: requests are not longer under way.
const LONGEST: i64 = 3600;

/// What is to be done about the events in the store.
pub(super) struct Outbox {
    store: Arc<dyn Store>,
    /// In the log, with the number of their record.
    recorded: Mutex<Vec<(u64, String)>>,
    /// Not in the log, because it could not be written.
    unrecorded: Mutex<Vec<(String, Vec<u8>)>>,
}

/// Where an event stands.
pub(super) fn path(trail: &Trail) -> String {
    format!("{PREFIX}{}", trail.request_id())
}

impl Audit {
    /// Makes the event part of the commit that it is about. Nothing is changed while that could not be recorded.
    pub(crate) fn attach(&self, trail: &Trail, batch: &mut Batch) -> Result<(), ApiError> {
        if !trail.is_recorded() || batch.writes().is_empty() {
            return Ok(());
        }
        if self.is_broken() {
            return Err(ErrorCode::ServiceUnavailableTemporary.into());
        }
        if let Some(fields) = trail.draft(batch) {
            batch.put(path(trail), KIND, FORMAT, fields);
        }
        Ok(())
    }
}

impl Trail {
    /// Notes how the commit ended to which the event was added. Where nothing is known, it may have happened.
    pub(crate) fn settle(&self, result: &Result<Revision, StoreError>) {
        let surely_not =
            matches!(result, Err(StoreError::Conflict { .. } | StoreError::Busy(_) | StoreError::Invalid(_)));
        self.committed(!surely_not);
    }
}

impl Outbox {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, recorded: Mutex::default(), unrecorded: Mutex::default() }
    }

    /// The event is in the log, under this number.
    pub(super) fn recorded(&self, path: String, seq: u64) {
        lock(&self.recorded).push((seq, path));
    }

    /// The log could not be written; it is tried again.
    pub(super) fn unrecorded(&self, path: String, fields: Vec<u8>) {
        lock(&self.unrecorded).push((path, fields));
    }

    /// Removes the events whose records are durable.
    pub(super) async fn remove_recorded(&self, synced: u64) {
        let durable: Vec<_> = lock(&self.recorded).extract_if(.., |(seq, _)| *seq <= synced).collect();
        for chunk in durable.chunks(CHUNK) {
            let mut batch = Batch::new();
            for (_, path) in chunk {
                batch.delete(path.as_str());
            }
            if let Err(error) = self.store.commit(batch).await {
                tracing::warn!(%error, "recorded events stay in the store; their removal is tried again");
                lock(&self.recorded).extend_from_slice(chunk);
            }
        }
    }
}

/// Does what is to be done about the events in the store, as long as there is a log.
pub(super) async fn keep(audit: Weak<Audit>) {
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(audit) = audit.upgrade() else { return };
        audit.write_summaries().await;
        let unrecorded = std::mem::take(&mut *lock(&audit.outbox.unrecorded));
        for (path, fields) in unrecorded {
            // When it fails it comes back by itself.
            let _ = audit.write(fields, Some(path)).await;
        }
        audit.outbox.remove_recorded(audit.synced()).await;
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_id: Option<String>,
    event_time: String,
}

/// At the start: what the store has and the log has not is written.
pub(super) async fn recover(
    store: &dyn Store,
    dir: &Path,
    log: &mut Log,
    found: Tip,
) -> Result<(), AuditError> {
    let mut after = None;
    loop {
        let records = store.scan(Range::prefix(PREFIX), after, CHUNK).await?;
        if records.is_empty() {
            return Ok(());
        }
        let mut missing = HashMap::new();
        let mut oldest = i64::MAX;
        for record in &records {
            let Some(id) = record.key.strip_prefix(PREFIX) else { continue };
            let event = serde_json::from_slice::<Event>(&[b"{", &record.value[..], b"}"].concat());
            let time = event.ok().and_then(|event| Timestamp::parse(&event.event_time).ok());
            oldest = oldest.min(time.map_or(i64::MIN, |time| time.0));
            missing.insert(id.to_owned(), record.value.as_slice());
        }
        drop_recorded(dir, &mut missing, oldest, found)
            .map_err(|error| AuditError::Io(dir.to_owned(), error))?;
        if !missing.is_empty() {
            let recovered: Vec<Vec<u8>> =
                missing.values().map(|fields| [fields, &b",\"recovered\":true"[..]].concat()).collect();
            log.append(&recovered).map_err(|error| AuditError::Io(dir.to_owned(), error))?;
            tracing::info!(
                events = recovered.len(),
                "events that a crash kept from the audit log are written"
            );
        }
        if log.syncer().now().await != Ok(true) {
            return Err(AuditError::Io(dir.to_owned(), std::io::Error::other("it cannot be synced")));
        }
        let mut batch = Batch::new();
        for record in &records {
            batch.delete(record.key.as_str());
        }
        store.commit(batch).await?;
        after = records.last().map(|record| record.key.clone());
    }
}

/// Takes out the events that stand in the log already. Looks from the newest segment back to where none of them can be.
fn drop_recorded(
    dir: &Path,
    missing: &mut HashMap<String, &[u8]>,
    oldest: i64,
    found: Tip,
) -> std::io::Result<()> {
    for segment in Segment::all(dir)?.into_iter().rev() {
        if missing.is_empty() {
            break;
        }
        // What this start wrote is not looked at.
        if segment.first <= found.seq {
            for line in BufReader::new(File::open(&segment.path)?).split(b'\n') {
                let Ok(Event { event_id: Some(id), .. }) = serde_json::from_slice::<Event>(&line?) else {
                    continue;
                };
                missing.remove(&id);
            }
        }
        if segment.start()?.is_some_and(|start| start.at.0 < oldest.saturating_sub(LONGEST)) {
            break;
        }
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
