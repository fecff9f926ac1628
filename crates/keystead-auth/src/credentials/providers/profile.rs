//! A profile of the INI file that the official SDKs share.

use super::answer::{Token, hidden, is_id, keys};
use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::key_pair::RsaKeyPair;
use super::metadata::EcsRamRole;
use super::role::{OidcRoleArn, RamRoleArn, read_text};
use super::source::{Fetched, Fixed, REREAD, Source};
use super::sts::{RoleSettings, StsEndpoint};
use crate::credentials::CredentialsError;
use crate::credentials::ini::{self, Section};

/// A section of `~/.alibabacloud/credentials.ini`, with type `access_key`, `ram_role_arn`, `oidc_role_arn`, `ecs_ram_role` or
/// `rsa_key_pair`. The file is read again for every fetch, and at least every five minutes.
#[derive(Clone, Debug, Default)]
pub struct IniProfile {
    /// The file; else `ALIBABA_CLOUD_CREDENTIALS_FILE`, else the one in the home folder.
    pub file: Option<String>,
    /// The section; else `ALIBABA_CLOUD_PROFILE`, else `default`.
    pub profile: Option<String>,
}

impl IniProfile {
    async fn read(&self, effects: &Effects) -> Result<Fetched, ProviderError> {
        let wrong = |fault| ProviderError::new(self.name(), fault);
        let given = |value: &Option<String>, variable| {
            value.clone().filter(|value| !value.is_empty()).or_else(|| effects.var(variable))
        };
        let path = given(&self.file, "ALIBABA_CLOUD_CREDENTIALS_FILE");
        let path = match path {
            Some(path) => path,
            None => in_home(effects, ".alibabacloud/credentials.ini").map_err(wrong)?,
        };
        let profile = given(&self.profile, "ALIBABA_CLOUD_PROFILE").unwrap_or_else(|| "default".to_owned());
        let source = {
            let text = read_text(effects, &path).await.map_err(wrong)?;
            source(&text, &path, &profile).map_err(wrong)?
        };
        let fetched = source.fetch(effects).await.map_err(|cause| {
            wrong(Fault::Below(format!("profile {profile} of {path} gives none"))).because([cause])
        })?;
        Ok(reread(fetched).through(self.name()))
    }
}

/// A file under the home folder.
pub(super) fn in_home(effects: &Effects, path: &str) -> Result<String, Fault> {
    let home = effects.env.home().filter(|home| !home.is_empty());
    home.map(|home| format!("{}/{path}", home.trim_end_matches('/')))
        .ok_or_else(|| Fault::NotSet("HOME".to_owned()))
}

/// Keys without an end are read from their file again from time to time: people put new ones there.
pub(super) fn reread(mut fetched: Fetched) -> Fetched {
    if fetched.provided.expiration.is_none() {
        fetched.renew_after = fetched.renew_after.or(Some(REREAD));
    }
    fetched
}

fn source(text: &str, path: &str, profile: &str) -> Result<Box<dyn Source>, Fault> {
    let section = ini::section(text, profile).map_err(|error| match error {
        CredentialsError::NoProfile { .. } => {
            Fault::Setting(format!("{path} has no profile named {profile}"))
        }
        CredentialsError::Malformed { line } => {
            Fault::Malformed(format!("line {line} of {path} is malformed"))
        }
        other => Fault::Malformed(other.to_string()),
    })?;
    let value = |key| section.get(key).map(str::to_owned);
    let settings = || RoleSettings {
        role_arn: value("role_arn"),
        session_name: value("role_session_name"),
        policy: value("policy"),
        duration_seconds: None,
        sts: StsEndpoint::default(),
    };
    Ok(match section.get("type") {
        Some("access_key") => Box::new(access_key(&section, path, profile)?),
        Some("ram_role_arn") => Box::new(RamRoleArn::new(access_key(&section, path, profile)?, settings())),
        Some("oidc_role_arn") => Box::new(OidcRoleArn {
            settings: settings(),
            provider_arn: value("oidc_provider_arn"),
            token_file: value("oidc_token_file_path"),
        }),
        Some("ecs_ram_role") => Box::new(EcsRamRole { role_name: value("role_name"), require_token: None }),
        Some("rsa_key_pair") => Box::new(RsaKeyPair {
            public_key_id: value("public_key_id").unwrap_or_default(),
            private_key_file: value("private_key_file").unwrap_or_default(),
            duration_seconds: None,
            sts: StsEndpoint::default(),
        }),
        Some(kind) => {
            let kind = if is_id(kind) { kind } else { "(not a keyword)" };
            let text = format!("profile {profile} of {path} has the unsupported type {kind}");
            return Err(Fault::Setting(text));
        }
        None => return Err(Fault::Setting(format!("profile {profile} of {path} has no type"))),
    })
}

fn access_key(section: &Section<'_>, path: &str, profile: &str) -> Result<Fixed, Fault> {
    let what = format!("profile {profile} of {path}");
    let id = section.get("access_key_id").map(str::to_owned);
    let secret = section.get("access_key_secret").map(|secret| hidden(secret.to_owned()));
    Ok(Fixed::new(keys(&what, id, secret, Token::Optional(None))?))
}

impl Source for IniProfile {
    fn name(&self) -> &str {
        "profile"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(self.read(effects))
    }
}
