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
const MAX_TAGS: usize = 20;
/// Characters in a tag's key or value at most.
const MAX_CHARS: usize = 128;

/// Reads the `Tags` parameter: a JSON array of `{"TagKey", "TagValue"}`. The result is sorted by key.
///
/// # Errors
/// 400 `InvalidParameter` for malformed JSON or too many tags, `Duplicate.TagKey`, `InvalidParameter.TagKey`,
/// `InvalidParameter.TagValue`.
pub fn parse(text: &str) -> Result<Vec<Tag>, ApiError> {
    let mut tags: Vec<Tag> = serde_json::from_str(text).map_err(|_| ApiError::invalid_parameter("Tags"))?;
    if tags.len() > MAX_TAGS {
        return Err(ApiError::invalid_parameter("Tags"));
    }
    for tag in &tags {
        let reserved = tag.key.starts_with("aliyun") || tag.key.starts_with("acs:");
        if tag.key.is_empty() || reserved || !valid_text(&tag.key) {
            return Err(ErrorCode::InvalidParameterTagKey.into());
        }
        if !valid_text(&tag.value) {
            return Err(ErrorCode::InvalidParameterTagValue.into());
        }
    }
    tags.sort_by(|a, b| a.key.cmp(&b.key));
    if tags.windows(2).any(|pair| pair[0].key == pair[1].key) {
        return Err(ErrorCode::DuplicateTagKey.into());
    }
    Ok(tags)
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
