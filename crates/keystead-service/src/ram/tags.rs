//! The `Tag` parameter of RAM: a JSON array of `{"Key", "Value"}`.

use keystead_api::ApiError;
use serde::Deserialize;

use crate::tags::{MAX_TAGS, Tag, checked};

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "Key", default)]
    key: Option<String>,
    #[serde(rename = "Value", default)]
    value: Option<String>,
}

/// Tags to be set, sorted by key.
///
/// # Errors
/// 400 `InvalidParameter`, `InvalidParameter.TagKey`, `InvalidParameter.TagValue`, `Duplicate.TagKey`.
pub(super) fn to_set(text: Option<&str>) -> Result<Vec<Tag>, ApiError> {
    let tags = read(text)?.into_iter().map(|(key, value)| Tag { key, value: value.unwrap_or_default() });
    checked(tags.collect())
}

/// Tags that a resource must have to be listed.
pub(super) struct Wanted(Vec<(String, Option<String>)>);

impl Wanted {
    /// Reads the parameter.
    ///
    /// # Errors
    /// 400 `InvalidParameter`.
    pub(super) fn read(text: Option<&str>) -> Result<Self, ApiError> {
        read(text).map(Self)
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of them are there; one without a value only with its key.
    pub(super) fn all_in(&self, tags: &[Tag]) -> bool {
        self.0.iter().all(|(key, value)| {
            let matches =
                |tag: &&Tag| tag.key == *key && value.as_ref().is_none_or(|value| tag.value == *value);
            tags.iter().any(|tag| matches(&tag))
        })
    }
}

fn read(text: Option<&str>) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Vec::new()) };
    let invalid = || ApiError::invalid_parameter("Tag");
    let sent: Vec<Sent> = serde_json::from_str(text).map_err(|_| invalid())?;
    if sent.len() > MAX_TAGS {
        return Err(invalid());
    }
    sent.into_iter().map(|tag| Ok((tag.key.ok_or_else(invalid)?, tag.value))).collect()
}
