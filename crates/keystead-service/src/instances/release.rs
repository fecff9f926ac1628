use keystead_api::operations::{ReleaseKmsInstanceRequest, ReleaseKmsInstanceResponse};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::{Batch, Range, Record};

use crate::audit::Author;
use crate::call::Call;
use crate::due::{self, Due};
use crate::engine::{CommitError, Engine, retrying};
use crate::image::{ImageError, decode};
use crate::instances::{CHUNK, own};
use crate::keys::create::put_new;
use crate::keys::deletion;
use crate::records::{
    DueKind, InstanceRecord, InstanceUseRecord, KeyRecord, ReleasedInstanceRecord, SecretRecord, path,
};
use crate::secrets;
use crate::secrets::describe::flag;

/// `ReleaseKmsInstance`: with the instance's key goes, in one commit, everything that was in it. What is left of it, sealed
/// under a key that is no more, is removed afterwards.
pub(crate) async fn release(
    call: &Call<'_>,
    request: ReleaseKmsInstanceRequest,
) -> Result<ReleaseKmsInstanceResponse, ApiError> {
    call.named("keystore", "KmsInstanceId", &request.kms_instance_id)?;
    let id = own(call, &request.kms_instance_id).await?.value.instance_id;
    let force = flag("ForceDeleteWithoutBackup", request.force_delete_without_backup.as_deref())?;
    let engine = call.engine;
    let gone = || ApiError::new(ErrorCode::ForbiddenDkmsInstanceNotFound);
    retrying!({
        let record = read(engine, &path::instance(&id)).await?.ok_or_else(gone)?;
        let instance = decode::<InstanceRecord>(&record).map_err(ApiError::from)?.value;
        let held_record = read(engine, &path::instance_use(&id)).await?.ok_or_else(gone)?;
        let held = decode::<InstanceUseRecord>(&held_record).map_err(ApiError::from)?.value;
        if instance.deletion_protection {
            return Err(refused("The instance is protected from deletion.").into());
        }
        let is_empty = held == InstanceUseRecord::default();
        if !is_empty && !force {
            return Err(refused("The instance holds keys or secrets and has no backup.").into());
        }
        let mut batch = Batch::new();
        batch.remove(&record);
        // Whoever puts something into the instance at this moment changes this record, and one of the two fails.
        batch.remove(&held_record);
        batch.delete(path::instance_of(&instance.account, &id));
        if !is_empty {
            let released = ReleasedInstanceRecord { account: instance.account, released: call.now };
            put_new(&mut batch, path::released_instance(&id), &released)?;
            due::schedule(&mut batch, call.now, DueKind::InstanceRemoval, &instance.account, &id);
        }
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    engine.vault.forget_all();
    engine.scrub_soon();
    Ok(ReleaseKmsInstanceResponse::default())
}

fn refused(why: &str) -> ApiError {
    ApiError::with_message(ErrorCode::RejectedUnsupportedOperation, why.to_owned())
}

async fn read(engine: &Engine, at: &str) -> Result<Option<Record>, ApiError> {
    Ok(engine.store.get(at).await.map_err(ImageError::from)?)
}

/// Removes what is left of what was in a released instance. Nothing can have come to it since.
pub(crate) async fn remove_contents(author: Author<'_>, due: &Due, now: Timestamp) -> Result<(), ApiError> {
    let engine = author.engine;
    let at = path::released_instance(&due.id);
    let mut last = Batch::new();
    match read(engine, &at).await? {
        Some(record) => {
            for key_id in keys_in(engine, &due.account, &due.id).await? {
                deletion::finish(author, &due.account, &key_id, now).await?;
            }
            for place in secrets_in(engine, &due.account, &due.id).await? {
                remove_secret(author, &place, &due.id).await?;
            }
            last.remove(&record);
            last.delete(due.path());
        }
        None => last = due.dropped(at, None),
    }
    match author.commit(last).await {
        Ok(_) => engine.scrub_soon(),
        // Another node has done it.
        Err(CommitError::Conflict) => {}
        Err(CommitError::Failed(error)) => return Err(error),
    }
    Ok(())
}

async fn remove_secret(author: Author<'_>, place: &str, instance_id: &str) -> Result<(), ApiError> {
    retrying!({
        let Some(record) = read(author.engine, place).await? else { return Ok(()) };
        let secret = decode::<SecretRecord>(&record).map_err(ApiError::from)?.value;
        if secret.instance.is_some_and(|instance| *instance == *instance_id) {
            let batch = secrets::deletion::burial(author.engine, &record, &secret).await?;
            author.commit(batch).await?;
        }
        Ok::<_, CommitError>(())
    })
}

/// The ids of the keys in an instance.
pub(crate) async fn keys_in(
    engine: &Engine,
    account: &str,
    instance_id: &str,
) -> Result<Vec<String>, ApiError> {
    scan(engine, &path::key(account, ""), |record| {
        let key = decode::<KeyRecord>(record)?.value;
        let inside = key.instance.is_some_and(|instance| *instance == *instance_id);
        Ok(inside.then(|| key.key_id.as_str().to_owned()))
    })
    .await
}

/// Where the secrets in an instance stand.
async fn secrets_in(engine: &Engine, account: &str, instance_id: &str) -> Result<Vec<String>, ApiError> {
    scan(engine, &path::secret(account, ""), |record| {
        let secret = decode::<SecretRecord>(record)?.value;
        let inside = secret.instance.is_some_and(|instance| *instance == *instance_id);
        Ok(inside.then(|| record.key.clone()))
    })
    .await
}

async fn scan(
    engine: &Engine,
    prefix: &str,
    pick: impl Fn(&Record) -> Result<Option<String>, ImageError>,
) -> Result<Vec<String>, ApiError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let records = engine.store.scan(Range::prefix(prefix), after, CHUNK).await;
        let records = records.map_err(ImageError::from)?;
        for record in &records {
            found.extend(pick(record)?);
        }
        if records.len() < CHUNK {
            return Ok(found);
        }
        after = records.last().map(|record| record.key.clone());
    }
}
