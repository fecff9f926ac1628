use keystead_api::ApiError;
use keystead_api::operations::{
    GetSecretPolicyRequest, GetSecretPolicyResponse, SetSecretPolicyRequest, SetSecretPolicyResponse,
};

use crate::call::Call;
use crate::keys::policy::{check_name, check_text, default_text};
use crate::secrets::{check_not_deleted, update_secret};

/// `SetSecretPolicy`
pub(crate) async fn set(
    call: &Call<'_>,
    request: SetSecretPolicyRequest,
) -> Result<SetSecretPolicyResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    call.engine.config.compat.check_policy(found.value.instance.is_some())?;
    check_name(request.policy_name.as_deref())?;
    check_text(&request.policy)?;
    update_secret(call.author(), &found.value, call.now, |secret, _| {
        check_not_deleted(secret)?;
        let changed = secret.policy.as_deref() != Some(&*request.policy);
        secret.policy = Some(request.policy.clone().into());
        Ok(changed)
    })
    .await?;
    Ok(SetSecretPolicyResponse::default())
}

/// `GetSecretPolicy`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetSecretPolicyRequest,
) -> Result<GetSecretPolicyResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    call.engine.config.compat.check_policy(found.value.instance.is_some())?;
    check_name(request.policy_name.as_deref())?;
    let policy = found.value.policy.clone().unwrap_or_else(|| default_text("secret", &found.value.account));
    Ok(GetSecretPolicyResponse { policy: Some(policy.into()), ..GetSecretPolicyResponse::default() })
}

/// The policy of a new secret, as it will be stored.
///
/// # Errors
/// As [`set`]: 400 `InvalidParameter`, and under `[compat] strict` 400 `Forbidden.KeyPolicyUnSupported`.
pub(super) fn of_new_secret(call: &Call<'_>, text: &str, in_instance: bool) -> Result<String, ApiError> {
    call.engine.config.compat.check_policy(in_instance)?;
    check_text(text)?;
    Ok(text.to_owned())
}
