use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey,
};
use sm4::Sm4;

use crate::Cipher;

/// Length of an IV, in bytes.
pub(crate) const IV_LEN: usize = NONCE_LEN;
/// Length of a tag, in bytes.
pub(crate) const TAG_LEN: usize = MAX_TAG_LEN;

/// A key for GCM (NIST SP 800-38D; for SM4 RFC 8998), ready to use. AES is AWS-LC's. SM4 is RustCrypto's, whose table
/// look-ups by secret bytes can show in the cache: see the threat model.
pub(crate) enum GcmKey {
    Aes(LessSafeKey),
    Sm4(Box<AesGcm<Sm4, U12>>),
}

/// The message is too long, the key has the wrong length, or the tag is wrong.
pub(crate) struct GcmError;

impl GcmKey {
    pub(crate) fn new(cipher: Cipher, key: &[u8]) -> Result<Self, GcmError> {
        let algorithm = match cipher {
            Cipher::Aes128 => &AES_128_GCM,
            Cipher::Aes192 => &AES_192_GCM,
            Cipher::Aes256 => &AES_256_GCM,
            Cipher::Sm4 => {
                return AesGcm::new_from_slice(key).map(|key| Self::Sm4(Box::new(key))).map_err(|_| GcmError);
            }
        };
        UnboundKey::new(algorithm, key).map(LessSafeKey::new).map(Self::Aes).map_err(|_| GcmError)
    }

    /// Encrypts in place and returns the tag.
    pub(crate) fn seal(
        &self,
        iv: [u8; IV_LEN],
        aad: &[u8],
        in_out: &mut [u8],
    ) -> Result<[u8; TAG_LEN], GcmError> {
        let mut out = [0; TAG_LEN];
        match self {
            Self::Aes(key) => {
                let tag = key
                    .seal_in_place_separate_tag(Nonce::assume_unique_for_key(iv), Aad::from(aad), in_out)
                    .map_err(|_| GcmError)?;
                out.copy_from_slice(tag.as_ref());
            }
            Self::Sm4(key) => {
                let tag = key.encrypt_inout_detached(&iv.into(), aad, in_out.into()).map_err(|_| GcmError)?;
                out.copy_from_slice(&tag);
            }
        }
        Ok(out)
    }

    /// Decrypts `ciphertext | tag` in place and returns the length of the plaintext, which stands at the front. Nothing is
    /// decrypted when the tag is wrong.
    pub(crate) fn open(&self, iv: [u8; IV_LEN], aad: &[u8], in_out: &mut [u8]) -> Result<usize, GcmError> {
        match self {
            Self::Aes(key) => key
                .open_in_place(Nonce::assume_unique_for_key(iv), Aad::from(aad), in_out)
                .map(|plaintext| plaintext.len())
                .map_err(|_| GcmError),
            Self::Sm4(key) => {
                let (body, tag) = in_out.split_last_chunk_mut::<TAG_LEN>().ok_or(GcmError)?;
                let len = body.len();
                key.decrypt_inout_detached(&iv.into(), aad, body.into(), &(*tag).into())
                    .map(|()| len)
                    .map_err(|_| GcmError)
            }
        }
    }
}
