use keystead_api::ApiError;
use keystead_api::operations::{GetPublicKeyRequest, GetPublicKeyResponse};

use crate::call::Call;
use crate::keys::pair::Pair;

/// `GetPublicKey`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetPublicKeyRequest,
) -> Result<GetPublicKeyResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let pair = Pair::find(call, &key, &request.key_version_id, None).await?;
    let pem = pair.open().await?.public_key().pem();
    Ok(GetPublicKeyResponse {
        key_id: Some(key.value.key_id.as_str().to_owned()),
        key_version_id: Some(request.key_version_id),
        public_key: Some(pem),
        ..GetPublicKeyResponse::default()
    })
}
