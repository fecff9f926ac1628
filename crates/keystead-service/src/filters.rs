use keystead_api::ApiError;
use serde::Deserialize;

/// The `Filters` parameter: a JSON array of `{"Key", "Values"}`, as ListKeys and ListSecrets take it.
///
/// Different keys must all match; of one key's values any may. The same key given twice adds its values.
#[derive(Clone, Debug, Default)]
pub struct Filters(Vec<Filter>);

#[derive(Clone, Debug, Deserialize)]
struct Filter {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Values")]
    values: Vec<String>,
}

/// Pairs in a filter, and values in a pair, at most (KMS API reference, ListKeys).
const MAX: usize = 10;

impl Filters {
    /// Reads the parameter; keys that are not in `known` are refused.
    ///
    /// # Errors
    /// 400 `InvalidParameter` for malformed JSON, too many pairs or values, or an unknown key.
    pub fn parse(text: Option<&str>, known: &[&str]) -> Result<Self, ApiError> {
        let invalid = || ApiError::invalid_parameter("Filters");
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Self::default()) };
        let pairs: Vec<Filter> = serde_json::from_str(text).map_err(|_| invalid())?;
        if pairs.len() > MAX {
            return Err(invalid());
        }
        let mut merged: Vec<Filter> = Vec::new();
        for pair in pairs {
            if pair.values.is_empty() || pair.values.len() > MAX || !known.contains(&pair.key.as_str()) {
                return Err(invalid());
            }
            match merged.iter_mut().find(|filter| filter.key == pair.key) {
                Some(filter) => filter.values.extend(pair.values),
                None => merged.push(pair),
            }
        }
        Ok(Self(merged))
    }

    /// Whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every filter has a value for which `matches(key, value)` holds.
    pub fn all(&self, matches: impl Fn(&str, &str) -> bool) -> bool {
        self.0.iter().all(|filter| filter.values.iter().any(|value| matches(&filter.key, value)))
    }

    /// The values given for a key.
    pub fn values(&self, key: &str) -> Option<&[String]> {
        self.0.iter().find(|filter| filter.key == key).map(|filter| filter.values.as_slice())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Filters;

    #[test]
    fn and_between_keys_or_within() {
        let text =
            r#"[{"Key":"A","Values":["1","2"]},{"Key":"B","Values":["x"]},{"Key":"A","Values":["3"]}]"#;
        let filters = Filters::parse(Some(text), &["A", "B"]).unwrap();
        let matches = |a: &'static str, b: &'static str| {
            filters.all(move |key, value| value == if key == "A" { a } else { b })
        };
        assert!(matches("1", "x") && matches("3", "x"));
        assert!(!matches("4", "x") && !matches("1", "y"));
        assert!(Filters::parse(None, &[]).unwrap().is_empty());
        for bad in
            ["{}", r#"[{"Key":"C","Values":["1"]}]"#, r#"[{"Key":"A","Values":[]}]"#, r#"[{"Key":"A"}]"#]
        {
            assert!(Filters::parse(Some(bad), &["A"]).is_err(), "{bad}");
        }
    }
}
