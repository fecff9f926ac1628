use keystead_api::operations::{
    ListSecretVersionIdsRequest, ListSecretVersionIdsResponse, UpdateSecretVersionStageRequest,
    UpdateSecretVersionStageResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `UpdateSecretVersionStage`
pub(crate) async fn update(
    _: &Call<'_>,
    _: UpdateSecretVersionStageRequest,
) -> Result<UpdateSecretVersionStageResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `ListSecretVersionIds`
pub(crate) async fn list_versions(
    _: &Call<'_>,
    _: ListSecretVersionIdsRequest,
) -> Result<ListSecretVersionIdsResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
