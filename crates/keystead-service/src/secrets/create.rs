use keystead_api::operations::{CreateSecretRequest, CreateSecretResponse};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, StoreError};

use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::{ImageError, decode};
use crate::keys::create::{no_randomness, put_new};
use crate::records::{SecretRecord, SecretVersion, path};
use crate::secrets::{CURRENT, check_name, check_value, check_version_id, data_type, vault};
use crate::tags;

/// Characters of a description at most.
const MAX_DESCRIPTION: usize = 8192;

/// `CreateSecret`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateSecretRequest,
) -> Result<CreateSecretResponse, ApiError> {
    call.container("secret")?;
    match request.secret_type.as_deref() {
        None | Some("" | "Generic") => {}
        Some("Rds" | "Redis" | "RAMCredentials" | "ECS" | "PolarDB") => {
            return Err(ErrorCode::UnsupportedOperation.into());
        }
        Some(_) => return Err(ApiError::invalid_parameter("SecretType")),
    }
    check_name(&request.secret_name)?;
    check_version_id(&request.version_id)?;
    check_value(&request.secret_data)?;
    let data_type = data_type(request.secret_data_type.as_deref())?;
    if request.dkms_instance_id.as_deref().is_some_and(|id| !id.is_empty()) {
        return Err(ErrorCode::ForbiddenDkmsInstanceNotFound.into());
    }
    if request.enable_automatic_rotation == Some(true) {
        // Generic secrets are rotated by storing a new version.
        return Err(ErrorCode::UnsupportedOperation.into());
    }
    if request.policy.as_deref().is_some_and(|policy| !policy.is_empty()) {
        // Only secrets in an instance have policies, and no secret is in one.
        return Err(ErrorCode::ForbiddenKeyPolicyUnSupported.into());
    }
    let description = request.description.unwrap_or_default();
    if description.chars().count() > MAX_DESCRIPTION {
        return Err(ApiError::invalid_parameter("Description"));
    }
    let tags = request.tags.as_deref().filter(|text| !text.is_empty()).map(tags::parse).transpose()?;
    let key = match request.encryption_key_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => Some(call.key_if_given("EncryptionKeyId", id).await?),
        None => None,
    };

    let engine = call.engine;
    let secret = SecretRecord {
        uid: ids::internal_id(&*engine.random).map_err(no_randomness)?,
        name: request.secret_name,
        account: call.account().to_owned(),
        secret_type: "Generic".to_owned(),
        description,
        encryption_key_id: key.as_ref().map(|key| key.value.key_id.as_str().to_owned()),
        created: call.now,
        updated: call.now,
        planned_delete: None,
        versions: vec![SecretVersion {
            version_id: request.version_id.clone(),
            data_type: data_type.to_owned(),
            stages: vec![CURRENT.to_owned()],
            created: call.now,
        }],
        tags: tags.unwrap_or_default(),
    };
    let value = vault::seal(call, key.as_ref(), &secret, &request.version_id, &request.secret_data).await?;
    let at = path::secret(&secret.account, &secret.name);
    retrying!({
        if let Some(existing) = engine.store.get(&at).await.map_err(failed)? {
            let existing = decode::<SecretRecord>(&existing).map_err(ApiError::from)?.value;
            return Err(ApiError::new(match existing.planned_delete {
                Some(_) => ErrorCode::RejectedResourceInDeleteWindow,
                None => ErrorCode::RejectedResourceExist,
            })
            .into());
        }
        let mut batch = Batch::new();
        put_new(&mut batch, at.clone(), &secret)?;
        put_new(&mut batch, path::secret_value(&secret.account, &secret.uid, &request.version_id), &value)?;
        engine.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;

    Ok(CreateSecretResponse {
        arn: call.arn(&format!("secret/{}", secret.name)),
        secret_name: secret.name,
        secret_type: secret.secret_type,
        version_id: request.version_id,
        ..CreateSecretResponse::default()
    })
}

/// A failed read of the store, as the caller sees it.
pub(super) fn failed(error: StoreError) -> ApiError {
    ImageError::from(error).into()
}
