//! A profile of the official command line's configuration.

use super::answer::json;
use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::profile::{in_home, reread};
use super::source::{Fetched, Source};

mod config;
mod external;
mod oauth;
mod sso;

use config::Config;

/// A profile of `~/.aliyun/config.json`, with any mode that needs no browser. The file is only read: what the command line
/// itself would write there is kept in memory, or refused with the reason. It is read again for every fetch, and at least
/// every five minutes.
#[derive(Clone, Debug, Default)]
pub struct CliProfile {
    /// The file; else the one in the home folder.
    pub file: Option<String>,
    /// The profile's name; else `ALIBABA_CLOUD_PROFILE`, else the one that the file names as the current one.
    pub profile: Option<String>,
}

impl CliProfile {
    async fn read(&self, effects: &Effects) -> Result<Fetched, ProviderError> {
        let wrong = |fault| ProviderError::new(self.name(), fault);
        if effects.flag("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            return Err(wrong(Fault::Disabled("ALIBABA_CLOUD_CLI_PROFILE_DISABLED")));
        }
        let path = match self.file.clone().filter(|file| !file.is_empty()) {
            Some(path) => path,
            None => in_home(effects, ".aliyun/config.json").map_err(wrong)?,
        };
        let unreadable = |error: std::io::Error| Fault::File { path: path.clone(), kind: error.kind() };
        let config: Config = {
            let bytes = effects.files.read(&path).await.map_err(|error| wrong(unreadable(error)))?;
            json(&path, &bytes).map_err(wrong)?
        };
        let given = self.profile.clone().filter(|name| !name.is_empty());
        let name = given.or_else(|| effects.var("ALIBABA_CLOUD_PROFILE")).or_else(|| config.current());
        let name = name.ok_or_else(|| wrong(Fault::Setting(format!("{path} names no current profile"))))?;
        let source = config.into_source(&path, &name).map_err(wrong)?;
        let fetched = source.fetch(effects).await.map_err(|cause| {
            wrong(Fault::Below(format!("profile {name} of {path} gives none"))).because([cause])
        })?;
        Ok(reread(fetched).through(self.name()))
    }
}

impl Source for CliProfile {
    fn name(&self) -> &str {
        "cli_profile"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(self.read(effects))
    }
}
