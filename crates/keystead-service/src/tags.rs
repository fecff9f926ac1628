use keystead_api::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};

/// A tag of a key or secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key, unique on the resource.
    #[serde(rename = "TagKey")]
    pub key: String,
    /// Its value; may be empty.
    #[serde(rename = "TagValue", default)]
    pub value: String,
}

/// Tags on one resource at most (KMS resource quotas).
pub const MAX_TAGS: usize = 20;
/// Characters in a tag's key or value at most.
const MAX_CHARS: usize = 128;

/// Reads the `Tags` parameter: a JSON array of `{"TagKey", "TagValue"}`. The result is sorted by key.
///
/// # Errors
/// 400 `InvalidParameter` for malformed JSON or too many tags; else as [`checked`].
pub fn parse(text: &str) -> Result<Vec<Tag>, ApiError> {
    let tags: Vec<Tag> = serde_json::from_str(text).map_err(|_| ApiError::invalid_parameter("Tags"))?;
    if tags.len() > MAX_TAGS {
        return Err(ApiError::invalid_parameter("Tags"));
    }
    checked(tags)
}

/// Lets tags through that may be set. The result is sorted by key.
///
/// # Errors
/// 400 `InvalidParameter.TagKey`, `InvalidParameter.TagValue`, `Duplicate.TagKey`.
pub fn checked(mut tags: Vec<Tag>) -> Result<Vec<Tag>, ApiError> {
    for tag in &tags {
        if tag.key.starts_with("aliyun") || tag.key.starts_with("acs:") {
            return Err(ErrorCode::InvalidParameterTagKey.into());
        }
        check_key(&tag.key)?;
        check_value(&tag.value)?;
    }
    tags.sort_by(|a, b| a.key.cmp(&b.key));
    if tags.windows(2).any(|pair| pair[0].key == pair[1].key) {
        return Err(ErrorCode::DuplicateTagKey.into());
    }
    Ok(tags)
}

/// Lets a key through that a tag can have.
///
/// # Errors
/// 400 `InvalidParameter.TagKey`.
pub fn check_key(key: &str) -> Result<(), ApiError> {
    if key.is_empty() || !valid_text(key) { Err(ErrorCode::InvalidParameterTagKey.into()) } else { Ok(()) }
}

/// Lets a value through that a tag can have.
///
/// # Errors
/// 400 `InvalidParameter.TagValue`.
pub fn check_value(value: &str) -> Result<(), ApiError> {
    if valid_text(value) { Ok(()) } else { Err(ErrorCode::InvalidParameterTagValue.into()) }
}

/// Reads the `TagKeys` parameter: a JSON array of texts, or the texts with commas between, which no key contains.
///
/// # Errors
/// 400 `InvalidParameter` for malformed JSON or too many keys, `InvalidParameter.TagKey`.
pub fn parse_keys(text: &str) -> Result<Vec<String>, ApiError> {
    let invalid = || ApiError::invalid_parameter("TagKeys");
    let keys: Vec<String> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|_| invalid())?
    } else {
        text.split(',').map(str::to_owned).collect()
    };
    if keys.is_empty() || keys.len() > MAX_TAGS {
        return Err(invalid());
    }
    keys.iter().try_for_each(|key| check_key(key))?;
    Ok(keys)
}

/// Sets tags that were checked; one that is there gets the new value. Says whether anything changed.
///
/// # Errors
/// 400 `Rejected.LimitExceeded` when there would be more than 20.
pub fn set(tags: &mut Vec<Tag>, new: &[Tag]) -> Result<bool, ApiError> {
    let mut changed = false;
    for tag in new {
        match tags.binary_search_by(|old| old.key.cmp(&tag.key)) {
            Ok(at) if tags[at].value == tag.value => continue,
            Ok(at) => tags[at].value.clone_from(&tag.value),
            Err(at) => tags.insert(at, tag.clone()),
        }
        changed = true;
    }
    if tags.len() > MAX_TAGS { Err(ErrorCode::RejectedLimitExceeded.into()) } else { Ok(changed) }
}

/// Removes the tags with these keys. Says whether anything changed.
pub fn remove(tags: &mut Vec<Tag>, keys: &[String]) -> bool {
    let before = tags.len();
    tags.retain(|tag| !keys.contains(&tag.key));
    tags.len() != before
}

/// Letters of any script, digits, and `/ \ _ - . + = : @` and space (KMS API reference, TagResource).
fn valid_text(text: &str) -> bool {
    text.chars().count() <= MAX_CHARS
        && text.chars().all(|c| c.is_alphanumeric() || "/\\_-.+=:@ ".contains(c))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::parse;

    #[test]
    fn rules() {
        assert_eq!(parse("[]").unwrap(), []);
        assert_eq!(parse(r#"[{"TagKey":"b","TagValue":"2"},{"TagKey":"a"}]"#).unwrap()[0].key, "a");
        let code = |text: &str| parse(text).unwrap_err().code().name().into_owned();
        assert_eq!(code("{}"), "InvalidParameter");
        assert_eq!(code(r#"[{"TagKey":"a"},{"TagKey":"a"}]"#), "Duplicate.TagKey");
        assert_eq!(code(r#"[{"TagKey":"aliyun-x"}]"#), "InvalidParameter.TagKey");
        assert_eq!(code(r#"[{"TagKey":""}]"#), "InvalidParameter.TagKey");
        assert_eq!(code(r#"[{"TagKey":"a","TagValue":"<"}]"#), "InvalidParameter.TagValue");
        let many: Vec<_> = (0..21).map(|i| format!(r#"{{"TagKey":"k{i}"}}"#)).collect();
        assert_eq!(code(&format!("[{}]", many.join(","))), "InvalidParameter");
    }
}
