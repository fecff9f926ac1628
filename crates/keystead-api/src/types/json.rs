use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::text::wire_text;

/// A JSON value that travels as text. Made from a value, it is written in its shortest form; made from text, it takes the text
/// for the JSON that it is.
pub struct JsonText<T>(Cow<'static, str>, PhantomData<fn() -> T>);

/// A policy: an object with `Version` and `Statement`.
pub type PolicyDocument = JsonText<Value>;

impl<T> JsonText<T> {
    /// The value.
    ///
    /// # Errors
    /// When the text is no JSON, or JSON of another form.
    pub fn value(&self) -> Result<T, NotJson>
    where
        T: DeserializeOwned,
    {
        // The parser's own error could quote the text.
        serde_json::from_str(self.as_str()).map_err(|_| NotJson)
    }

    /// The text of a value; that of plain data, which always serialises.
    fn of(value: &(impl Serialize + ?Sized)) -> Self {
        serde_json::to_string(value).unwrap_or_default().into()
    }

    fn read(text: Cow<'_, str>) -> Self {
        Self(Cow::Owned(text.into_owned()), PhantomData)
    }
}

impl<T> Clone for JsonText<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> Default for JsonText<T> {
    /// The empty text, which is no JSON: an answer's field that was not sent.
    fn default() -> Self {
        Self(Cow::Borrowed(""), PhantomData)
    }
}

wire_text!(JsonText<T>);

impl From<Value> for JsonText<Value> {
    fn from(value: Value) -> Self {
        Self::of(&value)
    }
}

impl<T: Serialize> From<Vec<T>> for JsonText<Vec<T>> {
    fn from(items: Vec<T>) -> Self {
        Self::of(&items)
    }
}

impl<T: Serialize> From<&[T]> for JsonText<Vec<T>> {
    fn from(items: &[T]) -> Self {
        Self::of(items)
    }
}

impl<T: Serialize, const N: usize> From<[T; N]> for JsonText<Vec<T>> {
    fn from(items: [T; N]) -> Self {
        Self::of(&items[..])
    }
}

impl<const N: usize> From<[&str; N]> for JsonText<Vec<String>> {
    fn from(items: [&str; N]) -> Self {
        Self::of(&items[..])
    }
}

impl From<NetworkRuleNames> for JsonText<NetworkRuleNames> {
    fn from(names: NetworkRuleNames) -> Self {
        Self::of(&names)
    }
}

/// A tag of a key or a secret, as `Tags` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key, at most 128 characters.
    #[serde(rename = "TagKey")]
    pub key: String,
    /// Its value, at most 128 characters.
    #[serde(rename = "TagValue", default)]
    pub value: String,
}

impl Tag {
    /// A tag.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// A condition of a list, `Filters`: the property is one of the values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    /// The property, such as `KeyState`.
    pub key: String,
    /// The values that it may have, at most 10.
    pub values: Vec<String>,
}

impl Filter {
    /// A condition.
    pub fn new<V: Into<String>>(key: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self { key: key.into(), values: values.into_iter().map(Into::into).collect() }
    }
}

/// The network rules to which a policy of an access point binds calls, `AccessControlRules`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkRuleNames {
    /// Names of the rules.
    pub network_rules: Vec<String>,
}

impl NetworkRuleNames {
    /// These rules.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self { network_rules: names.into_iter().map(Into::into).collect() }
    }
}

/// A VPC from which an instance is reached, `BindVpcs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcBinding {
    /// Id of the VPC.
    pub vpc_id: String,
    /// Id of a vSwitch in it.
    pub v_switch_id: String,
    /// Region of the VPC.
    pub region_id: String,
    /// Account that owns the VPC.
    pub vpc_owner_id: String,
}

/// The text is no JSON, or of another form than is expected here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson;

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not the JSON that is expected here")
    }
}

impl std::error::Error for NotJson {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Filter, JsonText, NetworkRuleNames, NotJson, PolicyDocument, Tag, VpcBinding};
    use crate::types::VersionStage;

    #[test]
    fn values_are_written_and_texts_are_taken_as_they_are() {
        let tags = JsonText::from([Tag::new("a", "b")]);
        assert_eq!(tags, r#"[{"TagKey":"a","TagValue":"b"}]"#);
        assert_eq!(tags.value().unwrap(), [Tag::new("a", "b")]);
        assert_eq!(JsonText::<Vec<String>>::from(["a"]), r#"["a"]"#);
        assert_eq!(JsonText::from(vec![VersionStage::ACS_CURRENT]), r#"["ACSCurrent"]"#);
        assert_eq!(JsonText::from([Filter::new("K", ["v"])]), r#"[{"Key":"K","Values":["v"]}]"#);
        assert_eq!(JsonText::from(NetworkRuleNames::new(["n"])), r#"{"NetworkRules":["n"]}"#);
        let vpc = VpcBinding { vpc_id: "a".into(), v_switch_id: "b".into(), ..VpcBinding::default() };
        assert_eq!(JsonText::from([vpc]), r#"[{"VpcId":"a","VSwitchId":"b","RegionId":"","VpcOwnerId":""}]"#);
        let policy = PolicyDocument::from(r#"{ "Version": "1" }"#);
        assert_eq!(
            (policy.as_str(), &policy.value().unwrap()["Version"]),
            (r#"{ "Version": "1" }"#, &"1".into())
        );
        assert_eq!(JsonText::<Vec<Tag>>::from("{").value(), Err(NotJson));
    }
}
