//! Session tokens: what a session is, sealed, so that nothing has to be looked up to know it.
//!
//! A token is `format (1 byte) | number of the ring's key (4 bytes) | IV | salt | ciphertext | tag`, in URL-safe Base64
//! without padding. Format and number are associated data of the seal. The content is JSON.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystead_api::{SecretText, Timestamp};
use keystead_crypto::{Random, SealError, SealingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The only format so far. As the first byte it gives every token the same first letter.
const FORMAT: u8 = 1;
/// Format and key number.
const HEAD: usize = 5;
/// Characters of a token at most: a session policy of 2,048 characters, each of which may take six in JSON and four bytes
/// in UTF-8, and everything else.
const MAX_TOKEN: usize = 32 << 10;

/// What a token says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionClaims {
    /// The temporary AccessKey's id.
    #[serde(rename = "k")]
    pub(crate) access_key_id: String,
    /// Its secret.
    #[serde(rename = "x")]
    pub(crate) secret: SecretText,
    /// The account of the role.
    #[serde(rename = "a")]
    pub(crate) account: String,
    /// The role's id, by which a role that was made anew under the old name is told from it.
    #[serde(rename = "i")]
    pub(crate) role_id: String,
    /// The role's name, under which its record stands. Roles are not renamed.
    #[serde(rename = "r")]
    pub(crate) role: String,
    /// The session's name.
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// When it was issued.
    #[serde(rename = "f")]
    pub(crate) issued: Timestamp,
    /// When it ends.
    #[serde(rename = "e")]
    pub(crate) expires: Timestamp,
    /// What it may do at most, as it was written.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// Who began the chain of sessions.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_identity: Option<String>,
}

/// A token of the right outer form; nothing in it is proven.
pub(crate) struct SealedToken(Vec<u8>);

impl SealedToken {
    /// Reads the outer form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TOKEN {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() > HEAD && bytes[0] == FORMAT).then_some(Self(bytes))
    }

    /// The number of the key that it claims to be sealed under.
    pub(crate) fn key_id(&self) -> u32 {
        let mut id = [0; HEAD - 1];
        id.copy_from_slice(&self.0[1..HEAD]);
        u32::from_be_bytes(id)
    }

    /// Opens it.
    pub(crate) fn open(&self, key: &SealingKey) -> Option<SessionClaims> {
        let (head, sealed) = self.0.split_at(HEAD);
        let plaintext = key.open(head, sealed).ok()?;
        serde_json::from_slice(&plaintext).ok()
    }
}

/// Seals a session under the key with this number.
pub(crate) fn seal(
    claims: &SessionClaims,
    (key_id, key): (u32, &SealingKey),
    random: &dyn Random,
) -> Result<SecretText, SealError> {
    let mut plaintext = Zeroizing::new(Vec::with_capacity(1024));
    // Texts and numbers always serialise.
    let _ = serde_json::to_writer(&mut *plaintext, claims);
    let mut token = vec![FORMAT];
    token.extend_from_slice(&key_id.to_be_bytes());
    let head = token.clone();
    key.seal(random, &head, &plaintext, &mut token)?;
    Ok(SecretText::new(URL_SAFE_NO_PAD.encode(token)))
}
