//! A database, as far as a pool has to know it.

use crate::login::Login;

/// Opens connections to one database. The crate has one for each driver behind a feature; for anything else that is logged in
/// to with a name and a password it can be implemented outside.
pub trait Connector: Send + Sync + 'static {
    /// A connection of the driver's.
    type Connection: Send + 'static;
    /// The driver's error.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Whether the secret has to say where the database is. The pool then sees that it does.
    fn needs_place(&self) -> bool {
        false
    }

    /// Opens a connection. The pool bounds the time, and drops the future when it is over.
    ///
    /// # Errors
    /// What the driver met.
    fn connect(&self, login: &Login) -> impl Future<Output = Result<Self::Connection, Self::Error>> + Send;

    /// Whether an error of [`Connector::connect`] says that the account or its password is wrong. Anything else, such as an
    /// account that is locked or a database that is away, is not helped by another login.
    fn is_refusal(&self, error: &Self::Error) -> bool;

    /// Makes a connection ready for its next user, and says whether it can be used again.
    fn recycle(&self, connection: &mut Self::Connection) -> impl Future<Output = bool> + Send;
}
