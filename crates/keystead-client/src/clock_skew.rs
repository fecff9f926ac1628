//! How far the machine's clock is off the service's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, header};

use crate::error::Error;

/// Codes by which a service says that a request's date is too far from its own.
const CODES: [&str; 2] = ["InvalidTimeStamp.Expired", "IllegalTimestamp"];

/// Seconds that are added to the machine's clock. A machine whose clock is wrong would otherwise be refused each time.
#[derive(Debug, Default)]
pub(crate) struct ClockSkew(AtomicI64);

impl ClockSkew {
    pub(crate) fn seconds(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Learns from a refusal what the service's time is; says whether that changes anything.
    pub(crate) fn learn(&self, error: &Error, headers: &HeaderMap, own: i64) -> bool {
        if !error.code().is_some_and(|code| CODES.contains(&code)) {
            return false;
        }
        let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let Some(theirs) = date.and_then(unix_seconds) else { return false };
        let skew = theirs.saturating_sub(own);
        self.0.swap(skew, Ordering::Relaxed).abs_diff(skew) > 1
    }
}

fn unix_seconds(time: SystemTime) -> Option<i64> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}
