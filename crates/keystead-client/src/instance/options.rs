//! What one call can have of its own.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_api::instance::HEADER_KEY_VERSION_ID;

use super::retry::InstanceRetry;
use crate::error::Error;

/// Settings of single calls, for [`InstanceClient::with`](super::InstanceClient::with). What is not set is as the client
/// has it.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    headers: HeaderMap,
    attempt_timeout: Option<Duration>,
    call_timeout: Option<Option<Duration>>,
    retry: Option<InstanceRetry>,
}

impl CallOptions {
    /// No settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a header, which is signed if its name starts with `x-kms-`. The client's own headers win over one of the same
    /// name. Names have no case; the official SDKs send a name in capitals unsigned, which a server cannot verify.
    ///
    /// # Errors
    /// [`Error::Request`] when name or value cannot stand in a header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| Error::Request("no name of a header"))?;
        let value = HeaderValue::from_str(value).map_err(|_| Error::Request("no value of a header"))?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Uses this version of the key instead of the initial or the primary one, by the header `x-kms-migrationkeyversionid`.
    ///
    /// # Errors
    /// [`Error::Request`] when the id cannot stand in a header.
    pub fn key_version(self, id: &str) -> Result<Self, Error> {
        self.header(HEADER_KEY_VERSION_ID, id)
    }

    /// How long one attempt may take, from connecting to the end of the answer.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }

    /// How long a call may take with all attempts and waits; `None` for no limit.
    #[must_use]
    pub fn call_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.call_timeout = Some(limit.into());
        self
    }

    /// How failed attempts are repeated.
    #[must_use]
    pub fn retry(mut self, policy: InstanceRetry) -> Self {
        self.retry = Some(policy);
        self
    }

    /// These settings with `other` on top of them.
    pub(super) fn overlaid(&self, other: Self) -> Self {
        let mut headers = self.headers.clone();
        headers.extend(other.headers);
        Self {
            headers,
            attempt_timeout: other.attempt_timeout.or(self.attempt_timeout),
            call_timeout: other.call_timeout.or(self.call_timeout),
            retry: other.retry.or(self.retry),
        }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn attempt(&self) -> Duration {
        self.attempt_timeout.unwrap_or(Duration::from_secs(10))
    }

    pub(super) fn whole(&self) -> Option<Duration> {
        self.call_timeout.unwrap_or(Some(Duration::from_secs(60)))
    }

    pub(super) fn policy(&self) -> InstanceRetry {
        self.retry.unwrap_or_default()
    }
}
