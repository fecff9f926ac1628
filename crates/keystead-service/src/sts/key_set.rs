//! The public keys of an issuer: a JSON Web Key Set (RFC 7517).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use thiserror::Error;

use super::jwt::Algorithm;

/// Keys of a set at most; issuers have a handful.
const MAX_KEYS: usize = 128;
/// Bytes of an RSA modulus: 2,048 to 4,096 bits. Larger ones would only make a refusal expensive.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
/// Bytes of a coordinate of P-256.
const COORDINATE: usize = 32;

/// The keys of an issuer that verify tokens. Keys of other kinds, or for other uses, are left out.
#[derive(Clone, Debug)]
pub struct KeySet(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    kid: Option<String>,
    public: Public,
}

#[derive(Clone, Debug)]
enum Public {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// Uncompressed point.
    P256(Vec<u8>),
}

#[derive(Deserialize)]
struct WireSet {
    keys: Vec<WireKey>,
}

#[derive(Deserialize)]
struct WireKey {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// What is no set of keys.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeySetError {
    /// No JSON Web Key Set.
    #[error("it is no JSON Web Key Set")]
    Malformed,
    /// More keys than anybody needs.
    #[error("it has more than {MAX_KEYS} keys")]
    TooMany,
}

/// Why no key of a set verified a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotVerified {
    /// No key goes with the token.
    NoKey,
    /// Several do, and nothing says which is meant.
    Ambiguous,
    /// The one that does says no.
    Wrong,
}

impl KeySet {
    /// Reads a set.
    ///
    /// # Errors
    /// When it is none, or too large.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        let set: WireSet = serde_json::from_slice(json).map_err(|_| KeySetError::Malformed)?;
        if set.keys.len() > MAX_KEYS {
            return Err(KeySetError::TooMany);
        }
        Ok(Self(set.keys.into_iter().filter_map(Key::read).collect()))
    }

    /// How many keys verify tokens.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Verifies with the one key that has this id and is of the algorithm's kind. Without an id, the set must have only
    /// one of the kind.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), NotVerified> {
        let mut fitting = self.0.iter().filter(|key| {
            key.public.algorithm() == algorithm && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid))
        });
        match (fitting.next(), fitting.next()) {
            (None, _) => Err(NotVerified::NoKey),
            // Trying them all would let whoever adds a key to a set decide for another one's id.
            (Some(_), Some(_)) => Err(NotVerified::Ambiguous),
            (Some(key), None) if key.public.verify(message, signature) => Ok(()),
            (Some(_), None) => Err(NotVerified::Wrong),
        }
    }
}

impl Key {
    fn read(key: WireKey) -> Option<Self> {
        let for_signatures = key.usage.as_deref().is_none_or(|usage| usage == "sig")
            && key.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let decode = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let public = match key.kty.as_str() {
            "RSA" => {
                let n = decode(key.n)?;
                // Some write the leading zero that ASN.1 would have.
                let n = n[n.iter().take_while(|byte| **byte == 0).count()..].to_vec();
                MODULUS.contains(&n.len()).then_some(())?;
                Public::Rsa { n, e: decode(key.e)? }
            }
            "EC" if key.crv.as_deref() == Some("P-256") => {
                let (x, y) = (decode(key.x)?, decode(key.y)?);
                (x.len() == COORDINATE && y.len() == COORDINATE).then_some(())?;
                Public::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            _ => return None,
        };
        let named = key.alg.as_deref().is_none_or(|alg| alg == public.algorithm().name());
        (for_signatures && named).then_some(Self { kid: key.kid, public })
    }
}

impl Public {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
        }
    }
}
