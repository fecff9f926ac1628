//! Keys prepared for signing and verifying.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac as aws_hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sm3::Sm3;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::credentials::SecretKey;
use crate::hash::Hash;

/// What signatures are made and checked with.
///
/// A key made from a secret serves the HMAC algorithms only, one made from an RSA key serves `ACS3-RSA-SHA256` and V1's
/// `SHA256withRSA` only: a public key can never stand in for an HMAC secret, whatever algorithm the request names.
pub struct SigningKey(Kind);

enum Kind {
    Secret(SecretKey),
    RsaPair { pair: Box<RsaKeyPair>, public: ParsedPublicKey },
    RsaPublic(ParsedPublicKey),
}

/// A key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not an unencrypted PKCS#8 RSA private key of 2048 to 8192 bits.
    #[error("the secret is not an unencrypted PKCS#8 RSA private key of 2048 to 8192 bits")]
    PrivateKey,
    /// Not an RSA public key of 2048 to 8192 bits.
    #[error("not an RSA public key of 2048 to 8192 bits")]
    PublicKey,
    /// The algorithm is unknown, or needs another kind of key.
    #[error("the algorithm does not go with this kind of key")]
    Algorithm,
    /// The cryptographic library refused to sign.
    #[error("signing failed")]
    Failed,
}

impl SigningKey {
    /// An AccessKey secret, for the HMAC algorithms of all schemes. It is shared, with what was prepared of it.
    #[must_use]
    pub fn new(secret: &SecretKey) -> Self {
        Self(Kind::Secret(secret.clone()))
    }

    /// Reads an unencrypted PKCS#8 RSA private key, as PEM or as the bare Base64 of its DER, for `ACS3-RSA-SHA256`.
    ///
    /// # Errors
    /// [`KeyError::PrivateKey`].
    pub fn rsa_private(secret: &SecretKey) -> Result<Self, KeyError> {
        let mut body = Zeroizing::new(String::with_capacity(secret.expose().len()));
        for line in secret.expose().lines().filter(|line| !line.starts_with("-----")) {
            body.extend(line.chars().filter(|c| !c.is_ascii_whitespace()));
        }
        let der = Zeroizing::new(STANDARD.decode(body.as_bytes()).map_err(|_| KeyError::PrivateKey)?);
        Self::of_pair(RsaKeyPair::from_pkcs8(&der).map_err(|_| KeyError::PrivateKey)?)
    }

    /// Reads an unencrypted RSA private key, the DER of PKCS#8 or of PKCS#1, for `ACS3-RSA-SHA256` and the instance API.
    ///
    /// # Errors
    /// [`KeyError::PrivateKey`].
    pub fn rsa_private_der(der: &[u8]) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der));
        Self::of_pair(pair.map_err(|_| KeyError::PrivateKey)?)
    }

    fn of_pair(pair: RsaKeyPair) -> Result<Self, KeyError> {
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
            .map_err(|_| KeyError::PrivateKey)?;
        Ok(Self(Kind::RsaPair { pair: Box::new(pair), public }))
    }

    /// Reads an RSA public key, the DER of a SubjectPublicKeyInfo or of PKCS#1, to verify `ACS3-RSA-SHA256`.
    ///
    /// # Errors
    /// [`KeyError::PublicKey`].
    pub fn rsa_public(der: &[u8]) -> Result<Self, KeyError> {
        let public =
            ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(|_| KeyError::PublicKey)?;
        Ok(Self(Kind::RsaPublic(public)))
    }

    /// The key an algorithm needs, made from a client's secret.
    ///
    /// # Errors
    /// [`KeyError::PrivateKey`] if the algorithm is RSA and the secret is no private key.
    pub fn for_algorithm(secret: &SecretKey, algorithm: Algorithm<'_>) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::AcsRsaSha256 | Algorithm::Sha256WithRsa => Self::rsa_private(secret),
            _ => Ok(Self::new(secret)),
        }
    }

    /// The signature's bytes over a V1 or V3 string to sign.
    pub(crate) fn sign(&self, algorithm: Algorithm<'_>, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match (algorithm, &self.0) {
            (Algorithm::AcsHmacSha256, Kind::Secret(secret)) => {
                Ok(aws_hmac::sign(secret.hmac_sha256(), message).as_ref().to_vec())
            }
            (Algorithm::AcsHmacSm3, Kind::Secret(secret)) => {
                Ok(hmac_sm3(secret.expose().as_bytes(), message)?.to_vec())
            }
            (Algorithm::HmacSha1, Kind::Secret(secret)) => {
                Ok(aws_hmac::sign(&v1_key(secret.expose()), message).as_ref().to_vec())
            }
            (Algorithm::AcsRsaSha256 | Algorithm::Sha256WithRsa, Kind::RsaPair { pair, .. }) => {
                // The buffer has to have exactly the modulus's length. PKCS#1 v1.5 uses no randomness; the argument is ignored.
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| KeyError::Failed)?;
                Ok(signature)
            }
            _ => Err(KeyError::Algorithm),
        }
    }

    /// Whether the signature's bytes belong to a V1 or V3 string to sign. The HMACs are compared in constant time.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        match (algorithm, &self.0) {
            (Algorithm::AcsHmacSha256, Kind::Secret(secret)) => {
                Ok(aws_hmac::verify(secret.hmac_sha256(), message, signature).is_ok())
            }
            (Algorithm::AcsHmacSm3, Kind::Secret(secret)) => {
                Ok(verify_slices_are_equal(&hmac_sm3(secret.expose().as_bytes(), message)?, signature)
                    .is_ok())
            }
            (Algorithm::HmacSha1, Kind::Secret(secret)) => {
                Ok(aws_hmac::verify(&v1_key(secret.expose()), message, signature).is_ok())
            }
            (
                Algorithm::AcsRsaSha256 | Algorithm::Sha256WithRsa,
                Kind::RsaPair { public, .. } | Kind::RsaPublic(public),
            ) => Ok(public.verify_sig(message, signature).is_ok()),
            _ => Err(KeyError::Algorithm),
        }
    }

    /// The secret's text, from which V4 derives its scoped key.
    pub(crate) fn secret_text(&self) -> Result<&str, KeyError> {
        match &self.0 {
            Kind::Secret(secret) => Ok(secret.expose()),
            Kind::RsaPair { .. } | Kind::RsaPublic(_) => Err(KeyError::Algorithm),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Secret(_) => "SigningKey(HMAC, redacted)",
            Kind::RsaPair { .. } => "SigningKey(RSA pair, redacted)",
            Kind::RsaPublic(_) => "SigningKey(RSA public key)",
        })
    }
}

/// A 32-byte HMAC under a raw key, for V4's derivation and signature.
pub(crate) fn keyed_hash(hash: Hash, key: &[u8], message: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    match hash {
        Hash::Sha256 => {
            let tag = aws_hmac::sign(&aws_hmac::Key::new(aws_hmac::HMAC_SHA256, key), message);
            tag.as_ref().try_into().map(Zeroizing::new).map_err(|_| KeyError::Failed)
        }
        Hash::Sm3 => hmac_sm3(key, message).map(Zeroizing::new),
    }
}

fn hmac_sm3(key: &[u8], message: &[u8]) -> Result<[u8; 32], KeyError> {
    let mut mac = Hmac::<Sm3>::new_from_slice(key).map_err(|_| KeyError::Failed)?;
    mac.update(message);
    Ok(mac.finalize().into_bytes().into())
}

/// V1 signs with the secret and an ampersand.
fn v1_key(secret: &str) -> aws_hmac::Key {
    let mut text = Zeroizing::new(String::with_capacity(secret.len() + 1));
    text.push_str(secret);
    text.push('&');
    aws_hmac::Key::new(aws_hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn kinds_do_not_mix() {
        let secret = SecretKey::new("not a key".into());
        assert_eq!(SigningKey::rsa_private(&secret).unwrap_err(), KeyError::PrivateKey);
        assert_eq!(SigningKey::rsa_private_der(b"nor this").unwrap_err(), KeyError::PrivateKey);
        assert_eq!(SigningKey::rsa_public(b"nor this").unwrap_err(), KeyError::PublicKey);
        let key = SigningKey::new(&secret);
        let others = [Algorithm::AcsRsaSha256, Algorithm::Sha256WithRsa, Algorithm::Acs4HmacSha256];
        for algorithm in others.into_iter().chain([Algorithm::Unsupported("x")]) {
            assert_eq!(key.sign(algorithm, b"m"), Err(KeyError::Algorithm));
            assert_eq!(key.verify(algorithm, b"m", b""), Err(KeyError::Algorithm));
        }
        assert!(!format!("{key:?}").contains("not a key"));
    }

    #[test]
    fn an_empty_signature_never_matches() {
        let key = SigningKey::new(&SecretKey::new("k".into()));
        for algorithm in [Algorithm::AcsHmacSha256, Algorithm::AcsHmacSm3, Algorithm::HmacSha1] {
            assert_eq!(key.verify(algorithm, b"m", b""), Ok(false));
            let signature = key.sign(algorithm, b"m").unwrap();
            assert_eq!(key.verify(algorithm, b"m", &signature), Ok(true));
            assert_eq!(key.verify(algorithm, b"m", &signature[..signature.len() - 1]), Ok(false));
        }
    }
}
