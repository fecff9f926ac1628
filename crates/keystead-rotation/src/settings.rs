use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::net::{Address, Tls};

/// Seconds that one connection, and one piece of work on it, may take by default.
const TIMEOUT: u64 = 5;
/// The same at most: the engine gives up a rotation after its own bound, which all steps have to fit into.
const MAX_TIMEOUT: u64 = 12;

/// What a system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    Mysql,
    /// Redis 6 or later, or Valkey.
    Redis,
    /// A program of the operator's that does the work.
    Webhook,
}

/// `[rotation.targets."…"]` in the configuration file. No secret stands in it: secrets are named by their names in this
/// service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSettings {
    /// What the system is.
    pub kind: Kind,
    /// `host:port`; for all but webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether TLS is used. By default it is, except for loopback addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// Certificates (PEM) that the system's own certificate must go back to; by default the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The database that is connected to; for PostgreSQL, where it is `postgres` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The host part of the accounts; for MySQL and MariaDB, where it is `%` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_host: Option<String>,
    /// How changed accounts outlive a restart of Redis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persist: Option<Persist>,
    /// The secret that holds the administrator's login; for all but webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_secret: Option<String>,
    /// Where the webhook is: `https://…`, or `http://` on a loopback address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The secret under which the webhook's requests are signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_secret: Option<String>,
    /// The account whose secrets may name this system; by default the one that the first start made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Seconds that one connection, and one piece of work on it, may take: 1 to 12, 5 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
}

/// How changed accounts outlive a restart of Redis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Persist {
    /// `ACL SAVE`, for a Redis with an ACL file.
    #[default]
    AclFile,
    /// `CONFIG REWRITE`, for a Redis with its accounts in the configuration file.
    ConfigFile,
    /// Not at all: something else writes the accounts at a restart.
    None,
}

/// A setting that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("rotation.targets.\"{target}\": {reason}")]
pub struct SettingsError {
    /// The system.
    pub target: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What all drivers have.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    /// The account whose secrets may name the system; none means the first one.
    pub(crate) owner: Option<String>,
    /// The secret by which the driver identifies itself.
    pub(crate) authority: String,
    pub(crate) timeout: Duration,
}

impl TargetSettings {
    /// Refuses what the kind does not have, and what it lacks.
    pub(crate) fn checked(&self) -> Result<Common, String> {
        use Kind::{Mysql, Postgres, Redis, Webhook};
        let database = [Postgres, Mysql, Redis].as_slice();
        for (name, given, kinds) in [
            ("address", self.address.is_some(), database),
            ("tls", self.tls.is_some(), database),
            ("admin_secret", self.admin_secret.is_some(), database),
            ("database", self.database.is_some(), &[Postgres]),
            ("account_host", self.account_host.is_some(), &[Mysql]),
            ("persist", self.persist.is_some(), &[Redis]),
            ("url", self.url.is_some(), &[Webhook]),
            ("signing_secret", self.signing_secret.is_some(), &[Webhook]),
        ] {
            if given && !kinds.contains(&self.kind) {
                return Err(format!("`{name}` is not for the kind {:?}", self.kind).to_lowercase());
            }
        }
        let authority = match self.kind {
            Webhook => self.signing_secret.as_ref().ok_or("`signing_secret` is missing"),
            _ => self.admin_secret.as_ref().ok_or("`admin_secret` is missing"),
        }?;
        if authority.is_empty() {
            return Err("the name of a secret is empty".to_owned());
        }
        let seconds = self.timeout_seconds.unwrap_or(TIMEOUT);
        if !(1..=MAX_TIMEOUT).contains(&seconds) {
            return Err(format!("`timeout_seconds` is 1 to {MAX_TIMEOUT}"));
        }
        Ok(Common {
            owner: self.account.clone(),
            authority: authority.clone(),
            timeout: Duration::from_secs(seconds),
        })
    }

    /// Where the system listens, and TLS when it is to be used.
    pub(crate) fn endpoint(&self) -> Result<(Address, Option<Tls>), String> {
        let address = Address::parse(self.address.as_deref().ok_or("`address` is missing")?)?;
        let tls = self.tls.unwrap_or(!address.is_loopback());
        if !tls && self.ca_file.is_some() {
            return Err("`ca_file` is given, and TLS is off: set `tls = true`".to_owned());
        }
        let tls = if tls { Some(Tls::new(self.ca_file.as_deref())?) } else { None };
        Ok((address, tls))
    }
}
