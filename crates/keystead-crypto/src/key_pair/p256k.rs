use k256::SecretKey;
use k256::ecdsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use k256::ecdsa::{Signature, SigningKey, VerifyingKey};
use k256::elliptic_curve::Generate as _;
use k256::elliptic_curve::sec1::ToSec1Point as _;
use k256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use zeroize::Zeroizing;

use super::{DIGEST_LEN, KeyPairError, spki};
use crate::KeyMaterial;
use crate::Random;
use crate::random::Source;

/// secp256k1 by the `k256` crate: AWS-LC has only generic code for this curve, seven times slower.
pub(super) struct Private(SigningKey);

pub(super) struct Public(VerifyingKey);

impl Private {
    pub(super) fn generate(random: &dyn Random) -> Result<KeyMaterial, KeyPairError> {
        Self(SecretKey::try_generate_from_rng(&mut Source::new(random))?.into()).to_material()
    }

    /// The key and its public half as SubjectPublicKeyInfo.
    pub(super) fn read(der: &[u8]) -> Result<(Self, Vec<u8>), KeyPairError> {
        let key = SecretKey::from_pkcs8_der(der).map_err(|_| KeyPairError::Malformed)?;
        let point = key.public_key().to_sec1_point(false);
        let spki = spki::of_point(spki::P256K, point.as_bytes())?;
        Ok((Self(key.into()), spki))
    }

    pub(super) fn to_material(&self) -> Result<KeyMaterial, KeyPairError> {
        let der = SecretKey::from(&self.0).to_pkcs8_der().map_err(|_| KeyPairError::Failed)?;
        Ok(KeyMaterial::from_bytes(Zeroizing::new(der.as_bytes().to_vec())))
    }

    /// The nonce is that of RFC 6979 with fresh randomness mixed in: neither a weak generator nor a fault that repeats a
    /// signature gives the key away. `s` is the lower of the two that are right.
    pub(super) fn sign(
        &self,
        random: &dyn Random,
        digest: &[u8; DIGEST_LEN],
    ) -> Result<Vec<u8>, KeyPairError> {
        let mut source = Source::new(random);
        let signature: Signature =
            self.0.sign_prehash_with_rng(&mut source, digest).map_err(|_| source.failure())?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

impl Public {
    pub(super) fn read(der: &[u8]) -> Result<Self, KeyPairError> {
        let point = spki::point(der, spki::P256K)?;
        VerifyingKey::from_sec1_bytes(point).map(Self).map_err(|_| KeyPairError::Malformed)
    }

    /// Takes either `s`: that the higher one is refused is a rule of certain ledgers, not of ECDSA.
    pub(super) fn verify(&self, digest: &[u8; DIGEST_LEN], signature: &[u8]) -> bool {
        Signature::from_der(signature)
            .is_ok_and(|signature| self.0.verify_prehash(digest, &signature.normalize_s()).is_ok())
    }
}
