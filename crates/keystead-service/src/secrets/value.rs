use keystead_api::operations::{
    GetSecretValueRequest, GetSecretValueResponse, GetSecretValueVersionStages, PutSecretValueRequest,
    PutSecretValueResponse, PutSecretValueVersionStages,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::constant_time_eq;
use keystead_store::Batch;

use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::image::decode;
use crate::keys::create::{encode, put_new};
use crate::records::{SecretRecord, SecretValueRecord, SecretVersion, path};
use crate::secrets::create::failed;
use crate::secrets::{CURRENT, check_not_deleted, check_value, check_version_id, data_type, vault};

/// Characters of a stage label at most.
const MAX_STAGE: usize = 64;

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
    check_not_deleted(secret)?;

    let stage = request.version_stage.as_deref().filter(|stage| !stage.is_empty());
    let version = match request.version_id.as_deref().filter(|id| !id.is_empty()) {
        // Both given: both must be of one version.
        Some(id) => secret
            .version(id)
            .filter(|version| stage.is_none_or(|stage| version.stages.iter().any(|label| label == stage))),
        None => secret.at_stage(stage.unwrap_or(CURRENT)),
    };
    let version = version.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
    let at = path::secret_value(&secret.account, &secret.uid, &version.version_id);
    let value = call.engine.image.get::<SecretValueRecord>(&at).await?;
    // A version that was dropped between the two reads.
    let value = value.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
    let secret_data = vault::open(call, key.as_ref(), secret, &version.version_id, &value.value).await?;
    Ok(GetSecretValueResponse {
        create_time: version.created.to_string(),
        secret_data,
        secret_data_type: version.data_type.clone(),
        secret_name: secret.name.clone(),
        secret_type: secret.secret_type.clone(),
        version_id: version.version_id.clone(),
        version_stages: GetSecretValueVersionStages { version_stage: version.stages.clone() },
        ..GetSecretValueResponse::default()
    })
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
    let stages = stages(request.version_stages.as_deref())?;

    let engine = call.engine;
    let at = path::secret(&found.value.account, &found.value.name);
    let (name, stages) = retrying!({
        let record = engine.store.get(&at).await.map_err(failed)?;
        let record = record.ok_or(ApiError::new(ErrorCode::ForbiddenResourceNotFound))?;
        let mut secret = decode::<SecretRecord>(&record).map_err(ApiError::from)?.value;
        check_not_deleted(&secret)?;
        if secret.uid != found.value.uid {
            // Deleted and made anew meanwhile: permission and key were those of the old one, which is gone.
            return Err(ApiError::new(ErrorCode::ForbiddenResourceNotFound).into());
        }
        let at_value = path::secret_value(&secret.account, &secret.uid, &request.version_id);
        if let Some(version) = secret.version(&request.version_id) {
            // The same id with the same value is the same request come again; with another value it is refused.
            let stored = engine.store.get(&at_value).await.map_err(failed)?.ok_or(CommitError::Conflict)?;
            let stored = decode::<SecretValueRecord>(&stored).map_err(ApiError::from)?.value;
            let value = vault::open(call, key.as_ref(), &secret, &version.version_id, &stored).await?;
            let same = version.data_type == data_type
                && constant_time_eq(value.expose().as_bytes(), request.secret_data.expose().as_bytes());
            if !same {
                return Err(ApiError::new(ErrorCode::RejectedResourceExist).into());
            }
            return Ok((secret.name.clone(), version.stages.clone()));
        }
        let value =
            vault::seal(call, key.as_ref(), &secret, &request.version_id, &request.secret_data).await?;
        let dropped = secret.add_version(SecretVersion {
            version_id: request.version_id.clone(),
            data_type: data_type.to_owned(),
            stages: stages.clone(),
            created: call.now,
        })?;
        secret.updated = call.now;
        let mut batch = Batch::new();
        batch.replace(&record, encode(&secret)?);
        put_new(&mut batch, at_value, &value)?;
        if let Some(version_id) = dropped {
            batch.delete(path::secret_value(&secret.account, &secret.uid, &version_id));
        }
        engine.commit(batch).await?;
        Ok((secret.name, stages.clone()))
    })?;
    Ok(PutSecretValueResponse {
        secret_name: name,
        version_id: request.version_id,
        version_stages: PutSecretValueVersionStages { version_stage: stages },
        ..PutSecretValueResponse::default()
    })
}

/// `VersionStages`: a JSON array of labels. None given means `ACSCurrent`.
fn stages(text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let invalid = || ApiError::invalid_parameter("VersionStages");
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(vec![CURRENT.to_owned()]) };
    let mut stages: Vec<String> = serde_json::from_str(text).map_err(|_| invalid())?;
    let valid = |stage: &String| {
        (1..=MAX_STAGE).contains(&stage.chars().count()) && !stage.chars().any(char::is_control)
    };
    if stages.is_empty() || !stages.iter().all(valid) {
        return Err(invalid());
    }
    stages.sort();
    stages.dedup();
    Ok(stages)
}
