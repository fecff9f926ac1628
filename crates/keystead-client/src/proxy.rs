//! Which requests go through a proxy.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::builder::BuildError;

/// Where an ECS instance asks for its own credentials. A proxy would ask for those of the machine that it runs on.
const METADATA: &str = "100.100.100.200";

/// What the caller says about proxies, and what the environment says where the caller does not.
#[derive(Clone, Default)]
pub(crate) struct ProxySettings {
    /// For all requests; without it the environment's are used.
    pub(crate) url: Option<String>,
    /// Hosts that are reached directly, in the form of `NO_PROXY`.
    pub(crate) except: Option<String>,
}

impl ProxySettings {
    /// Looks a name up in the environment and checks the addresses.
    ///
    /// # Errors
    /// [`BuildError::Proxy`] for an address that cannot be used: it must not be passed over, for what it is to keep from going out
    /// directly would then do so.
    pub(crate) fn resolve(&self, env: impl Fn(&str) -> Option<String>) -> Result<Proxies, BuildError> {
        // Either case, the upper one first, as the official SDKs look.
        let variable = |name: &str| {
            env(name).or_else(|| env(&name.to_ascii_lowercase())).filter(|value| !value.trim().is_empty())
        };
        let except = self.except.clone().or_else(|| variable("NO_PROXY")).unwrap_or_default();
        let (http, https) = match &self.url {
            Some(url) => (Some(url.clone()), Some(url.clone())),
            // In a CGI program a request's header `Proxy` becomes HTTP_PROXY.
            None if env("REQUEST_METHOD").is_some() => (env("http_proxy"), variable("HTTPS_PROXY")),
            None => (variable("HTTP_PROXY"), variable("HTTPS_PROXY")),
        };
        for url in [&http, &https].into_iter().flatten() {
            let probed = Matcher::builder().all(url.as_str()).build();
            let hop = probed.intercept(&Uri::from_static("http://kms.example/"));
            if hop.is_none_or(|hop| hop.uri().scheme_str() != Some("http")) {
                return Err(BuildError::Proxy);
            }
        }
        let matcher = (http.is_some() || https.is_some()).then(|| {
            let matcher = Matcher::builder().http(http.unwrap_or_default()).https(https.unwrap_or_default());
            matcher.no(except).build()
        });
        Ok(Proxies { matcher, with_loopback: self.url.is_some() })
    }
}

/// The proxies of a transport.
pub(crate) struct Proxies {
    /// None when there is no proxy at all.
    matcher: Option<Matcher>,
    /// Whether requests to this machine go through a proxy too. The environment's are not meant for them.
    with_loopback: bool,
}

impl Proxies {
    /// The proxy on the way to `target`; none when it is reached directly.
    pub(crate) fn of(&self, target: &Uri) -> Option<Intercept> {
        let hop = self.matcher.as_ref()?.intercept(target)?;
        let host = target.host()?;
        let direct = host == METADATA || (!self.with_loopback && is_loopback(host));
        (!direct).then_some(hop)
    }

    /// What a request in plain HTTP tells its proxy; a tunnel's is told when the tunnel is made.
    pub(crate) fn authorization(&self, target: &Uri) -> Option<HeaderValue> {
        if target.scheme_str() != Some("http") {
            return None;
        }
        self.of(target)?.basic_auth().cloned()
    }
}

/// Only the address: the password is in another part of it.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.matcher.fmt(f)
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn proxies(url: Option<&str>, except: Option<&str>, env: &[(&str, &str)]) -> Result<Proxies, BuildError> {
        let settings = ProxySettings { url: url.map(str::to_owned), except: except.map(str::to_owned) };
        settings.resolve(|name| {
            let found = env.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn hop(proxies: &Proxies, target: &'static str) -> String {
        proxies.of(&Uri::from_static(target)).map_or_else(String::new, |hop| hop.uri().to_string())
    }

    #[test]
    fn the_environments_are_used_but_not_for_this_machine() {
        let env =
            [("HTTPS_PROXY", "http://up:1"), ("https_proxy", "http://low:1"), ("http_proxy", "plain:2")];
        let found = proxies(None, None, &env).unwrap();
        assert_eq!(hop(&found, "https://kms.example/"), "http://up:1/");
        assert_eq!(hop(&found, "http://kms.example/"), "http://plain:2/");
        for loopback in ["https://127.0.0.1:1/", "http://localhost/", "http://[::1]:8/", "http://127.9.9.9/"]
        {
            assert_eq!(hop(&found, loopback), "", "{loopback}");
        }
        assert_eq!(hop(&proxies(None, None, &[]).unwrap(), "https://kms.example/"), "");
        assert_eq!(hop(&proxies(None, None, &[("HTTPS_PROXY", "")]).unwrap(), "https://kms.example/"), "");
        let cgi = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://from-a-request:1")];
        assert_eq!(hop(&proxies(None, None, &cgi).unwrap(), "http://kms.example/"), "");
    }

    #[test]
    fn hosts_are_left_out() {
        let env = [("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", ".internal, kms.example,10.0.0.0/8")];
        let found = proxies(None, None, &env).unwrap();
        for direct in ["https://kms.example/", "https://a.internal/", "https://10.1.2.3/"] {
            assert_eq!(hop(&found, direct), "", "{direct}");
        }
        assert_eq!(hop(&found, "https://other.example/"), "http://p:1/");
        // The caller's list is there in place of the environment's.
        assert_eq!(hop(&proxies(None, Some("x"), &env).unwrap(), "https://kms.example/"), "http://p:1/");
        assert_eq!(hop(&proxies(None, Some("*"), &env).unwrap(), "https://other.example/"), "");
    }

    #[test]
    fn the_callers_is_for_everything() {
        let found = proxies(Some("http://us%40er:p%3Aw@p:1"), None, &[("HTTP_PROXY", "http://e:1")]).unwrap();
        assert_eq!(hop(&found, "http://127.0.0.1/"), "http://p:1/");
        assert_eq!(hop(&found, "https://kms.example/"), "http://p:1/");
        assert_eq!(hop(&found, "http://100.100.100.200/latest/meta-data/"), "");
        // `us@er:p:w`
        let told = found.authorization(&Uri::from_static("http://kms.example/")).unwrap();
        assert_eq!(told, "Basic dXNAZXI6cDp3");
        assert!(told.is_sensitive());
        assert_eq!(found.authorization(&Uri::from_static("https://kms.example/")), None);
        assert!(!format!("{found:?}").contains("p:w") && !format!("{found:?}").contains("p%3Aw"));
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        for bad in ["socks5://p:1", "https://p:1", "http://", "ftp://p", "http://a b/"] {
            assert!(matches!(proxies(Some(bad), None, &[]), Err(BuildError::Proxy)), "{bad}");
            assert!(matches!(proxies(None, None, &[("HTTPS_PROXY", bad)]), Err(BuildError::Proxy)), "{bad}");
        }
    }
}
