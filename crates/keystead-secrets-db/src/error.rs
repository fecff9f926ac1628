//! What can go wrong.

use std::time::Duration;

use keystead_secrets::SecretError;

use crate::login::LoginError;
use crate::logins::Unusable;

/// A pool that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// There is no Tokio runtime around.
    #[error("a pool can be made in a Tokio runtime only")]
    NoRuntime,
    /// `max_size` or `connects_at_once` is zero.
    #[error("max_size and connects_at_once are at least 1")]
    Nothing,
}

/// A connection that cannot be opened. `E` is the driver's error.
#[derive(Debug, thiserror::Error)]
pub enum Error<E: std::error::Error + 'static> {
    /// The secret cannot be read.
    #[error("the secret with the login cannot be read")]
    Secret(#[from] SecretError),
    /// The secret's value is no login.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The URL has no host, and the secret has no `Endpoint`.
    #[error("neither the URL nor the secret says where the database is")]
    NoPlace,
    /// The database refused the login, and the secret has no other one.
    #[error("the database refuses the login that the secret has")]
    Refused {
        /// What the database said; `None` when it was not asked again, as it has just refused the same login.
        #[source]
        error: Option<E>,
    },
    /// Connecting took too long.
    #[error("connecting to the database took longer than {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// Anything else that the driver met.
    #[error("the database cannot be connected to")]
    Driver(#[source] E),
}

impl<E: std::error::Error + 'static> From<Unusable> for Error<E> {
    fn from(error: Unusable) -> Self {
        match error {
            Unusable::Secret(error) => Self::Secret(error),
            Unusable::Login(error) => Self::Login(error),
        }
    }
}
