//! Sealing and opening secret values.

use keystead_api::{ApiError, ErrorCode, SecretText, Timestamp};
use keystead_crypto::{Random, SealError, SealingKey};
use zeroize::Zeroizing;

use crate::call::Key;
use crate::engine::Engine;
use crate::keys::{check_encrypts, check_usable};
use crate::records::{Sealed, SecretRecord, SecretValueRecord};
use crate::vault::bound;

/// Seals a value: under the key that the secret's owner chose, or under the key of its instance or account.
pub(crate) async fn seal(
    (engine, now): (&Engine, Timestamp),
    key: Option<&Key>,
    secret: &SecretRecord,
    version_id: &str,
    value: &SecretText,
) -> Result<SecretValueRecord, ApiError> {
    let place = (secret.account.as_str(), secret.uid.as_str(), version_id);
    let (key_version, result) = match key {
        Some(key) => {
            check_encrypts(&key.value)?;
            check_usable(&key.value, now)?;
            let primary = &key.value.primary_version;
            let sealing_key = engine.vault.secret_value_key(&engine.image, &key.value, primary).await?;
            (Some(primary.as_str().to_owned()), seal_under(&sealing_key, &*engine.random, place, value))
        }
        None => {
            let keys = engine.vault.keys_of(&engine.image, &secret.account, secret.instance.as_ref()).await?;
            (None, seal_under(keys.secret_values(), &*engine.random, place, value))
        }
    };
    let sealed_value = result.map_err(|error| {
        tracing::error!(%error, "sealing a secret value failed");
        ApiError::new(ErrorCode::InternalFailure)
    })?;
    Ok(SecretValueRecord { key_version, sealed_value })
}

/// Seals a value. Account, secret and version are bound, so that a value cannot be passed off as another's.
pub(crate) fn seal_under(
    sealing_key: &SealingKey,
    random: &dyn Random,
    (account, uid, version_id): (&str, &str, &str),
    value: &SecretText,
) -> Result<Sealed, SealError> {
    let mut sealed = Vec::new();
    let aad = bound(&[account, uid, version_id]);
    sealing_key.seal(random, &aad, value.expose().as_bytes(), &mut sealed)?;
    Ok(Sealed(sealed.into()))
}

/// Opens a value. The state of the owner's key matters each time.
pub(crate) async fn open(
    (engine, now): (&Engine, Timestamp),
    key: Option<&Key>,
    secret: &SecretRecord,
    version_id: &str,
    record: &SecretValueRecord,
) -> Result<SecretText, ApiError> {
    let aad = bound(&[&secret.account, &secret.uid, version_id]);
    let damaged = || {
        tracing::error!(secret = secret.uid.as_str(), "a secret value cannot be opened");
        ApiError::new(ErrorCode::InternalFailure)
    };
    let mut opened = match (key, &record.key_version) {
        (Some(key), Some(key_version)) => {
            check_usable(&key.value, now)?;
            let sealing_key = engine.vault.secret_value_key(&engine.image, &key.value, key_version).await?;
            sealing_key.open(&aad, &record.sealed_value.0)
        }
        (None, None) => {
            let keys = engine.vault.keys_of(&engine.image, &secret.account, secret.instance.as_ref()).await?;
            keys.secret_values().open(&aad, &record.sealed_value.0)
        }
        _ => return Err(damaged()),
    }
    .map_err(|_| damaged())?;
    String::from_utf8(std::mem::take(&mut *opened)).map(SecretText::from).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        damaged()
    })
}
