//! `RamRoleArn`.

use keystead_client::providers::{RamRoleArn, RoleSettings};
use keystead_client::{Client, Error};
use serde_json::{Value, json};

use super::{World, allow, caller, encrypts_and_decrypts};
use crate::server::Home;

const DENIED: &str = "Forbidden.NoPermission";

#[tokio::test]
async fn a_role_is_taken_on_and_narrowed() {
    let world = World::of(Home::new().start_here()).await;
    let user = world.user("taker").await;
    let trusted = json!({ "RAM": [world.arn("user/taker")] });
    world.role("app", trusted, Value::Null, &["kms:Encrypt", "kms:Decrypt"]).await;

    let by_user = world.by(user.clone());
    assert_eq!(caller(&by_user).await, world.arn("user/taker"));
    assert_eq!(encrypts_and_decrypts(&world, &by_user).await, Err(format!("encrypt: {DENIED}")));
    let by_role = world.by(RamRoleArn::new(user.clone(), world.settings("app")));
    assert!(caller(&by_role).await.ends_with(":assumed-role/app/it"));
    assert_eq!(encrypts_and_decrypts(&world, &by_role).await, Ok(()));

    // The policy of the session leaves what both allow.
    let narrow = RoleSettings { policy: Some(allow(&["kms:Encrypt"]).to_string()), ..world.settings("app") };
    let narrow = world.by(RamRoleArn::new(user, narrow));
    assert_eq!(encrypts_and_decrypts(&world, &narrow).await, Err(format!("decrypt: {DENIED}")));
    world.server.assert_well();
}

#[tokio::test]
async fn a_role_takes_on_another() {
    let world = World::of(Home::new().start_here()).await;
    let user = world.user("taker").await;
    world.role("first", json!({ "RAM": [world.arn("user/taker")] }), Value::Null, &["sts:AssumeRole"]).await;
    let trusted = json!({ "RAM": [world.arn("role/first")] });
    world.role("second", trusted, Value::Null, &["kms:Encrypt", "kms:Decrypt"]).await;

    let first = || RamRoleArn::new(user.clone(), world.settings("first"));
    let second = world.by(RamRoleArn::new(first(), world.settings("second")));
    assert!(caller(&second).await.ends_with(":assumed-role/second/it"));
    assert_eq!(encrypts_and_decrypts(&world, &second).await, Ok(()));
    assert_eq!(encrypts_and_decrypts(&world, &world.by(first())).await, Err(format!("encrypt: {DENIED}")));
    // The user itself is not trusted by the second one.
    refused(&world, &world.by(RamRoleArn::new(user, world.settings("second"))), "NoPermission").await;
    world.server.assert_well();
}

#[tokio::test]
async fn an_external_id_is_shown() {
    let world = World::of(Home::new().start_here()).await;
    let user = world.user("taker").await;
    let trusted = json!({ "RAM": [world.arn("user/taker")] });
    let condition = json!({ "StringEquals": { "sts:ExternalId": "partner-7" } });
    world.role("app", trusted, condition, &["kms:Encrypt", "kms:Decrypt"]).await;

    let with = |id: Option<&str>| {
        let role = RamRoleArn::new(user.clone(), world.settings("app"));
        world.by(role.external_id(id.map(str::to_owned)))
    };
    assert_eq!(encrypts_and_decrypts(&world, &with(Some("partner-7"))).await, Ok(()));
    for id in [None, Some("partner-8")] {
        refused(&world, &with(id), "NoPermission").await;
    }
    refused(&world, &world.by(RamRoleArn::new(user.clone(), world.settings("none"))), "EntityNotExist.Role")
        .await;
    world.server.assert_well();
}

/// No call is made without the session, and the error names STS's own code.
async fn refused(world: &World, client: &Client, code: &str) {
    let request = keystead_client::operations::EncryptRequest::new(&*world.key, b"x");
    let error = client.encrypt(request).await.unwrap_err();
    assert!(matches!(error, Error::Credentials(_)) && !error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains(code), "{error}");
}
