use keystead_api::ApiError;

use super::{Fields, invalid_field, redis};

/// Settings of a PolarDB secret.
#[derive(Clone, Debug)]
pub(crate) struct PolarDbSettings {
    /// The cluster that the accounts are of.
    pub(crate) db_cluster_id: String,
    /// What it speaks, and what both accounts may do.
    pub(crate) engine: PolarDbEngine,
    /// The first account's name.
    pub(crate) account_name: String,
    /// The second account's name.
    pub(crate) clone_account_name: String,
}

/// What a cluster speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PolarDbEngine {
    /// With what both accounts may do in which database, when that is given.
    MySql { grant: Option<PolarDbGrant> },
    /// Rights are granted there by the owner.
    PostgreSql,
}

/// Rights in one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolarDbGrant {
    /// `ReadWrite`, `ReadOnly`, `DMLOnly`, `DDLOnly` or `ReadIndex`.
    pub(crate) privilege: &'static str,
    /// The database.
    pub(crate) db_name: String,
}

const PRIVILEGES: &[(&str, &str)] = &[
    ("ReadWrite", "ReadWrite"),
    ("ReadOnly", "ReadOnly"),
    ("DMLOnly", "DMLOnly"),
    ("DDLOnly", "DDLOnly"),
    ("ReadIndex", "ReadIndex"),
];

impl PolarDbSettings {
    pub(super) fn read(fields: Fields<'_>) -> Result<Self, ApiError> {
        fields.word("SecretSubType", &[("DoubleUsers", ())])?;
        fields.word("AccountType", &[("Normal", ())])?;
        let mysql = fields.word("DBType", &[("MySQL", true), ("PostgreSQL", false)])?;
        let engine =
            if mysql { PolarDbEngine::MySql { grant: grant(fields)? } } else { PolarDbEngine::PostgreSql };
        let (account_name, clone_account_name) = redis::accounts(fields)?;
        // Needed, and shown again; the target is found by its id alone.
        fields.name("RegionId")?;
        Ok(Self { db_cluster_id: fields.name("DBClusterId")?, engine, account_name, clone_account_name })
    }
}

/// Privilege and database go together, as they do where accounts are made.
fn grant(fields: Fields<'_>) -> Result<Option<PolarDbGrant>, ApiError> {
    let privilege = fields.name_if_given("AccountPrivilege")?;
    match (privilege, fields.name_if_given("DBName")?) {
        (None, None) => Ok(None),
        (Some(_), Some(db_name)) => {
            Ok(Some(PolarDbGrant { privilege: fields.word("AccountPrivilege", PRIVILEGES)?, db_name }))
        }
        (Some(_), None) => Err(invalid_field("DBName")),
        (None, Some(_)) => Err(invalid_field("AccountPrivilege")),
    }
}
