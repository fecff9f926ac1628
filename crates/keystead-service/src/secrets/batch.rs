use std::collections::HashSet;

use keystead_api::operations::{
    BatchGetSecretValueErrorsItem, BatchGetSecretValueRequest, BatchGetSecretValueResponse,
    BatchGetSecretValueSecretValuesItem, BatchGetSecretValueSecretValuesItemVersionStages, SecretsListItem,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::{Call, SecretName};
use crate::secrets::describe::flag;
use crate::secrets::value::read;

/// Secrets in one call at most (KMS API reference, BatchGetSecretValue).
const MAX_SECRETS: usize = 20;
const LIST: &str = "SecretsList";

/// `BatchGetSecretValue`
pub(crate) async fn get(
    call: &Call<'_>,
    request: BatchGetSecretValueRequest,
) -> Result<BatchGetSecretValueResponse, ApiError> {
    let Some(list) = request.secrets_list else {
        let text = format!("The parameter \"{LIST}\" is needed but not provided.");
        return Err(ApiError::with_message(ErrorCode::MissingParameter, text));
    };
    let list = list.0;
    // Name and ARN of one secret count as the same; what is no good ARN is refused when it is read.
    let own = |name| SecretName { account: call.account(), name };
    let bare = |text| call.secret_name(LIST, text).unwrap_or(own(text));
    let texts = list.iter().filter_map(|item| item.secret_name.as_deref());
    let names: HashSet<SecretName<'_>> = texts.map(bare).collect();
    // Fewer names than items: one is missing, or stands twice.
    if !(1..=MAX_SECRETS).contains(&list.len()) || names.len() < list.len() || names.contains(&own("")) {
        return Err(ApiError::invalid_parameter(LIST));
    }
    let mut response = BatchGetSecretValueResponse::default();
    for item in list {
        match one(call, &item).await {
            Ok(value) => response.secret_values.push(value),
            Err(error) => response.errors.push(BatchGetSecretValueErrorsItem {
                code: Some(error.code().name().into_owned()),
                http_status: Some(error.status().into()),
                message: Some(error.message().to_owned()),
                secret_name: item.secret_name,
            }),
        }
    }
    Ok(response)
}

async fn one(
    call: &Call<'_>,
    item: &SecretsListItem,
) -> Result<BatchGetSecretValueSecretValuesItem, ApiError> {
    let name = item.secret_name.as_deref().unwrap_or_default();
    let found = call.secret_of_list(LIST, name).await?;
    let secret = &found.value;
    let key = call.key_of_secret(LIST, secret).await?;
    let fetch_config = flag("FetchExtendedConfig", item.fetch_extended_config.as_deref())?;
    let (version, secret_data) =
        read(call, &found, key.as_ref(), item.version_id.as_deref(), item.version_stage.as_deref()).await?;
    let extended_config = secret.extended_config.as_ref().filter(|_| fetch_config);
    Ok(BatchGetSecretValueSecretValuesItem {
        automatic_rotation: secret.automatic_rotation().map(Into::into),
        create_time: Some(version.created.to_string()),
        extended_config: extended_config.map(|config| config.to_text().into()),
        last_rotation_date: secret.last_rotation_date(),
        next_rotation_date: secret.next_rotation_date(),
        request_id: None,
        rotation_interval: secret.rotation_interval(),
        secret_data: Some(secret_data),
        secret_data_type: Some(version.data_type.as_str().into()),
        secret_name: Some(secret.name.to_string()),
        secret_type: Some(secret.secret_type.as_str().into()),
        version_id: Some(version.version_id.to_string()),
        version_stages: Some(BatchGetSecretValueSecretValuesItemVersionStages {
            version_stage: version.labels().into_iter().map(Into::into).collect(),
        }),
    })
}
