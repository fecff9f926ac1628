//! Proxies that are believed about whose requests they pass on.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use keystead_auth::policy::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of such proxies; none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<Network>);

/// A trusted proxy says something that is no list of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl TrustedProxies {
    /// Proxies in these networks.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The address of the client.
    ///
    /// Each proxy adds the address that called it at the end of `X-Forwarded-For`. What the client itself wrote there
    /// stands further left, so the list is read from the right, for as long as those who wrote it are trusted. Without a
    /// trusted peer the header is what anybody may write, and is not looked at.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Result<IpAddr, Unreadable> {
        let mut client = peer.to_canonical();
        if !self.contain(client) {
            return Ok(client);
        }
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            for entry in line.to_str().map_err(|_| Unreadable)?.rsplit(',') {
                client = address(entry.trim()).ok_or(Unreadable)?;
                if !self.contain(client) {
                    return Ok(client);
                }
            }
        }
        Ok(client)
    }
}

/// An address, maybe with a port as some proxies write it.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> Option<String> {
        let proxies = TrustedProxies(trusted.iter().map(|text| Network::parse(text).unwrap()).collect());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).ok().map(|address| address.to_string())
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = &["10.0.0.0/8", "fd00::/8"];
        for (trusted, peer, lines, expected) in [
            // Whoever is not trusted says nothing about itself.
            (&[][..], "10.0.0.1", &["1.2.3.4"][..], "10.0.0.1"),
            (proxies, "11.0.0.1", &["10.0.0.9"], "11.0.0.1"),
            (proxies, "11.0.0.1", &["garbage"], "11.0.0.1"),
            // One proxy, and what the client wrote before it.
            (proxies, "10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            (proxies, "10.0.0.1", &["9.9.9.9, 1.2.3.4"], "1.2.3.4"),
            (proxies, "10.0.0.1", &["10.1.1.1,1.2.3.4"], "1.2.3.4"),
            (proxies, "10.0.0.1", &["9.9.9.9", "1.2.3.4"], "1.2.3.4"),
            (proxies, "10.0.0.1", &["<script>, 1.2.3.4"], "1.2.3.4"),
            // Two proxies.
            (proxies, "10.0.0.1", &["1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            (proxies, "10.0.0.1", &["5.5.5.5, 1.2.3.4", "10.0.0.2"], "1.2.3.4"),
            // Only proxies: the one that is furthest away, and without the header the peer.
            (proxies, "10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (proxies, "10.0.0.1", &[], "10.0.0.1"),
            // Ways to write addresses.
            (proxies, "::ffff:10.0.0.1", &["::ffff:1.2.3.4"], "1.2.3.4"),
            (proxies, "fd00::1", &["[2001:db8::1]:443"], "2001:db8::1"),
            (proxies, "fd00::1", &["2001:db8::1"], "2001:db8::1"),
            (proxies, "10.0.0.1", &["1.2.3.4:5555"], "1.2.3.4"),
        ] {
            assert_eq!(client(trusted, peer, lines).as_deref(), Some(expected), "{peer} {lines:?}");
        }
    }

    #[test]
    fn what_a_trusted_proxy_says_must_be_addresses() {
        for lines in
            [&["unknown"][..], &["1.2.3.4, "], &["1.2.3.4", "_hidden"], &[""], &["1.2.3.4, 10.0.0.2, x"]]
        {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", lines), None, "{lines:?}");
        }
    }
}
