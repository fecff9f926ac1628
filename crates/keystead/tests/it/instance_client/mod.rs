//! The Rust client of instances against the dedicated gateway, over TLS under the instance's authority.

mod calls;
mod transfer;

use std::path::PathBuf;

use keystead_client::instance::{ClientKey, ClientKeyPassword, InstanceClient, InstanceRetry};
use keystead_client::{Client, Credentials, Error, operations};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};

const PASSWORD: &str = "Instance-Client_2026";
const TEXT: &[u8] = b"hello instance";

/// A server with an instance, and what the calls are about.
struct World {
    _server: Server,
    shared_ca: PathBuf,
    host: String,
    ca: PathBuf,
    instance: String,
    shared: Client,
    /// The OpenAPI at the instance's address.
    dedicated: Client,
    aes: String,
    file: String,
}

impl World {
    async fn new() -> Self {
        let home = Home::new();
        let server = home.start_with(home.serve().args(["--instance", "auto"]));
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let ready = &server.ready;
        let (instance, address) = ready["endpoints"]["dedicated"].as_object().unwrap().iter().next().unwrap();
        let (instance, host, ca) = (instance.clone(), text(&address["host"]), text(&address["ca_file"]));
        let shared_ca = text(&ready["ca_file"]);
        let client = |endpoint: &str, ca: &str| {
            let credentials = Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET);
            Client::builder().endpoint(endpoint).ca_file(ca).credentials(credentials).build().unwrap()
        };
        let shared = client(&text(&ready["endpoints"]["shared"]["https"]), &shared_ca);
        let dedicated = client(&host, &ca);
        let mut world = Self {
            _server: server.with_home(home),
            shared_ca: shared_ca.into(),
            host,
            ca: ca.into(),
            instance,
            shared,
            dedicated,
            aes: String::new(),
            file: String::new(),
        };
        world.aes = world.key("Aliyun_AES_256", "ENCRYPT/DECRYPT").await;
        let rule =
            operations::CreateNetworkRuleRequest::new("here", "Private").source_private_ip("127.0.0.0/8");
        world.shared.create_network_rule(rule).await.unwrap();
        let permissions = r#"["RbacPermission/Template/CryptoServiceKeyUser","RbacPermission/Template/CryptoServiceSecretUser"]"#;
        world.file = world.access_point("all", permissions, r#"["key/*","secret/*"]"#).await;
        world
    }

    async fn key(&self, spec: &str, usage: &str) -> String {
        let request = operations::CreateKeyRequest::new()
            .key_spec(spec)
            .key_usage(usage)
            .dkms_instance_id(self.instance.clone());
        self.shared.create_key(request).await.unwrap().key_metadata.key_id
    }

    /// The only version of a key.
    async fn version(&self, key: &str) -> String {
        let request = operations::ListKeyVersionsRequest::new(key);
        let versions = self.shared.list_key_versions(request).await.unwrap();
        versions.key_versions.unwrap().key_version.remove(0).key_version_id.unwrap()
    }

    /// A policy, an access point with it alone, and a client key's file.
    async fn access_point(&self, name: &str, permissions: &str, resources: &str) -> String {
        let policy = operations::CreatePolicyRequest::new(name, permissions, resources)
            .kms_instance(self.instance.clone())
            .access_control_rules(r#"{"NetworkRules":["here"]}"#);
        self.shared.create_policy(policy).await.unwrap();
        let point = operations::CreateApplicationAccessPointRequest::new(name, format!(r#"["{name}"]"#));
        self.shared.create_application_access_point(point).await.unwrap();
        let made = operations::CreateClientKeyRequest::new(name, PASSWORD);
        let made = self.shared.create_client_key(made).await.unwrap();
        serde_json::json!({"KeyId": made.client_key_id, "PrivateKeyData": made.private_key_data.unwrap().expose()})
            .to_string()
    }

    fn client(&self, file: &str) -> InstanceClient {
        self.client_under(file, self.ca.clone())
    }

    fn client_under(&self, file: &str, ca: PathBuf) -> InstanceClient {
        InstanceClient::builder()
            .endpoint(&self.host)
            .ca_file(ca)
            .client_key(ClientKey::from_json(file, &ClientKeyPassword::new(PASSWORD)).unwrap())
            .retry(InstanceRetry::none())
            .build()
            .unwrap()
    }
}

/// Demands a refusal with this status and code.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, status: u16, code: &str) {
    let error = outcome.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(status), Some(code)), "{error}");
    assert!(error.request_id().is_some() && !error.message().unwrap().is_empty(), "{error:?}");
}

#[tokio::test]
async fn every_call_of_the_instance() {
    let world = World::new().await;
    let client = world.client(&world.file);
    calls::symmetric(&world, &client).await;
    calls::data_keys(&world, &client).await;
    calls::key_pairs(&world, &client).await;
    calls::without_a_key(&world, &client).await;
    calls::denied(&world, &client).await;
    transfer::both_ways(&world, &client).await;
    transfer::key_pairs(&world, &client).await;
}
