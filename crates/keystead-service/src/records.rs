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
use keystead_crypto::{Cipher, KeyPairSpec, MacAlgorithm};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

use crate::tags::Tag;

/// A type that is kept in the store.
pub trait Stored: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Kind of the record.
    const KIND: &'static str;
    /// Version of its encoding.
    const FORMAT: u16;

    /// The policy in it that requests are judged by.
    fn policy_text(&self) -> Option<&str> {
        None
    }
}

macro_rules! stored {
    ($($name:ident $kind:literal $format:literal $(policy $policy:expr)?;)*) => {
        $(impl Stored for $name {
            const KIND: &'static str = $kind;
            const FORMAT: u16 = $format;
            $(fn policy_text(&self) -> Option<&str> {
                let policy: fn(&Self) -> Option<&str> = $policy;
                policy(self)
            })?
        })*
    };
}

stored! {
    InstallationRecord "installation" 1;
    AccountRecord "account" 1;
    AccessKeyRecord "access-key" 1;
    ServiceCaRecord "service-ca" 1;
    KeyRecord "key" 1 policy |key| key.policy.as_deref();
    KeyVersionRecord "key-version" 1;
    AliasRecord "alias" 1;
    KeyAliasRecord "key-alias" 1;
    SecretRecord "secret" 1 policy |secret| secret.policy.as_deref();
    SecretValueRecord "secret-value" 1;
    DueRecord "due" 1;
    ImportTokenRecord "import-token" 1;
    UserRecord "ram-user" 1;
    GroupRecord "ram-group" 1;
    GroupMemberRecord "ram-group-member" 1;
    RoleRecord "ram-role" 1;
    PolicyRecord "ram-policy" 1 policy PolicyRecord::document;
    PolicyAttachmentRecord "ram-attachment" 1;
    OidcProviderRecord "ram-oidc-provider" 1;
    AccessKeyUseRecord "access-key-use" 1;
    TokenKeysRecord "token-keys" 1;
    RamAccountRecord "ram-account" 1;
    InstanceRecord "instance" 1;
    InstanceOfRecord "instance-of" 1;
    InstanceUseRecord "instance-use" 1;
    ReleasedInstanceRecord "released-instance" 1;
    NetworkRuleRecord "network-rule" 1;
    AccessPolicyRecord "access-policy" 1;
    AccessPointRecord "access-point" 1;
    ClientKeyRecord "client-key" 1;
}

/// Where each record stands. Ids and names never contain a control character, and the free part comes last. What requests
/// look up is joined, not formatted, which takes three times as long.
pub mod path {
    use keystead_api::Timestamp;

    use super::{DueKind, HolderKind, PolicyKind};

    /// The one record of the installation.
    pub const INSTALLATION: &str = "service/installation";
    /// The private CA.
    pub const CA: &str = "service/ca";

    /// An account.
    pub fn account(account: &str) -> String {
        ["account/", account].concat()
    }

    /// An AccessKey.
    pub fn access_key(id: &str) -> String {
        ["access-key/", id].concat()
    }

    /// A key, or the prefix of all keys of an account when `key_id` is empty.
    pub fn key(account: &str, key_id: &str) -> String {
        ["key/", account, "/", key_id].concat()
    }

    /// A key version. Found without a key id, because a ciphertext names only the version.
    pub fn key_version(version_id: &str) -> String {
        ["key-version/", version_id].concat()
    }

    /// An alias, `name` being without `alias/`; or the prefix of all aliases of an account.
    pub fn alias(account: &str, name: &str) -> String {
        ["alias/", account, "/", name].concat()
    }

    /// The prefix of all versions of a key, whose ids begin with the key's id and a dash.
    pub fn key_versions(key_id: &str) -> String {
        format!("key-version/{key_id}-")
    }

    /// The failures of an import token.
    pub fn import_token(account: &str, key_id: &str, token_id: &str) -> String {
        format!("import-token/{account}/{key_id}/{token_id}")
    }

    /// The index from a key to its aliases.
    pub fn key_alias(account: &str, key_id: &str, name: &str) -> String {
        format!("key-alias/{account}/{key_id}/{name}")
    }

    /// A secret, or the prefix of all secrets of an account.
    pub fn secret(account: &str, name: &str) -> String {
        ["secret/", account, "/", name].concat()
    }

    /// Work that falls due at a time; in the order of the times. `id` is a key's id or a secret's name.
    pub fn due(at: Timestamp, kind: DueKind, account: &str, id: &str) -> String {
        format!("{DUE}{:020}/{}/{account}/{id}", at.0.max(0), kind.as_str())
    }

    /// What stands before all work of a time and of later ones, and behind all work of earlier ones.
    pub fn due_from(at: Timestamp) -> String {
        format!("{DUE}{:020}", at.0.max(0))
    }

    /// What stands before all identities: a change of any of them may change what somebody may do.
    pub const IDENTITY: &str = "ram/";
    /// The keys of session tokens.
    pub const TOKEN_KEYS: &str = "service/token-keys";

    /// Names of identities are unique without regard to case.
    fn folded(name: &str) -> String {
        name.to_ascii_lowercase()
    }

    /// A RAM user, or the prefix of all of an account. So with the others.
    pub fn user(account: &str, name: &str) -> String {
        format!("{IDENTITY}user/{account}/{}", folded(name))
    }

    /// A group of RAM users.
    pub fn group(account: &str, name: &str) -> String {
        format!("{IDENTITY}group/{account}/{}", folded(name))
    }

    /// The index from groups to their members.
    pub fn group_member(account: &str, group: &str, user: &str) -> String {
        format!("ram-group-member/{account}/{}/{}", folded(group), folded(user))
    }

    /// A role.
    pub fn role(account: &str, name: &str) -> String {
        format!("{IDENTITY}role/{account}/{}", folded(name))
    }

    /// A custom policy.
    pub fn policy(account: &str, name: &str) -> String {
        format!("{IDENTITY}policy/{account}/{}", folded(name))
    }

    /// The index from policies, system ones too, to what they are attached to.
    pub fn policy_attachment(
        account: &str,
        kind: PolicyKind,
        policy: &str,
        holder: HolderKind,
        name: &str,
    ) -> String {
        let policies = policy_attachments(account, kind, policy);
        format!("{policies}{}/{}", holder.as_str(), folded(name))
    }

    /// The prefix of all that a policy is attached to.
    pub fn policy_attachments(account: &str, kind: PolicyKind, policy: &str) -> String {
        format!("ram-attachment/{account}/{}/{}/", kind.as_str(), folded(policy))
    }

    /// An OIDC provider.
    pub fn oidc_provider(account: &str, name: &str) -> String {
        format!("{IDENTITY}oidc-provider/{account}/{}", folded(name))
    }

    /// How many identities an account has had.
    pub fn ram_account(account: &str) -> String {
        format!("ram-account/{account}")
    }

    /// The prefix of all members of a group.
    pub fn group_members(account: &str, group: &str) -> String {
        group_member(account, group, "")
    }

    /// When an AccessKey was last used.
    pub fn access_key_use(id: &str) -> String {
        format!("access-key-use/{id}")
    }

    /// What stands before all instances.
    pub const INSTANCES: &str = "instance/";

    /// An instance. Found without an account, because its address names only the instance.
    pub fn instance(id: &str) -> String {
        [INSTANCES, id].concat()
    }

    /// The index from accounts to instances; or its prefix when `id` is empty.
    pub fn instance_of(account: &str, id: &str) -> String {
        ["instance-of/", account, "/", id].concat()
    }

    /// What an instance holds.
    pub fn instance_use(id: &str) -> String {
        ["instance-use/", id].concat()
    }

    /// An instance that was released and whose keys and secrets are not all removed yet.
    pub fn released_instance(id: &str) -> String {
        ["released-instance/", id].concat()
    }

    /// What stands before all that says what client keys may do.
    pub const ACCESS: &str = "access/";

    /// A network rule, or the prefix of all of an account. So with the next two.
    pub fn network_rule(account: &str, name: &str) -> String {
        [ACCESS, "network-rule/", account, "/", name].concat()
    }

    /// A policy of access points.
    pub fn access_policy(account: &str, name: &str) -> String {
        [ACCESS, "policy/", account, "/", name].concat()
    }

    /// An application access point.
    pub fn access_point(account: &str, name: &str) -> String {
        [ACCESS, "point/", account, "/", name].concat()
    }

    /// A client key. Found without an account, because a request names only the key.
    pub fn client_key(id: &str) -> String {
        ["client-key/", id].concat()
    }

    /// The prefix of all work that will fall due.
    pub const DUE: &str = "due/";

    /// A secret's value. `uid` is the secret's own id, so that a secret made anew under an old name starts empty.
    pub fn secret_value(account: &str, uid: &str, version_id: &str) -> String {
        ["secret-value/", account, "/", uid, "/", version_id].concat()
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
    /// The ids of its root's AccessKeys, oldest first; at most two. Empty in a record that was written before there were
    /// others than the installation's first one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub root_access_keys: Vec<String>,
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
    /// The RAM user that it belongs to, by name in lower case and by id: an AccessKey is of no use when a user of that name
    /// has another id. None means the account's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<KeyOwner>,
}

/// The RAM user that an AccessKey belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyOwner {
    /// Name in lower case.
    pub name: String,
    /// Id.
    pub user_id: String,
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
    /// The instance that it is in: its material is sealed under that one's key. None: it is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Id>,
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
    /// The newest version. It is the one that encrypts; key pairs show none, because their callers name a version.
    pub primary_version: Id,
    /// Its first version, which the plain forms of the instance API use. None in a record that was written before this was
    /// noted: then it is looked for among the versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_version: Option<Id>,
    /// When it was made.
    pub created: Timestamp,
    /// When its newest version was made.
    pub last_rotation: Timestamp,
    /// Whether deletion is refused.
    pub deletion_protection: bool,
    /// Why deletion is refused; free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub deletion_protection_description: String,
    /// Seconds between automatic rotations; none means that there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation_interval: Option<i64>,
    /// When it will be gone, in state `PendingDeletion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_date: Option<Timestamp>,
    /// When imported material expires; none means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub material_expires: Option<Timestamp>,
    /// What imported material is known again by: an HMAC under the account key. Stays when the material goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub material_fingerprint: Option<Box<Sealed>>,
    /// The key policy as it was set; none means the default policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Tags, sorted by key.
    pub tags: Vec<Tag>,
}

impl KeyRecord {
    /// Whether its deletion window has ended: it is gone, also while its records still wait to be removed.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.delete_date.is_some_and(|date| date.0 <= now.0)
    }

    /// When its rotation interval ends; none when it is not rotated. Whether it is rotated then depends on its state.
    pub fn next_rotation(&self) -> Option<Timestamp> {
        self.rotation_interval.map(|interval| self.last_rotation.plus(interval))
    }

    /// The state that callers see: imported material that has expired is as good as removed, also while it waits to be.
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        match self.state {
            KeyState::Enabled | KeyState::Disabled
                if self.material_expires.is_some_and(|expires| expires.0 <= now.0) =>
            {
                KeyState::PendingImport
            }
            state => state,
        }
    }
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
    /// The material under the account key; none while a key waits for its import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_material: Option<Sealed>,
    /// When it was made.
    pub created: Timestamp,
}

/// Work that falls due; the key of the record says it all. Written in the commit that makes the work due, removed in the
/// commit that does it; one that the resource's own record does not bear out is stale and only removed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct DueRecord {}

/// How often an import token failed. Made by the first failure.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ImportTokenRecord {
    /// Failures, and tries that have not ended yet.
    pub failures: u32,
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

/// Bytes that a sealing key made; base64 in the record. Keys and short secrets lie in the record itself, as [`Text`] does.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub SmallVec<[u8; 96]>);

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
        let bytes = STANDARD.decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)?;
        Ok(Self(SmallVec::from_slice(&bytes)))
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
            /// All of them.
            pub const ALL: &'static [$name] = &[$(Self::$variant),*];

            /// Finds it by its spelling, byte by byte.
            pub fn find(text: &str) -> Option<Self> {
                match text { $($wire => Some(Self::$variant),)* _ => None }
            }

            /// The spelling on the wire and in records.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }
        }
    };
}

pub use access_point::*;
pub use identity::*;
pub use instance::*;
pub use label::*;
pub use secret::*;
pub use text::*;
mod access_point;
mod identity;
mod instance;
mod label;
mod secret;
mod text;

wire_enum! {
    /// What a key is. HMAC specs have two spellings and are shown as they were created.
    KeySpec {
        /// AES with 128 bits.
        Aes128 = "Aliyun_AES_128",
        /// AES with 192 bits.
        Aes192 = "Aliyun_AES_192",
        /// AES with 256 bits.
        Aes256 = "Aliyun_AES_256",
        /// SM4.
        Sm4 = "Aliyun_SM4",
        /// RSA with 2,048 bits.
        Rsa2048 = "RSA_2048",
        /// RSA with 3,072 bits.
        Rsa3072 = "RSA_3072",
        /// RSA with 4,096 bits.
        Rsa4096 = "RSA_4096",
        /// NIST P-256.
        EcP256 = "EC_P256",
        /// secp256k1.
        EcP256k = "EC_P256K",
        /// SM2.
        EcSm2 = "EC_SM2",
        /// HMAC with SHA-224.
        HmacSha224 = "HMAC_SHA224",
        /// The same.
        HmacSha224Underscored = "HMAC_SHA_224",
        /// HMAC with SHA-256.
        HmacSha256 = "HMAC_SHA256",
        /// The same.
        HmacSha256Underscored = "HMAC_SHA_256",
        /// HMAC with SHA-384.
        HmacSha384 = "HMAC_SHA384",
        /// The same.
        HmacSha384Underscored = "HMAC_SHA_384",
        /// HMAC with SHA-512.
        HmacSha512 = "HMAC_SHA512",
        /// The same.
        HmacSha512Underscored = "HMAC_SHA_512",
        /// HMAC with SM3.
        HmacSm3 = "HMAC_SM3",
    }
}

/// What a key's material is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Sealing data.
    Symmetric(Cipher),
    /// A key pair.
    Pair(KeyPairSpec),
    /// Message authentication codes.
    Mac(MacAlgorithm),
}

impl KeySpec {
    /// What its material is for.
    pub fn kind(self) -> KeyKind {
        match self {
            Self::Aes128 => KeyKind::Symmetric(Cipher::Aes128),
            Self::Aes192 => KeyKind::Symmetric(Cipher::Aes192),
            Self::Aes256 => KeyKind::Symmetric(Cipher::Aes256),
            Self::Sm4 => KeyKind::Symmetric(Cipher::Sm4),
            Self::Rsa2048 => KeyKind::Pair(KeyPairSpec::Rsa2048),
            Self::Rsa3072 => KeyKind::Pair(KeyPairSpec::Rsa3072),
            Self::Rsa4096 => KeyKind::Pair(KeyPairSpec::Rsa4096),
            Self::EcP256 => KeyKind::Pair(KeyPairSpec::EcP256),
            Self::EcP256k => KeyKind::Pair(KeyPairSpec::EcP256k),
            Self::EcSm2 => KeyKind::Pair(KeyPairSpec::Sm2),
            Self::HmacSha224 | Self::HmacSha224Underscored => KeyKind::Mac(MacAlgorithm::HmacSha224),
            Self::HmacSha256 | Self::HmacSha256Underscored => KeyKind::Mac(MacAlgorithm::HmacSha256),
            Self::HmacSha384 | Self::HmacSha384Underscored => KeyKind::Mac(MacAlgorithm::HmacSha384),
            Self::HmacSha512 | Self::HmacSha512Underscored => KeyKind::Mac(MacAlgorithm::HmacSha512),
            Self::HmacSm3 => KeyKind::Mac(MacAlgorithm::HmacSm3),
        }
    }

    /// What its keys may be made for, one of these for each key; the first is the default.
    pub fn usages(self) -> &'static [KeyUsage] {
        match self.kind() {
            KeyKind::Symmetric(_) => &[KeyUsage::EncryptDecrypt],
            KeyKind::Mac(_) => &[KeyUsage::GenerateVerifyMac],
            KeyKind::Pair(KeyPairSpec::EcP256 | KeyPairSpec::EcP256k) => &[KeyUsage::SignVerify],
            KeyKind::Pair(_) => &[KeyUsage::SignVerify, KeyUsage::EncryptDecrypt],
        }
    }
}

wire_enum! {
    /// What a key may be used for.
    KeyUsage {
        /// Encrypting and decrypting.
        EncryptDecrypt = "ENCRYPT/DECRYPT",
        /// Signing and verifying.
        SignVerify = "SIGN/VERIFY",
        /// Message authentication codes.
        GenerateVerifyMac = "GENERATE/VERIFY_MAC",
    }
}

wire_enum! {
    /// What falls due.
    DueKind {
        /// A key's deletion window ends.
        KeyDeletion = "key-deletion",
        /// Imported material expires.
        KeyExpiry = "key-expiry",
        /// A key is rotated.
        KeyRotation = "key-rotation",
        /// The failures of an import token that has expired are forgotten. The id is `<key id>/<token's id>`.
        ImportToken = "import-token",
        /// A secret's deletion window ends.
        SecretDeletion = "secret-deletion",
        /// What was in a released instance is removed.
        InstanceRemoval = "instance-removal",
        /// A secret is rotated, or a rotation that failed is tried again.
        SecretRotation = "secret-rotation",
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
