use keystead_api::Timestamp;
use serde::{Deserialize, Serialize};

use super::Id;

/// A network rule: from which addresses an access point may be used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NetworkRuleRecord {
    /// The account that owns it.
    pub account: Id,
    /// Its name; fixed.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Addresses and CIDR blocks, as they were given.
    pub sources: Vec<String>,
    /// The policies of access points that name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// A policy of access points.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessPolicyRecord {
    /// The account that owns it.
    pub account: Id,
    /// Its name; fixed.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Where it holds: an instance's id, or `shared` for the shared gateway; fixed.
    pub scope: String,
    /// Names of templates, such as `RbacPermission/Template/CryptoServiceKeyUser`.
    pub permissions: Vec<String>,
    /// `key/<id>`, `key/*`, `secret/<name>`, `secret/*`.
    pub resources: Vec<String>,
    /// Network rules; none means any address.
    pub network_rules: Vec<String>,
    /// The access points that name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// An application access point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessPointRecord {
    /// The account that owns it.
    pub account: Id,
    /// An id that is never used again, even when the name is: client keys are bound to it.
    pub uid: Id,
    /// Its name; fixed.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Its policies, by name: 1 to 3.
    pub policies: Vec<String>,
    /// Its client keys, by id: at most 3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client_keys: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// A client key: the public half. The private one was shown once and is not kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClientKeyRecord {
    /// Its id: `KAAP.` and a UUID.
    pub client_key_id: String,
    /// The account that owns it.
    pub account: Id,
    /// Its access point, by name and by [`AccessPointRecord::uid`].
    pub access_point: String,
    /// The same by id: of no use when an access point of that name has another one.
    pub access_point_uid: Id,
    /// Its certificate, PEM.
    pub certificate_pem: String,
    /// Its public key, SubjectPublicKeyInfo in DER, base64.
    pub public_key: String,
    /// When it begins to be valid.
    pub not_before: Timestamp,
    /// When it ends to be valid.
    pub not_after: Timestamp,
    /// When it was made.
    pub created: Timestamp,
}
