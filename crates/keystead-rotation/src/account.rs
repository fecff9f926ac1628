//! Names of accounts and the administrator's login.

use keystead_api::SecretText;
use keystead_service::rotation::{DriverError, Login, Target};
use serde::Deserialize;

/// The administrator's login, as the secret that holds it has it. A rotating secret has the same shape.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Administrator {
    pub(crate) account_name: String,
    pub(crate) account_password: SecretText,
}

impl Administrator {
    pub(crate) fn of(target: &Target) -> Result<Self, DriverError> {
        let text =
            target.authority.as_ref().ok_or_else(|| DriverError::refused("no administrator's login"))?;
        // The error of the parser may quote what it read.
        serde_json::from_str(text.expose()).map_err(|_| {
            DriverError::refused(
                "the administrator's secret is not {\"AccountName\":\"…\",\"AccountPassword\":\"…\"}",
            )
        })
    }

    /// Nobody is given the administrator's own account by naming it in a secret of their own.
    pub(crate) fn is_not(&self, account: &str, target: &Target, authority: &str) -> Result<(), DriverError> {
        if self.account_name == account && target.secret_name != authority {
            return Err(DriverError::refused("the account is the administrator's own"));
        }
        Ok(())
    }
}

/// The password of a login; databases know nothing else.
pub(crate) fn password(login: &Login) -> Result<&SecretText, DriverError> {
    login.password().ok_or_else(|| DriverError::refused("the system knows passwords only"))
}

/// Refuses names that the system would cut, or that cannot be written safely.
pub(crate) fn check_name(name: &str, max_bytes: usize, forbidden: &[char]) -> Result<(), DriverError> {
    let bad = |c: char| c.is_control() || forbidden.contains(&c);
    if name.is_empty() || name.len() > max_bytes || name.contains(bad) {
        return Err(DriverError::refused(
            "the account's name is empty, too long, or has a character that is not allowed",
        ));
    }
    Ok(())
}
