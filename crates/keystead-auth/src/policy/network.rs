//! Addresses and networks of conditions.

use std::net::IpAddr;

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// One of them.
    pub address: IpAddr,
    /// How many bits they share: up to 32 for IPv4, up to 128 for IPv6.
    pub prefix: u8,
}

impl Network {
    /// Reads an address, or an address and a prefix length with `/` between.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            // Digits alone: `parse` would take a sign.
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
        };
        (prefix <= bits).then_some(Self { address, prefix }.canonical())
    }

    /// IPv4 networks that are written as IPv6 ones become what they are.
    fn canonical(self) -> Self {
        match self.address.to_canonical() {
            IpAddr::V4(address) if self.address.is_ipv6() && self.prefix >= 96 => {
                Self { address: address.into(), prefix: self.prefix - 96 }
            }
            _ => self,
        }
    }

    /// Whether an address is in it. Addresses of the other family are not.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= u32::from(self.prefix)
    }
}
