//! When AccessKeys were last used: kept in memory by every request that was authenticated, written to the store now and
//! then and when the server stops. After a crash, what was not written yet is forgotten.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keystead_api::{ApiError, Product, Timestamp};
use keystead_store::{Batch, StoreError};
use tokio::sync::watch;

use crate::engine::Engine;
use crate::image::{ImageError, decode};
use crate::keys::create::encode;
use crate::records::{AccessKeyRecord, AccessKeyUseRecord, Stored, path};

/// Between two writes. RAM's own dates are late by hours.
const BETWEEN_WRITES: Duration = Duration::from_secs(180);
/// AccessKeys that are written in one commit.
const CHUNK: usize = 200;

/// When one AccessKey was last used. The opened AccessKey holds it, so that a request needs no look-up.
#[derive(Debug, Default)]
pub(crate) struct UseMark {
    /// Seconds since 1970, times four, and the product's number; 0 for never.
    last: AtomicU64,
    /// What of it stands in the store.
    written: AtomicU64,
}

impl UseMark {
    /// Notes a use. Within the same second it only reads.
    pub(crate) fn note(&self, now: Timestamp, product: Product) {
        let index = Product::ALL.iter().position(|known| *known == product).unwrap_or_default();
        let value = now.0.unsigned_abs() << 2 | (index as u64 & 3);
        if self.last.load(Ordering::Relaxed) >> 2 != value >> 2 {
            self.last.fetch_max(value, Ordering::Relaxed);
        }
    }
}

fn open(value: u64) -> Option<AccessKeyUseRecord> {
    let product = Product::ALL.get((value & 3) as usize)?;
    let used = i64::try_from(value >> 2).ok().filter(|seconds| *seconds > 0)?;
    Some(AccessKeyUseRecord { used: Timestamp(used), service: product.name().to_owned() })
}

/// The marks of all AccessKeys that are opened, or whose last use is not written yet.
#[derive(Debug, Default)]
pub(crate) struct LastUses {
    marks: Mutex<HashMap<String, Arc<UseMark>>>,
}

impl LastUses {
    /// The mark of an AccessKey. Taken when it is opened, not when it is used.
    pub(crate) fn mark(&self, access_key_id: &str) -> Arc<UseMark> {
        self.all().entry(access_key_id.to_owned()).or_default().clone()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Arc<UseMark>>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, access_key_id: &str) -> Option<AccessKeyUseRecord> {
        self.all().get(access_key_id).and_then(|mark| open(mark.last.load(Ordering::Relaxed)))
    }

    /// What is to be written. Forgets marks of AccessKeys that are not open any more and whose use is written.
    fn unwritten(&self) -> Vec<(String, Arc<UseMark>, u64)> {
        let mut all = self.all();
        let dirty = |mark: &UseMark| {
            let last = mark.last.load(Ordering::Relaxed);
            (last != mark.written.load(Ordering::Relaxed)).then_some(last)
        };
        all.retain(|_, mark| Arc::strong_count(mark) > 1 || dirty(mark).is_some());
        all.iter().filter_map(|(id, mark)| dirty(mark).map(|last| (id.clone(), mark.clone(), last))).collect()
    }
}

impl Engine {
    /// When and for which product an AccessKey was last used, as far as it is known here.
    pub(crate) async fn access_key_use(&self, id: &str) -> Result<Option<AccessKeyUseRecord>, ApiError> {
        let stored = self.image.get::<AccessKeyUseRecord>(&path::access_key_use(id)).await?;
        let stored = stored.map(|record| record.value.clone());
        let here = self.vault.last_uses().get(id);
        Ok(match (stored, here) {
            (Some(stored), Some(here)) => Some(if stored.used > here.used { stored } else { here }),
            (stored, here) => stored.or(here),
        })
    }

    /// Writes what is known of the last uses of AccessKeys and not yet in the store.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was not written is kept for the next time.
    pub async fn write_last_uses(&self) -> Result<(), StoreError> {
        let unwritten = self.vault.last_uses().unwritten();
        for chunk in unwritten.chunks(CHUNK) {
            match self.write_uses_of(chunk).await {
                // Somebody changed one of the AccessKeys meanwhile: the next time.
                Ok(()) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn write_uses_of(&self, chunk: &[(String, Arc<UseMark>, u64)]) -> Result<(), StoreError> {
        let keys = chunk.iter().map(|(id, ..)| path::access_key(id)).collect();
        let uses = chunk.iter().map(|(id, ..)| path::access_key_use(id)).collect();
        let (keys, uses) = (self.store.get_many(keys).await?, self.store.get_many(uses).await?);
        let mut batch = Batch::new();
        for (((id, _, last), key), stored) in chunk.iter().zip(keys).zip(uses) {
            // Deleted meanwhile: nothing is to come back.
            let (Some(key), Some(here)) = (key, open(*last)) else { continue };
            debug_assert_eq!(key.kind, AccessKeyRecord::KIND);
            let known = stored.as_ref().and_then(|record| decode::<AccessKeyUseRecord>(record).ok());
            if known.is_some_and(|known| known.value.used >= here.used) {
                continue;
            }
            let Ok(value) = encode(&here) else { continue };
            batch.expect_at(key.key, key.revision);
            batch.put(path::access_key_use(id), AccessKeyUseRecord::KIND, AccessKeyUseRecord::FORMAT, value);
        }
        if !batch.writes().is_empty() {
            self.store.commit(batch).await?;
        }
        for (_, mark, last) in chunk {
            mark.written.store(*last, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Writes the last uses of AccessKeys every few minutes until `stop` says so, and then once more.
pub async fn write_last_uses(engine: Arc<Engine>, mut stop: watch::Receiver<bool>) {
    loop {
        // A sender that is gone means that nobody can stop this any other way.
        let stopped = tokio::time::timeout(BETWEEN_WRITES, stop.wait_for(|stop| *stop)).await.is_ok();
        if let Err(error) = engine.write_last_uses().await {
            tracing::warn!(error = %ImageError::from(error), "the last uses of AccessKeys cannot be written");
        }
        if stopped {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_newest_use_counts_and_what_is_written_and_closed_is_forgotten() {
        let uses = LastUses::default();
        let mark = uses.mark("LTAI1");
        assert_eq!(uses.get("LTAI1"), None);
        mark.note(Timestamp(1_800_000_005), Product::Ram);
        mark.note(Timestamp(1_800_000_003), Product::Kms);
        let used = uses.get("LTAI1").unwrap();
        assert_eq!((used.used, used.service.as_str()), (Timestamp(1_800_000_005), "Ram"));

        let unwritten = uses.unwritten();
        assert_eq!(unwritten.len(), 1);
        unwritten[0].1.written.store(unwritten[0].2, Ordering::Relaxed);
        drop(unwritten);
        assert!(uses.unwritten().is_empty() && uses.all().len() == 1, "it is still open");
        drop(mark);
        assert!(uses.unwritten().is_empty() && uses.all().is_empty());
    }
}
