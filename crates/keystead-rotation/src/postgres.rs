//! PostgreSQL: `ALTER ROLE`.

use std::time::Duration;

use keystead_service::rotation::{DriverError, DriverFuture, Login, NewAccount, RotationDriver, Target};
use postgres_protocol::escape::{escape_identifier, escape_literal};
use postgres_protocol::password::scram_sha_256;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::account::{Administrator, check_name, password};
use crate::net::{Address, Tls, within};
use crate::settings::{Common, TargetSettings};

/// Bytes of a role's name at most. The server cuts longer ones, and would change another role.
const MAX_NAME: usize = 63;

#[derive(Debug)]
pub(crate) struct Postgres {
    common: Common,
    address: Address,
    tls: Option<Tls>,
    database: String,
}

impl Postgres {
    pub(crate) fn new(settings: &TargetSettings, common: Common) -> Result<Self, String> {
        let (address, tls) = settings.endpoint()?;
        let database = settings.database.clone().unwrap_or_else(|| "postgres".to_owned());
        Ok(Self { common, address, tls, database })
    }

    async fn connect(&self, user: &str, password: &str) -> Result<Session, DriverError> {
        let timeout = self.common.timeout;
        let mut config = Config::new();
        config
            .host(&self.address.host)
            .port(self.address.port)
            .user(user)
            .password(password)
            .dbname(&self.database)
            .application_name("keystead")
            .options(bounds(timeout))
            .ssl_mode(if self.tls.is_some() { SslMode::Require } else { SslMode::Disable });
        within(timeout, DriverError::unavailable, "connecting to PostgreSQL", async {
            match &self.tls {
                Some(tls) => {
                    let tls = MakeRustlsConnect::new((*tls.config).clone());
                    let (client, connection) = config.connect(tls).await.map_err(unconnected)?;
                    Ok(Session { client, driving: tokio::spawn(async { drop(connection.await) }) })
                }
                None => {
                    let (client, connection) = config.connect(NoTls).await.map_err(unconnected)?;
                    Ok(Session { client, driving: tokio::spawn(async { drop(connection.await) }) })
                }
            }
        })
        .await
    }

    /// Carries out statements in one transaction as the administrator.
    async fn administer(
        &self,
        target: &Target,
        account: &str,
        statements: impl FnOnce() -> String,
    ) -> Result<(), DriverError> {
        check_name(account, MAX_NAME, &[])?;
        let admin = Administrator::of(target)?;
        admin.is_not(account, target, &self.common.authority)?;
        let session = self.connect(&admin.account_name, admin.account_password.expose()).await?;
        session.run(self.common.timeout, &statements()).await
    }
}

impl RotationDriver for Postgres {
    fn owner(&self) -> Option<&str> {
        self.common.owner.as_deref()
    }

    fn authority(&self) -> Option<&str> {
        Some(&self.common.authority)
    }

    fn serves(&self, secret_type: &str, _: &str) -> bool {
        matches!(secret_type, "Rds" | "PolarDB")
    }

    fn set<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move {
            let password = password(login)?;
            self.administer(target, &login.account, || {
                // The verifier instead of the password, so that no log of the server's ever shows it.
                let verifier = scram_sha_256(password.expose().as_bytes());
                format!(
                    "ALTER ROLE {} PASSWORD {}",
                    escape_identifier(&login.account),
                    escape_literal(&verifier)
                )
            })
            .await
        })
    }

    fn log_in<'a>(&'a self, _: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move {
            check_name(&login.account, MAX_NAME, &[])?;
            let session = self.connect(&login.account, password(login)?.expose()).await?;
            session.run(self.common.timeout, "SELECT 1").await
        })
    }

    fn create<'a>(&'a self, target: &'a Target, account: &'a NewAccount) -> DriverFuture<'a> {
        Box::pin(async move {
            let password = password(&account.login)?;
            if let Some(original) = &account.clone_of {
                check_name(original, MAX_NAME, &[])?;
            }
            self.administer(target, &account.login.account, || {
                let name = escape_identifier(&account.login.account);
                let verifier = scram_sha_256(password.expose().as_bytes());
                let mut statements =
                    format!("CREATE ROLE {name} LOGIN PASSWORD {};", escape_literal(&verifier));
                if let Some(original) = &account.clone_of {
                    // What the operator grants to the account, its second self has too.
                    statements += &format!("GRANT {} TO {name};", escape_identifier(original));
                }
                statements
            })
            .await
        })
    }

    fn remove<'a>(&'a self, target: &'a Target, account: &'a str) -> DriverFuture<'a> {
        Box::pin(async move {
            self.administer(target, account, || format!("DROP ROLE IF EXISTS {}", escape_identifier(account)))
                .await
        })
    }
}

/// Bounds on the server's side too: a statement that we have given up must not happen later.
fn bounds(timeout: Duration) -> String {
    let millis = timeout.as_millis();
    format!("-c statement_timeout={millis} -c lock_timeout={millis}")
}

/// An open connection; closed when dropped.
struct Session {
    client: Client,
    driving: JoinHandle<()>,
}

impl Session {
    async fn run(&self, timeout: Duration, statements: &str) -> Result<(), DriverError> {
        within(timeout, DriverError::unknown, "a statement at PostgreSQL", async {
            self.client.batch_execute(statements).await.map_err(|error| failed(&error))
        })
        .await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driving.abort();
    }
}

fn unconnected(error: tokio_postgres::Error) -> DriverError {
    match error.code() {
        Some(code) => judged(code),
        // TLS, network, or a server that is none. The texts of these errors name no secret.
        None => DriverError::unavailable(format!("PostgreSQL cannot be reached: {error}")),
    }
}

fn failed(error: &tokio_postgres::Error) -> DriverError {
    match error.code() {
        Some(code) => judged(code),
        None => DriverError::unknown("the connection to PostgreSQL was lost"),
    }
}

/// What the server said no to, it has not done.
fn judged(code: &SqlState) -> DriverError {
    let message = match code.code() {
        "28P01" | "28000" => "PostgreSQL refused the login".to_owned(),
        "42704" => "PostgreSQL does not know the account".to_owned(),
        "42710" => "PostgreSQL has this account already".to_owned(),
        "42501" => "PostgreSQL does not let the administrator do this".to_owned(),
        other => format!("PostgreSQL answered SQLSTATE {other}"),
    };
    // 28: no login; 3D: no such database; 42, 22, 0A: what was asked for cannot be.
    match code.code().get(..2) {
        Some("28" | "3D" | "42" | "22" | "0A") => DriverError::refused(message),
        _ => DriverError::unavailable(message),
    }
}
