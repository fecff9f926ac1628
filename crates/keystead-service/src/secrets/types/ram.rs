use keystead_api::{ApiError, SecretText, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Fields, FirstValues, invalid_data, invalid_field, parse, render};

/// Characters of a RAM user's name at most (RAM API reference, CreateUser).
const MAX_USER_NAME: usize = 64;
/// AccessKeys that a RAM user can have.
const MAX_ACCESS_KEYS: usize = 2;

/// Settings of a secret of a RAM user's AccessKeys.
#[derive(Clone, Debug)]
pub(crate) struct RamSettings {
    /// The user.
    pub(crate) user_name: String,
}

impl RamSettings {
    pub(super) fn read(fields: Fields<'_>) -> Result<Self, ApiError> {
        fields.word("SecretSubType", &[("RamUserAccessKey", ())])?;
        let user_name = fields.name("UserName")?;
        let valid = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if user_name.len() > MAX_USER_NAME || !user_name.chars().all(valid) {
            return Err(invalid_field("UserName"));
        }
        Ok(Self { user_name })
    }
}

/// The value of a RAMCredentials secret. Plug-ins read all three fields together.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccessKeyLogin {
    #[serde(rename = "AccessKeyId")]
    pub(crate) access_key_id: String,
    #[serde(rename = "AccessKeySecret")]
    pub(crate) access_key_secret: SecretText,
    /// When this value came to be, `yyyy-MM-ddTHH:mm:ssZ`.
    #[serde(rename = "GenerateTimestamp")]
    pub(crate) generated: String,
}

impl AccessKeyLogin {
    /// Reads a value.
    ///
    /// # Errors
    /// 400 `InvalidParameter` for anything else.
    pub(crate) fn parse(data: &SecretText) -> Result<Self, ApiError> {
        parse(data)
    }

    /// As a secret's value.
    ///
    /// # Errors
    /// When it would be too long.
    pub(crate) fn to_value(&self) -> Result<SecretText, ApiError> {
        render(self)
    }
}

/// What CreateSecret takes: all AccessKeys of the user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessKeys {
    #[serde(rename = "AccessKeys")]
    access_keys: Vec<AccessKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessKey {
    #[serde(rename = "AccessKeyId")]
    id: String,
    #[serde(rename = "AccessKeySecret")]
    secret: SecretText,
}

/// The first AccessKey is the one in use.
pub(super) fn first_values(data: &SecretText, now: Timestamp) -> Result<FirstValues, ApiError> {
    let AccessKeys { access_keys } = parse(data)?;
    let valid = |key: &AccessKey| {
        !key.id.is_empty() && key.id.bytes().all(|b| b.is_ascii_alphanumeric()) && !key.secret.is_empty()
    };
    let distinct = access_keys.windows(2).all(|keys| keys[0].id != keys[1].id);
    if access_keys.len() > MAX_ACCESS_KEYS || !access_keys.iter().all(valid) || !distinct {
        return Err(invalid_data());
    }
    let mut values = access_keys.into_iter().map(|AccessKey { id, secret }| {
        AccessKeyLogin { access_key_id: id, access_key_secret: secret, generated: now.to_string() }.to_value()
    });
    let current = values.next().ok_or_else(invalid_data)??;
    Ok(FirstValues { current, previous: values.next().transpose()?, to_be_made: false })
}
