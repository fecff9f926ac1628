//! The address of the service.

use std::net::IpAddr;

use http::uri::Authority;

use crate::builder::BuildError;

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Whether it is reached over TLS.
    pub(crate) tls: bool,
    /// `host` or `host:port`, which is also the signed `host` header.
    pub(crate) authority: Authority,
}

impl Endpoint {
    /// The public endpoint of a region of Alibaba Cloud.
    pub(crate) fn of_region(region: &str) -> Result<Self, BuildError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if region.is_empty() || !region.bytes().all(fits) {
            return Err(BuildError::Region);
        }
        Self::parse(&format!("kms.{region}.aliyuncs.com"), false)
    }

    /// Reads `host`, `host:port`, or either behind `https://` or `http://`.
    ///
    /// Without TLS everything travels in the clear, so that has to be asked for, unless the host is this machine and the
    /// scheme is written out.
    pub(crate) fn parse(text: &str, plain_http: bool) -> Result<Self, BuildError> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let authority = authority(rest).ok_or(BuildError::Endpoint)?;
        let tls = match scheme.as_deref() {
            None => !plain_http,
            Some("https") if !plain_http => true,
            Some("http") if plain_http || is_this_machine(authority.host()) => false,
            Some("http") => return Err(BuildError::PlainHttp),
            Some(_) => return Err(BuildError::Endpoint),
        };
        Ok(Self { tls, authority })
    }

    /// `https` or `http`.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shown(text: &str, plain_http: bool) -> Result<String, String> {
        Endpoint::parse(text, plain_http)
            .map(|endpoint| format!("{}://{}", endpoint.scheme(), endpoint.authority))
            .map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn forms() {
        for (text, plain, expected) in [
            ("127.0.0.1:8443", false, "https://127.0.0.1:8443"),
            ("127.0.0.1:8080", true, "http://127.0.0.1:8080"),
            ("kms.example", false, "https://kms.example"),
            ("https://kms.example/", false, "https://kms.example"),
            ("HTTPS://kms.example:443", false, "https://kms.example:443"),
            ("http://127.0.0.1:8080", false, "http://127.0.0.1:8080"),
            ("http://localhost:8080", false, "http://localhost:8080"),
            ("http://[::1]:8080/", false, "http://[::1]:8080"),
            ("http://kms.example", true, "http://kms.example"),
        ] {
            assert_eq!(shown(text, plain).unwrap(), expected);
        }
        assert_eq!(shown("http://kms.example", false).unwrap_err(), "PlainHttp");
        for bad in [
            "",
            "https://",
            "kms.example/path",
            "user@kms.example",
            "kms.example:",
            "kms.example:0",
            "kms.example:99999",
            "ftp://kms.example",
            "kms example",
            ":8443",
            "https://kms.example?x",
            "https://a://b",
        ] {
            assert_eq!(shown(bad, false).unwrap_err(), "Endpoint", "{bad}");
        }
        assert_eq!(shown("https://kms.example", true).unwrap_err(), "Endpoint");
    }

    #[test]
    fn regions() {
        let endpoint = Endpoint::of_region("cn-hangzhou").unwrap();
        assert_eq!((endpoint.tls, endpoint.authority.as_str()), (true, "kms.cn-hangzhou.aliyuncs.com"));
        for bad in ["", "evil.example/", "a.b", "CN", "a@b"] {
            assert!(matches!(Endpoint::of_region(bad), Err(BuildError::Region)), "{bad}");
        }
    }
}
