//! The usual places, one after the other.

use std::sync::OnceLock;

use super::cli::CliProfile;
use super::effects::{BoxFuture, Effects};
use super::environment::Environment;
use super::error::{Fault, ProviderError};
use super::metadata::EcsRamRole;
use super::profile::IniProfile;
use super::role::OidcRoleArn;
use super::source::{Fetched, Source};
use super::uri::CredentialsUri;

/// The official SDKs' default chain: the environment, a role by OpenID Connect, the CLI's profile, the INI profile, the ECS
/// instance's role, the credentials URI.
///
/// The first source that has credentials is kept: later fetches ask it alone. If none has any, the error lists what each of
/// them said.
pub struct DefaultChain {
    sources: Vec<Box<dyn Source>>,
    kept: OnceLock<usize>,
}

impl DefaultChain {
    /// All places as the variables set them.
    #[must_use]
    pub fn new() -> Self {
        let sources: Vec<Box<dyn Source>> = vec![
            Box::new(Environment),
            Box::new(OidcRoleArn::default()),
            Box::new(CliProfile::default()),
            Box::new(IniProfile::default()),
            Box::new(EcsRamRole::default()),
            Box::new(CredentialsUri::from_env()),
        ];
        Self { sources, kept: OnceLock::new() }
    }

    async fn first(&self, effects: &Effects) -> Result<Fetched, ProviderError> {
        if let Some(source) = self.kept.get().and_then(|&at| self.sources.get(at)) {
            return source.fetch(effects).await.map(|fetched| fetched.through(self.name())).map_err(
                |cause| {
                    let text = format!("{} gave credentials before and does no longer", source.name());
                    ProviderError::new(self.name(), Fault::Below(text)).because([cause])
                },
            );
        }
        let mut causes = Vec::new();
        for (at, source) in self.sources.iter().enumerate() {
            match source.fetch(effects).await {
                Ok(fetched) => {
                    let _ = self.kept.set(at);
                    return Ok(fetched.through(self.name()));
                }
                Err(cause) => causes.push(cause),
            }
        }
        Err(ProviderError::new(self.name(), Fault::NoneWorked).because(causes))
    }
}

impl Default for DefaultChain {
    fn default() -> Self {
        Self::new()
    }
}

impl Source for DefaultChain {
    fn name(&self) -> &str {
        "default"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(self.first(effects))
    }
}
