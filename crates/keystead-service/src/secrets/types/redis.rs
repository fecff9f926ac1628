use keystead_api::ApiError;
use serde_json::{Map, Value};

use super::{Fields, invalid_field};

const ACCOUNT: &str = "AccountName";
const CLONE: &str = "CloneAccountName";

/// Settings of a Redis secret.
#[derive(Clone, Debug)]
pub(crate) struct RedisSettings {
    /// The instance that the accounts are of.
    pub(crate) instance_id: String,
    /// The first account's name.
    pub(crate) account_name: String,
    /// The second account's name.
    pub(crate) clone_account_name: String,
    /// What both accounts may do.
    pub(crate) privilege: RedisPrivilege,
}

/// What an account of Redis may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedisPrivilege {
    /// `RoleReadOnly`
    ReadOnly,
    /// `RoleReadWrite`
    ReadWrite,
}

impl RedisSettings {
    pub(super) fn read(fields: Fields<'_>) -> Result<Self, ApiError> {
        fields.word("SecretSubType", &[("DoubleUsers", ())])?;
        let privileges =
            [("RoleReadOnly", RedisPrivilege::ReadOnly), ("RoleReadWrite", RedisPrivilege::ReadWrite)];
        let (account_name, clone_account_name) = accounts(fields)?;
        // Needed, and shown again; the target is found by its id alone.
        fields.name("RegionId")?;
        Ok(Self {
            instance_id: fields.name("InstanceId")?,
            account_name,
            clone_account_name,
            privilege: fields.word("AccountPrivilege", &privileges)?,
        })
    }
}

/// Names the second account after the first when the owner did not.
pub(super) fn complete(config: &mut Map<String, Value>) {
    let named = config.get(CLONE).is_some_and(|name| name.as_str() != Some(""));
    if let (false, Some(Value::String(name))) = (named, config.get(ACCOUNT)) {
        let clone = Value::String(format!("{name}_clone"));
        config.insert(CLONE.to_owned(), clone);
    }
}

/// The names of two accounts that the service makes.
pub(super) fn accounts(fields: Fields<'_>) -> Result<(String, String), ApiError> {
    let (account, clone) = (fields.name(ACCOUNT)?, fields.name(CLONE)?);
    if account == clone { Err(invalid_field(CLONE)) } else { Ok((account, clone)) }
}
