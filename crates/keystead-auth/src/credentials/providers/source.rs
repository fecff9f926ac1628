//! Sources of credentials, and the providers that keep what a source gave.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::effects::{BoxFuture, Effects};
use super::error::ProviderError;
use crate::credentials::Credentials;

/// How often keys without an end are fetched again where they may be replaced: files, commands, secrets.
pub(super) const REREAD: Duration = Duration::from_secs(300);

/// Credentials as a provider hands them out. Clones share the secret.
#[derive(Clone)]
pub struct Provided {
    /// What signs.
    pub credentials: Arc<Credentials>,
    /// When they end, in Unix seconds; `None` for lasting ones.
    pub expiration: Option<i64>,
    /// Where they are from, as the header `x-acs-credentials-provider` names it: `default/env`, `static_ak`.
    pub provider: Arc<str>,
}

impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provided")
            .field("credentials", &self.credentials)
            .field("expiration", &self.expiration)
            .field("provider", &self.provider)
            .finish()
    }
}

/// What a source gave, and when to ask it again.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The credentials.
    pub provided: Provided,
    /// How long before their expiration they are to be renewed.
    pub lead: Duration,
    /// How long after the fetch they are to be renewed in any case.
    pub renew_after: Option<Duration>,
}

impl Fetched {
    /// The official libraries' lead: credentials are renewed 15 minutes before their end.
    pub const LEAD: Duration = Duration::from_secs(15 * 60);

    /// Credentials that are renewed [`Fetched::LEAD`] before their end, if they have one.
    pub fn new(provider: &str, credentials: Credentials, expiration: Option<i64>) -> Self {
        let provided = Provided { credentials: Arc::new(credentials), expiration, provider: provider.into() };
        Self { provided, lead: Self::LEAD, renew_after: None }
    }

    /// Puts the name of an outer source in front: `profile` before `static_ak` gives `profile/static_ak`.
    #[must_use]
    pub fn through(mut self, outer: &str) -> Self {
        self.provided.provider = format!("{outer}/{}", self.provided.provider).into();
        self
    }
}

/// A place that credentials are fetched from. It keeps nothing: that is for [`Cached`](super::Cached).
pub trait Source: Send + Sync {
    /// The source's name in errors and in the header `x-acs-credentials-provider`, such as `ecs_ram_role`.
    fn name(&self) -> &str;

    /// Fetches credentials once. Dropping the future gives the attempt up.
    ///
    /// # Errors
    /// There are none, or they cannot be had.
    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>>;
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        (**self).fetch(effects)
    }
}

/// Gives credentials for each request; to be asked anew every time, as they change.
pub trait CredentialsProvider: Send + Sync {
    /// The provider's name, for people.
    fn name(&self) -> &str;

    /// Credentials that are valid now.
    ///
    /// # Errors
    /// There are none, or those there were have expired and cannot be renewed.
    fn provide(&self) -> BoxFuture<'_, Result<Provided, ProviderError>>;

    /// Notes that the service refused these credentials before their end: their session was made void, or their AccessKey is
    /// gone. Tells whether asking again gives others; a provider that has only these need not do anything.
    fn refused(&self, provided: &Provided) -> bool {
        let _ = provided;
        false
    }
}

/// Credentials that are given and do not change: an AccessKey, or keys with a token from STS.
#[derive(Clone, Debug)]
pub struct Fixed(Provided);

impl Fixed {
    /// Takes the credentials over. Their name is `static_ak`, or with a token `static_sts`.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        let provider = if credentials.security_token.is_some() { "static_sts" } else { "static_ak" };
        Self(Fetched::new(provider, credentials, None).provided)
    }
}

impl Source for Fixed {
    fn name(&self) -> &str {
        &self.0.provider
    }

    fn fetch<'a>(&'a self, _: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        let fetched = Fetched { provided: self.0.clone(), lead: Fetched::LEAD, renew_after: None };
        Box::pin(std::future::ready(Ok(fetched)))
    }
}

impl CredentialsProvider for Fixed {
    fn name(&self) -> &str {
        &self.0.provider
    }

    fn provide(&self) -> BoxFuture<'_, Result<Provided, ProviderError>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}
