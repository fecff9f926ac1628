use keystead_api::operations::{
    DeleteSecretRequest, DeleteSecretResponse, RestoreSecretRequest, RestoreSecretResponse,
};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::{Batch, Range, Record};

use crate::audit::Author;
use crate::call::Call;
use crate::due::{self, Due};
use crate::engine::{CommitError, Engine, retrying};
use crate::image::{ImageError, decode};
use crate::instances::UseChange;
use crate::interval::DAY;
use crate::records::{DueKind, SecretRecord, path};
use crate::secrets::describe::flag;
use crate::secrets::{check_not_deleted, rotation, stored, update_secret};

/// Days of a deletion window that are allowed (KMS API reference, DeleteSecret).
const WINDOWS: std::ops::RangeInclusive<i64> = 7..=30;
const DEFAULT_WINDOW: i64 = 30;

/// `DeleteSecret`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteSecretRequest,
) -> Result<DeleteSecretResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    let force = flag("ForceDeleteWithoutRecovery", request.force_delete_without_recovery.as_deref())?;
    let days = match request.recovery_window_in_days.as_deref().filter(|text| !text.is_empty()) {
        None => DEFAULT_WINDOW,
        Some(text) => text
            .parse()
            .ok()
            .filter(|days| WINDOWS.contains(days) && !force)
            .ok_or_else(|| ApiError::invalid_parameter("RecoveryWindowInDays"))?,
    };
    let planned = if force {
        delete_now(call.author(), &found.value, call.now).await?;
        call.now
    } else {
        let at = call.now.plus(days * DAY);
        update_secret(call.author(), &found.value, call.now, |secret, batch| {
            check_not_deleted(secret)?;
            secret.planned_delete = Some(at);
            secret.updated = call.now;
            due::schedule(batch, at, DueKind::SecretDeletion, &secret.account, &secret.name);
            Ok(true)
        })
        .await?;
        at
    };
    Ok(DeleteSecretResponse {
        planned_delete_time: Some(planned.to_string()),
        secret_name: Some(found.value.name.to_string()),
        ..DeleteSecretResponse::default()
    })
}

async fn delete_now(author: Author<'_>, secret: &SecretRecord, now: Timestamp) -> Result<(), ApiError> {
    retrying!({
        let place = (secret.account.as_str(), secret.name.as_str(), secret.uid.as_str());
        let (record, secret) = stored(author.engine, place, now).await?;
        check_not_deleted(&secret)?;
        let batch = burial(author.engine, &record, &secret).await?;
        author.commit(batch).await?;
        Ok::<_, CommitError>(())
    })
}

/// `RestoreSecret`
pub(crate) async fn restore(
    call: &Call<'_>,
    request: RestoreSecretRequest,
) -> Result<RestoreSecretResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    let secret = update_secret(call.author(), &found.value, call.now, |secret, batch| {
        let Some(at) = secret.planned_delete.take() else {
            let text = "restore normal secret".to_owned();
            return Err(ApiError::with_message(ErrorCode::RejectedResourceInUse, text));
        };
        secret.updated = call.now;
        batch.delete(path::due(at, DueKind::SecretDeletion, &secret.account, &secret.name));
        // What fell due inside the window was let go.
        rotation::reschedule(batch, (&secret.account, &secret.name), None, secret.rotation.as_deref());
        Ok(true)
    })
    .await?;
    Ok(RestoreSecretResponse { secret_name: Some(secret.name.into()), ..RestoreSecretResponse::default() })
}

/// Removes a secret whose window has ended.
pub(crate) async fn carry_out(author: Author<'_>, due: &Due, now: Timestamp) -> Result<(), ApiError> {
    let at = path::secret(&due.account, &due.id);
    retrying!({
        let failed = |error| ApiError::from(ImageError::from(error));
        let record = author.engine.store.get(&at).await.map_err(failed)?;
        let secret = record.as_ref().map(decode::<SecretRecord>).transpose().map_err(ApiError::from)?;
        let batch = match (&record, secret.filter(|secret| secret.value.is_gone(now))) {
            (Some(record), Some(secret)) => {
                let mut batch = burial(author.engine, record, &secret.value).await?;
                batch.delete(due.path());
                batch
            }
            // It was restored, or made anew under the old name.
            _ => due.dropped(at.clone(), record.as_ref()),
        };
        author.commit(batch).await?;
        Ok::<_, CommitError>(())
    })
}

/// The removal of a secret as it was read, by itself.
pub(crate) async fn burial(
    engine: &Engine,
    record: &Record,
    secret: &SecretRecord,
) -> Result<Batch, ApiError> {
    let (mut batch, mut held) = (Batch::new(), UseChange::default());
    bury(engine, record, secret, &mut batch, &mut held).await?;
    held.enter(engine, &mut batch).await?;
    Ok(batch)
}

/// Values that are looked for at once.
const CHUNK: usize = 100;

/// Adds the removal of a secret as it was read: its record, every value that there is of it, and its entries of due work; and to
/// `held` that its instance holds one less.
///
/// A value is only ever written together with the secret's record. So what is written after this looked makes the batch
/// fail, and none is left behind.
pub(super) async fn bury(
    engine: &Engine,
    record: &Record,
    secret: &SecretRecord,
    batch: &mut Batch,
    held: &mut UseChange,
) -> Result<(), ApiError> {
    batch.remove(record);
    held.add_secrets(secret.instance.as_ref(), -1);
    let values = Range::prefix(path::secret_value(&secret.account, &secret.uid, ""));
    let mut after = None;
    loop {
        let read = engine.store.scan(values.clone(), after, CHUNK).await.map_err(ImageError::from)?;
        for value in &read {
            batch.delete(value.key.as_str());
        }
        if read.len() < CHUNK {
            break;
        }
        after = read.last().map(|value| value.key.clone());
    }
    let due = |at, kind| path::due(at, kind, &secret.account, &secret.name);
    if let Some(at) = secret.planned_delete {
        batch.delete(due(at, DueKind::SecretDeletion));
    }
    rotation::reschedule(batch, (&secret.account, &secret.name), secret.rotation.as_deref(), None);
    Ok(())
}
