use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Savepoint, TransactionBehavior, params};
use tokio::sync::mpsc::Receiver;
use tokio::sync::oneshot;

use super::database::{PATIENCE, integer, revision, sql_error};
use super::feed::Feed;
use crate::{Batch, Change, Expect, Revision, StoreError, Write};

/// What the writer is to do.
pub(super) enum Job {
    Commit(Commit),
    /// Empties the write-ahead log.
    Scrub(oneshot::Sender<Result<(), StoreError>>),
}

/// A commit on its way to the writer.
pub(super) struct Commit {
    pub(super) batch: Batch,
    pub(super) answer: oneshot::Sender<Result<Revision, StoreError>>,
}

/// At most so many commits share one flush to disk.
const GROUP_JOBS: usize = 256;

/// A group takes no further commit when its writes are this large, in bytes.
const GROUP_BYTES: usize = 4 << 20;

/// A database of this size at most is written anew by a scrub, during which commits wait: about 10 ms for each MiB.
const REWRITTEN_BYTES: i64 = 64 << 20;

/// How long emptying the write-ahead log waits for those who read it.
const SCRUB_PATIENCE: Duration = Duration::from_millis(250);

/// Trimming happens when so many revisions can go, and takes at most four times as many at once, so that it never
/// delays a commit by much.
const TRIM_STEP: u64 = 1_024;

/// The one thread that writes.
pub(super) struct Writer {
    connection: Connection,
    feed: Arc<Feed>,
    head: Revision,
    /// Changes up to this revision were trimmed.
    floor: Revision,
    kept_revisions: NonZeroU64,
}

/// A group that was made durable.
struct Committed {
    /// An answer per job.
    answers: Vec<Result<Revision, StoreError>>,
    changes: Vec<Change>,
    head: Revision,
    floor: Revision,
}

/// A group of which nothing was written.
struct Failed {
    error: StoreError,
    /// The writer cannot go on.
    fatal: bool,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        feed: Arc<Feed>,
        head: Revision,
        floor: Revision,
        kept_revisions: NonZeroU64,
    ) -> Self {
        Self { connection, feed, head, floor, kept_revisions }
    }

    /// Works until the queue is closed and empty, or the disk fails.
    pub(super) fn run(mut self, mut queue: Receiver<Job>) {
        // If this thread panics, the queue and with it every waiting caller's answer is dropped, and nobody may go on
        // as if nothing had happened.
        let on_panic = LoseOnPanic(self.feed.clone());
        while let Some(job) = queue.blocking_recv() {
            let mut scrub = None;
            let mut group = Vec::new();
            match job {
                Job::Commit(first) => {
                    let mut bytes = first.batch.bytes();
                    group.push(first);
                    while group.len() < GROUP_JOBS && bytes < GROUP_BYTES {
                        match queue.try_recv() {
                            Ok(Job::Commit(commit)) => {
                                bytes += commit.batch.bytes();
                                group.push(commit);
                            }
                            Ok(Job::Scrub(answer)) => {
                                scrub = Some(answer);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                }
                Job::Scrub(answer) => scrub = Some(answer),
            }
            if !group.is_empty() && !self.commit(group) {
                return;
            }
            if let Some(answer) = scrub {
                answer.send(self.scrub()).ok();
            }
        }
        drop(on_panic);
        // Leaves a small log behind. The log is as durable as the database, so nothing hangs on it.
        if let Err(error) = truncate_log(&self.connection) {
            tracing::warn!(%error, "the store's last checkpoint failed");
        }
    }

    /// Rewrites the database if it is not large, and empties the write-ahead log. Readers that are in it are not waited for
    /// long, since commits wait meanwhile.
    fn scrub(&self) -> Result<(), StoreError> {
        let patience = |time| self.connection.busy_timeout(time).map_err(sql_error);
        patience(SCRUB_PATIENCE)?;
        let scrubbed = rewrite_if_small(&self.connection).and_then(|()| truncate_log(&self.connection));
        patience(PATIENCE)?;
        scrubbed
    }

    /// Commits a group and answers everybody in it; `false` when the writer cannot go on.
    fn commit(&mut self, group: Vec<Commit>) -> bool {
        match self.try_commit(&group) {
            Ok(done) => {
                self.floor = done.floor;
                if done.head > self.head {
                    self.head = done.head;
                    // Before anybody is answered: who has the answer also meets it in the horizon.
                    self.feed.publish(done.changes, done.head);
                }
                for (job, answer) in group.into_iter().zip(done.answers) {
                    // The caller may have gone; the commit stays.
                    job.answer.send(answer).ok();
                }
                true
            }
            Err(failed) => {
                if failed.fatal {
                    self.feed.lose(&failed.error.to_string());
                } else {
                    tracing::warn!(error = %failed.error, "commits failed");
                }
                for job in group {
                    job.answer.send(Err(failed.error.clone())).ok();
                }
                !failed.fatal
            }
        }
    }

    fn try_commit(&mut self, group: &[Commit]) -> Result<Committed, Failed> {
        let mut done = Committed {
            answers: Vec::with_capacity(group.len()),
            changes: Vec::new(),
            head: self.head,
            floor: self.floor,
        };
        match write_group(&mut self.connection, group, &mut done, self.kept_revisions) {
            Ok(()) => Ok(done),
            // The transaction was rolled back when it went out of scope. If that did not work either, nothing more
            // can be known of this connection.
            Err(error) => {
                let fatal = !can_go_on(&error) || !self.connection.is_autocommit();
                Err(Failed { error: sql_error(error), fatal })
            }
        }
    }
}

fn write_group(
    connection: &mut Connection,
    group: &[Commit],
    done: &mut Committed,
    kept_revisions: NonZeroU64,
) -> rusqlite::Result<()> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in group {
        if let Some(key) = broken_precondition(&transaction, &job.batch)? {
            done.answers.push(Err(StoreError::Conflict { key }));
            continue;
        }
        if job.batch.writes().is_empty() {
            done.answers.push(Ok(done.head));
            continue;
        }
        let revision = done.head + 1;
        let savepoint = transaction.savepoint()?;
        match write_batch(&savepoint, &job.batch, revision) {
            Ok(keys) => {
                savepoint.commit()?;
                done.head = revision;
                done.changes.extend(keys.into_iter().map(|key| Change { revision, key }));
                done.answers.push(Ok(revision));
            }
            Err(error) => {
                // What concerns this job alone is undone alone. SQLite ends the whole transaction for some errors;
                // then the others' writes are gone too.
                drop(savepoint);
                if transaction.is_autocommit() || !is_of_one_job(&error) {
                    return Err(error);
                }
                done.answers.push(Err(sql_error(error)));
            }
        }
    }
    let wanted = done.head.saturating_sub(kept_revisions.get());
    if wanted >= done.floor + TRIM_STEP {
        let floor = wanted.min(done.floor + 4 * TRIM_STEP);
        transaction.prepare_cached("DELETE FROM changes WHERE revision <= ?1")?.execute([integer(floor)])?;
        done.floor = floor;
    }
    transaction.commit()
}

/// The first key whose precondition does not hold. Nothing is written before, so a conflict leaves nothing to undo.
fn broken_precondition(connection: &Connection, batch: &Batch) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT revision FROM records WHERE key = ?1")?;
    for (key, expect) in batch.expects() {
        let found: Option<i64> = statement.query_row([key], |row| row.get(0)).optional()?;
        let holds = match (expect, found) {
            (Expect::Absent, found) => found.is_none(),
            (Expect::At(expected), Some(found)) => revision(found).is_ok_and(|found| found == *expected),
            (Expect::At(_), None) => false,
        };
        if !holds {
            return Ok(Some(key.clone()));
        }
    }
    Ok(None)
}

/// `secure_delete` overwrites what is deleted, but where rows had moved between pages before, copies can stay in the unused
/// part of a page. Only a database that is written anew is free of them.
fn rewrite_if_small(connection: &Connection) -> Result<(), StoreError> {
    let number =
        |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(sql_error);
    if number("page_count")?.saturating_mul(number("page_size")?) > REWRITTEN_BYTES {
        return Ok(());
    }
    connection.execute_batch("VACUUM").map_err(sql_error)
}

/// Moves the write-ahead log into the database and leaves it empty.
fn truncate_log(connection: &Connection) -> Result<(), StoreError> {
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(sql_error)?;
    if busy { Err(StoreError::Busy("the write-ahead log is being read".to_owned())) } else { Ok(()) }
}

/// Does a batch's writes; returns what they changed, in order, each key once.
fn write_batch(
    savepoint: &Savepoint<'_>,
    batch: &Batch,
    revision: Revision,
) -> rusqlite::Result<Vec<String>> {
    let revision = integer(revision);
    let mut put = savepoint.prepare_cached(
        "INSERT INTO records(key, kind, format, revision, value) VALUES(?1, ?2, ?3, ?4, ?5)
         ON CONFLICT(key) DO UPDATE SET kind = ?2, format = ?3, revision = ?4, value = ?5",
    )?;
    let mut delete = savepoint.prepare_cached("DELETE FROM records WHERE key = ?1")?;
    for write in batch.writes() {
        match write {
            Write::Put { key, kind, format, value } => {
                put.execute(params![key, kind, format, revision, value])?
            }
            Write::Delete { key } => delete.execute([key])?,
        };
    }
    let mut keys: Vec<String> = batch.writes().iter().map(|write| write.key().to_owned()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut change = savepoint.prepare_cached("INSERT INTO changes(revision, key) VALUES(?1, ?2)")?;
    for key in &keys {
        change.execute(params![revision, key])?;
    }
    Ok(keys)
}

/// Whether an error lies in what one job wrote, so that the rest of the group can go on.
fn is_of_one_job(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::ConstraintViolation
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::DiskFull
        )
    )
}

/// Whether the writer can go on after a group failed with this error. After a failed write or flush it is not known
/// what is on the disk, and asking the system again may hide it.
fn can_go_on(error: &rusqlite::Error) -> bool {
    is_of_one_job(error)
        || matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OutOfMemory)
        )
}

/// Stops the store when the thread that has it panics.
pub(super) struct LoseOnPanic(pub(super) Arc<Feed>);

impl Drop for LoseOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lose("its writer thread panicked");
        }
    }
}
