//! Client keys in the official configuration: for the shared gateway, and for an instance's own API, as version 1 reads it.

use keystead_client::ClientBuilder;
use keystead_client::instance::{ClientKey, ClientKeyPassword, InstanceClient};
use serde::Deserialize;

use super::{DEDICATED, Settings, unusable};
use crate::builder::SecretClientBuilder;
use crate::error::SecretError;

/// An item of `cache_client_dkms_config_info`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Instance {
    endpoint: String,
    client_key_file: String,
    password_from_file_path: String,
    password_from_env_variable: String,
    password_from_file_path_name: String,
    ignore_ssl_certs: bool,
    ca_file_path: String,
}

impl Settings<'_> {
    /// Gives a client of the shared gateway its key.
    pub(super) fn with_client_key(&self, client: ClientBuilder) -> Result<ClientBuilder, SecretError> {
        Ok(client.client_key(self.client_key("", self.client_key_password()?)?))
    }

    /// Adds the instances of the file and of the environment, each once.
    pub(super) fn with_instances(
        &self,
        mut builder: SecretClientBuilder,
    ) -> Result<SecretClientBuilder, SecretError> {
        let mut instances: Vec<Instance> = Vec::new();
        for text in self.texts(DEDICATED) {
            let listed: Vec<Instance> = serde_json::from_str(&text)
                .map_err(|_| unusable(format!("{DEDICATED} is no JSON array of instances")))?;
            for instance in listed {
                if !instances.iter().any(|other| other.endpoint == instance.endpoint) {
                    instances.push(instance);
                }
            }
        }
        for instance in instances {
            let (client, endpoint) = (self.instance(&instance)?, instance.endpoint);
            builder = builder.instance(endpoint, client);
        }
        Ok(builder)
    }

    fn instance(&self, instance: &Instance) -> Result<InstanceClient, SecretError> {
        let endpoint = &instance.endpoint;
        if endpoint.is_empty() {
            return Err(unusable(format!("{DEDICATED} has an item without endpoint")));
        }
        if instance.ignore_ssl_certs {
            return Err(unusable(format!(
                "{DEDICATED}: ignoreSslCerts of {endpoint} is true, and certificates are always verified: name the \
                 instance's authority in caFilePath"
            )));
        }
        let file = |path: &str| {
            let password = ClientKeyPassword::from_file(path);
            password.map_err(|error| unusable(format!("{DEDICATED}: password of {endpoint}: {error}")))
        };
        let password = if !instance.password_from_file_path.is_empty() {
            file(&instance.password_from_file_path)?
        } else if !instance.password_from_env_variable.is_empty() {
            self.password_in(&instance.password_from_env_variable, "passwordFromEnvVariable")?
        } else if !instance.password_from_file_path_name.is_empty() {
            let path = self.get(&instance.password_from_file_path_name);
            file(&path.ok_or_else(|| {
                unusable(format!("{DEDICATED}: passwordFromFilePathName names a setting that is not there"))
            })?)?
        } else {
            self.client_key_password()?
        };
        let client = InstanceClient::builder()
            .endpoint(endpoint)
            .client_key(self.client_key(&instance.client_key_file, password)?)
            .user_agent_suffix(super::USER_AGENT);
        let client = match instance.ca_file_path.is_empty() {
            true => client,
            false => client.ca_file(&instance.ca_file_path),
        };
        client.build().map_err(|error| unusable(format!("{endpoint}: {error}")))
    }

    /// The key in the file, or in the one for all.
    fn client_key(&self, file: &str, password: ClientKeyPassword) -> Result<ClientKey, SecretError> {
        const KEY: &str = "client_key_private_key_path";
        let file = if file.is_empty() { self.need(KEY)? } else { file.to_owned() };
        ClientKey::from_file(&file, &password)
            .map_err(|error| unusable(format!("the client key's file {file}: {error}")))
    }

    /// The password for all keys.
    fn client_key_password(&self) -> Result<ClientKeyPassword, SecretError> {
        const VARIABLE: &str = "client_key_password_from_env_variable";
        const FILE: &str = "client_key_password_from_file_path";
        if let Some(variable) = self.get(VARIABLE) {
            return self.password_in(&variable, VARIABLE);
        }
        if let Some(file) = self.get(FILE) {
            return ClientKeyPassword::from_file(file).map_err(|error| unusable(format!("{FILE}: {error}")));
        }
        Ok(ClientKeyPassword::new(self.need("client_key_password")?))
    }

    fn password_in(&self, variable: &str, key: &str) -> Result<ClientKeyPassword, SecretError> {
        let password = (self.env)(variable);
        let lacks = || unusable(format!("{key} names a variable that is not set"));
        password.map(ClientKeyPassword::new).ok_or_else(lacks)
    }
}
