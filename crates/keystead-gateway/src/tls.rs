use std::sync::Arc;

use arc_swap::ArcSwap;
use keystead_api::Timestamp;
use keystead_crypto::Random;
use keystead_service::ca::{CaError, LEAF_LIFETIME, PrivateCa};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// A certificate is renewed when less than this is left of it, in seconds: 30 days.
const RENEW_BEFORE: i64 = LEAF_LIFETIME / 3;

/// The server's certificate. A renewed one serves the next handshake; connections that are open go on.
pub struct TlsIdentity {
    ca: PrivateCa,
    random: Arc<dyn Random>,
    names: Vec<String>,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

impl TlsIdentity {
    /// Issues a first certificate for these names and addresses.
    ///
    /// # Errors
    /// When a name cannot stand in a certificate.
    pub fn new(
        ca: PrivateCa,
        random: Arc<dyn Random>,
        names: Vec<String>,
        now: Timestamp,
    ) -> Result<Self, TlsError> {
        let current = Arc::new(Current(ArcSwap::from_pointee(issue(&ca, &*random, &names, now)?)));
        let config = server_config(current.clone())?;
        Ok(Self { ca, random, names, current, config })
    }

    /// The certificate of the CA that issued it.
    pub fn ca_certificate_pem(&self) -> &str {
        self.ca.certificate_pem()
    }

    /// What is shown to clients now.
    pub(crate) fn shown(&self) -> Arc<CertifiedKey> {
        self.current.0.load().key.clone()
    }

    /// For one connection.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.clone())
    }

    /// Renews the certificate when its end is near; says whether it did.
    ///
    /// # Errors
    /// When a new one cannot be issued; the present one stays.
    pub fn renew_if_due(&self, now: Timestamp) -> Result<bool, TlsError> {
        if now.plus(RENEW_BEFORE) < self.current.0.load().not_after {
            return Ok(false);
        }
        self.current.0.store(Arc::new(issue(&self.ca, &*self.random, &self.names, now)?));
        Ok(true)
    }
}

/// A server that shows the certificates of a resolver. Does not ask clients for theirs.
pub(crate) fn server_config(
    certificates: Arc<dyn ResolvesServerCert>,
) -> Result<Arc<ServerConfig>, TlsError> {
    // The provider is named, because two in one program make the implicit choice panic.
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    // Clients that come back need no key exchange; the ticket keys live in memory and change by themselves.
    config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new()?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

struct Issued {
    key: Arc<CertifiedKey>,
    not_after: Timestamp,
}

struct Current(ArcSwap<Issued>);

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Current(server certificate)")
    }
}

impl ResolvesServerCert for Current {
    /// One certificate for every name: clients that connect by address send none.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().key.clone())
    }
}

fn issue(ca: &PrivateCa, random: &dyn Random, names: &[String], now: Timestamp) -> Result<Issued, TlsError> {
    let leaf = ca.issue(random, names, now)?;
    let key = CertifiedKey::from_der(vec![leaf.certificate], leaf.key, &default_provider())?;
    Ok(Issued { key: Arc::new(key), not_after: leaf.not_after })
}

/// TLS cannot be set up.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The certificate cannot be issued.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The TLS library refuses.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}
