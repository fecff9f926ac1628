//! Who calls, and what they may do.

pub mod authenticate;
pub mod client_key;
mod permission;
mod policies;
mod principal;
pub mod replay;
#[cfg(test)]
mod session_tests;
pub mod simulate;

pub use client_key::ClientKeyHolder;
pub(crate) use permission::{Facts, Resource};
pub(crate) use policies::{Compiled, IdentityPolicies, PolicyCache};
pub use principal::{Caller, Principal, RoleSession};
