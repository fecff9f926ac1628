//! Requests that providers make.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use zeroize::Zeroizing;

use super::effects::{Effects, HttpRequest};
use super::error::Fault;

const AGENT: &str = concat!("keystead-auth/", env!("CARGO_PKG_VERSION"));

/// A request on its way to be sent.
pub(super) struct Outgoing(HttpRequest);

impl Outgoing {
    /// A request without body. The official libraries' limits: 5 s for connecting and 10 s for the answer.
    pub(super) fn new(method: Method, uri: &str) -> Result<Self, Fault> {
        let unfit = || Fault::Request("its address is no URI".to_owned());
        let uri: Uri = uri.parse().map_err(|_| unfit())?;
        let authority = uri.authority().ok_or_else(unfit)?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| unfit())?;
        let mut request = Request::new(Zeroizing::new(Vec::new()));
        request.headers_mut().insert(HOST, host);
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
        // hyper leaves the length out when there is no body, which some gateways refuse with 411.
        if method != Method::GET {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let (connect_timeout, timeout) = (Duration::from_secs(5), Duration::from_secs(15));
        Ok(Self(HttpRequest { request, connect_timeout, timeout }))
    }

    pub(super) fn limits(mut self, connect: Duration, whole: Duration) -> Self {
        (self.0.connect_timeout, self.0.timeout) = (connect, whole);
        self
    }

    pub(super) fn accept_json(mut self) -> Self {
        self.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        self
    }

    pub(super) fn body(mut self, content_type: &'static str, body: Zeroizing<Vec<u8>>) -> Self {
        self.headers_mut().remove(CONTENT_LENGTH);
        self.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        *self.0.request.body_mut() = body;
        self
    }

    /// A header whose value is a secret.
    pub(super) fn secret_header(mut self, name: &'static str, value: &str) -> Result<Self, Fault> {
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| Fault::Request(format!("a value cannot be sent in the header {name}")))?;
        value.set_sensitive(true);
        self.headers_mut().insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    pub(super) fn headers_mut(&mut self) -> &mut HeaderMap {
        self.0.request.headers_mut()
    }

    pub(super) async fn send(self, effects: &Effects) -> Result<Response<Zeroizing<Vec<u8>>>, Fault> {
        Ok(effects.http.send(self.0).await?)
    }
}
