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
