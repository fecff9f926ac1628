//! SetKeyPolicy, GetKeyPolicy, and the policy of a new key.

use serde_json::{Value, json};

use crate::harness::{Client, World, check, client, text};
use crate::isolation::second_account;

async fn policy(client: &Client, key: &str) -> String {
    text(&client.ok("GetKeyPolicy", &[("KeyId", key)]).await["Policy"])
}

#[tokio::test]
async fn a_policy_is_kept_as_it_was_sent() {
    let client = client().await;
    let key = client.key().await;
    let default: Value = serde_json::from_str(&policy(&client, &key).await).unwrap();
    assert_eq!(
        default,
        json!({
            "Version": "1",
            "Statement": [{
                "Sid": "kms default key policy",
                "Effect": "Allow",
                "Principal": { "RAM": [format!("acs:ram::{}:*", client.account())] },
                "Action": ["kms:*"],
                "Resource": ["*"],
            }],
        })
    );
    let own = r#"{ "Statement": [{"Resource":"*","Action":"kms:Decrypt","Principal":{"RAM":"acs:ram::1:user/a"},"Effect":"Deny"}], "Version": "1" }"#;
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{key}", client.account());
    check(
        &client,
        &[
            ("SetKeyPolicy", &[("KeyId", &arn), ("Policy", own), ("PolicyName", "default")], "ok"),
            ("SetKeyPolicy", &[("KeyId", &key), ("Policy", own), ("PolicyName", "")], "ok"),
            ("GetKeyPolicy", &[("KeyId", &arn), ("PolicyName", "default")], "ok"),
        ],
    )
    .await;
    assert_eq!(policy(&client, &key).await, own);
    let made = client.ok("CreateKey", &[("Policy", own)]).await;
    assert_eq!(policy(&client, &text(&made["KeyMetadata"]["KeyId"])).await, own);
}

#[tokio::test]
async fn what_is_refused() {
    let world = World::new().await;
    let client = world.client().await;
    let key = client.key().await;
    let foreign = second_account(&world).await.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let good = policy(&client, &key).await;
    let with = ("Policy", good.as_str());
    let invalid = "400 InvalidParameter Policy";
    let long = format!("{good}{}", " ".repeat(32_769 - good.len()));
    let deep = "[".repeat(32_768);
    check(
        &client,
        &[
            ("SetKeyPolicy", &[("KeyId", &key)], "400 MissingPolicy"),
            ("SetKeyPolicy", &[("KeyId", "alias/a"), with], "400 Unsupported.Alias"),
            ("SetKeyPolicy", &[("KeyId", "none"), with], "404 Forbidden.KeyNotFound"),
            ("SetKeyPolicy", &[("KeyId", &foreign), with], "404 Forbidden.KeyNotFound"),
            ("SetKeyPolicy", &[("KeyId", &key), with, ("PolicyName", "x")], "404 Forbidden.ResourceNotFound"),
            ("GetKeyPolicy", &[("KeyId", &key), ("PolicyName", "Default")], "404 Forbidden.ResourceNotFound"),
            ("GetKeyPolicy", &[("KeyId", "alias/a")], "400 Unsupported.Alias"),
            ("GetKeyPolicy", &[("KeyId", &foreign)], "404 Forbidden.KeyNotFound"),
            ("SetKeyPolicy", &[("KeyId", &key), ("Policy", "")], invalid),
            ("SetKeyPolicy", &[("KeyId", &key), ("Policy", "{}")], invalid),
            ("SetKeyPolicy", &[("KeyId", &key), ("Policy", &long)], invalid),
            ("SetKeyPolicy", &[("KeyId", &key), ("Policy", &long[..32_768])], "ok"),
            ("SetKeyPolicy", &[("KeyId", &key), ("Policy", &deep)], invalid),
            ("CreateKey", &[("Policy", "{}")], invalid),
        ],
    )
    .await;
    // The message says where and what.
    let bad = good.replace("Allow", "allow");
    let error = client.call("SetKeyPolicy", &[("KeyId", &key), ("Policy", &bad)]).await.unwrap_err();
    assert_eq!(
        error.message(),
        "The specified parameter Policy is not valid. Statement[0].Effect: must be \"Allow\" or \"Deny\""
    );
    let error = client.call("GetKeyPolicy", &[("KeyId", &key), ("PolicyName", "x")]).await.unwrap_err();
    assert_eq!(error.message(), "Policy not found.");
}

#[tokio::test]
async fn every_state_has_a_policy() {
    let client = client().await;
    let key = client.key().await;
    let default = policy(&client, &key).await;
    for (operation, params) in [
        ("DisableKey", &[("KeyId", key.as_str())][..]),
        ("ScheduleKeyDeletion", &[("KeyId", key.as_str()), ("PendingWindowInDays", "7")]),
    ] {
        client.ok(operation, params).await;
        client.ok("SetKeyPolicy", &[("KeyId", &key), ("Policy", &default)]).await;
        assert_eq!(policy(&client, &key).await, default);
    }
}
