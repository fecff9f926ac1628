//! Claims in the `Authorization` header: V3 and V4.

use super::{Claim, Place};
use crate::algorithm::{Algorithm, Scheme};
use crate::canonical::{SignedHeader, resolve, split};
use crate::date::parse_date;
use crate::error::AuthError;
use crate::headers::Headers;
use crate::request::RequestView;
use crate::v4;

/// The trimmed value of a header that may stand at most once.
pub(super) fn single<'a>(headers: &Headers<'a>, name: &'static str) -> Result<Option<&'a str>, AuthError> {
    let Some((value, others)) = headers.find(name) else { return Ok(None) };
    if others.is_some() {
        return Err(AuthError::incomplete(format!("the header {name} is repeated")));
    }
    let text = std::str::from_utf8(value.as_bytes());
    text.map(|text| Some(text.trim_ascii()))
        .map_err(|_| AuthError::incomplete(format!("the header {name} is not UTF-8")))
}

/// Reads the claim of `<scheme> Credential=…,SignedHeaders=…,Signature=…`.
pub(super) fn claim<'a>(
    view: &RequestView<'a>,
    headers: &Headers<'a>,
    scheme: &'a str,
    rest: &'a str,
) -> Result<Claim<'a>, AuthError> {
    let algorithm = Algorithm::from_authorization(scheme);
    let Authorization { credential, signed_headers: list, signature } = Authorization::parse(rest)?;
    let signed = resolve(view, headers, list)?;
    let control = Control::collect(view, headers, &signed, algorithm.payload_hash_header().as_str())?;
    let unix_seconds = parse_date(control.date)?;
    let (access_key_id, scope) = if algorithm.scheme() == Scheme::V4 {
        let (id, scope) = v4::parse_credential(credential, control.date)?;
        (id, Some(scope))
    } else {
        (credential, None)
    };
    if access_key_id.is_empty() {
        return Err(AuthError::Missing("AccessKeyId"));
    }
    if control.access_key_id.is_some_and(|id| id != access_key_id) {
        return Err(AuthError::incomplete("x-acs-accesskey-id is not the id of Credential"));
    }
    // An unknown algorithm has no digest; verifying will refuse it by name.
    if let Some(hash) = algorithm.hash() {
        let computed = hash.hex_digest(view.body);
        if computed.as_slice() != control.payload_hash.as_bytes() {
            return Err(AuthError::PayloadHash { computed: crate::hash::hex_text(&computed).to_owned() });
        }
    }
    let format = view.query.iter().find(|(name, _)| name == "Format").map(|(_, value)| value.as_ref());
    Ok(Claim {
        view: *view,
        algorithm,
        access_key_id,
        security_token: control.security_token.filter(|token| !token.is_empty()),
        action: control.action,
        version: control.version,
        date: control.date,
        unix_seconds,
        nonce: control.nonce,
        format,
        signature,
        place: Place::Header { list, signed, payload_hash: control.payload_hash, scope },
    })
}

/// The parts of the header, all present.
struct Authorization<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// The three parts may come in any order, with spaces after the commas; each exactly once and no others.
    fn parse(rest: &'a str) -> Result<Self, AuthError> {
        let malformed =
            || AuthError::incomplete("Authorization has not the form Credential=,SignedHeaders=,Signature=");
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in split(rest, b',') {
            let (name, value) = part.trim_ascii().split_once('=').ok_or_else(malformed)?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(malformed()),
            };
            if slot.replace(value).is_some() {
                return Err(malformed());
            }
        }
        match (credential, signed_headers, signature) {
            (Some(credential), Some(signed_headers), Some(signature)) if !signature.is_empty() => {
                Ok(Self { credential, signed_headers, signature })
            }
            _ => Err(malformed()),
        }
    }
}

/// The headers that a request is acted on by. All of them come from the signed list.
struct Control<'a> {
    action: &'a str,
    version: &'a str,
    date: &'a str,
    nonce: &'a str,
    payload_hash: &'a str,
    access_key_id: Option<&'a str>,
    security_token: Option<&'a str>,
}

impl<'a> Control<'a> {
    fn collect(
        view: &RequestView<'a>,
        headers: &Headers<'a>,
        signed: &[SignedHeader<'a>],
        hash_header: &str,
    ) -> Result<Self, AuthError> {
        let (mut host, mut action, mut version, mut date) = (None, None, None, None);
        let (mut nonce, mut payload_hash, mut access_key_id, mut security_token) = (None, None, None, None);
        for header in signed {
            let slot = match header.name {
                "host" => &mut host,
                "x-acs-action" => &mut action,
                "x-acs-version" => &mut version,
                "x-acs-date" => &mut date,
                "x-acs-signature-nonce" => &mut nonce,
                "x-acs-accesskey-id" => &mut access_key_id,
                "x-acs-security-token" => &mut security_token,
                name if name == hash_header => &mut payload_hash,
                "authorization" => return Err(AuthError::incomplete("authorization cannot sign itself")),
                _ => continue,
            };
            if header.repeated {
                return Err(AuthError::incomplete(format!("the header {} is repeated", header.name)));
            }
            *slot = Some(header.value);
        }
        let required = |slot: Option<&'a str>, name: &str| {
            slot.ok_or_else(|| AuthError::incomplete(format!("the header {name} is not signed")))
        };
        let host = required(host, "host")?;
        if view.authority.is_some_and(|authority| authority != host) {
            return Err(AuthError::incomplete("host and :authority differ"));
        }
        if date.is_none() && !headers.contains("x-acs-date") {
            return Err(AuthError::DateMissing);
        }
        for (slot, name) in [(access_key_id, "x-acs-accesskey-id"), (security_token, "x-acs-security-token")]
        {
            if slot.is_none() && headers.contains(name) {
                return Err(AuthError::incomplete(format!("the header {name} is not signed")));
            }
        }
        let filled =
            |value: &'a str, name| if value.is_empty() { Err(AuthError::Missing(name)) } else { Ok(value) };
        let date = required(date, "x-acs-date")?;
        if date.is_empty() {
            return Err(AuthError::DateMissing);
        }
        Ok(Self {
            action: filled(required(action, "x-acs-action")?, "Action")?,
            version: filled(required(version, "x-acs-version")?, "Version")?,
            date,
            nonce: filled(required(nonce, "x-acs-signature-nonce")?, "SignatureNonce")?,
            payload_hash: required(payload_hash, hash_header)?,
            access_key_id,
            security_token,
        })
    }
}
