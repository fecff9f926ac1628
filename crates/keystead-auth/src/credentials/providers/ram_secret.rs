//! The AccessKey in a secret of type `RAMCredentials`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::answer::{Hidden, Token, json, keys};
use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::source::{Fetched, REREAD, Source};

/// Where secrets are read, for instance a client with a cache.
pub trait SecretSource: Send + Sync {
    /// The current value of the secret with this name.
    ///
    /// # Errors
    /// The secret cannot be read.
    fn secret<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Zeroizing<String>, SecretSourceError>>;
}

/// A secret that cannot be read. The text says why and is shown: it must hold nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SecretSourceError(pub String);

/// The AccessKey that a secret of type `RAMCredentials` holds. The service rotates it, so it is read again from time to time;
/// the key before stays valid for a while.
#[derive(Clone)]
pub struct RamSecret {
    secrets: Arc<dyn SecretSource>,
    name: String,
    reread: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Value {
    access_key_id: Option<String>,
    access_key_secret: Option<Hidden>,
}

impl RamSecret {
    /// The secret with this name, read again every five minutes.
    pub fn new(secrets: Arc<dyn SecretSource>, name: impl Into<String>) -> Self {
        Self { secrets, name: name.into(), reread: REREAD }
    }

    /// How often the secret is read again.
    #[must_use]
    pub fn reread_every(mut self, period: Duration) -> Self {
        self.reread = period;
        self
    }

    async fn read(&self) -> Result<Fetched, Fault> {
        let value = self
            .secrets
            .secret(&self.name)
            .await
            .map_err(|error| Fault::Below(format!("the secret {} cannot be read: {error}", self.name)))?;
        let what = format!("the secret {}", self.name);
        let Value { access_key_id, access_key_secret } = json(&what, value.as_bytes())?;
        let credentials = keys(&what, access_key_id, access_key_secret, Token::Optional(None))?;
        let mut fetched = Fetched::new(self.name(), credentials, None);
        fetched.renew_after = Some(self.reread);
        Ok(fetched)
    }
}

impl Source for RamSecret {
    fn name(&self) -> &str {
        "ram_secret"
    }

    fn fetch<'a>(&'a self, _: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async { self.read().await.map_err(|fault| ProviderError::new(self.name(), fault)) })
    }
}

impl fmt::Debug for RamSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RamSecret")
            .field("name", &self.name)
            .field("reread", &self.reread)
            .finish_non_exhaustive()
    }
}
