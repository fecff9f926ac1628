use keystead_api::ApiError;
use keystead_api::operations::{
    AsymmetricSignRequest, AsymmetricSignResponse, AsymmetricVerifyRequest, AsymmetricVerifyResponse,
};
use keystead_crypto::DIGEST_LEN;

use crate::call::Call;
use crate::keys::base64;
use crate::keys::pair::{Pair, failed, signature_algorithm};
use crate::records::KeyUsage;

/// `AsymmetricSign`
pub(crate) async fn sign(
    call: &Call<'_>,
    request: AsymmetricSignRequest,
) -> Result<AsymmetricSignResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let digest = digest(&request.digest)?;
    let pair = Pair::find(call, &key, &request.key_version_id, Some(KeyUsage::SignVerify)).await?;
    let algorithm = signature_algorithm(pair.spec, &request.algorithm)?;
    if call.dry_run {
        return Ok(AsymmetricSignResponse::default());
    }
    let random = call.engine.random.clone();
    let value = pair.private(move |key| key.sign(&*random, algorithm, &digest)).await?.map_err(failed)?;
    Ok(AsymmetricSignResponse {
        key_id: Some(key.value.key_id.as_str().to_owned()),
        key_version_id: Some(request.key_version_id),
        value: Some(base64::encode(&value).into()),
        ..AsymmetricSignResponse::default()
    })
}

/// `AsymmetricVerify`
pub(crate) async fn verify(
    call: &Call<'_>,
    request: AsymmetricVerifyRequest,
) -> Result<AsymmetricVerifyResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let digest = digest(&request.digest)?;
    let signature = base64::decode("Value", &request.value)?;
    let pair = Pair::find(call, &key, &request.key_version_id, Some(KeyUsage::SignVerify)).await?;
    let algorithm = signature_algorithm(pair.spec, &request.algorithm)?;
    if call.dry_run {
        return Ok(AsymmetricVerifyResponse::default());
    }
    let right = pair.public(move |key| key.verify(algorithm, &digest, &signature)).await?.map_err(failed)?;
    Ok(AsymmetricVerifyResponse {
        key_id: Some(key.value.key_id.as_str().to_owned()),
        key_version_id: Some(request.key_version_id),
        value: Some(right),
        ..AsymmetricVerifyResponse::default()
    })
}

fn digest(text: &str) -> Result<Vec<u8>, ApiError> {
    let digest = base64::decode("Digest", text)?;
    if digest.len() == DIGEST_LEN { Ok(digest) } else { Err(ApiError::invalid_parameter("Digest")) }
}
