//! What the client sides of all schemes share.

use std::fmt;

use arrayvec::ArrayString;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::zeroize_bytes;

use crate::algorithm::{Algorithm, Scheme};
use crate::canonical::{
    NameForm, SignedHeader, acceptable_forms, hashed, header_text, to_sign, write_canonical_request,
};
use crate::credentials::Credentials;
use crate::error::AuthError;
use crate::hash::{hex_text, push_lower_hex};
use crate::header_names;
use crate::pairs::Pairs;
use crate::request::RequestView;
use crate::signing_key::KeyError;

/// A request to be signed. Date and nonce are the caller's, so that signing is a pure function.
#[derive(Clone, Copy)]
pub struct ToSign<'a> {
    /// The method, upper case.
    pub method: &'a str,
    /// The path; `/` for every KMS, RAM and STS operation.
    pub path: &'a str,
    /// The query parameters, decoded. For V1 with `Action` and `Version`, without the signature's own parameters.
    pub query: &'a Pairs<'a>,
    /// The fields of a form body, decoded. Only V1 signs them; V3 and V4 sign the body's bytes.
    pub form: &'a Pairs<'a>,
    /// The body's bytes, empty if there is none.
    pub body: &'a [u8],
    /// `YYYY-MM-DDTHH:MM:SSZ`, see [`crate::format_date`].
    pub date: &'a str,
    /// A text never used before with this AccessKey; 32 random hex digits are usual.
    pub nonce: &'a str,
}

/// Only the request line's shape: parameters and bodies hold secrets.
impl fmt::Debug for ToSign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToSign")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

/// Which of the headers given are signed under V3 and V4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderPolicy {
    /// `host`, `content-type` and all `x-acs-*`: the documented rule, and what the Node client does. A proxy may then rewrite
    /// `user-agent` and `accept`.
    #[default]
    Standard,
    /// Every header but `authorization`, as the Python client does for V3.
    Every,
}

/// A request that cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A header that must be set before signing is not there.
    #[error("the header {0} must be set before signing")]
    NoHeader(&'static str),
    /// A value that cannot stand in a header.
    #[error("the value of {0} cannot be sent in a header")]
    HeaderValue(&'static str),
    /// The key cannot sign with this algorithm.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The request has no canonical form: a malformed date, or a header that is not UTF-8.
    #[error(transparent)]
    Request(#[from] AuthError),
}

/// A header request made ready.
pub(crate) struct Prepared {
    /// What is signed.
    pub(crate) to_sign: ArrayString<96>,
    pub(crate) signed_headers: String,
}

/// Adds the headers that V3 and V4 need and builds the canonical request over them.
pub(crate) fn prepare(
    request: &ToSign<'_>,
    headers: &mut HeaderMap,
    credentials: &Credentials,
    algorithm: Algorithm<'_>,
    policy: HeaderPolicy,
) -> Result<Prepared, SignError> {
    crate::date::parse_date(request.date)?;
    let payload_hash = hashed(algorithm, request.body)?;
    let payload_hash = hex_text(&payload_hash);
    set(headers, &header_names::DATE, request.date)?;
    set(headers, &header_names::NONCE, request.nonce)?;
    set(headers, algorithm.payload_hash_header(), payload_hash)?;
    if let Some(token) = &credentials.security_token {
        set(headers, &header_names::ACCESS_KEY_ID, &credentials.access_key_id)?;
        set(headers, &header_names::SECURITY_TOKEN, token.expose())?;
        if let Some(value) = headers.get_mut(&header_names::SECURITY_TOKEN) {
            value.set_sensitive(true);
        }
    }
    let signed = signed_headers(headers, policy)?;
    for name in [HOST.as_str(), header_names::ACTION.as_str(), header_names::VERSION.as_str()] {
        if !signed.iter().any(|header| header.name == name) {
            return Err(SignError::NoHeader(name));
        }
    }
    let list = listed(&signed);
    let view = RequestView {
        method: request.method,
        path: request.path,
        authority: None,
        headers,
        query: request.query,
        form: request.form,
        body: request.body,
    };
    let names = match (algorithm.scheme(), acceptable_forms(request.query)) {
        (Scheme::V3, (Some(NameForm::Plain), _)) => NameForm::Plain,
        _ => NameForm::Encoded,
    };
    let canonical_request = write_canonical_request(&view, &list, &signed, payload_hash, names);
    let to_sign = to_sign(algorithm, &canonical_request);
    // What is to be encrypted may stand in the query.
    zeroize_bytes(&mut canonical_request.into_bytes());
    Ok(Prepared { to_sign: to_sign?, signed_headers: list })
}

/// Sets `Authorization` to the algorithm, the credential, the list and the signature.
pub(crate) fn authorize(
    headers: &mut HeaderMap,
    algorithm: Algorithm<'_>,
    credential: &str,
    signed_headers: &str,
    signature: &[u8],
) -> Result<(), SignError> {
    let name = algorithm.name();
    // Joined, not formatted, which takes three times as long; and handed over, not copied.
    let parts = [name, " Credential=", credential, ",SignedHeaders=", signed_headers, ",Signature="];
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut text = String::with_capacity(length + 2 * signature.len());
    parts.iter().for_each(|part| text.push_str(part));
    push_lower_hex(&mut text, signature);
    let mut value =
        HeaderValue::try_from(text).map_err(|_| SignError::HeaderValue(AUTHORIZATION.as_str()))?;
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    Ok(())
}

fn set(headers: &mut HeaderMap, name: &'static HeaderName, value: &str) -> Result<(), SignError> {
    let value = HeaderValue::from_str(value).map_err(|_| SignError::HeaderValue(name.as_str()))?;
    headers.insert(name, value);
    Ok(())
}

/// The headers to sign, by name.
fn signed_headers(headers: &HeaderMap, policy: HeaderPolicy) -> Result<Vec<SignedHeader<'_>>, SignError> {
    let standard = |name: &str| name == "host" || name == "content-type" || name.starts_with("x-acs-");
    let mut signed: Vec<SignedHeader<'_>> = Vec::with_capacity(headers.keys_len());
    for (name, value) in headers {
        let name = name.as_str();
        if name == "authorization" || !(policy == HeaderPolicy::Every || standard(name)) {
            continue;
        }
        let value = header_text(name, value)?;
        // The values of one name come one after the other.
        match signed.last_mut() {
            Some(last) if last.name == name => last.repeated = true,
            _ => signed.push(SignedHeader { name, value, repeated: false }),
        }
    }
    signed.sort_unstable_by_key(|header| header.name);
    Ok(signed)
}

fn listed(signed: &[SignedHeader<'_>]) -> String {
    let mut list = String::with_capacity(signed.iter().map(|header| header.name.len() + 1).sum());
    for header in signed {
        if !list.is_empty() {
            list.push(';');
        }
        list.push_str(header.name);
    }
    list
}
