//! MySQL and MariaDB: `ALTER USER`.

use keystead_service::rotation::{DriverError, DriverFuture, Login, NewAccount, RotationDriver, Target};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, Opts, OptsBuilder, SslOpts, Value};

use crate::account::{Administrator, check_name, password};
use crate::net::{Address, Tls, within};
use crate::settings::{Common, TargetSettings};

/// Bytes of a name at most (MariaDB; MySQL has 32 characters and refuses longer ones itself).
const MAX_NAME: usize = 128;
/// With these a quoted text would depend on the server's SQL mode.
const FORBIDDEN: &[char] = &['\'', '"', '`', '\\'];

#[derive(Debug)]
pub(crate) struct Mysql {
    common: Common,
    address: Address,
    tls: Option<Tls>,
    account_host: String,
}

impl Mysql {
    pub(crate) fn new(settings: &TargetSettings, common: Common) -> Result<Self, String> {
        let (address, tls) = settings.endpoint()?;
        let account_host = settings.account_host.clone().unwrap_or_else(|| "%".to_owned());
        check_name(&account_host, 255, FORBIDDEN).map_err(|_| "`account_host` is no host".to_owned())?;
        Ok(Self { common, address, tls, account_host })
    }

    async fn connect(&self, user: &str, password: &str) -> Result<Conn, DriverError> {
        let tls = self.tls.as_ref().map(|tls| match &tls.ca_pem {
            Some(pem) => {
                SslOpts::default().with_disable_built_in_roots(true).with_root_certs(vec![pem.clone().into()])
            }
            None => SslOpts::default(),
        });
        let seconds = self.common.timeout.as_secs();
        let opts: Opts = OptsBuilder::default()
            .ip_or_hostname(self.address.host.clone())
            .tcp_port(self.address.port)
            .user(Some(user))
            .pass(Some(password))
            .prefer_socket(false)
            .ssl_opts(tls)
            // A statement that we have given up must not happen later; and quoting must not hang on the server's mode.
            .init(vec![format!("SET SESSION lock_wait_timeout = {seconds}, SESSION sql_mode = ''")])
            .into();
        within(self.common.timeout, DriverError::unavailable, "connecting to MySQL", async {
            Conn::new(opts).await.map_err(|error| match error {
                Error::Server(error) => judged(error.code),
                error => DriverError::unavailable(format!("MySQL cannot be reached: {}", kind(&error))),
            })
        })
        .await
    }

    async fn run(&self, mut connection: Conn, statements: &[String]) -> Result<(), DriverError> {
        within(self.common.timeout, DriverError::unknown, "a statement at MySQL", async {
            for (done, statement) in statements.iter().enumerate() {
                connection.query_drop(statement).await.map_err(|error| match error {
                    // MySQL's account statements commit by themselves: with one done, the whole is half done.
                    Error::Server(error) if done == 0 => judged(error.code),
                    Error::Server(error) => DriverError::unknown(judged(error.code).message),
                    _ => DriverError::unknown("the connection to MySQL was lost"),
                })?;
            }
            Ok(())
        })
        .await?;
        // What was asked for is done; a server that is slow to say goodbye changes nothing about it.
        drop(tokio::time::timeout(self.common.timeout, connection.disconnect()).await);
        Ok(())
    }

    async fn administer(
        &self,
        target: &Target,
        account: &str,
        statements: impl FnOnce(&str) -> Result<Vec<String>, DriverError>,
    ) -> Result<(), DriverError> {
        let name = self.name(account)?;
        let admin = Administrator::of(target)?;
        admin.is_not(account, target, &self.common.authority)?;
        let statements = statements(&name)?;
        let connection = self.connect(&admin.account_name, admin.account_password.expose()).await?;
        self.run(connection, &statements).await
    }

    /// The account in statements: `'name'@'host'`.
    fn name(&self, account: &str) -> Result<String, DriverError> {
        check_name(account, MAX_NAME, FORBIDDEN)?;
        Ok(format!("{}@{}", literal(account), literal(&self.account_host)))
    }
}

impl RotationDriver for Mysql {
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
            self.administer(target, &login.account, |name| {
                Ok(vec![format!("ALTER USER {name} IDENTIFIED BY {}", literal(password.expose()))])
            })
            .await
        })
    }

    fn log_in<'a>(&'a self, _: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move {
            self.name(&login.account)?;
            let connection = self.connect(&login.account, password(login)?.expose()).await?;
            self.run(connection, &["SELECT 1".to_owned()]).await
        })
    }

    fn create<'a>(&'a self, target: &'a Target, account: &'a NewAccount) -> DriverFuture<'a> {
        Box::pin(async move {
            let password = password(&account.login)?;
            self.administer(target, &account.login.account, |name| {
                let mut statements =
                    vec![format!("CREATE USER {name} IDENTIFIED BY {}", literal(password.expose()))];
                if let Some(privileges) = privileges(account.privilege.as_deref())? {
                    let database = account.database.as_deref().unwrap_or_default();
                    check_name(database, 64, FORBIDDEN)?;
                    // In GRANT, `_` and `%` in a database's name are patterns.
                    let database = database.replace('_', "\\_").replace('%', "\\%");
                    statements.push(format!("GRANT {privileges} ON `{database}`.* TO {name}"));
                }
                Ok(statements)
            })
            .await
        })
    }

    fn remove<'a>(&'a self, target: &'a Target, account: &'a str) -> DriverFuture<'a> {
        Box::pin(async move {
            self.administer(target, account, |name| Ok(vec![format!("DROP USER IF EXISTS {name}")])).await
        })
    }
}

/// What PolarDB calls privileges, in MySQL's words.
fn privileges(name: Option<&str>) -> Result<Option<&'static str>, DriverError> {
    const DDL: &str = "CREATE, DROP, INDEX, ALTER, SHOW VIEW, CREATE VIEW, CREATE ROUTINE, ALTER ROUTINE";
    Ok(Some(match name {
        None | Some("") => return Ok(None),
        Some("ReadWrite") => "ALL PRIVILEGES",
        Some("ReadOnly") => "SELECT, LOCK TABLES, SHOW VIEW",
        Some("DMLOnly") => {
            "SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, SHOW VIEW, EVENT, TRIGGER"
        }
        Some("DDLOnly") => DDL,
        Some("ReadIndex") => "SELECT, INDEX, SHOW VIEW",
        Some(_) => return Err(DriverError::refused("AccountPrivilege is none that MySQL accounts have")),
    }))
}

/// A text in quotes, by the library.
fn literal(text: &str) -> String {
    Value::from(text).as_sql(false)
}

/// What the server said no to, it has not done.
fn judged(code: u16) -> DriverError {
    let message = match code {
        1045 | 1698 => "MySQL refused the login".to_owned(),
        1396 => "MySQL does not know the account, or has it already".to_owned(),
        1227 | 1044 | 1142 | 1410 => "MySQL does not let the administrator do this".to_owned(),
        other => format!("MySQL answered error {other}"),
    };
    match code {
        // Too many connections, out of resources, shutting down, lock wait timeout, deadlock, interrupted.
        1040 | 1041 | 1053 | 1203 | 1205 | 1213 | 1226 | 1317 | 1129 => DriverError::unavailable(message),
        _ => DriverError::refused(message),
    }
}

/// The kind of an error alone: what is inside may quote a statement.
fn kind(error: &Error) -> &'static str {
    match error {
        Error::Driver(_) => "it does not speak the protocol as expected",
        Error::Io(mysql_async::IoError::Tls(_)) => "TLS failed",
        Error::Io(_) => "network error",
        Error::Other(_) | Error::Server(_) | Error::Url(_) => "error",
    }
}
