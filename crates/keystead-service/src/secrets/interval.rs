use keystead_api::ApiError;

/// Seconds between rotations that are allowed: 6 hours to 365 days (KMS API reference, CreateSecret).
const ALLOWED: std::ops::RangeInclusive<i64> = 6 * 3600..=365 * 86_400;

/// Reads a rotation interval: a whole number with its unit `d`, `h`, `m` or `s`.
///
/// # Errors
/// 400 `InvalidParameter` for anything else, and outside 6 hours to 365 days.
pub(crate) fn parse(text: &str) -> Result<i64, ApiError> {
    let seconds = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let unit = match unit {
            "d" => 86_400,
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        // A sign would be read as part of the number.
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse::<i64>().ok().filter(|_| digits)?.checked_mul(unit)
    };
    seconds()
        .filter(|seconds| ALLOWED.contains(seconds))
        .ok_or_else(|| ApiError::invalid_parameter("RotationInterval"))
}

/// As answers show it.
pub(crate) fn text(seconds: i64) -> String {
    format!("{seconds}s")
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
