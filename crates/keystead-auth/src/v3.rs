//! Signature V3: `ACS3-HMAC-SHA256`, `ACS3-HMAC-SM3`, `ACS3-RSA-SHA256`.
//!
//! The stages are public so that each can be checked alone; [`sign`] runs them all.

use http::HeaderMap;

use crate::algorithm::{Algorithm, Scheme};
use crate::credentials::Credentials;
use crate::hash::lower_hex;
use crate::sign::{HeaderPolicy, SignError, ToSign, authorize, prepare};
use crate::signing_key::{KeyError, SigningKey};

pub use crate::canonical::{canonical_request, payload_hash, string_to_sign};

/// The signature over a string to sign, in lower-case hex.
///
/// # Errors
/// The algorithm is not one of V3, or needs another kind of key.
pub fn signature(
    key: &SigningKey,
    algorithm: Algorithm<'_>,
    string_to_sign: &str,
) -> Result<String, KeyError> {
    if algorithm.scheme() != Scheme::V3 {
        return Err(KeyError::Algorithm);
    }
    Ok(lower_hex(&key.sign(algorithm, string_to_sign.as_bytes())?))
}

/// Signs a request. `headers` holds at least `host`, `x-acs-action` and `x-acs-version`; date, nonce, payload hash, for
/// temporary keys their id and token, and `authorization` are added.
///
/// # Errors
/// A header that is missing or cannot be sent, a malformed date, or an algorithm that the secret does not fit.
pub fn sign(
    request: &ToSign<'_>,
    headers: &mut HeaderMap,
    credentials: &Credentials,
    algorithm: Algorithm<'_>,
    policy: HeaderPolicy,
) -> Result<(), SignError> {
    if algorithm.scheme() != Scheme::V3 {
        return Err(KeyError::Algorithm.into());
    }
    let key = SigningKey::for_algorithm(&credentials.secret, algorithm)?;
    let prepared = prepare(request, headers, credentials, algorithm, policy)?;
    let signature = key.sign(algorithm, prepared.to_sign.as_bytes())?;
    authorize(headers, algorithm, &credentials.access_key_id, &prepared.signed_headers, &signature)
}
