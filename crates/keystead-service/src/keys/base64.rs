//! Base64 in parameters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::{ApiError, SecretText};
use zeroize::Zeroizing;

/// The bytes of a parameter.
pub(crate) fn decode(param: &'static str, text: &str) -> Result<Vec<u8>, ApiError> {
    STANDARD.decode(text).map_err(|_| ApiError::invalid_parameter(param))
}

/// The same for secret bytes, which are overwritten when dropped.
pub(crate) fn decode_secret(param: &'static str, text: &str) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    decode_text(text).ok_or_else(|| ApiError::invalid_parameter(param))
}

/// Secret bytes out of a text that may be something else.
pub(crate) fn decode_text(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    // Decoded in place, so that no partial copy stays behind.
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let len = STANDARD.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(len);
    Some(bytes)
}

/// Bytes for an answer.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Secret bytes for an answer or for sealing.
pub(crate) fn encode_secret(bytes: &[u8]) -> SecretText {
    SecretText::new(STANDARD.encode(bytes))
}
