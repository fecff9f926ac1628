//! The configuration file of the command line, and the source that a profile in it stands for.

use serde::Deserialize;

use super::external::External;
use super::oauth::OAuth;
use super::sso::CloudSso;
use crate::credentials::providers::answer::{Hidden, Token, is_id, keys};
use crate::credentials::providers::error::Fault;
use crate::credentials::providers::metadata::EcsRamRole;
use crate::credentials::providers::role::{OidcRoleArn, RamRoleArn};
use crate::credentials::providers::source::{Fixed, Source};
use crate::credentials::providers::sts::{RoleSettings, StsEndpoint};
use crate::credentials::providers::uri::CredentialsUri;

/// The file. What else is in it is of no interest here.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    current: Option<String>,
    profiles: Option<Vec<Profile>>,
}

/// A profile: the fields of all modes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    name: String,
    mode: String,
    access_key_id: Option<String>,
    access_key_secret: Option<Hidden>,
    sts_token: Option<Hidden>,
    sts_expiration: Option<i64>,
    source_profile: Option<String>,
    ram_role_name: Option<String>,
    ram_role_arn: Option<String>,
    #[serde(alias = "role_session_name")]
    ram_session_name: Option<String>,
    expired_seconds: Option<u32>,
    policy: Option<String>,
    external_id: Option<String>,
    sts_region: Option<String>,
    enable_vpc: Option<bool>,
    oidc_provider_arn: Option<String>,
    oidc_token_file: Option<String>,
    credentials_uri: Option<Hidden>,
    process_command: Option<Hidden>,
    cloud_sso_sign_in_url: Option<String>,
    cloud_sso_account_id: Option<String>,
    cloud_sso_access_config: Option<String>,
    access_token: Option<Hidden>,
    cloud_sso_access_token_expire: Option<i64>,
    oauth_site_type: Option<String>,
    oauth_access_token: Option<Hidden>,
    oauth_access_token_expire: Option<i64>,
}

impl Config {
    /// The profile that is used when none is named.
    pub(super) fn current(&self) -> Option<String> {
        self.current.clone().filter(|name| !name.is_empty())
    }

    /// The source that a profile stands for, with those that it builds upon.
    pub(super) fn into_source(mut self, path: &str, name: &str) -> Result<Box<dyn Source>, Fault> {
        self.take(path, name, &mut Vec::new())
    }

    /// `outer` are the profiles that led here: none of them may come again.
    fn take(&mut self, path: &str, name: &str, outer: &mut Vec<String>) -> Result<Box<dyn Source>, Fault> {
        let wrong = |what: &str| Fault::Setting(format!("profile {name} of {path} {what}"));
        if outer.iter().any(|profile| profile == name) {
            return Err(wrong("has itself as its source"));
        }
        let profiles = self.profiles.get_or_insert_default();
        let at = profiles.iter().position(|profile| profile.name == name);
        let at = at.ok_or_else(|| Fault::Setting(format!("{path} has no profile named {name}")))?;
        let mut profile = std::mem::take(&mut profiles[at]);
        let what = format!("profile {name} of {path}");
        Ok(match profile.mode.as_str() {
            "AK" => Box::new(Fixed::new(profile.keys(&what, false)?)),
            "StsToken" => Box::new(Fixed::new(profile.keys(&what, true)?)),
            "RamRoleArn" => {
                let base = Fixed::new(profile.keys(&what, false)?);
                profile.role_of(base)
            }
            "ChainableRamRoleArn" => {
                let source = profile.source_profile.take().filter(|source| !source.is_empty());
                let source = source.ok_or_else(|| wrong("has no source_profile"))?;
                outer.push(name.to_owned());
                let base = self.take(path, &source, outer)?;
                profile.role_of(base)
            }
            // The name in the file, and the one in the command line's own documentation.
            "RamRoleArnWithRoleName" | "RamRoleArnWithEcs" => {
                let base = EcsRamRole { role_name: profile.ram_role_name.take(), require_token: None };
                profile.role_of(base)
            }
            "EcsRamRole" => Box::new(EcsRamRole { role_name: profile.ram_role_name, require_token: None }),
            "OIDC" => Box::new(OidcRoleArn {
                settings: profile.role(),
                provider_arn: profile.oidc_provider_arn.take(),
                token_file: profile.oidc_token_file.take(),
            }),
            "CredentialsURI" => match profile.credentials_uri {
                Some(uri) => Box::new(CredentialsUri::new(uri.into_inner())),
                None => return Err(wrong("has no credentials_uri")),
            },
            "External" => match profile.process_command {
                Some(command) => Box::new(External { command }),
                None => return Err(wrong("has no process_command")),
            },
            "CloudSSO" => Box::new(CloudSso {
                sign_in_url: profile.cloud_sso_sign_in_url.unwrap_or_default(),
                account_id: profile.cloud_sso_account_id.unwrap_or_default(),
                access_configuration: profile.cloud_sso_access_config.unwrap_or_default(),
                access_token: profile.access_token.unwrap_or_default(),
                token_ends: profile.cloud_sso_access_token_expire.unwrap_or(0),
            }),
            "OAuth" => {
                let keys = profile.keys(&what, true).ok();
                Box::new(OAuth {
                    site: profile.oauth_site_type.unwrap_or_default(),
                    stored: keys.map(|keys| (keys.into(), profile.sts_expiration.unwrap_or(0))),
                    access_token: profile.oauth_access_token.unwrap_or_default(),
                    token_ends: profile.oauth_access_token_expire.unwrap_or(0),
                })
            }
            "" => return Err(wrong("has no mode")),
            mode if is_id(mode) => return Err(wrong(&format!("has the unsupported mode {mode}"))),
            _ => return Err(wrong("has a mode that is none")),
        })
    }
}

impl Profile {
    fn keys(&mut self, what: &str, temporary: bool) -> Result<crate::Credentials, Fault> {
        let (id, secret, token) =
            (self.access_key_id.take(), self.access_key_secret.take(), self.sts_token.take());
        keys(what, id, secret, if temporary { Token::Needed(token) } else { Token::Optional(None) })
    }

    fn role(&mut self) -> RoleSettings {
        RoleSettings {
            role_arn: self.ram_role_arn.take(),
            session_name: self.ram_session_name.take(),
            // The command line writes 0 where nothing was chosen.
            duration_seconds: self.expired_seconds.filter(|&seconds| seconds > 0),
            policy: self.policy.take(),
            sts: StsEndpoint { endpoint: None, region: self.sts_region.take(), vpc: self.enable_vpc },
        }
    }

    fn role_of(mut self, base: impl Source + 'static) -> Box<dyn Source> {
        let settings = self.role();
        Box::new(RamRoleArn::new(base, settings).external_id(self.external_id))
    }
}
