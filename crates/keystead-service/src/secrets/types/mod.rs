//! The types of secrets: what their settings and values look like.
//!
//! A generic secret holds whatever its owner stores. All others hold logins for another system, in a layout of their own,
//! and are rotated: [`Settings`] is their `ExtendedConfig`, read and checked; [`AccountLogin`], [`AccessKeyLogin`] and
//! [`HostLogin`] are their values.
//!
//! A secret of two logins keeps the first one as `ACSCurrent` and the second one as `ACSPrevious`. With `DoubleUsers`
//! and one login given, the second one is not there yet; [`Settings::second_account`] tells its name.

mod account;
mod ecs;
mod polardb;
mod ram;
mod rds;
mod redis;

use keystead_api::{ApiError, ErrorCode, JsonObject, SecretText, Timestamp};
use keystead_crypto::Random;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) use account::AccountLogin;
pub(crate) use ecs::{EcsSettings, HostLogin};
pub(crate) use polardb::{PolarDbEngine, PolarDbSettings};
pub(crate) use ram::{AccessKeyLogin, RamSettings};
pub(crate) use rds::RdsSettings;
pub(crate) use redis::{RedisPrivilege, RedisSettings};

use crate::records::{ExtendedConfig, SecretRecord, SecretType};
use crate::secrets::MAX_VALUE;

/// Characters of `ExtendedConfig` at most (KMS API reference, CreateSecret).
const MAX_CONFIG: usize = 1024;
/// Pairs in `CustomData` at most (the same).
const MAX_CUSTOM_DATA: usize = 10;
/// Characters of a name in the settings at most; the vendor's own ids and account names are far shorter.
const MAX_NAME: usize = 128;
const CUSTOM_DATA: &str = "CustomData";

/// What a caller sends in place of what the service is to make: a name, or logins.
pub(crate) const AUTO: &str = "$Auto";

/// The settings of a rotating secret.
#[derive(Clone, Debug)]
pub(crate) enum Settings {
    Rds(RdsSettings),
    Redis(RedisSettings),
    PolarDb(PolarDbSettings),
    Ram(RamSettings),
    Ecs(EcsSettings),
}

/// The values that a new secret starts with.
pub(crate) struct FirstValues {
    /// For `ACSCurrent`.
    pub(crate) current: SecretText,
    /// For `ACSPrevious`, when the secret has two logins from the start.
    pub(crate) previous: Option<SecretText>,
    /// Whether the logins were made here and do not exist yet in the system that they are for.
    pub(crate) to_be_made: bool,
}

impl Settings {
    /// Reads the settings of a secret of a type other than generic, from what its owner sent. Returns them together with
    /// what is to be stored and shown: the same with its defaults filled in.
    ///
    /// # Errors
    /// 400 `MissingParameter` when there are none, 400 `InvalidParameter` for those that are wrong.
    pub(crate) fn new(
        secret_type: SecretType,
        config: Option<JsonObject>,
    ) -> Result<(Self, ExtendedConfig), ApiError> {
        let Some(JsonObject(mut config)) = config else {
            let text = "The parameter \"ExtendedConfig\" is needed but not provided.".to_owned();
            return Err(ApiError::with_message(ErrorCode::MissingParameter, text));
        };
        let custom_data = config.entry(CUSTOM_DATA).or_insert_with(|| Value::Object(Map::new()));
        check_custom_data(custom_data)?;
        if matches!(secret_type, SecretType::Redis | SecretType::PolarDb) {
            redis::complete(&mut config);
        }
        let config = ExtendedConfig(config);
        check_length(&config)?;
        Ok((Self::read(secret_type, &config)?, config))
    }

    /// Reads the settings that a secret was made with.
    ///
    /// # Errors
    /// 400 `InvalidParameter` when they cannot be.
    fn read(secret_type: SecretType, config: &ExtendedConfig) -> Result<Self, ApiError> {
        let fields = Fields(&config.0);
        Ok(match secret_type {
            SecretType::Generic => return Err(ErrorCode::InternalFailure.into()),
            SecretType::Rds => Self::Rds(RdsSettings::read(fields)?),
            SecretType::Redis => Self::Redis(RedisSettings::read(fields)?),
            SecretType::PolarDb => Self::PolarDb(PolarDbSettings::read(fields)?),
            SecretType::RamCredentials => Self::Ram(RamSettings::read(fields)?),
            SecretType::Ecs => Self::Ecs(EcsSettings::read(fields)?),
        })
    }

    /// The first values, out of the `SecretData` of CreateSecret.
    ///
    /// # Errors
    /// 400 `InvalidParameter` when it is not what the type asks for.
    pub(crate) fn first_values(
        &self,
        data: &SecretText,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<FirstValues, ApiError> {
        match self {
            Self::Rds(settings) => settings.first_values(data),
            Self::Redis(settings) => {
                account::made(data, [&settings.account_name, &settings.clone_account_name], random)
            }
            Self::PolarDb(settings) => {
                account::made(data, [&settings.account_name, &settings.clone_account_name], random)
            }
            Self::Ram(_) => ram::first_values(data, now),
            Self::Ecs(settings) => settings.first_values(data),
        }
    }

    /// Whether two logins take turns, so that the old one keeps working after a rotation.
    pub(crate) fn double_users(&self) -> bool {
        match self {
            Self::Rds(settings) => settings.double_users,
            Self::Redis(_) | Self::PolarDb(_) => true,
            Self::Ram(_) | Self::Ecs(_) => false,
        }
    }

    /// The name of the second login of a secret with two, when the first one's is `first`.
    pub(crate) fn second_account(&self, first: &str) -> Option<String> {
        match self {
            Self::Rds(settings) if settings.double_users => Some(format!("{first}_clone")),
            Self::Redis(settings) => Some(settings.clone_account_name.clone()),
            Self::PolarDb(settings) => Some(settings.clone_account_name.clone()),
            Self::Rds(_) | Self::Ram(_) | Self::Ecs(_) => None,
        }
    }
}

impl SecretRecord {
    /// The settings of a rotating secret; none for a generic one.
    ///
    /// # Errors
    /// 500 `InternalFailure` when what is stored cannot be read.
    pub(crate) fn settings(&self) -> Result<Option<Settings>, ApiError> {
        let Some(config) = &self.extended_config else { return Ok(None) };
        Settings::read(self.secret_type, config).map(Some).map_err(|_| {
            tracing::error!(secret = self.uid.as_str(), "the settings of a secret cannot be read");
            ErrorCode::InternalFailure.into()
        })
    }
}

impl ExtendedConfig {
    /// As answers show it.
    pub(crate) fn to_text(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    /// Replaces the owner's own data.
    ///
    /// # Errors
    /// 400 `InvalidParameter` for more than 10 pairs, or when it all gets too long.
    pub(crate) fn set_custom_data(&mut self, data: Map<String, Value>) -> Result<(), ApiError> {
        let data = Value::Object(data);
        check_custom_data(&data)?;
        self.0.insert(CUSTOM_DATA.to_owned(), data);
        check_length(self)
    }
}

fn check_custom_data(data: &Value) -> Result<(), ApiError> {
    match data {
        Value::Object(pairs) if pairs.len() <= MAX_CUSTOM_DATA => Ok(()),
        _ => Err(invalid_field(CUSTOM_DATA)),
    }
}

fn check_length(config: &ExtendedConfig) -> Result<(), ApiError> {
    if config.to_text().chars().count() <= MAX_CONFIG {
        Ok(())
    } else {
        Err(ApiError::invalid_parameter("ExtendedConfig"))
    }
}

/// The fields of settings.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    /// A name, which must be there.
    fn name(self, field: &str) -> Result<String, ApiError> {
        self.name_if_given(field)?.ok_or_else(|| invalid_field(field))
    }

    /// A name that may be left out or empty.
    fn name_if_given(self, field: &str) -> Result<Option<String>, ApiError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) if is_name(text) => Ok(Some(text.clone())),
            Some(_) => Err(invalid_field(field)),
        }
    }

    /// One of a few words, which must be there.
    fn word<T: Copy>(self, field: &str, words: &[(&str, T)]) -> Result<T, ApiError> {
        let text = text_or_empty(self.0, field);
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| invalid_field(field))
    }
}

fn text_or_empty<'a>(map: &'a Map<String, Value>, field: &str) -> &'a str {
    map.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Names of accounts and instances: not empty, and nothing in them that a protocol or a log could stumble over.
fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.chars().count())
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn invalid_field(field: &str) -> ApiError {
    ApiError::with_message(
        ErrorCode::InvalidParameter,
        format!("The specified parameter ExtendedConfig.{field} is not valid."),
    )
}

fn invalid_data() -> ApiError {
    ApiError::invalid_parameter("SecretData")
}

/// Reads a value of a rotating secret. What the parser says is not told: it may quote the value.
fn parse<T: DeserializeOwned>(data: &SecretText) -> Result<T, ApiError> {
    serde_json::from_str(data.expose()).map_err(|_| invalid_data())
}

/// Writes a value of a rotating secret, into memory that is large enough from the start: growing would leave copies behind.
fn render(value: &impl Serialize) -> Result<SecretText, ApiError> {
    let mut json = Vec::with_capacity(2 * MAX_VALUE);
    serde_json::to_writer(&mut json, value).map_err(|_| invalid_data())?;
    let text = String::from_utf8(json).map(SecretText::from).map_err(|_| invalid_data())?;
    if text.len() <= MAX_VALUE { Ok(text) } else { Err(invalid_data()) }
}
