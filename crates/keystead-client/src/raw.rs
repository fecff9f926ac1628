//! An answer whose fields are looked up by name.

use std::fmt;

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

/// An answer as JSON. It may hold secrets: `Debug` shows none of it, and its texts are wiped when it is dropped.
pub struct RawAnswer(Value);

impl RawAnswer {
    /// Reads an answer; `None` if it is no JSON object.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        // Taken into its wiping type before it is looked at.
        let answer = Self(serde_json::from_slice(body).ok()?);
        answer.0.is_object().then_some(answer)
    }

    /// The whole answer. Copies made of it are the caller's to wipe.
    pub fn expose(&self) -> &Value {
        &self.0
    }

    /// The field at a path such as `CiphertextBlob`, `KeyMetadata.KeyId` or `Keys.Key.0.KeyId`.
    pub fn field(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(&self.0, |value, step| match value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            object => object.get(step),
        })
    }

    /// The request's id; empty if the answer has none.
    pub fn request_id(&self) -> &str {
        self.0.get("RequestId").and_then(Value::as_str).unwrap_or_default()
    }

    /// The answer as indented JSON.
    pub fn to_json(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{:#}", self.0))
    }
}

impl Drop for RawAnswer {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawAnswer").field("request_id", &self.request_id()).finish_non_exhaustive()
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::RawAnswer;

    #[test]
    fn fields_by_path() {
        let answer =
            RawAnswer::read(br#"{"RequestId":"r","Keys":{"Key":[{"KeyId":"a"},{"KeyId":"b"}]},"N":1}"#)
                .unwrap();
        assert_eq!(answer.field("Keys.Key.1.KeyId").unwrap(), "b");
        assert_eq!(answer.field("N").unwrap(), 1);
        for none in ["", "Keys.Key.2", "Keys.Key.x", "N.x", "keys"] {
            assert!(answer.field(none).is_none(), "{none}");
        }
        assert_eq!(answer.request_id(), "r");
    }

    #[test]
    fn only_objects_and_no_debug() {
        for bad in ["", "[]", "1", "{", "<html>"] {
            assert!(RawAnswer::read(bad.as_bytes()).is_none(), "{bad}");
        }
        let answer = RawAnswer::read(br#"{"Plaintext":"hush"}"#).unwrap();
        assert!(!format!("{answer:?}").contains("hush"));
    }
}
