use serde::{Deserialize, Serialize};

use super::Listen;

/// The table `[dedicated]`: the gateways of instances.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DedicatedSettings {
    /// Where all instances are served behind one address, told apart by their names.
    pub(crate) listen: Listen,
    /// What stands behind `<id>.cryptoservice.kms.` in those names.
    pub(crate) domain: String,
    /// Whether each instance has a port of its own on the loopback address.
    pub(crate) loopback: bool,
    /// Whether each instance has one more port there, without TLS: for tests and measurements.
    pub(crate) loopback_http: bool,
}

impl Default for DedicatedSettings {
    fn default() -> Self {
        Self { listen: Listen::Off, domain: "aliyuncs.com".to_owned(), loopback: true, loopback_http: false }
    }
}

impl DedicatedSettings {
    /// The domain, when it can stand in a name.
    pub(crate) fn domain(&self) -> Result<&str, String> {
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        match self.domain.split('.').all(label) {
            true => Ok(&self.domain),
            false => Err(format!("dedicated.domain: {:?} is no domain such as aliyuncs.com", self.domain)),
        }
    }
}
