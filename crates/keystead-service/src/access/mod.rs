//! Who calls, and what they may do.

pub mod authenticate;
pub mod replay;

use std::sync::Arc;

use crate::image::Versioned;
use crate::records::{AccessKeyRecord, KeyRecord};

/// A verified caller. Exists only after the request's signature, date and nonce were found good.
pub struct Caller {
    access_key: Arc<Versioned<AccessKeyRecord>>,
}

impl Caller {
    /// The account that the caller belongs to.
    pub fn account(&self) -> &str {
        &self.access_key.value.account
    }

    /// The AccessKey that signed.
    pub fn access_key_id(&self) -> &str {
        &self.access_key.value.access_key_id
    }

    /// Whether the caller may do this. Every AccessKey is its account's root for now, and root may do everything with the
    /// account's own resources and nothing with another's.
    pub(crate) fn may(&self, _action: &'static str, resource: Resource<'_>) -> bool {
        resource.account == self.account()
    }
}

/// A resource that a permission is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource<'a> {
    /// The account that owns it.
    pub(crate) account: &'a str,
    /// `key`, `alias`, `secret` or `*`.
    pub(crate) kind: &'static str,
    /// Its id or name; none means the container.
    pub(crate) id: Option<&'a str>,
}

impl<'a> Resource<'a> {
    /// A key.
    pub(crate) fn key(key: &'a KeyRecord) -> Self {
        Self { account: &key.account, kind: "key", id: Some(&key.key_id) }
    }
}
