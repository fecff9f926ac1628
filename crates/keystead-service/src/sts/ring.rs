//! The ring of keys that session tokens are sealed under.
//!
//! It stands in one record, which every node reads through its image. A new key is made when the newest is a day old and a
//! session is to be issued; an old one is kept for as long as a token that it sealed can live.

use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::KeyMaterial;
use keystead_store::Batch;

use crate::audit::ServiceWork;
use crate::engine::{CommitError, Engine, retrying};
use crate::image::{ImageError, decode};
use crate::install::KEY_LEN;
use crate::records::{Stored as _, TokenKey, TokenKeysRecord, path};
use crate::vault::VersionHandle;

/// A key seals new tokens for this long, in seconds.
const SEALS_FOR: i64 = 86_400;
/// After its successor was made, a key is kept for this long, in seconds: the longest session, and an hour for clocks that
/// differ.
const OPENS_FOR: i64 = super::MAX_SESSION + 3_600;

/// The key that seals now, and its number.
pub(crate) struct SealingTokenKey {
    pub(crate) id: u32,
    pub(crate) key: VersionHandle,
}

impl Engine {
    /// The key to seal a new token under; made when there is none, or when the newest is a day old.
    pub(crate) async fn sealing_token_key(&self, now: Timestamp) -> Result<SealingTokenKey, ApiError> {
        if let Some(ring) = self.image.get::<TokenKeysRecord>(path::TOKEN_KEYS).await?
            && let Some(newest) = ring.value.keys.last()
            && now < newest.created.plus(SEALS_FOR)
        {
            return Ok(SealingTokenKey { id: newest.id, key: self.vault.token_key(newest, ring.revision)? });
        }
        let (ring, revision) = retrying!({ self.renew_token_keys(now).await })?;
        let newest = ring.keys.last().ok_or(ErrorCode::InternalFailure)?;
        Ok(SealingTokenKey { id: newest.id, key: self.vault.token_key(newest, revision)? })
    }

    /// Adds a key to the ring, unless somebody else just did, and drops those that no living token needs.
    async fn renew_token_keys(&self, now: Timestamp) -> Result<(TokenKeysRecord, u64), CommitError> {
        let record = self
            .store
            .get(path::TOKEN_KEYS)
            .await
            .map_err(|error| ApiError::from(ImageError::from(error)))?;
        let mut ring = match &record {
            Some(record) => decode::<TokenKeysRecord>(record).map_err(ApiError::from)?.value,
            None => TokenKeysRecord { keys: Vec::new() },
        };
        if let (Some(record), Some(newest)) = (&record, ring.keys.last())
            && now < newest.created.plus(SEALS_FOR)
        {
            return Ok((ring, record.revision));
        }
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "no key for session tokens can be made");
            ApiError::from(ErrorCode::InternalFailure)
        };
        // Numbers only rise, so a token tells by its number whether its key is gone or was never there.
        let id = ring.keys.last().map_or(1, |newest| newest.id.saturating_add(1));
        let material = KeyMaterial::generate(&*self.random, KEY_LEN).map_err(|error| failed(&error))?;
        let sealed_key =
            self.vault.seal_token_key(&*self.random, id, &material).map_err(|error| failed(&error))?;
        ring.keys.push(TokenKey { id, created: now, sealed_key });
        let successors: Vec<Timestamp> = ring.keys.iter().skip(1).map(|key| key.created).collect();
        let mut index = 0;
        ring.keys.retain(|_| {
            let needed = successors.get(index).is_none_or(|next| now <= next.plus(OPENS_FOR));
            index += 1;
            needed
        });
        let value = serde_json::to_vec(&ring).map_err(|error| failed(&error))?;
        let mut batch = Batch::new();
        match &record {
            Some(record) => {
                batch.replace(record, value);
            }
            None => {
                batch.create(path::TOKEN_KEYS, TokenKeysRecord::KIND, TokenKeysRecord::FORMAT, value);
            }
        }
        // On nobody's behalf: whoever asks for a session just then did not ask for this.
        let work = ServiceWork::administration(self, "RenewTokenKeys", "", "", "");
        let committed = work.author(self).commit(batch).await;
        let result = match &committed {
            Err(CommitError::Failed(error)) => Err(error.clone()),
            _ => Ok(()),
        };
        work.finish(self, &result).await;
        let revision = committed?;
        tracing::info!(key = id, "a new key seals session tokens");
        Ok((ring, revision))
    }
}
