use keystead_api::operations::{DisableKeyRequest, DisableKeyResponse, EnableKeyRequest, EnableKeyResponse};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::Batch;

use crate::call::{Call, Key};
use crate::engine::{CommitError, retrying};
use crate::image::{ImageError, Versioned, decode};
use crate::keys::create::encode;
use crate::records::{KeyRecord, KeyState, path};

/// `EnableKey`
pub(crate) async fn enable(
    call: &Call<'_>,
    request: EnableKeyRequest,
) -> Result<EnableKeyResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    switch(call, &key, KeyState::Enabled).await?;
    Ok(EnableKeyResponse::default())
}

/// `DisableKey`
pub(crate) async fn disable(
    call: &Call<'_>,
    request: DisableKeyRequest,
) -> Result<DisableKeyResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    switch(call, &key, KeyState::Disabled).await?;
    Ok(DisableKeyResponse::default())
}

/// Moves a key between Enabled and Disabled; from any other state that is refused.
async fn switch(call: &Call<'_>, key: &Key, to: KeyState) -> Result<(), ApiError> {
    update(call, &key.value, |key| {
        match key.state {
            KeyState::Enabled | KeyState::Disabled => {}
            KeyState::PendingDeletion | KeyState::PendingImport => {
                return Err(ErrorCode::RejectedStateModifiedFailed.into());
            }
        }
        if key.state == to {
            return Ok(false);
        }
        key.state = to;
        key.state_epoch += 1;
        Ok(true)
    })
    .await
}

/// Changes a key's record as it stands in the store; `change` says whether there is anything to write.
async fn update(
    call: &Call<'_>,
    key: &KeyRecord,
    change: impl Fn(&mut KeyRecord) -> Result<bool, ApiError>,
) -> Result<(), ApiError> {
    let engine = call.engine;
    let at = path::key(&key.account, &key.key_id);
    retrying!({
        let record = engine.store.get(&at).await.map_err(|error| ApiError::from(ImageError::from(error)))?;
        let record = record.ok_or(ApiError::new(ErrorCode::ForbiddenKeyNotFound))?;
        let Versioned { mut value, .. } = decode::<KeyRecord>(&record).map_err(ApiError::from)?;
        if change(&mut value)? {
            let mut batch = Batch::new();
            batch.replace(&record, encode(&value)?);
            engine.commit(batch).await?;
        }
        Ok::<_, CommitError>(())
    })
}
