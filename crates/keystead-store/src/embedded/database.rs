use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use super::FORMAT;
use super::folder::{create_owner_only, sync_folder};
use crate::{Revision, StoreError};

/// "KSTD": tells the file apart from other programs' databases.
const APPLICATION_ID: i32 = 0x4b53_5444;

/// Earlier versions can lose commits when the write-ahead log starts over (fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long SQLite waits for another program that looks into the database.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Pages in the write-ahead log (32 MiB) before the writer moves them into the database: rarer than SQLite's 1,000,
/// since a commit waits meanwhile.
const CHECKPOINT_PAGES: i64 = 8_000;

/// What a checkpoint leaves of the write-ahead log's file, in bytes.
const LOG_BYTES_KEPT: i64 = 64 << 20;

const SCHEMA: &str = "
    CREATE TABLE records(
        key TEXT PRIMARY KEY NOT NULL,
        kind TEXT NOT NULL,
        format INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE changes(
        revision INTEGER NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY(revision, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE meta(
        name TEXT PRIMARY KEY NOT NULL,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// A step from the format of its index plus 1 to the next one.
type Migration = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// Format 1 is the first. Whoever raises [`FORMAT`] adds a step here, and keeps a folder of the old format among the
/// tests' data.
const MIGRATIONS: [Migration; FORMAT as usize - 1] = [];

/// Refuses a SQLite that is known to lose commits; it could come from a build that links the system's.
pub(super) fn assert_version() -> Result<(), StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        let version = rusqlite::version();
        return Err(StoreError::Unavailable(format!(
            "built with SQLite {version}; 3.51.3 or newer is needed"
        )));
    }
    Ok(())
}

pub(super) fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    check_format(&connection)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(sql_error)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable(format!(
            "{} stands on a file system without a write-ahead log (journal mode {mode})",
            path.display()
        )));
    }
    let set = |name: &str, value: i64| connection.pragma_update(None, name, value).map_err(sql_error);
    set("synchronous", 2)?; // FULL: a commit is on the disk when it returns.
    set("fullfsync", 1)?; // Has a meaning on macOS only, where a plain fsync leaves data in the drive's cache.
    set("checkpoint_fullfsync", 1)?;
    set("secure_delete", 1)?;
    set("cache_size", -16_384)?; // In KiB.
    // These two answer with a row.
    connection
        .pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))
        .map_err(sql_error)?;
    connection
        .pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))
        .map_err(sql_error)?;
    Ok(connection)
}

pub(super) fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "cache_size", -8_192).map_err(sql_error)?;
    Ok(connection)
}

/// Makes a new database, or migrates an older one, in one transaction.
pub(super) fn bring_up_to_date(connection: &mut Connection) -> Result<(), StoreError> {
    let format = check_format(connection)?;
    if format == FORMAT {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql_error)?;
    if format == 0 {
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql_error)?;
        transaction.execute_batch(SCHEMA).map_err(sql_error)?;
    } else {
        tracing::info!(from = format, to = FORMAT, "migrating the store");
        for step in MIGRATIONS.iter().skip(format as usize - 1) {
            step(&transaction).map_err(sql_error)?;
        }
    }
    transaction
        .execute("INSERT OR REPLACE INTO meta(name, value) VALUES('format', ?1)", [FORMAT.to_string()])
        .map_err(sql_error)?;
    transaction.commit().map_err(sql_error)
}

/// The newest revision. Every revision has a change, and the newest ones are never trimmed.
pub(super) fn head(connection: &Connection) -> Result<Revision, StoreError> {
    let head: i64 = connection
        .prepare_cached("SELECT coalesce(max(revision), 0) FROM changes")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(sql_error)?;
    revision(head)
}

/// The newest revision whose changes were trimmed, 0 when none were: the feed can go on from here.
pub(super) fn floor(connection: &Connection) -> Result<Revision, StoreError> {
    let oldest: i64 = connection
        .prepare_cached("SELECT coalesce(min(revision), 1) FROM changes")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(sql_error)?;
    revision(oldest.saturating_sub(1))
}

/// Writes a copy of the database at `from` to the new file `to`.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::io(format!("cannot write the backup {}", to.display()), error);
    if to.try_exists().map_err(failed)? {
        return Err(failed(std::io::ErrorKind::AlreadyExists.into()));
    }
    let mut partial = PathBuf::from(to).into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let Some(partial_text) = partial.to_str() else {
        return Err(StoreError::Invalid("the backup's path is not UTF-8".to_owned()));
    };
    let file = create_owner_only(&partial)
        .map_err(|error| StoreError::io(format!("cannot write the backup {}", partial.display()), error))?;
    // SQLite wants an empty file or none; this one has the right mode already.
    let written = open(from, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|connection| connection.execute("VACUUM INTO ?1", [partial_text]).map_err(sql_error))
        .and_then(|_| file.sync_all().map_err(failed))
        .and_then(|()| std::fs::rename(&partial, to).map_err(failed));
    if let Err(error) = written {
        // The error that stopped the backup is the one to tell.
        std::fs::remove_file(&partial).ok();
        return Err(error);
    }
    match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// A revision as SQLite keeps it.
pub(super) fn integer(revision: Revision) -> i64 {
    // Beyond 2^63 there is nothing: at a million commits a second that takes 290,000 years.
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// A revision as it was read.
pub(super) fn revision(integer: i64) -> Result<Revision, StoreError> {
    Revision::try_from(integer).map_err(|_| StoreError::Corrupt(format!("revision {integer}")))
}

/// What an error of SQLite means to the store's users. Its messages name tables and columns, never contents.
pub(super) fn sql_error(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy("another program holds the database".to_owned())
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(error.to_string()),
        Some(ErrorCode::DiskFull) => StoreError::Unavailable("the disk is full".to_owned()),
        Some(_) => StoreError::Unavailable(error.to_string()),
        // Not from SQLite but from reading a column: it does not hold what it should.
        None => StoreError::Corrupt(error.to_string()),
    }
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    // No mutex: a connection is used by one thread at a time.
    let connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(sql_error)?;
    connection.busy_timeout(PATIENCE).map_err(sql_error)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.pragma_update(None, "trusted_schema", 0).map_err(sql_error)?;
    connection.pragma_update(None, "cell_size_check", 1).map_err(sql_error)?;
    connection.pragma_update(None, "temp_store", 2).map_err(sql_error)?; // Memory: nothing goes to other files.
    Ok(connection)
}

/// The database's format, 0 when it is empty. Refuses what is another program's or a newer version's.
fn check_format(connection: &Connection) -> Result<u32, StoreError> {
    let id: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(sql_error)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sql_error)?;
    if id == 0 && tables == 0 {
        return Ok(0);
    }
    if id != APPLICATION_ID {
        return Err(StoreError::Corrupt("the database is another program's".to_owned()));
    }
    let format: Option<String> = connection
        .query_row("SELECT value FROM meta WHERE name = 'format'", [], |row| row.get(0))
        .optional()
        .map_err(sql_error)?;
    match format.and_then(|text| text.parse::<u32>().ok()) {
        None | Some(0) => Err(StoreError::Corrupt("the database does not tell its format".to_owned())),
        Some(found) if found > FORMAT => Err(StoreError::NewerFormat { found, known: FORMAT }),
        Some(format) => Ok(format),
    }
}
