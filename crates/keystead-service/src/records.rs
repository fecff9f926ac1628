//! What is stored, and under which keys.
//!
//! Stored records are their own types, apart from the wire's, so that neither binds the other. Each has a kind and a
//! format number; reading a newer format than this program knows is an error, not a guess.
//! Key material and secret values stand in here only sealed.

use std::fmt;

use arrayvec::ArrayString;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::tags::Tag;

/// A type that is kept in the store.
pub trait Stored: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Kind of the record.
    const KIND: &'static str;
    /// Version of its encoding.
    const FORMAT: u16;
}

macro_rules! stored {
    ($($name:ident $kind:literal $format:literal;)*) => {
        $(impl Stored for $name {
            const KIND: &'static str = $kind;
            const FORMAT: u16 = $format;
        })*
    };
}

stored! {
    InstallationRecord "installation" 1;
    AccountRecord "account" 1;
    AccessKeyRecord "access-key" 1;
    ServiceCaRecord "service-ca" 1;
    KeyRecord "key" 1;
    KeyVersionRecord "key-version" 1;
    AliasRecord "alias" 1;
    KeyAliasRecord "key-alias" 1;
    SecretRecord "secret" 1;
    SecretValueRecord "secret-value" 1;
}

/// Where each record stands. Ids and names never contain a control character, and the free part comes last.
pub mod path {
    /// The one record of the installation.
    pub const INSTALLATION: &str = "service/installation";
    /// The private CA.
    pub const CA: &str = "service/ca";

    /// An account.
    pub fn account(account: &str) -> String {
        format!("account/{account}")
    }

    /// An AccessKey.
    pub fn access_key(id: &str) -> String {
        format!("access-key/{id}")
    }

    /// A key, or the prefix of all keys of an account when `key_id` is empty.
    pub fn key(account: &str, key_id: &str) -> String {
        format!("key/{account}/{key_id}")
    }

    /// A key version. Found without a key id, because a ciphertext names only the version.
    pub fn key_version(version_id: &str) -> String {
        format!("key-version/{version_id}")
    }

    /// An alias, `name` being without `alias/`; or the prefix of all aliases of an account.
    pub fn alias(account: &str, name: &str) -> String {
        format!("alias/{account}/{name}")
    }

    /// The index from a key to its aliases.
    pub fn key_alias(account: &str, key_id: &str, name: &str) -> String {
        format!("key-alias/{account}/{key_id}/{name}")
    }

    /// A secret, or the prefix of all secrets of an account.
    pub fn secret(account: &str, name: &str) -> String {
        format!("secret/{account}/{name}")
    }

    /// A secret's value. `uid` is the secret's own id, so that a secret made anew under an old name starts empty.
    pub fn secret_value(account: &str, uid: &str, version_id: &str) -> String {
        format!("secret-value/{account}/{uid}/{version_id}")
    }
}

/// The installation: made on the first start, read on every other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstallationRecord {
    /// The account that the first start made.
    pub account: String,
    /// Its root AccessKey's id.
    pub root_access_key_id: String,
    /// Whether the root AccessKey was made by the service and stands in its file.
    pub access_key_in_file: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Its 16-digit id.
    pub account: String,
    /// The account key under the root key.
    pub sealed_key: Sealed,
    /// When it was made.
    pub created: Timestamp,
}

/// An AccessKey.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessKeyRecord {
    /// Its id.
    pub access_key_id: String,
    /// The account that it belongs to.
    pub account: String,
    /// The secret under the account key.
    pub sealed_secret: Sealed,
    /// Whether it may be used.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// The service's own certificate authority.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceCaRecord {
    /// The certificate.
    pub certificate_pem: String,
    /// The private key (PKCS#8 DER) under the root key.
    pub sealed_key: Sealed,
}

/// An id that lies in the record itself: every use of a key reads its ids, and texts of their own would each be a miss of
/// the processor's caches.
pub type Id = ArrayString<36>;

/// A key without its material.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Its id.
    pub key_id: Id,
    /// The account that owns it.
    pub account: Id,
    /// Its spec.
    pub spec: KeySpec,
    /// What it may be used for.
    pub usage: KeyUsage,
    /// Whether it may be used.
    pub state: KeyState,
    /// Counts state changes; opened material is cached under it.
    pub state_epoch: u64,
    /// Where its material came from.
    pub origin: String,
    /// `SOFTWARE` or `HSM`, as the creator asked.
    pub protection_level: String,
    /// Free text.
    pub description: String,
    /// The version that encrypts.
    pub primary_version: Id,
    /// When it was made.
    pub created: Timestamp,
    /// When its newest version was made.
    pub last_rotation: Timestamp,
    /// Whether deletion is refused.
    pub deletion_protection: bool,
    /// Tags, sorted by key.
    pub tags: Vec<Tag>,
}

/// One version of a key, with its material.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyVersionRecord {
    /// Its id: 36 characters.
    pub version_id: String,
    /// The key it belongs to.
    pub key_id: String,
    /// The account that owns the key.
    pub account: String,
    /// The material under the account key.
    pub sealed_material: Sealed,
    /// When it was made.
    pub created: Timestamp,
}

/// An alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasRecord {
    /// Its name without `alias/`.
    pub name: String,
    /// The key it points to.
    pub key_id: String,
}

/// An entry of the index from keys to aliases; the key of the record says it all.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct KeyAliasRecord {}

/// A secret without its values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretRecord {
    /// An id that is never used again, even when the name is.
    pub uid: String,
    /// Its name.
    pub name: String,
    /// The account that owns it.
    pub account: String,
    /// `Generic`.
    pub secret_type: String,
    /// Free text.
    pub description: String,
    /// The key that protects its values, when its owner chose one.
    pub encryption_key_id: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// When it will be gone, while it is in its deletion window.
    pub planned_delete: Option<Timestamp>,
    /// Its versions, oldest first.
    pub versions: Vec<SecretVersion>,
    /// Tags, sorted by key.
    pub tags: Vec<Tag>,
}

/// One version of a secret, without the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// Its id, chosen by the caller.
    pub version_id: String,
    /// `text` or `binary`.
    pub data_type: String,
    /// The stage labels that it carries.
    pub stages: Vec<String>,
    /// When it was stored.
    pub created: Timestamp,
}

/// A secret's value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretValueRecord {
    /// The key version that sealed it; none means the account key.
    pub key_version: Option<String>,
    /// The value.
    pub sealed_value: Sealed,
}

/// Bytes that a sealing key made; base64 in the record.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Sealed).map_err(serde::de::Error::custom)
    }
}

macro_rules! wire_enum {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $wire:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $variant_doc])* #[serde(rename = $wire)] $variant,)*
        }

        impl $name {
            /// The spelling on the wire and in records.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }
        }
    };
}

wire_enum! {
    /// What a key is.
    KeySpec {
        /// AES with 256 bits.
        Aes256 = "Aliyun_AES_256",
    }
}

wire_enum! {
    /// What a key may be used for.
    KeyUsage {
        /// Encrypting and decrypting.
        EncryptDecrypt = "ENCRYPT/DECRYPT",
    }
}

wire_enum! {
    /// Whether a key may be used.
    KeyState {
        /// It may.
        Enabled = "Enabled",
        /// Not until it is enabled again.
        Disabled = "Disabled",
        /// It will be gone when its window ends.
        PendingDeletion = "PendingDeletion",
        /// It has no material yet.
        PendingImport = "PendingImport",
    }
}
