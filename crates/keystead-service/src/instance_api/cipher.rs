//! `Encrypt` and `Decrypt`: symmetric keys and key pairs, by default under the first version.

use std::mem::take;

use keystead_api::ApiError;
use keystead_api::instance::{DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse};
use keystead_crypto::MESSAGE_IV_LEN;
use zeroize::Zeroizing;

use super::key::{Form, by_version};
use super::symmetric::{self, Terms, Way};
use super::{Request, Used, error};
use crate::call::Key;
use crate::keys::asymmetric_cipher;
use crate::records::{Id, KeyKind};

/// `Encrypt`
pub(super) async fn encrypt(
    request: &Request<'_>,
    message: &mut EncryptRequest,
) -> Result<Used<EncryptResponse>, ApiError> {
    let call = request.call;
    let (key, version) = request.key(&message.key_id, Form::Plain).await?;
    let plaintext = Zeroizing::new(take(&mut message.plaintext));
    let key_id = key.value.key_id.as_str().to_owned();
    let response = match key.value.spec.kind() {
        KeyKind::Symmetric(cipher) => {
            let way = Way::read(cipher, &message.algorithm, &message.padding_mode)?;
            let mut terms = Terms { way, aad: take(&mut message.aad), iv: take(&mut message.iv) };
            let mut blob =
                symmetric::encrypt(call, (&key, &version), &mut terms, Vec::new(), plaintext).await?;
            if way.stands_alone() {
                blob.drain(..MESSAGE_IV_LEN);
            }
            EncryptResponse {
                key_id,
                ciphertext_blob: blob,
                iv: terms.iv,
                algorithm: way.algorithm(),
                padding_mode: way.padding_mode(),
                ..EncryptResponse::default()
            }
        }
        KeyKind::Pair(_) | KeyKind::Mac(_) => {
            check_bare(&message.aad, &message.iv)?;
            let algorithm = message.algorithm.as_str();
            let sealed = asymmetric_cipher::seal(call, &key, &version, algorithm, plaintext).await;
            let (algorithm, ciphertext_blob) = sealed?;
            EncryptResponse {
                key_id,
                ciphertext_blob,
                algorithm: algorithm.name().to_owned(),
                ..EncryptResponse::default()
            }
        }
    };
    Ok(Used::of(version, response))
}

/// `Decrypt`
pub(super) async fn decrypt(
    request: &Request<'_>,
    message: &mut DecryptRequest,
) -> Result<Used<DecryptResponse>, ApiError> {
    let opened = open(
        request,
        Parts {
            ciphertext: take(&mut message.ciphertext_blob),
            key_id: &message.key_id,
            algorithm: &message.algorithm,
            aad: take(&mut message.aad),
            iv: take(&mut message.iv),
            padding_mode: &message.padding_mode,
        },
    )
    .await?;
    let response = DecryptResponse {
        key_id: opened.key.value.key_id.as_str().to_owned(),
        plaintext: opened.plaintext,
        algorithm: opened.algorithm,
        padding_mode: opened.padding_mode,
        ..DecryptResponse::default()
    };
    Ok(Used::of(opened.version, response))
}

/// What a plain ciphertext is given back with.
pub(super) struct Parts<'a> {
    pub(super) ciphertext: Vec<u8>,
    pub(super) key_id: &'a str,
    pub(super) algorithm: &'a str,
    pub(super) aad: Vec<u8>,
    pub(super) iv: Vec<u8>,
    pub(super) padding_mode: &'a str,
}

/// What came out of one.
pub(super) struct Opened {
    pub(super) key: Key,
    pub(super) version: Id,
    /// Goes into a response that is wiped.
    pub(super) plaintext: Vec<u8>,
    pub(super) algorithm: String,
    pub(super) padding_mode: String,
}

/// Opens what [`encrypt`] made. The key is the one that is named, or that of the version that is named in the header: the
/// clients of the OpenAPI that are moved over know nothing else.
pub(super) async fn open(request: &Request<'_>, parts: Parts<'_>) -> Result<Opened, ApiError> {
    let call = request.call;
    let (key, version) = match (parts.key_id, request.version) {
        ("", None) => return Err(error::missing("KeyId")),
        ("", Some(version)) => by_version(request, version).await?,
        (key_id, _) => {
            let key = call.key_if_given("KeyId", key_id).await?;
            let version = request.version_of(&key, Form::Plain).await?;
            (key, version)
        }
    };
    let (mut plaintext, algorithm, padding_mode) = match key.value.spec.kind() {
        KeyKind::Symmetric(cipher) => {
            let way = Way::read(cipher, parts.algorithm, parts.padding_mode)?;
            if way.needs_iv() && parts.iv.is_empty() {
                return Err(error::missing("Iv"));
            }
            let terms = Terms { way, aad: parts.aad, iv: parts.iv };
            let plaintext = symmetric::decrypt(call, (&key, &version), &terms, parts.ciphertext).await?;
            (plaintext, way.algorithm(), way.padding_mode())
        }
        KeyKind::Pair(_) | KeyKind::Mac(_) => {
            check_bare(&parts.aad, &parts.iv)?;
            let algorithm = ("Algorithm", parts.algorithm);
            let opened =
                asymmetric_cipher::open_bytes(call, &key, &version, algorithm, parts.ciphertext).await?;
            (opened.1, opened.0.name().to_owned(), String::new())
        }
    };
    Ok(Opened { key, version, plaintext: take(&mut *plaintext), algorithm, padding_mode })
}

/// Key pairs bind no associated data and have no IV.
fn check_bare(aad: &[u8], iv: &[u8]) -> Result<(), ApiError> {
    match (aad, iv) {
        ([], []) => Ok(()),
        ([], _) => Err(ApiError::invalid_parameter("Iv")),
        _ => Err(ApiError::invalid_parameter("Aad")),
    }
}
