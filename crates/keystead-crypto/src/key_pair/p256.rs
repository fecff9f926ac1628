use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
};
use zeroize::Zeroizing;

use super::rsa::sha256_digest;
use super::{DIGEST_LEN, KeyPairError, spki};
use crate::KeyMaterial;

/// NIST P-256 by AWS-LC.
pub(super) struct Private(EcdsaKeyPair);

pub(super) struct Public(ParsedPublicKey);

impl Private {
    pub(super) fn generate() -> Result<KeyMaterial, KeyPairError> {
        let key =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| KeyPairError::Failed)?;
        Self(key).to_material()
    }

    /// The key and its public half as SubjectPublicKeyInfo.
    pub(super) fn read(der: &[u8]) -> Result<(Self, Vec<u8>), KeyPairError> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der)
            .map_err(|_| KeyPairError::Malformed)?;
        let spki = AsDer::<PublicKeyX509Der>::as_der(key.public_key())
            .map_err(|_| KeyPairError::Failed)?
            .as_ref()
            .to_vec();
        Ok((Self(key), spki))
    }

    pub(super) fn to_material(&self) -> Result<KeyMaterial, KeyPairError> {
        let der = self.0.to_pkcs8v1().map_err(|_| KeyPairError::Failed)?;
        Ok(KeyMaterial::from_bytes(Zeroizing::new(der.as_ref().to_vec())))
    }

    pub(super) fn sign(&self, digest: &[u8; DIGEST_LEN]) -> Result<Vec<u8>, KeyPairError> {
        let signature = self.0.sign_digest(&sha256_digest(digest)?).map_err(|_| KeyPairError::Failed)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl Public {
    pub(super) fn read(der: &[u8]) -> Result<Self, KeyPairError> {
        let point = spki::point(der, spki::P256)?;
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).map(Self).map_err(|_| KeyPairError::Malformed)
    }

    pub(super) fn verify(&self, digest: &[u8; DIGEST_LEN], signature: &[u8]) -> Result<bool, KeyPairError> {
        Ok(self.0.verify_digest_sig(&sha256_digest(digest)?, signature).is_ok())
    }
}
