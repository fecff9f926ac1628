//! Ciphertexts: the OpenAPI's form, and those of the instance.
//!
//! | form | bytes |
//! |---|---|
//! | OpenAPI | key version id (36), IV (12), ciphertext, tag (16) |
//! | Advance forms of the instance | a head of 3 bytes, then the OpenAPI's |
//! | plain forms of the instance | ciphertext, tag (16); version id and IV travel beside it |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;

/// What an Advance form begins with: `$`, version and padding, and the number of AES-GCM.
const HEAD: [u8; 3] = [0x24, 0x00, 0x02];
const VERSION_ID: usize = 36;
const IV: usize = 12;

/// A ciphertext of the OpenAPI, taken apart.
pub(super) struct Classic(Vec<u8>);

impl Classic {
    /// Reads the Base64 of a call.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] when it is none, or no longer than version id and IV.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let bytes = decoded(text, "CiphertextBlob is not Base64")?;
        if bytes.len() <= VERSION_ID + IV || !bytes[..VERSION_ID].is_ascii() {
            return Err(Error::InvalidParameter("CiphertextBlob is no ciphertext"));
        }
        Ok(Self(bytes))
    }

    /// Out of an answer of an Advance form, whose head is cut off.
    ///
    /// # Errors
    /// [`Error::Answer`] when it does not begin with that head: the key is no AES key then, and the OpenAPI has no form for
    /// its ciphertexts.
    pub(super) fn of_advance(blob: &[u8]) -> Result<Self, Error> {
        match blob.strip_prefix(&HEAD) {
            Some(rest) if rest.len() > VERSION_ID + IV && rest[..VERSION_ID].is_ascii() => {
                Ok(Self(rest.to_vec()))
            }
            _ => Err(Error::Answer("the ciphertext is not one of AES-GCM that names its key version")),
        }
    }

    /// Out of an answer of a plain form.
    ///
    /// # Errors
    /// [`Error::Answer`] without the header of the key version, or with another IV than GCM's.
    pub(super) fn of_plain(version: Option<&str>, iv: &[u8], blob: &[u8]) -> Result<Self, Error> {
        let version = version
            .filter(|id| id.len() == VERSION_ID && id.is_ascii())
            .ok_or(Error::Answer("it lacks the header x-kms-migrationkeyversionid"))?;
        if iv.len() != IV {
            return Err(Error::Answer("the IV has not the 12 bytes of GCM"));
        }
        Ok(Self([version.as_bytes(), iv, blob].concat()))
    }

    /// As the Advance forms take it.
    pub(super) fn advance(&self) -> Vec<u8> {
        [&HEAD, &self.0[..]].concat()
    }

    /// The key version's id.
    pub(super) fn version(&self) -> &str {
        // The readers above take ASCII only.
        std::str::from_utf8(&self.0[..VERSION_ID]).unwrap_or_default()
    }

    pub(super) fn iv(&self) -> Vec<u8> {
        self.0[VERSION_ID..VERSION_ID + IV].to_vec()
    }

    /// Ciphertext and tag.
    pub(super) fn sealed(&self) -> Vec<u8> {
        self.0[VERSION_ID + IV..].to_vec()
    }

    pub(super) fn to_base64(&self) -> String {
        STANDARD.encode(&self.0)
    }
}

/// Bytes of a parameter in Base64.
///
/// # Errors
/// [`Error::InvalidParameter`] with the given text.
pub(super) fn decoded(text: &str, what: &'static str) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).map_err(|_| Error::InvalidParameter(what))
}
