//! Symmetric encryption: GCM always with a salt in the ciphertext (decision 29), CBC and ECB bare, for callers who ask for
//! these.

use keystead_api::instance::MAX_AAD;
use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::{
    BLOCK_LEN, Cipher, DirectError, MESSAGE_IV_LEN, Mode, Padding, SEAL_OVERHEAD, SealError,
};
use zeroize::Zeroizing;

use super::key::check_symmetric;
use crate::call::{Call, Key};
use crate::keys::check_usable;

/// Bytes from which it would hold up the thread: a quarter of a millisecond of AES.
const LONG: usize = 512 << 10;
/// The same of SM4, which is not in the processor.
const LONG_SM4: usize = 16 << 10;

/// How a symmetric key is used.
#[derive(Clone, Copy)]
pub(super) struct Way {
    cipher: Cipher,
    mode: Mode,
    padding: Padding,
}

/// What is to be done besides the text itself.
pub(super) struct Terms {
    pub(super) way: Way,
    pub(super) aad: Vec<u8>,
    pub(super) iv: Vec<u8>,
}

impl Way {
    /// Reads the names of algorithm and padding. GCM is the default, and the one that has no padding: a name is not wrong
    /// there, and says nothing.
    pub(super) fn read(cipher: Cipher, algorithm: &str, padding: &str) -> Result<Self, ApiError> {
        let mode = match (cipher, algorithm) {
            (_, "") => Mode::Gcm,
            (Cipher::Sm4, "SM4_GCM") => Mode::Gcm,
            (Cipher::Sm4, "SM4_CBC") => Mode::Cbc,
            (Cipher::Sm4, "SM4_ECB") => Mode::Ecb,
            (Cipher::Aes128 | Cipher::Aes192 | Cipher::Aes256, "AES_GCM") => Mode::Gcm,
            (Cipher::Aes128 | Cipher::Aes192 | Cipher::Aes256, "AES_CBC") => Mode::Cbc,
            (Cipher::Aes128 | Cipher::Aes192 | Cipher::Aes256, "AES_ECB") => Mode::Ecb,
            _ => return Err(ApiError::invalid_parameter("Algorithm")),
        };
        let padding = match padding {
            "" | "PKCS7_PADDING" => Padding::Pkcs7,
            "NO_PADDING" => Padding::None,
            _ => return Err(ApiError::invalid_parameter("PaddingMode")),
        };
        Ok(Self { cipher, mode, padding })
    }

    /// The same for an operation that does nothing but GCM.
    pub(super) fn gcm(cipher: Cipher, algorithm: &str) -> Result<Self, ApiError> {
        let way = Self::read(cipher, algorithm, "")?;
        match way.mode {
            Mode::Gcm => Ok(way),
            Mode::Cbc | Mode::Ecb => Err(ApiError::invalid_parameter("Algorithm")),
        }
    }

    /// The algorithm's name.
    pub(super) fn algorithm(self) -> String {
        match (self.cipher, self.mode) {
            (Cipher::Sm4, Mode::Gcm) => "SM4_GCM",
            (Cipher::Sm4, Mode::Cbc) => "SM4_CBC",
            (Cipher::Sm4, Mode::Ecb) => "SM4_ECB",
            (_, Mode::Gcm) => "AES_GCM",
            (_, Mode::Cbc) => "AES_CBC",
            (_, Mode::Ecb) => "AES_ECB",
        }
        .to_owned()
    }

    /// The padding's name; none for GCM.
    pub(super) fn padding_mode(self) -> String {
        match (self.mode, self.padding) {
            (Mode::Gcm, _) => "",
            (Mode::Cbc | Mode::Ecb, Padding::Pkcs7) => "PKCS7_PADDING",
            (Mode::Cbc | Mode::Ecb, Padding::None) => "NO_PADDING",
        }
        .to_owned()
    }

    /// Whether the ciphertext carries its IV in front, as that of GCM does.
    pub(super) fn stands_alone(self) -> bool {
        self.mode == Mode::Gcm
    }

    /// Whether nothing can be decrypted without an IV.
    pub(super) fn needs_iv(self) -> bool {
        self.mode != Mode::Ecb
    }

    fn is_long(self, len: usize) -> bool {
        len >= if self.cipher == Cipher::Sm4 { LONG_SM4 } else { LONG }
    }
}

impl Terms {
    /// Only GCM binds associated data; the other modes would leave it out without a word.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.aad.len() > MAX_AAD || (self.way.mode != Mode::Gcm && !self.aad.is_empty()) {
            return Err(ApiError::invalid_parameter("Aad"));
        }
        Ok(())
    }

    /// The IV of GCM.
    fn gcm_iv(&self) -> Result<[u8; MESSAGE_IV_LEN], ApiError> {
        self.iv.as_slice().try_into().map_err(|_| ApiError::invalid_parameter("Iv"))
    }

    /// The IV of CBC; none for ECB.
    fn block_iv(&self) -> Result<Option<[u8; BLOCK_LEN]>, ApiError> {
        match (self.way.mode, self.iv.as_slice()) {
            (Mode::Ecb, []) => Ok(None),
            (Mode::Ecb, _) => Err(ApiError::invalid_parameter("Iv")),
            (_, iv) => iv.try_into().map(Some).map_err(|_| ApiError::invalid_parameter("Iv")),
        }
    }
}

/// Encrypts under a version of a key, after the checks that every encrypting operation makes. What comes out begins with `head`;
/// the IV stands between that and the ciphertext for GCM, and in `terms.iv` for each mode.
pub(super) async fn encrypt(
    call: &Call<'_>,
    (key, version): (&Key, &str),
    terms: &mut Terms,
    head: Vec<u8>,
    plaintext: Zeroizing<Vec<u8>>,
) -> Result<Vec<u8>, ApiError> {
    check_symmetric(&key.value)?;
    check_usable(&key.value, call.now)?;
    terms.check()?;
    let way = terms.way;
    let len = plaintext.len();
    if way.mode == Mode::Gcm {
        let chosen = if terms.iv.is_empty() { None } else { Some(terms.gcm_iv()?) };
        let engine = call.engine;
        let sealing_key = engine.vault.message_key(&engine.image, key, version).await?;
        let (random, aad) = (engine.random.clone(), std::mem::take(&mut terms.aad));
        let at = head.len();
        let seal = move || {
            let mut out = head;
            out.reserve_exact(SEAL_OVERHEAD + plaintext.len());
            match &chosen {
                Some(iv) => sealing_key.seal_with_iv(&*random, iv, &aad, &plaintext, &mut out),
                None => sealing_key.seal(&*random, &aad, &plaintext, &mut out),
            }
            .map(|()| out)
        };
        let sealed = if way.is_long(len) { call.engine.heavy.operation(seal).await? } else { seal() };
        let sealed = sealed.map_err(failed)?;
        terms.iv = sealed[at..at + MESSAGE_IV_LEN].to_vec();
        return Ok(sealed);
    }
    call.engine.config.compat.check_bare_mode(&key.value)?;
    if way.mode == Mode::Cbc && terms.iv.is_empty() {
        let mut iv = vec![0; BLOCK_LEN];
        call.engine.random.fill_public(&mut iv).map_err(SealError::from).map_err(failed)?;
        terms.iv = iv;
    }
    let iv = terms.block_iv()?;
    let direct = call.engine.vault.direct_key(&call.engine.image, &key.value, version, way.mode).await?;
    let encrypt = move || direct.encrypt(iv, way.padding, &plaintext);
    let encrypted = if way.is_long(len) { call.engine.heavy.operation(encrypt).await? } else { encrypt() };
    let encrypted = encrypted.map_err(|error| match error {
        DirectError::Length => ApiError::invalid_parameter("Plaintext"),
        error => failed(error),
    })?;
    Ok([head, encrypted].concat())
}

/// Decrypts under a version of a key. `ciphertext` is without IV.
pub(super) async fn decrypt(
    call: &Call<'_>,
    (key, version): (&Key, &str),
    terms: &Terms,
    ciphertext: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    check_symmetric(&key.value)?;
    check_usable(&key.value, call.now)?;
    terms.check()?;
    let way = terms.way;
    let engine = call.engine;
    let long = way.is_long(ciphertext.len());
    let opened = if way.mode == Mode::Gcm {
        let iv = terms.gcm_iv()?;
        let sealing_key = engine.vault.message_key(&engine.image, key, version).await?;
        let aad = terms.aad.clone();
        let open = move || sealing_key.open_with_iv(&iv, &aad, &ciphertext);
        if long { engine.heavy.operation(open).await? } else { open() }
    } else {
        let iv = terms.block_iv()?;
        let direct = engine.vault.direct_key(&engine.image, &key.value, version, way.mode).await?;
        let open = move || direct.decrypt(iv, way.padding, &ciphertext);
        if long { engine.heavy.operation(open).await? } else { open() }
    };
    // One answer for everything that is wrong with a ciphertext.
    opened.map_err(|_| ApiError::invalid_parameter("CiphertextBlob"))
}

/// What callers see of an error that their parameters, once checked, do not explain.
fn failed(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, "encrypting failed");
    ErrorCode::InternalFailure.into()
}
