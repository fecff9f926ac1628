use keystead_api::operations::{BatchGetSecretValueRequest, BatchGetSecretValueResponse};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `BatchGetSecretValue`
pub(crate) async fn get(
    _: &Call<'_>,
    _: BatchGetSecretValueRequest,
) -> Result<BatchGetSecretValueResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
