//! Who calls, and what they may do.

pub mod authenticate;
mod policies;
mod principal;
pub mod replay;

pub(crate) use policies::IdentityPolicies;
pub use principal::{Caller, Principal, RoleSession};

use crate::records::KeyRecord;

impl Caller {
    /// Whether the caller may do this. Root may do everything with its account's own resources.
    pub(crate) fn may(&self, _action: &'static str, resource: Resource<'_>) -> bool {
        self.is_root() && resource.account == self.account()
    }
}

/// A resource that a permission is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource<'a> {
    /// The account that owns it.
    pub(crate) account: &'a str,
    /// `key`, `alias`, `secret` or `*`.
    #[allow(dead_code, reason = "policies will match on it; root needs only the account")]
    pub(crate) kind: &'static str,
    /// Its id or name; none means the container.
    #[allow(dead_code, reason = "as above")]
    pub(crate) id: Option<&'a str>,
}

impl<'a> Resource<'a> {
    /// A key.
    pub(crate) fn key(key: &'a KeyRecord) -> Self {
        Self { account: &key.account, kind: "key", id: Some(&key.key_id) }
    }
}
