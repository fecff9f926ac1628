//! The AccessKeys of an account's root. Their ids stand in the account's record.

use keystead_api::{ApiError, ErrorCode};

use super::{Current, current};
use crate::call::Call;
use crate::engine::Engine;
use crate::records::{AccessKeyRecord, AccountRecord, path};

/// The ids of an account's root AccessKeys, oldest first.
pub(super) fn ids(engine: &Engine, account: &AccountRecord) -> Vec<String> {
    let installation = engine.installation();
    if account.root_access_keys.is_empty() && account.account == installation.account {
        return vec![installation.root_access_key_id.clone()];
    }
    account.root_access_keys.clone()
}

/// The account's record with its root's AccessKeys, to be changed.
pub(super) async fn account(call: &Call<'_>) -> Result<Current<AccountRecord>, ApiError> {
    let account = current::<AccountRecord>(call, &path::account(call.account())).await?;
    let mut account = account.ok_or_else(|| super::renames::dangling("an account"))?;
    account.value.root_access_keys = ids(call.engine, &account.value);
    Ok(account)
}

/// An active AccessKey of the account's root beside one that is to go. Whoever takes that one must see to it that this
/// one stays, or nobody could call the account's operations any more.
///
/// # Errors
/// 409 `DeleteConflict.Account.AccessKey` when there is none.
pub(super) async fn another_active(
    call: &Call<'_>,
    account: &AccountRecord,
    leaving: &str,
) -> Result<Current<AccessKeyRecord>, ApiError> {
    for id in account.root_access_keys.iter().filter(|id| *id != leaving) {
        let key = current::<AccessKeyRecord>(call, &path::access_key(id)).await?;
        if let Some(key) = key.filter(|key| key.value.active) {
            return Ok(key);
        }
    }
    Err(ErrorCode::DeleteConflictAccountAccessKey.into())
}
