//! Reading parameters from a request and writing them into one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{ApiError, EncryptionContext, ErrorCode, ParamShape, Placement, SecretText};

/// The decoded parameters of a request: query and form merged, each name at most once.
#[derive(Clone, Copy)]
pub struct Params<'a>(&'a [(Cow<'a, str>, Cow<'a, str>)]);

impl<'a> Params<'a> {
    /// Wraps pairs in which no name stands twice; the gateway checks that.
    pub fn new(pairs: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Self {
        Self(pairs)
    }

    /// The value under `name`; names are compared byte by byte.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_ref())
    }

    /// All pairs named `<name>.<rest>`, with the rest of the name.
    pub fn under(&self, name: &'static str) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.0
            .iter()
            .filter_map(move |(n, value)| Some((n.strip_prefix(name)?.strip_prefix('.')?, value.as_ref())))
    }
}

/// The parameters that a client sends, in the two places where they travel.
#[derive(Default)]
pub struct WireParams {
    /// For the URL's query.
    pub query: Vec<(Cow<'static, str>, SecretText)>,
    /// For the form body.
    pub form: Vec<(Cow<'static, str>, SecretText)>,
}

impl WireParams {
    /// Adds a parameter in its place.
    pub fn push(
        &mut self,
        place: Placement,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<SecretText>,
    ) {
        match place {
            Placement::Query => self.query.push((name.into(), value.into())),
            Placement::Form => self.form.push((name.into(), value.into())),
        }
    }
}

/// A Rust type that a parameter can have.
pub trait ParamType: Sized {
    /// The layout on the wire.
    const SHAPE: ParamShape;
    /// Whether the value must not be shown.
    const SECRET: bool = false;

    /// Reads the parameter.
    ///
    /// # Errors
    /// 400 `InvalidParameter` when it is there and malformed.
    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError>;

    /// Writes the parameter.
    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams);
}

impl ParamType for String {
    const SHAPE: ParamShape = ParamShape::String;

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        Ok(params.get(name).map(str::to_owned))
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        out.push(place, name, self.as_str());
    }
}

impl ParamType for SecretText {
    const SHAPE: ParamShape = ParamShape::String;
    const SECRET: bool = true;

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        Ok(params.get(name).map(SecretText::from))
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        out.push(place, name, self.clone());
    }
}

impl ParamType for i64 {
    const SHAPE: ParamShape = ParamShape::Integer;

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        params.get(name).map(|text| text.parse().map_err(|_| ApiError::invalid_parameter(name))).transpose()
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        out.push(place, name, self.to_string());
    }
}

/// Clients differ in how they write booleans: `true`, `True`, `TRUE`.
impl ParamType for bool {
    const SHAPE: ParamShape = ParamShape::Boolean;

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        match params.get(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(ApiError::invalid_parameter(name)),
        }
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        out.push(place, name, if *self { "true" } else { "false" });
    }
}

/// Current SDKs send one JSON text, older Node SDKs `EncryptionContext.<key>` for each pair. A context that came in a form
/// that is not read would silently not be bound, so both are, and a mix of the two is refused.
impl ParamType for EncryptionContext {
    const SHAPE: ParamShape = ParamShape::JsonMap;

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        let flat: EncryptionContext = params.under(name).collect();
        let invalid = || ApiError::invalid_parameter(name);
        match params.get(name) {
            None if flat.is_empty() => Ok(None),
            None if flat.canonical_text().len() <= Self::MAX_CHARS => Ok(Some(flat)),
            Some(text) if flat.is_empty() => Self::parse(text).map(Some).map_err(|_| invalid()),
            _ => Err(invalid()),
        }
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        out.push(place, name, self.to_json());
    }
}

/// A JSON object sent as text, such as `ExtendedConfig`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonObject(pub serde_json::Map<String, Value>);

impl From<serde_json::Map<String, Value>> for JsonObject {
    fn from(object: serde_json::Map<String, Value>) -> Self {
        Self(object)
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for JsonObject {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl ParamType for JsonObject {
    const SHAPE: ParamShape = ParamShape::JsonMap;

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        params
            .get(name)
            .map(|text| {
                serde_json::from_str(text).map(JsonObject).map_err(|_| ApiError::invalid_parameter(name))
            })
            .transpose()
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        out.push(place, name, Value::Object(self.0.clone()).to_string());
    }
}

/// A JSON array of objects sent as text, such as `SecretsList`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonList<T>(pub Vec<T>);

impl<T: FlatItem + Serialize + DeserializeOwned> ParamType for JsonList<T> {
    const SHAPE: ParamShape = ParamShape::JsonList(T::FIELDS);

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        params
            .get(name)
            .map(|text| {
                serde_json::from_str(text).map(JsonList).map_err(|_| ApiError::invalid_parameter(name))
            })
            .transpose()
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        // Items are plain text fields, which always serialise.
        out.push(place, name, serde_json::to_string(&self.0).unwrap_or_default());
    }
}

/// An object whose fields are all text: the items of flat and of JSON lists.
pub trait FlatItem: Sized {
    /// Names of its fields.
    const FIELDS: &'static [&'static str];

    /// Builds it from the fields that were sent.
    fn from_fields(get: impl Fn(&str) -> Option<String>) -> Self;

    /// Hands out the fields that are set.
    fn fields(&self) -> Vec<(&'static str, String)>;
}

/// Declares an object whose fields are all optional text.
#[macro_export]
#[doc(hidden)]
macro_rules! flat_item {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $field_doc:literal])* $wire:literal $field:ident),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        pub struct $name {
            $(
                $(#[doc = $field_doc])*
                #[serde(rename = $wire, default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<String>,
            )*
        }

        impl $crate::FlatItem for $name {
            const FIELDS: &'static [&'static str] = &[$($wire),*];

            fn from_fields(get: impl Fn(&str) -> Option<String>) -> Self {
                Self { $($field: get($wire)),* }
            }

            fn fields(&self) -> Vec<(&'static str, String)> {
                let mut fields = Vec::new();
                $(if let Some(value) = &self.$field { fields.push(($wire, value.clone())); })*
                fields
            }
        }
    };
}

/// The largest index of a flat list that is looked at; the longest documented list has 50 items.
const MAX_LIST: usize = 1000;

/// `Name.1`, `Name.2`, …: indices start at 1 and have no gaps.
impl ParamType for Vec<String> {
    const SHAPE: ParamShape = ParamShape::List;

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        let mut items = Vec::new();
        while items.len() < MAX_LIST {
            let Some(value) = params.get(&format!("{name}.{}", items.len() + 1)) else { break };
            items.push(value.to_owned());
        }
        Ok((!items.is_empty()).then_some(items))
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        for (index, item) in self.iter().enumerate() {
            out.push(place, format!("{name}.{}", index + 1), item.as_str());
        }
    }
}

/// `Name.1.Field`, …: indices start at 1 and have no gaps.
impl<T: FlatItem> ParamType for Vec<T> {
    const SHAPE: ParamShape = ParamShape::ObjectList(T::FIELDS);

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        let mut items = Vec::new();
        while items.len() < MAX_LIST {
            let head = format!("{name}.{}.", items.len() + 1);
            let item = T::from_fields(|field| params.get(&format!("{head}{field}")).map(str::to_owned));
            if item.fields().is_empty() {
                break;
            }
            items.push(item);
        }
        Ok((!items.is_empty()).then_some(items))
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        for (index, item) in self.iter().enumerate() {
            for (field, value) in item.fields() {
                out.push(place, format!("{name}.{}.{field}", index + 1), value);
            }
        }
    }
}

/// `UpdateSecret`'s `ExtendedConfig`, the one parameter that is flattened with dots.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExtendedConfigPatch {
    /// The custom data that replaces the present one.
    pub custom_data: serde_json::Map<String, Value>,
}

/// Current SDKs send `ExtendedConfig.CustomData.<key>`, the legacy SDK one JSON text `ExtendedConfig.CustomData`.
impl ParamType for ExtendedConfigPatch {
    const SHAPE: ParamShape = ParamShape::FlatObject(&["CustomData"]);

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        if let Some(text) = params.get(&format!("{name}.CustomData")) {
            let custom_data = serde_json::from_str(text).map_err(|_| ApiError::invalid_parameter(name))?;
            return Ok(Some(Self { custom_data }));
        }
        let prefix = format!("{name}.CustomData.");
        let custom_data: serde_json::Map<_, _> = params
            .0
            .iter()
            .filter_map(|(n, v)| Some((n.strip_prefix(&prefix)?.to_owned(), Value::from(v.as_ref()))))
            .collect();
        Ok((!custom_data.is_empty()).then_some(Self { custom_data }))
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        for (key, value) in &self.custom_data {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            out.push(place, format!("{name}.CustomData.{key}"), text);
        }
    }
}

/// Reads a parameter that must be there.
///
/// # Errors
/// 400 `Missing<Parameter>` when it is absent, 400 `InvalidParameter` when it is malformed.
pub(crate) fn required<T: ParamType>(params: Params<'_>, name: &'static str) -> Result<T, ApiError> {
    T::read(params, name)?.ok_or_else(|| ApiError::new(ErrorCode::Missing(name)))
}
