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
mod tags;
pub(crate) mod users;

use keystead_api::ApiError;
use keystead_crypto::RandomError;
use keystead_store::{Batch, Record, Revision};

use crate::call::Call;
use crate::engine::CommitError;
use crate::image::{ImageError, decode};
use crate::keys::create::{encode, no_randomness};
use crate::records::Stored;

/// Commits what an operation on identities changed.
async fn commit(call: &Call<'_>, batch: Batch) -> Result<Revision, CommitError> {
    call.engine.commit(batch).await
}

/// A record as the store has it now, to be changed.
struct Current<T> {
    read: Record,
    value: T,
}

/// Reads a record that is about to be changed.
async fn current<T: Stored>(call: &Call<'_>, key: &str) -> Result<Option<Current<T>>, ApiError> {
    let Some(read) = call.engine.store.get(key).await.map_err(ImageError::from)? else { return Ok(None) };
    let value = decode::<T>(&read)?.value;
    Ok(Some(Current { read, value }))
}

impl<T: Stored> Current<T> {
    /// Writes the record back, in its place.
    fn write(&self, batch: &mut Batch) -> Result<(), ApiError> {
        batch.replace(&self.read, encode(&self.value)?);
        Ok(())
    }

    /// Takes it away.
    fn remove(&self, batch: &mut Batch) {
        batch.remove(&self.read);
    }
}

/// A new id, or the refusal when there is no randomness.
fn new_id<T>(id: Result<T, RandomError>) -> Result<T, ApiError> {
    id.map_err(no_randomness)
}
