use keystead_api::operations::{GetPublicKeyRequest, GetPublicKeyResponse};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `GetPublicKey`
pub(crate) async fn get(_: &Call<'_>, _: GetPublicKeyRequest) -> Result<GetPublicKeyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
