use std::collections::HashSet;

use keystead_api::ApiError;
use keystead_api::operations::{ListKeysKeys, ListKeysKeysItem, ListKeysRequest, ListKeysResponse};
use keystead_store::Range;

use crate::call::Call;
use crate::filters::Filters;
use crate::image::{ImageError, decode};
use crate::instances::Live;
use crate::paging::Page;
use crate::records::{AliasRecord, KeyRecord, Stored, path};

/// What ListKeys can be filtered by (KMS API reference, ListKeys; `keyId` is spelled so).
const FILTERS: &[&str] = &[
    "KeyState",
    "KeySpec",
    "KeyUsage",
    "ProtectionLevel",
    "CreatorType",
    "DKMSInstanceId",
    "keyId",
    "AliasName",
    "Creator",
    "TagKey",
    "TagValue",
];

/// `ListKeys`
pub(crate) async fn list(call: &Call<'_>, request: ListKeysRequest) -> Result<ListKeysResponse, ApiError> {
    call.container("key")?;
    let page = Page::new(request.page_number, request.page_size, 10)?;
    let filters = Filters::parse(request.filters.as_deref(), FILTERS)?;
    let by_alias = match filters.values("AliasName") {
        Some(names) => keys_of_aliases(call, names).await?,
        None => HashSet::new(),
    };
    let matches = |key: &KeyRecord| {
        filters.all(|name, value| match name {
            "KeyState" => key.state_at(call.now).as_str() == value,
            "KeySpec" => key.spec.as_str() == value,
            "KeyUsage" => key.usage.as_str() == value,
            "ProtectionLevel" => key.protection_level == value,
            "CreatorType" => value == "User",
            "keyId" => *key.key_id == *value,
            "AliasName" => by_alias.contains(key.key_id.as_str()),
            "Creator" => *key.account == *value,
            "TagKey" => key.tags.iter().any(|tag| tag.key == value),
            "TagValue" => key.tags.iter().any(|tag| tag.value == value),
            "DKMSInstanceId" => key.instance.is_some_and(|id| *id == *value),
            _ => false,
        })
    };
    let range = Range::prefix(path::key(call.account(), ""));
    let live = Live::of(call).await?;
    let there = |key: &KeyRecord| {
        !key.is_gone(call.now) && live.holds(key.instance.as_ref()) && (filters.is_empty() || matches(key))
    };
    let (keys, total_count) = read_page(call, range, page, there).await?;
    let key = keys
        .into_iter()
        .map(|key| ListKeysKeysItem {
            key_arn: call.arn(&key.account, &format!("key/{}", key.key_id)),
            key_id: key.key_id.as_str().to_owned(),
        })
        .collect();
    Ok(ListKeysResponse {
        keys: ListKeysKeys { key },
        page_number: page.number,
        page_size: page.size,
        total_count,
        ..ListKeysResponse::default()
    })
}

async fn keys_of_aliases(call: &Call<'_>, names: &[String]) -> Result<HashSet<String>, ApiError> {
    let mut keys = HashSet::new();
    for name in names {
        let name = name.strip_prefix("alias/").unwrap_or(name);
        if let Some(alias) = call.engine.image.get::<AliasRecord>(&path::alias(call.account(), name)).await? {
            keys.insert(alias.value.key_id.clone());
        }
    }
    Ok(keys)
}

/// Records read from the store at once while a list is put together.
const CHUNK: usize = 500;

/// All records in a range, in the order of their places.
pub(crate) async fn read_all<T: Stored>(call: &Call<'_>, range: Range) -> Result<Vec<T>, ApiError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let records = call.engine.store.scan(range.clone(), after, CHUNK).await.map_err(ImageError::from)?;
        for record in &records {
            all.push(decode::<T>(record)?.value);
        }
        if records.len() < CHUNK {
            return Ok(all);
        }
        after = records.last().map(|record| record.key.clone());
    }
}

/// One page of the records in a range for which `matches` holds, and how many there are in all.
pub(crate) async fn read_page<T: Stored>(
    call: &Call<'_>,
    range: Range,
    page: Page,
    matches: impl Fn(&T) -> bool,
) -> Result<(Vec<T>, i64), ApiError> {
    let failed = |error| ApiError::from(ImageError::from(error));
    let positions = page.positions();
    let mut found = Vec::new();
    let mut position = 0u64;
    let mut after = None;
    loop {
        let records = call.engine.store.scan(range.clone(), after, CHUNK).await.map_err(failed)?;
        let last = records.len() < CHUNK;
        after = records.last().map(|record| record.key.clone());
        for record in &records {
            let value = decode::<T>(record)?.value;
            if matches(&value) {
                if positions.contains(&position) {
                    found.push(value);
                }
                position += 1;
            }
        }
        if last {
            return Ok((found, i64::try_from(position).unwrap_or(i64::MAX)));
        }
    }
}

/// One page of the places in a range, for indexes, whose records say nothing more; and how many there are in all.
pub(crate) async fn read_places(
    call: &Call<'_>,
    range: Range,
    page: Page,
) -> Result<(Vec<String>, i64), ApiError> {
    let positions = page.positions();
    let (mut found, mut position, mut after) = (Vec::new(), 0u64, None);
    loop {
        let records = call.engine.store.scan(range.clone(), after, CHUNK).await.map_err(ImageError::from)?;
        let last = records.len() < CHUNK;
        after = records.last().map(|record| record.key.clone());
        for record in records {
            if positions.contains(&position) {
                found.push(record.key);
            }
            position += 1;
        }
        if last {
            return Ok((found, i64::try_from(position).unwrap_or(i64::MAX)));
        }
    }
}
