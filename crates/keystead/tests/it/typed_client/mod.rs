//! Every operation by the typed Rust client, against a started server: through the shared gateway, and what an instance's gateway
//! offers there too.

mod access_points;
mod aliases_and_tags;
mod asymmetric;
mod called;
mod data_keys;
mod imported;
mod instances;
mod keys;
mod rotating;
mod secrets;
mod symmetric;

use std::sync::Arc;

use keystead_client::types::{KeySpec, KeyUsage};
use keystead_client::{Client, Credentials, Error, RetryPolicy, operations};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};
use called::Called;

const TEXT: &[u8] = b"hello, typed world \xff";

/// A server with an instance, and a client at each gateway.
struct World {
    server: Server,
    instance: String,
    shared: Client,
    at_shared: Arc<Called>,
    dedicated: Client,
    at_dedicated: Arc<Called>,
}

impl World {
    fn new() -> Self {
        let home = Home::new();
        let server = home.start_with(home.serve().args(["--instance", "auto"]));
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let (instance, address) =
            server.ready["endpoints"]["dedicated"].as_object().unwrap().iter().next().unwrap();
        let (instance, host, ca) = (instance.clone(), text(&address["host"]), text(&address["ca_file"]));
        let client = |endpoint: &str, ca: &str, called: &Arc<Called>| {
            Client::builder()
                .endpoint(endpoint)
                .ca_file(ca)
                .credentials(Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET))
                // What is refused is to be seen at once.
                .retry(RetryPolicy::none())
                .observer(called.clone())
                .build()
                .unwrap()
        };
        let (at_shared, at_dedicated) = (Arc::<Called>::default(), Arc::<Called>::default());
        let shared = client(&server.https().to_string(), &text(&server.ready["ca_file"]), &at_shared);
        let dedicated = client(&host, &ca, &at_dedicated);
        Self { server: server.with_home(home), instance, shared, at_shared, dedicated, at_dedicated }
    }

    /// Both gateways. What is in the instance can be used through either.
    fn gateways(&self) -> [&Client; 2] {
        [&self.shared, &self.dedicated]
    }

    /// A key in the instance, with its version.
    async fn key(&self, spec: KeySpec, usage: KeyUsage) -> (String, String) {
        let request = operations::CreateKeyRequest::new()
            .key_spec(spec)
            .key_usage(usage)
            .dkms_instance_id(self.instance.as_str());
        let made = self.shared.create_key(request).await.unwrap().key_metadata;
        let versions = operations::ListKeyVersionsRequest::new(made.key_id.as_str());
        let mut versions = self.shared.list_key_versions(versions).await.unwrap().key_versions.unwrap();
        assert_eq!(versions.key_version.len(), 1);
        (made.key_id, versions.key_version.remove(0).key_version_id.unwrap())
    }

    async fn aes(&self) -> String {
        self.key(KeySpec::ALIYUN_AES_256, KeyUsage::ENCRYPT_DECRYPT).await.0
    }
}

/// Demands a refusal with this status and code.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, status: u16, code: &str) {
    let error = outcome.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(status), Some(code)), "{error}");
    assert!(error.request_id().is_some() && !error.message().unwrap().is_empty(), "{error:?}");
}

#[tokio::test]
async fn every_operation() {
    let world = World::new();
    symmetric::round_trips(&world).await;
    symmetric::under_another_key(&world).await;
    data_keys::made_and_opened(&world).await;
    data_keys::exported(&world).await;
    data_keys::managed(&world).await;
    asymmetric::rsa(&world).await;
    asymmetric::curve(&world).await;
    asymmetric::macs(&world).await;
    keys::life(&world).await;
    keys::versions(&world).await;
    keys::policy(&world).await;
    keys::lists(&world).await;
    imported::material_comes_and_goes(&world).await;
    aliases_and_tags::aliases(&world).await;
    aliases_and_tags::tags(&world).await;
    secrets::life(&world).await;
    secrets::versions(&world).await;
    secrets::batch(&world).await;
    secrets::policy(&world).await;
    rotating::of_a_ram_user(&world).await;
    access_points::from_rule_to_client_key(&world).await;
    instances::account(&world).await;
    instances::life(&world).await;
    world.at_shared.assert_complete(called::at_the_shared_gateway);
    world.at_dedicated.assert_complete(called::at_a_dedicated_gateway);
    world.server.assert_well();
}
