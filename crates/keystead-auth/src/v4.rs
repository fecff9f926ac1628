//! Signature V4: `ACS4-HMAC-SHA256` and `ACS4-HMAC-SM3`, V3's shape with a key scoped by day, region and product.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::HeaderMap;
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Scheme};
use crate::credentials::Credentials;
use crate::error::AuthError;
use crate::hash::lower_hex;
use crate::sign::{HeaderPolicy, SignError, ToSign, authorize, prepare};
use crate::signing_key::{KeyError, SigningKey, keyed_hash};

pub use crate::canonical::{canonical_request, payload_hash, string_to_sign};

/// What every scope ends with.
const TERMINATOR: &str = "aliyun_v4_request";

/// What a V4 key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// The day, `YYYYMMDD`.
    pub date: &'a str,
    /// The region id, or `center`.
    pub region: &'a str,
    /// The product, for example `Kms`.
    pub product: &'a str,
}

/// The scoped key: HMAC with `aliyun_v4` and the secret over the date, then in turn over region, product and the terminator.
///
/// # Errors
/// The algorithm is not one of V4, or the key is not made from a secret.
pub fn signing_key(
    key: &SigningKey,
    algorithm: Algorithm<'_>,
    scope: Scope<'_>,
) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let hash = match (algorithm.scheme(), algorithm.hash()) {
        (Scheme::V4, Some(hash)) => hash,
        _ => return Err(KeyError::Algorithm),
    };
    let secret = key.secret_text()?;
    let mut start = Zeroizing::new(String::with_capacity(9 + secret.len()));
    start.push_str("aliyun_v4");
    start.push_str(secret);
    let mut scoped = keyed_hash(hash, start.as_bytes(), scope.date.as_bytes())?;
    for part in [scope.region, scope.product, TERMINATOR] {
        scoped = keyed_hash(hash, &*scoped, part.as_bytes())?;
    }
    Ok(scoped)
}

/// The signature over a string to sign, in lower-case hex.
///
/// # Errors
/// The algorithm is not one of V4, or the key is not made from a secret.
pub fn signature(
    key: &SigningKey,
    algorithm: Algorithm<'_>,
    scope: Scope<'_>,
    string_to_sign: &str,
) -> Result<String, KeyError> {
    Ok(lower_hex(&*sign_bytes(key, algorithm, scope, string_to_sign)?))
}

/// Signs a request for a region and a product (`Kms`). `headers` holds at least `host`, `x-acs-action` and `x-acs-version`; the
/// rest is added. The official client signs the [`HeaderPolicy::Standard`] headers.
///
/// # Errors
/// A header that is missing or cannot be sent, a malformed date, or an algorithm that is not one of V4.
pub fn sign(
    request: &ToSign<'_>,
    headers: &mut HeaderMap,
    credentials: &Credentials,
    algorithm: Algorithm<'_>,
    policy: HeaderPolicy,
    region: &str,
    product: &str,
) -> Result<(), SignError> {
    if algorithm.scheme() != Scheme::V4 {
        return Err(KeyError::Algorithm.into());
    }
    let key = SigningKey::new(&credentials.secret);
    let prepared = prepare(request, headers, credentials, algorithm, policy)?;
    let date = day(request.date);
    let scope = Scope { date: &date, region, product };
    let signature = sign_bytes(&key, algorithm, scope, &prepared.to_sign)?;
    let credential = format!("{}/{date}/{region}/{product}/{TERMINATOR}", credentials.access_key_id);
    authorize(headers, algorithm, &credential, &prepared.signed_headers, &*signature)
}

/// Whether the signature's bytes belong to the string to sign; compared in constant time.
pub(crate) fn verify(
    key: &SigningKey,
    algorithm: Algorithm<'_>,
    scope: Scope<'_>,
    string_to_sign: &str,
    signature: &[u8],
) -> Result<bool, KeyError> {
    let computed = sign_bytes(key, algorithm, scope, string_to_sign)?;
    Ok(verify_slices_are_equal(&*computed, signature).is_ok())
}

/// Splits `<id>/<date>/<region>/<product>/aliyun_v4_request`, whose date has to be the request's own day.
pub(crate) fn parse_credential<'a>(
    credential: &'a str,
    request_date: &str,
) -> Result<(&'a str, Scope<'a>), AuthError> {
    let mut parts = credential.rsplitn(5, '/');
    let last = parts.next();
    let (product, region, date, id) = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(TERMINATOR), Some(product), Some(region), Some(date), Some(id)) =
        (last, product, region, date, id)
    else {
        return Err(AuthError::incomplete(
            "Credential has not the form id/date/region/product/aliyun_v4_request",
        ));
    };
    if date != day(request_date) {
        return Err(AuthError::incomplete("the Credential's date is not the day of x-acs-date"));
    }
    Ok((id, Scope { date, region, product }))
}

fn sign_bytes(
    key: &SigningKey,
    algorithm: Algorithm<'_>,
    scope: Scope<'_>,
    string_to_sign: &str,
) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let scoped = signing_key(key, algorithm, scope)?;
    let hash = algorithm.hash().ok_or(KeyError::Algorithm)?;
    keyed_hash(hash, &*scoped, string_to_sign.as_bytes())
}

/// `YYYYMMDD` of a date that was checked to be `YYYY-MM-DDT…`.
fn day(date: &str) -> String {
    date.chars().take(10).filter(|c| *c != '-').collect()
}
