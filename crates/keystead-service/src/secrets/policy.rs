use keystead_api::operations::{
    GetSecretPolicyRequest, GetSecretPolicyResponse, SetSecretPolicyRequest, SetSecretPolicyResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// A policy that a caller sends, checked; it is kept as it was sent.
pub(super) fn checked(_: &Call<'_>, _: &str) -> Result<String, ApiError> {
    Err(ErrorCode::ForbiddenKeyPolicyUnSupported.into())
}

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
