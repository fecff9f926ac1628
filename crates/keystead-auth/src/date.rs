//! The one date form of the protocol: `YYYY-MM-DDTHH:MM:SSZ`, UTC, no fraction.

use crate::error::AuthError;

/// Reads `YYYY-MM-DDTHH:MM:SSZ` as Unix seconds.
///
/// # Errors
/// [`AuthError::DateFormat`] for any other form, a day that does not exist, hour 24 or second 60.
pub fn parse_date(text: &str) -> Result<i64, AuthError> {
    let b: &[u8; 20] = text.as_bytes().try_into().map_err(|_| AuthError::DateFormat)?;
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if separators.iter().any(|&(at, c)| b[at] != c) {
        return Err(AuthError::DateFormat);
    }
    let year = number(&b[0..4])?;
    let month = number(&b[5..7])?;
    let day = number(&b[8..10])?;
    let (hour, minute, second) = (number(&b[11..13])?, number(&b[14..16])?, number(&b[17..19])?);
    let valid = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !valid {
        return Err(AuthError::DateFormat);
    }
    Ok(days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Writes Unix seconds as `YYYY-MM-DDTHH:MM:SSZ`. `None` outside the years 0 to 9999.
#[must_use]
pub fn format_date(unix_seconds: i64) -> Option<String> {
    let (days, rest) = (unix_seconds.div_euclid(86_400), unix_seconds.rem_euclid(86_400));
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    let z = days.checked_add(719_468)?;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(0..=9_999).contains(&year) {
        return None;
    }
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    // Digit by digit: every request has a date, and formatting takes many times as long.
    let mut text = *b"yyyy-MM-ddTHH:mm:ssZ";
    let parts = [year / 100, year % 100, month, day, hour, minute, second];
    for (at, part) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(parts) {
        let part = u8::try_from(part).ok()?;
        text[at..at + 2].copy_from_slice(&[b'0' + part / 10, b'0' + part % 10]);
    }
    std::str::from_utf8(&text).ok().map(str::to_owned)
}

fn number(digits: &[u8]) -> Result<i64, AuthError> {
    digits.iter().try_fold(0, |value, &digit| match digit {
        b'0'..=b'9' => Ok(value * 10 + i64::from(digit - b'0')),
        _ => Err(AuthError::DateFormat),
    })
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (Hinnant, `days_from_civil`).
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn known_dates() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2026-01-02T03:04:05Z", 1_767_323_045),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(parse_date(text).unwrap(), seconds, "{text}");
            assert_eq!(format_date(seconds).unwrap(), text);
        }
        assert_eq!(format_date(253_402_300_800), None);
        assert_eq!(format_date(i64::MAX), None);
        assert_eq!(format_date(i64::MIN), None);
    }

    #[test]
    fn every_other_form_is_refused() {
        for text in [
            "",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05z",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05.0Z",
            "2026-01-02T03:04:05+00:00",
            " 2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05Z ",
            "2026-13-02T03:04:05Z",
            "2026-00-02T03:04:05Z",
            "2026-02-29T03:04:05Z",
            "1900-02-29T03:04:05Z",
            "2026-04-31T03:04:05Z",
            "2026-01-00T03:04:05Z",
            "2026-01-02T24:00:00Z",
            "2026-01-02T03:60:05Z",
            "2026-01-02T03:04:60Z",
            "+026-01-02T03:04:05Z",
            "2026-01-02T03:04:5\u{e9}",
            "20260102T030405Z",
        ] {
            assert!(matches!(parse_date(text), Err(AuthError::DateFormat)), "{text}");
        }
    }
}
