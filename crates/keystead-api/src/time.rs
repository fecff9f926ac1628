use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment in whole seconds since 1970-01-01T00:00:00Z, written `yyyy-MM-ddTHH:mm:ssZ` on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads exactly `yyyy-MM-ddTHH:mm:ssZ`.
    ///
    /// # Errors
    /// For every other spelling, and for dates that do not exist.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let bytes = text.as_bytes();
        let shape = b"dddd-dd-ddTdd:dd:ddZ";
        let fits = bytes.len() == shape.len()
            && bytes.iter().zip(shape).all(|(b, s)| if *s == b'd' { b.is_ascii_digit() } else { b == s });
        if !fits {
            return Err(TimestampError);
        }
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_second())).map_err(|_| TimestampError)
    }

    /// This many seconds later (or earlier).
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Its text, in ASCII.
    pub fn text(self) -> [u8; 20] {
        // Beyond year 9999; no such time is ever stored.
        let Ok(time) = jiff::Timestamp::from_second(self.0) else { return *b"9999-12-31T23:59:59Z" };
        // Digit by digit: nearly every answer has such a time, and a format string takes ten times as long.
        let time = jiff::tz::Offset::UTC.to_datetime(time);
        let two = |number: i8| [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        let mut text = *b"yyyy-MM-ddTHH:mm:ssZ";
        let century = (time.year() / 100) as i8;
        let parts = [century, (time.year() % 100) as i8, time.month(), time.day()];
        let parts = parts.into_iter().chain([time.hour(), time.minute(), time.second()]);
        for (at, part) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(parts) {
            text[at..at + 2].copy_from_slice(&two(part));
        }
        text
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// The text is not of the form `yyyy-MM-ddTHH:mm:ssZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampError;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Timestamp;

    #[test]
    fn there_and_back() {
        let text = "2026-01-02T03:04:05Z";
        assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        for bad in [
            "",
            "2026-01-02T03:04:05",
            "2026-01-02 03:04:05Z",
            "2026-13-02T03:04:05Z",
            "2026-01-02T03:04:05.0Z",
        ] {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
    }
}
