//! PostgreSQL, with `tokio-postgres`.

use std::fmt;
use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Error, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connector::Connector;
use crate::login::Login;
use crate::tls::Roots;
use crate::url::{DatabaseUrl, Kind, UrlError, is_local};

/// SQLSTATEs of a login that is refused: `invalid_password` and `invalid_authorization_specification`.
const REFUSED: [&str; 2] = ["28P01", "28000"];

/// Opens connections to PostgreSQL. A connection is `deadpool-postgres`'s client with its statement cache, which can be used
/// as the one of `tokio-postgres`.
#[derive(Clone)]
pub struct Postgres<T = MakeRustlsConnect> {
    config: Config,
    tls: T,
    /// TLS is required unless the database is on this machine.
    cautious: bool,
}

/// Connections to PostgreSQL.
pub type Pool<T = MakeRustlsConnect> = crate::Pool<Postgres<T>>;

impl Postgres {
    /// A database by its URL. Its options are those of [`tokio_postgres::Config`]; `sslmode` can be `verify-full` or
    /// `verify-ca`, too. Where TLS is used the server's certificate is always verified, name included, and without `sslmode`
    /// TLS is required unless the database is on this machine.
    ///
    /// # Errors
    /// [`UrlError`] when it is the URL of another kind of database, or the driver does not know an option.
    pub fn from_url(url: &DatabaseUrl, roots: &Roots) -> Result<Self, UrlError> {
        url.expect(Kind::Postgres)?;
        let verified = |(name, value): (String, String)| match (&*name, &*value) {
            // The driver has no word for what is always done here.
            ("sslmode", "verify-full" | "verify-ca") => (name, "require".to_owned()),
            _ => (name, value),
        };
        let text = url.plain("postgres", "", verified);
        // The driver's error may quote the URL, and an option may hold a secret.
        let config: Config = text.parse().map_err(|_| {
            UrlError::Options(
                "the URL has an option or an address that the driver for PostgreSQL does not know".to_owned(),
            )
        })?;
        let cautious = !url.has("sslmode");
        Ok(Self { config, tls: MakeRustlsConnect::new(client_config(roots)?), cautious })
    }
}

impl<T> Postgres<T> {
    /// A database by the driver's own settings, with TLS by a library of one's own. User and password of the settings have no
    /// effect. Without a host in them, the secret says where the database is.
    pub fn new(config: Config, tls: T) -> Self {
        Self { config, tls, cautious: false }
    }

    fn has_host(&self) -> bool {
        !(self.config.get_hosts().is_empty() && self.config.get_hostaddrs().is_empty())
    }

    /// The driver's settings for one login.
    fn settings(&self, login: &Login) -> Config {
        let mut config = self.config.clone();
        config.user(login.account()).password(login.password().expose());
        let place = login.place();
        if !self.has_host() {
            if let Some(endpoint) = &place.endpoint {
                config.host(endpoint);
            }
            if let (Some(port), []) = (place.port, config.get_ports()) {
                config.port(port);
            }
        }
        if let (Some(database), None) = (&place.database, config.get_dbname()) {
            config.dbname(database);
        }
        if self.cautious {
            let local = |host: &Host| match host {
                Host::Tcp(host) => is_local(host),
                Host::Unix(_) => true,
            };
            let local = config.get_hosts().iter().all(local)
                && config.get_hostaddrs().iter().all(|address| address.is_loopback());
            config.ssl_mode(if local { SslMode::Disable } else { SslMode::Require });
        }
        config
    }
}

impl<T> Connector for Postgres<T>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + Sync,
    T::TlsConnect: Send + Sync,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    type Connection = ClientWrapper;
    type Error = Error;

    fn needs_place(&self) -> bool {
        !self.has_host()
    }

    async fn connect(&self, login: &Login) -> Result<ClientWrapper, Error> {
        let (client, connection) = self.settings(login).connect(self.tls.clone()).await?;
        let driving = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to PostgreSQL was lost");
            }
        });
        Ok(ClientWrapper::new(client, driving))
    }

    fn is_refusal(&self, error: &Error) -> bool {
        error.code().is_some_and(|state| REFUSED.contains(&state.code()))
    }

    async fn recycle(&self, client: &mut ClientWrapper) -> bool {
        !client.is_closed()
    }
}

impl<T> fmt::Debug for Postgres<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres")
            .field("hosts", &self.config.get_hosts())
            .field("ports", &self.config.get_ports())
            .field("database", &self.config.get_dbname())
            .finish_non_exhaustive()
    }
}

fn client_config(roots: &Roots) -> Result<ClientConfig, UrlError> {
    let wrong = |error: &dyn fmt::Display| UrlError::Options(format!("TLS cannot be set up: {error}"));
    let mut store = RootCertStore::empty();
    match roots.pem_text() {
        None => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                store.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
            }
            if store.is_empty() {
                return Err(wrong(&"no certificate is in the PEM text"));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?;
    Ok(builder.with_root_certificates(store).with_no_client_auth())
}
