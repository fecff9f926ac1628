//! Time and randomness, which a request needs for its date, its nonce and the waiting before a retry.

use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time for the dates of requests.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00:00Z.
    fn unix_seconds(&self) -> i64;
}

/// Gives the random bytes of nonces and of the jitter before retries.
pub trait Random: Send + Sync {
    /// Fills `out`.
    ///
    /// # Errors
    /// When the source has none to give; the call then fails.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFault>;
}

/// There are no random bytes to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct RandomFault;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_seconds(&self) -> i64 {
        // A clock before 1970 or beyond the year 292 billion is refused by the service, not here.
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// The random generator of aws-lc, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFault> {
        aws_lc_rs::rand::fill(out).map_err(|_| RandomFault)
    }
}
