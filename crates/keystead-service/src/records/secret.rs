use keystead_api::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use smallvec::SmallVec;

use super::{Id, Labels, Sealed, Text};
use crate::tags::Tag;

/// The versions of a secret. A value in force and the one before it are what most secrets have.
pub type Versions = SmallVec<[SecretVersion; 2]>;

/// A secret without its values. What reading a value looks at lies in the record itself: among ten thousand secrets each
/// text elsewhere is a miss of the processor's caches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretRecord {
    /// An id that is never used again, even when the name is.
    pub uid: Id,
    /// Its name.
    pub name: Text,
    /// The account that owns it.
    pub account: Id,
    /// The instance that it is in. None: it is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Id>,
    /// What its values are.
    pub secret_type: SecretType,
    /// Free text.
    pub description: String,
    /// The key that protects its values, when its owner chose one.
    pub encryption_key_id: Option<Id>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// When it will be gone, while it is in its deletion window.
    pub planned_delete: Option<Timestamp>,
    /// Settings of a rotating secret; none for generic ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_config: Option<ExtendedConfig>,
    /// Where its rotation stands; none for generic secrets, which are rotated by storing a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Box<SecretRotation>>,
    /// The secret policy as it was set; none means the default policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Its versions, oldest first.
    pub versions: Versions,
    /// Tags, sorted by key.
    pub tags: Vec<Tag>,
}

impl SecretRecord {
    /// Whether its deletion window has ended: it is gone, also while its records still wait to be removed.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.planned_delete.is_some_and(|date| date.0 <= now.0)
    }
}

/// `ExtendedConfig` as its owner sent it, with the defaults filled in. What is not known is kept and shown again: clients
/// compare what they sent with what they get.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExtendedConfig(pub Map<String, Value>);

/// One version of a secret, without the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// Its id, chosen by the caller.
    pub version_id: Text,
    /// What its value is.
    pub data_type: DataType,
    /// The stage labels that it carries.
    pub stages: Labels,
    /// When it was stored.
    pub created: Timestamp,
}

impl SecretVersion {
    /// Whether it carries a label.
    pub fn has(&self, label: &str) -> bool {
        self.stages.iter().any(|held| held.as_str() == label)
    }

    /// Its labels as answers show them.
    pub fn labels(&self) -> Vec<String> {
        self.stages.iter().map(|label| label.as_str().to_owned()).collect()
    }
}

wire_enum! {
    /// What a version's value is.
    DataType {
        /// Text.
        Text = "text",
        /// Bytes; base64 wherever they are text.
        Binary = "binary",
    }
}

/// A secret's value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretValueRecord {
    /// The key version that sealed it; none means the account key.
    pub key_version: Option<String>,
    /// The value.
    pub sealed_value: Sealed,
}

/// The rotation of a secret whose login lives in another system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRotation {
    /// Seconds between automatic rotations; may be set while they are switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<i64>,
    /// Whether rotations are automatic.
    pub enabled: bool,
    /// When the last one succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// When the next one is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// Whether rotation cannot work as things are.
    #[serde(default)]
    pub invalid: bool,
    /// Failures since the last success.
    #[serde(default)]
    pub failures: u32,
    /// Why the last one failed; never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Names of the accounts whose login in this secret was seen to work. No other account is given a new password: else
    /// whoever may make a secret could take any account of the system by naming it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<String>,
    /// The rotation that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingRotation>,
}

/// A rotation that has begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRotation {
    /// The version that it will make current. Its value is stored already.
    pub version_id: String,
    /// When it began.
    pub started: Timestamp,
    /// What is to be done.
    pub step: RotationStep,
    /// Who works on it: a word drawn for each attempt. None means that it waits for the next attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// When somebody else may take it up: the end of the holder's lease, or the time of the next attempt. An entry of due
    /// work stands at this time.
    pub until: Timestamp,
}

wire_enum! {
    /// What a rotation that has begun has to do.
    RotationStep {
        /// The logins of a new secret are stored, and do not exist yet in the system that they are for.
        Accounts = "accounts",
        /// The new value is stored, without a label. The system may have been told of it, or not.
        Prepared = "prepared",
    }
}

wire_enum! {
    /// What a secret's values are.
    SecretType {
        /// Anything that its owner stores.
        Generic = "Generic",
        /// Logins of a relational database.
        Rds = "Rds",
        /// Logins of Redis.
        Redis = "Redis",
        /// Logins of PolarDB.
        PolarDb = "PolarDB",
        /// AccessKeys of a RAM user.
        RamCredentials = "RAMCredentials",
        /// A login of a host.
        Ecs = "ECS",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A record as every version of this program writes it, and texts of any length.
    #[test]
    fn a_record_is_read_and_written_as_ever() {
        let long = "n".repeat(190);
        let json = [
            r#"{"uid":"0123456789abcdefghij","name":""#,
            &long,
            r#"","account":"1234567890123456","secret_type":"Rds","description":"d","#,
            r#""encryption_key_id":"key-hzz62f1cb66abcdefghij","created":1,"updated":2,"planned_delete":null,"#,
            r#""extended_config":{"A":1},"rotation":{"enabled":true,"invalid":false,"failures":0},"versions":["#,
            r#"{"version_id":"v1","data_type":"text","stages":["ACSPrevious","mine"],"created":1},"#,
            r#"{"version_id":"00000000-0000-0000-0000-000000000000-long","data_type":"binary","stages":[],"created":2},"#,
            r#"{"version_id":"v3","data_type":"text","stages":["ACSCurrent","a","b"],"created":3}],"tags":[]}"#,
        ]
        .concat();
        let record: SecretRecord = serde_json::from_str(&json).unwrap();
        assert_eq!(*record.name, *long);
        assert_eq!(record.versions[0].labels(), ["ACSPrevious", "mine"]);
        assert!(record.versions[2].has("ACSCurrent") && !record.versions[2].has("ACSPrevious"));
        assert_eq!(serde_json::to_string(&record).unwrap(), json);
    }
}
