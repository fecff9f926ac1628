//! The embedded backend: one SQLite database in one folder, for one process.
//!
//! - `keystead.db` (and SQLite's `-wal` and `-shm` beside it) holds the records, `lock` keeps a second process out.
//!   The folder is for its owner alone (0700), and so is every file in it (0600).
//! - One thread writes. Commits that arrive while another is being made durable share the next flush to disk. Reads
//!   use a few connections of their own, on tokio's blocking pool, and never wait for the writer.
//! - When the disk fails, the store stops for good: everything answers [`StoreError::Unavailable`] and the horizon is
//!   [`Horizon::Lost`]. Opening the folder again finds what was acknowledged. A full disk fails the commits that do
//!   not fit and nothing else.
//! - What was deleted or replaced is overwritten with zeros in the database; old pages may stay in the `-wal` file
//!   until SQLite uses that space again, and copies of rows that had moved in the unused part of pages. [`Store::scrub`]
//!   empties that file and writes a database of up to 64 MiB anew; closing the store empties the file. A backup holds
//!   nothing but what is stored.
//!
//! [`Store::backup`] writes a database file of the same kind. Put into an empty folder as [`DATABASE_FILE`], it can be
//! opened.

mod database;
#[cfg(test)]
mod failures;
mod feed;
mod folder;
mod reader;
mod writer;

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot, watch};

use self::feed::Feed;
use self::folder::Folder;
use self::reader::Readers;
use self::writer::{Commit, Job, Writer};
use crate::{
    Batch, Changes, Horizon, MAX_CHANGES, MAX_SCAN, Range, Record, Revision, Store, StoreError, StoreFuture,
};

/// The database's file name in its folder.
pub const DATABASE_FILE: &str = "keystead.db";

/// The lock's file name in the folder; it holds the process id of whoever has it.
pub const LOCK_FILE: &str = "lock";

/// The format that this version writes, and the newest that it can open.
pub const FORMAT: u32 = 1;

/// How many commits wait for the writer before callers have to wait for a place.
const QUEUE: usize = 1_024;

/// How an embedded store is sized.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// Connections for reading: so many reads happen at once.
    pub readers: usize,
    /// How many revisions the change feed reaches back, at least.
    pub kept_revisions: NonZeroU64,
    /// How many entries of the change feed are kept in memory, so that following it needs no I/O.
    pub recent_changes: usize,
}

/// 4 connections, 1,000,000 revisions, 65,536 entries.
impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            kept_revisions: NonZeroU64::new(1_000_000).unwrap_or(NonZeroU64::MIN),
            recent_changes: 65_536,
        }
    }
}

/// A store in a folder. Dropping it finishes the commits that are queued, waits for them, and frees the folder.
pub struct EmbeddedStore {
    feed: Arc<Feed>,
    readers: Arc<Readers>,
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    // The last field, hence dropped last: the folder is free when nobody works in it any more.
    folder: Folder,
}

impl EmbeddedStore {
    /// Opens the store in `dir`, making the folder and the store when they are not there. Blocks; does file I/O.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process (or this one) has the folder open, [`StoreError::NewerFormat`] when
    /// a newer version wrote it, [`StoreError::Corrupt`] when the database is damaged or another program's,
    /// [`StoreError::Io`] when the folder cannot be made, read or protected.
    pub fn open(dir: &Path, options: EmbeddedOptions) -> Result<Self, StoreError> {
        Self::open_prepared(dir, options, |_| Ok(()))
    }

    /// `prepare` gets the writer's connection before it works; tests make it fail so.
    fn open_prepared(
        dir: &Path,
        options: EmbeddedOptions,
        prepare: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<()>,
    ) -> Result<Self, StoreError> {
        database::assert_version()?;
        let folder = Folder::lock(dir)?;
        let path = folder.database_file()?;
        let mut connection = database::open_for_writing(&path)?;
        database::bring_up_to_date(&mut connection)?;
        folder.protect_database_files()?;
        let head = database::head(&connection)?;
        let floor = database::floor(&connection)?;
        prepare(&connection).map_err(database::sql_error)?;

        let readers = Arc::new(Readers::open(&path, options.readers.max(1))?);
        let feed = Arc::new(Feed::new(head, options.recent_changes));
        let (jobs, queue) = mpsc::channel(QUEUE);
        let writer = Writer::new(connection, feed.clone(), head, floor, options.kept_revisions);
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(queue))
            .map_err(|error| StoreError::io("cannot start the store's writer thread", error))?;
        Ok(Self { feed, readers, jobs: Some(jobs), writer: Some(writer), folder })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    async fn submit(&self, batch: Batch) -> Result<Revision, StoreError> {
        batch.validate()?;
        self.hand_over(|answer| Job::Commit(Commit { batch, answer })).await
    }

    /// Gives the writer a job and waits for its answer.
    async fn hand_over<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        self.feed.check()?;
        let (answer, answered) = oneshot::channel();
        let Some(jobs) = &self.jobs else { return Err(self.feed.lost()) };
        // From here on the writer owns the job: whoever drops this future does not stop it.
        jobs.send(job(answer)).await.map_err(|_| self.feed.lost())?;
        answered.await.map_err(|_| self.feed.lost())?
    }

    /// Reads on the blocking pool.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut rusqlite::Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.feed.check()?;
        self.readers.run(work).await
    }
}

impl Store for EmbeddedStore {
    fn get(&self, key: &str) -> StoreFuture<'_, Option<Record>> {
        let key = key.to_owned();
        Box::pin(self.read(move |connection| reader::get(connection, key)))
    }

    fn get_many(&self, keys: Vec<String>) -> StoreFuture<'_, Vec<Option<Record>>> {
        Box::pin(self.read(move |connection| reader::get_many(connection, keys)))
    }

    fn scan(&self, range: Range, after: Option<String>, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        let limit = limit.min(MAX_SCAN);
        Box::pin(self.read(move |connection| reader::scan(connection, &range, after.as_deref(), limit)))
    }

    fn count(&self, range: Range) -> StoreFuture<'_, u64> {
        Box::pin(self.read(move |connection| reader::count(connection, &range)))
    }

    fn commit(&self, batch: Batch) -> StoreFuture<'_, Revision> {
        Box::pin(self.submit(batch))
    }

    fn changes(&self, after: Revision, limit: usize) -> StoreFuture<'_, Changes> {
        Box::pin(async move {
            self.feed.check()?;
            let limit = limit.clamp(1, MAX_CHANGES);
            match self.feed.recent(after, limit) {
                Some(changes) => Ok(changes),
                None => self.read(move |connection| reader::changes(connection, after, limit)).await,
            }
        })
    }

    fn horizon(&self) -> Horizon {
        self.feed.horizon()
    }

    fn head_watch(&self) -> watch::Receiver<Revision> {
        self.feed.watch()
    }

    fn scrub(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.hand_over(Job::Scrub))
    }

    fn backup(&self, to: PathBuf) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.feed.check()?;
            let database = self.folder.path().join(DATABASE_FILE);
            reader::blocking(move || database::copy(&database, &to)).await
        })
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        // The writer ends when the queue is empty and nobody can add to it.
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer thread had panicked");
        }
    }
}
