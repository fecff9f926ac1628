use http::header::ValueIter;
use http::{HeaderMap, HeaderValue};

/// More headers than this are looked up in their map.
const FEW: usize = 32;

/// A request's headers, to be found by name.
///
/// A signature asks for a dozen headers. For few ones, none of them twice, comparing texts takes a third of what their map
/// takes, which checks and hashes the name each time.
pub(crate) struct Headers<'a> {
    map: &'a HeaderMap,
    /// Empty when the map has to be asked.
    few: Vec<(&'a str, &'a HeaderValue)>,
}

impl<'a> Headers<'a> {
    pub(crate) fn new(map: &'a HeaderMap) -> Self {
        let is_few = map.len() <= FEW && map.len() == map.keys_len();
        let few = if is_few {
            map.iter().map(|(name, value)| (name.as_str(), value)).collect()
        } else {
            Vec::new()
        };
        Self { map, few }
    }

    /// The first value under a lower-case name, and the others if there are any.
    pub(crate) fn find(&self, name: &str) -> Option<(&'a HeaderValue, Option<ValueIter<'a, HeaderValue>>)> {
        if self.few.is_empty() {
            let mut values = self.map.get_all(name).iter();
            let first = values.next()?;
            let others = (values.size_hint() != (0, Some(0))).then_some(values);
            return Some((first, others));
        }
        self.few.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value, None))
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderName;

    use super::*;

    fn found(headers: &Headers<'_>, name: &str) -> Option<Vec<String>> {
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let (first, others) = headers.find(name)?;
        let mut all = vec![text(first)];
        all.extend(others.into_iter().flatten().map(text));
        Some(all)
    }

    #[test]
    fn few_and_many_and_repeated_ones_are_found_alike() {
        let mut map = HeaderMap::new();
        let named = |number: usize| HeaderName::from_bytes(format!("x-{number}").as_bytes()).unwrap();
        assert_eq!(found(&Headers::new(&map), "x-0"), None);
        for number in 0..=FEW {
            map.insert(named(number), HeaderValue::from(number));
            let headers = Headers::new(&map);
            assert_eq!(found(&headers, "x-0"), Some(vec!["0".to_owned()]));
            assert_eq!(found(&headers, &format!("x-{number}")), Some(vec![number.to_string()]));
            assert!(!headers.contains("host"));
        }
        map.clear();
        for number in [7, 8, 9] {
            map.append(named(0), HeaderValue::from(number));
        }
        map.append(named(1), HeaderValue::from(1));
        let headers = Headers::new(&map);
        assert_eq!(found(&headers, "x-0"), Some(vec!["7".to_owned(), "8".to_owned(), "9".to_owned()]));
        assert_eq!(found(&headers, "x-1"), Some(vec!["1".to_owned()]));
    }
}
