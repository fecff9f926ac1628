use keystead_api::operations::{ReEncryptRequest, ReEncryptResponse};
use keystead_api::{ApiError, ErrorCode, SecretText};

use crate::call::{Call, Key};
use crate::keys::{asymmetric_cipher, base64, check_encrypts, check_usable, cipher};

/// `ReEncrypt`
pub(crate) async fn re_encrypt(
    call: &Call<'_>,
    request: ReEncryptRequest,
) -> Result<ReEncryptResponse, ApiError> {
    let given = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    let destination = call.key("DestinationKeyId", &request.destination_key_id).await?;
    check_encrypts(&destination.value)?;
    check_usable(&destination.value, call.now)?;

    let Opened { plaintext, key, version_id } = if given(request.source_key_id.as_deref()) {
        open_asymmetric(call, &request).await?
    } else if given(request.source_key_version_id.as_deref())
        || given(request.source_encryption_algorithm.as_deref())
    {
        // Half of what an asymmetric ciphertext needs.
        return Err(ApiError::new(ErrorCode::Missing("SourceKeyId")));
    } else {
        let context = request.source_encryption_context.as_ref();
        let (key, version_id, plaintext) = cipher::open(call, &request.ciphertext_blob, context).await?;
        Opened { plaintext, key, version_id }
    };
    let context = request.destination_encryption_context.as_ref();
    let blob = cipher::seal(call, &destination, context, plaintext.expose().as_bytes()).await?;
    Ok(ReEncryptResponse {
        ciphertext_blob: Some(blob.into()),
        key_id: Some(key.value.key_id.as_str().to_owned()),
        key_version_id: Some(version_id),
        ..ReEncryptResponse::default()
    })
}

struct Opened {
    plaintext: SecretText,
    key: Key,
    version_id: String,
}

/// What is under an asymmetric cipher are bytes. Under the symmetric one comes their base64 text: that is what
/// AsymmetricDecrypt would have given, and what GenerateDataKey seals.
async fn open_asymmetric(call: &Call<'_>, request: &ReEncryptRequest) -> Result<Opened, ApiError> {
    let key = call.key_if_given("SourceKeyId", request.source_key_id.as_deref().unwrap_or_default()).await?;
    let version_id = request.source_key_version_id.clone().unwrap_or_default();
    if version_id.is_empty() {
        return Err(ApiError::new(ErrorCode::Missing("SourceKeyVersionId")));
    }
    let algorithm = request.source_encryption_algorithm.as_deref().unwrap_or_default();
    let algorithm = ("SourceEncryptionAlgorithm", algorithm);
    let opened = asymmetric_cipher::open(call, &key, &version_id, algorithm, &request.ciphertext_blob).await;
    let plaintext = opened?;
    Ok(Opened { plaintext: base64::encode_secret(&plaintext), key, version_id })
}
