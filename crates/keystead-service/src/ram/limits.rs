//! How many there may be (RAM product documentation, limits).

use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, Range};

use super::{Current, current};
use crate::call::Call;
use crate::image::ImageError;
use crate::keys::create::put_new;
use crate::records::{RamAccountRecord, path};

/// Users of an account.
pub(super) const USERS: Limit = Limit(5000, ErrorCode::LimitExceededUser);
/// Groups of an account.
pub(super) const GROUPS: Limit = Limit(300, ErrorCode::LimitExceededGroup);
/// Roles of an account.
pub(super) const ROLES: Limit = Limit(1000, ErrorCode::LimitExceededRole);
/// Custom policies of an account.
pub(super) const POLICIES: Limit = Limit(1500, ErrorCode::LimitExceededPolicy);
/// OIDC providers of an account.
pub(super) const OIDC_PROVIDERS: Limit = Limit(100, ErrorCode::LimitExceededOidcProvider);
/// Groups that a user is a member of.
pub(super) const GROUPS_OF_USER: usize = 10;
/// AccessKeys of a user, or of an account's root.
pub(super) const ACCESS_KEYS: usize = 2;
/// System policies attached to one user, group or role.
pub(super) const SYSTEM_POLICIES: usize = 20;
/// Custom policies attached to one user, group or role.
pub(super) const CUSTOM_POLICIES: usize = 10;
/// Versions of a policy.
pub(super) const VERSIONS: usize = 5;

/// How many there may be in an account, and what is answered when one more is asked for.
#[derive(Clone, Copy)]
pub(super) struct Limit(u64, ErrorCode);

/// Enters into a batch that one more is made, of those that stand under `prefix`. Two that are made at the same time
/// meet in one record, so that the limit holds exactly.
pub(super) async fn one_more(
    call: &Call<'_>,
    batch: &mut Batch,
    prefix: String,
    Limit(most, code): Limit,
) -> Result<(), ApiError> {
    let place = path::ram_account(call.account());
    // Read before the counting: whatever is made after this changes the record.
    let account: Option<Current<RamAccountRecord>> = current(call, &place).await?;
    let count = call.engine.store.count(Range::prefix(prefix)).await.map_err(ImageError::from)?;
    if count >= most {
        return Err(code.into());
    }
    match account {
        Some(mut account) => {
            account.value.made = account.value.made.saturating_add(1);
            account.write(batch)
        }
        None => put_new(batch, place, &RamAccountRecord { made: 1 }),
    }
}
