//! Who calls, and what they may do.

pub mod authenticate;
mod permission;
mod policies;
mod principal;
pub mod replay;
#[cfg(test)]
mod session_tests;
pub mod simulate;

pub(crate) use permission::{Facts, Resource};
pub(crate) use policies::{Compiled, IdentityPolicies, PolicyCache};
pub use principal::{Caller, Principal, RoleSession};
