//! Keys: making them, their life, and what they do.

pub mod alias;
pub mod cipher;
pub mod create;
pub mod data_key;
pub mod describe;
pub mod list;
pub mod state;

use keystead_api::{ApiError, ErrorCode};

use crate::records::{KeyRecord, KeyState, KeyUsage};

/// The metadata that CreateKey and DescribeKey both answer with; the wire gives each a type of its own.
macro_rules! key_metadata {
    ($type:ident, $call:expr, $key:expr $(, $field:ident: $value:expr)*) => {
        $type {
            arn: $call.arn(&format!("key/{}", $key.key_id)),
            automatic_rotation: "Disabled".to_owned(),
            creation_date: $key.created.to_string(),
            creator: $key.account.as_str().to_owned(),
            description: $key.description.clone(),
            key_id: $key.key_id.as_str().to_owned(),
            key_spec: $key.spec.as_str().to_owned(),
            key_state: $key.state.as_str().to_owned(),
            key_usage: $key.usage.as_str().to_owned(),
            last_rotation_date: Some($key.last_rotation.to_string()),
            origin: $key.origin.clone(),
            primary_key_version: Some($key.primary_version.as_str().to_owned()),
            protection_level: $key.protection_level.clone(),
            $($field: $value,)*
            ..$type::default()
        }
    };
}
pub(crate) use key_metadata;

/// Lets a key be used only when it is enabled.
pub(crate) fn check_usable(key: &KeyRecord) -> Result<(), ApiError> {
    Err(match key.state {
        KeyState::Enabled => return Ok(()),
        KeyState::Disabled => ErrorCode::RejectedDisabled,
        KeyState::PendingDeletion => ErrorCode::RejectedPendingDeletion,
        KeyState::PendingImport => ErrorCode::RejectedPendingImport,
    }
    .into())
}

/// Lets only symmetric keys for encryption through.
pub(crate) fn check_encrypts(key: &KeyRecord) -> Result<(), ApiError> {
    match key.usage {
        KeyUsage::EncryptDecrypt => Ok(()),
    }
}
