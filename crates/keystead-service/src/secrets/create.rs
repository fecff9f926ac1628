use keystead_api::operations::{CreateSecretRequest, CreateSecretResponse};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::{Batch, StoreError};

use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::{ImageError, decode};
use crate::instances::{self, UseChange};
use crate::keys::create::{encode, no_randomness, put_new};
use crate::records::{
    DataType, Id, Label, PendingRotation, RotationStep, SecretRecord, SecretRotation, SecretType,
    SecretVersion, Stored, Versions, path,
};
use crate::secrets::types::{FirstValues, Settings};
use crate::secrets::{
    CURRENT, check_description, check_value, check_version_id, data_type, deletion, interval, new_name,
    policy, rotation, vault,
};
use crate::tags;

/// `CreateSecret`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateSecretRequest,
) -> Result<CreateSecretResponse, ApiError> {
    call.container("secret")?;
    let secret_type = match request.secret_type.as_deref() {
        None | Some("") => SecretType::Generic,
        Some(text) => SecretType::find(text).ok_or_else(|| ApiError::invalid_parameter("SecretType"))?,
    };
    let (settings, extended_config) = match secret_type {
        SecretType::Generic => (None, None),
        _ => Settings::new(secret_type, request.extended_config).map(|(s, c)| (Some(s), Some(c)))?,
    };
    let name = new_name(request.secret_name, settings.as_ref())?;
    check_version_id(&request.version_id)?;
    check_value(&request.secret_data)?;
    let data_type = data_type(request.secret_data_type.as_deref())?;
    let instance = instances::of_new(call, request.dkms_instance_id.as_deref()).await?;
    let enabled = request.enable_automatic_rotation == Some(true);
    let mut rotation = match settings {
        Some(_) => Some(first_rotation(enabled, request.rotation_interval.as_deref(), call.now)?),
        // Generic secrets are rotated by storing a new version.
        None if enabled => return Err(ErrorCode::UnsupportedOperation.into()),
        None => None,
    };
    let policy = match request.policy.as_deref().filter(|policy| !policy.is_empty()) {
        Some(text) => Some(policy::of_new_secret(call, text, instance.is_some())?),
        None => None,
    };
    let description = request.description.unwrap_or_default();
    check_description(&description)?;
    let tags = request.tags.as_deref().filter(|text| !text.is_empty()).map(tags::parse).transpose()?;
    let key = match request.encryption_key_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => Some(call.key_if_given("EncryptionKeyId", id).await?),
        None => None,
    };
    // A key of another instance would end with that one, and its secrets with it.
    if key.as_ref().is_some_and(|key| key.value.instance != instance) {
        return Err(ApiError::invalid_parameter("EncryptionKeyId"));
    }

    let engine = call.engine;
    let values = match &settings {
        None => FirstValues { current: request.secret_data, previous: None, to_be_made: false },
        Some(_) if data_type != DataType::Text => return Err(ApiError::invalid_parameter("SecretDataType")),
        Some(settings) => settings.first_values(&request.secret_data, &*engine.random, call.now)?,
    };
    let values_to_be_made = values.to_be_made;
    if let Some(rotation) = rotation.as_mut().filter(|_| values_to_be_made) {
        rotation.pending = Some(PendingRotation {
            version_id: request.version_id.clone(),
            started: call.now,
            step: RotationStep::Accounts,
            holder: None,
            until: call.now,
        });
    }
    let mut secret = SecretRecord {
        uid: ids::secret_uid(&*engine.random).map_err(no_randomness)?,
        name: name.into(),
        account: Id::from(call.account()).map_err(|_| ApiError::new(ErrorCode::InternalFailure))?,
        instance,
        secret_type,
        description,
        encryption_key_id: key.as_ref().map(|key| key.value.key_id),
        created: call.now,
        updated: call.now,
        planned_delete: None,
        extended_config,
        rotation: rotation.map(Box::new),
        policy,
        versions: Versions::new(),
        tags: tags.unwrap_or_default(),
    };
    let mut sealed = Vec::new();
    let mut first = vec![(request.version_id, Label::Current, values.current)];
    if let Some(previous) = values.previous {
        // Its caller names only one version; this one is read by its label.
        let version_id = ids::internal_id(&*engine.random).map_err(no_randomness)?;
        first.insert(0, (version_id, Label::Previous, previous));
    }
    for (version_id, label, value) in first {
        let at = path::secret_value(&secret.account, &secret.uid, &version_id);
        sealed.push((at, vault::seal((engine, call.now), key.as_ref(), &secret, &version_id, &value).await?));
        let (version_id, stages) = (version_id.into(), [label].into_iter().collect());
        secret.versions.push(SecretVersion { version_id, data_type, stages, created: call.now });
    }

    let at = path::secret(&secret.account, &secret.name);
    retrying!({
        let (mut batch, mut held) = (Batch::new(), UseChange::of_secrets(instance.as_ref(), 1));
        match engine.store.get(&at).await.map_err(failed)? {
            None => put_new(&mut batch, at.clone(), &secret)?,
            Some(record) => {
                let existing = decode::<SecretRecord>(&record).map_err(ApiError::from)?.value;
                let lost = engine.is_lost(existing.instance.as_ref()).await.map_err(ApiError::from)?;
                if !existing.is_gone(call.now) && !lost {
                    return Err(ApiError::new(match existing.planned_delete {
                        Some(_) => ErrorCode::RejectedResourceInDeleteWindow,
                        None => ErrorCode::RejectedResourceExist,
                    })
                    .into());
                }
                // It is gone, so the name is free, also while its records wait to be removed.
                deletion::bury(engine, &record, &existing, &mut batch, &mut held).await?;
                batch.put(at.clone(), SecretRecord::KIND, SecretRecord::FORMAT, encode(&secret)?);
            }
        }
        for (at, value) in &sealed {
            put_new(&mut batch, at.clone(), value)?;
        }
        rotation::reschedule(&mut batch, (&secret.account, &secret.name), None, secret.rotation.as_deref());
        held.enter(engine, &mut batch).await?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;

    if values_to_be_made {
        // What fails here is logged, shown by DescribeSecret, and tried again by the worker.
        rotation::make_accounts(call.author(), &secret, call.now).await;
    }
    let version_id =
        secret.at_stage(CURRENT).map(|version| version.version_id.to_string()).unwrap_or_default();
    Ok(CreateSecretResponse {
        dkms_instance_id: secret.instance.map(|id| id.as_str().to_owned()),
        arn: call.arn(&secret.account, &format!("secret/{}", secret.name)),
        automatic_rotation: secret.automatic_rotation().map(Into::into),
        extended_config: secret.extended_config.as_ref().map(|config| config.to_text().into()),
        next_rotation_date: secret.next_rotation_date(),
        rotation_interval: secret.rotation_interval(),
        secret_type: secret.secret_type.as_str().into(),
        version_id,
        secret_name: secret.name.into(),
        ..CreateSecretResponse::default()
    })
}

/// The rotation that a new secret starts with.
fn first_rotation(enabled: bool, interval: Option<&str>, now: Timestamp) -> Result<SecretRotation, ApiError> {
    let interval = interval.filter(|text| !text.is_empty()).map(interval::parse).transpose()?;
    if enabled && interval.is_none() {
        let text = "The parameter \"RotationInterval\" is needed but not provided.".to_owned();
        return Err(ApiError::with_message(ErrorCode::MissingParameter, text));
    }
    let next = interval.filter(|_| enabled).map(|interval| now.plus(interval));
    Ok(SecretRotation { interval_seconds: interval, enabled, next, ..SecretRotation::default() })
}

/// A failed read of the store, as the caller sees it.
pub(super) fn failed(error: StoreError) -> ApiError {
    ImageError::from(error).into()
}
