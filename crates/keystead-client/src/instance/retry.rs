//! When a failed attempt is made again.

use std::time::Duration;

use crate::error::Error;
use crate::transport::TransportError;

/// How often failed attempts are repeated, and how long the wait before each is.
///
/// Repeated are faults of the connection, attempts that took too long, and the code `Rejected.Throttling` with whatever
/// status, as the official SDKs of Python, Java and PHP do it; all operations of the API are safe to repeat. A refused TLS
/// handshake is final, for repeating it makes no certificate right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceRetry {
    repeats: u32,
    pause: Duration,
    broad: bool,
}

impl Default for InstanceRetry {
    /// 3 repeats, so 4 requests, each 1 s after the one before.
    fn default() -> Self {
        Self { repeats: 3, pause: Duration::from_secs(1), broad: false }
    }
}

impl InstanceRetry {
    /// One attempt and no more.
    #[must_use]
    pub fn none() -> Self {
        Self::default().repeats(0)
    }

    /// How often a failed request is sent again at most.
    #[must_use]
    pub fn repeats(mut self, repeats: u32) -> Self {
        self.repeats = repeats;
        self
    }

    /// The wait before each repeat.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Repeats as the official SDK of Go does: also after the codes `ServiceUnavailableTemporary` and `InternalFailure`,
    /// answers that cannot be read, and refused TLS handshakes. `false` by default.
    #[must_use]
    pub fn broad(mut self, broad: bool) -> Self {
        self.broad = broad;
        self
    }

    /// How long to wait after the `done`-th attempt (from 1) failed; `None` ends the call.
    pub(super) fn wait(&self, error: &Error, done: u32) -> Option<Duration> {
        let may = match error {
            Error::Service { code, .. } => {
                code == "Rejected.Throttling"
                    || self.broad && matches!(&**code, "ServiceUnavailableTemporary" | "InternalFailure")
            }
            Error::Transport(TransportError::Connect(_) | TransportError::Broken(_))
            | Error::AttemptTimeout(_) => true,
            Error::Transport(TransportError::Tls(_)) | Error::Unreadable { .. } => self.broad,
            _ => false,
        };
        (may && done <= self.repeats).then_some(self.pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str) -> Error {
        Error::Service {
            status,
            code: code.into(),
            message: String::new(),
            request_id: String::new(),
            retry_after: None,
        }
    }

    #[test]
    fn the_code_decides_and_not_the_status() {
        let cause = || "x".into();
        for (error, usual, broad) in [
            (refused(429, "Rejected.Throttling"), true, true),
            (refused(400, "Rejected.Throttling"), true, true),
            (refused(429, "Other"), false, false),
            (refused(503, "ServiceUnavailableTemporary"), false, true),
            (refused(500, "InternalFailure"), false, true),
            (refused(500, "Other"), false, false),
            (TransportError::Connect(cause()).into(), true, true),
            (TransportError::Broken(cause()).into(), true, true),
            (TransportError::Tls(cause()).into(), false, true),
            (TransportError::TooLarge.into(), false, false),
            (Error::AttemptTimeout(Duration::ZERO), true, true),
            (Error::CallTimeout(Duration::ZERO), false, false),
            (Error::Unreadable { status: 502 }, false, true),
            (Error::InvalidParameter("x"), false, false),
        ] {
            let repeats = |policy: InstanceRetry| policy.wait(&error, 1).is_some();
            assert_eq!(repeats(InstanceRetry::default()), usual, "{error:?}");
            assert_eq!(repeats(InstanceRetry::default().broad(true)), broad, "{error:?}");
        }
    }

    #[test]
    fn repeats_are_counted() {
        let error = refused(429, "Rejected.Throttling");
        let last = |policy: InstanceRetry| (1..).find(|done| policy.wait(&error, *done).is_none());
        assert_eq!(last(InstanceRetry::default()), Some(4));
        assert_eq!(last(InstanceRetry::none()), Some(1));
    }
}
