//! SQL Server, with `tiberius`.

use std::fmt;

use tiberius::error::Error;
use tiberius::{AuthMethod, Client, Config};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

use crate::connector::Connector;
use crate::login::Login;
use crate::tls::Roots;
use crate::url::{DatabaseUrl, Kind, UrlError, decoded};

/// `LOGON_FAILED`. Accounts that are locked (18486) or disabled (18470) are not helped by another password.
const REFUSED: u32 = 18456;

/// What ends the work of the user before, as the driver has no call that resets a session.
const CLEAN: &str = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION";

/// Opens connections to SQL Server.
///
/// Between two users an open transaction is rolled back. Settings (`SET …`) and temporary tables stay, as the driver cannot
/// reset a session.
#[derive(Clone)]
pub struct Mssql {
    config: Config,
    has_host: bool,
    has_database: bool,
}

/// Connections to SQL Server.
pub type Pool = crate::Pool<Mssql>;

impl Mssql {
    /// A database by its URL. Its options are the properties of the driver's connection strings, such as `encrypt`,
    /// `trustServerCertificate`, `trustServerCertificateCA`, `hostNameInCertificate` and `applicationName`. TLS is required
    /// unless `encrypt` says otherwise. The driver trusts the public authorities beside those of `roots`.
    ///
    /// # Errors
    /// [`UrlError`] when it is the URL of another kind of database, or the driver does not understand an option's value.
    pub fn from_url(url: &DatabaseUrl, roots: &Roots) -> Result<Self, UrlError> {
        url.expect(Kind::Mssql)?;
        let mut text =
            format!("jdbc:sqlserver://{}", if url.has_host() { url.authority() } else { "localhost" });
        let database = url.database()?;
        let has_database = database.is_some();
        let mut bypass = false;
        for (name, value) in url.options() {
            let value = decoded(value).ok_or_else(|| wrong(name))?;
            bypass |=
                name.eq_ignore_ascii_case("trustServerCertificate") && value.eq_ignore_ascii_case("true");
            push(&mut text, name, &value)?;
        }
        if let Some(database) = database {
            push(&mut text, "databaseName", &database)?;
        }
        // The driver's error may quote the text, and an option may hold a secret.
        let mut config = Config::from_jdbc_string(&text).map_err(|_| {
            UrlError::Options(
                "the URL has a value that the driver for SQL Server does not understand".to_owned(),
            )
        })?;
        match roots.pem_text() {
            Some(_) if bypass => {
                let text = "trustServerCertificate=true and an authority exclude each other";
                return Err(UrlError::Options(text.to_owned()));
            }
            None if bypass => {}
            None => config.trust_webpki_roots(),
            Some(pem) => {
                config.trust_webpki_roots();
                config.trust_cert_ca_bundle(pem);
            }
        }
        Ok(Self { config, has_host: url.has_host(), has_database })
    }

    /// A database by the driver's own settings, whose user and password have no effect.
    pub fn new(config: Config) -> Self {
        Self { config, has_host: true, has_database: true }
    }

    /// The driver's settings for one login.
    fn settings(&self, login: &Login) -> Config {
        let mut config = self.config.clone();
        config.authentication(AuthMethod::sql_server(login.account(), login.password().expose()));
        let place = login.place();
        if !self.has_host {
            if let Some(endpoint) = &place.endpoint {
                config.host(endpoint);
            }
            if let Some(port) = place.port {
                config.port(port);
            }
        }
        if let (Some(database), false) = (&place.database, self.has_database) {
            config.database(database);
        }
        config
    }
}

impl Connector for Mssql {
    type Connection = Client<Compat<TcpStream>>;
    type Error = Error;

    fn needs_place(&self) -> bool {
        !self.has_host
    }

    async fn connect(&self, login: &Login) -> Result<Self::Connection, Error> {
        let mut config = self.settings(login);
        match Box::pin(open(&config)).await {
            // Gateways of managed databases send their clients on.
            Err(Error::Routing { host, port }) => {
                config.host(host);
                config.port(port);
                Box::pin(open(&config)).await
            }
            other => other,
        }
    }

    fn is_refusal(&self, error: &Error) -> bool {
        error.code() == Some(REFUSED)
    }

    async fn recycle(&self, client: &mut Self::Connection) -> bool {
        match client.simple_query(CLEAN).await {
            Ok(answer) => answer.into_results().await.is_ok(),
            Err(_) => false,
        }
    }
}

async fn open(config: &Config) -> Result<Client<Compat<TcpStream>>, Error> {
    let stream = TcpStream::connect(config.get_addr()).await?;
    stream.set_nodelay(true)?;
    Box::pin(Client::connect(config.clone(), stream.compat_write())).await
}

/// Adds a property. In braces a value may hold anything but a closing one.
fn push(text: &mut String, name: &str, value: &str) -> Result<(), UrlError> {
    if !name.chars().all(|c| c.is_ascii_alphanumeric()) || !value.is_ascii() || value.contains(['{', '}']) {
        return Err(wrong(name));
    }
    text.push_str(&format!(";{name}={{{value}}}"));
    Ok(())
}

fn wrong(name: &str) -> UrlError {
    UrlError::Options(format!("the option {name} cannot be passed on to the driver for SQL Server"))
}

impl fmt::Debug for Mssql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mssql").field("address", &self.config.get_addr()).finish_non_exhaustive()
    }
}
