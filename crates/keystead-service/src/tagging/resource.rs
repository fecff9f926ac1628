use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::Batch;

use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::image::{ImageError, decode};
use crate::keys::create::encode;
use crate::records::{Id, KeyRecord, SecretRecord, Stored, path};
use crate::secrets;
use crate::tags::Tag;

/// A record with tags.
pub(super) trait Tagged: Stored {
    /// Its `ResourceType`, which is also how ARNs name it.
    const TYPE: &'static str;

    /// Where the resource with this id stands; with an empty id, the prefix of all of the account.
    fn place(account: &str, id: &str) -> String;

    /// Its id: a key's id, a secret's name.
    fn id(&self) -> &str;

    fn tags(&self) -> &Vec<Tag>;

    fn tags_mut(&mut self) -> &mut Vec<Tag>;

    /// Checks the permission on the resource with this id; says whether there is one.
    fn check_permission(
        call: &Call<'_>,
        param: &'static str,
        id: &str,
    ) -> impl Future<Output = Result<bool, ApiError>> + Send;

    /// The instance that it is in.
    fn instance(&self) -> Option<&Id>;

    /// Whether its deletion window has ended.
    fn is_gone(&self, now: Timestamp) -> bool;

    /// Whether its state allows that its tags change.
    fn check_changeable(&self) -> Result<(), ApiError>;
}

impl Tagged for KeyRecord {
    const TYPE: &'static str = "key";

    fn place(account: &str, id: &str) -> String {
        path::key(account, id)
    }

    async fn check_permission(call: &Call<'_>, param: &'static str, id: &str) -> Result<bool, ApiError> {
        call.tagged_key(param, id).await
    }

    fn id(&self) -> &str {
        &self.key_id
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }

    fn instance(&self) -> Option<&Id> {
        self.instance.as_ref()
    }

    fn is_gone(&self, now: Timestamp) -> bool {
        self.is_gone(now)
    }

    fn check_changeable(&self) -> Result<(), ApiError> {
        Ok(())
    }
}

impl Tagged for SecretRecord {
    const TYPE: &'static str = "secret";

    fn place(account: &str, id: &str) -> String {
        path::secret(account, id)
    }

    async fn check_permission(call: &Call<'_>, param: &'static str, id: &str) -> Result<bool, ApiError> {
        call.tagged_secret(param, id).await
    }

    fn id(&self) -> &str {
        &self.name
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }

    fn instance(&self) -> Option<&Id> {
        self.instance.as_ref()
    }

    fn is_gone(&self, now: Timestamp) -> bool {
        self.is_gone(now)
    }

    fn check_changeable(&self) -> Result<(), ApiError> {
        secrets::check_not_deleted(self)
    }
}

/// Changes the tags of some resources, all of them or none: in one commit. `apply` says whether it changed anything;
/// `missing` is the answer when one of them is not there.
pub(super) async fn change<T: Tagged>(
    call: &Call<'_>,
    ids: &[String],
    missing: ErrorCode,
    apply: impl Fn(&mut Vec<Tag>) -> Result<bool, ApiError>,
) -> Result<(), ApiError> {
    let engine = call.engine;
    retrying!({
        let places = ids.iter().map(|id| T::place(call.account(), id)).collect();
        let records = engine.store.get_many(places).await;
        let records = records.map_err(|error| ApiError::from(ImageError::from(error)))?;
        let mut batch = Batch::new();
        for record in records {
            let record = record.ok_or(ApiError::new(missing))?;
            let mut resource = decode::<T>(&record).map_err(ApiError::from)?.value;
            if resource.is_gone(call.now) {
                return Err(ApiError::new(missing).into());
            }
            resource.check_changeable()?;
            if apply(resource.tags_mut())? {
                batch.replace(&record, encode(&resource)?);
            }
        }
        if !batch.is_empty() {
            call.commit(batch).await?;
        }
        Ok::<_, CommitError>(())
    })
}
