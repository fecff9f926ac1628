//! Lists in parameters: JSON texts, as the official SDKs send them.

use keystead_api::ApiError;
use serde::Deserialize;

/// Reads a JSON array of texts, each there once and none empty.
pub(super) fn list(param: &'static str, text: &str, at_most: usize) -> Result<Vec<String>, ApiError> {
    let invalid = || ApiError::invalid_parameter(param);
    distinct(serde_json::from_str(text).map_err(|_| invalid())?, at_most).ok_or_else(invalid)
}

/// The same, or the texts separated by commas.
pub(super) fn list_or_commas(
    param: &'static str,
    text: &str,
    at_most: usize,
) -> Result<Vec<String>, ApiError> {
    match text.trim() {
        "" => Ok(Vec::new()),
        text if text.starts_with('[') => list(param, text, at_most),
        text => {
            let items = text.split(',').map(|item| item.trim().to_owned()).collect();
            distinct(items, at_most).ok_or_else(|| ApiError::invalid_parameter(param))
        }
    }
}

fn distinct(items: Vec<String>, at_most: usize) -> Option<Vec<String>> {
    let twice = |(index, item): (usize, &String)| items[..index].contains(item);
    let valid = items.len() <= at_most
        && items.iter().all(|item| !item.is_empty())
        && !items.iter().enumerate().any(twice);
    valid.then_some(items)
}

/// A JSON array of texts.
pub(super) fn array<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    serde_json::Value::from_iter(items).to_string()
}

/// `AccessControlRules`. What is not known in it could be a restriction, so it is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessControlRules {
    #[serde(rename = "NetworkRules", default)]
    network_rules: Vec<String>,
}

/// Reads the names in `AccessControlRules`; none when it is empty.
pub(super) fn network_rules(text: &str, at_most: usize) -> Result<Vec<String>, ApiError> {
    let invalid = || ApiError::invalid_parameter("AccessControlRules");
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    // Reading it would take an array of the fields too.
    if !text.trim_start().starts_with('{') {
        return Err(invalid());
    }
    let rules: AccessControlRules = serde_json::from_str(text).map_err(|_| invalid())?;
    distinct(rules.network_rules, at_most).ok_or_else(invalid)
}

/// `AccessControlRules` of these names.
pub(super) fn access_control_rules(names: &[String]) -> String {
    serde_json::json!({ "NetworkRules": names }).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lists_as_clients_send_them() {
        assert_eq!(list("P", r#"["a", "b"]"#, 2).unwrap(), ["a", "b"]);
        assert!(list("P", "[]", 2).unwrap().is_empty());
        for bad in ["", "a", "{}", "null", r#"["a","a"]"#, r#"["a","b","c"]"#, r#"[""]"#, "[1]", r#"["a"]x"#]
        {
            assert!(list("P", bad, 2).is_err(), "{bad}");
        }
        assert_eq!(list_or_commas("P", " 10.0.0.1 , 10.0.0.0/8 ", 2).unwrap(), ["10.0.0.1", "10.0.0.0/8"]);
        assert!(list_or_commas("P", "", 2).unwrap().is_empty());
        assert!(list_or_commas("P", "a,,b", 9).is_err());
        assert_eq!(array(["a", "b\""]), r#"["a","b\""]"#);
    }

    #[test]
    fn access_control_rules_with_anything_unknown_are_refused() {
        for empty in ["", " ", "{}", r#"{"NetworkRules":[]}"#] {
            assert!(network_rules(empty, 2).unwrap().is_empty(), "{empty}");
        }
        let text = access_control_rules(&["a".into(), "b".into()]);
        assert_eq!(text, r#"{"NetworkRules":["a","b"]}"#);
        assert_eq!(network_rules(&text, 2).unwrap(), ["a", "b"]);
        for bad in [
            "[]",
            r#"{"NetworkRules":["a"],"Other":1}"#,
            r#"{"networkRules":["a"]}"#,
            r#"{"NetworkRules":["a"],"NetworkRules":[]}"#,
            r#"{"NetworkRules":["a","a"]}"#,
            r#"{"NetworkRules":"a"}"#,
            &access_control_rules(&["a".into(), "b".into(), "c".into()]),
        ] {
            assert!(network_rules(bad, 2).is_err(), "{bad}");
        }
    }
}
