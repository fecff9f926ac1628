use keystead_api::ApiError;
use keystead_api::operations::{UpdateSecretRequest, UpdateSecretResponse};

use crate::call::Call;
use crate::secrets::{check_description, check_not_deleted, update_secret};

/// `UpdateSecret`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateSecretRequest,
) -> Result<UpdateSecretResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    if let Some(description) = &request.description {
        check_description(description)?;
    }
    let secret = update_secret(call.author(), &found.value, call.now, |secret, _| {
        check_not_deleted(secret)?;
        let before = (secret.description.clone(), secret.extended_config.clone());
        if let Some(description) = &request.description {
            secret.description.clone_from(description);
        }
        // Generic secrets have no settings: what is sent for them is ignored, as it is when they are made.
        if let (Some(config), Some(patch)) = (&mut secret.extended_config, &request.extended_config) {
            config.set_custom_data(patch.custom_data.clone())?;
        }
        let changed = (&before.0, &before.1) != (&secret.description, &secret.extended_config);
        if changed {
            secret.updated = call.now;
        }
        Ok(changed)
    })
    .await?;
    Ok(UpdateSecretResponse { secret_name: Some(secret.name.into()), ..UpdateSecretResponse::default() })
}
