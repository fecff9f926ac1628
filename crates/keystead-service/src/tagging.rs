//! Tags of keys and secrets: the older operations about one resource here, those about many in `many`.

mod many;
mod resource;

use keystead_api::operations::{
    ListResourceTagsRequest, ListResourceTagsResponse, ListResourceTagsTags, ListResourceTagsTagsItem,
    TagResourceRequest, TagResourceResponse, UntagResourceRequest, UntagResourceResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;
use crate::records::{KeyRecord, SecretRecord};
use crate::tags::{self, Tag};

pub(crate) use many::{list_many, tag_many, untag_many};

/// `TagResource`
pub(crate) async fn tag(
    call: &Call<'_>,
    request: TagResourceRequest,
) -> Result<TagResourceResponse, ApiError> {
    let named = named(request.key_id, request.secret_name, request.certificate_id)?;
    let new = tags::parse(&request.tags)?;
    if new.is_empty() {
        return Err(ApiError::invalid_parameter("Tags"));
    }
    change(call, named, |tags| tags::set(tags, &new)).await?;
    Ok(TagResourceResponse::default())
}

/// `UntagResource`
pub(crate) async fn untag(
    call: &Call<'_>,
    request: UntagResourceRequest,
) -> Result<UntagResourceResponse, ApiError> {
    let named = named(request.key_id, request.secret_name, request.certificate_id)?;
    let keys = tags::parse_keys(&request.tag_keys)?;
    change(call, named, |tags| Ok(tags::remove(tags, &keys))).await?;
    Ok(UntagResourceResponse::default())
}

/// `ListResourceTags`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListResourceTagsRequest,
) -> Result<ListResourceTagsResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    let tags = key.value.tags.iter().map(|tag| ListResourceTagsTagsItem {
        key_id: Some(key.value.key_id.as_str().to_owned()),
        tag_key: Some(tag.key.clone()),
        tag_value: Some(tag.value.clone()),
    });
    Ok(ListResourceTagsResponse {
        tags: Some(ListResourceTagsTags { tag: tags.collect() }),
        ..ListResourceTagsResponse::default()
    })
}

/// What a request names, as it was sent.
enum Named {
    Key(String),
    Secret(String),
    Certificate,
}

/// Exactly one of the three parameters names the resource.
fn named(
    key: Option<String>,
    secret: Option<String>,
    certificate: Option<String>,
) -> Result<Named, ApiError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (given(key), given(secret), given(certificate)) {
        (Some(id), None, None) => Ok(Named::Key(id)),
        (None, Some(name), None) => Ok(Named::Secret(name)),
        (None, None, Some(_)) => Ok(Named::Certificate),
        (None, None, None) => Err(ErrorCode::MissingParameter.into()),
        (_, _, Some(_)) => Err(ApiError::invalid_parameter("CertificateId")),
        (Some(_), Some(_), None) => Err(ApiError::invalid_parameter("SecretName")),
    }
}

async fn change(
    call: &Call<'_>,
    named: Named,
    apply: impl Fn(&mut Vec<Tag>) -> Result<bool, ApiError>,
) -> Result<(), ApiError> {
    match named {
        Named::Key(id) => {
            let key = call.key_by_id_if_given("KeyId", &id).await?;
            let ids = [key.value.key_id.as_str().to_owned()];
            resource::change::<KeyRecord>(call, &ids, ErrorCode::ForbiddenKeyNotFound, apply).await
        }
        Named::Secret(name) => {
            let secret = call.secret_if_given("SecretName", &name).await?;
            let names = [secret.value.name.to_string()];
            resource::change::<SecretRecord>(call, &names, ErrorCode::ForbiddenResourceNotFound, apply).await
        }
        Named::Certificate => Err(ErrorCode::CertificateNotFound.into()),
    }
}
