use std::path::PathBuf;
use std::pin::Pin;

use tokio::sync::watch;

use crate::{Batch, Changes, Horizon, Range, Record, Revision, StoreError};

/// The answer of a store, on its way. It borrows the store alone.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The contract of a store.
///
/// - A commit is atomic, durable when it is acknowledged, and has the next revision.
/// - Commits are totally ordered. A read sees every commit that was acknowledged before the read began, and of each
///   commit everything or nothing.
/// - Nothing happens before a future is polled. A future may be dropped at any time; a commit whose future is dropped
///   happens wholly or not at all.
///
/// Besides the errors named below every method can answer [`StoreError::Unavailable`] (the backend does not work),
/// [`StoreError::Busy`] (not now) and [`StoreError::Corrupt`] (what is stored is damaged). The futures want a tokio
/// runtime.
pub trait Store: Send + Sync + 'static {
    /// The record at `key`, if there is one.
    fn get(&self, key: &str) -> StoreFuture<'_, Option<Record>>;

    /// The records at `keys`, in that order, all as of one revision.
    fn get_many(&self, keys: Vec<String>) -> StoreFuture<'_, Vec<Option<Record>>>;

    /// The records in `range` in the order of their keys, beginning behind the key `after` (which need not exist), all
    /// as of one revision. At most `limit` of them and never more than [`MAX_SCAN`](crate::MAX_SCAN); a page with fewer
    /// than `limit.min(MAX_SCAN)` records is the last one. Pages are not of one revision with each other.
    fn scan(&self, range: Range, after: Option<String>, limit: usize) -> StoreFuture<'_, Vec<Record>>;

    /// How many records are in `range`, as of one revision. The work grows with the answer.
    fn count(&self, range: Range) -> StoreFuture<'_, u64>;

    /// Checks the batch's preconditions and does its writes, as one step that nobody sees half of. Durable when it
    /// resolves with its revision. A batch without writes answers the revision at which its preconditions held.
    ///
    /// Errors: [`StoreError::Conflict`] when a precondition does not hold and [`StoreError::Invalid`] when the batch
    /// breaks a limit: nothing happened. [`StoreError::Busy`]: nothing happened. [`StoreError::Unavailable`]: it is
    /// unknown whether it happened.
    fn commit(&self, batch: Batch) -> StoreFuture<'_, Revision>;

    /// What changed after the revision `after`, oldest first: about `limit` entries, and never part of a revision
    /// only, so that one large commit can be more than the limit. Own commits and deletions are in it. `through` is
    /// never less than what [`Store::horizon`] told before the call, unless the limit cut the page short.
    ///
    /// Errors: [`StoreError::FeedGap`] when `after` is older than what is kept or newer than the head.
    fn changes(&self, after: Revision, limit: usize) -> StoreFuture<'_, Changes>;

    /// What an image must have applied before it may serve. Takes no lock and does no I/O, for it is asked on every
    /// request. Covers every commit that was acknowledged before the call, on any node.
    fn horizon(&self) -> Horizon;

    /// Tells that there are new changes or that the horizon was lost. A hint: it may tell late or twice, and the
    /// revision in it may be older than the head. The sender goes when the store does.
    fn head_watch(&self) -> watch::Receiver<Revision>;

    /// Removes what was deleted or replaced by commits that were acknowledged before from the backend's own files, as
    /// far as the backend can in a moment. Commits wait meanwhile; for the few times when what was deleted must not be found any more.
    /// Copies that were made before ([`Store::backup`], snapshots of a disk) keep what they have.
    ///
    /// Errors: [`StoreError::Busy`] when others read what is to be removed; nothing is lost by trying again.
    fn scrub(&self) -> StoreFuture<'_, ()>;

    /// Writes a copy of the whole store, as of one revision, to the new file `to`, while reads and writes go on. The
    /// file is there only when it is complete. What kind of file it is, the backend says.
    ///
    /// Errors: [`StoreError::Io`] when the file exists already or cannot be written.
    fn backup(&self, to: PathBuf) -> StoreFuture<'_, ()>;
}
