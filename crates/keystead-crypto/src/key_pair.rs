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
    public: PublicKey,
}

/// A public key, parsed and ready.
pub struct PublicKey {
    spec: KeyPairSpec,
    spki: Vec<u8>,
}

impl PrivateKey {
    /// Makes a key pair. RSA takes 50 ms to over a second of computation: not for a thread that serves requests.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(_spec: KeyPairSpec, _random: &dyn Random) -> Result<Self, KeyPairError> {
        Err(KeyPairError::Malformed)
    }

    /// Reads what [`PrivateKey::to_material`] made: PKCS#8 DER.
    ///
    /// # Errors
    /// When it is no valid key of that kind.
    pub fn from_material(_spec: KeyPairSpec, _material: &KeyMaterial) -> Result<Self, KeyPairError> {
        Err(KeyPairError::Malformed)
    }

    /// The key as PKCS#8 DER, for sealing.
    ///
    /// # Errors
    /// When the library refuses, which it has no reason to.
    pub fn to_material(&self) -> Result<KeyMaterial, KeyPairError> {
        Err(KeyPairError::Malformed)
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
        _random: &dyn Random,
        _algorithm: SignatureAlgorithm,
        _digest: &[u8],
    ) -> Result<Vec<u8>, KeyPairError> {
        Err(KeyPairError::Algorithm)
    }

    /// Decrypts.
    ///
    /// # Errors
    /// One error for every cause.
    pub fn decrypt(
        &self,
        _algorithm: EncryptionAlgorithm,
        _ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        Err(OpenError)
    }

    /// Unwraps imported key material that must have `len` bytes. Takes the same time and gives the same error whatever is
    /// wrong with it: with RSAES-PKCS1-v1_5 anything else would be a padding oracle.
    ///
    /// # Errors
    /// One error for every cause.
    pub fn unwrap_material(
        &self,
        _random: &dyn Random,
        _algorithm: WrappingAlgorithm,
        _wrapped: &[u8],
        _len: usize,
    ) -> Result<KeyMaterial, OpenError> {
        Err(OpenError)
    }
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// When it is no valid public key of that kind; a point off the curve is none.
    pub fn from_spki(_spec: KeyPairSpec, _der: &[u8]) -> Result<Self, KeyPairError> {
        Err(KeyPairError::Malformed)
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
        String::new()
    }

    /// Whether a signature over a digest is right.
    ///
    /// # Errors
    /// [`KeyPairError::Algorithm`] when the key cannot do it, [`KeyPairError::Digest`] when the digest has not 32 bytes.
    pub fn verify(
        &self,
        _algorithm: SignatureAlgorithm,
        _digest: &[u8],
        _signature: &[u8],
    ) -> Result<bool, KeyPairError> {
        Err(KeyPairError::Algorithm)
    }

    /// How long a plaintext may be, in bytes; none when the key cannot do it.
    pub fn max_plaintext(&self, _algorithm: EncryptionAlgorithm) -> Option<usize> {
        None
    }

    /// Encrypts.
    ///
    /// # Errors
    /// [`KeyPairError::Algorithm`] when the key cannot do it, [`KeyPairError::TooLong`] beyond
    /// [`PublicKey::max_plaintext`] and for an empty SM2 plaintext.
    pub fn encrypt(
        &self,
        _random: &dyn Random,
        _algorithm: EncryptionAlgorithm,
        _plaintext: &[u8],
    ) -> Result<Vec<u8>, KeyPairError> {
        Err(KeyPairError::Algorithm)
    }
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
