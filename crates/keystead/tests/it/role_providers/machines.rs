//! `EcsRamRole` and `CredentialsUri`, from the server's own endpoints for machines.

use std::sync::Arc;

use http::{Response, Uri};
use keystead_client::providers::{
    BoxFuture, CredentialsUri, EcsRamRole, Effects, Http, HttpFault, HttpRequest,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{World, caller, encrypts_and_decrypts};
use crate::server::Home;

/// Sends what is for the metadata address of a cloud's machine to the server's endpoint, as an address on the loopback
/// interface would.
struct Redirected {
    http: Arc<dyn Http>,
    to: String,
}

impl Http for Redirected {
    fn send(&self, mut sent: HttpRequest) -> BoxFuture<'_, Result<Response<Zeroizing<Vec<u8>>>, HttpFault>> {
        let mut parts = sent.request.uri().clone().into_parts();
        assert_eq!(parts.authority.as_ref().unwrap(), "100.100.100.200");
        parts.authority = Some(self.to.parse().unwrap());
        *sent.request.uri_mut() = Uri::from_parts(parts).unwrap();
        self.http.send(sent)
    }
}

#[tokio::test]
async fn a_machine_has_the_role_of_its_metadata_and_of_its_uri() {
    let home = Home::new();
    let mut serve = home.serve();
    serve.args(["--metadata-listen", "127.0.0.1:0", "--metadata-role", "app", "--metadata-token-required"]);
    serve.args(["--credentials-uri-listen", "127.0.0.1:0", "--credentials-uri-role", "app"]);
    let server = home.start_with(&mut serve).with_home(home);
    let address = |name: &str| server.ready["endpoints"][name].as_str().unwrap().to_owned();
    let (metadata, uri) = (address("metadata"), format!("http://{}/credentials", address("credentials_uri")));
    let world = World::of(server).await;
    let direct = world.effects();
    let redirected = || Effects {
        http: Arc::new(Redirected { http: direct.http.clone(), to: metadata.clone() }),
        ..world.effects()
    };
    let role = || EcsRamRole { role_name: None, require_token: Some(true) };
    let before = encrypts_and_decrypts(&world, &world.with(role(), redirected())).await.unwrap_err();
    assert!(before.starts_with("encrypt: no credentials: ecs_ram_role"), "{before}");

    let trusted = json!({ "Service": ["ecs.aliyuncs.com"] });
    world.role("app", trusted, Value::Null, &["kms:Encrypt", "kms:Decrypt"]).await;
    for client in [world.with(role(), redirected()), world.by(CredentialsUri::new(uri))] {
        let caller = caller(&client).await;
        assert!(caller.contains(":assumed-role/app/"), "{caller}");
        assert_eq!(encrypts_and_decrypts(&world, &client).await, Ok(()));
        // It is the role, not the account.
        let request = keystead_client::operations::ListKeysRequest::new();
        assert_eq!(client.list_keys(request).await.unwrap_err().code(), Some("Forbidden.NoPermission"));
    }
    world.server.assert_well();
}
