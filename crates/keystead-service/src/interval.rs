//! Intervals between rotations, as keys and secrets are given them.

use std::ops::RangeInclusive;

use keystead_api::ApiError;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// Reads the parameter `RotationInterval`: a whole number with its unit `d`, `h`, `m` or `s`. The result is in seconds.
///
/// # Errors
/// 400 `InvalidParameter` for anything else, and for what is not allowed.
pub(crate) fn parse(text: &str, allowed: RangeInclusive<i64>) -> Result<i64, ApiError> {
    let seconds = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let unit = match unit {
            "d" => DAY,
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
        .filter(|seconds| allowed.contains(seconds))
        .ok_or_else(|| ApiError::invalid_parameter("RotationInterval"))
}

/// As answers show it.
pub(crate) fn text(seconds: i64) -> String {
    format!("{seconds}s")
}
