//! What lets applications in: network rules, policies, access points and client keys.

use std::net::IpAddr;

use keystead_api::Timestamp;
use keystead_auth::policy::Network;
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
    /// Addresses and CIDR blocks; none means that no request comes from there.
    pub sources: Vec<SourceRange>,
    /// The policies of access points that name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
}

impl NetworkRuleRecord {
    /// Whether requests from an address are let through.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.sources.iter().any(|source| source.network.contains(address))
    }
}

/// An address or CIDR block: as it was given, and as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceRange {
    text: String,
    network: Network,
}

impl SourceRange {
    /// As it was given.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for SourceRange {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let network = Network::parse(&text).ok_or("neither an address nor a CIDR block")?;
        Ok(Self { text, network })
    }
}

impl From<SourceRange> for String {
    fn from(source: SourceRange) -> Self {
        source.text
    }
}

/// The scope of policies for the shared gateway.
pub const SHARED_SCOPE: &str = "shared";

/// A policy of access points.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessPolicyRecord {
    /// The account that owns it.
    pub account: Id,
    /// Its name; fixed.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Where it holds: an instance's id, or [`SHARED_SCOPE`]; fixed.
    pub scope: String,
    /// Names of templates, such as `RbacPermission/Template/CryptoServiceKeyUser`, as they were given.
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

impl AccessPolicyRecord {
    /// Whether it is for the shared gateway.
    pub fn is_shared(&self) -> bool {
        self.scope == SHARED_SCOPE
    }

    /// Whether it gives a template's permissions.
    pub fn has(&self, template: Template) -> bool {
        self.permissions.iter().any(|text| Template::find(text) == Some(template))
    }

    /// Whether what a template allows holds on a resource, or for what needs none: a kind of `*`. The policy of the shared
    /// gateway that lists nothing holds on all secrets.
    pub fn covers(&self, template: Template, kind: &str, id: Option<&str>) -> bool {
        match id {
            Some(id) if kind == template.kind() => {
                let listed = |text: &String| match text.split_once('/') {
                    Some((listed, name)) => listed == kind && (name == "*" || name == id),
                    None => false,
                };
                self.resources.iter().any(listed) || (self.is_shared() && self.resources.is_empty())
            }
            None => kind == "*" && template == Template::KeyUser,
            Some(_) => false,
        }
    }
}

/// What a policy's permission stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Using keys.
    KeyUser,
    /// Reading secrets.
    SecretUser,
}

impl Template {
    /// Finds it by its name, `RbacPermission/Template/CryptoServiceKeyUser` and so on. Sources differ in the names for the shared
    /// gateway, which lack `CryptoService` in some of them; so either form is understood.
    pub fn find(text: &str) -> Option<Self> {
        const PREFIX: &str = "RbacPermission/Template/";
        let (prefix, name) = text.split_at_checked(PREFIX.len())?;
        let is = |names: [&str; 2]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        match prefix.eq_ignore_ascii_case(PREFIX) {
            true if is(["CryptoServiceKeyUser", "KeyUser"]) => Some(Self::KeyUser),
            true if is(["CryptoServiceSecretUser", "SecretUser"]) => Some(Self::SecretUser),
            _ => None,
        }
    }

    /// The one that an action needs; none for what applications are never allowed.
    pub fn of_action(action: &str) -> Option<Self> {
        Some(match action.strip_prefix("kms:")? {
            "GetSecretValue" => Self::SecretUser,
            "AsymmetricDecrypt"
            | "AsymmetricEncrypt"
            | "AsymmetricSign"
            | "AsymmetricVerify"
            | "Decrypt"
            | "Encrypt"
            | "GenerateDataKey"
            | "GenerateDataKeyWithoutPlaintext"
            | "GenerateMac"
            | "GenerateRandom"
            | "GetPublicKey"
            | "Hash"
            | "VerifyMac" => Self::KeyUser,
            _ => return None,
        })
    }

    /// The kind of resource that it is about.
    pub fn kind(self) -> &'static str {
        match self {
            Self::KeyUser => "key",
            Self::SecretUser => "secret",
        }
    }
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
