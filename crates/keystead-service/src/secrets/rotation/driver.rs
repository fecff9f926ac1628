//! What changes a login where it lives. The drivers themselves do network I/O and live in a crate of their own.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use keystead_api::SecretText;

/// A driver's answer to come.
pub type DriverFuture<'a> = Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send + 'a>>;

/// Who opens with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The account's name, at a database or an operating system.
    pub account: String,
    /// What it is opened with.
    pub secret: LoginSecret,
}

/// What an account is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginSecret {
    /// A password.
    Password(SecretText),
    /// An SSH key pair.
    SshKey {
        /// In OpenSSH's one-line form.
        public_key: String,
        /// PKCS#8 in PEM.
        private_key: SecretText,
    },
    /// The secret of the AccessKey whose id the account's name is. Only this service itself has such logins.
    AccessKey(SecretText),
}

impl Login {
    /// Its password, when it has one.
    pub fn password(&self) -> Option<&SecretText> {
        match &self.secret {
            LoginSecret::Password(password) => Some(password),
            LoginSecret::SshKey { .. } | LoginSecret::AccessKey(_) => None,
        }
    }
}

/// What a piece of a driver's work is about.
#[derive(Clone, Debug)]
pub struct Target {
    /// The account that owns the secret.
    pub account: String,
    /// The secret's name.
    pub secret_name: String,
    /// `Rds`, `Redis`, `PolarDB` or `ECS`.
    pub secret_type: String,
    /// Such as `DoubleUsers`.
    pub sub_type: String,
    /// The id of the system that the login is for, such as `rm-…`.
    pub id: String,
    /// The secret version that the login belongs to.
    pub version_id: String,
    /// The value of the secret that [`RotationDriver::authority`] names.
    pub authority: Option<SecretText>,
}

/// An account that a driver is to make.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its name and password.
    pub login: Login,
    /// The account whose second self it is, if it is one; that one is made first.
    pub clone_of: Option<String>,
    /// `AccountPrivilege` as the secret's owner gave it.
    pub privilege: Option<String>,
    /// `DBName` as the secret's owner gave it.
    pub database: Option<String>,
}

/// Changes logins at one system.
///
/// Each call is bounded in time by the driver. No error and no log line holds a secret. `set` may come twice with the
/// same login and must then change nothing more.
pub trait RotationDriver: fmt::Debug + Send + Sync + 'static {
    /// The account whose secrets may name this system; none means the one that the first start made.
    fn owner(&self) -> Option<&str>;

    /// The name of the secret by which the driver identifies itself at the system; it is opened anew for each rotation.
    fn authority(&self) -> Option<&str>;

    /// Whether secrets of this type and subtype can be rotated by it.
    fn serves(&self, secret_type: &str, sub_type: &str) -> bool;

    /// Gives an account that exists a new password or key pair.
    fn set<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a>;

    /// Really logs in.
    fn log_in<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a>;

    /// Makes an account that does not exist yet; one that does is an error.
    fn create<'a>(&'a self, target: &'a Target, account: &'a NewAccount) -> DriverFuture<'a>;

    /// Takes an account back that `create` made.
    fn remove<'a>(&'a self, target: &'a Target, account: &'a str) -> DriverFuture<'a>;
}

/// Finds the driver for a system.
pub trait RotationDrivers: fmt::Debug + Send + Sync + 'static {
    /// The driver of the system with this id, if one is configured.
    fn find(&self, id: &str) -> Option<Arc<dyn RotationDriver>>;
}

/// A service in which no system is configured.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDrivers;

impl RotationDrivers for NoDrivers {
    fn find(&self, _: &str) -> Option<Arc<dyn RotationDriver>> {
        None
    }
}

/// What a failure left at the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Everything as it was.
    Unchanged,
    /// It is not known whether the change happened.
    Unknown,
}

/// A driver could not do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverError {
    /// What it left behind.
    pub left: Left,
    /// Whether somebody has to mend something before it can succeed.
    pub lasting: bool,
    /// For people; without secrets.
    pub message: String,
}

impl DriverError {
    /// The system could not be reached, or is busy: it may work later. Nothing was changed.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self { left: Left::Unchanged, lasting: false, message: message.into() }
    }

    /// The system said no, and will say so until somebody mends something. Nothing was changed.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { left: Left::Unchanged, lasting: true, message: message.into() }
    }

    /// The system did not answer, or did half of it.
    pub fn unknown(message: impl Into<String>) -> Self {
        Self { left: Left::Unknown, lasting: false, message: message.into() }
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DriverError {}
