use keystead_api::operations::{
    DeleteAliasRequest, DeleteAliasResponse, ListAliasesByKeyIdRequest, ListAliasesByKeyIdResponse,
    UpdateAliasRequest, UpdateAliasResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `UpdateAlias`
pub(crate) async fn update(_: &Call<'_>, _: UpdateAliasRequest) -> Result<UpdateAliasResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `DeleteAlias`
pub(crate) async fn delete(_: &Call<'_>, _: DeleteAliasRequest) -> Result<DeleteAliasResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `ListAliasesByKeyId`
pub(crate) async fn list_by_key(
    _: &Call<'_>,
    _: ListAliasesByKeyIdRequest,
) -> Result<ListAliasesByKeyIdResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
