//! What a request claims, and whether its signature proves it.
//!
//! [`present`] reads a request without trusting it; nothing in a [`Claim`] is known to be true before [`Claim::verify`].

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroizing, zeroize_bytes};

use crate::algorithm::{Algorithm, Scheme};
use crate::canonical::{NameForm, SignedHeader, acceptable_forms, to_sign, write_canonical_request};
use crate::error::AuthError;
use crate::hash::from_hex;
use crate::headers::Headers;
use crate::pairs::Space;
use crate::request::RequestView;
use crate::signing_key::{KeyError, SigningKey};
use crate::v1;
use crate::v4::{self, Scope};

mod header;
mod query;

/// How a request presents itself.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "short-lived, one per request: boxing would cost an allocation"
)]
pub enum Presented<'a> {
    /// It is signed with an AccessKey.
    Signed(Claim<'a>),
    /// It carries a bearer token and no signature.
    Bearer,
    /// It carries a zero-trust id token and no signature.
    IdToken,
    /// It carries neither signature nor token. Nothing in it is proven.
    Anonymous {
        /// The operation's name, from the query or else the header.
        action: Option<&'a str>,
        /// The API version, from the query or else the header.
        version: Option<&'a str>,
        /// The answer format asked for in the query.
        format: Option<&'a str>,
    },
}

/// What a signed request says of itself.
#[derive(Clone)]
pub struct Claim<'a> {
    view: RequestView<'a>,
    algorithm: Algorithm<'a>,
    access_key_id: &'a str,
    security_token: Option<&'a str>,
    action: &'a str,
    version: &'a str,
    date: &'a str,
    unix_seconds: i64,
    nonce: &'a str,
    format: Option<&'a str>,
    signature: &'a str,
    place: Place<'a>,
}

/// Where the signature was found, with what only that place has.
#[derive(Clone)]
enum Place<'a> {
    Query,
    Header { list: &'a str, signed: Vec<SignedHeader<'a>>, payload_hash: &'a str, scope: Option<Scope<'a>> },
}

/// Choices in verifying.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerifyOptions {
    /// Under V1 accept spaces signed as `+` too: one official credentials library signs its STS calls so. For STS endpoints.
    pub lenient_spaces: bool,
}

/// Finds out how a request presents itself.
///
/// An `Authorization` header whose scheme starts with `ACS` makes it V3 or V4; else bearer or id tokens decide; else
/// `Signature`, `SignatureMethod` or `AccessKeyId` in the query make it V1; else it is anonymous.
///
/// # Errors
/// A signature that is not well formed, lacks a part, leaves something unsigned that must be signed, or whose payload hash is
/// not that of the body.
pub fn present<'a>(view: &RequestView<'a>) -> Result<Presented<'a>, AuthError> {
    let headers = Headers::new(view.headers);
    if let Some(authorization) = header::single(&headers, "authorization")? {
        let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
        if scheme.starts_with("ACS") {
            return header::claim(view, &headers, scheme, rest).map(Presented::Signed);
        }
        if scheme.eq_ignore_ascii_case("bearer") {
            return Ok(Presented::Bearer);
        }
        return Err(AuthError::incomplete("the Authorization header names no scheme of this service"));
    }
    let fields = query::Fields::collect(view);
    if headers.contains("x-acs-bearer-token") || fields.asks_for_bearer() {
        return Ok(Presented::Bearer);
    }
    if headers.contains("x-acs-zero-trust-idtoken") {
        return Ok(Presented::IdToken);
    }
    if fields.is_signed() {
        fields.claim(view, &headers).map(Presented::Signed)
    } else {
        fields.anonymous(&headers)
    }
}

impl<'a> Claim<'a> {
    /// V1, V3 or V4.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        match self.place {
            Place::Query => Scheme::V1,
            Place::Header { .. } => self.algorithm.scheme(),
        }
    }

    /// The algorithm named.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm<'a> {
        self.algorithm
    }

    /// The AccessKey id, never empty.
    #[must_use]
    pub fn access_key_id(&self) -> &'a str {
        self.access_key_id
    }

    /// The token of temporary keys; an empty one counts as none.
    #[must_use]
    pub fn security_token(&self) -> Option<&'a str> {
        self.security_token
    }

    /// The operation's name, never empty. V3 and V4: from the signed headers; V1: from the signed query.
    #[must_use]
    pub fn action(&self) -> &'a str {
        self.action
    }

    /// The API version, never empty; from where the action is from.
    #[must_use]
    pub fn version(&self) -> &'a str {
        self.version
    }

    /// The request's date as it was written.
    #[must_use]
    pub fn date(&self) -> &'a str {
        self.date
    }

    /// The request's date in Unix seconds.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }

    /// The nonce, never empty.
    #[must_use]
    pub fn nonce(&self) -> &'a str {
        self.nonce
    }

    /// The answer format asked for with the query parameter `Format`.
    #[must_use]
    pub fn format(&self) -> Option<&'a str> {
        self.format
    }

    /// What a V4 key is scoped to.
    #[must_use]
    pub fn scope(&self) -> Option<Scope<'a>> {
        match self.place {
            Place::Header { scope, .. } => scope,
            Place::Query => None,
        }
    }

    /// Verifies the signature under the rules of the scheme, with [`VerifyOptions::default`].
    ///
    /// `view` is the one the claim was made from. The date's age and the nonce are not checked here.
    ///
    /// # Errors
    /// [`AuthError::Mismatch`] if the signature is another; [`AuthError::Method`] if the algorithm is unknown or does not go
    /// with the key; [`AuthError::Incomplete`] if the signature is not hex or Base64, or `view` shows another request.
    pub fn verify(&self, view: &RequestView<'_>, key: &SigningKey) -> Result<(), AuthError> {
        self.verify_with(view, key, VerifyOptions::default())
    }

    /// As [`Claim::verify`], with options.
    ///
    /// # Errors
    /// As [`Claim::verify`].
    pub fn verify_with(
        &self,
        view: &RequestView<'_>,
        key: &SigningKey,
        options: VerifyOptions,
    ) -> Result<(), AuthError> {
        if !self.view.shows_same_as(view) {
            return Err(AuthError::incomplete("the claim belongs to another request"));
        }
        match &self.place {
            Place::Query => self.verify_query(key, options),
            Place::Header { list, signed, payload_hash, scope } => {
                self.verify_header(key, list, signed, payload_hash, *scope)
            }
        }
    }

    fn verify_query(&self, key: &SigningKey, options: VerifyOptions) -> Result<(), AuthError> {
        if !matches!(self.algorithm, Algorithm::HmacSha1 | Algorithm::Sha256WithRsa) {
            return Err(AuthError::Method);
        }
        let signature = STANDARD.decode(self.signature);
        let signature = signature.map_err(|_| AuthError::incomplete("Signature is not Base64"))?;
        let RequestView { method, path, query, form, .. } = self.view;
        let mut strict = Zeroizing::new(v1::string_to_sign(method, path, query, form, Space::Percent));
        if key.verify(self.algorithm, strict.as_bytes(), &signature).map_err(method_error)? {
            return Ok(());
        }
        if options.lenient_spaces {
            let lenient = Zeroizing::new(v1::string_to_sign(method, path, query, form, Space::Plus));
            if key.verify(self.algorithm, lenient.as_bytes(), &signature).map_err(method_error)? {
                return Ok(());
            }
        }
        Err(AuthError::Mismatch(std::mem::take(&mut *strict).into()))
    }

    fn verify_header(
        &self,
        key: &SigningKey,
        list: &str,
        signed: &[SignedHeader<'_>],
        payload_hash: &str,
        scope: Option<Scope<'_>>,
    ) -> Result<(), AuthError> {
        let mut buffer = [0; 64];
        let signature = decode_hex(self.signature, &mut buffer)?;
        let (first, second) = match scope {
            // V4 encodes names, always.
            Some(_) => (Some(NameForm::Encoded), None),
            None => acceptable_forms(self.view.query),
        };
        let mut mismatch = None;
        for names in [first, second].into_iter().flatten() {
            // Plaintext to be encrypted stands in the query.
            let canonical = write_canonical_request(&self.view, list, signed, payload_hash, names);
            let text = to_sign(self.algorithm, &canonical);
            // In one sweep: `Zeroizing` goes byte by byte, and this is a kilobyte. No byte beyond its end was ever written.
            zeroize_bytes(&mut canonical.into_bytes());
            let text = text?;
            let matches = match scope {
                Some(scope) => v4::verify(key, self.algorithm, scope, &text, &signature),
                None => key.verify(self.algorithm, text.as_bytes(), &signature),
            };
            if matches.map_err(method_error)? {
                return Ok(());
            }
            // The caller is told the first form: it is what the official clients sign.
            mismatch.get_or_insert(text);
        }
        Err(AuthError::Mismatch(mismatch.unwrap_or_default().to_string().into()))
    }
}

/// Neither tokens nor parameters.
impl fmt::Debug for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("algorithm", &self.algorithm)
            .field("access_key_id", &self.access_key_id)
            .field("action", &self.action)
            .field("version", &self.version)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

/// Hex without allocation for the 32 bytes of an HMAC; an RSA signature is longer. One signature has one spelling.
fn decode_hex<'b>(text: &str, buffer: &'b mut [u8; 64]) -> Result<Cow<'b, [u8]>, AuthError> {
    let malformed = || AuthError::incomplete("Signature is not lower-case hex");
    match buffer.get_mut(..text.len() / 2) {
        Some(bytes) => from_hex(text, bytes).ok_or_else(malformed).map(|()| Cow::Borrowed(&*bytes)),
        None => {
            let mut bytes = vec![0; text.len() / 2];
            from_hex(text, &mut bytes).ok_or_else(malformed)?;
            Ok(Cow::Owned(bytes))
        }
    }
}

/// A key of the wrong kind is the caller's choice of a method that does not go with the key registered.
fn method_error(_: KeyError) -> AuthError {
    AuthError::Method
}
