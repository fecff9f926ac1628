use keystead_api::operations::{
    GetKeyPolicyRequest, GetKeyPolicyResponse, SetKeyPolicyRequest, SetKeyPolicyResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `SetKeyPolicy`
pub(crate) async fn set(_: &Call<'_>, _: SetKeyPolicyRequest) -> Result<SetKeyPolicyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `GetKeyPolicy`
pub(crate) async fn get(_: &Call<'_>, _: GetKeyPolicyRequest) -> Result<GetKeyPolicyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// The policy of a new key, as it will be stored.
pub(crate) fn of_new_key(_: &str) -> Result<String, ApiError> {
    Err(ErrorCode::ForbiddenKeyPolicyUnSupported.into())
}
