//! Data keys. Unlike the OpenAPI's, what is under the cipher is the key's bytes themselves.

use std::mem::take;

use keystead_api::ApiError;
use keystead_api::instance::{
    AdvanceGenerateDataKeyRequest, AdvanceGenerateDataKeyResponse, GenerateDataKeyRequest,
    GenerateDataKeyResponse,
};
use keystead_crypto::{KeyMaterial, MESSAGE_IV_LEN};
use zeroize::Zeroizing;

use super::key::{Form, check_symmetric};
use super::symmetric::{self, Terms, Way};
use super::{Request, Used, advance};
use crate::keys::create::no_randomness;
use crate::keys::data_key::MAX_DATA_KEY;

/// `GenerateDataKey`
pub(super) async fn plain(
    request: &Request<'_>,
    message: &mut GenerateDataKeyRequest,
) -> Result<Used<GenerateDataKeyResponse>, ApiError> {
    let (key, version) = request.symmetric_key(&message.key_id, Form::Plain).await?;
    let way = Way::gcm(check_symmetric(&key.value)?, &message.algorithm)?;
    let mut terms = Terms { way, aad: take(&mut message.aad), iv: Vec::new() };
    let mut data_key = draw(request, message.number_of_bytes)?;
    let mut blob =
        symmetric::encrypt(request.call, (&key, &version), &mut terms, Vec::new(), data_key.clone()).await?;
    blob.drain(..MESSAGE_IV_LEN);
    let response = GenerateDataKeyResponse {
        key_id: key.value.key_id.as_str().to_owned(),
        iv: terms.iv,
        plaintext: take(&mut *data_key),
        ciphertext_blob: blob,
        algorithm: way.algorithm(),
        ..GenerateDataKeyResponse::default()
    };
    Ok(Used::of(version, response))
}

/// `AdvanceGenerateDataKey`
pub(super) async fn advance(
    request: &Request<'_>,
    message: &mut AdvanceGenerateDataKeyRequest,
) -> Result<Used<AdvanceGenerateDataKeyResponse>, ApiError> {
    let (key, version) = request.symmetric_key(&message.key_id, Form::Advance).await?;
    let way = Way::gcm(check_symmetric(&key.value)?, "")?;
    let mut terms = Terms { way, aad: take(&mut message.aad), iv: Vec::new() };
    let mut data_key = draw(request, message.number_of_bytes)?;
    let head = advance::head(&version, true);
    let ciphertext_blob =
        symmetric::encrypt(request.call, (&key, &version), &mut terms, head, data_key.clone()).await?;
    let response = AdvanceGenerateDataKeyResponse {
        key_id: key.value.key_id.as_str().to_owned(),
        iv: terms.iv,
        plaintext: take(&mut *data_key),
        ciphertext_blob,
        algorithm: way.algorithm(),
        key_version_id: version.as_str().to_owned(),
        ..AdvanceGenerateDataKeyResponse::default()
    };
    Ok(Used::of(version, response))
}

/// Draws a data key of 1 to 1,024 bytes.
fn draw(request: &Request<'_>, number_of_bytes: i32) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let len = match i64::from(number_of_bytes) {
        bytes @ 1..=MAX_DATA_KEY => usize::try_from(bytes).ok(),
        _ => None,
    };
    let len = len.ok_or_else(|| ApiError::invalid_parameter("NumberOfBytes"))?;
    let material = KeyMaterial::generate(&*request.call.engine.random, len).map_err(no_randomness)?;
    Ok(Zeroizing::new(material.expose().to_vec()))
}
