use keystead_api::operations::{
    AsymmetricDecryptRequest, AsymmetricDecryptResponse, AsymmetricEncryptRequest, AsymmetricEncryptResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::{EncryptionAlgorithm, KeyPairError, KeyPairSpec};
use zeroize::Zeroizing;

use crate::call::{Call, Key};
use crate::keys::base64;
use crate::keys::pair::{Pair, encryption_algorithm, failed};
use crate::records::KeyUsage;

/// Bytes of an SM2 ciphertext at most. 6,144 is the published limit (KMS API reference, AsymmetricDecrypt), which fits
/// the longest message in the raw form; in DER it takes up to 15 bytes more.
const MAX_SM2_CIPHERTEXT: usize = 6144 + 15;

/// `AsymmetricEncrypt`
pub(crate) async fn encrypt(
    call: &Call<'_>,
    request: AsymmetricEncryptRequest,
) -> Result<AsymmetricEncryptResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let plaintext = base64::decode_secret("Plaintext", request.plaintext.expose())?;
    let (_, ciphertext) = seal(call, &key, &request.key_version_id, &request.algorithm, plaintext).await?;
    Ok(AsymmetricEncryptResponse {
        ciphertext_blob: Some(base64::encode(&ciphertext).into()),
        key_id: Some(key.value.key_id.as_str().to_owned()),
        key_version_id: Some(request.key_version_id),
        ..AsymmetricEncryptResponse::default()
    })
}

/// `AsymmetricDecrypt`
pub(crate) async fn decrypt(
    call: &Call<'_>,
    request: AsymmetricDecryptRequest,
) -> Result<AsymmetricDecryptResponse, ApiError> {
    if request.recipient.is_some() {
        // Attestation documents of the vendor's enclaves cannot be checked here.
        return Err(ErrorCode::UnsupportedOperation.into());
    }
    let key = call.key("KeyId", &request.key_id).await?;
    let algorithm = ("Algorithm", &*request.algorithm);
    let plaintext = open(call, &key, &request.key_version_id, algorithm, &request.ciphertext_blob).await?;
    Ok(AsymmetricDecryptResponse {
        key_id: Some(key.value.key_id.as_str().to_owned()),
        key_version_id: Some(request.key_version_id),
        plaintext: Some(base64::encode_secret(&plaintext).into()),
        ..AsymmetricDecryptResponse::default()
    })
}

/// Decrypts `CiphertextBlob` with a version of a key pair. `algorithm` is the parameter that names it, and what it says.
pub(crate) async fn open(
    call: &Call<'_>,
    key: &Key,
    version_id: &str,
    (param, algorithm): (&'static str, &str),
    ciphertext_blob: &str,
) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let ciphertext = base64::decode("CiphertextBlob", ciphertext_blob)?;
    Ok(open_bytes(call, key, version_id, (param, algorithm), ciphertext).await?.1)
}

/// Encrypts `Plaintext` under a version of a key pair. Tells how, too.
pub(crate) async fn seal(
    call: &Call<'_>,
    key: &Key,
    version_id: &str,
    algorithm: &str,
    plaintext: Zeroizing<Vec<u8>>,
) -> Result<(EncryptionAlgorithm, Vec<u8>), ApiError> {
    let pair = Pair::find(call, key, version_id, Some(KeyUsage::EncryptDecrypt)).await?;
    let algorithm = encryption_algorithm(pair.spec, "Algorithm", algorithm)?;
    let random = call.engine.random.clone();
    let encrypted = pair.public(move |key| key.encrypt(&*random, algorithm, &plaintext)).await?;
    let ciphertext = encrypted.map_err(|error| match error {
        KeyPairError::TooLong => ApiError::invalid_parameter("Plaintext"),
        error => failed(error),
    })?;
    Ok((algorithm, ciphertext))
}

/// The same as [`open`] for a ciphertext as it is. Tells how it was encrypted, too.
pub(crate) async fn open_bytes(
    call: &Call<'_>,
    key: &Key,
    version_id: &str,
    (param, algorithm): (&'static str, &str),
    ciphertext: Vec<u8>,
) -> Result<(EncryptionAlgorithm, Zeroizing<Vec<u8>>), ApiError> {
    // One answer for everything that is wrong with a ciphertext.
    let invalid = || ApiError::invalid_parameter("CiphertextBlob");
    let pair = Pair::find(call, key, version_id, Some(KeyUsage::EncryptDecrypt)).await?;
    let algorithm = encryption_algorithm(pair.spec, param, algorithm)?;
    if !may_have(pair.spec, ciphertext.len()) {
        return Err(invalid());
    }
    let plaintext = pair.private(move |key| key.decrypt(algorithm, &ciphertext)).await?;
    Ok((algorithm, plaintext.map_err(|_| invalid())?))
}

/// Whether a ciphertext of some length is worth computing with.
fn may_have(spec: KeyPairSpec, len: usize) -> bool {
    spec.modulus_len().map_or(len <= MAX_SM2_CIPHERTEXT, |modulus| len == modulus)
}
