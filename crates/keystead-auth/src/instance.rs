//! The signature of the instance API: RSASSA-PKCS1-v1_5 with SHA-256 by a client key, over the same text for both sides.
//!
//! There is no nonce: only the date limits replay, and identical requests within a second are legitimate.

mod claim;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};

use crate::algorithm::Algorithm;
use crate::error::AuthError;
use crate::hash::{Hash, hex_text};
use crate::signing_key::{KeyError, SigningKey};

pub use claim::{Claim, Flaw, api_name, is_in_window};

/// Headers whose name starts so are signed.
const SIGNED_PREFIX: &str = "x-kms-";
/// The schemes of the `Authorization` header: what SDKs send, and what the documentation says.
const SCHEMES: [&str; 2] = ["Bearer", "TOKEN"];

/// SHA-256 of a body in upper-case hex, for header `content-sha256`.
#[must_use]
pub fn content_sha256(body: &[u8]) -> String {
    hex_text(&Hash::Sha256.hex_digest(body)).to_ascii_uppercase()
}

/// The text that is signed: method, `content-sha256`, `content-type`, `date`, each header that starts with `x-kms-` in the order
/// of the names, and the path, which is always `/`. A header that is missing counts as empty text.
///
/// # Errors
/// [`AuthError::Incomplete`] for a header that stands there twice or is no text.
pub fn string_to_sign(method: &str, headers: &HeaderMap) -> Result<String, AuthError> {
    let mut signed: Vec<(&HeaderName, &str)> = Vec::with_capacity(5);
    for (name, value) in headers {
        if name.as_str().starts_with(SIGNED_PREFIX) {
            let value = value.to_str().map_err(|_| AuthError::incomplete("a signed header is no text"))?;
            signed.push((name, value.trim()));
        }
    }
    signed.sort_unstable_by_key(|(name, _)| name.as_str());
    if signed.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(AuthError::incomplete("a signed header stands there twice"));
    }
    let mut text = String::with_capacity(384);
    text.push_str(method);
    for name in ["content-sha256", "content-type", "date"] {
        text.push('\n');
        text.push_str(single(headers, name)?.unwrap_or_default());
    }
    text.push('\n');
    for (name, value) in signed {
        text.push_str(name.as_str());
        text.push(':');
        text.push_str(value);
        text.push('\n');
    }
    text.push('/');
    Ok(text)
}

/// The `authorization` header of a request.
///
/// # Errors
/// [`KeyError::Algorithm`] when the key is no RSA private key.
pub fn authorization(text: &str, key: &SigningKey) -> Result<String, KeyError> {
    let signature = key.sign(Algorithm::AcsRsaSha256, text.as_bytes())?;
    Ok(format!("Bearer {}", STANDARD.encode(signature)))
}

/// The signature in the `authorization` header; none when it is not well formed.
#[must_use]
pub fn signature(authorization: &str) -> Option<Vec<u8>> {
    let (scheme, signature) = authorization.split_once(' ')?;
    SCHEMES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
        .then(|| STANDARD.decode(signature.trim()).ok())?
}

/// Whether a signature over a text was made with the private half of `key`.
///
/// # Errors
/// [`KeyError::Algorithm`] when the key is no RSA key.
pub fn verify(text: &str, signature: &[u8], key: &SigningKey) -> Result<bool, KeyError> {
    key.verify(Algorithm::AcsRsaSha256, text.as_bytes(), signature)
}

/// The value of a header that may stand there once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, AuthError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(AuthError::incomplete("a signed header stands there twice"));
    }
    value.to_str().map(Some).map_err(|_| AuthError::incomplete("a signed header is no text"))
}
