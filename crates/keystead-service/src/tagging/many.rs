use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystead_api::operations::{
    ListTagResourcesRequest, ListTagResourcesResponse, ListTagResourcesTagResources,
    ListTagResourcesTagResourcesItem, TagResourcesRequest, TagResourcesResponse, UntagResourcesRequest,
    UntagResourcesResponse,
};
use keystead_api::{ApiError, Arn, ErrorCode};
use keystead_store::Range;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::image::{ImageError, decode};
use crate::instances::Live;
use crate::records::{KeyRecord, SecretRecord};
use crate::tagging::resource::{Tagged, change};
use crate::tags::{self, MAX_TAGS, Tag};

/// Resources in one request at most (KMS API reference, TagResources).
const MAX_RESOURCES: usize = 50;
/// Rows in one answer of ListTagResources at most (KMS API reference).
const MAX_ROWS: usize = 200;
/// Records read from the store at once.
const CHUNK: usize = 500;

/// `TagResources`
pub(crate) async fn tag_many(
    call: &Call<'_>,
    request: TagResourcesRequest,
) -> Result<TagResourcesResponse, ApiError> {
    if request.tag.len() > MAX_TAGS {
        return Err(ApiError::invalid_parameter("Tag"));
    }
    let new = request
        .tag
        .into_iter()
        .map(|tag| Tag { key: tag.key.unwrap_or_default(), value: tag.value.unwrap_or_default() });
    let new = tags::checked(new.collect())?;
    change_many(call, &request.resource_type, &request.resource_id, |tags| tags::set(tags, &new)).await?;
    Ok(TagResourcesResponse::default())
}

/// `UntagResources`
pub(crate) async fn untag_many(
    call: &Call<'_>,
    request: UntagResourcesRequest,
) -> Result<UntagResourcesResponse, ApiError> {
    let keys = request.tag_key.unwrap_or_default();
    let all = keys.is_empty() && request.all == Some(true);
    if keys.len() > MAX_TAGS || (keys.is_empty() && !all) {
        return Err(ApiError::invalid_parameter("TagKey"));
    }
    keys.iter().try_for_each(|key| tags::check_key(key))?;
    change_many(call, &request.resource_type, &request.resource_id, |tags| {
        if all {
            let changed = !tags.is_empty();
            tags.clear();
            return Ok(changed);
        }
        Ok(tags::remove(tags, &keys))
    })
    .await?;
    Ok(UntagResourcesResponse::default())
}

async fn change_many(
    call: &Call<'_>,
    resource_type: &str,
    ids: &[String],
    apply: impl Fn(&mut Vec<Tag>) -> Result<bool, ApiError>,
) -> Result<(), ApiError> {
    const MISSING: ErrorCode = ErrorCode::InvalidResourceIdNotFound;
    match resource_type {
        KeyRecord::TYPE => {
            change::<KeyRecord>(call, &named::<KeyRecord>(call, ids).await?, MISSING, apply).await
        }
        SecretRecord::TYPE => {
            change::<SecretRecord>(call, &named::<SecretRecord>(call, ids).await?, MISSING, apply).await
        }
        _ => Err(ApiError::invalid_parameter("ResourceType")),
    }
}

/// `ListTagResources`
pub(crate) async fn list_many(
    call: &Call<'_>,
    request: ListTagResourcesRequest,
) -> Result<ListTagResourcesResponse, ApiError> {
    match request.resource_type.as_str() {
        KeyRecord::TYPE => list::<KeyRecord>(call, request).await,
        SecretRecord::TYPE => list::<SecretRecord>(call, request).await,
        _ => Err(ApiError::invalid_parameter("ResourceType")),
    }
}

async fn list<T: Tagged>(
    call: &Call<'_>,
    request: ListTagResourcesRequest,
) -> Result<ListTagResourcesResponse, ApiError> {
    let wanted = wanted(&request)?;
    let from = request.next_token.as_deref().filter(|token| !token.is_empty());
    let mut rows = Rows { from: from.map(Row::parse).transpose()?, rows: Vec::new() };
    match request.resource_id {
        None => {
            call.tagged_all("ResourceId", T::TYPE)?;
            rows.add_all::<T>(call, &wanted).await?;
        }
        Some(ids) => {
            let ids = named::<T>(call, &ids).await?;
            let places = ids.iter().map(|id| T::place(call.account(), id)).collect();
            for record in call.engine.store.get_many(places).await.map_err(ImageError::from)? {
                let resource = record.map(|record| decode::<T>(&record)).transpose()?;
                let resource = resource.filter(|resource| !resource.value.is_gone(call.now));
                let resource = resource.ok_or(ErrorCode::InvalidResourceIdNotFound)?;
                rows.add(&resource.value, &wanted);
            }
        }
    }
    Ok(rows.answer(T::TYPE))
}

/// The tags that a resource must have: a key, and a value unless any will do.
fn wanted(request: &ListTagResourcesRequest) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let tags = request.tag.as_deref().unwrap_or_default();
    if tags.len() > MAX_TAGS {
        return Err(ApiError::invalid_parameter("Tag"));
    }
    let read = |key: &Option<String>, value: &Option<String>| {
        let key = key.clone().unwrap_or_default();
        tags::check_key(&key)?;
        let value = value.clone().filter(|value| !value.is_empty());
        value.iter().try_for_each(|value| tags::check_value(value))?;
        Ok((key, value))
    };
    tags.iter().map(|tag| read(&tag.key, &tag.value)).collect()
}

/// The ids that a request names by id or ARN, sorted and each once. Checks the permission on each of them.
async fn named<T: Tagged>(call: &Call<'_>, texts: &[String]) -> Result<Vec<String>, ApiError> {
    if texts.len() > MAX_RESOURCES {
        return Err(ApiError::invalid_parameter("ResourceId"));
    }
    let mut ids = Vec::with_capacity(texts.len());
    for text in texts {
        let id = if Arn::looks_like(text) {
            let arn = Arn::parse(text).map_err(|_| ApiError::invalid_parameter("ResourceId"))?;
            let here = arn.account == call.account() && arn.region == call.engine.region();
            let resource = arn.resource.split_once('/').filter(|(kind, _)| here && *kind == T::TYPE);
            resource.ok_or(ErrorCode::InvalidResourceIdNotFound)?.1
        } else {
            text
        };
        if !T::check_permission(call, "ResourceId", id).await? {
            return Err(ErrorCode::InvalidResourceIdNotFound.into());
        }
        ids.push(id.to_owned());
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// A row's place in the whole list, which is in the order of ids and then of tag keys. As a token it is where a later
/// answer goes on; a token that somebody made up leads to another place in the same list, and to nothing else.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Row {
    id: String,
    tag_key: String,
}

impl Row {
    fn parse(token: &str) -> Result<Self, ApiError> {
        let invalid = || ApiError::invalid_parameter("NextToken");
        let json = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
        let row: Self = serde_json::from_slice(&json).map_err(|_| invalid())?;
        // Places in the store hold no control characters.
        if row.id.chars().any(char::is_control) { Err(invalid()) } else { Ok(row) }
    }

    fn token(&self) -> String {
        // Two texts always serialise.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// The rows of one answer.
struct Rows {
    /// The first row that may be among them.
    from: Option<Row>,
    /// With one row more than an answer has, where the next one begins.
    rows: Vec<(Row, String)>,
}

impl Rows {
    fn is_full(&self) -> bool {
        self.rows.len() > MAX_ROWS
    }

    async fn add_all<T: Tagged>(
        &mut self,
        call: &Call<'_>,
        wanted: &[(String, Option<String>)],
    ) -> Result<(), ApiError> {
        let live = Live::of(call).await?;
        let all = Range::prefix(T::place(call.account(), ""));
        let start = T::place(call.account(), self.from.as_ref().map_or("", |row| &row.id));
        let range = Range::between(start, all.end().unwrap_or_default());
        let mut after = None;
        while !self.is_full() {
            let records = call.engine.store.scan(range.clone(), after, CHUNK).await;
            let records = records.map_err(ImageError::from)?;
            for record in &records {
                let resource = decode::<T>(record)?.value;
                if !resource.is_gone(call.now) && live.holds(resource.instance()) {
                    self.add(&resource, wanted);
                }
            }
            if records.len() < CHUNK {
                break;
            }
            after = records.last().map(|record| record.key.clone());
        }
        Ok(())
    }

    /// Adds the tags of a resource that has all that are wanted.
    fn add(&mut self, resource: &impl Tagged, wanted: &[(String, Option<String>)]) {
        let has = |(key, value): &(String, Option<String>)| {
            let mut tags = resource.tags().iter();
            tags.any(|tag| tag.key == *key && value.as_ref().is_none_or(|value| tag.value == *value))
        };
        if !wanted.iter().all(has) {
            return;
        }
        for tag in resource.tags() {
            let row = Row { id: resource.id().to_owned(), tag_key: tag.key.clone() };
            if !self.is_full() && self.from.as_ref().is_none_or(|from| row >= *from) {
                self.rows.push((row, tag.value.clone()));
            }
        }
    }

    fn answer(mut self, resource_type: &str) -> ListTagResourcesResponse {
        let next = if self.is_full() { self.rows.pop() } else { None };
        let tag_resource = self.rows.into_iter().map(|(row, value)| ListTagResourcesTagResourcesItem {
            resource_id: Some(row.id),
            resource_type: Some(resource_type.into()),
            tag_key: Some(row.tag_key),
            tag_value: Some(value),
        });
        ListTagResourcesResponse {
            tag_resources: Some(ListTagResourcesTagResources { tag_resource: tag_resource.collect() }),
            next_token: Some(next.map_or_else(String::new, |(row, _)| row.token())),
            ..ListTagResourcesResponse::default()
        }
    }
}
