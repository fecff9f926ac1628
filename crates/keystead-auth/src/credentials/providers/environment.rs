//! An AccessKey in the environment.

use super::answer::{Token, hidden, keys};
use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::source::{Fetched, Source};

/// `ALIBABA_CLOUD_ACCESS_KEY_ID` and `ALIBABA_CLOUD_ACCESS_KEY_SECRET`, for temporary keys with
/// `ALIBABA_CLOUD_SECURITY_TOKEN`. Empty variables count as unset.
#[derive(Clone, Copy, Debug, Default)]
pub struct Environment;

impl Environment {
    fn read(self, effects: &Effects) -> Result<Fetched, Fault> {
        let needed = |name: &str| effects.var(name).ok_or_else(|| Fault::NotSet(name.to_owned()));
        let id = needed("ALIBABA_CLOUD_ACCESS_KEY_ID")?;
        let secret = hidden(needed("ALIBABA_CLOUD_ACCESS_KEY_SECRET")?);
        let token = effects.var("ALIBABA_CLOUD_SECURITY_TOKEN").map(hidden);
        let credentials = keys("the environment", Some(id), Some(secret), Token::Optional(token))?;
        Ok(Fetched::new("env", credentials, None))
    }
}

impl Source for Environment {
    fn name(&self) -> &str {
        "env"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        let fetched = self.read(effects).map_err(|fault| ProviderError::new(self.name(), fault));
        Box::pin(std::future::ready(fetched))
    }
}
