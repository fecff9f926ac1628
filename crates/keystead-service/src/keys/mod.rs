//! Keys: making them, their life, and what they do.

pub mod alias;
pub mod alias_update;
pub mod asymmetric_cipher;
pub(crate) mod base64;
pub mod cipher;
pub mod create;
pub mod data_key;
pub mod deletion;
pub mod describe;
pub mod description;
pub mod export;
pub mod import;
pub(crate) mod import_token;
pub mod list;
pub mod mac;
pub mod managed;
pub(crate) mod material;
pub(crate) mod pair;
pub mod policy;
pub mod public_key;
pub mod re_encrypt;
pub mod rotation;
pub mod sign;
pub mod state;
pub mod version;

use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::Cipher;
use keystead_store::{Batch, Record};

use crate::audit::Author;
use crate::due;
use crate::engine::{CommitError, Engine, retrying};
use crate::image::{ImageError, decode};
use crate::keys::create::encode;
use crate::records::{KeyKind, KeyRecord, KeyState, KeyUsage, path};

/// The metadata that CreateKey and DescribeKey both answer with; the wire gives each a type of its own.
macro_rules! key_metadata {
    ($type:ident, $call:expr, $key:expr $(, $field:ident: $value:expr)*) => {
        $type {
            arn: $call.arn(&$key.account, &format!("key/{}", $key.key_id)),
            automatic_rotation: $crate::keys::rotation::status($key, $call.now).into(),
            creation_date: $key.created.to_string(),
            creator: $key.account.as_str().to_owned(),
            delete_date: $key.delete_date.map(|date| date.to_string()),
            description: $key.description.clone(),
            dkms_instance_id: $key.instance.map(|id| id.as_str().to_owned()),
            key_id: $key.key_id.as_str().to_owned(),
            key_spec: $key.spec.as_str().into(),
            key_state: $key.state_at($call.now).as_str().into(),
            key_usage: $key.usage.as_str().into(),
            last_rotation_date: Some($key.last_rotation.to_string()),
            material_expire_time: $crate::keys::material_expire_time($key, $call.now),
            next_rotation_date: $key.next_rotation().map(|date| date.to_string()),
            origin: $key.origin.clone().into(),
            primary_key_version: $crate::keys::shown_primary_version($key),
            protection_level: $key.protection_level.clone().into(),
            rotation_interval: $key.rotation_interval.map(|seconds| format!("{seconds}s")),
            $($field: $value,)*
        }
    };
}
pub(crate) use key_metadata;

/// When imported material expires; empty for never, and for material that is gone.
pub(crate) fn material_expire_time(key: &KeyRecord, now: Timestamp) -> String {
    key.material_expires.filter(|expires| expires.0 > now.0).map_or_else(String::new, |at| at.to_string())
}

/// The version that encrypts. Key pairs show none: each of their versions is as good as the others.
pub(crate) fn shown_primary_version(key: &KeyRecord) -> Option<String> {
    match key.spec.kind() {
        KeyKind::Pair(_) => None,
        KeyKind::Symmetric(_) | KeyKind::Mac(_) => Some(key.primary_version.as_str().to_owned()),
    }
}

/// Lets a key be used only when it is enabled.
pub(crate) fn check_usable(key: &KeyRecord, now: Timestamp) -> Result<(), ApiError> {
    Err(match key.state_at(now) {
        KeyState::Enabled => return Ok(()),
        KeyState::Disabled => ErrorCode::RejectedDisabled,
        KeyState::PendingDeletion => ErrorCode::RejectedPendingDeletion,
        KeyState::PendingImport => ErrorCode::RejectedPendingImport,
    }
    .into())
}

/// Lets only symmetric keys for encryption through; tells their cipher.
pub(crate) fn check_encrypts(key: &KeyRecord) -> Result<Cipher, ApiError> {
    match (key.spec.kind(), key.usage) {
        (KeyKind::Symmetric(cipher), KeyUsage::EncryptDecrypt) => Ok(cipher),
        _ => Err(ErrorCode::UnsupportedOperation.into()),
    }
}

/// Changes a key's record as it stands in the store. `change` gets the record and the batch in which it will be written,
/// so that what goes with the change can be part of the same commit; it says whether there is anything to write. What
/// falls due because of the change, or no longer, is part of the commit too. Returns the record as it now stands.
pub(crate) async fn update_key(
    author: Author<'_>,
    account: &str,
    key_id: &str,
    now: Timestamp,
    change: impl Fn(&mut KeyRecord, &mut Batch) -> Result<bool, ApiError>,
) -> Result<KeyRecord, ApiError> {
    retrying!({
        let (record, before) = read_key(author.engine, account, key_id, now).await?;
        let mut key = before.clone();
        let mut batch = Batch::new();
        if change(&mut key, &mut batch)? {
            replace_key(&mut batch, &record, &before, &key)?;
            author.commit(batch).await?;
        }
        Ok::<_, CommitError>(key)
    })
}

/// A key's record as it stands in the store, for whoever will replace it.
pub(crate) async fn read_key(
    engine: &Engine,
    account: &str,
    key_id: &str,
    now: Timestamp,
) -> Result<(Record, KeyRecord), ApiError> {
    let record = engine.store.get(&path::key(account, key_id)).await.map_err(ImageError::from)?;
    let record = record.ok_or(ErrorCode::ForbiddenKeyNotFound)?;
    let key = decode::<KeyRecord>(&record)?.value;
    if key.is_gone(now) {
        return Err(ErrorCode::ForbiddenKeyNotFound.into());
    }
    Ok((record, key))
}

/// Replaces a key's record that was read before, and with it the work that falls due.
pub(crate) fn replace_key(
    batch: &mut Batch,
    record: &Record,
    before: &KeyRecord,
    after: &KeyRecord,
) -> Result<(), ApiError> {
    batch.replace(record, encode(after)?);
    due::reschedule_key(batch, Some(before), Some(after));
    Ok(())
}
