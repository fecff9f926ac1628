use keystead_api::operations::{
    CreateKeyVersionRequest, CreateKeyVersionResponse, DescribeKeyVersionRequest, DescribeKeyVersionResponse,
    ListKeyVersionsRequest, ListKeyVersionsResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `CreateKeyVersion`
pub(crate) async fn create(
    _: &Call<'_>,
    _: CreateKeyVersionRequest,
) -> Result<CreateKeyVersionResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `DescribeKeyVersion`
pub(crate) async fn describe(
    _: &Call<'_>,
    _: DescribeKeyVersionRequest,
) -> Result<DescribeKeyVersionResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `ListKeyVersions`
pub(crate) async fn list(
    _: &Call<'_>,
    _: ListKeyVersionsRequest,
) -> Result<ListKeyVersionsResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
