//! Why a secret cannot be had.

use std::fmt;
use std::sync::Arc;

use keystead_client::Error;

/// Why a secret cannot be had. Clones are cheap: all who wait for one fetch get its error.
///
/// Nothing secret is in it, so it can be logged.
#[derive(Clone)]
pub struct SecretError(Arc<Inner>);

struct Inner {
    kind: SecretErrorKind,
    secret: Box<str>,
    text: Box<str>,
    attempts: Box<[FailedAttempt]>,
}

/// What a program can make of a [`SecretError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretErrorKind {
    /// There is no such secret, version or stage, or it is being deleted.
    Missing,
    /// The service refuses this caller: a right was withdrawn, or its credentials are not valid (any more).
    Denied,
    /// The service refuses the request for another reason, such as a disabled key.
    Refused,
    /// Nobody can say now: the service is away, is too busy, or there is something else in its place. It may pass.
    Unavailable,
    /// The value is not of the form that was asked for: text, binary, JSON.
    Form,
    /// The settings are not usable, such as a credentials file that does not exist.
    Settings,
}

/// A request that failed, and where.
#[derive(Clone, Debug)]
pub struct FailedAttempt {
    /// The region's name or address.
    pub endpoint: Arc<str>,
    /// What was met there.
    pub error: Arc<Error>,
}

impl SecretError {
    /// An error of a source of one's own, for instance in tests. The text must hold
    /// nothing secret.
    pub fn new(kind: SecretErrorKind, secret: impl Into<String>, text: impl Into<String>) -> Self {
        Self::after(kind, secret, text, Vec::new())
    }

    pub(crate) fn after(
        kind: SecretErrorKind,
        secret: impl Into<String>,
        text: impl Into<String>,
        attempts: Vec<FailedAttempt>,
    ) -> Self {
        let (secret, text) = (secret.into().into_boxed_str(), text.into().into_boxed_str());
        Self(Arc::new(Inner { kind, secret, text, attempts: attempts.into_boxed_slice() }))
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> SecretErrorKind {
        self.0.kind
    }

    /// The secret's name.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0.secret
    }

    /// Every request that failed on the way, of all regions, in order. Empty when none was sent.
    #[must_use]
    pub fn attempts(&self) -> &[FailedAttempt] {
        &self.0.attempts
    }

    /// The service's code, such as `Forbidden.ResourceNotFound`, of the request that decided.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.last()?.code()
    }

    /// The HTTP status of the request that decided.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.last()?.status()
    }

    /// The id of the request that decided.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.last()?.request_id()
    }

    /// Whether it may pass by itself. Only such an error is bridged with an old value.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.0.kind == SecretErrorKind::Unavailable
    }

    fn last(&self) -> Option<&Error> {
        self.0.attempts.last().map(|attempt| &*attempt.error)
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret {}: {}", self.0.secret, self.0.text)?;
        for (at, attempt) in self.0.attempts.iter().enumerate() {
            write!(f, "{}{}: {}", if at == 0 { " (" } else { "; " }, attempt.endpoint, attempt.error)?;
        }
        if self.0.attempts.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

impl fmt::Debug for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl std::error::Error for SecretError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.last().map(|error| error as _)
    }
}
