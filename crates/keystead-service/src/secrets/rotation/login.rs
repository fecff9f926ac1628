//! The logins in the values of rotating secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::{ApiError, ErrorCode, SecretText, Timestamp};
use keystead_crypto::Random;

use super::driver::{Login, LoginSecret};
use super::state::value;
use crate::call::Key;
use crate::engine::Engine;
use crate::ids;
use crate::keys::create::no_randomness;
use crate::records::{SecretRecord, SecretType};
use crate::secrets::types::{
    AccessKeyLogin, AccountLogin, HostLogin, PolarDbEngine, RedisPrivilege, Settings,
};
use crate::secrets::{CURRENT, PREVIOUS, password};

/// The id of the system that a secret's login is for; none when there is no driver for such systems.
pub(super) fn target_id(secret: &SecretRecord) -> Result<Option<String>, ApiError> {
    Ok(match secret.settings()? {
        Some(Settings::Rds(rds)) => Some(rds.db_instance_id),
        Some(Settings::Redis(redis)) => Some(redis.instance_id),
        Some(Settings::PolarDb(polar)) => Some(polar.db_cluster_id),
        Some(Settings::Ecs(ecs)) => Some(ecs.instance_id),
        Some(Settings::Ram(ram)) => Some(ram.user_name),
        None => None,
    })
}

/// `SecretSubType`
pub(super) fn sub_type(secret: &SecretRecord) -> String {
    let sub_type = secret.extended_config.as_ref().and_then(|config| config.0.get("SecretSubType"));
    sub_type.and_then(|text| text.as_str()).unwrap_or_default().to_owned()
}

/// What accounts that are made may do: privilege and database.
pub(super) fn rights(settings: &Settings) -> (Option<String>, Option<String>) {
    match settings {
        Settings::Redis(redis) => {
            let privilege = match redis.privilege {
                RedisPrivilege::ReadOnly => "RoleReadOnly",
                RedisPrivilege::ReadWrite => "RoleReadWrite",
            };
            (Some(privilege.to_owned()), None)
        }
        Settings::PolarDb(polar) => match &polar.engine {
            PolarDbEngine::MySql { grant: Some(grant) } => {
                (Some(grant.privilege.to_owned()), Some(grant.db_name.clone()))
            }
            PolarDbEngine::MySql { grant: None } | PolarDbEngine::PostgreSql => (None, None),
        },
        Settings::Rds(_) | Settings::Ram(_) | Settings::Ecs(_) => (None, None),
    }
}

/// The login that a value holds.
pub(super) fn read(secret_type: SecretType, value: &SecretText) -> Result<Login, ApiError> {
    Ok(match secret_type {
        SecretType::Ecs => match HostLogin::parse(value)? {
            HostLogin::Password { user_name, password } => {
                Login { account: user_name, secret: LoginSecret::Password(password) }
            }
            HostLogin::Key { user_name, public_key, private_key } => {
                Login { account: user_name, secret: LoginSecret::SshKey { public_key, private_key } }
            }
        },
        SecretType::RamCredentials => {
            let AccessKeyLogin { access_key_id, access_key_secret, .. } = AccessKeyLogin::parse(value)?;
            Login { account: access_key_id, secret: LoginSecret::AccessKey(access_key_secret) }
        }
        _ => {
            let AccountLogin { account_name, account_password } = AccountLogin::parse(value)?;
            Login { account: account_name, secret: LoginSecret::Password(account_password) }
        }
    })
}

/// The login under a label.
pub(super) async fn at_stage(
    engine: &Engine,
    secret: &SecretRecord,
    key: Option<&Key>,
    stage: &str,
    now: Timestamp,
) -> Result<Option<Login>, ApiError> {
    let Some(version) = secret.at_stage(stage) else { return Ok(None) };
    let value = value(engine, secret, key, &version.version_id, now).await?;
    read(secret.secret_type, &value).map(Some)
}

/// The login in force, and the one that a rotation replaces: with two accounts that of the one at rest, which need not
/// have had one yet.
pub(super) async fn present(
    engine: &Engine,
    secret: &SecretRecord,
    key: Option<&Key>,
    now: Timestamp,
) -> Result<(Login, Option<Login>), ApiError> {
    let current = at_stage(engine, secret, key, CURRENT, now).await?.ok_or(ErrorCode::InternalFailure)?;
    let double = secret.settings()?.is_some_and(|settings| settings.double_users());
    let replaced =
        if double { at_stage(engine, secret, key, PREVIOUS, now).await? } else { Some(current.clone()) };
    Ok((current, replaced))
}

/// The value of the next version: the same account as the one that is replaced, with a new password or key pair.
pub(super) async fn next_value(
    engine: &Engine,
    secret: &SecretRecord,
    key: Option<&Key>,
    now: Timestamp,
) -> Result<SecretText, ApiError> {
    if secret.secret_type == SecretType::RamCredentials {
        let login = AccessKeyLogin {
            access_key_id: ids::access_key_id(random(engine)).map_err(no_randomness)?,
            access_key_secret: SecretText::from(
                ids::access_key_secret(random(engine)).map_err(no_randomness)?.as_str(),
            ),
            generated: now.to_string(),
        };
        return login.to_value();
    }
    let (current, replaced) = present(engine, secret, key, now).await?;
    let account = match replaced {
        Some(login) => login.account,
        None => secret
            .settings()?
            .and_then(|settings| settings.second_account(&current.account))
            .ok_or(ErrorCode::InternalFailure)?,
    };
    match (secret.secret_type, current.secret) {
        (SecretType::Ecs, LoginSecret::Password(_)) => {
            let password = password::for_account(&*engine.random)?;
            HostLogin::Password { user_name: account, password }.to_value()
        }
        (SecretType::Ecs, LoginSecret::SshKey { .. }) => key_pair(account)?.to_value(),
        _ => {
            let account_password = password::for_account(random(engine))?;
            AccountLogin { account_name: account, account_password }.to_value()
        }
    }
}

fn random(engine: &Engine) -> &dyn Random {
    &*engine.random
}

/// A new key pair on P-256: the private key as PKCS#8 in PEM, the public one as OpenSSH writes it (RFC 5656, 3.1).
fn key_pair(user_name: String) -> Result<HostLogin, ApiError> {
    const ALGORITHM: &str = "ecdsa-sha2-nistp256";
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(|error| {
        tracing::error!(%error, "no key pair could be made");
        ApiError::new(ErrorCode::InternalFailure)
    })?;
    let mut blob = Vec::new();
    for part in [ALGORITHM.as_bytes(), b"nistp256", pair.public_key_raw()] {
        let len = u32::try_from(part.len()).map_err(|_| ErrorCode::InternalFailure)?;
        blob.extend_from_slice(&len.to_be_bytes());
        blob.extend_from_slice(part);
    }
    Ok(HostLogin::Key {
        user_name,
        public_key: format!("{ALGORITHM} {}", STANDARD.encode(blob)),
        private_key: SecretText::from(pair.serialize_pem()),
    })
}
