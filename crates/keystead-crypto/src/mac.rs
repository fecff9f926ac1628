use ::hmac::{Hmac, KeyInit as _, Mac as _};
use aws_lc_rs::hmac;
use sm3::Sm3;

use crate::sealing::expand;
use crate::{Cipher, KeyMaterial, MacAlgorithm, Purpose};

/// A key for message authentication codes. Has no `Debug`, `Clone` or serialiser.
pub struct MacKey {
    algorithm: MacAlgorithm,
    prepared: Prepared,
}

/// SHA-2 by AWS-LC, SM3 by RustCrypto; both have taken in the key already.
enum Prepared {
    Sha2(Box<hmac::Key>),
    Sm3(Hmac<Sm3>),
}

impl MacKey {
    /// Prepares a key.
    pub fn new(algorithm: MacAlgorithm, material: &KeyMaterial) -> Self {
        let sha2 = |hash| Prepared::Sha2(Box::new(hmac::Key::new(hash, material.expose())));
        let prepared = match algorithm {
            MacAlgorithm::HmacSha224 => sha2(hmac::HMAC_SHA224),
            MacAlgorithm::HmacSha256 => sha2(hmac::HMAC_SHA256),
            MacAlgorithm::HmacSha384 => sha2(hmac::HMAC_SHA384),
            MacAlgorithm::HmacSha512 => sha2(hmac::HMAC_SHA512),
            MacAlgorithm::HmacSm3 => Prepared::Sm3(hmac_sm3(material.expose())),
        };
        Self { algorithm, prepared }
    }

    /// Derives the HMAC-SHA-256 key for a purpose from a key above, as [`SealingKey::derive`](crate::SealingKey::derive)
    /// does, with an empty context.
    pub fn derive(material: &KeyMaterial, purpose: Purpose) -> Self {
        let key = expand(Cipher::Aes256, material, &[purpose.label(), &[0]]);
        Self {
            algorithm: MacAlgorithm::HmacSha256,
            prepared: Prepared::Sha2(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &*key))),
        }
    }

    /// What it computes.
    pub fn algorithm(&self) -> MacAlgorithm {
        self.algorithm
    }

    /// The code of a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.prepared {
            Prepared::Sha2(key) => hmac::sign(key, message).as_ref().to_vec(),
            Prepared::Sm3(key) => key.clone().chain_update(message).finalize().into_bytes().to_vec(),
        }
    }

    /// Whether a code is right; compared in constant time. A shortened code is wrong.
    pub fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        match &self.prepared {
            Prepared::Sha2(key) => hmac::verify(key, message, mac).is_ok(),
            Prepared::Sm3(key) => key.clone().chain_update(message).verify_slice(mac).is_ok(),
        }
    }
}

/// HMAC-SM3 that has taken in a key.
pub(crate) fn hmac_sm3(key: &[u8]) -> Hmac<Sm3> {
    match Hmac::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes a key of any length"),
    }
}
