use keystead_api::operations::{
    GetSecretValueRequest, GetSecretValueResponse, GetSecretValueVersionStages, PutSecretValueRequest,
    PutSecretValueResponse, PutSecretValueVersionStages,
};
use keystead_api::{ApiError, ErrorCode, SecretText};
use keystead_crypto::constant_time_eq;
use keystead_store::Batch;

use crate::call::{Call, Key};
use crate::engine::{CommitError, retrying};
use crate::image::{Versioned, decode};
use crate::keys::create::{encode, put_new};
use crate::records::{SecretRecord, SecretType, SecretValueRecord, SecretVersion, path};
use crate::secrets::create::failed;
use crate::secrets::{
    CURRENT, check_generic, check_not_deleted, check_value, check_version_id, data_type, stored, valid_label,
    vault,
};

/// `GetSecretValue`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetSecretValueRequest,
) -> Result<GetSecretValueResponse, ApiError> {
    if request.recipient.is_some() {
        // Attestation documents of the vendor's enclaves cannot be checked here.
        return Err(ErrorCode::UnsupportedOperation.into());
    }
    let found = call.secret("SecretName", &request.secret_name).await?;
    let secret = &found.value;
    let key = call.key_of_secret("SecretName", secret).await?;
    let (version, secret_data) =
        read(call, &found, key.as_ref(), request.version_id.as_deref(), request.version_stage.as_deref())
            .await?;
    let extended_config = secret.extended_config.as_ref();
    Ok(GetSecretValueResponse {
        automatic_rotation: secret.automatic_rotation().map(Into::into),
        create_time: version.created.to_string(),
        extended_config: extended_config
            .filter(|_| request.fetch_extended_config == Some(true))
            .map(|config| config.to_text().into()),
        last_rotation_date: secret.last_rotation_date(),
        next_rotation_date: secret.next_rotation_date(),
        rotation_interval: secret.rotation_interval(),
        secret_data,
        secret_data_type: version.data_type.as_str().into(),
        secret_name: secret.name.as_str().to_owned(),
        secret_type: secret.secret_type.as_str().into(),
        version_id: version.version_id.as_str().to_owned(),
        version_stages: GetSecretValueVersionStages {
            version_stage: version.labels().into_iter().map(Into::into).collect(),
        },
        ..GetSecretValueResponse::default()
    })
}

/// The version that a caller asks for, and its value.
pub(crate) async fn read<'s>(
    call: &Call<'_>,
    found: &'s Versioned<SecretRecord>,
    key: Option<&Key>,
    version_id: Option<&str>,
    stage: Option<&str>,
) -> Result<(&'s SecretVersion, SecretText), ApiError> {
    let secret = &found.value;
    check_not_deleted(secret)?;
    let stage = stage.filter(|stage| !stage.is_empty());
    // Of a rotating secret only what has a label can be read; a version id is not looked at.
    let version_id = version_id.filter(|id| !id.is_empty() && secret.secret_type == SecretType::Generic);
    let version = match version_id {
        // Both given: both must be of one version.
        Some(id) => secret.version(id).filter(|version| stage.is_none_or(|stage| version.has(stage))),
        None => secret.at_stage(stage.unwrap_or(CURRENT)),
    };
    let version = version.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
    // A value changes in no commit that leaves its secret's record as it was.
    let is_current = version.has(CURRENT);
    let value = match found.shortcut.get::<Versioned<SecretValueRecord>>().filter(|_| is_current) {
        Some(value) => value,
        None => {
            let at = path::secret_value(&secret.account, &secret.uid, &version.version_id);
            let value = call.engine.image.get::<SecretValueRecord>(&at).await?;
            // A version that was dropped between the two reads.
            let value = value.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
            if is_current {
                found.shortcut.set(&value);
            }
            value
        }
    };
    let value = vault::open((call.engine, call.now), key, secret, &version.version_id, &value.value).await?;
    Ok((version, value))
}

/// `PutSecretValue`
pub(crate) async fn put(
    call: &Call<'_>,
    request: PutSecretValueRequest,
) -> Result<PutSecretValueResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    let key = call.key_of_secret("SecretName", &found.value).await?;
    check_version_id(&request.version_id)?;
    check_value(&request.secret_data)?;
    let data_type = data_type(request.secret_data_type.as_deref())?;
    check_generic(&found.value)?;
    let stages = stages(request.version_stages.as_deref())?;

    let engine = call.engine;
    let SecretRecord { account, name, uid, .. } = &found.value;
    let (name, stages) = retrying!({
        let (record, mut secret) = stored(engine, (account, name, uid), call.now).await?;
        check_not_deleted(&secret)?;
        let at_value = path::secret_value(&secret.account, &secret.uid, &request.version_id);
        if let Some(version) = secret.version(&request.version_id) {
            // The same id with the same value is the same request come again; with another value it is refused.
            let stored = engine.store.get(&at_value).await.map_err(failed)?.ok_or(CommitError::Conflict)?;
            let stored = decode::<SecretValueRecord>(&stored).map_err(ApiError::from)?.value;
            let value =
                vault::open((engine, call.now), key.as_ref(), &secret, &version.version_id, &stored).await?;
            let same = version.data_type == data_type
                && constant_time_eq(value.expose().as_bytes(), request.secret_data.expose().as_bytes());
            if !same {
                return Err(ApiError::new(ErrorCode::RejectedResourceExist).into());
            }
            return Ok((secret.name.clone(), version.labels()));
        }
        let value =
            vault::seal((engine, call.now), key.as_ref(), &secret, &request.version_id, &request.secret_data)
                .await?;
        let dropped = secret.add_version(SecretVersion {
            version_id: request.version_id.as_str().into(),
            data_type,
            stages: stages.iter().map(|label| label.as_str().into()).collect(),
            created: call.now,
        })?;
        secret.updated = call.now;
        let mut batch = Batch::new();
        batch.replace(&record, encode(&secret)?);
        put_new(&mut batch, at_value, &value)?;
        if let Some(version_id) = dropped {
            batch.delete(path::secret_value(&secret.account, &secret.uid, &version_id));
        }
        call.commit(batch).await?;
        Ok((secret.name, stages.clone()))
    })?;
    Ok(PutSecretValueResponse {
        secret_name: name.into(),
        version_id: request.version_id,
        version_stages: PutSecretValueVersionStages {
            version_stage: stages.into_iter().map(Into::into).collect(),
        },
        ..PutSecretValueResponse::default()
    })
}

/// `VersionStages`: a JSON array of labels. None given means `ACSCurrent`.
fn stages(text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let invalid = || ApiError::invalid_parameter("VersionStages");
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(vec![CURRENT.to_owned()]) };
    let mut stages: Vec<String> = serde_json::from_str(text).map_err(|_| invalid())?;
    if stages.is_empty() || !stages.iter().all(|stage| valid_label(stage)) {
        return Err(invalid());
    }
    stages.sort();
    stages.dedup();
    Ok(stages)
}
