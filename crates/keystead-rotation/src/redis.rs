//! Redis: `ACL SETUSER`.

use keystead_service::rotation::{DriverError, DriverFuture, Login, NewAccount, RotationDriver, Target};
use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, RedisConnectionInfo, RedisError, ServerErrorKind, Value, cmd};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use crate::account::{Administrator, check_name, password};
use crate::net::{Address, Tls, within};
use crate::settings::{Common, Persist, TargetSettings};

/// Bytes of a name at most; Redis has no bound.
const MAX_NAME: usize = 256;

#[derive(Debug)]
pub(crate) struct Redis {
    common: Common,
    address: Address,
    tls: Option<Tls>,
    persist: Persist,
}

impl Redis {
    pub(crate) fn new(settings: &TargetSettings, common: Common) -> Result<Self, String> {
        let (address, tls) = settings.endpoint()?;
        Ok(Self { common, address, tls, persist: settings.persist.unwrap_or_default() })
    }

    async fn connect(&self, user: &str, password: &str) -> Result<Session, DriverError> {
        within(self.common.timeout, DriverError::unavailable, "connecting to Redis", async {
            let tcp = TcpStream::connect((self.address.host.as_str(), self.address.port)).await;
            let tcp = tcp.map_err(|error| unreachable(&error.kind()))?;
            match &self.tls {
                None => Session::open(tcp, user, password).await,
                Some(tls) => {
                    let name = ServerName::try_from(self.address.host.clone())
                        .map_err(|_| DriverError::refused("the address is no name that TLS can check"))?;
                    let stream = TlsConnector::from(tls.config.clone()).connect(name, tcp).await;
                    Session::open(stream.map_err(|_| unreachable(&"TLS failed"))?, user, password).await
                }
            }
        })
        .await
    }

    async fn administrator(&self, target: &Target, account: &str) -> Result<Session, DriverError> {
        check(account)?;
        let admin = Administrator::of(target)?;
        admin.is_not(account, target, &self.common.authority)?;
        self.connect(&admin.account_name, admin.account_password.expose()).await
    }

    /// Changes an account and makes the change outlive a restart. The second half failing leaves the first one done.
    async fn change(&self, session: &mut Session, change: &Cmd) -> Result<(), DriverError> {
        within(self.common.timeout, DriverError::unknown, "a command at Redis", async {
            session.run(change).await?;
            let mut persist = Cmd::new();
            match self.persist {
                Persist::AclFile => persist.arg("ACL").arg("SAVE"),
                Persist::ConfigFile => persist.arg("CONFIG").arg("REWRITE"),
                Persist::None => return Ok(()),
            };
            match session.run(&persist).await {
                Ok(_) => Ok(()),
                Err(error) => Err(DriverError {
                    lasting: error.lasting,
                    ..DriverError::unknown(format!("the change was made and not saved: {}", error.message))
                }),
            }
        })
        .await
    }

    async fn exists(&self, session: &mut Session, account: &str) -> Result<bool, DriverError> {
        within(self.common.timeout, DriverError::unavailable, "a command at Redis", async {
            Ok(session.run(cmd("ACL").arg("GETUSER").arg(account)).await? != Value::Nil)
        })
        .await
    }
}

impl RotationDriver for Redis {
    fn owner(&self) -> Option<&str> {
        self.common.owner.as_deref()
    }

    fn authority(&self) -> Option<&str> {
        Some(&self.common.authority)
    }

    fn serves(&self, secret_type: &str, _: &str) -> bool {
        secret_type == "Redis"
    }

    fn set<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move {
            let password = password(login)?;
            let mut session = self.administrator(target, &login.account).await?;
            // SETUSER would make an account that is not there.
            if !self.exists(&mut session, &login.account).await? {
                return Err(DriverError::refused("Redis does not know the account"));
            }
            let mut change = cmd("ACL");
            change.arg("SETUSER").arg(&login.account).arg("resetpass");
            change.arg(format!(">{}", password.expose()));
            self.change(&mut session, &change).await
        })
    }

    fn log_in<'a>(&'a self, _: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move {
            check(&login.account)?;
            // The connection authenticates before it is open. The account may be allowed nothing at all.
            self.connect(&login.account, password(login)?.expose()).await.map(drop)
        })
    }

    fn create<'a>(&'a self, target: &'a Target, account: &'a NewAccount) -> DriverFuture<'a> {
        Box::pin(async move {
            let rules = rules(account.privilege.as_deref())?;
            let (name, password) = (&account.login.account, password(&account.login)?);
            let mut session = self.administrator(target, name).await?;
            if self.exists(&mut session, name).await? {
                return Err(DriverError::refused("Redis has this account already"));
            }
            let mut change = cmd("ACL");
            change.arg("SETUSER").arg(name).arg("reset").arg("on").arg(format!(">{}", password.expose()));
            change.arg(rules);
            self.change(&mut session, &change).await
        })
    }

    fn remove<'a>(&'a self, target: &'a Target, account: &'a str) -> DriverFuture<'a> {
        Box::pin(async move {
            let mut session = self.administrator(target, account).await?;
            self.change(&mut session, cmd("ACL").arg("DELUSER").arg(account)).await
        })
    }
}

/// Names travel with their length and cannot be mistaken for something else; Redis itself refuses spaces.
fn check(account: &str) -> Result<(), DriverError> {
    check_name(account, MAX_NAME, &[' '])
}

/// What Tair calls privileges, in Redis' words.
fn rules(privilege: Option<&str>) -> Result<&'static [&'static str], DriverError> {
    match privilege {
        Some("RoleReadOnly") => Ok(&["~*", "&*", "+@read", "+@connection", "-@admin", "-@dangerous"]),
        Some("RoleReadWrite") => Ok(&["~*", "&*", "+@all", "-@admin", "-@dangerous"]),
        _ => Err(DriverError::refused("AccountPrivilege is neither RoleReadOnly nor RoleReadWrite")),
    }
}

/// An open connection; closed when dropped.
struct Session {
    connection: MultiplexedConnection,
    driving: JoinHandle<()>,
}

impl Session {
    async fn open(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        user: &str,
        password: &str,
    ) -> Result<Self, DriverError> {
        let info =
            RedisConnectionInfo::default().set_username(user).set_password(password).set_skip_set_lib_name();
        // The connection's own time limit is ours: whoever calls has one already.
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(None);
        let opening = MultiplexedConnection::new_with_config(&info, stream, config).await;
        let (connection, driver) = opening.map_err(|error| match judged(&error) {
            Some(judged) => judged,
            None => unreachable(&"the connection was closed"),
        })?;
        Ok(Self { connection, driving: tokio::spawn(driver) })
    }

    async fn run(&mut self, command: &Cmd) -> Result<Value, DriverError> {
        command.query_async(&mut self.connection).await.map_err(|error| {
            judged(&error).unwrap_or_else(|| DriverError::unknown("the connection to Redis was lost"))
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driving.abort();
    }
}

/// What the server said, by its code alone.
fn judged(error: &RedisError) -> Option<DriverError> {
    if error.kind() == ErrorKind::AuthenticationFailed {
        return Some(DriverError::refused("Redis refused the login"));
    }
    Some(match error.code()? {
        "WRONGPASS" | "NOAUTH" => DriverError::refused("Redis refused the login"),
        "NOPERM" => DriverError::refused("Redis does not let the administrator do this"),
        "LOADING" | "BUSY" | "TRYAGAIN" | "CLUSTERDOWN" | "MASTERDOWN" => {
            DriverError::unavailable("Redis is busy")
        }
        _ if matches!(error.kind(), ErrorKind::Server(ServerErrorKind::ResponseError)) => {
            DriverError::refused("Redis refused the command")
        }
        _ => DriverError::refused("Redis answered an error"),
    })
}

fn unreachable(reason: &dyn std::fmt::Display) -> DriverError {
    DriverError::unavailable(format!("Redis cannot be reached: {reason}"))
}
