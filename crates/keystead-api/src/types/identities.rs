//! Known values of RAM and STS, and the tags of RAM.

use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;

open_enum! {
    /// Whose policy it is.
    PolicyType {
        SYSTEM = "System",
        CUSTOM = "Custom",
    }
}

open_enum! {
    /// Type of resources of RAM that have tags.
    TaggedType {
        ROLE = "role",
        POLICY = "policy",
    }
}

open_enum! {
    /// Whether an AccessKey can be used.
    AccessKeyStatus {
        ACTIVE = "Active",
        INACTIVE = "Inactive",
    }
}

open_enum! {
    /// What makes room for one more version of a policy.
    RotateStrategy {
        NONE = "None",
        /// The oldest version that is not in force.
        DELETE_OLDEST = "DeleteOldestNonDefaultVersionWhenLimitExceeded",
    }
}

open_enum! {
    /// What kind of caller it is.
    IdentityType {
        ACCOUNT = "Account",
        RAM_USER = "RAMUser",
        ASSUMED_ROLE_USER = "AssumedRoleUser",
    }
}

/// A tag of a role or a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
}

impl Tag {
    /// A tag.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}
