use keystead_api::operations::{
    ListResourceTagsRequest, ListResourceTagsResponse, ListTagResourcesRequest, ListTagResourcesResponse,
    TagResourceRequest, TagResourceResponse, TagResourcesRequest, TagResourcesResponse, UntagResourceRequest,
    UntagResourceResponse, UntagResourcesRequest, UntagResourcesResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `TagResource`
pub(crate) async fn tag(_: &Call<'_>, _: TagResourceRequest) -> Result<TagResourceResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `UntagResource`
pub(crate) async fn untag(_: &Call<'_>, _: UntagResourceRequest) -> Result<UntagResourceResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `ListResourceTags`
pub(crate) async fn list(
    _: &Call<'_>,
    _: ListResourceTagsRequest,
) -> Result<ListResourceTagsResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `TagResources`
pub(crate) async fn tag_many(_: &Call<'_>, _: TagResourcesRequest) -> Result<TagResourcesResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `UntagResources`
pub(crate) async fn untag_many(
    _: &Call<'_>,
    _: UntagResourcesRequest,
) -> Result<UntagResourcesResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `ListTagResources`
pub(crate) async fn list_many(
    _: &Call<'_>,
    _: ListTagResourcesRequest,
) -> Result<ListTagResourcesResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
