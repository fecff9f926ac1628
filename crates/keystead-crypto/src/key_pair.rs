mod p256;
mod p256k;
mod rsa;
mod sm2;
mod spki;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    EncryptionAlgorithm, KeyMaterial, KeyPairSpec, OpenError, Random, RandomError, SignatureAlgorithm,
    WrappingAlgorithm,
};

/// Length of a digest that is signed, in bytes: SHA-256 or SM3.
pub const DIGEST_LEN: usize = 32;

/// A private key, parsed and ready. Has no `Debug`, `Clone` or serialiser, as [`KeyMaterial`] has none.
pub struct PrivateKey {
    half: PrivateHalf,
    public: PublicKey,
}

/// A public key, parsed and ready.
pub struct PublicKey {
    spec: KeyPairSpec,
    half: PublicHalf,
    spki: Vec<u8>,
}

enum PrivateHalf {
    Rsa(rsa::Private),
    P256(p256::Private),
    P256k(p256k::Private),
    Sm2(sm2::Private),
}

enum PublicHalf {
    Rsa(rsa::Public),
    P256(p256::Public),
    P256k(p256k::Public),
    Sm2(sm2::Public),
}

impl PrivateKey {
    /// Makes a key pair. RSA takes 50 ms to over a second of computation: not for a thread that serves requests.
    /// RSA and P-256 keys come from AWS-LC, which draws from its own generator, the one behind [`crate::SystemRandom`].
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(spec: KeyPairSpec, random: &dyn Random) -> Result<Self, KeyPairError> {
        let material = match spec {
            KeyPairSpec::Rsa2048 | KeyPairSpec::Rsa3072 | KeyPairSpec::Rsa4096 => {
                rsa::Private::generate(spec)?
            }
            KeyPairSpec::EcP256 => p256::Private::generate()?,
            KeyPairSpec::EcP256k => p256k::Private::generate(random)?,
            KeyPairSpec::Sm2 => sm2::Private::generate(random)?,
        };
        // Through the stored form, so that a key that could not be read back is never handed out.
        Self::from_material(spec, &material)
    }

    /// Reads what [`PrivateKey::to_material`] made: PKCS#8 DER.
    ///
    /// # Errors
    /// When it is no valid key of that kind.
    pub fn from_material(spec: KeyPairSpec, material: &KeyMaterial) -> Result<Self, KeyPairError> {
        let der = material.expose();
        let (half, spki) = match spec {
            KeyPairSpec::Rsa2048 | KeyPairSpec::Rsa3072 | KeyPairSpec::Rsa4096 => {
                let (half, spki) = rsa::Private::read(spec, der)?;
                (PrivateHalf::Rsa(half), spki)
            }
            KeyPairSpec::EcP256 => {
                let (half, spki) = p256::Private::read(der)?;
                (PrivateHalf::P256(half), spki)
            }
            KeyPairSpec::EcP256k => {
                let (half, spki) = p256k::Private::read(der)?;
                (PrivateHalf::P256k(half), spki)
            }
            KeyPairSpec::Sm2 => {
                let (half, spki) = sm2::Private::read(der)?;
                (PrivateHalf::Sm2(half), spki)
            }
        };
        Ok(Self { half, public: PublicKey::from_spki(spec, &spki)? })
    }

    /// The key as PKCS#8 DER, for sealing.
    ///
    /// # Errors
    /// When the library refuses, which it has no reason to.
    pub fn to_material(&self) -> Result<KeyMaterial, KeyPairError> {
        match &self.half {
            PrivateHalf::Rsa(key) => key.to_material(),
            PrivateHalf::P256(key) => key.to_material(),
            PrivateHalf::P256k(key) => key.to_material(),
            PrivateHalf::Sm2(key) => key.to_material(),
        }
    }

    /// The key as PKCS#8 in PEM, in lines of 64 characters.
    ///
    /// # Errors
    /// As [`PrivateKey::to_material`].
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyPairError> {
        Ok(Zeroizing::new(pem("PRIVATE KEY", self.to_material()?.expose())))
    }

    /// The public half.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a digest.
    ///
    /// # Errors
    /// [`KeyPairError::Algorithm`] when the key cannot do it, [`KeyPairError::Digest`] when the digest has not 32 bytes.
    pub fn sign(
        &self,
        random: &dyn Random,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyPairError> {
        use SignatureAlgorithm::{EcdsaSha256, RsaPkcs1Sha256, RsaPssSha256, Sm2Dsa};
        let digest = <&[u8; DIGEST_LEN]>::try_from(digest);
        match (&self.half, algorithm) {
            (PrivateHalf::Rsa(key), RsaPssSha256 | RsaPkcs1Sha256) => {
                key.sign(algorithm, digest.map_err(|_| KeyPairError::Digest)?)
            }
            (PrivateHalf::P256(key), EcdsaSha256) => key.sign(digest.map_err(|_| KeyPairError::Digest)?),
            (PrivateHalf::P256k(key), EcdsaSha256) => {
                key.sign(random, digest.map_err(|_| KeyPairError::Digest)?)
            }
            (PrivateHalf::Sm2(key), Sm2Dsa) => key.sign(random, digest.map_err(|_| KeyPairError::Digest)?),
            _ => Err(KeyPairError::Algorithm),
        }
    }

    /// Decrypts.
    ///
    /// # Errors
    /// One error for every cause.
    pub fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        use EncryptionAlgorithm::{RsaesOaepSha1, RsaesOaepSha256, Sm2Pke};
        match (&self.half, algorithm) {
            (PrivateHalf::Rsa(key), RsaesOaepSha1 | RsaesOaepSha256) => {
                key.decrypt_oaep(algorithm, ciphertext)
            }
            (PrivateHalf::Sm2(key), Sm2Pke) => key.decrypt(ciphertext),
            _ => Err(OpenError),
        }
    }

    /// Unwraps imported key material that must have `len` bytes. Takes the same time and gives the same error whatever is
    /// wrong with it: with RSAES-PKCS1-v1_5 anything else would be a padding oracle.
    ///
    /// # Errors
    /// One error for every cause.
    pub fn unwrap_material(
        &self,
        random: &dyn Random,
        algorithm: WrappingAlgorithm,
        wrapped: &[u8],
        len: usize,
    ) -> Result<KeyMaterial, OpenError> {
        let encryption = match algorithm {
            WrappingAlgorithm::RsaesPkcs1V15 => {
                let PrivateHalf::Rsa(key) = &self.half else { return Err(OpenError) };
                return key.unwrap_pkcs1(random, wrapped, len);
            }
            WrappingAlgorithm::RsaesOaepSha1 => EncryptionAlgorithm::RsaesOaepSha1,
            WrappingAlgorithm::RsaesOaepSha256 => EncryptionAlgorithm::RsaesOaepSha256,
            WrappingAlgorithm::Sm2Pke => EncryptionAlgorithm::Sm2Pke,
        };
        let bytes = self.decrypt(encryption, wrapped)?;
        if bytes.len() == len { Ok(KeyMaterial::from_bytes(bytes)) } else { Err(OpenError) }
    }
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// When it is no valid public key of that kind; a point off the curve is none.
    pub fn from_spki(spec: KeyPairSpec, der: &[u8]) -> Result<Self, KeyPairError> {
        let half = match spec {
            KeyPairSpec::Rsa2048 | KeyPairSpec::Rsa3072 | KeyPairSpec::Rsa4096 => {
                PublicHalf::Rsa(rsa::Public::read(spec, der)?)
            }
            KeyPairSpec::EcP256 => PublicHalf::P256(p256::Public::read(der)?),
            KeyPairSpec::EcP256k => PublicHalf::P256k(p256k::Public::read(der)?),
            KeyPairSpec::Sm2 => PublicHalf::Sm2(sm2::Public::read(der)?),
        };
        Ok(Self { spec, half, spki: der.to_vec() })
    }

    /// What kind of key it is.
    pub fn spec(&self) -> KeyPairSpec {
        self.spec
    }

    /// The SubjectPublicKeyInfo in DER.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The SubjectPublicKeyInfo in PEM: lines of 64 characters, a newline at the end.
    pub fn pem(&self) -> String {
        pem("PUBLIC KEY", &self.spki)
    }

    /// Whether a signature over a digest is right.
    ///
    /// # Errors
    /// [`KeyPairError::Algorithm`] when the key cannot do it, [`KeyPairError::Digest`] when the digest has not 32 bytes.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<bool, KeyPairError> {
        use SignatureAlgorithm::{EcdsaSha256, RsaPkcs1Sha256, RsaPssSha256, Sm2Dsa};
        let digest = <&[u8; DIGEST_LEN]>::try_from(digest);
        match (&self.half, algorithm) {
            (PublicHalf::Rsa(key), RsaPssSha256 | RsaPkcs1Sha256) => {
                key.verify(algorithm, digest.map_err(|_| KeyPairError::Digest)?, signature)
            }
            (PublicHalf::P256(key), EcdsaSha256) => {
                key.verify(digest.map_err(|_| KeyPairError::Digest)?, signature)
            }
            (PublicHalf::P256k(key), EcdsaSha256) => {
                Ok(key.verify(digest.map_err(|_| KeyPairError::Digest)?, signature))
            }
            (PublicHalf::Sm2(key), Sm2Dsa) => {
                Ok(key.verify(digest.map_err(|_| KeyPairError::Digest)?, signature))
            }
            _ => Err(KeyPairError::Algorithm),
        }
    }

    /// The digest that an SM2 signature is over: e = SM3(Z || M), where Z stands for the signer's id and public key. None
    /// for other keys, and for an id of 8,192 bytes or more.
    pub fn sm2_digest(&self, id: &str, message: &[u8]) -> Option<[u8; DIGEST_LEN]> {
        match &self.half {
            PublicHalf::Sm2(key) => key.digest(id, message),
            PublicHalf::Rsa(_) | PublicHalf::P256(_) | PublicHalf::P256k(_) => None,
        }
    }

    /// How long a plaintext may be, in bytes; none when the key cannot do it.
    pub fn max_plaintext(&self, algorithm: EncryptionAlgorithm) -> Option<usize> {
        use EncryptionAlgorithm::{RsaesOaepSha1, RsaesOaepSha256, Sm2Pke};
        match (&self.half, algorithm) {
            (PublicHalf::Rsa(key), RsaesOaepSha1 | RsaesOaepSha256) => Some(key.max_plaintext(algorithm)),
            (PublicHalf::Sm2(_), Sm2Pke) => Some(sm2::MAX_PLAINTEXT),
            _ => None,
        }
    }

    /// Encrypts.
    ///
    /// # Errors
    /// [`KeyPairError::Algorithm`] when the key cannot do it, [`KeyPairError::TooLong`] beyond
    /// [`PublicKey::max_plaintext`] and for an empty SM2 plaintext.
    pub fn encrypt(
        &self,
        random: &dyn Random,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, KeyPairError> {
        if plaintext.len() > self.max_plaintext(algorithm).ok_or(KeyPairError::Algorithm)? {
            return Err(KeyPairError::TooLong);
        }
        match &self.half {
            PublicHalf::Rsa(key) => key.encrypt_oaep(algorithm, plaintext),
            PublicHalf::Sm2(key) => key.encrypt(random, plaintext),
            PublicHalf::P256(_) | PublicHalf::P256k(_) => Err(KeyPairError::Algorithm),
        }
    }
}

/// PEM with lines of 64 characters and a newline at the end. Leaves no copy behind, for the bytes may be secret.
fn pem(label: &str, der: &[u8]) -> String {
    let text = Zeroizing::new(STANDARD.encode(der));
    let mut pem = String::with_capacity(text.len() + text.len() / 64 + 2 * label.len() + 40);
    pem.extend(["-----BEGIN ", label, "-----\n"]);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        // Base64 is ASCII: every index is a boundary.
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.extend([line, "\n"]);
        rest = after;
    }
    pem.extend(["-----END ", label, "-----\n"]);
    pem
}

/// A key pair cannot do what was asked.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyPairError {
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The bytes are no such key.
    #[error("the bytes are no valid key of this kind")]
    Malformed,
    /// The key is of another kind than the algorithm needs.
    #[error("the key cannot be used with this algorithm")]
    Algorithm,
    /// A digest has 32 bytes.
    #[error("the digest has not 32 bytes")]
    Digest,
    /// The plaintext is too long, or empty where that is impossible.
    #[error("the plaintext has no length that can be encrypted")]
    TooLong,
    /// The library failed without telling why.
    #[error("the operation failed")]
    Failed,
}
