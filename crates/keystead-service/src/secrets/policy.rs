use keystead_api::operations::{
    GetSecretPolicyRequest, GetSecretPolicyResponse, SetSecretPolicyRequest, SetSecretPolicyResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `SetSecretPolicy`
pub(crate) async fn set(
    _: &Call<'_>,
    _: SetSecretPolicyRequest,
) -> Result<SetSecretPolicyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `GetSecretPolicy`
pub(crate) async fn get(
    _: &Call<'_>,
    _: GetSecretPolicyRequest,
) -> Result<GetSecretPolicyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
