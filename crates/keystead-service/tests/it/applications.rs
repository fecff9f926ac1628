//! Access points with everything that they need, and applications that call by their client keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_auth::{SecretKey, SigningKey, instance};
use keystead_service::ClientKeyFailure;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use serde_json::{Value, json};

use crate::harness::{Client, text};

/// The password of the tests' client keys.
pub const PASSWORD: &str = "Test-Pass_1234";
pub const KEY_USER: &str = "RbacPermission/Template/CryptoServiceKeyUser";
pub const SECRET_USER: &str = "RbacPermission/Template/CryptoServiceSecretUser";

/// What a policy is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy<'a> {
    pub name: &'a str,
    /// Empty: as the service takes it, the shared gateway.
    pub scope: &'a str,
    pub permissions: &'a [&'a str],
    pub resources: &'a [&'a str],
    pub rules: &'a [&'a str],
}

/// Makes a network rule.
pub async fn make_rule(client: &Client, name: &str, sources: &[&str]) {
    let sources = json!(sources).to_string();
    let params = [("Name", name), ("Type", "Private"), ("SourcePrivateIp", &sources)];
    client.ok("CreateNetworkRule", &params).await;
}

/// Makes a policy.
pub async fn make_policy(client: &Client, policy: Policy<'_>) {
    let rules = json!({ "NetworkRules": policy.rules }).to_string();
    let (permissions, resources) =
        (json!(policy.permissions).to_string(), json!(policy.resources).to_string());
    let params = [
        ("Name", policy.name),
        ("KmsInstance", policy.scope),
        ("Permissions", &permissions),
        ("Resources", &resources),
        ("AccessControlRules", &rules),
    ];
    client.ok("CreatePolicy", &params).await;
}

/// Makes an access point.
pub async fn make_point(client: &Client, name: &str, policies: &[&str]) {
    let policies = json!(policies).to_string();
    client.ok("CreateApplicationAccessPoint", &[("Name", name), ("Policies", &policies)]).await;
}

/// A policy for the shared gateway and an access point, both of this name; and an application with a client key of it.
pub async fn shared_point(
    client: &Client,
    name: &str,
    permissions: &[&str],
    resources: &[&str],
    rules: &[&str],
) -> Client {
    make_policy(client, Policy { name, scope: "shared", permissions, resources, rules }).await;
    make_point(client, name, &[name]).await;
    Application::new(client, name).await.client(client).await.unwrap()
}

/// An application with a client key.
pub struct Application {
    pub id: String,
    pub private_key: SecretKey,
    key: SigningKey,
}

impl Application {
    /// Makes a client key of an access point.
    pub async fn new(client: &Client, point: &str) -> Self {
        Self::with(client, &[("AapName", point), ("Password", PASSWORD)]).await
    }

    /// The same with any parameters.
    pub async fn with(client: &Client, params: &[(&str, &str)]) -> Self {
        Self::load(&client.ok("CreateClientKey", params).await)
    }

    /// Loads the answer of CreateClientKey as an SDK does.
    pub fn load(answer: &Value) -> Self {
        let file = STANDARD.decode(text(&answer["PrivateKeyData"])).unwrap();
        let file = KeyStore::from_pkcs12(&file, PASSWORD, Pkcs12ImportPolicy::Strict).unwrap();
        let (_, chain) = file.private_key_chain().unwrap();
        let private_key = SecretKey::new(STANDARD.encode(chain.key().as_der()));
        let key = SigningKey::rsa_private(&private_key).unwrap();
        Self { id: text(&answer["ClientKeyId"]), private_key, key }
    }

    /// Signs a text as the instance API does.
    pub fn sign(&self, text: &str) -> Vec<u8> {
        instance::signature(&instance::authorization(text, &self.key).unwrap()).unwrap()
    }

    /// The application as a caller.
    pub async fn client(&self, client: &Client) -> Result<Client, ClientKeyFailure> {
        let signature = self.sign("a text");
        let caller = client.engine.authenticate_client_key(&self.id, "a text", &signature).await?;
        Ok(client.for_caller(caller))
    }
}
