use keystead_api::operations::{
    CancelKeyDeletionRequest, CancelKeyDeletionResponse, ScheduleKeyDeletionRequest,
    ScheduleKeyDeletionResponse, SetDeletionProtectionRequest, SetDeletionProtectionResponse,
};
use keystead_api::{ApiError, Arn, ErrorCode, Timestamp};
use keystead_store::{Batch, Range, Record};

use crate::audit::Author;
use crate::call::{Call, Key};
use crate::due::{self, Due};
use crate::engine::{CommitError, retrying};
use crate::image::{ImageError, decode};
use crate::instances::{self, UseChange};
use crate::interval::DAY;
use crate::keys::create::MAX_DESCRIPTION;
use crate::keys::{read_key, replace_key, update_key};
use crate::records::{AliasRecord, KeyRecord, KeyState, KeyVersionRecord, path};

/// Days in the deletion window (KMS API reference, ScheduleKeyDeletion).
const WINDOW_DAYS: std::ops::RangeInclusive<i64> = 7..=366;
/// Records that one commit removes at most, so that none holds up the others for long.
const CHUNK: usize = 500;

/// `ScheduleKeyDeletion`
pub(crate) async fn schedule(
    call: &Call<'_>,
    request: ScheduleKeyDeletionRequest,
) -> Result<ScheduleKeyDeletionResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    if !WINDOW_DAYS.contains(&request.pending_window_in_days) {
        return Err(ApiError::invalid_parameter("PendingWindowInDays"));
    }
    let delete_date = call.now.plus(request.pending_window_in_days * DAY);
    update_key(call.author(), call.account(), &key.value.key_id, call.now, |key, _| {
        if key.state == KeyState::PendingDeletion {
            return Err(ErrorCode::RejectedStateModifiedFailed.into());
        }
        if key.deletion_protection {
            return Err(ErrorCode::RejectedUnsupportedOperation.into());
        }
        key.state = KeyState::PendingDeletion;
        key.state_epoch += 1;
        key.delete_date = Some(delete_date);
        Ok(true)
    })
    .await?;
    Ok(ScheduleKeyDeletionResponse::default())
}

/// `CancelKeyDeletion`: the key is enabled, whatever it was before; without material it waits for its import.
pub(crate) async fn cancel(
    call: &Call<'_>,
    request: CancelKeyDeletionRequest,
) -> Result<CancelKeyDeletionResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    let engine = call.engine;
    retrying!({
        let (record, before) = read_key(engine, call.account(), &key.value.key_id, call.now).await?;
        if before.state != KeyState::PendingDeletion {
            return Err(ApiError::from(ErrorCode::RejectedStateModifiedFailed).into());
        }
        // Whoever takes the material away changes the key's record in the same commit, so that this commit would fail.
        let version = path::key_version(&before.primary_version);
        let version =
            engine.store.get(&version).await.map_err(|error| ApiError::from(ImageError::from(error)))?;
        let version = version.as_ref().map(decode::<KeyVersionRecord>).transpose().map_err(ApiError::from)?;
        let has_material = version.is_some_and(|version| version.value.sealed_material.is_some());
        let mut key = before.clone();
        key.state = if has_material { KeyState::Enabled } else { KeyState::PendingImport };
        key.state_epoch += 1;
        key.delete_date = None;
        let mut batch = Batch::new();
        replace_key(&mut batch, &record, &before, &key)?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(CancelKeyDeletionResponse::default())
}

/// `SetDeletionProtection`
pub(crate) async fn set_protection(
    call: &Call<'_>,
    request: SetDeletionProtectionRequest,
) -> Result<SetDeletionProtectionResponse, ApiError> {
    let protected = protected(call, &request).await?;
    let on = request.enable_deletion_protection;
    let description = match request.deletion_protection_description {
        Some(text) if text.chars().count() > MAX_DESCRIPTION => {
            return Err(ApiError::invalid_parameter("DeletionProtectionDescription"));
        }
        Some(text) if on => text,
        _ => String::new(),
    };
    let key = match protected {
        Protected::Key(key) => key,
        Protected::Instance(id) => {
            instances::protect(call, &id, on, &description).await?;
            return Ok(SetDeletionProtectionResponse::default());
        }
    };
    update_key(call.author(), call.account(), &key.value.key_id, call.now, |key, _| {
        if key.state == KeyState::PendingDeletion {
            return Err(ErrorCode::RejectedPendingDeletion.into());
        }
        let changed = key.deletion_protection != on || key.deletion_protection_description != description;
        key.deletion_protection = on;
        key.deletion_protection_description.clone_from(&description);
        Ok(changed)
    })
    .await?;
    Ok(SetDeletionProtectionResponse::default())
}

/// What can be protected.
enum Protected {
    Key(Key),
    /// By its id; whether there is one is not known yet.
    Instance(String),
}

/// What one of three parameters names; exactly one of them is given.
async fn protected(call: &Call<'_>, request: &SetDeletionProtectionRequest) -> Result<Protected, ApiError> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    match (given(&request.key_id), given(&request.protected_resource_arn), given(&request.kms_instance_id)) {
        (Some(id), None, None) => Ok(Protected::Key(call.key_by_id_if_given("KeyId", &id).await?)),
        (None, Some(arn), None) => {
            const PARAM: &str = "ProtectedResourceArn";
            let parsed = Arn::parse(&arn).map_err(|_| ApiError::invalid_parameter(PARAM))?;
            match parsed.resource.split_once('/') {
                Some(("key" | "alias", _)) => Ok(Protected::Key(call.key_by_id_if_given(PARAM, &arn).await?)),
                Some(("keystore", id)) => {
                    call.named("keystore", "KmsInstanceId", id)?;
                    if parsed.account != call.account() || parsed.region != call.engine.region() {
                        return Err(ErrorCode::ForbiddenDkmsInstanceNotFound.into());
                    }
                    Ok(Protected::Instance(id.to_owned()))
                }
                _ => Err(ApiError::invalid_parameter(PARAM)),
            }
        }
        (None, None, Some(instance)) => {
            call.named("keystore", "KmsInstanceId", &instance)?;
            Ok(Protected::Instance(instance))
        }
        (None, None, None) => Err(ErrorCode::MissingParameter.into()),
        (None, Some(_), Some(_)) => Err(ApiError::invalid_parameter("KmsInstanceId")),
        (Some(_), Some(_), _) => Err(ApiError::invalid_parameter("ProtectedResourceArn")),
        (Some(_), None, Some(_)) => Err(ApiError::invalid_parameter("KmsInstanceId")),
    }
}

/// Removes a key whose window has ended.
pub(crate) async fn carry_out(author: Author<'_>, due: &Due, now: Timestamp) -> Result<(), ApiError> {
    let found = retrying!({ due::key_of(author, due).await })?;
    if found.is_some() {
        finish(author, &due.account, &due.id, now).await?;
    }
    Ok(())
}

/// Removes a key if its window has ended or its instance is released; says whether it is gone. For whoever needs a name that a key of the past holds.
pub(crate) async fn finish(
    author: Author<'_>,
    account: &str,
    key_id: &str,
    now: Timestamp,
) -> Result<bool, ApiError> {
    let at = path::key(account, key_id);
    loop {
        let gone = retrying!({
            let record = author.engine.store.get(&at).await;
            let Some(record) = record.map_err(|error| ApiError::from(ImageError::from(error)))? else {
                return Ok(Some(true));
            };
            let key = decode::<KeyRecord>(&record).map_err(ApiError::from)?.value;
            let lost = author.engine.is_lost(key.instance.as_ref()).await.map_err(ApiError::from)?;
            if !key.is_gone(now) && !lost {
                return Ok(Some(false));
            }
            let more = remove_some(author, &record, &key).await?;
            Ok((!more).then_some(true))
        })?;
        if let Some(gone) = gone {
            return Ok(gone);
        }
    }
}

/// Removes what belongs to a key, its material first and its own record last; says whether something is left.
async fn remove_some(author: Author<'_>, record: &Record, key: &KeyRecord) -> Result<bool, CommitError> {
    let engine = author.engine;
    let failed = |error| ApiError::from(ImageError::from(error));
    let mut batch = Batch::new();
    let versions = Range::prefix(path::key_versions(&key.key_id));
    let versions = engine.store.scan(versions, None, CHUNK).await.map_err(failed)?;
    for version in &versions {
        batch.remove(version);
    }
    let by_key = path::key_alias(&key.account, &key.key_id, "");
    let room = CHUNK - versions.len();
    let index = match room {
        0 => Vec::new(),
        _ => engine.store.scan(Range::prefix(by_key.as_str()), None, room).await.map_err(failed)?,
    };
    let names = index.iter().filter_map(|entry| entry.key.strip_prefix(&by_key));
    let aliases = names.map(|name| path::alias(&key.account, name)).collect();
    for alias in engine.store.get_many(aliases).await.map_err(failed)?.into_iter().flatten() {
        if *decode::<AliasRecord>(&alias).map_err(ApiError::from)?.value.key_id == *key.key_id {
            batch.remove(&alias);
        }
    }
    for entry in &index {
        batch.remove(entry);
    }
    let more = index.len() == room;
    if more {
        // With a part of its material gone the key is never to come back, whatever another node's clock says.
        let gone = KeyRecord { delete_date: Some(Timestamp(0)), ..key.clone() };
        replace_key(&mut batch, record, key, &gone)?;
    } else {
        batch.remove(record);
        due::reschedule_key(&mut batch, Some(key), None);
    }
    let removed = i64::try_from(versions.len()).unwrap_or(i64::MAX);
    UseChange::of_keys(key.instance.as_ref(), -removed).enter(engine, &mut batch).await?;
    author.commit(batch).await?;
    engine.scrub_soon();
    Ok(more)
}
