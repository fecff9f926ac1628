use std::ops::RangeFrom;

/// A stretch of keys: from `start` on, up to but without `end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    start: String,
    end: Option<String>,
}

impl Range {
    /// Every key.
    pub fn all() -> Self {
        Self { start: String::new(), end: None }
    }

    /// The keys that begin with `prefix`. No character has a special meaning.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        let start = prefix.into();
        let end = after_all_with_prefix(&start);
        Self { start, end }
    }

    /// The keys from `start` up to but without `end`. Empty when `end` is not greater than `start`.
    pub fn between(start: impl Into<String>, end: impl Into<String>) -> Self {
        Self { start: start.into(), end: Some(end.into()) }
    }

    /// The first key that can be in it.
    pub fn start(&self) -> &str {
        &self.start
    }

    /// The first key that is beyond it; `None` when there is no bound.
    pub fn end(&self) -> Option<&str> {
        self.end.as_deref()
    }

    /// Whether a key is in it.
    pub fn contains(&self, key: &str) -> bool {
        key >= self.start.as_str() && self.end.as_deref().is_none_or(|end| key < end)
    }
}

impl From<RangeFrom<&str>> for Range {
    fn from(range: RangeFrom<&str>) -> Self {
        Self { start: range.start.to_owned(), end: None }
    }
}

impl From<std::ops::Range<&str>> for Range {
    fn from(range: std::ops::Range<&str>) -> Self {
        Self::between(range.start, range.end)
    }
}

/// The least text that is greater than every text with the prefix; `None` when there is none.
fn after_all_with_prefix(prefix: &str) -> Option<String> {
    let mut rest = prefix.to_owned();
    while let Some(last) = rest.pop() {
        // Texts order as their code points do; ranges of `char` step over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            rest.push(next);
            return Some(rest);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_of_prefixes() {
        assert_eq!(Range::prefix("a/1/key/").end(), Some("a/1/key0"));
        assert_eq!(Range::prefix("\u{d7ff}").end(), Some("\u{e000}"));
        assert_eq!(Range::prefix("a\u{10ffff}").end(), Some("b"));
        assert_eq!(Range::prefix("\u{10ffff}\u{10ffff}").end(), None);
        assert_eq!(Range::prefix(""), Range::all());
    }

    proptest! {
        #[test]
        fn a_prefix_range_is_what_starts_with_it(prefix in "[a%/\u{7f}\u{d7ff}\u{10ffff}]{0,3}",
            key in "[a-c%_/\u{7f}\u{80}\u{d7ff}\u{e000}\u{10ffff}]{0,5}") {
            prop_assert_eq!(Range::prefix(prefix.as_str()).contains(&key), key.starts_with(&prefix));
        }
    }
}
