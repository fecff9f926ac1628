use keystead_api::operations::{DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse};
use keystead_api::{ApiError, EncryptionContext, ErrorCode, SecretText};
use keystead_crypto::{MessageBlob, OpenError, sha256};
use zeroize::Zeroizing;

use crate::call::{Call, Key};
use crate::keys::{check_encrypts, check_usable};

/// Bytes of plaintext at most (KMS API reference, Encrypt). The text is counted as it was sent: it is opaque.
pub(crate) const MAX_PLAINTEXT: usize = 6144;

/// `Encrypt`
pub(crate) async fn encrypt(call: &Call<'_>, request: EncryptRequest) -> Result<EncryptResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    if request.plaintext.len() > MAX_PLAINTEXT {
        return Err(ApiError::invalid_parameter("Plaintext"));
    }
    let context = request.encryption_context.as_ref();
    let ciphertext_blob = seal(call, &key, context, request.plaintext.expose().as_bytes()).await?;
    Ok(EncryptResponse {
        ciphertext_blob: ciphertext_blob.into(),
        key_id: key.value.key_id.as_str().to_owned(),
        key_version_id: key.value.primary_version.as_str().to_owned(),
        ..EncryptResponse::default()
    })
}

/// `Decrypt`
pub(crate) async fn decrypt(call: &Call<'_>, request: DecryptRequest) -> Result<DecryptResponse, ApiError> {
    if request.recipient.is_some() {
        // Attestation documents of the vendor's enclaves cannot be checked here.
        return Err(ErrorCode::UnsupportedOperation.into());
    }
    let context = request.encryption_context.as_ref();
    let (key, key_version_id, plaintext) = open(call, &request.ciphertext_blob, context).await?;
    Ok(DecryptResponse {
        key_id: key.value.key_id.as_str().to_owned(),
        key_version_id,
        plaintext: plaintext.into(),
        ..DecryptResponse::default()
    })
}

/// Opens what [`seal`] made, given as `CiphertextBlob`. Tells the key and the version that opened it.
pub(crate) async fn open(
    call: &Call<'_>,
    ciphertext_blob: &str,
    context: Option<&EncryptionContext>,
) -> Result<(Key, String, SecretText), ApiError> {
    // One answer for every blob that this service did not make for this context.
    let invalid = || ApiError::invalid_parameter("CiphertextBlob");
    let blob = MessageBlob::decode(ciphertext_blob).ok_or_else(invalid)?;
    let (key, version) = call.key_of_version("CiphertextBlob", blob.version_id()).await?;
    check_encrypts(&key.value)?;
    check_usable(&key.value, call.now)?;

    let engine = call.engine;
    let version_id = version.value.version_id.clone();
    let sealing_key = engine.vault.message_key(&engine.image, &key, &version_id).await?;
    let opened = match sealing_key.open(&associated_data(context), blob.sealed()) {
        // One official client hands over the hash as 64 hexadecimal digits; its blobs are read too.
        Err(OpenError) if context.is_some_and(|context| !context.is_empty()) => {
            sealing_key.open(&associated_data_as_hex(context), blob.sealed())
        }
        result => result,
    };
    let plaintext = opened.ok().and_then(text).ok_or_else(invalid)?;
    Ok((key, version_id, plaintext))
}

/// Seals under a key's primary version, after the checks that every encrypting operation makes.
pub(crate) async fn seal(
    call: &Call<'_>,
    key: &Key,
    context: Option<&EncryptionContext>,
    plaintext: &[u8],
) -> Result<String, ApiError> {
    check_encrypts(&key.value)?;
    check_usable(&key.value, call.now)?;
    let engine = call.engine;
    let version_id = &key.value.primary_version;
    let sealing_key = engine.vault.message_key(&engine.image, key, version_id).await?;
    let mut blob = MessageBlob::start(version_id, plaintext.len());
    sealing_key.seal(&*engine.random, &associated_data(context), plaintext, &mut blob).map_err(|error| {
        tracing::error!(%error, "sealing failed");
        ApiError::new(ErrorCode::InternalFailure)
    })?;
    Ok(MessageBlob::encode(&blob))
}

/// The associated data of a context: SHA-256 of its canonical text as 32 raw bytes, as the official transfer clients
/// make it; nothing for no context.
fn associated_data(context: Option<&EncryptionContext>) -> Vec<u8> {
    match context {
        Some(context) if !context.is_empty() => sha256(context.canonical_text().as_bytes()).to_vec(),
        _ => Vec::new(),
    }
}

fn associated_data_as_hex(context: Option<&EncryptionContext>) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    associated_data(context)
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .collect()
}

/// What was sealed came in as text; anything else was sealed elsewhere and is handed out only if it is text.
fn text(mut plaintext: Zeroizing<Vec<u8>>) -> Option<SecretText> {
    match String::from_utf8(std::mem::take(&mut *plaintext)) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            None
        }
    }
}
