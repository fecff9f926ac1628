use ::hmac::Mac as _;
use aws_lc_rs::hkdf;
use aws_lc_rs::hmac;
use sm3::Sm3;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::aead::{GcmError, GcmKey, IV_LEN, TAG_LEN};
use crate::mac::hmac_sm3;
use crate::{Cipher, KeyMaterial, Random, RandomError};

/// Length of the salt that stands at the head of the ciphertext part, in bytes.
const SALT_LEN: usize = 12;

/// Length of the IV that stands at the head of a sealed message, in bytes.
pub const MESSAGE_IV_LEN: usize = IV_LEN;

/// How much longer a sealed message is than its plaintext: IV, salt and tag, in bytes.
pub const SEAL_OVERHEAD: usize = IV_LEN + SALT_LEN + TAG_LEN;

/// What a sealing key is for. Keys for different purposes are independent even when the material is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Account keys under the root key.
    WrapAccountKey,
    /// Key version material under an account key.
    WrapKeyMaterial,
    /// AccessKey secrets under an account key.
    WrapAccessKeySecret,
    /// The service's own TLS keys under the root key.
    WrapServiceKey,
    /// Callers' data under a key version.
    Message,
    /// Secret values under a key version that the secret's owner chose.
    SecretValue,
    /// Secret values under the account key.
    AccountSecretValue,
    /// Import tokens under an account key.
    ImportToken,
    /// By what imported material is known again, under an account key.
    MaterialFingerprint,
    /// Tokens of sessions under a key of the service's ring.
    SessionToken,
    /// Keys of instances under an account key.
    WrapInstanceKey,
    /// The key of an instance's CA under the instance's key.
    WrapInstanceCaKey,
    /// Tokens of the metadata endpoint, under a key that lives as long as the process.
    MetadataToken,
}

impl Purpose {
    /// The label stands in stored data through the derived keys; it never changes.
    pub(crate) fn label(self) -> &'static [u8] {
        match self {
            Purpose::WrapAccountKey => b"keystead/1/account-key",
            Purpose::WrapKeyMaterial => b"keystead/1/key-material",
            Purpose::WrapAccessKeySecret => b"keystead/1/access-key-secret",
            Purpose::WrapServiceKey => b"keystead/1/service-key",
            Purpose::Message => b"keystead/1/message",
            Purpose::SecretValue => b"keystead/1/secret-value",
            Purpose::AccountSecretValue => b"keystead/1/account-secret-value",
            Purpose::ImportToken => b"keystead/1/import-token",
            Purpose::MaterialFingerprint => b"keystead/1/material-fingerprint",
            Purpose::SessionToken => b"keystead/1/session-token",
            Purpose::WrapInstanceKey => b"keystead/1/instance-key",
            Purpose::WrapInstanceCaKey => b"keystead/1/instance-ca-key",
            Purpose::MetadataToken => b"keystead/1/metadata-token",
        }
    }
}

/// AES-GCM or SM4-GCM with a key of its own for every message.
///
/// Random 96-bit IVs under one key are safe for 2^32 messages (NIST SP 800-38D, 8.3), which is a day at full speed.
/// So each message draws 12 bytes of salt and 12 bytes of IV, and is sealed under a key derived from the salt:
/// SP 800-108r1 in counter mode with HMAC-SHA-256 (for SM4 with HMAC-SM3), one block. Two messages meet only if all 192
/// bits agree.
///
/// Has no `Debug`, `Clone` or serialiser, as [`KeyMaterial`] has none.
pub struct SealingKey {
    cipher: Cipher,
    /// The key as bytes: a prepared one would save 150 ns a message and take 1.2 kB instead of 32 bytes, for each of the
    /// tens of thousands that a service keeps opened.
    derivation: Zeroizing<[u8; 32]>,
}

impl SealingKey {
    /// Derives the AES-256 sealing key for a purpose and a context, such as a key version's id: HKDF-SHA-256 (RFC 5869)
    /// without salt, the info being the purpose's label, a zero byte and the context.
    pub fn derive(material: &KeyMaterial, purpose: Purpose, context: &[u8]) -> Self {
        Self::derive_for(Cipher::Aes256, material, purpose, context)
    }

    /// The same for a given cipher, whose name is added to the label: one material gives independent keys for each. SM4
    /// keys come from HKDF with HMAC-SM3.
    pub fn derive_for(cipher: Cipher, material: &KeyMaterial, purpose: Purpose, context: &[u8]) -> Self {
        let info = [purpose.label(), cipher_label(cipher), &[0], context];
        Self { cipher, derivation: expand(cipher, material, &info) }
    }

    /// Appends `IV | salt | ciphertext | tag` to `out`.
    ///
    /// # Errors
    /// When there is no randomness, or the plaintext is longer than GCM allows (64 GiB).
    pub fn seal(
        &self,
        random: &dyn Random,
        aad: &[u8],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        // One draw for both: a call of the generator costs more than the cipher does on a short message.
        let mut drawn = [0; IV_LEN + SALT_LEN];
        random.fill_public(&mut drawn)?;
        self.seal_drawn(&drawn, aad, plaintext, out)
    }

    /// The same under an IV that somebody else chose. The salt is drawn all the same: so an IV that comes twice meets another
    /// key, and gives nothing away.
    ///
    /// # Errors
    /// As [`SealingKey::seal`].
    pub fn seal_with_iv(
        &self,
        random: &dyn Random,
        iv: &[u8; MESSAGE_IV_LEN],
        aad: &[u8],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        let mut head = [0; IV_LEN + SALT_LEN];
        head[..IV_LEN].copy_from_slice(iv);
        random.fill_public(&mut head[IV_LEN..])?;
        self.seal_drawn(&head, aad, plaintext, out)
    }

    fn seal_drawn(
        &self,
        head: &[u8; IV_LEN + SALT_LEN],
        aad: &[u8],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        let (iv, salt) = split_head(head);
        let start = out.len();
        out.reserve(SEAL_OVERHEAD + plaintext.len());
        out.extend_from_slice(head);
        out.extend_from_slice(plaintext);
        let sealed =
            self.message_key(&salt).and_then(|key| key.seal(iv, aad, &mut out[start + head.len()..]));
        match sealed {
            Ok(tag) => out.extend_from_slice(&tag),
            Err(GcmError) => {
                // The plaintext must not stay behind in the caller's buffer.
                out[start..].zeroize();
                out.truncate(start);
                return Err(SealError::TooLong);
            }
        }
        Ok(())
    }

    /// Opens what [`SealingKey::seal`] made.
    ///
    /// # Errors
    /// One error for every cause: too short, wrong key, wrong associated data, changed bytes.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (iv, body) = sealed.split_first_chunk().ok_or(OpenError)?;
        self.open_with_iv(iv, aad, body)
    }

    /// Opens it when the IV was taken off: `body` is `salt | ciphertext | tag`.
    ///
    /// # Errors
    /// As [`SealingKey::open`].
    pub fn open_with_iv(
        &self,
        iv: &[u8; MESSAGE_IV_LEN],
        aad: &[u8],
        body: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (salt, body) = body.split_first_chunk().ok_or(OpenError)?;
        if body.len() < TAG_LEN {
            return Err(OpenError);
        }
        let mut plaintext = Zeroizing::new(body.to_vec());
        let key = self.message_key(salt).map_err(|_| OpenError)?;
        let len = key.open(*iv, aad, &mut plaintext).map_err(|_| OpenError)?;
        plaintext.truncate(len);
        Ok(plaintext)
    }

    /// SP 800-108r1, 4.1: K(1) = HMAC(K, [1]_32 || label || 0x00 || context || [L]_32), of which the first L bits are the
    /// key. L is the length of the cipher's key in bits.
    fn message_key(&self, salt: &[u8; SALT_LEN]) -> Result<GcmKey, GcmError> {
        let len = self.cipher.key_len();
        let mut input = [0; 4 + 7 + 1 + SALT_LEN + 4];
        input[..4].copy_from_slice(&1u32.to_be_bytes());
        input[4..11].copy_from_slice(b"message");
        input[12..12 + SALT_LEN].copy_from_slice(salt);
        input[12 + SALT_LEN..].copy_from_slice(&(len as u32 * 8).to_be_bytes());
        if self.cipher == Cipher::Sm4 {
            let block = Zeroizing::new(<[u8; 32]>::from(
                hmac_sm3(self.derivation.as_slice()).chain_update(input).finalize().into_bytes(),
            ));
            return GcmKey::new(self.cipher, &block[..len]);
        }
        let block = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.derivation.as_slice()), &input);
        GcmKey::new(self.cipher, &block.as_ref()[..len])
    }
}

/// What tells the ciphers apart in a label. It stands in stored data through the derived keys and never changes. AES-256
/// has none: it was there first.
fn cipher_label(cipher: Cipher) -> &'static [u8] {
    match cipher {
        Cipher::Aes256 => b"",
        Cipher::Aes128 => b"/aes-128",
        Cipher::Aes192 => b"/aes-192",
        Cipher::Sm4 => b"/sm4",
    }
}

/// HKDF (RFC 5869) without salt, with HMAC-SM3 for SM4 and HMAC-SHA-256 otherwise.
pub(crate) fn expand(cipher: Cipher, material: &KeyMaterial, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0u8; 32]);
    // 32 bytes is one block; HKDF refuses only more than 255 of them.
    let filled = if cipher == Cipher::Sm4 {
        ::hkdf::Hkdf::<Sm3>::new(None, material.expose()).expand_multi_info(info, key.as_mut_slice()).is_ok()
    } else {
        let pseudorandom = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(material.expose());
        let filled = pseudorandom.expand(info, hmac::HMAC_SHA256).map(|okm| okm.fill(key.as_mut_slice()));
        matches!(filled, Ok(Ok(())))
    };
    assert!(filled, "HKDF gives one block");
    key
}

/// Splits `IV | salt`, which the caller has checked to be that long.
fn split_head(head: &[u8]) -> ([u8; IV_LEN], [u8; SALT_LEN]) {
    let mut iv = [0; IV_LEN];
    let mut salt = [0; SALT_LEN];
    iv.copy_from_slice(&head[..IV_LEN]);
    salt.copy_from_slice(&head[IV_LEN..IV_LEN + SALT_LEN]);
    (iv, salt)
}

/// Sealing failed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SealError {
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The plaintext is longer than the cipher allows.
    #[error("the message is too long to seal")]
    TooLong,
}

/// The sealed bytes are not what this key sealed with this associated data. Which of the two is not told.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the sealed data cannot be opened")]
pub struct OpenError;
