//! Loading many records fast: few large commits instead of many small ones.

use crate::{Batch, Revision, Store, StoreError};

/// Collects records and commits them in batches. Each batch is atomic, the load as a whole is not. Each call waits
/// for the commit that it causes, so at most one batch is in memory.
///
/// ```
/// # use keystead_store::{Store, StoreError, bulk::Loader};
/// # async fn example(store: &dyn Store) -> Result<(), StoreError> {
/// let mut loader = Loader::new(store);
/// for number in 0..100_000 {
///     loader.create(format!("a/1/key/{number:06}"), "key", 1, *b"{}").await?;
/// }
/// let revision = loader.finish().await?;
/// # Ok(()) }
/// ```
pub struct Loader<'a> {
    store: &'a dyn Store,
    batch: Batch,
    bytes: usize,
    last: Revision,
}

/// A commit happens when this many records are waiting.
const BATCH_RECORDS: usize = 5_000;

/// A commit happens when the waiting records are this large, in bytes.
const BATCH_BYTES: usize = 8 << 20;

impl<'a> Loader<'a> {
    /// A loader into `store`.
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store, batch: Batch::new(), bytes: 0, last: 0 }
    }

    /// Creates or overwrites a record.
    ///
    /// # Errors
    /// Those of [`Store::commit`]; the batch that failed is dropped, those before it stay.
    pub async fn put(
        &mut self,
        key: impl Into<String>,
        kind: impl Into<String>,
        format: u16,
        value: impl Into<Vec<u8>>,
    ) -> Result<(), StoreError> {
        self.batch.put(key, kind, format, value);
        self.added().await
    }

    /// Creates a record that must not be there yet.
    ///
    /// # Errors
    /// Those of [`Store::commit`]; the batch that failed is dropped, those before it stay.
    pub async fn create(
        &mut self,
        key: impl Into<String>,
        kind: impl Into<String>,
        format: u16,
        value: impl Into<Vec<u8>>,
    ) -> Result<(), StoreError> {
        self.batch.create(key, kind, format, value);
        self.added().await
    }

    /// Commits what is waiting. Returns the revision of the last commit, 0 when there was none.
    ///
    /// # Errors
    /// Those of [`Store::commit`].
    pub async fn finish(mut self) -> Result<Revision, StoreError> {
        self.flush().await?;
        Ok(self.last)
    }

    async fn added(&mut self) -> Result<(), StoreError> {
        if let Some(crate::Write::Put { value, .. }) = self.batch.writes().last() {
            self.bytes += value.len();
        }
        if self.batch.writes().len() >= BATCH_RECORDS || self.bytes >= BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if !batch.is_empty() {
            self.last = self.store.commit(batch).await?;
        }
        Ok(())
    }
}
