//! Settings of the client's own transport.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::builder::BuildError;
use crate::connector::{Resolver, TimedConnector};
use crate::http_transport::HttpTransport;
use crate::proxy::ProxySettings;
use crate::tls;

/// How the client's own transport gets its connections.
#[derive(Clone)]
pub(crate) struct Connecting {
    /// Certificates to trust in place of the platform's, as PEM text.
    pub(crate) ca_pem: Vec<Vec<u8>>,
    /// The same in files, which are read when the transport is made.
    pub(crate) ca_files: Vec<PathBuf>,
    /// For the TCP connection, the proxy's tunnel and the TLS handshake together.
    pub(crate) timeout: Duration,
    pub(crate) proxy: ProxySettings,
    pub(crate) resolver: Option<Arc<dyn Resolver>>,
}

impl Default for Connecting {
    fn default() -> Self {
        Self {
            ca_pem: Vec::new(),
            ca_files: Vec::new(),
            timeout: Duration::from_secs(5),
            proxy: ProxySettings::default(),
            resolver: None,
        }
    }
}

impl Connecting {
    /// The transport, in which an attempt may take `attempt_timeout`.
    pub(crate) fn transport(
        self,
        uses_tls: bool,
        attempt_timeout: Duration,
    ) -> Result<HttpTransport, BuildError> {
        let proxies = Arc::new(self.proxy.resolve(|name| std::env::var(name).ok())?);
        let tls =
            if uses_tls { tls::config(&certificates(self.ca_pem, self.ca_files)?)? } else { tls::unused()? };
        let connector = TimedConnector::new(tls, Arc::clone(&proxies), self.resolver, self.timeout);
        Ok(HttpTransport::new(connector, proxies, attempt_timeout))
    }
}

fn certificates(mut pem: Vec<Vec<u8>>, files: Vec<PathBuf>) -> Result<Vec<Vec<u8>>, BuildError> {
    for path in files {
        match std::fs::read(&path) {
            Ok(text) => pem.push(text),
            Err(source) => return Err(BuildError::CaFile { path, source }),
        }
    }
    Ok(pem)
}
