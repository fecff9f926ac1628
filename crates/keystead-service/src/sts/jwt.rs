//! JSON Web Tokens of identity providers (RFC 7515, RFC 7519): RS256 and ES256, and nothing else.
//!
//! The key decides: a token names an algorithm and a key, and both must go together. So there is no `none`, and no public
//! key ever serves as the secret of an HMAC. What the header says beside these two is not looked at, but `crit`, which
//! would want to be understood, refuses the token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystead_api::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::key_set::{KeySet, NotVerified};

/// How far an issuer's clock may be ahead of this one's, in seconds.
const LEEWAY: i64 = 60;

/// The algorithms that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// What a token must say.
pub(crate) struct Expected<'a> {
    /// Exactly.
    pub(crate) issuer: &'a str,
    /// One of these.
    pub(crate) audiences: &'a [String],
    /// How old it may be, in seconds.
    pub(crate) issued_within: i64,
    pub(crate) now: Timestamp,
}

/// What a good token says.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) subject: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is no token, or lacks something.
    Malformed(&'static str),
    /// Its key is not among the issuer's.
    UnknownKey,
    /// Its signature is not its key's.
    Signature,
    /// It was made by somebody else.
    Issuer,
    /// It was made for somebody else.
    Audience,
    /// It is over, or too old.
    Expired,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audiences,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Many(Vec<String>),
}

/// Verifies a token.
pub(crate) fn verify(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Verified, Refused> {
    let malformed = Refused::Malformed;
    let (message, signature) =
        token.rsplit_once('.').ok_or(malformed("a token has three parts with a dot between"))?;
    let (header, payload) =
        message.split_once('.').ok_or(malformed("a token has three parts with a dot between"))?;
    let header: Header = object(header).ok_or(malformed("its header is not read"))?;
    let algorithm = match header.alg.as_str() {
        "RS256" => Algorithm::Rs256,
        "ES256" => Algorithm::Es256,
        _ => return Err(malformed("its algorithm is neither RS256 nor ES256")),
    };
    if header.crit.is_some() {
        return Err(malformed("its header has crit"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed("its signature is not read"))?;
    keys.verify(algorithm, header.kid.as_deref(), message.as_bytes(), &signature).map_err(
        |why| match why {
            NotVerified::NoKey => Refused::UnknownKey,
            NotVerified::Ambiguous | NotVerified::Wrong => Refused::Signature,
        },
    )?;

    let claims: Claims = object(payload).ok_or(malformed("its claims are not read"))?;
    if claims.iss != expected.issuer {
        return Err(Refused::Issuer);
    }
    let audiences = match claims.aud {
        Audiences::One(one) => vec![one],
        Audiences::Many(many) => many,
    };
    if !audiences.iter().any(|audience| expected.audiences.contains(audience)) {
        return Err(Refused::Audience);
    }
    if claims.sub.is_empty() {
        return Err(malformed("it has no subject"));
    }
    let time = |seconds: f64| seconds_of(seconds).ok_or(malformed("one of its times is none"));
    let (issued, expires) = (time(claims.iat)?, time(claims.exp)?);
    let begins = claims.nbf.map_or(Ok(issued), time)?;
    let now = expected.now;
    if expires <= now || issued.plus(expected.issued_within) < now {
        return Err(Refused::Expired);
    }
    if issued > now.plus(LEEWAY) || begins > now.plus(LEEWAY) {
        return Err(malformed("it is of the future"));
    }
    Ok(Verified { subject: claims.sub, audiences, issued, expires })
}

/// Reads a part that must be a JSON object; no name of those that count stands twice in it.
fn object<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    // A list would be read as the fields in their order.
    json.trim_ascii_start().starts_with(b"{").then_some(())?;
    serde_json::from_slice(&json).ok()
}

/// A `NumericDate`: seconds since 1970, maybe with a fraction.
fn seconds_of(seconds: f64) -> Option<Timestamp> {
    /// The year 9999.
    const LATEST: f64 = 253_402_300_799.0;
    #[allow(clippy::cast_possible_truncation, reason = "it is in range, and the fraction is dropped")]
    (0.0..=LATEST).contains(&seconds).then_some(Timestamp(seconds as i64))
}
