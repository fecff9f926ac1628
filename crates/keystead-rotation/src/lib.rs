//! Changes logins where they live.
//!
//! [`Targets`] is made from the configuration and handed to the engine, which asks it for a driver by the id of the system
//! that a secret's login is for. Each driver sets a password over a connection of its own, opened with an administrator's
//! login that is itself a secret of the service, and tries passwords by really logging in.
//!
//! Nothing here writes a secret to a log or into an error. What a database says about an error is told by its code alone,
//! because its texts may quote the statement.

mod account;
mod mysql;
mod net;
mod postgres;
mod redis;
mod settings;
mod webhook;

use std::collections::BTreeMap;
use std::sync::Arc;

use keystead_service::rotation::{RotationDriver, RotationDrivers};

pub use settings::{Kind, SettingsError, TargetSettings};
pub use webhook::signature;

/// The systems whose logins can be rotated, by the id that secrets call them by.
#[derive(Debug, Default)]
pub struct Targets(BTreeMap<String, Arc<dyn RotationDriver>>);

impl Targets {
    /// Checks every setting and reads the certificates that they name; connects to nothing.
    ///
    /// # Errors
    /// The first setting that is wrong, by its name.
    pub fn new(settings: &BTreeMap<String, TargetSettings>) -> Result<Self, SettingsError> {
        let drivers = settings.iter().map(|(id, settings)| {
            let named = |reason| SettingsError { target: id.clone(), reason };
            Ok((id.clone(), driver(settings).map_err(named)?))
        });
        Ok(Self(drivers.collect::<Result<_, SettingsError>>()?))
    }
}

impl RotationDrivers for Targets {
    fn find(&self, id: &str) -> Option<Arc<dyn RotationDriver>> {
        self.0.get(id).cloned()
    }
}

fn driver(settings: &TargetSettings) -> Result<Arc<dyn RotationDriver>, String> {
    let common = settings.checked()?;
    Ok(match settings.kind {
        Kind::Postgres => Arc::new(postgres::Postgres::new(settings, common)?),
        Kind::Mysql => Arc::new(mysql::Mysql::new(settings, common)?),
        Kind::Redis => Arc::new(redis::Redis::new(settings, common)?),
        Kind::Webhook => Arc::new(webhook::Webhook::new(settings, common)?),
    })
}
