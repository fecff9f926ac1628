//! Settings of an instance's client.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keystead_auth::credentials::providers::{Clock, SystemClock};

use super::client::{InstanceClient, Parts};
use super::client_key::ClientKey;
use super::options::CallOptions;
use super::retry::InstanceRetry;
use crate::builder::{BuildError, user_agent};
use crate::connecting::Connecting;
use crate::endpoint::Endpoint;
use crate::transport::Transport;

/// Collects the settings of an [`InstanceClient`]. Needed are an endpoint and a client key.
pub struct InstanceClientBuilder {
    endpoint: Option<String>,
    plain_http: bool,
    client_key: Option<ClientKey>,
    connecting: Connecting,
    options: CallOptions,
    user_agent_suffix: Option<String>,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
}

impl InstanceClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            endpoint: None,
            plain_http: false,
            client_key: None,
            connecting: Connecting::default(),
            options: CallOptions::new(),
            user_agent_suffix: None,
            transport: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The instance's address: `host`, `host:port`, or either behind `https://` or `http://`. TLS is used unless the scheme
    /// is `http` or [`InstanceClientBuilder::plain_http`] is set.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Whether to use HTTP without TLS: requests and answers then travel in the clear. An `http://` endpoint on a loopback
    /// address needs no permission; any other does. `false` by default.
    #[must_use]
    pub fn plain_http(mut self, plain_http: bool) -> Self {
        self.plain_http = plain_http;
        self
    }

    /// The client key that signs.
    #[must_use]
    pub fn client_key(mut self, key: ClientKey) -> Self {
        self.client_key = Some(key);
        self
    }

    /// Adds certificates of the instance's authority, as PEM text. With one given, the platform's authorities are not
    /// trusted.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.connecting.ca_pem.push(pem.into());
        self
    }

    /// As [`InstanceClientBuilder::ca_pem`], from a file that is read when [`InstanceClientBuilder::build`] is called.
    #[must_use]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.connecting.ca_files.push(path.into());
        self
    }

    /// How long connecting may take, TLS handshake included; 5 s by default.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connecting.timeout = limit;
        self
    }

    /// As [`ClientBuilder::proxy`](crate::ClientBuilder::proxy).
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.connecting.proxy.url = Some(url.into());
        self
    }

    /// As [`ClientBuilder::no_proxy`](crate::ClientBuilder::no_proxy).
    #[must_use]
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.connecting.proxy.except = Some(hosts.into());
        self
    }

    /// How long one attempt may take, from connecting to the end of the answer; 10 s by default.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.options = self.options.attempt_timeout(limit);
        self
    }

    /// How long a call may take with all attempts and waits; 60 s by default, `None` for no limit. A wait that would reach
    /// beyond it is not begun: the call then ends with the last attempt's error.
    #[must_use]
    pub fn call_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.options = self.options.call_timeout(limit);
        self
    }

    /// How failed attempts are repeated.
    #[must_use]
    pub fn retry(mut self, policy: InstanceRetry) -> Self {
        self.options = self.options.retry(policy);
        self
    }

    /// Text that is added to the `user-agent`, such as `app/1.0`.
    #[must_use]
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Sends requests in another way than over HTTP by hyper and rustls. Settings of certificates, proxies and of the
    /// connection time then have no effect.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The clock for the requests' dates; the machine's by default. Time limits and waits follow Tokio's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the client. Certificates are read here; no connection is opened yet.
    ///
    /// # Errors
    /// [`BuildError`] for the first setting that is missing or cannot be used.
    pub fn build(self) -> Result<InstanceClient, BuildError> {
        let endpoint =
            Endpoint::parse(self.endpoint.as_deref().ok_or(BuildError::NoEndpoint)?, self.plain_http)?;
        let key = self.client_key.ok_or(BuildError::NoClientKey)?;
        let transport = match self.transport {
            Some(given) => given,
            None => Arc::new(self.connecting.transport(endpoint.tls, self.options.attempt())?),
        };
        let user_agent = user_agent(self.user_agent_suffix.as_deref())?;
        let parts = Parts { endpoint, key, user_agent, transport, clock: self.clock };
        Ok(InstanceClient::new(parts, self.options))
    }
}

impl fmt::Debug for InstanceClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstanceClientBuilder")
            .field("endpoint", &self.endpoint)
            .field("plain_http", &self.plain_http)
            .field("client_key", &self.client_key)
            .finish_non_exhaustive()
    }
}
