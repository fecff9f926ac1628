//! `Marker` and `MaxItems`: a page goes on behind the name that the one before ended with, whatever was made or deleted
//! meanwhile.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystead_api::{ApiError, Flaw};
use keystead_store::Range;

use super::names::invalid;
use crate::call::Call;
use crate::image::{ImageError, decode};
use crate::records::Stored;

/// Where a page begins and how long it is.
pub(super) struct Page {
    /// The name in lower case behind which it begins; empty for the first page.
    after: String,
    /// Entries at most.
    size: usize,
}

/// Entries of a page when the caller does not say.
const USUAL: i64 = 100;
/// Entries of a page at most. An OIDC provider's list takes at most [`USUAL`].
pub(super) const MOST: i64 = 1000;

/// Records read at once.
const CHUNK: usize = 500;

impl Page {
    /// Reads the two parameters.
    pub(super) fn new(marker: Option<&str>, size: Option<i64>, most: i64) -> Result<Self, ApiError> {
        let size = size.unwrap_or(USUAL);
        if !(1..=most).contains(&size) {
            return Err(invalid("MaxItems", Flaw::Value));
        }
        let after = match marker {
            None | Some("") => String::new(),
            Some(text) => open(text).ok_or_else(|| invalid("Marker", Flaw::Value))?,
        };
        Ok(Self { after, size: usize::try_from(size).unwrap_or(1) })
    }

    /// The name behind which the page begins.
    pub(super) fn after(&self) -> &str {
        &self.after
    }

    /// Entries at most.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// A piece of this page that comes from a list of its own.
    pub(super) fn part(&self, after: &str, size: usize) -> Self {
        Self { after: after.to_owned(), size }
    }

    /// The page of the records that stand under `prefix` and their names, and for which `wanted` holds.
    pub(super) async fn read<T: Stored>(
        &self,
        call: &Call<'_>,
        prefix: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Listed<T>, ApiError> {
        let mut found = Vec::new();
        let mut after = (!self.after.is_empty()).then(|| format!("{prefix}{}", self.after));
        loop {
            let range = Range::prefix(prefix);
            let records = call.engine.store.scan(range, after, CHUNK).await.map_err(ImageError::from)?;
            for record in &records {
                let value = decode::<T>(record)?.value;
                if !wanted(&value) {
                    continue;
                }
                if found.len() == self.size {
                    // There is at least this one more.
                    let last: &(String, T) = &found[self.size - 1];
                    return Ok(Listed { marker: Some(marker(&last.0)), found });
                }
                found.push((record.key[prefix.len()..].to_owned(), value));
            }
            if records.len() < CHUNK {
                return Ok(Listed { marker: None, found });
            }
            after = records.last().map(|record| record.key.clone());
        }
    }
}

/// A page of a list: names in lower case, with what stands under them.
pub(super) struct Listed<T> {
    pub(super) found: Vec<(String, T)>,
    /// Where the next page begins, when there is one.
    pub(super) marker: Option<String>,
}

/// A marker that says: behind this name.
pub(super) fn marker(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

/// The name in a marker. Names are ASCII and have at most 128 characters, with up to two more in front.
fn open(text: &str) -> Option<String> {
    const LONGEST: usize = 130;
    if text.len() > 2 * LONGEST {
        return None;
    }
    let name = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let valid = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && byte != b'/';
    ((1..=LONGEST).contains(&name.len()) && name.bytes().all(valid)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_lead_back_and_others_are_refused() {
        for name in ["a", "alice-1.b_c", "c:some-policy"] {
            assert_eq!(open(&marker(name)).as_deref(), Some(name));
        }
        for bad in ["=", "a", "!!", &marker("A"), &marker("a/b"), &marker("a\0"), &marker(&"x".repeat(131))] {
            assert!(open(bad).is_none(), "{bad}");
        }
        assert!(Page::new(None, Some(0), MOST).is_err());
        assert!(Page::new(None, Some(1001), MOST).is_err());
        assert!(Page::new(Some("="), None, MOST).is_err());
        assert!(Page::new(Some(""), Some(1000), MOST).is_ok());
    }
}
