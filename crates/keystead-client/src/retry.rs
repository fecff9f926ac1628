//! When a failed attempt is made again, and how long to wait before.

use std::time::Duration;

use keystead_api::Repeat;

use crate::error::Error;

/// How often and how fast failed attempts are repeated.
///
/// Repeated are throttling (status 429 and the throttling codes), status 5xx and faults of the connection, when the
/// operation is safe to repeat. Other operations are repeated only when the request was surely not processed: no connection
/// came about, or the service turned it away (throttling, `ServiceUnavailableTemporary`). All other failures are final.
///
/// The wait is random between zero and `base * 2^n`, but at most `cap` ("full jitter"; n counts from 0). When the service
/// says how long to wait, in the header `x-acs-retry-after`, that is the wait; beyond two minutes the call fails instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    cap: Duration,
    budget: u32,
}

/// A service that wants a longer pause than this wants no answer now; the official SDKs draw the line there too.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

impl Default for RetryPolicy {
    /// 5 attempts, 200 ms doubling up to 10 s, a reserve of 100 repeats.
    fn default() -> Self {
        Self { attempts: 5, base: Duration::from_millis(200), cap: Duration::from_secs(10), budget: 100 }
    }
}

impl RetryPolicy {
    /// One attempt and no more.
    #[must_use]
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// How often a request is sent at most, the first time included; 0 counts as 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The upper bound of the first wait, and the one of all waits.
    #[must_use]
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        (self.base, self.cap) = (base, cap);
        self
    }

    /// The reserve of repeats that all calls of a client share. Ten calls that succeed give one repeat back; when it is empty,
    /// calls fail with what their first attempt met, so that a service in trouble is not kept there.
    #[must_use]
    pub fn budget(mut self, repeats: u32) -> Self {
        self.budget = repeats;
        self
    }

    pub(crate) fn repeats(&self) -> u32 {
        self.budget
    }

    /// How long to wait after the `done`-th attempt (from 1) failed with `error`; `None` ends the call.
    ///
    /// `dice` is random over all its values.
    pub(crate) fn wait(&self, error: &Error, repeat: Repeat, done: u32, dice: u64) -> Option<Duration> {
        let may = match repeat {
            Repeat::Safe => error.is_retryable() || error.retry_after().is_some(),
            Repeat::Unsafe => error.is_surely_undone(),
        };
        if !may || done >= self.attempts {
            return None;
        }
        match error.retry_after() {
            Some(asked) => (asked <= MAX_RETRY_AFTER).then_some(asked),
            None => Some(self.jitter(done - 1, dice)),
        }
    }

    fn jitter(&self, exponent: u32, dice: u64) -> Duration {
        let bound = 2u32.checked_pow(exponent).and_then(|factor| self.base.checked_mul(factor));
        let bound = bound.map_or(self.cap, |bound| bound.min(self.cap));
        let nanos = u128::from(dice) * bound.as_nanos() / u128::from(u64::MAX);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::transport::TransportError;

    fn refused(status: u16, code: &str, retry_after: Option<u64>) -> Error {
        Error::Service {
            status,
            code: code.into(),
            message: String::new(),
            request_id: String::new(),
            retry_after: retry_after.map(Duration::from_millis),
        }
    }

    fn waits(error: &Error) -> (bool, bool) {
        let policy = RetryPolicy::default();
        let waits = |repeat| policy.wait(error, repeat, 1, 0).is_some();
        (waits(Repeat::Safe), waits(Repeat::Unsafe))
    }

    #[test]
    fn what_is_repeated() {
        let cause = || "x".into();
        for (error, safe, unsafe_) in [
            (refused(429, "Rejected.Throttling", None), true, true),
            (refused(429, "Anything", None), true, true),
            (refused(400, "Throttling.User", None), true, true),
            (refused(400, "InvalidParameter", None), false, false),
            (refused(404, "Forbidden.KeyNotFound", None), false, false),
            (refused(409, "Rejected.Disabled", None), false, false),
            (refused(500, "InternalFailure", None), true, false),
            (refused(503, "ServiceUnavailable", None), true, false),
            (refused(503, "ServiceUnavailableTemporary", None), true, true),
            (refused(400, "Other", Some(5)), true, false),
            (Error::Unreadable { status: 502 }, true, false),
            (Error::Unreadable { status: 429 }, true, true),
            (Error::Unreadable { status: 200 }, false, false),
            (Error::Unreadable { status: 403 }, false, false),
            (TransportError::Connect(cause()).into(), true, true),
            (TransportError::Broken(cause()).into(), true, false),
            (TransportError::Tls(cause()).into(), false, false),
            (TransportError::TooLarge.into(), false, false),
            (Error::AttemptTimeout(Duration::ZERO), true, false),
            (Error::Request("x"), false, false),
        ] {
            assert_eq!(waits(&error), (safe, unsafe_), "{error:?}");
        }
    }

    #[test]
    fn waits_grow_to_the_cap_and_are_jittered() {
        let policy = RetryPolicy::default().attempts(100);
        let error = refused(500, "InternalFailure", None);
        let longest = |done| policy.wait(&error, Repeat::Safe, done, u64::MAX).unwrap().as_millis();
        let seen: Vec<_> = [1, 2, 3, 6, 7, 40, 99].map(longest).into();
        assert_eq!(seen, [200, 400, 800, 6400, 10_000, 10_000, 10_000]);
        assert_eq!(policy.wait(&error, Repeat::Safe, 3, 0), Some(Duration::ZERO));
        let middle = policy.wait(&error, Repeat::Safe, 1, u64::MAX / 2).unwrap();
        assert!((99..=100).contains(&middle.as_millis()), "{middle:?}");
    }

    #[test]
    fn attempts_are_counted() {
        let error = refused(500, "InternalFailure", None);
        let last = |policy: RetryPolicy| (1..).find(|n| policy.wait(&error, Repeat::Safe, *n, 0).is_none());
        assert_eq!(last(RetryPolicy::default()), Some(5));
        assert_eq!(last(RetryPolicy::none()), Some(1));
        assert_eq!(last(RetryPolicy::default().attempts(0)), Some(1));
    }

    #[test]
    fn the_service_decides_the_wait() {
        let policy = RetryPolicy::default();
        let wait = |ms| policy.wait(&refused(429, "Throttling", Some(ms)), Repeat::Unsafe, 1, 77);
        assert_eq!(wait(1234), Some(Duration::from_millis(1234)));
        assert_eq!(wait(120_001), None);
    }
}
