//! What the client sides of all schemes share.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::algorithm::{Algorithm, Scheme};
use crate::canonical::{NameForm, acceptable_forms};
use crate::credentials::Credentials;
use crate::error::AuthError;
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

/// A header request made ready: the canonical view's parts that a signature is computed from.
pub(crate) struct Prepared {
    pub(crate) canonical_request: String,
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
    for name in ["host", "x-acs-action", "x-acs-version"] {
        if !headers.contains_key(name) {
            return Err(SignError::NoHeader(name));
        }
    }
    crate::date::parse_date(request.date)?;
    let payload_hash = crate::canonical::payload_hash(algorithm, request.body)?;
    headers.remove(http::header::AUTHORIZATION);
    set(headers, "x-acs-date", request.date)?;
    set(headers, "x-acs-signature-nonce", request.nonce)?;
    set(headers, algorithm.payload_hash_header(), &payload_hash)?;
    if let Some(token) = &credentials.security_token {
        set(headers, "x-acs-accesskey-id", &credentials.access_key_id)?;
        set(headers, "x-acs-security-token", token.expose())?;
        if let Some(value) = headers.get_mut("x-acs-security-token") {
            value.set_sensitive(true);
        }
    }
    let signed_headers = signed_headers(headers, policy);
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
    let canonical_request =
        crate::canonical::canonical_request(&view, &signed_headers, &payload_hash, names)?;
    Ok(Prepared { canonical_request, signed_headers })
}

/// Sets `Authorization` to the algorithm, the credential, the list and the signature in hex.
pub(crate) fn authorize(
    headers: &mut HeaderMap,
    algorithm: Algorithm<'_>,
    credential: &str,
    signed_headers: &str,
    signature: &str,
) -> Result<(), SignError> {
    let name = algorithm.name();
    let text = format!("{name} Credential={credential},SignedHeaders={signed_headers},Signature={signature}");
    let value = HeaderValue::from_str(&text).map_err(|_| SignError::HeaderValue("authorization"))?;
    headers.insert(http::header::AUTHORIZATION, value);
    Ok(())
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), SignError> {
    let value = HeaderValue::from_str(value).map_err(|_| SignError::HeaderValue(name))?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

fn signed_headers(headers: &HeaderMap, policy: HeaderPolicy) -> String {
    let standard = |name: &str| name == "host" || name == "content-type" || name.starts_with("x-acs-");
    let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
    names.retain(|name| *name != "authorization" && (policy == HeaderPolicy::Every || standard(name)));
    names.sort_unstable();
    names.join(";")
}
