use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};
use tokio::sync::Semaphore;

use super::database::{self, integer, revision, sql_error};
use crate::{Change, Changes, Range, Record, Revision, StoreError};

/// Connections for reading.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    /// As many as there are connections, so that who has one finds a connection.
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize) -> Result<Self, StoreError> {
        let idle = (0..count).map(|_| database::open_for_reading(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { idle: Mutex::new(idle), permits: Arc::new(Semaphore::new(count)) })
    }

    /// Runs `work` with a connection on tokio's blocking pool.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = |_| StoreError::Unavailable("it is closing".to_owned());
        let permit = self.permits.clone().acquire_owned().await.map_err(closed)?;
        let readers = self.clone();
        blocking(move || {
            // The permit outlives the lease: the connection is back before another may look for it. Whoever waits
            // may have gone meanwhile; the connection comes back all the same.
            let _permit = permit;
            let mut lease = Lease { connection: readers.take(), readers: &readers };
            match &mut lease.connection {
                Some(connection) => work(connection),
                None => Err(StoreError::Unavailable("no connection is left".to_owned())),
            }
        })
        .await
    }

    fn take(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// A connection that goes back to its pool, also when the work panics.
struct Lease<'a> {
    connection: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

/// Runs blocking work on tokio's blocking pool.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::Unavailable(format!("a read did not end: {error}"))),
    }
}

pub(super) fn get(connection: &Connection, key: String) -> Result<Option<Record>, StoreError> {
    let raw = connection
        .prepare_cached("SELECT kind, format, revision, value FROM records WHERE key = ?1")
        .and_then(|mut statement| statement.query_row([&key], |row| Raw::read(row, 0)).optional())
        .map_err(sql_error)?;
    raw.map(|raw| raw.into_record(key)).transpose()
}

pub(super) fn get_many(
    connection: &mut Connection,
    keys: Vec<String>,
) -> Result<Vec<Option<Record>>, StoreError> {
    let snapshot = connection.transaction().map_err(sql_error)?;
    keys.into_iter().map(|key| get(&snapshot, key)).collect()
}

pub(super) fn scan(
    connection: &Connection,
    range: &Range,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    // The least text behind `after`. Texts compare by their bytes, so nothing stands between the two.
    let behind = after.map(|after| format!("{after}\0"));
    let start = behind.as_deref().unwrap_or_default().max(range.start());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection
        .prepare_cached(match range.end() {
            Some(_) => {
                "SELECT key, kind, format, revision, value FROM records
                 WHERE key >= ?1 AND key < ?3 ORDER BY key LIMIT ?2"
            }
            None => {
                "SELECT key, kind, format, revision, value FROM records
                 WHERE key >= ?1 ORDER BY key LIMIT ?2"
            }
        })
        .map_err(sql_error)?;
    let mut rows = match range.end() {
        Some(end) => statement.query(params![start, limit, end]),
        None => statement.query(params![start, limit]),
    }
    .map_err(sql_error)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(sql_error)? {
        let key = row.get(0).map_err(sql_error)?;
        records.push(Raw::read(row, 1).map_err(sql_error)?.into_record(key)?);
    }
    Ok(records)
}

pub(super) fn count(connection: &Connection, range: &Range) -> Result<u64, StoreError> {
    let count: i64 = match range.end() {
        Some(end) => connection
            .prepare_cached("SELECT count(*) FROM records WHERE key >= ?1 AND key < ?2")
            .and_then(|mut statement| statement.query_row([range.start(), end], |row| row.get(0))),
        None => connection
            .prepare_cached("SELECT count(*) FROM records WHERE key >= ?1")
            .and_then(|mut statement| statement.query_row([range.start()], |row| row.get(0))),
    }
    .map_err(sql_error)?;
    u64::try_from(count).map_err(|_| StoreError::Corrupt(format!("{count} records")))
}

pub(super) fn changes(
    connection: &mut Connection,
    after: Revision,
    limit: usize,
) -> Result<Changes, StoreError> {
    let snapshot = connection.transaction().map_err(sql_error)?;
    let (floor, head) = (database::floor(&snapshot)?, database::head(&snapshot)?);
    if after < floor || after > head {
        return Err(StoreError::FeedGap { after, floor });
    }
    let entries = entries(&snapshot, after, head, limit + 1)?;
    let first = entries.first().map(|change| change.revision);
    match (Changes::page(entries, limit, head), first) {
        (Some(page), _) => Ok(page),
        (None, Some(first)) => {
            Ok(Changes { entries: self::entries(&snapshot, first - 1, first, usize::MAX)?, through: first })
        }
        // A page without entries is never cut.
        (None, None) => Ok(Changes { entries: Vec::new(), through: head }),
    }
}

/// The changes after `after` up to and with `through`.
fn entries(
    connection: &Connection,
    after: Revision,
    through: Revision,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection
        .prepare_cached(
            "SELECT revision, key FROM changes
             WHERE revision > ?1 AND revision <= ?2 ORDER BY revision, key LIMIT ?3",
        )
        .map_err(sql_error)?;
    let mut rows = statement.query(params![integer(after), integer(through), limit]).map_err(sql_error)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next().map_err(sql_error)? {
        let revision = revision(row.get(0).map_err(sql_error)?)?;
        entries.push(Change { revision, key: row.get(1).map_err(sql_error)? });
    }
    Ok(entries)
}

/// A record as SQLite has it, without its key.
struct Raw {
    kind: String,
    format: i64,
    revision: i64,
    value: Vec<u8>,
}

impl Raw {
    /// Reads kind, format, revision and value from the columns that begin at `first`.
    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            kind: row.get(first)?,
            format: row.get(first + 1)?,
            revision: row.get(first + 2)?,
            value: row.get(first + 3)?,
        })
    }

    fn into_record(self, key: String) -> Result<Record, StoreError> {
        let format = u16::try_from(self.format)
            .map_err(|_| StoreError::Corrupt(format!("the record {key} has format {}", self.format)))?;
        Ok(Record { key, kind: self.kind, format, revision: revision(self.revision)?, value: self.value })
    }
}
