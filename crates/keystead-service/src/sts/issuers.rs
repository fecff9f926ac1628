//! Where the keys of identity providers come from. What fetches them does network I/O and lives in a crate of its own.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use thiserror::Error;

use super::KeySet;

/// Keys to come.
pub type KeysFuture<'a> = Pin<Box<dyn Future<Output = Result<Arc<KeySet>, KeysError>> + Send + 'a>>;

/// Whose keys are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Issuer<'a> {
    /// The issuer's URL as the OIDC provider's record has it.
    pub url: &'a str,
    /// SHA-1 fingerprints, in hexadecimal, of certificates of which the issuer must show one; none means any.
    pub fingerprints: &'a [String],
}

/// Gives the keys of issuers. Both calls end within seconds, whatever the other side does.
pub trait IssuerKeys: fmt::Debug + Send + Sync + 'static {
    /// The issuer's keys, at most some minutes old.
    fn keys<'a>(&'a self, issuer: Issuer<'a>) -> KeysFuture<'a>;

    /// Newer keys than `known`, among which a token's was not; `known` itself when they were asked for a moment ago.
    fn newer<'a>(&'a self, issuer: Issuer<'a>, known: &'a Arc<KeySet>) -> KeysFuture<'a>;
}

/// Why there are no keys.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeysError {
    /// They cannot be had.
    #[error("{0}")]
    Unavailable(String),
    /// The issuer shows no certificate with one of the fingerprints.
    #[error("no certificate of the issuer has one of the provider's fingerprints")]
    Fingerprint,
}

/// There are none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoIssuers;

impl IssuerKeys for NoIssuers {
    fn keys<'a>(&'a self, _: Issuer<'a>) -> KeysFuture<'a> {
        Box::pin(async { Err(KeysError::Unavailable("no issuer is configured".to_owned())) })
    }

    fn newer<'a>(&'a self, issuer: Issuer<'a>, _: &'a Arc<KeySet>) -> KeysFuture<'a> {
        self.keys(issuer)
    }
}
