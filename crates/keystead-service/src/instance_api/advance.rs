//! Ciphertexts that name their key version themselves: `AdvanceEncrypt`, `AdvanceDecrypt`, and `KmsEncrypt`, `KmsDecrypt`, whose
//! ciphertext is the OpenAPI's without base64.

use std::mem::take;

use keystead_api::instance::{
    AdvanceDecryptRequest, AdvanceDecryptResponse, AdvanceEncryptRequest, AdvanceEncryptResponse,
    KmsDecryptRequest, KmsDecryptResponse, KmsEncryptRequest, KmsEncryptResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::{MESSAGE_IV_LEN, VERSION_ID_LEN};
use zeroize::Zeroizing;

use super::cipher::{self, Opened, Parts};
use super::key::{Form, by_version, check_symmetric};
use super::symmetric::{self, Terms, Way};
use super::{Request, Used};
use crate::call::Key;
use crate::records::Id;

/// `$`, version and padding, GCM: what official clients cut off to get the OpenAPI's ciphertext, and put in front of one.
const HEAD: [u8; 3] = [0x24, 0x00, 0x02];

/// `AdvanceEncrypt`
pub(super) async fn encrypt(
    request: &Request<'_>,
    message: &mut AdvanceEncryptRequest,
) -> Result<Used<AdvanceEncryptResponse>, ApiError> {
    let (key, version) = request.symmetric_key(&message.key_id, Form::Advance).await?;
    // How the head of the other modes looks is published nowhere.
    let way = Way::gcm(check_symmetric(&key.value)?, &message.algorithm)?;
    let mut terms = Terms { way, aad: take(&mut message.aad), iv: take(&mut message.iv) };
    let plaintext = Zeroizing::new(take(&mut message.plaintext));
    let head = head(&version, true);
    let ciphertext_blob =
        symmetric::encrypt(request.call, (&key, &version), &mut terms, head, plaintext).await?;
    let response = AdvanceEncryptResponse {
        key_id: key.value.key_id.as_str().to_owned(),
        ciphertext_blob,
        iv: terms.iv,
        algorithm: way.algorithm(),
        key_version_id: version.as_str().to_owned(),
        ..AdvanceEncryptResponse::default()
    };
    Ok(Used::of(version, response))
}

/// `AdvanceDecrypt`: of what names its version first, then of what `Encrypt` made.
pub(super) async fn decrypt(
    request: &Request<'_>,
    message: &mut AdvanceDecryptRequest,
) -> Result<Used<AdvanceDecryptResponse>, ApiError> {
    let blob = match message.ciphertext_blob.split_first_chunk() {
        Some((&HEAD, blob)) if names_version(blob) => Some(blob),
        _ => None,
    };
    let opened = match (blob, find(request, blob).await?) {
        (Some(blob), Some(found)) => open_found(request, found, blob, take(&mut message.aad)).await?,
        (Some(_), None) if message.key_id.is_empty() => return Err(ErrorCode::ForbiddenKeyNotFound.into()),
        // A plain ciphertext that begins so by chance, once in 2^24 times and less.
        _ => open_plain(request, message).await?,
    };
    let response = AdvanceDecryptResponse {
        key_id: opened.key.value.key_id.as_str().to_owned(),
        plaintext: opened.plaintext,
        algorithm: opened.algorithm,
        padding_mode: opened.padding_mode,
        key_version_id: opened.version.as_str().to_owned(),
        ..AdvanceDecryptResponse::default()
    };
    Ok(Used::of(opened.version, response))
}

async fn open_plain(request: &Request<'_>, message: &mut AdvanceDecryptRequest) -> Result<Opened, ApiError> {
    let parts = Parts {
        ciphertext: take(&mut message.ciphertext_blob),
        key_id: &message.key_id,
        algorithm: &message.algorithm,
        aad: take(&mut message.aad),
        iv: take(&mut message.iv),
        padding_mode: &message.padding_mode,
    };
    cipher::open(request, parts).await
}

/// `KmsEncrypt`
pub(super) async fn kms_encrypt(
    request: &Request<'_>,
    message: &mut KmsEncryptRequest,
) -> Result<Used<KmsEncryptResponse>, ApiError> {
    let (key, version) = request.symmetric_key(&message.key_id, Form::Advance).await?;
    let way = Way::gcm(check_symmetric(&key.value)?, "")?;
    let mut terms = Terms { way, aad: take(&mut message.aad), iv: Vec::new() };
    let plaintext = Zeroizing::new(take(&mut message.plaintext));
    let head = head(&version, false);
    let ciphertext_blob =
        symmetric::encrypt(request.call, (&key, &version), &mut terms, head, plaintext).await?;
    let key_id = key.value.key_id.as_str().to_owned();
    Ok(Used::of(version, KmsEncryptResponse { key_id, ciphertext_blob, ..KmsEncryptResponse::default() }))
}

/// `KmsDecrypt`
pub(super) async fn kms_decrypt(
    request: &Request<'_>,
    message: &mut KmsDecryptRequest,
) -> Result<Used<KmsDecryptResponse>, ApiError> {
    let invalid = || ApiError::invalid_parameter("CiphertextBlob");
    let blob = message.ciphertext_blob.as_slice();
    if !names_version(blob) {
        return Err(invalid());
    }
    let found = find(request, Some(blob)).await?.ok_or(ErrorCode::ForbiddenKeyNotFound)?;
    let opened = open_found(request, found, blob, take(&mut message.aad)).await?;
    let key_id = opened.key.value.key_id.as_str().to_owned();
    let response =
        KmsDecryptResponse { key_id, plaintext: opened.plaintext, ..KmsDecryptResponse::default() };
    Ok(Used::of(opened.version, response))
}

/// What stands before the sealed part.
pub(super) fn head(version: &str, advance: bool) -> Vec<u8> {
    let head = if advance { &HEAD[..] } else { &[] };
    [head, version.as_bytes()].concat()
}

/// Whether a ciphertext can be `version id | IV | sealed`.
fn names_version(blob: &[u8]) -> bool {
    blob.len() > VERSION_ID_LEN + MESSAGE_IV_LEN && blob[..VERSION_ID_LEN].iter().all(u8::is_ascii_graphic)
}

/// The version in front of a ciphertext and its key; none when there is no such version.
async fn find(request: &Request<'_>, blob: Option<&[u8]>) -> Result<Option<(Key, Id)>, ApiError> {
    let Some(blob) = blob else { return Ok(None) };
    // It was seen to be ASCII.
    let version = std::str::from_utf8(&blob[..VERSION_ID_LEN]).unwrap_or_default();
    match by_version(request, version).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.code() == ErrorCode::ForbiddenKeyNotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens `version id | IV | sealed`. An IV beside it is not looked at: the one in it counts.
async fn open_found(
    request: &Request<'_>,
    (key, version): (Key, Id),
    blob: &[u8],
    aad: Vec<u8>,
) -> Result<Opened, ApiError> {
    let (iv, sealed) = blob[VERSION_ID_LEN..].split_at(MESSAGE_IV_LEN);
    let way = Way::gcm(check_symmetric(&key.value)?, "")?;
    let terms = Terms { way, aad, iv: iv.to_vec() };
    let mut plaintext = symmetric::decrypt(request.call, (&key, &version), &terms, sealed.to_vec()).await?;
    let plaintext = take(&mut *plaintext);
    let (algorithm, padding_mode) = (way.algorithm(), way.padding_mode());
    Ok(Opened { key, version, plaintext, algorithm, padding_mode })
}
