//! Tags of roles and custom policies.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystead_api::operations::ram::{
    ListTagResourcesRequest, ListTagResourcesResponse, ListTagResourcesTagResources, TagResourcesRequest,
    TagResourcesResponse, UntagResourcesRequest, UntagResourcesResponse,
};
use keystead_api::{ApiError, ErrorCode, Flaw};
use keystead_store::{Batch, Range};

use super::{commit, current, names, tags};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::image::Versioned;
use crate::keys::list::read_all;
use crate::records::{PolicyRecord, RoleRecord, Stored, path};
use crate::tags::{MAX_TAGS, Tag, check_key, remove, set};

/// Names in a request at most (RAM API reference, TagResources).
const MAX_NAMES: usize = 50;
/// Tags of a page at most.
const MAX_ROWS: i64 = 100;
/// The parameter with the names.
const NAMES: &str = "ResourceNames";

/// What has tags.
trait Tagged: Stored + Clone {
    /// `ResourceType`
    const TYPE: &'static str;
    const MISSING: ErrorCode;

    fn check_name(name: &str) -> Result<(), ApiError>;
    /// Where one stands, or with an empty name the prefix of all.
    fn place(account: &str, name: &str) -> String;
    fn name(&self) -> &str;
    fn tags(&self) -> &[Tag];
    fn tags_mut(&mut self) -> &mut Vec<Tag>;
}

macro_rules! tagged {
    ($record:ident $kind:literal $missing:ident $check:path, $place:path) => {
        impl Tagged for $record {
            const TYPE: &'static str = $kind;
            const MISSING: ErrorCode = ErrorCode::$missing;

            fn check_name(name: &str) -> Result<(), ApiError> {
                $check(NAMES, name)
            }

            fn place(account: &str, name: &str) -> String {
                $place(account, name)
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn tags(&self) -> &[Tag] {
                &self.tags
            }

            fn tags_mut(&mut self) -> &mut Vec<Tag> {
                &mut self.tags
            }
        }
    };
}

tagged!(RoleRecord "role" EntityNotExistRole names::role, path::role);
tagged!(PolicyRecord "policy" EntityNotExistPolicy names::policy, path::policy);

/// `ResourceNames`: the resources that it names, each once. Checks the permission on each of them.
async fn named<T: Tagged>(call: &Call<'_>, text: &str) -> Result<Vec<T>, ApiError> {
    let sent: Vec<String> = serde_json::from_str(text).map_err(|_| ApiError::invalid_parameter(NAMES))?;
    if sent.is_empty() || sent.len() > MAX_NAMES {
        return Err(ApiError::invalid_parameter(NAMES));
    }
    let mut found: Vec<T> = Vec::with_capacity(sent.len());
    for name in &sent {
        T::check_name(name)?;
        let resource = call.engine.image.get::<T>(&T::place(call.account(), name)).await?;
        let shown = |resource: &std::sync::Arc<Versioned<T>>| resource.value.name().to_owned();
        let shown = resource.as_ref().map_or_else(|| name.clone(), shown);
        call.tagged_identity(NAMES, T::TYPE, &shown)?;
        let resource = resource.ok_or(T::MISSING)?;
        if !found.iter().any(|known| known.name() == resource.value.name()) {
            found.push(resource.value.clone());
        }
    }
    Ok(found)
}

/// Changes the tags of all resources in one commit.
async fn change<T: Tagged>(
    call: &Call<'_>,
    text: &str,
    apply: impl Fn(&mut Vec<Tag>) -> Result<bool, ApiError> + Send + Sync,
) -> Result<(), ApiError> {
    let resources = named::<T>(call, text).await?;
    retrying!({
        let mut batch = Batch::new();
        for seen in &resources {
            let resource = current::<T>(call, &T::place(call.account(), seen.name())).await?;
            let mut resource = resource.ok_or(ApiError::new(T::MISSING))?;
            if apply(resource.value.tags_mut())? {
                resource.write(&mut batch)?;
            }
        }
        if !batch.is_empty() {
            commit(call, batch).await?;
        }
        Ok::<_, CommitError>(())
    })
}

fn bad_type() -> ApiError {
    names::invalid("ResourceType", Flaw::Value)
}

/// `TagResources`
pub(crate) async fn tag(
    call: &Call<'_>,
    request: TagResourcesRequest,
) -> Result<TagResourcesResponse, ApiError> {
    let new = tags::to_set(Some(&request.tag))?;
    if new.is_empty() {
        return Err(ApiError::invalid_parameter("Tag"));
    }
    let apply = |tags: &mut Vec<Tag>| set(tags, &new);
    match request.resource_type.as_str() {
        RoleRecord::TYPE => change::<RoleRecord>(call, &request.resource_names, apply).await?,
        PolicyRecord::TYPE => change::<PolicyRecord>(call, &request.resource_names, apply).await?,
        _ => return Err(bad_type()),
    }
    Ok(TagResourcesResponse::default())
}

/// `UntagResources`
pub(crate) async fn untag(
    call: &Call<'_>,
    request: UntagResourcesRequest,
) -> Result<UntagResourcesResponse, ApiError> {
    let keys = match request.tag_keys.as_deref().filter(|text| !text.is_empty()) {
        None => Vec::new(),
        Some(text) => {
            let invalid = || ApiError::invalid_parameter("TagKeys");
            let keys: Vec<String> = serde_json::from_str(text).map_err(|_| invalid())?;
            if keys.len() > MAX_TAGS {
                return Err(invalid());
            }
            keys.iter().try_for_each(|key| check_key(key))?;
            keys
        }
    };
    if keys.is_empty() && request.all != Some(true) {
        return Err(ApiError::invalid_parameter("TagKeys"));
    }
    let apply = |tags: &mut Vec<Tag>| match keys.is_empty() {
        true => Ok(!std::mem::take(tags).is_empty()),
        false => Ok(remove(tags, &keys)),
    };
    match request.resource_type.as_str() {
        RoleRecord::TYPE => change::<RoleRecord>(call, &request.resource_names, apply).await?,
        PolicyRecord::TYPE => change::<PolicyRecord>(call, &request.resource_names, apply).await?,
        _ => return Err(bad_type()),
    }
    Ok(UntagResourcesResponse::default())
}

/// `ListTagResources`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListTagResourcesRequest,
) -> Result<ListTagResourcesResponse, ApiError> {
    match request.resource_type.as_str() {
        RoleRecord::TYPE => list_of::<RoleRecord>(call, request).await,
        PolicyRecord::TYPE => list_of::<PolicyRecord>(call, request).await,
        _ => Err(bad_type()),
    }
}

async fn list_of<T: Tagged>(
    call: &Call<'_>,
    request: ListTagResourcesRequest,
) -> Result<ListTagResourcesResponse, ApiError> {
    let size = request.page_size.unwrap_or(MAX_ROWS);
    let size = usize::try_from(size).ok().filter(|_| (1..=MAX_ROWS).contains(&size));
    let size = size.ok_or_else(|| names::invalid("PageSize", Flaw::Value))?;
    let wanted = tags::Wanted::read(request.tag.as_deref())?;
    let after = match request.next_token.as_deref().filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => Some(open(token).ok_or_else(|| names::invalid("NextToken", Flaw::Value))?),
    };
    let mut resources = match request.resource_names.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => named::<T>(call, text).await?,
        None => {
            call.tagged_all(NAMES, T::TYPE)?;
            read_all::<T>(call, Range::prefix(T::place(call.account(), ""))).await?
        }
    };
    resources.sort_by_cached_key(|resource| resource.name().to_ascii_lowercase());
    let mut rows: Vec<(&T, &Tag)> = resources
        .iter()
        .filter(|resource| wanted.all_in(resource.tags()))
        .flat_map(|resource| resource.tags().iter().map(move |tag| (resource, tag)))
        .filter(|(resource, tag)| after.as_ref().is_none_or(|after| place(*resource, tag) > *after))
        .collect();
    let more = rows.len() > size;
    rows.truncate(size);
    let next_token = rows.last().filter(|_| more).map(|(resource, tag)| token(&place(*resource, tag)));
    let row = |(resource, tag): (&T, &Tag)| ListTagResourcesTagResources {
        resource_name: resource.name().to_owned(),
        resource_type: T::TYPE.into(),
        tag_key: tag.key.clone(),
        tag_value: tag.value.clone(),
    };
    let tag_resources = rows.into_iter().map(row).collect();
    Ok(ListTagResourcesResponse { next_token, tag_resources, ..ListTagResourcesResponse::default() })
}

/// Where a tag stands in the whole list.
fn place(resource: &impl Tagged, tag: &Tag) -> (String, String) {
    (resource.name().to_ascii_lowercase(), tag.key.clone())
}

/// A token that says: behind this place. One that somebody made up leads to another place in the same list.
fn token(place: &(String, String)) -> String {
    // Two texts always serialise.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

fn open(token: &str) -> Option<(String, String)> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}
