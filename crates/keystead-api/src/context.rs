use std::collections::BTreeMap;

/// The encryption context: text pairs that are bound to a ciphertext and must be given again to decrypt it.
///
/// It is authenticated, not encrypted, and not stored in the ciphertext. Order and JSON white space do not matter.
/// At most 8,192 characters of JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// The longest JSON text that is read, in characters (KMS API reference, `EncryptionContext`).
    pub const MAX_CHARS: usize = 8192;

    /// An empty context, which is the same as none.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pair; a key that is there already gets the new value.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(key.into(), value.into());
        self
    }

    /// Reads the wire form: a flat JSON object of strings.
    ///
    /// # Errors
    /// When the text is too long, no JSON object, or a value is not a string.
    pub fn parse(text: &str) -> Result<Self, InvalidContext> {
        if text.len() > Self::MAX_CHARS && text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidContext);
        }
        serde_json::from_str(text).map(Self).map_err(|_| InvalidContext)
    }

    /// The wire form: compact JSON, keys sorted.
    pub fn to_json(&self) -> String {
        // A map of strings always serialises.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text that official clients hash into the associated data: keys sorted, `k=v` joined with `&`, nothing escaped.
    ///
    /// Two different contexts can give one text (`{"a":"b&c=d"}` and `{"a":"b","c":"d"}`); this is kept for
    /// compatibility and named in the threat model.
    pub fn canonical_text(&self) -> String {
        let mut text = String::with_capacity(self.0.iter().map(|(k, v)| k.len() + v.len() + 2).sum());
        for (key, value) in &self.0 {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(key);
            text.push('=');
            text.push_str(value);
        }
        text
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for EncryptionContext {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

/// The text is no flat JSON object of strings, or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidContext;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::EncryptionContext;

    #[test]
    fn canonical_text_is_sorted_and_unescaped() {
        let context = EncryptionContext::parse(r#" { "b" : "2&x=y", "a" : "1" } "#).unwrap();
        assert_eq!(context.canonical_text(), "a=1&b=2&x=y");
        assert_eq!(context.to_json(), r#"{"a":"1","b":"2&x=y"}"#);
    }

    #[test]
    fn only_flat_string_objects() {
        for bad in ["", "[]", "1", r#"{"a":1}"#, r#"{"a":{"b":"c"}}"#, r#"{"a":null}"#, "{", "nul"] {
            assert!(EncryptionContext::parse(bad).is_err(), "{bad}");
        }
        assert!(EncryptionContext::parse("{}").unwrap().is_empty());
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(EncryptionContext::MAX_CHARS));
        assert!(EncryptionContext::parse(&long).is_err());
    }
}
