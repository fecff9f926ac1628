//! Temporary keys from a URI.

use http::{Method, Uri};

use super::answer::{Issued, accepted};
use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::request::Outgoing;
use super::source::{Fetched, Source};
use super::sts::setting;

/// Temporary keys from an address, often of this machine or of a sidecar. Plain HTTP is allowed, as in the official
/// libraries: whoever sets the address answers for the way to it.
#[derive(Clone, Default)]
pub struct CredentialsUri {
    uri: Option<String>,
}

impl CredentialsUri {
    /// The address in `ALIBABA_CLOUD_CREDENTIALS_URI`.
    #[must_use]
    pub fn from_env() -> Self {
        Self::default()
    }

    /// An address with scheme `http` or `https`. It may hold a secret and is not shown.
    #[must_use]
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: Some(uri.into()) }
    }

    async fn read(&self, effects: &Effects) -> Result<Fetched, Fault> {
        let uri = setting(&self.uri, "ALIBABA_CLOUD_CREDENTIALS_URI", effects)?;
        let usable = |uri: &Uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        };
        if !uri.parse().is_ok_and(|uri| usable(&uri)) {
            let text = "the credentials URI is not http:// or https:// with a host, a path and a query";
            return Err(Fault::Setting(text.to_owned()));
        }
        let answer = Outgoing::new(Method::GET, &uri)?.accept_json().send(effects).await?;
        let what = "the answer of the credentials URI";
        let (credentials, end) = Issued::of_success(what, accepted(&answer)?)?;
        Ok(Fetched::new(self.name(), credentials, Some(end)))
    }
}

impl std::fmt::Debug for CredentialsUri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialsUri").finish_non_exhaustive()
    }
}

impl Source for CredentialsUri {
    fn name(&self) -> &str {
        "credential_uri"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async { self.read(effects).await.map_err(|fault| ProviderError::new(self.name(), fault)) })
    }
}
