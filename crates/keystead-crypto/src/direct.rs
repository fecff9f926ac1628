use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
    PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit as _, KeyIvInit as _};
use sm4::Sm4;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::aead::{GcmKey, IV_LEN, TAG_LEN};
use crate::sealing::expand;
use crate::{Cipher, KeyMaterial, OpenError};

/// Length of a block and of a CBC IV, in bytes; AES and SM4 have the same.
pub const BLOCK_LEN: usize = 16;

/// How a cipher is used when the caller wants the bare mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Counter mode with a tag (NIST SP 800-38D), under an IV that the caller chose.
    Gcm,
    /// Block chaining (NIST SP 800-38A). Nothing tells whether a ciphertext was changed.
    Cbc,
    /// Each block for itself (NIST SP 800-38A). Equal blocks show, too.
    Ecb,
}

/// What fills the last block in CBC and ECB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// PKCS#7 (RFC 5652): 1 to 16 bytes, each their number.
    Pkcs7,
    /// None: the plaintext has to be a multiple of 16 bytes.
    None,
}

/// A key for one bare mode of a cipher, without the salt of [`crate::SealingKey`], for calls that bring their own IV.
///
/// Weaker than [`crate::SealingKey`] by what callers ask of it: in GCM, two messages with one IV give away the key of the
/// tag; in CBC and ECB, whether a ciphertext can be decrypted at all tells about its plaintext (a padding oracle). Each
/// mode has a key of its own, since ECB would encrypt the zero block, which is GCM's secret.
///
/// Has no `Debug`, `Clone` or serialiser.
pub struct DirectKey {
    cipher: Cipher,
    mode: Mode,
    key: Zeroizing<[u8; 32]>,
}

impl DirectKey {
    /// Derives the key for one cipher, one mode and a context, such as a key version's id: HKDF without salt, with
    /// HMAC-SM3 for SM4 and HMAC-SHA-256 otherwise; of 32 bytes the first that the cipher needs.
    pub fn derive(cipher: Cipher, mode: Mode, material: &KeyMaterial, context: &[u8]) -> Self {
        let info = [mode_label(mode), cipher_label(cipher), &[0], context];
        Self { cipher, mode, key: expand(cipher, material, &info) }
    }

    /// What it does.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Encrypts with GCM; the tag stands at the end. An IV must never come twice.
    ///
    /// # Errors
    /// When the key is for another mode, or the plaintext is longer than GCM allows.
    pub fn seal_gcm(&self, iv: [u8; IV_LEN], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, DirectError> {
        self.check(Mode::Gcm)?;
        let key = GcmKey::new(self.cipher, self.key()).map_err(|_| DirectError::Failed)?;
        let mut out = Vec::with_capacity(plaintext.len() + TAG_LEN);
        out.extend_from_slice(plaintext);
        let tag = key.seal(iv, aad, &mut out).map_err(|_| DirectError::Length)?;
        out.extend_from_slice(&tag);
        Ok(out)
    }

    /// Opens what [`DirectKey::seal_gcm`] made.
    ///
    /// # Errors
    /// One error for every cause.
    pub fn open_gcm(
        &self,
        iv: [u8; IV_LEN],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.check(Mode::Gcm).map_err(|_| OpenError)?;
        let key = GcmKey::new(self.cipher, self.key()).map_err(|_| OpenError)?;
        let mut out = Zeroizing::new(ciphertext.to_vec());
        let len = key.open(iv, aad, &mut out).map_err(|_| OpenError)?;
        out.truncate(len);
        Ok(out)
    }

    /// Encrypts with CBC, which needs an IV that nobody could foresee, or with ECB, which takes none.
    ///
    /// # Errors
    /// When the key is for another mode, or an unpadded plaintext is not a multiple of 16 bytes.
    pub fn encrypt(
        &self,
        iv: Option<[u8; BLOCK_LEN]>,
        padding: Padding,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, DirectError> {
        self.check(if iv.is_some() { Mode::Cbc } else { Mode::Ecb })?;
        if padding == Padding::None && !plaintext.len().is_multiple_of(BLOCK_LEN) {
            return Err(DirectError::Length);
        }
        if self.cipher == Cipher::Sm4 {
            return match iv {
                Some(iv) => encrypt_sm4(
                    cbc::Encryptor::<Sm4>::new_from_slices(self.key(), &iv)
                        .map_err(|_| DirectError::Failed)?,
                    padding,
                    plaintext,
                ),
                None => encrypt_sm4(
                    ecb::Encryptor::<Sm4>::new_from_slice(self.key()).map_err(|_| DirectError::Failed)?,
                    padding,
                    plaintext,
                ),
            };
        }
        // The library does it in place, so that this buffer holds no plaintext when it is done.
        let mut out = plaintext.to_vec();
        let context = match iv {
            Some(iv) => EncryptionContext::Iv128(FixedLength::from(iv)),
            None => EncryptionContext::None,
        };
        let key = self.aes().map_err(|_| DirectError::Failed)?;
        match (padding, iv.is_some()) {
            (Padding::Pkcs7, true) => PaddedBlockEncryptingKey::cbc_pkcs7(key)
                .and_then(|key| key.less_safe_encrypt(&mut out, context)),
            (Padding::Pkcs7, false) => PaddedBlockEncryptingKey::ecb_pkcs7(key)
                .and_then(|key| key.less_safe_encrypt(&mut out, context)),
            (Padding::None, true) => {
                EncryptingKey::cbc(key).and_then(|key| key.less_safe_encrypt(&mut out, context))
            }
            (Padding::None, false) => {
                EncryptingKey::ecb(key).and_then(|key| key.less_safe_encrypt(&mut out, context))
            }
        }
        .map_err(|_| DirectError::Failed)?;
        Ok(out)
    }

    /// Decrypts what [`DirectKey::encrypt`] made.
    ///
    /// # Errors
    /// One error for every cause: another mode, a length that is no multiple of 16, wrong padding.
    pub fn decrypt(
        &self,
        iv: Option<[u8; BLOCK_LEN]>,
        padding: Padding,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.check(if iv.is_some() { Mode::Cbc } else { Mode::Ecb }).map_err(|_| OpenError)?;
        if !ciphertext.len().is_multiple_of(BLOCK_LEN) {
            return Err(OpenError);
        }
        if self.cipher == Cipher::Sm4 {
            return match iv {
                Some(iv) => decrypt_sm4(
                    cbc::Decryptor::<Sm4>::new_from_slices(self.key(), &iv).map_err(|_| OpenError)?,
                    padding,
                    ciphertext,
                ),
                None => decrypt_sm4(
                    ecb::Decryptor::<Sm4>::new_from_slice(self.key()).map_err(|_| OpenError)?,
                    padding,
                    ciphertext,
                ),
            };
        }
        let mut out = Zeroizing::new(ciphertext.to_vec());
        let context = match iv {
            Some(iv) => DecryptionContext::Iv128(FixedLength::from(iv)),
            None => DecryptionContext::None,
        };
        let key = self.aes().map_err(|_| OpenError)?;
        let len = match (padding, iv.is_some()) {
            (Padding::Pkcs7, true) => PaddedBlockDecryptingKey::cbc_pkcs7(key)
                .and_then(|key| key.decrypt(&mut out, context).map(|plaintext| plaintext.len())),
            (Padding::Pkcs7, false) => PaddedBlockDecryptingKey::ecb_pkcs7(key)
                .and_then(|key| key.decrypt(&mut out, context).map(|plaintext| plaintext.len())),
            (Padding::None, true) => DecryptingKey::cbc(key)
                .and_then(|key| key.decrypt(&mut out, context).map(|plaintext| plaintext.len())),
            (Padding::None, false) => DecryptingKey::ecb(key)
                .and_then(|key| key.decrypt(&mut out, context).map(|plaintext| plaintext.len())),
        }
        .map_err(|_| OpenError)?;
        out.truncate(len);
        Ok(out)
    }

    fn check(&self, mode: Mode) -> Result<(), DirectError> {
        if self.mode == mode { Ok(()) } else { Err(DirectError::Mode) }
    }

    fn key(&self) -> &[u8] {
        &self.key[..self.cipher.key_len()]
    }

    fn aes(&self) -> Result<UnboundCipherKey, OpenError> {
        let algorithm = match self.cipher {
            Cipher::Aes128 => &AES_128,
            Cipher::Aes192 => &AES_192,
            Cipher::Aes256 => &AES_256,
            Cipher::Sm4 => return Err(OpenError),
        };
        UnboundCipherKey::new(algorithm, self.key()).map_err(|_| OpenError)
    }

    /// The bare key of published test vectors.
    #[cfg(test)]
    pub(crate) fn of_vector(cipher: Cipher, mode: Mode, bytes: &[u8]) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        key[..cipher.key_len()].copy_from_slice(bytes);
        Self { cipher, mode, key }
    }
}

fn encrypt_sm4(
    mode: impl BlockModeEncrypt,
    padding: Padding,
    plaintext: &[u8],
) -> Result<Vec<u8>, DirectError> {
    Ok(match padding {
        Padding::Pkcs7 => mode.encrypt_padded_vec::<Pkcs7>(plaintext),
        Padding::None => mode.encrypt_padded_vec::<NoPadding>(plaintext),
    })
}

fn decrypt_sm4(
    mode: impl BlockModeDecrypt,
    padding: Padding,
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    match padding {
        Padding::Pkcs7 => mode.decrypt_padded_vec::<Pkcs7>(ciphertext),
        Padding::None => mode.decrypt_padded_vec::<NoPadding>(ciphertext),
    }
    .map(Zeroizing::new)
    .map_err(|_| OpenError)
}

/// Labels stand in callers' ciphertexts through the derived keys; they never change.
fn mode_label(mode: Mode) -> &'static [u8] {
    match mode {
        Mode::Gcm => b"keystead/1/direct-gcm",
        Mode::Cbc => b"keystead/1/direct-cbc",
        Mode::Ecb => b"keystead/1/direct-ecb",
    }
}

fn cipher_label(cipher: Cipher) -> &'static [u8] {
    match cipher {
        Cipher::Aes128 => b"/aes-128",
        Cipher::Aes192 => b"/aes-192",
        Cipher::Aes256 => b"/aes-256",
        Cipher::Sm4 => b"/sm4",
    }
}

/// A bare mode cannot do what was asked.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DirectError {
    /// The key is for another mode; an IV belongs to CBC, none to ECB.
    #[error("the key is for another mode")]
    Mode,
    /// The plaintext is too long, or without padding no multiple of 16 bytes.
    #[error("the plaintext has no length that can be encrypted")]
    Length,
    /// The library failed without telling why.
    #[error("the operation failed")]
    Failed,
}
