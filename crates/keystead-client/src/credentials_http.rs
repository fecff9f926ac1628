//! HTTP for credential providers: STS, the instance metadata, and the like.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::Response;
use keystead_auth::credentials::providers::{BoxFuture, Http, HttpFault, HttpRequest, MAX_BYTES};
use rustls::ClientConfig;
use zeroize::Zeroizing;

use crate::connecting::Connecting;
use crate::connector::{Resolver, TimedConnector};
use crate::error::Cause;
use crate::http_transport::HttpTransport;
use crate::proxy::ProxySettings;
use crate::tls;
use crate::transport::{Transport, TransportError};

/// HTTP/1.1 and HTTP/2 by hyper and rustls, for [`Effects::http`](keystead_auth::credentials::providers::Effects::http).
///
/// Each request has a connection of its own: credentials are fetched rarely, and from several places. Redirects are not
/// followed.
#[derive(Default)]
pub struct CredentialsHttp {
    ca_pem: Vec<Vec<u8>>,
    proxy: ProxySettings,
    resolver: Option<Arc<dyn Resolver>>,
    /// Made when the first request needs it: reading the platform's authorities takes time, and most sources need no TLS.
    tls: OnceLock<Result<ClientConfig, HttpFault>>,
}

impl CredentialsHttp {
    /// Trusts the platform's certificate authorities.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds certificates of a private authority, as PEM text. With one given, the platform's authorities are not trusted.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem.push(pem.into());
        self
    }

    /// As [`ClientBuilder::proxy`](crate::ClientBuilder::proxy).
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy.url = Some(url.into());
        self
    }

    /// As [`ClientBuilder::no_proxy`](crate::ClientBuilder::no_proxy).
    #[must_use]
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.proxy.except = Some(hosts.into());
        self
    }

    /// One that gets to its places as the transport of these settings does. It trusts the platform's authorities.
    pub(crate) fn like(connecting: &Connecting) -> Self {
        let (proxy, resolver) = (connecting.proxy.clone(), connecting.resolver.clone());
        Self { proxy, resolver, ..Self::default() }
    }

    fn transport(&self, request: &HttpRequest) -> Result<HttpTransport, HttpFault> {
        let fault = |error: &dyn std::error::Error| HttpFault::Tls(chain(error));
        let config = if request.request.uri().scheme_str() == Some("https") {
            self.tls.get_or_init(|| tls::config(&self.ca_pem).map_err(|error| fault(&error))).clone()?
        } else {
            tls::unused().map_err(|error| fault(&error))?
        };
        let proxies = self.proxy.resolve(|name| std::env::var(name).ok());
        let proxies = Arc::new(proxies.map_err(|error| HttpFault::Connect(chain(&error)))?);
        let resolver = self.resolver.clone();
        let connector = TimedConnector::new(config, Arc::clone(&proxies), resolver, request.connect_timeout);
        Ok(HttpTransport::new(connector, proxies, request.timeout))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<Response<Zeroizing<Vec<u8>>>, HttpFault> {
        let transport = self.transport(&request)?;
        let limit = request.timeout;
        let request = request.request.map(Bytes::from_owner);
        let answer = tokio::time::timeout(limit, transport.send(request)).await;
        let answer = answer.map_err(|_| HttpFault::Timeout(limit))?.map_err(|error| match error {
            TransportError::Connect(cause) => HttpFault::Connect(text(cause)),
            TransportError::Tls(cause) => HttpFault::Tls(text(cause)),
            TransportError::Broken(cause) => HttpFault::Broken(text(cause)),
            TransportError::TooLarge => HttpFault::TooLarge,
        })?;
        if answer.body().len() > MAX_BYTES { Err(HttpFault::TooLarge) } else { Ok(answer) }
    }
}

impl Http for CredentialsHttp {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<Response<Zeroizing<Vec<u8>>>, HttpFault>> {
        Box::pin(self.exchange(request))
    }
}

impl fmt::Debug for CredentialsHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsHttp").field("own_authorities", &self.ca_pem.len()).finish_non_exhaustive()
    }
}

fn text(cause: Cause) -> String {
    chain(&*cause)
}

/// The error with its causes, which are where the reason stands.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let shown = cause.to_string();
        if !text.ends_with(&shown) {
            text.push_str(": ");
            text.push_str(&shown);
        }
        next = cause.source();
    }
    text
}
