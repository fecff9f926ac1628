use keystead_api::{ApiError, ErrorCode};
use keystead_store::Batch;
use smallvec::SmallVec;

use crate::engine::Engine;
use crate::image::{ImageError, decode};
use crate::keys::create::encode;
use crate::records::{Id, InstanceUseRecord, path};

/// What a batch changes in how much instances hold. Entered last, because each instance's count is written once.
#[derive(Default)]
pub(crate) struct UseChange(SmallVec<[(Id, Held); 2]>);

/// How much more, or less.
#[derive(Clone, Copy, Default)]
struct Held {
    keys: i64,
    secrets: i64,
}

impl UseChange {
    /// So many key versions more in an instance, or less; nothing when it is in none.
    pub(crate) fn of_keys(instance: Option<&Id>, more: i64) -> Self {
        let mut change = Self::default();
        if let Some(held) = change.of(instance) {
            held.keys += more;
        }
        change
    }

    /// So many secrets more in an instance, or less.
    pub(crate) fn of_secrets(instance: Option<&Id>, more: i64) -> Self {
        let mut change = Self::default();
        change.add_secrets(instance, more);
        change
    }

    /// The same beside what it says already.
    pub(crate) fn add_secrets(&mut self, instance: Option<&Id>, more: i64) {
        if let Some(held) = self.of(instance) {
            held.secrets += more;
        }
    }

    fn of(&mut self, instance: Option<&Id>) -> Option<&mut Held> {
        let id = instance?;
        let at = self.0.iter().position(|(known, _)| known == id).unwrap_or_else(|| {
            self.0.push((*id, Held::default()));
            self.0.len() - 1
        });
        Some(&mut self.0[at].1)
    }

    /// Enters it into the batch, on the condition that the counts are as they were read.
    ///
    /// # Errors
    /// 400 `Rejected.LimitExceeded` when an instance would hold more than its quota; 403 `Forbidden.DKMSInstanceNotFound` when
    /// more is to be in one that is gone.
    pub(crate) async fn enter(self, engine: &Engine, batch: &mut Batch) -> Result<(), ApiError> {
        for (id, more) in self.0 {
            if more.keys == 0 && more.secrets == 0 {
                continue;
            }
            let grows = more.keys > 0 || more.secrets > 0;
            let at = path::instance_use(&id);
            let Some(record) = engine.store.get(&at).await.map_err(ImageError::from)? else {
                // What was in a released instance is removed without counting.
                if grows {
                    return Err(ErrorCode::ForbiddenDkmsInstanceNotFound.into());
                }
                continue;
            };
            let held = decode::<InstanceUseRecord>(&record)?.value;
            let (key_quota, secret_quota) = if grows {
                let instance = engine.instance(&id).await?.ok_or(ErrorCode::ForbiddenDkmsInstanceNotFound)?;
                (instance.value.key_quota, instance.value.secret_quota)
            } else {
                (u32::MAX, u32::MAX)
            };
            let keys = sum(held.keys, more.keys, key_quota)?;
            let secrets = sum(held.secrets, more.secrets, secret_quota)?;
            batch.replace(&record, encode(&InstanceUseRecord { keys, secrets })?);
        }
        Ok(())
    }
}

/// What is held then; only what grows meets the quota.
fn sum(held: u32, more: i64, quota: u32) -> Result<u32, ApiError> {
    let sum = i64::from(held) + more;
    if more > 0 && sum > i64::from(quota) {
        return Err(ErrorCode::RejectedLimitExceeded.into());
    }
    Ok(u32::try_from(sum.max(0)).unwrap_or(u32::MAX))
}
