//! What is known of a request beside what it asks for.

use std::net::{IpAddr, Ipv4Addr};

/// Where a request comes from, and how; established by the gateway, never taken from what the caller says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The request's id.
    pub request_id: &'a str,
    /// The address of the client. Behind a proxy that is trusted by configuration, the address that it reports. IPv4
    /// addresses are never mapped into IPv6.
    pub source: IpAddr,
    /// Whether it came over TLS.
    pub secure: bool,
    /// What the client calls itself; proves nothing.
    pub user_agent: &'a str,
    /// Which gateway it came through.
    pub gateway: Gateway<'a>,
}

/// A gateway that a request came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway<'a> {
    /// `kms.<region>…`
    Shared,
    /// That of an instance, by its id: only what is in that instance is reached.
    Dedicated(&'a str),
}

impl<'a> Origin<'a> {
    /// A request that came from this machine over TLS.
    pub fn local(request_id: &'a str) -> Self {
        Self {
            request_id,
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            secure: true,
            user_agent: "",
            gateway: Gateway::Shared,
        }
    }
}
