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
            "Account".clone_into(&mut answer.identity_type);
            answer.user_id = Some(caller.account().to_owned());
        }
        Principal::User { user, .. } => {
            "RAMUser".clone_into(&mut answer.identity_type);
            answer.user_id = Some(user.value.user_id.clone());
        }
        Principal::Session(session) => {
            "AssumedRoleUser".clone_into(&mut answer.identity_type);
            answer.role_id = Some(session.role.value.role_id.clone());
        }
        Principal::ClientKey(_) => return Err(ErrorCode::NoPermission.into()),
        Principal::Anonymous => {}
    }
    Ok(answer)
}
