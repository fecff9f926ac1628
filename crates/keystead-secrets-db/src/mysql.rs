//! MySQL and MariaDB, with `mysql_async`.

use std::fmt;

use mysql_async::{Conn, Error, Opts, OptsBuilder, SslOpts};

use crate::connector::Connector;
use crate::login::Login;
use crate::tls::Roots;
use crate::url::{DatabaseUrl, Kind, UrlError, is_local};

/// `ER_ACCESS_DENIED_ERROR`, and `ER_ACCESS_DENIED_NO_PASSWORD_ERROR` of accounts that log in without one.
const REFUSED: [u16; 2] = [1045, 1698];

/// Opens connections to MySQL and MariaDB.
///
/// The pool is not `mysql_async`'s own, whose options, the password among them, cannot change after it is made.
#[derive(Clone)]
pub struct Mysql {
    opts: Opts,
    /// Host, port and database are the secret's where it has them.
    secret_says_where: bool,
    /// TLS, unless the database is on this machine.
    cautious: Option<SslOpts>,
}

/// Connections to MySQL or MariaDB.
pub type Pool = crate::Pool<Mysql>;

impl Mysql {
    /// A database by its URL. Its options are those of [`mysql_async::Opts::from_url`], except for those of the driver's own
    /// pool. TLS is used unless the database is on this machine or the URL has `require_ssl=false`, and a socket in place of
    /// the network only with `prefer_socket=true`, as the driver then logs in twice.
    ///
    /// # Errors
    /// [`UrlError`] when it is the URL of another kind of database, or the driver does not know an option.
    pub fn from_url(url: &DatabaseUrl, roots: &Roots) -> Result<Self, UrlError> {
        url.expect(Kind::Mysql)?;
        // The driver's error may quote the URL, and an option may hold a secret.
        let opts = Opts::from_url(&url.plain("mysql", "localhost", |option| option)).map_err(|_| {
            UrlError::Options(
                "the URL has an option or an address that the driver for MySQL does not know".to_owned(),
            )
        })?;
        let mut tls = opts.ssl_opts().cloned().unwrap_or_default();
        if let Some(pem) = roots.pem_text() {
            tls = tls.with_disable_built_in_roots(true).with_root_certs(vec![pem.to_vec().into()]);
        }
        let cautious = (!url.has("require_ssl")).then(|| tls.clone());
        let mut builder = OptsBuilder::from_opts(opts.clone());
        if opts.ssl_opts().is_some() {
            builder = builder.ssl_opts(tls);
        }
        if !url.has("prefer_socket") {
            builder = builder.prefer_socket(false);
        }
        Ok(Self { opts: builder.into(), secret_says_where: !url.has_host(), cautious })
    }

    /// A database by the driver's own settings. User and password in them have no effect, and neither has what they say of the
    /// driver's pool.
    pub fn new(opts: impl Into<Opts>) -> Self {
        Self { opts: opts.into(), secret_says_where: false, cautious: None }
    }

    /// The driver's settings for one login.
    fn settings(&self, login: &Login) -> Opts {
        let (place, opts) = (login.place(), &self.opts);
        let mut builder = OptsBuilder::from_opts(opts.clone())
            .user(Some(login.account()))
            .pass(Some(login.password().expose()));
        let mut host = opts.ip_or_hostname();
        if self.secret_says_where {
            if let Some(endpoint) = &place.endpoint {
                host = endpoint;
                builder = builder.ip_or_hostname(endpoint);
            }
            if let Some(port) = place.port {
                builder = builder.tcp_port(port);
            }
        }
        if let (Some(database), None) = (&place.database, opts.db_name()) {
            builder = builder.db_name(Some(database));
        }
        if let Some(tls) = self.cautious.as_ref().filter(|_| !is_local(host)) {
            builder = builder.ssl_opts(tls.clone());
        }
        builder.into()
    }
}

impl Connector for Mysql {
    type Connection = Conn;
    type Error = Error;

    fn needs_place(&self) -> bool {
        self.secret_says_where
    }

    async fn connect(&self, login: &Login) -> Result<Conn, Error> {
        Conn::new(self.settings(login)).await
    }

    fn is_refusal(&self, error: &Error) -> bool {
        matches!(error, Error::Server(error) if REFUSED.contains(&error.code))
    }

    /// Resets the session: an open transaction is rolled back, and variables, temporary tables and locks are gone.
    async fn recycle(&self, connection: &mut Conn) -> bool {
        matches!(connection.reset().await, Ok(true))
    }
}

impl fmt::Debug for Mysql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mysql")
            .field("host", &self.opts.ip_or_hostname())
            .field("port", &self.opts.tcp_port())
            .field("database", &self.opts.db_name())
            .finish_non_exhaustive()
    }
}
