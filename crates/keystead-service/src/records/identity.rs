use keystead_api::Timestamp;
use serde::{Deserialize, Serialize};

use super::Sealed;
use crate::tags::Tag;

/// A RAM user. Stands under its name in lower case: names are unique without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRecord {
    /// Its id, which is never used again, even when the name is.
    pub user_id: String,
    /// The account that it belongs to.
    pub account: String,
    /// Its name as it was given.
    pub name: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub display_name: String,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mobile_phone: String,
    /// Mail address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comments: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// Its AccessKeys' ids, oldest first; at most two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_keys: Vec<String>,
    /// The groups that it is a member of, with when it became one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Membership>,
    /// Policies attached to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Attachment>,
    /// Tags, sorted by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// That a user is a member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The group's name in lower case.
    pub group: String,
    /// Since when.
    pub joined: Timestamp,
}

/// That a policy is attached to a user, a group or a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Whose policy it is.
    pub kind: PolicyKind,
    /// Its name: of a custom one in lower case, of a system one as it is defined.
    pub policy: String,
    /// Since when.
    pub attached: Timestamp,
}

wire_enum! {
    /// Whose policy a policy is.
    PolicyKind {
        /// The service's own, the same for all accounts.
        System = "System",
        /// The account's.
        Custom = "Custom",
    }
}

/// A group of RAM users; under its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRecord {
    /// Its id.
    pub group_id: String,
    /// The account that it belongs to.
    pub account: String,
    /// Its name as it was given.
    pub name: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comments: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// Policies attached to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Attachment>,
}

/// An entry of the index from groups to members; the key of the record says it all.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct GroupMemberRecord {}

/// A role; under its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRecord {
    /// Its id, which is never used again: sessions name the role by it, so that they end with the role.
    pub role_id: String,
    /// The account that it belongs to.
    pub account: String,
    /// Its name as it was given.
    pub name: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The policy that says who may assume it, as it was written.
    pub trust_policy: String,
    /// How long a session lasts at most, in seconds.
    pub max_session_seconds: i64,
    /// Sessions issued before are void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_valid_from: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// Policies attached to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Attachment>,
    /// Tags, sorted by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// A custom policy; under its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// The account that it belongs to.
    pub account: String,
    /// Its name as it was given.
    pub name: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// The number of the version that is in force.
    pub default_version: u32,
    /// The number of the next version: numbers are not used again.
    pub next_version: u32,
    /// Its versions, oldest first; at most five.
    pub versions: Vec<PolicyVersion>,
    /// Tags, sorted by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

impl PolicyRecord {
    /// The document that is in force.
    pub fn document(&self) -> Option<&str> {
        let default = self.versions.iter().find(|version| version.number == self.default_version);
        default.map(|version| version.document.as_str())
    }
}

/// A version of a custom policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// Its number; shown with a `v` in front.
    pub number: u32,
    /// The document as it was written. It was found good then.
    pub document: String,
    /// When it was made.
    pub created: Timestamp,
}

/// An entry of the index from policies to what they are attached to; the key of the record says it all.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PolicyAttachmentRecord {}

wire_enum! {
    /// What a policy can be attached to.
    HolderKind {
        /// A RAM user.
        User = "user",
        /// A group.
        Group = "group",
        /// A role.
        Role = "role",
    }
}

/// An OIDC provider; under its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProviderRecord {
    /// The account that it belongs to.
    pub account: String,
    /// Its name as it was given.
    pub name: String,
    /// The issuer, exactly as tokens name it.
    pub issuer_url: String,
    /// The audiences that are accepted.
    pub client_ids: Vec<String>,
    /// SHA-1 fingerprints of certificate authorities that may stand over the issuer's keys.
    pub fingerprints: Vec<String>,
    /// Hours after which a token counts as too old, whatever its own end.
    pub issuance_limit_hours: i64,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// When an AccessKey was last used; written now and then, so it may be behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeyUseRecord {
    /// When.
    pub used: Timestamp,
    /// For which product.
    pub service: String,
}

/// The keys that session tokens are sealed under, newest last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenKeysRecord {
    /// The ring.
    pub keys: Vec<TokenKey>,
}

/// A key that session tokens are sealed under.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenKey {
    /// Its number, which stands in the tokens.
    pub id: u32,
    /// When it was made. It seals from then on until a newer one does, and opens as long as a token can live.
    pub created: Timestamp,
    /// The key under the root key.
    pub sealed_key: Sealed,
}

/// How many users, groups, roles, policies and OIDC providers an account has ever had. Every making of one writes it, so
/// that two that are made at the same time are counted one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RamAccountRecord {
    /// The number.
    pub made: u64,
}
