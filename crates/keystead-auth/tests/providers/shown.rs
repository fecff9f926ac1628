//! What `Debug` and `Display` show of types that hold secrets.

use std::sync::Arc;

use keystead_auth::credentials::providers::{
    BoxFuture, Cached, CliProfile, CredentialsProvider, CredentialsUri, Environment, Fetched, Fixed,
    IniProfile, OidcRoleArn, RamSecret, RsaKeyPair, SecretSource, SecretSourceError, Source,
};
use keystead_auth::{Credentials, SecretKey, SecurityToken};
use zeroize::Zeroizing;

use crate::CANARY;
use crate::world::World;

struct Secrets;

impl SecretSource for Secrets {
    fn secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Zeroizing<String>, SecretSourceError>> {
        let value = r#"{"AccessKeyId":"LTAIs","AccessKeySecret":"hush"}"#.to_owned();
        Box::pin(std::future::ready(Ok(Zeroizing::new(value))))
    }
}

fn temporary() -> Credentials {
    Credentials {
        access_key_id: "STS.1".to_owned(),
        secret: SecretKey::new("hush-secret".to_owned()),
        security_token: Some(SecurityToken::new("hush-token".to_owned())),
    }
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let world = Arc::new(World::default());
    let secret = RamSecret::new(Arc::new(Secrets), "acs/ram/user/app");
    let fixed = Fixed::new(temporary());
    let fetched = Fetched::new("x", temporary(), Some(1));
    let cached = Cached::new(secret.clone(), world.effects());
    let provided = cached.provide().await.unwrap();
    let uri = CredentialsUri::new("http://localhost/?token=hush");
    let shown = [
        format!("{:?} {:?} {:?}", temporary(), temporary().secret, temporary().security_token),
        format!("{fixed:?} {fetched:?} {:?} {cached:?} {provided:?}", fetched.provided),
        format!("{secret:?} {uri:?} {Environment:?}"),
        format!("{:?} {:?}", OidcRoleArn::default(), RsaKeyPair::default()),
        format!("{:?} {:?}", CliProfile::default(), IniProfile::default()),
        format!("{:?}", fixed.fetch(&world.effects()).await),
    ];
    for text in &shown {
        assert!(!text.contains(CANARY), "{text}");
    }
    // What is of use is there.
    assert!(shown[1].contains("STS.1") && shown[1].contains("LTAIs") && shown[1].contains("ram_secret"));
}
