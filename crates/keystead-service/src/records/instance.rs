use keystead_api::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Id, Sealed};

/// A KMS instance: keys and secrets of its own, under a wrapping key of its own, behind an address and a CA of its own.
///
/// Whoever releases it removes `sealed_key`: from then on nothing that was in it can be opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstanceRecord {
    /// Its id, `kst-…`.
    pub instance_id: Id,
    /// The account that owns it.
    pub account: Id,
    /// A name for people.
    pub name: String,
    /// What it is able to do.
    pub status: InstanceStatus,
    /// The instance's key under the account key. Keys of its own are derived from it, as from an account's.
    pub sealed_key: Sealed,
    /// The certificate of its CA, PEM: exactly one, self-signed.
    pub ca_certificate_pem: String,
    /// The CA's private key (PKCS#8 DER) under the instance's key; the certificate is bound.
    pub sealed_ca_key: Sealed,
    /// When it was made.
    pub created: Timestamp,
    /// Keys that it holds at most; each version counts as one.
    pub key_quota: u32,
    /// Secrets that it holds at most.
    pub secret_quota: u32,
    /// Symmetric operations a second, as it is called; nothing is held to it.
    pub spec: u32,
    /// Where it is connected; empty before.
    #[serde(default)]
    pub vpc_id: String,
    /// Its vSwitches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vswitch_ids: Vec<String>,
    /// Its zones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zone_ids: Vec<String>,
    /// Further VPCs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bind_vpcs: Vec<BindVpc>,
    /// Whether its release is refused.
    #[serde(default)]
    pub deletion_protection: bool,
    /// Why it is refused; free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub deletion_protection_description: String,
}

impl InstanceRecord {
    /// Whether what is in it can be used.
    pub fn is_connected(&self) -> bool {
        self.status == InstanceStatus::Connected
    }
}

/// An entry of the index from accounts to instances; the key of the record says it all.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct InstanceOfRecord {}

/// How much an instance holds. A record of its own, because it changes with every key and secret that comes or goes, and goes
/// with the instance: whoever makes something in an instance changes it in the same commit, which fails when it is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceUseRecord {
    /// Key versions.
    pub keys: u32,
    /// Secrets.
    pub secrets: u32,
}

/// An instance that was released, for as long as records of keys and secrets that were in it wait to be removed. Its id is not
/// used again before that; whoever makes one with that id removes them first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReleasedInstanceRecord {
    /// The account that owned it.
    pub account: Id,
    /// When it was released: the entry of due work stands under this time.
    pub released: Timestamp,
}

/// A further VPC that reaches an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindVpc {
    /// Its id.
    pub vpc_id: String,
    /// A vSwitch in it.
    pub vswitch_id: String,
    /// Its region.
    pub region_id: String,
    /// The account that owns it.
    pub vpc_owner_id: String,
}

wire_enum! {
    /// Whether an instance can be used.
    InstanceStatus {
        /// Made, and not connected yet.
        Uninitialized = "Uninitialized",
        /// It can.
        Connected = "Connected",
    }
}
