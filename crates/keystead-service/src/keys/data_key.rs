use keystead_api::operations::{
    GenerateDataKeyRequest, GenerateDataKeyResponse, GenerateDataKeyWithoutPlaintextRequest,
    GenerateDataKeyWithoutPlaintextResponse,
};
use keystead_api::{ApiError, EncryptionContext, ErrorCode, SecretText};
use keystead_crypto::KeyMaterial;

use crate::call::{Call, Key};
use crate::keys::base64;
use crate::keys::cipher::seal;
use crate::keys::create::no_randomness;

/// Bytes of a data key at most (KMS API reference, GenerateDataKey).
pub(crate) const MAX_DATA_KEY: i64 = 1024;

/// `GenerateDataKey`
pub(crate) async fn generate(
    call: &Call<'_>,
    request: GenerateDataKeyRequest,
) -> Result<GenerateDataKeyResponse, ApiError> {
    if request.recipient.is_some() {
        // Attestation documents of the vendor's enclaves cannot be checked here.
        return Err(ErrorCode::UnsupportedOperation.into());
    }
    let key = call.key("KeyId", &request.key_id).await?;
    let len = data_key_len(request.key_spec.as_deref(), request.number_of_bytes)?;
    let (plaintext, ciphertext_blob) = make(call, &key, len, request.encryption_context.as_ref()).await?;
    Ok(GenerateDataKeyResponse {
        ciphertext_blob: ciphertext_blob.into(),
        key_id: key.value.key_id.as_str().to_owned(),
        key_version_id: key.value.primary_version.as_str().to_owned(),
        plaintext: plaintext.into(),
        ..GenerateDataKeyResponse::default()
    })
}

/// `GenerateDataKeyWithoutPlaintext`
pub(crate) async fn generate_without_plaintext(
    call: &Call<'_>,
    request: GenerateDataKeyWithoutPlaintextRequest,
) -> Result<GenerateDataKeyWithoutPlaintextResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let len = data_key_len(request.key_spec.as_deref(), request.number_of_bytes)?;
    let (_, ciphertext_blob) = make(call, &key, len, request.encryption_context.as_ref()).await?;
    Ok(GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: ciphertext_blob.into(),
        key_id: key.value.key_id.as_str().to_owned(),
        key_version_id: key.value.primary_version.as_str().to_owned(),
        ..GenerateDataKeyWithoutPlaintextResponse::default()
    })
}

/// Draws a data key and seals it. What is under the cipher is the base64 text, so that Decrypt gives back the same text
/// that GenerateDataKey gave.
pub(crate) async fn make(
    call: &Call<'_>,
    key: &Key,
    len: usize,
    context: Option<&EncryptionContext>,
) -> Result<(SecretText, String), ApiError> {
    let data_key = KeyMaterial::generate(&*call.engine.random, len).map_err(no_randomness)?;
    let plaintext = base64::encode_secret(data_key.expose());
    let blob = seal(call, key, context, plaintext.expose().as_bytes()).await?;
    Ok((plaintext, blob))
}

/// `NumberOfBytes` (1 to 1,024) wins over `KeySpec`; neither means 32 bytes. 0 is taken as not given.
pub(crate) fn data_key_len(spec: Option<&str>, number_of_bytes: Option<i64>) -> Result<usize, ApiError> {
    let by_spec = match spec {
        None | Some("" | "AES_256") => 32,
        Some("AES_128") => 16,
        Some(_) => return Err(ApiError::invalid_parameter("KeySpec")),
    };
    match number_of_bytes {
        None | Some(0) => Ok(by_spec),
        Some(bytes @ 1..=MAX_DATA_KEY) => {
            usize::try_from(bytes).map_err(|_| ApiError::invalid_parameter("NumberOfBytes"))
        }
        Some(_) => Err(ApiError::invalid_parameter("NumberOfBytes")),
    }
}
