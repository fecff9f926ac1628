//! The address of a service.

use std::net::IpAddr;

use http::uri::Authority;

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether it is reached over TLS.
    pub tls: bool,
    /// `host` or `host:port`, which is also the signed `host` header.
    pub authority: Authority,
}

/// An address that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It has another form, or its scheme contradicts the choice of TLS.
    #[error("the endpoint is not host, host:port, or either behind https:// or http://")]
    Form,
    /// `http://` on another machine, without permission.
    #[error("the endpoint is plain HTTP on another machine, which has to be allowed explicitly")]
    PlainHttp,
}

impl Endpoint {
    /// Reads `host`, `host:port`, or either behind `https://` or `http://`.
    ///
    /// Without TLS everything travels in the clear, so that has to be asked for with `plain_http`, unless the host is this
    /// machine and the scheme is written out.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn parse(text: &str, plain_http: bool) -> Result<Self, EndpointError> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let authority = authority(rest).ok_or(EndpointError::Form)?;
        let tls = match scheme.as_deref() {
            None => !plain_http,
            Some("https") if !plain_http => true,
            Some("http") if plain_http || is_this_machine(authority.host()) => false,
            Some("http") => return Err(EndpointError::PlainHttp),
            Some(_) => return Err(EndpointError::Form),
        };
        Ok(Self { tls, authority })
    }

    /// `https` or `http`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

/// Whether a text can be a region's id, which becomes a part of a host's name.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(fits)
}

fn authority(text: &str) -> Option<Authority> {
    let authority: Authority = text.parse().ok()?;
    let host = authority.host();
    let port = text.strip_prefix(host)?;
    let port_fits =
        port.is_empty() || (port.starts_with(':') && authority.port_u16().is_some_and(|port| port > 0));
    (!host.is_empty() && !text.contains('@') && port_fits).then_some(authority)
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
