//! A system with logins, as a driver sees it, that fails where a test says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use keystead_service::rotation::{
    DriverError, DriverFuture, Login, LoginSecret, NewAccount, RotationDriver, RotationDrivers, Target,
};
use tokio::sync::watch;

/// Where a driver is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Before a login is set.
    Set,
    /// When it was set, and the answer is on the way.
    WasSet,
    /// Before a login is tried.
    LogIn,
    /// Before an account is made.
    Create,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Fails(DriverError),
    /// Never answers, like a process that is gone.
    Hangs,
}

/// A system with accounts. Cloning it gives the same one.
#[derive(Clone, Debug)]
pub struct System(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    accounts: Mutex<BTreeMap<String, LoginSecret>>,
    faults: Mutex<BTreeMap<Place, Fault>>,
    log: Mutex<Vec<String>>,
    arrived: watch::Sender<usize>,
}

/// The id by which secrets call the system.
pub const ID: &str = "rm-1";
/// The secret by which the driver identifies itself.
pub const ADMIN: &str = "admin";

impl System {
    /// With these accounts and passwords.
    pub fn new(accounts: &[(&str, &str)]) -> Self {
        let accounts = accounts
            .iter()
            .map(|(name, password)| ((*name).to_owned(), LoginSecret::Password((*password).into())));
        Self(Arc::new(Inside {
            accounts: Mutex::new(accounts.collect()),
            faults: Mutex::default(),
            log: Mutex::default(),
            arrived: watch::Sender::new(0),
        }))
    }

    /// From now on this happens at this place.
    pub fn fault(&self, place: Place, fault: Fault) {
        self.0.faults.lock().unwrap().insert(place, fault);
    }

    pub fn mend(&self) {
        self.0.faults.lock().unwrap().clear();
    }

    pub fn has(&self, account: &str) -> bool {
        self.0.accounts.lock().unwrap().contains_key(account)
    }

    /// Whether an account opens with this password.
    pub fn opens(&self, account: &str, password: &str) -> bool {
        let secret = LoginSecret::Password(password.into());
        self.0.accounts.lock().unwrap().get(account) == Some(&secret)
    }

    /// What was done, such as `set app`.
    pub fn log(&self) -> Vec<String> {
        self.0.log.lock().unwrap().clone()
    }

    pub fn sets(&self) -> usize {
        self.log().iter().filter(|line| line.starts_with("set ")).count()
    }

    /// Resolves when a hanging fault was met so many times.
    pub async fn hangs(&self, times: usize) {
        self.0.arrived.subscribe().wait_for(|arrived| *arrived >= times).await.unwrap();
    }

    async fn meet(&self, place: Place) -> Result<(), DriverError> {
        let fault = self.0.faults.lock().unwrap().get(&place).cloned();
        match fault {
            None => Ok(()),
            Some(Fault::Fails(error)) => Err(error),
            Some(Fault::Hangs) => {
                self.0.arrived.send_modify(|arrived| *arrived += 1);
                std::future::pending().await
            }
        }
    }

    fn write(&self, line: String) {
        self.0.log.lock().unwrap().push(line);
    }

    fn check_authority(target: &Target) -> Result<(), DriverError> {
        assert_eq!((target.id.as_str(), target.secret_type.is_empty()), (ID, false));
        match &target.authority {
            Some(text) if text.expose() == "let-me-in" => Ok(()),
            _ => Err(DriverError::refused("a wrong administrator's login")),
        }
    }
}

impl RotationDrivers for System {
    fn find(&self, id: &str) -> Option<Arc<dyn RotationDriver>> {
        (id == ID).then(|| Arc::new(self.clone()) as _)
    }
}

impl RotationDriver for System {
    fn owner(&self) -> Option<&str> {
        None
    }

    fn authority(&self) -> Option<&str> {
        Some(ADMIN)
    }

    fn serves(&self, secret_type: &str, _: &str) -> bool {
        secret_type != "RAMCredentials"
    }

    fn set<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move {
            Self::check_authority(target)?;
            self.meet(Place::Set).await?;
            match self.0.accounts.lock().unwrap().get_mut(&login.account) {
                Some(secret) => secret.clone_from(&login.secret),
                None => return Err(DriverError::refused("no such account")),
            }
            self.write(format!("set {}", login.account));
            self.meet(Place::WasSet).await
        })
    }

    fn log_in<'a>(&'a self, _: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move {
            self.meet(Place::LogIn).await?;
            let good = self.0.accounts.lock().unwrap().get(&login.account) == Some(&login.secret);
            self.write(format!("log in {} {}", login.account, if good { "yes" } else { "no" }));
            if good { Ok(()) } else { Err(DriverError::refused("refused")) }
        })
    }

    fn create<'a>(&'a self, target: &'a Target, account: &'a NewAccount) -> DriverFuture<'a> {
        Box::pin(async move {
            Self::check_authority(target)?;
            self.meet(Place::Create).await?;
            let (name, secret) = (account.login.account.clone(), account.login.secret.clone());
            if self.has(&name) {
                return Err(DriverError::refused("there already"));
            }
            self.write(format!("create {name} {}", account.privilege.as_deref().unwrap_or("-")));
            self.0.accounts.lock().unwrap().insert(name, secret);
            Ok(())
        })
    }

    fn remove<'a>(&'a self, target: &'a Target, account: &'a str) -> DriverFuture<'a> {
        Box::pin(async move {
            Self::check_authority(target)?;
            self.write(format!("remove {account}"));
            self.0.accounts.lock().unwrap().remove(account);
            Ok(())
        })
    }
}
