//! SetSecretPolicy and GetSecretPolicy.

use keystead_service::EngineConfig;
use keystead_service::compat::Compat;
use serde_json::{Value, json};

use crate::harness::{PATIENT, World, check, text};
use crate::secrets::create;

#[tokio::test]
async fn a_policy_is_kept_as_it_was_sent() {
    let world = World::new().await;
    let client = world.client().await;
    let (name, account) = (("SecretName", "s"), client.account().to_owned());
    create(&client, "s").await;
    let default = text(&client.ok("GetSecretPolicy", &[name]).await["Policy"]);
    let parsed: Value = serde_json::from_str(&default).unwrap();
    assert_eq!(
        parsed,
        json!({ "Version": "1", "Statement": [{
            "Sid": "kms default secret policy",
            "Effect": "Allow",
            "Principal": { "RAM": [format!("acs:ram::{account}:*")] },
            "Action": ["kms:*"],
            "Resource": ["*"],
        }] })
    );
    // Spaces and all.
    let policy = default.replace("kms default secret policy", "mine").replace("\"Version\"", " \"Version\"");
    client.ok("SetSecretPolicy", &[name, ("Policy", &policy), ("PolicyName", "default")]).await;
    for shown in [vec![name], vec![name, ("PolicyName", "default")], vec![name, ("PolicyName", "")]] {
        assert_eq!(text(&client.ok("GetSecretPolicy", &shown).await["Policy"]), policy);
    }
    let params = [("SecretName", "with"), ("VersionId", "v"), ("SecretData", "x"), ("Policy", &*policy)];
    client.ok("CreateSecret", &params).await;
    assert_eq!(text(&client.ok("GetSecretPolicy", &[("SecretName", "with")]).await["Policy"]), policy);

    let too_long = policy.replace("mine", &"x".repeat(32_768));
    let (bad, not_found) = ("400 InvalidParameter Policy", "404 Forbidden.ResourceNotFound");
    check(
        &client,
        &[
            ("SetSecretPolicy", &[name, ("Policy", "")], bad),
            ("SetSecretPolicy", &[name, ("Policy", "{}")], bad),
            ("SetSecretPolicy", &[name, ("Policy", &too_long)], bad),
            ("SetSecretPolicy", &[name], "400 MissingPolicy"),
            ("SetSecretPolicy", &[name, ("Policy", &policy), ("PolicyName", "other")], not_found),
            ("GetSecretPolicy", &[name, ("PolicyName", "other")], not_found),
            ("SetSecretPolicy", &[("SecretName", "none"), ("Policy", &policy)], not_found),
            ("DeleteSecret", &[name], "ok"),
            ("SetSecretPolicy", &[name, ("Policy", &policy)], "409 Rejected.ResourceInDeleteWindow"),
            ("GetSecretPolicy", &[name], "ok"),
        ],
    )
    .await;
}

#[tokio::test]
async fn strict_refuses_as_the_vendor_does() {
    let world = World::new().await;
    let config =
        EngineConfig { compat: Compat { strict: true }, patience: PATIENT, ..EngineConfig::default() };
    let client = world.client_with(world.store.clone(), config).await;
    create(&client, "s").await;
    let refused = "400 Forbidden.KeyPolicyUnSupported";
    let new = [("SecretName", "new"), ("VersionId", "v"), ("SecretData", "x"), ("Policy", "{}")];
    check(
        &client,
        &[
            ("GetSecretPolicy", &[("SecretName", "s")], refused),
            ("SetSecretPolicy", &[("SecretName", "s"), ("Policy", "{}")], refused),
            ("CreateSecret", &new, refused),
            ("GetSecretPolicy", &[("SecretName", "none")], "404 Forbidden.ResourceNotFound"),
        ],
    )
    .await;
}
