//! Reading what files, commands and services gave. Nothing of it is quoted in an error.

use std::fmt;

use http::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::error::Fault;
use crate::credentials::{Credentials, SecretKey, SecurityToken};

/// A secret text within JSON. Wiped on drop and not shown.
#[derive(Default)]
pub(super) struct Hidden(Zeroizing<String>);

impl Hidden {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn into_inner(mut self) -> String {
        std::mem::take(&mut *self.0)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

/// A JSON object. `what` is what the error calls it.
pub(super) fn json<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // serde would read an array as an object's fields in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(Fault::Malformed(format!("{what} is no JSON object")));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        // The parser's own text may quote a value.
        let (line, column) = (error.line(), error.column());
        Fault::Malformed(format!("{what} has another form than expected (line {line}, column {column})"))
    })
}

/// The fields of temporary keys, as STS and most others name them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Issued {
    pub(super) code: Option<String>,
    pub(super) access_key_id: Option<String>,
    pub(super) access_key_secret: Option<Hidden>,
    pub(super) security_token: Option<Hidden>,
    pub(super) expiration: Option<String>,
}

impl Issued {
    /// As [`Issued::into_credentials`], from an answer whose `Code` has to say that all went well.
    pub(super) fn of_success(what: &str, body: &[u8]) -> Result<(Credentials, i64), Fault> {
        let issued: Self = json(what, body)?;
        if issued.code.as_deref() == Some("Success") {
            issued.into_credentials(what)
        } else {
            Err(refused(200, body))
        }
    }

    /// Credentials with their expiration. All four fields are needed.
    pub(super) fn into_credentials(self, what: &str) -> Result<(Credentials, i64), Fault> {
        let credentials =
            keys(what, self.access_key_id, self.access_key_secret, Token::Needed(self.security_token))?;
        Ok((credentials, expiration(what, self.expiration.as_deref())?))
    }
}

/// The token, and whether there has to be one.
pub(super) enum Token {
    Needed(Option<Hidden>),
    Optional(Option<Hidden>),
}

/// Credentials of their parts, each of which must be there, not empty, and fit to stand in a header.
pub(super) fn keys(
    what: &str,
    id: Option<String>,
    secret: Option<Hidden>,
    token: Token,
) -> Result<Credentials, Fault> {
    let lacks = |name: &str| Fault::Malformed(format!("{what} has no {name}"));
    let unfit = |name: &str| Fault::Malformed(format!("{what} has {name} that cannot be sent in a header"));
    let access_key_id = id.filter(|id| !id.is_empty()).ok_or_else(|| lacks("AccessKey id"))?;
    if !visible(&access_key_id) {
        return Err(unfit("an AccessKey id"));
    }
    let filled = |secret: Option<Hidden>| secret.filter(|secret| !secret.expose().is_empty());
    let secret = filled(secret).ok_or_else(|| lacks("AccessKey secret"))?;
    let token = match token {
        Token::Needed(token) => Some(filled(token).ok_or_else(|| lacks("security token"))?),
        Token::Optional(token) => filled(token),
    };
    if token.as_ref().is_some_and(|token| !visible(token.expose())) {
        return Err(unfit("a security token"));
    }
    Ok(Credentials {
        access_key_id,
        secret: SecretKey::new(secret.into_inner()),
        security_token: token.map(|token| SecurityToken::new(token.into_inner())),
    })
}

pub(super) fn hidden(text: String) -> Hidden {
    Hidden(Zeroizing::new(text))
}

/// Reads `YYYY-MM-DDTHH:MM:SSZ`, the one form that the official libraries read.
pub(super) fn expiration(what: &str, text: Option<&str>) -> Result<i64, Fault> {
    let text = text.ok_or_else(|| Fault::Malformed(format!("{what} has no expiration")))?;
    crate::date::parse_date(text)
        .map_err(|_| Fault::Malformed(format!("{what} has an expiration that is not YYYY-MM-DDTHH:MM:SSZ")))
}

/// The body of an answer with status 200; anything else is a refusal.
pub(super) fn accepted(answer: &Response<Zeroizing<Vec<u8>>>) -> Result<&[u8], Fault> {
    let status = answer.status().as_u16();
    if status == 200 { Ok(answer.body()) } else { Err(refused(status, answer.body())) }
}

/// What a refusal says, so far as it has the form of codes and ids: texts for people may quote secrets.
pub(super) fn refused(status: u16, body: &[u8]) -> Fault {
    #[derive(Default, Deserialize)]
    struct Refusal {
        #[serde(rename = "Code", alias = "code", alias = "error")]
        code: Option<String>,
        #[serde(rename = "RequestId", alias = "requestId")]
        request_id: Option<String>,
    }
    let Refusal { code, request_id } = json("the refusal", body).unwrap_or_default();
    Fault::Refused {
        status,
        code: code.filter(|text| is_id(text)),
        request_id: request_id.filter(|text| is_id(text)),
    }
}

/// Whether a text has the form of a code, an id or a keyword, and can be shown.
pub(super) fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

fn visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}
