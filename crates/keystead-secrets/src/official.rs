//! The configuration of the official Secret Clients, so that a deployment's own works as it is: the properties file and the
//! environment, with the keys of version 1 and version 2.

#[cfg(feature = "client-key")]
mod client_key;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use keystead_client::providers::{
    Cached, EcsRamRole, Effects, Fixed, OidcRoleArn, RamRoleArn, RoleSettings, Source, StsEndpoint,
};
use keystead_client::{Client, ClientBuilder, Credentials, CredentialsHttp};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::builder::SecretClientBuilder;
use crate::client::SecretClient;
use crate::error::{SecretError, SecretErrorKind};

/// Where the official clients look, in the working directory.
const FILE: &str = "secretsmanager.properties";

/// The key under which version 1 has instances that are asked by their own API.
const DEDICATED: &str = "cache_client_dkms_config_info";
const USER_AGENT: &str = concat!("keystead-secrets/", env!("CARGO_PKG_VERSION"));

/// An item of `cache_client_region_id`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    #[serde(default)]
    region_id: String,
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    vpc: bool,
    #[serde(default)]
    ca_file_path: String,
}

/// What the file and the environment say.
struct Settings<'a> {
    file: HashMap<String, Zeroizing<String>>,
    env: &'a dyn Fn(&str) -> Option<String>,
}

impl SecretClient {
    /// The builder that the official clients' configuration describes: the file `secretsmanager.properties` in the working
    /// directory, if there is one, and the environment, which goes before it. Regions of both are asked, those of the file first.
    ///
    /// # Errors
    /// [`SecretErrorKind::Settings`]: a key that is missing or cannot be used. Its value is not told.
    pub fn configured() -> Result<SecretClientBuilder, SecretError> {
        let file = match fs::read_to_string(FILE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => {
                text.map_err(|error| unusable(format!("the file {FILE} cannot be read: {}", error.kind())))?
            }
        };
        Settings::new(&Zeroizing::new(file), &|name| std::env::var(name).ok()).builder()
    }

    /// The same with another properties file, which has to be there.
    ///
    /// # Errors
    /// As [`SecretClient::configured`].
    pub fn configured_by(file: impl AsRef<Path>) -> Result<SecretClientBuilder, SecretError> {
        let path = file.as_ref();
        let text = fs::read_to_string(path).map_err(|error| {
            unusable(format!("the file {} cannot be read: {}", path.display(), error.kind()))
        })?;
        Settings::new(&Zeroizing::new(text), &|name| std::env::var(name).ok()).builder()
    }
}

impl<'a> Settings<'a> {
    fn new(file: &str, env: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let file = file.lines().filter_map(property).collect();
        Self { file, env }
    }

    fn get(&self, key: &str) -> Option<String> {
        let filled = |text: &String| !text.trim().is_empty();
        (self.env)(key)
            .filter(filled)
            .or_else(|| self.file.get(key).map(|text| (**text).clone()).filter(filled))
    }

    fn need(&self, key: &'static str) -> Result<String, SecretError> {
        self.get(key).ok_or_else(|| unusable(format!("{key} is not set")))
    }

    fn builder(&self) -> Result<SecretClientBuilder, SecretError> {
        let regions = self.regions()?;
        if regions.is_empty() && self.get(DEDICATED).is_none() {
            return Err(unusable("cache_client_region_id is not set"));
        }
        let first = regions.first().map_or("", |region| &region.region_id);
        let mut builder = SecretClient::builder();
        for region in &regions {
            let client = match region.endpoint.is_empty() {
                true => Client::builder().region(&region.region_id).vpc(region.vpc),
                false => Client::builder().endpoint(&region.endpoint),
            };
            let client = match region.ca_file_path.is_empty() {
                true => client,
                false => client.ca_file(&region.ca_file_path),
            };
            let client = client.user_agent_suffix(USER_AGENT);
            let client = self.identified(client, first)?;
            let name = if region.endpoint.is_empty() { &region.region_id } else { &region.endpoint };
            builder =
                builder.endpoint(name, client.build().map_err(|error| unusable(format!("{name}: {error}")))?);
        }
        self.with_instances(builder)
    }

    /// The values of a list of the file and of the environment, which are both meant.
    fn texts(&self, key: &str) -> impl Iterator<Item = String> {
        let texts = [self.file.get(key).map(|text| (**text).clone()), (self.env)(key)];
        texts.into_iter().flatten().filter(|text| !text.trim().is_empty())
    }

    /// The regions of the file and of the environment, each once.
    fn regions(&self) -> Result<Vec<Region>, SecretError> {
        const KEY: &str = "cache_client_region_id";
        let mut regions: Vec<Region> = Vec::new();
        for text in self.texts(KEY) {
            let listed: Vec<Region> = serde_json::from_str(&text)
                .map_err(|_| unusable(format!("{KEY} is no JSON array of regions")))?;
            for region in listed {
                if region.region_id.is_empty() && region.endpoint.is_empty() {
                    return Err(unusable(format!("{KEY} has an item without regionId and endpoint")));
                }
                let is_same = |other: &Region| match region.endpoint.is_empty() {
                    true => {
                        other.endpoint.is_empty()
                            && (&other.region_id, other.vpc) == (&region.region_id, region.vpc)
                    }
                    false => other.endpoint == region.endpoint,
                };
                if !regions.iter().any(is_same) {
                    regions.push(region);
                }
            }
        }
        Ok(regions)
    }

    /// Gives a client who it is, as `credentials_type` says.
    fn identified(&self, client: ClientBuilder, region: &str) -> Result<ClientBuilder, SecretError> {
        let Some(kind) = self.get("credentials_type") else { return Ok(client.default_credentials()) };
        let access_key = || {
            let id = self.need("credentials_access_key_id")?;
            Ok::<_, SecretError>(Credentials::access_key(id, self.need("credentials_access_secret")?))
        };
        Ok(match kind.trim() {
            "ak" => client.credentials(access_key()?),
            "token" => {
                let id = self.need("credentials_access_token_id")?;
                client.credentials(Credentials::access_key(id, self.need("credentials_access_token")?))
            }
            "sts" | "ram_role" => {
                let role = Some(self.need("credentials_role_arn")?);
                client.credentials_provider(cached(RamRoleArn::new(
                    Fixed::new(access_key()?),
                    self.role(role, region)?,
                )))
            }
            "ecs_ram_role" => {
                let role_name = Some(self.need("credentials_role_name")?);
                client.credentials_provider(cached(EcsRamRole { role_name, ..EcsRamRole::default() }))
            }
            "oidc_role_arn" => client.credentials_provider(cached(OidcRoleArn {
                settings: self.role(self.get("credentials_role_arn"), region)?,
                provider_arn: self.get("credentials_oidc_provider_arn"),
                token_file: self.get("credentials_oidc_token_file_path"),
            })),
            "client_key" => self.with_client_key(client)?,
            _ => {
                return Err(unusable(
                    "credentials_type is none of ak, token, sts, ram_role, ecs_ram_role, oidc_role_arn, client_key",
                ));
            }
        })
    }

    fn role(&self, role_arn: Option<String>, region: &str) -> Result<RoleSettings, SecretError> {
        let seconds = self.get("credentials_duration_seconds").map(|text| text.trim().parse()).transpose();
        Ok(RoleSettings {
            role_arn,
            session_name: self.get("credentials_role_session_name"),
            duration_seconds: seconds.map_err(|_| unusable("credentials_duration_seconds is no number"))?,
            policy: self.get("credentials_policy"),
            sts: StsEndpoint {
                endpoint: self.get("credentials_sts_endpoint"),
                region: self
                    .get("credentials_sts_region_id")
                    .or_else(|| Some(region.to_owned()).filter(|id| !id.is_empty())),
                ..StsEndpoint::default()
            },
        })
    }

    #[cfg(not(feature = "client-key"))]
    fn with_client_key(&self, _: ClientBuilder) -> Result<ClientBuilder, SecretError> {
        Err(unusable(
            "credentials_type is client_key, which needs the feature `client-key` of keystead-secrets",
        ))
    }

    #[cfg(not(feature = "client-key"))]
    fn with_instances(&self, builder: SecretClientBuilder) -> Result<SecretClientBuilder, SecretError> {
        match self.texts(DEDICATED).next() {
            None => Ok(builder),
            Some(_) => Err(unusable(format!(
                "{DEDICATED} is set, which needs the feature `client-key` of keystead-secrets"
            ))),
        }
    }
}

fn cached(source: impl Source + 'static) -> Arc<Cached> {
    Arc::new(Cached::new(source, Effects::system(Arc::new(CredentialsHttp::new()))))
}

/// A line of a properties file: name, `=` or `:`, value. Neither continued lines nor Unicode escapes are read.
fn property(line: &str) -> Option<(String, Zeroizing<String>)> {
    let line = line.trim();
    if line.starts_with(['#', '!']) {
        return None;
    }
    let (name, value) = line.split_once(['=', ':'])?;
    let mut text = Zeroizing::new(String::with_capacity(value.len()));
    let mut characters = value.trim().chars();
    while let Some(character) = characters.next() {
        match character {
            // Java's escapes of single characters.
            '\\' => text.extend(characters.next()),
            character => text.push(character),
        }
    }
    Some((name.trim().to_owned(), text))
}

fn unusable(text: impl Into<String>) -> SecretError {
    SecretError::new(SecretErrorKind::Settings, "", text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::source::CachedSecretSource as _;

    fn configured(file: &str, env: &[(&str, &str)]) -> Result<SecretClientBuilder, SecretError> {
        let find = |name: &str| {
            let found = env.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::new(file, &find).builder()
    }

    /// Answers one request with a secret; gives the AccessKey that signed it.
    async fn service() -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = Vec::new();
            while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
                assert!(stream.read_buf(&mut seen).await.unwrap() > 0);
            }
            let body = r#"{"SecretName":"s","SecretData":"one","SecretDataType":"text","VersionId":"v1"}"#;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
            let seen = String::from_utf8(seen).unwrap();
            let (_, rest) = seen.split_once("Credential=").unwrap();
            rest.split(',').next().unwrap().to_owned()
        });
        (address, served)
    }

    #[tokio::test]
    async fn file_and_environment_are_read_and_all_regions_are_asked() {
        let (address, served) = service().await;
        // As Java writes it, with its escapes; nobody listens there.
        let file = "# comment\ncredentials_type=ak\ncredentials_access_key_id: of-file\ncredentials_access_secret = hush\n\
                    cache_client_region_id=[{\"regionId\"\\:\"cn-hangzhou\",\"endpoint\"\\:\"http\\://127.0.0.1\\:1\"}]\n";
        let list = format!(r#"[{{"regionId":"cn-beijing","endpoint":"{address}","vpc":false}}]"#);
        let env = [("credentials_access_key_id", "of-environment"), ("cache_client_region_id", &list)];
        let client = configured(file, &env).unwrap().build().unwrap();
        assert_eq!(client.get("s").await.unwrap().text().unwrap(), "one");
        assert_eq!(served.await.unwrap(), "of-environment");
    }

    #[tokio::test]
    async fn every_kind_of_credentials_is_understood() {
        let region = r#"cache_client_region_id=[{"regionId":"cn-hangzhou","vpc":true},{"regionId":"cn-hangzhou","vpc":true}]"#;
        for settings in [
            "",
            "credentials_type=ak\ncredentials_access_key_id=a\ncredentials_access_secret=b",
            "credentials_type=token\ncredentials_access_token_id=a\ncredentials_access_token=b",
            "credentials_type=ram_role\ncredentials_access_key_id=a\ncredentials_access_secret=b\ncredentials_role_arn=c",
            "credentials_type=sts\ncredentials_access_key_id=a\ncredentials_access_secret=b\ncredentials_role_arn=c",
            "credentials_type=ecs_ram_role\ncredentials_role_name=r",
            "credentials_type=oidc_role_arn\ncredentials_duration_seconds=900",
        ] {
            assert!(configured(&format!("{region}\n{settings}"), &[]).is_ok(), "{settings}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_its_value() {
        let region = r#"cache_client_region_id=[{"regionId":"cn-hangzhou"}]"#;
        for (file, text) in [
            ("", "cache_client_region_id is not set"),
            ("cache_client_region_id=hush", "cache_client_region_id is no JSON array of regions"),
            ("cache_client_region_id=[{}]", "has an item without regionId and endpoint"),
            #[cfg(feature = "client-key")]
            (
                "cache_client_dkms_config_info=[hush]",
                "cache_client_dkms_config_info is no JSON array of instances",
            ),
            #[cfg(feature = "client-key")]
            (r#"cache_client_dkms_config_info=[{"clientKeyFile":"k"}]"#, "has an item without endpoint"),
            #[cfg(feature = "client-key")]
            (
                r#"cache_client_dkms_config_info=[{"endpoint":"e","ignoreSslCerts":true}]"#,
                "certificates are always verified: name the instance's authority in caFilePath",
            ),
            #[cfg(feature = "client-key")]
            (
                r#"cache_client_dkms_config_info=[{"endpoint":"e","passwordFromEnvVariable":"NONE"}]"#,
                "passwordFromEnvVariable names a variable that is not set",
            ),
            #[cfg(feature = "client-key")]
            (
                r#"cache_client_dkms_config_info=[{"endpoint":"e","passwordFromFilePathName":"NONE"}]"#,
                "passwordFromFilePathName names a setting that is not there",
            ),
            #[cfg(feature = "client-key")]
            (r#"cache_client_dkms_config_info=[{"endpoint":"e"}]"#, "client_key_password is not set"),
            #[cfg(feature = "client-key")]
            (
                "cache_client_dkms_config_info=[{\"endpoint\":\"e\"}]\nclient_key_password=hush",
                "client_key_private_key_path is not set",
            ),
            (&format!("{region}\ncredentials_type=hush"), "credentials_type is none of"),
            (
                &format!("{region}\ncredentials_type=ak\ncredentials_access_key_id=hush"),
                "credentials_access_secret is not set",
            ),
            (
                &format!("{region}\ncredentials_type=oidc_role_arn\ncredentials_duration_seconds=hush"),
                "is no number",
            ),
        ] {
            let error = configured(file, &[]).err().unwrap();
            assert_eq!(error.kind(), SecretErrorKind::Settings);
            let told = format!("{error} {error:?}");
            assert!(told.contains(text) && !told.contains("hush"), "{told}");
        }
    }
}
