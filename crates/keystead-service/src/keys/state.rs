use keystead_api::operations::{DisableKeyRequest, DisableKeyResponse, EnableKeyRequest, EnableKeyResponse};
use keystead_api::{ApiError, ErrorCode};

use crate::call::{Call, Key};
use crate::keys::update_key;
use crate::records::KeyState;

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
    update_key(call.author(), &key.value.account, &key.value.key_id, call.now, |key, _| {
        match key.state_at(call.now) {
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
    .await?;
    Ok(())
}
