use keystead_api::operations::{UpdateKeyDescriptionRequest, UpdateKeyDescriptionResponse};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `UpdateKeyDescription`
pub(crate) async fn update(
    _: &Call<'_>,
    _: UpdateKeyDescriptionRequest,
) -> Result<UpdateKeyDescriptionResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
