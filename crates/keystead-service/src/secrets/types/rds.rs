use keystead_api::{ApiError, SecretText};
use serde::Deserialize;

use super::{AccountLogin, Fields, FirstValues, invalid_data, parse};

/// Settings of an Rds secret.
#[derive(Clone, Debug)]
pub(crate) struct RdsSettings {
    /// Two accounts take turns; else one account's password changes in place.
    pub(crate) double_users: bool,
    /// The instance that the accounts are of.
    pub(crate) db_instance_id: String,
}

/// What CreateSecret takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accounts {
    #[serde(rename = "Accounts")]
    accounts: Vec<AccountLogin>,
}

impl RdsSettings {
    pub(super) fn read(fields: Fields<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            double_users: fields.word("SecretSubType", &[("SingleUser", false), ("DoubleUsers", true)])?,
            db_instance_id: fields.name("DBInstanceId")?,
        })
    }

    /// One account, or with `DoubleUsers` one or two of different names.
    pub(super) fn first_values(&self, data: &SecretText) -> Result<FirstValues, ApiError> {
        let Accounts { accounts } = parse(data)?;
        accounts.iter().try_for_each(AccountLogin::check)?;
        let (current, previous) = match (accounts.as_slice(), self.double_users) {
            ([only], _) => (only, None),
            ([first, second], true) if first.account_name != second.account_name => (first, Some(second)),
            _ => return Err(invalid_data()),
        };
        Ok(FirstValues {
            current: current.to_value()?,
            previous: previous.map(AccountLogin::to_value).transpose()?,
            to_be_made: false,
        })
    }
}
