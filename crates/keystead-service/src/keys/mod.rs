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
