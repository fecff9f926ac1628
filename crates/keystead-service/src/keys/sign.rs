use keystead_api::operations::{
    AsymmetricSignRequest, AsymmetricSignResponse, AsymmetricVerifyRequest, AsymmetricVerifyResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `AsymmetricSign`
pub(crate) async fn sign(_: &Call<'_>, _: AsymmetricSignRequest) -> Result<AsymmetricSignResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `AsymmetricVerify`
pub(crate) async fn verify(
    _: &Call<'_>,
    _: AsymmetricVerifyRequest,
) -> Result<AsymmetricVerifyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
