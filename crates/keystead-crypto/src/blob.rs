use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::SEAL_OVERHEAD;

/// Length of a key version's id, in bytes. Official clients cut a ciphertext there.
pub const VERSION_ID_LEN: usize = 36;

/// A ciphertext as it travels: `version id (36) | IV (12) | salt (12) | ciphertext | tag (16)`, base64 of the whole.
///
/// The version id in front is how Decrypt, which is given no key id, finds the key.
pub struct MessageBlob(Vec<u8>);

impl MessageBlob {
    /// Starts a blob; the sealed part is to be appended to the returned buffer.
    pub fn start(version_id: &str, plaintext_len: usize) -> Vec<u8> {
        debug_assert_eq!(version_id.len(), VERSION_ID_LEN);
        let mut bytes = Vec::with_capacity(VERSION_ID_LEN + SEAL_OVERHEAD + plaintext_len);
        bytes.extend_from_slice(version_id.as_bytes());
        bytes
    }

    /// The wire form of a finished blob.
    pub fn encode(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }

    /// Takes the wire form apart; `None` when it cannot be a blob.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        let head = bytes.get(..VERSION_ID_LEN)?;
        (bytes.len() >= VERSION_ID_LEN + SEAL_OVERHEAD && head.iter().all(u8::is_ascii_graphic))
            .then_some(Self(bytes))
    }

    /// The id of the key version that sealed it, as claimed; only opening it proves it.
    pub fn version_id(&self) -> &str {
        // `decode` let only ASCII pass.
        std::str::from_utf8(&self.0[..VERSION_ID_LEN]).unwrap_or_default()
    }

    /// The part that the sealing key made.
    pub fn sealed(&self) -> &[u8] {
        &self.0[VERSION_ID_LEN..]
    }
}
