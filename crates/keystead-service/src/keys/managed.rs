use keystead_api::operations::{
    GetManagedDataKeyRequest, GetManagedDataKeyResponse, ListManagedDataKeyVersionsRequest,
    ListManagedDataKeyVersionsResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `GetManagedDataKey`
pub(crate) async fn get(
    _: &Call<'_>,
    _: GetManagedDataKeyRequest,
) -> Result<GetManagedDataKeyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `ListManagedDataKeyVersions`
pub(crate) async fn list_versions(
    _: &Call<'_>,
    _: ListManagedDataKeyVersionsRequest,
) -> Result<ListManagedDataKeyVersionsResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
