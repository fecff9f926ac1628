use std::ops::RangeInclusive;

use keystead_api::ApiError;

use crate::interval::{self, DAY};

pub(crate) use crate::interval::text;

/// Seconds between rotations that are allowed: 6 hours to 365 days (KMS API reference, CreateSecret).
const ALLOWED: RangeInclusive<i64> = 6 * 3600..=365 * DAY;

/// Reads a secret's rotation interval.
///
/// # Errors
/// 400 `InvalidParameter`.
pub(crate) fn parse(text: &str) -> Result<i64, ApiError> {
    interval::parse(text, ALLOWED)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn intervals() {
        for (text, seconds) in
            [("6h", 21_600), ("360m", 21_600), ("21600s", 21_600), ("7d", 604_800), ("365d", 31_536_000)]
        {
            assert_eq!(parse(text).ok(), Some(seconds), "{text}");
        }
        for bad in [
            "",
            "d",
            "7",
            "7D",
            "5h",
            "366d",
            "-7d",
            "+7d",
            "7 d",
            "7.5d",
            "7dd",
            "9223372036854775807d",
            "\u{e9}",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
