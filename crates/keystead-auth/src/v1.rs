//! Signature V1 (RPC, `SignatureVersion=1.0`): `HMAC-SHA1`, or RSA by a client key, over all query and form parameters.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::canonical::{NameForm, write_sorted};
use crate::credentials::{Credentials, SecurityToken};
use crate::pairs::{PairList, Pairs, encode_into};
use crate::sign::{SignError, ToSign};
use crate::signing_key::{KeyError, SigningKey};

pub use crate::pairs::Space;

/// The canonical query: all parameters of query and form but `Signature`, sorted, names and values encoded.
#[must_use]
pub fn canonical_query(query: &Pairs<'_>, form: &Pairs<'_>, space: Space) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .iter()
        .chain(form)
        .map(|(name, value)| (name.as_ref(), value.as_ref()))
        .filter(|(name, _)| *name != "Signature")
        .collect();
    pairs.sort_unstable();
    let plain: usize = pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut out = String::with_capacity(plain + plain / 2);
    write_sorted(&mut out, pairs.into_iter(), NameForm::Encoded, space);
    out
}

/// The string to sign: method, encoded path and encoded canonical query, joined with `&`.
///
/// With [`Space::Plus`] spaces in values are `+` before the outer encoding, which is how one official credentials library
/// signs its own STS calls against the rule.
#[must_use]
pub fn string_to_sign(method: &str, path: &str, query: &Pairs<'_>, form: &Pairs<'_>, space: Space) -> String {
    // Under V1 secret values may stand in the query, so what is not handed out is wiped.
    let canonical = Zeroizing::new(canonical_query(query, form, space));
    let mut out = String::with_capacity(method.len() + path.len() + canonical.len() * 3 / 2 + 8);
    out.push_str(method);
    out.push('&');
    encode_into(&mut out, if path.is_empty() { "/" } else { path }, Space::Percent);
    out.push('&');
    encode_into(&mut out, &canonical, Space::Percent);
    out
}

/// The `HMAC-SHA1` signature over a string to sign, in Base64.
///
/// # Errors
/// The key is not made from a secret.
pub fn signature(key: &SigningKey, string_to_sign: &str) -> Result<String, KeyError> {
    Ok(STANDARD.encode(key.sign(Algorithm::HmacSha1, string_to_sign.as_bytes())?))
}

/// Signs a request and returns its complete query. `request.query` holds `Action`, `Version`, `Format` and the operation's own
/// parameters; the signature's parameters are added, replacing any of the same names.
///
/// # Errors
/// A malformed date.
pub fn sign<'a>(request: &ToSign<'a>, credentials: &'a Credentials) -> Result<PairList<'a>, SignError> {
    sign_as(request, credentials, Algorithm::HmacSha1)
}

/// The same by a client key: `access_key_id` is its id, `secret` its private key as [`SigningKey::rsa_private`] reads it. That
/// has no token.
///
/// # Errors
/// A malformed date, or a secret that is no private key.
pub fn sign_with_client_key<'a>(
    request: &ToSign<'a>,
    credentials: &'a Credentials,
) -> Result<PairList<'a>, SignError> {
    sign_as(request, credentials, Algorithm::Sha256WithRsa)
}

/// The same with a private key that was read already.
///
/// # Errors
/// A malformed date, or a key of another kind.
pub fn sign_with_private_key<'a>(
    request: &ToSign<'a>,
    client_key_id: &'a str,
    key: &SigningKey,
) -> Result<PairList<'a>, SignError> {
    signed(request, client_key_id, None, key, Algorithm::Sha256WithRsa)
}

fn sign_as<'a>(
    request: &ToSign<'a>,
    credentials: &'a Credentials,
    algorithm: Algorithm<'static>,
) -> Result<PairList<'a>, SignError> {
    let key = SigningKey::for_algorithm(&credentials.secret, algorithm)?;
    let token = credentials.security_token.as_ref().map(SecurityToken::expose);
    signed(request, &credentials.access_key_id, token, &key, algorithm)
}

fn signed<'a>(
    request: &ToSign<'a>,
    access_key_id: &'a str,
    token: Option<&'a str>,
    key: &SigningKey,
    algorithm: Algorithm<'static>,
) -> Result<PairList<'a>, SignError> {
    crate::date::parse_date(request.date)?;
    let mut added = vec![
        ("AccessKeyId", access_key_id),
        ("SignatureMethod", algorithm.name()),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", request.nonce),
        ("Timestamp", request.date),
    ];
    if let Some(kind) = algorithm.signature_type() {
        added.push(("SignatureType", kind));
    }
    if let Some(token) = token {
        added.push(("SecurityToken", token));
    }
    let own = |name: &str| name == "Signature" || added.iter().any(|(other, _)| *other == name);
    let mut query: PairList<'a> = request.query.iter().filter(|(name, _)| !own(name)).cloned().collect();
    query.extend(added.into_iter().map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))));
    let text = string_to_sign(request.method, request.path, &query, request.form, Space::Percent);
    let signature = STANDARD.encode(key.sign(algorithm, text.as_bytes())?);
    query.push((Cow::Borrowed("Signature"), Cow::Owned(signature)));
    Ok(query)
}
