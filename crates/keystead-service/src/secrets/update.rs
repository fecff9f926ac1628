use keystead_api::operations::{UpdateSecretRequest, UpdateSecretResponse};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `UpdateSecret`
pub(crate) async fn update(_: &Call<'_>, _: UpdateSecretRequest) -> Result<UpdateSecretResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
