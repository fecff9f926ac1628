//! Identities: users, groups, roles, policies, their AccessKeys, OIDC providers.
//!
//! What refers to what stands twice: a user's groups and every holder's policies in their own records, and once more in
//! index records, by which groups find their members and policies their holders. Both are written in one commit. A
//! commit that makes a reference also writes the record that is referred to, with its content unchanged, so that
//! whoever deletes that record at the same time meets a conflict and looks again: nothing is left dangling.

pub(crate) mod access_keys;
pub(crate) mod attachments;
pub(crate) mod documents;
pub(crate) mod groups;
pub(crate) mod last_used;
mod limits;
pub(crate) mod members;
mod names;
pub(crate) mod oidc_providers;
mod paging;
pub(crate) mod policies;
pub(crate) mod policy_versions;
mod renames;
pub(crate) mod roles;
mod root_keys;
pub(crate) mod tagging;
mod tags;
pub(crate) mod users;

use keystead_api::ApiError;
use keystead_crypto::RandomError;
use keystead_store::{Batch, Revision};

use crate::call::Call;
use crate::current::{Current, current};
use crate::engine::CommitError;
use crate::keys::create::no_randomness;

/// Commits what an operation on identities changed.
async fn commit(call: &Call<'_>, batch: Batch) -> Result<Revision, CommitError> {
    call.commit(batch).await
}

/// A new id, or the refusal when there is no randomness.
fn new_id<T>(id: Result<T, RandomError>) -> Result<T, ApiError> {
    id.map_err(no_randomness)
}
