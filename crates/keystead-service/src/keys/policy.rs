use keystead_api::operations::{
    GetKeyPolicyRequest, GetKeyPolicyResponse, SetKeyPolicyRequest, SetKeyPolicyResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_auth::policy::PolicyDocument;

use crate::call::Call;
use crate::keys::update_key;

/// `SetKeyPolicy`
pub(crate) async fn set(
    call: &Call<'_>,
    request: SetKeyPolicyRequest,
) -> Result<SetKeyPolicyResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    call.engine.config.compat.check_policy(key.value.instance.is_some())?;
    check_name(request.policy_name.as_deref())?;
    check_text(&request.policy)?;
    update_key(call.author(), call.account(), &key.value.key_id, call.now, |key, _| {
        let changed = key.policy.as_deref() != Some(&*request.policy);
        key.policy = Some(request.policy.clone().into());
        Ok(changed)
    })
    .await?;
    Ok(SetKeyPolicyResponse::default())
}

/// `GetKeyPolicy`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetKeyPolicyRequest,
) -> Result<GetKeyPolicyResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    call.engine.config.compat.check_policy(key.value.instance.is_some())?;
    check_name(request.policy_name.as_deref())?;
    let policy = key.value.policy.clone().unwrap_or_else(|| default_text("key", &key.value.account));
    Ok(GetKeyPolicyResponse { policy: Some(policy.into()), ..GetKeyPolicyResponse::default() })
}

/// The policy of a new key, as it will be stored.
///
/// # Errors
/// As [`check_text`].
pub(crate) fn of_new_key(text: &str) -> Result<String, ApiError> {
    check_text(text)?;
    Ok(text.to_owned())
}

/// Checks the text of a key's or a secret's policy. It is stored as it was sent.
///
/// # Errors
/// 400 `InvalidParameter`, with the place of the mistake.
pub(crate) fn check_text(text: &str) -> Result<(), ApiError> {
    match PolicyDocument::parse(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = format!("The specified parameter Policy is not valid. {error}");
            Err(ApiError::with_message(ErrorCode::InvalidParameter, message))
        }
    }
}

/// Lets only the one name pass that policies have.
///
/// # Errors
/// 404 `Forbidden.ResourceNotFound`.
pub(crate) fn check_name(name: Option<&str>) -> Result<(), ApiError> {
    match name {
        None | Some("" | "default") => Ok(()),
        Some(_) => Err(ApiError::with_message(ErrorCode::ForbiddenResourceNotFound, "Policy not found.")),
    }
}

/// The policy of a key or a secret (`kind`) for which none was set: the account may do everything, and may delegate it.
pub(crate) fn default_text(kind: &'static str, account: &str) -> String {
    format!(
        r#"{{"Version":"1","Statement":[{{"Sid":"kms default {kind} policy","Effect":"Allow","Principal":{{"RAM":["acs:ram::{account}:*"]}},"Action":["kms:*"],"Resource":["*"]}}]}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::{check_text, default_text};

    #[test]
    fn the_default_policy_is_a_policy() {
        for kind in ["key", "secret"] {
            assert_eq!(check_text(&default_text(kind, "1589966786983812")), Ok(()), "{kind}");
        }
    }
}
