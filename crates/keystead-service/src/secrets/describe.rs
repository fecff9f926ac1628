use keystead_api::ApiError;
use keystead_api::operations::{
    DescribeSecretRequest, DescribeSecretResponse, DescribeSecretTags, DescribeSecretTagsItem,
};

use crate::call::Call;

/// `DescribeSecret`
pub(crate) async fn describe(
    call: &Call<'_>,
    request: DescribeSecretRequest,
) -> Result<DescribeSecretResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    let secret = &found.value;
    let fetch_tags = flag("FetchTags", request.fetch_tags.as_deref())?;
    let tags = fetch_tags.then(|| DescribeSecretTags {
        tag: secret
            .tags
            .iter()
            .map(|tag| DescribeSecretTagsItem { tag_key: tag.key.clone(), tag_value: tag.value.clone() })
            .collect(),
    });
    Ok(DescribeSecretResponse {
        arn: call.arn(&secret.account, &format!("secret/{}", secret.name)),
        automatic_rotation: secret.automatic_rotation().map(Into::into),
        create_time: secret.created.to_string(),
        description: secret.description.clone(),
        dkms_instance_id: secret.instance.map(|id| id.as_str().to_owned()),
        encryption_key_id: secret.encryption_key_id.map(|id| id.as_str().to_owned()),
        extended_config: secret.extended_config.as_ref().map(|config| config.to_text().into()),
        last_rotation_date: secret.last_rotation_date(),
        next_rotation_date: secret.next_rotation_date(),
        planned_delete_time: secret.planned_delete.map(|time| time.to_string()),
        rotation_interval: secret.rotation_interval(),
        secret_name: secret.name.to_string(),
        secret_type: secret.secret_type.as_str().into(),
        tags,
        update_time: secret.updated.to_string(),
        ..DescribeSecretResponse::default()
    })
}

/// A switch that the wire declares as text.
pub(crate) fn flag(name: &str, text: Option<&str>) -> Result<bool, ApiError> {
    match text {
        None | Some("") => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(ApiError::invalid_parameter(name)),
    }
}
