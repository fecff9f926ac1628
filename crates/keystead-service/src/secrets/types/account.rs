use keystead_api::{ApiError, SecretText};
use keystead_crypto::Random;
use serde::{Deserialize, Serialize};

use super::{AUTO, FirstValues, invalid_data, is_name, parse, render};
use crate::secrets::password;

/// The value of an Rds, Redis or PolarDB secret.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountLogin {
    #[serde(rename = "AccountName")]
    pub(crate) account_name: String,
    #[serde(rename = "AccountPassword")]
    pub(crate) account_password: SecretText,
}

impl AccountLogin {
    /// Reads a value.
    ///
    /// # Errors
    /// 400 `InvalidParameter` for anything else.
    pub(crate) fn parse(data: &SecretText) -> Result<Self, ApiError> {
        let login: Self = parse(data)?;
        login.check()?;
        Ok(login)
    }

    /// As a secret's value.
    ///
    /// # Errors
    /// When it would be too long.
    pub(crate) fn to_value(&self) -> Result<SecretText, ApiError> {
        render(self)
    }

    pub(super) fn check(&self) -> Result<(), ApiError> {
        if is_name(&self.account_name) && !self.account_password.is_empty() {
            Ok(())
        } else {
            Err(invalid_data())
        }
    }
}

/// The values of a secret whose accounts the service makes: one with the first name and one with the second, each with a
/// password of its own.
pub(super) fn made(
    data: &SecretText,
    [first, second]: [&str; 2],
    random: &dyn Random,
) -> Result<FirstValues, ApiError> {
    if data.expose() != AUTO {
        return Err(invalid_data());
    }
    let value = |name: &str| {
        let account_password = password::for_account(random)?;
        AccountLogin { account_name: name.to_owned(), account_password }.to_value()
    };
    Ok(FirstValues { current: value(first)?, previous: Some(value(second)?), to_be_made: true })
}
