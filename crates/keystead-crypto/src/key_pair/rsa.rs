use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use zeroize::Zeroizing;

use super::{DIGEST_LEN, KeyPairError, spki};
use crate::{EncryptionAlgorithm, KeyMaterial, KeyPairSpec, OpenError, Random, SignatureAlgorithm};

/// RSA, all of it by AWS-LC: its private operations are blinded and take the same time for every input.
pub(super) struct Private {
    signing: RsaKeyPair,
    // Both share one key underneath.
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Pkcs1PrivateDecryptingKey,
}

pub(super) struct Public {
    pss: ParsedPublicKey,
    pkcs1: ParsedPublicKey,
    oaep: OaepPublicEncryptingKey,
}

impl Private {
    pub(super) fn generate(spec: KeyPairSpec) -> Result<KeyMaterial, KeyPairError> {
        let size = match spec {
            KeyPairSpec::Rsa2048 => KeySize::Rsa2048,
            KeyPairSpec::Rsa3072 => KeySize::Rsa3072,
            KeyPairSpec::Rsa4096 => KeySize::Rsa4096,
            KeyPairSpec::EcP256 | KeyPairSpec::EcP256k | KeyPairSpec::Sm2 => {
                return Err(KeyPairError::Algorithm);
            }
        };
        material(&RsaKeyPair::generate(size).map_err(|_| KeyPairError::Failed)?)
    }

    /// The key and its public half as SubjectPublicKeyInfo.
    pub(super) fn read(spec: KeyPairSpec, der: &[u8]) -> Result<(Self, Vec<u8>), KeyPairError> {
        let signing = RsaKeyPair::from_pkcs8(der).map_err(|_| KeyPairError::Malformed)?;
        let decrypting = PrivateDecryptingKey::from_pkcs8(der).map_err(|_| KeyPairError::Malformed)?;
        if Some(signing.public_modulus_len()) != spec.modulus_len() {
            return Err(KeyPairError::Malformed);
        }
        let spki = AsDer::<PublicKeyX509Der>::as_der(signing.public_key())
            .map_err(|_| KeyPairError::Failed)?
            .as_ref()
            .to_vec();
        let oaep = OaepPrivateDecryptingKey::new(decrypting.clone()).map_err(|_| KeyPairError::Failed)?;
        let pkcs1 = Pkcs1PrivateDecryptingKey::new(decrypting).map_err(|_| KeyPairError::Failed)?;
        Ok((Self { signing, oaep, pkcs1 }, spki))
    }

    pub(super) fn to_material(&self) -> Result<KeyMaterial, KeyPairError> {
        material(&self.signing)
    }

    pub(super) fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &[u8; DIGEST_LEN],
    ) -> Result<Vec<u8>, KeyPairError> {
        let encoding = match algorithm {
            SignatureAlgorithm::RsaPssSha256 => &RSA_PSS_SHA256,
            SignatureAlgorithm::RsaPkcs1Sha256 => &RSA_PKCS1_SHA256,
            SignatureAlgorithm::EcdsaSha256 | SignatureAlgorithm::Sm2Dsa => {
                return Err(KeyPairError::Algorithm);
            }
        };
        // The library panics at any other length.
        let mut signature = vec![0; self.signing.public_modulus_len()];
        self.signing
            .sign_digest(encoding, &sha256_digest(digest)?, &mut signature)
            .map_err(|_| KeyPairError::Failed)?;
        Ok(signature)
    }

    pub(super) fn decrypt_oaep(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let algorithm = oaep(algorithm).ok_or(OpenError)?;
        let mut out = Zeroizing::new(vec![0; self.oaep.min_output_size()]);
        let len = self.oaep.decrypt(algorithm, ciphertext, &mut out, None).map_err(|_| OpenError)?.len();
        out.truncate(len);
        Ok(out)
    }

    /// RSAES-PKCS1-v1_5 is what Bleichenbacher (1998) broke: whoever learns of chosen ciphertexts whether their padding is
    /// right can, with thousands to millions of such answers, decrypt another one. Against it stand here:
    ///
    /// - *The answer.* Wrong padding, wrong length and a ciphertext that is none give one error. A success is an answer
    ///   too, but says more than that the padding was right: exactly `len` bytes follow the first zero. Of 2^25 chosen
    ///   ciphertexts one does that (2,048 bits, 32 bytes: 2^-16 for the head, 2^-8 for the zero in its place, about 2^-1
    ///   for none before it), and it binds the key to material that the attacker does not know.
    /// - *The number.* A wrapping key lives as long as its import token, and five failures end that. No attack is known that
    ///   does with five answers.
    /// - *The time.* AWS-LC blinds the private operation and reads the padding without branching on it, up to one bit: right
    ///   or wrong. From there both go the same way: substitute material has been drawn before, the result is chosen byte by
    ///   byte with a mask, and only then it ends. So wrong padding takes as long as right padding of the wrong length, but
    ///   for the library's own return with an error, some hundred nanoseconds that five answers cannot average out of the
    ///   noise of a network.
    pub(super) fn unwrap_pkcs1(
        &self,
        random: &dyn Random,
        wrapped: &[u8],
        len: usize,
    ) -> Result<KeyMaterial, OpenError> {
        let substitute = KeyMaterial::generate(random, len).map_err(|_| OpenError)?;
        let mut out = Zeroizing::new(vec![0; self.pkcs1.min_output_size()]);
        let found = self.pkcs1.decrypt(wrapped, &mut out).map(|bytes| bytes.len());
        let good = found == Ok(len);
        let mask = 0u8.wrapping_sub(u8::from(good));
        let selected = substitute
            .expose()
            .iter()
            .zip(out.iter())
            .map(|(other, real)| (real & mask) | (other & !mask))
            .collect();
        let material = KeyMaterial::from_bytes(Zeroizing::new(selected));
        if good { Ok(material) } else { Err(OpenError) }
    }
}

impl Public {
    pub(super) fn read(spec: KeyPairSpec, der: &[u8]) -> Result<Self, KeyPairError> {
        spki::check_rsa(der)?;
        let encrypting = PublicEncryptingKey::from_der(der).map_err(|_| KeyPairError::Malformed)?;
        if spec.modulus_len().map(|len| len * 8) != Some(encrypting.key_size_bits()) {
            return Err(KeyPairError::Malformed);
        }
        let parsed = |algorithm| ParsedPublicKey::new(algorithm, der).map_err(|_| KeyPairError::Malformed);
        Ok(Self {
            pss: parsed(&RSA_PSS_2048_8192_SHA256)?,
            pkcs1: parsed(&RSA_PKCS1_2048_8192_SHA256)?,
            oaep: OaepPublicEncryptingKey::new(encrypting).map_err(|_| KeyPairError::Failed)?,
        })
    }

    pub(super) fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &[u8; DIGEST_LEN],
        signature: &[u8],
    ) -> Result<bool, KeyPairError> {
        let key = match algorithm {
            SignatureAlgorithm::RsaPssSha256 => &self.pss,
            SignatureAlgorithm::RsaPkcs1Sha256 => &self.pkcs1,
            SignatureAlgorithm::EcdsaSha256 | SignatureAlgorithm::Sm2Dsa => {
                return Err(KeyPairError::Algorithm);
            }
        };
        Ok(key.verify_digest_sig(&sha256_digest(digest)?, signature).is_ok())
    }

    pub(super) fn max_plaintext(&self, algorithm: EncryptionAlgorithm) -> usize {
        oaep(algorithm).map_or(0, |algorithm| self.oaep.max_plaintext_size(algorithm))
    }

    pub(super) fn encrypt_oaep(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, KeyPairError> {
        let algorithm = oaep(algorithm).ok_or(KeyPairError::Algorithm)?;
        let mut out = vec![0; self.oaep.ciphertext_size()];
        let len =
            self.oaep.encrypt(algorithm, plaintext, &mut out, None).map_err(|_| KeyPairError::Failed)?.len();
        out.truncate(len);
        Ok(out)
    }
}

fn oaep(algorithm: EncryptionAlgorithm) -> Option<&'static OaepAlgorithm> {
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha256 => Some(&OAEP_SHA256_MGF1SHA256),
        EncryptionAlgorithm::RsaesOaepSha1 => Some(&OAEP_SHA1_MGF1SHA1),
        EncryptionAlgorithm::Sm2Pke => None,
    }
}

fn material(key: &RsaKeyPair) -> Result<KeyMaterial, KeyPairError> {
    let der = AsDer::<Pkcs8V1Der>::as_der(key).map_err(|_| KeyPairError::Failed)?;
    Ok(KeyMaterial::from_bytes(Zeroizing::new(der.as_ref().to_vec())))
}

/// The library calls it less safe because it cannot know that the bytes are a digest; here the caller made them.
pub(super) fn sha256_digest(digest: &[u8; DIGEST_LEN]) -> Result<Digest, KeyPairError> {
    Digest::import_less_safe(digest, &SHA256).map_err(|_| KeyPairError::Digest)
}
