use keystead_api::operations::sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};
use keystead_api::{ApiError, ErrorCode};

use crate::access::Principal;
use crate::call::Call;

/// GetCallerIdentity.
pub(crate) async fn get(
    call: &Call<'_>,
    _: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, ApiError> {
    let caller = call.caller;
    let mut answer = GetCallerIdentityResponse {
        account_id: caller.account().to_owned(),
        arn: caller.arn(),
        principal_id: caller.principal_id(),
        ..GetCallerIdentityResponse::default()
    };
    match caller.principal() {
        Principal::Root(_) => {
            answer.identity_type = "Account".into();
            answer.user_id = Some(caller.account().to_owned());
        }
        Principal::User { user, .. } => {
            answer.identity_type = "RAMUser".into();
            answer.user_id = Some(user.value.user_id.clone());
        }
        Principal::Session(session) => {
            answer.identity_type = "AssumedRoleUser".into();
            answer.role_id = Some(session.role.value.role_id.clone());
        }
        Principal::ClientKey(_) => return Err(ErrorCode::NoPermission.into()),
        Principal::Anonymous => {}
    }
    Ok(answer)
}
