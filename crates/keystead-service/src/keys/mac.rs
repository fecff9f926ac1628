use keystead_api::operations::{
    GenerateMacRequest, GenerateMacResponse, VerifyMacRequest, VerifyMacResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::MacAlgorithm;
use zeroize::Zeroizing;

use crate::call::{Call, Key};
use crate::keys::{base64, check_usable};
use crate::records::KeyKind;
use crate::vault::MacHandle;

/// Bytes of a message at most. None is published; it is what Encrypt takes.
const MAX_MESSAGE: usize = 6144;

/// `GenerateMac`
pub(crate) async fn generate(
    call: &Call<'_>,
    request: GenerateMacRequest,
) -> Result<GenerateMacResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let message = message(request.message.expose())?;
    let mac_key = open(call, &key, &key.value.primary_version, &request.algorithm).await?;
    Ok(GenerateMacResponse {
        algorithm: Some(mac_key.algorithm().name().into()),
        key_id: Some(key.value.key_id.as_str().to_owned()),
        mac: Some(base64::encode(&mac_key.sign(&message)).into()),
        ..GenerateMacResponse::default()
    })
}

/// `VerifyMac`
pub(crate) async fn verify(
    call: &Call<'_>,
    request: VerifyMacRequest,
) -> Result<VerifyMacResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let message = message(request.message.expose())?;
    let mac = base64::decode("Mac", &request.mac)?;
    let mac_key = open(call, &key, &key.value.primary_version, &request.algorithm).await?;
    Ok(VerifyMacResponse {
        algorithm: Some(mac_key.algorithm().name().into()),
        key_id: Some(key.value.key_id.as_str().to_owned()),
        value: Some(mac_key.verify(&message, &mac)),
        ..VerifyMacResponse::default()
    })
}

fn message(text: &str) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let message = Zeroizing::new(base64::decode("Message", text)?);
    if message.len() <= MAX_MESSAGE { Ok(message) } else { Err(ApiError::invalid_parameter("Message")) }
}

/// A version of the key, opened, if it can be used now and computes what `Algorithm` names; left empty, that is what the key
/// computes.
pub(crate) async fn open(
    call: &Call<'_>,
    key: &Key,
    version_id: &str,
    algorithm: &str,
) -> Result<MacHandle, ApiError> {
    let KeyKind::Mac(of_key) = key.value.spec.kind() else {
        return Err(ErrorCode::RejectedUnsupportedOperation.into());
    };
    if !algorithm.is_empty() && MacAlgorithm::find(algorithm) != Some(of_key) {
        return Err(ApiError::invalid_parameter("Algorithm"));
    }
    check_usable(&key.value, call.now)?;
    let engine = call.engine;
    Ok(engine.vault.mac_key(&engine.image, &key.value, version_id).await?)
}
