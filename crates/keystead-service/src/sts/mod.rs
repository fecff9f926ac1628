//! Sessions of roles, and who a caller is.
//!
//! A session is not stored: its token says everything, sealed under a key of a ring (`token`, `ring`). `session` opens
//! tokens, `issue` makes them, for whoever may take a role (`role`): users and sessions (`assume_role`), holders of an
//! identity provider's token (`assume_role_with_oidc`, `jwt`, `key_set`), and this machine (`machine`).

pub(crate) mod assume_role;
pub(crate) mod assume_role_with_oidc;
pub(crate) mod caller_identity;
mod issue;
pub mod issuers;
mod jwt;
mod key_set;
mod machine;
mod request;
mod revoke;
mod ring;
mod role;
mod session;
mod token;

pub use key_set::{KeySet, KeySetError};
pub use machine::MachineSession;
pub use revoke::RevokeError;
pub(crate) use session::Sessions;

/// The longest session of any role, in seconds.
pub(crate) const MAX_SESSION: i64 = 43_200;
/// The shortest, in seconds.
pub(crate) const MIN_SESSION: i64 = 900;
/// A session that was begun by a session, at most; and any for which no time was asked. In seconds.
pub(crate) const USUAL_SESSION: i64 = 3_600;
