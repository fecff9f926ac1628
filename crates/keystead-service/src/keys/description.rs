use keystead_api::ApiError;
use keystead_api::operations::{UpdateKeyDescriptionRequest, UpdateKeyDescriptionResponse};

use crate::call::Call;
use crate::keys::create::MAX_DESCRIPTION;
use crate::keys::update_key;

/// `UpdateKeyDescription`: in every state of the key.
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateKeyDescriptionRequest,
) -> Result<UpdateKeyDescriptionResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    if request.description.chars().count() > MAX_DESCRIPTION {
        return Err(ApiError::invalid_parameter("Description"));
    }
    update_key(call.author(), call.account(), &key.value.key_id, call.now, |key, _| {
        let changed = key.description != request.description;
        key.description.clone_from(&request.description);
        Ok(changed)
    })
    .await?;
    Ok(UpdateKeyDescriptionResponse::default())
}
