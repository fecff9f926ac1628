//! How old a value may be: as the value itself says, else as it is set for the secret, else as it is set for all.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::id::SecretId;
use crate::value::SecretValue;

/// The least age: more often, nobody is to be asked.
const MIN: Duration = Duration::from_secs(1);
/// The greatest of all times: longer ones might not fit into an instant.
const MAX: Duration = Duration::from_secs(10 * 365 * 86_400);

/// A time that is kept to, from a setting.
pub(crate) fn bounded(age: Duration) -> Duration {
    age.clamp(MIN, MAX)
}

/// The same without a least one.
pub(crate) fn at_most(time: Duration) -> Duration {
    time.min(MAX)
}

/// The ages as they are set.
pub(crate) struct Ages {
    pub(crate) usual: Duration,
    /// For secrets by their names.
    pub(crate) own: HashMap<String, Duration>,
    /// The member of a JSON value that says its age; none when empty.
    pub(crate) property: Box<str>,
}

impl Ages {
    /// The age of a value.
    pub(crate) fn of_value(&self, id: &SecretId, value: &SecretValue) -> Duration {
        self.said(value).unwrap_or_else(|| self.of(id))
    }

    /// The age of a secret whose value is not at hand.
    pub(crate) fn of(&self, id: &SecretId) -> Duration {
        self.own.get(id.name()).copied().unwrap_or(self.usual)
    }

    /// What the value itself says: a positive number of milliseconds.
    fn said(&self, value: &SecretValue) -> Option<Duration> {
        let text = value.text().ok().filter(|_| !self.property.is_empty())?;
        if !text.trim_ascii_start().starts_with('{') {
            return None;
        }
        // Only this member is read, so that no copy of the others comes into being.
        let mut json = serde_json::Deserializer::from_str(text);
        let said = (&mut json).deserialize_map(Member(&self.property)).ok()?;
        json.end().ok()?;
        said.map(bounded)
    }
}

/// Finds a member; the last one of the name, as JSON readers do.
struct Member<'a>(&'a str);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<Duration>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = None;
        while let Some(is_it) = map.next_key_seed(Name(self.0))? {
            if is_it {
                found = map.next_value_seed(Milliseconds)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Whether a member has the name.
struct Name<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        struct Read<'a>(&'a str);
        impl Visitor<'_> for Read<'_> {
            type Value = bool;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<bool, E> {
                Ok(name == self.0)
            }
        }
        deserializer.deserialize_str(Read(self.0))
    }
}

/// A number of milliseconds; `None` for anything else.
struct Milliseconds;

impl<'de> DeserializeSeed<'de> for Milliseconds {
    type Value = Option<Duration>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Milliseconds {
    type Value = Option<Duration>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok((number > 0).then(|| Duration::from_millis(number)))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
        // As an integer: what is below one is none, and what is beyond all of them is the greatest.
        self.visit_u64(number as u64)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<S: serde::de::SeqAccess<'de>>(self, mut items: S) -> Result<Self::Value, S::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_the_value_goes_before_what_is_set() {
        let own = HashMap::from([("own".to_owned(), Duration::from_secs(60))]);
        let ages = |property: &str| Ages {
            usual: Duration::from_secs(3600),
            own: own.clone(),
            property: property.into(),
        };
        let age = |property: &str, name: &str, text: &str| {
            let value = SecretValue::builder(name).text(text);
            ages(property).of_value(&SecretId::stage(name, crate::CURRENT), &value).as_secs()
        };
        for (text, usual, own) in [
            (r#"{"ttl":5000}"#, 5, 5),
            (r#" {"a":{"ttl":1},"b":["\u0041"],"ttl":7000.9} "#, 7, 7),
            (r#"{"ttl":5000,"ttl":6000}"#, 6, 6),
            (r#"{"t\u0074l":5000}"#, 5, 5),
            (r#"{"ttl":1}"#, 1, 1),
            (r#"{"ttl":1e300}"#, 315_360_000, 315_360_000),
            // Not what the official clients read either.
            (r#"{"ttl":"5000"}"#, 3600, 60),
            (r#"{"ttl":0}"#, 3600, 60),
            (r#"{"ttl":-5}"#, 3600, 60),
            (r#"{"ttl":null}"#, 3600, 60),
            (r#"{"ttl":[5000,{}]}"#, 3600, 60),
            (r#"{"ttl":{"a":5000}}"#, 3600, 60),
            (r#"{"TTL":5000}"#, 3600, 60),
            (r#"{"ttl":5000"#, 3600, 60),
            (r#"{"ttl":5000} x"#, 3600, 60),
            (r#"["ttl",5000]"#, 3600, 60),
            ("ttl", 3600, 60),
        ] {
            assert_eq!((age("ttl", "other", text), age("ttl", "own", text)), (usual, own), "{text}");
        }
        assert_eq!(age("", "other", r#"{"ttl":5000,"":6000}"#), 3600);
        assert_eq!(age("age", "other", r#"{"ttl":5000,"age":6000}"#), 6);
        let bytes = SecretValue::builder("b").bytes(*br#"{"ttl":5000}"#);
        assert_eq!(ages("ttl").of_value(&SecretId::stage("b", crate::CURRENT), &bytes).as_secs(), 3600);
    }
}
