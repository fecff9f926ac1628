//! Secrets of a RAM user's AccessKeys: this service rotates them itself.

use serde_json::Value;

use crate::harness::{Client, authenticate, client, text, texts};

const SECRET: (&str, &str) = ("SecretName", "acs/ram/user/ci");

/// A user with an AccessKey, and a secret that holds it.
async fn prepared() -> (Client, String) {
    let client = client().await;
    client.ok("ram:CreateUser", &[("UserName", "ci")]).await;
    let key = client.ok("ram:CreateAccessKey", &[("UserName", "ci")]).await["AccessKey"].clone();
    let id = text(&key["AccessKeyId"]);
    let data = format!(
        r#"{{"AccessKeys":[{{"AccessKeyId":"{id}","AccessKeySecret":"{}"}}]}}"#,
        text(&key["AccessKeySecret"])
    );
    create(&client, &data).await;
    (client, id)
}

async fn create(client: &Client, data: &str) {
    let config = r#"{"SecretSubType":"RamUserAccessKey","UserName":"ci"}"#;
    client
        .ok(
            "CreateSecret",
            &[
                ("SecretName", "$Auto"),
                ("VersionId", "v1"),
                ("SecretType", "RAMCredentials"),
                ("SecretData", data),
                ("ExtendedConfig", config),
            ],
        )
        .await;
}

async fn rotate(client: &Client, version: &str) -> String {
    client.outcome("RotateSecret", &[SECRET, ("VersionId", version)]).await
}

/// Id and secret of the AccessKey under a label.
async fn login(client: &Client, stage: &str) -> (String, String) {
    let value = client.ok("GetSecretValue", &[SECRET, ("VersionStage", stage)]).await;
    let value: Value = serde_json::from_str(&text(&value["SecretData"])).unwrap();
    (text(&value["AccessKeyId"]), text(&value["AccessKeySecret"]))
}

async fn works(client: &Client, (id, secret): &(String, String)) -> bool {
    authenticate(&client.engine, id, secret).await.is_ok()
}

async fn ids(client: &Client) -> Vec<String> {
    let listed = client.ok("ram:ListAccessKeys", &[("UserName", "ci")]).await;
    texts(&listed["AccessKeys"]["AccessKey"], "AccessKeyId")
}

#[tokio::test]
async fn the_old_key_works_until_the_rotation_after() {
    let (client, first) = prepared().await;
    assert_eq!(rotate(&client, "v2").await, "ok");
    let second = login(&client, "ACSCurrent").await;
    let old = login(&client, "ACSPrevious").await;
    assert_eq!(
        (old.0.as_str(), &ids(&client).await),
        (first.as_str(), &vec![first.clone(), second.0.clone()])
    );
    assert!(works(&client, &second).await && works(&client, &old).await);
    let caller = client.caller(&second.0, &second.1).await;
    assert!(caller.caller.arn().ends_with(":user/ci"));

    assert_eq!(rotate(&client, "v3").await, "ok");
    let third = login(&client, "ACSCurrent").await;
    assert_eq!(ids(&client).await, [second.0.clone(), third.0.clone()]);
    assert!(works(&client, &third).await && works(&client, &second).await && !works(&client, &old).await);
    // The same rotation asked for again does nothing.
    assert_eq!(rotate(&client, "v3").await, "ok");
    assert_eq!(login(&client, "ACSCurrent").await, third);
}

#[tokio::test]
async fn one_that_is_switched_off_goes_first_and_the_current_one_never() {
    let (client, first) = prepared().await;
    let other =
        text(&client.ok("ram:CreateAccessKey", &[("UserName", "ci")]).await["AccessKey"]["AccessKeyId"]);
    assert_eq!(rotate(&client, "v2").await, "ok");
    let second = login(&client, "ACSCurrent").await.0;
    assert_eq!(ids(&client).await, [first.clone(), second.clone()], "the other one made room");
    assert!(!ids(&client).await.contains(&other));
    let off = [("UserName", "ci"), ("UserAccessKeyId", first.as_str()), ("Status", "Inactive")];
    client.ok("ram:UpdateAccessKey", &off).await;
    assert_eq!(rotate(&client, "v3").await, "ok");
    assert_eq!(ids(&client).await, [second, login(&client, "ACSCurrent").await.0]);
}

/// Who makes a secret for a user must know one of the user's AccessKeys, or making a secret would be a way to its rights.
#[tokio::test]
async fn a_secret_that_does_not_hold_the_users_key_is_not_rotated() {
    let refused = "400 Rejected.UnsupportedOperation";
    let client = client().await;
    client.ok("ram:CreateUser", &[("UserName", "ci")]).await;
    let key = client.ok("ram:CreateAccessKey", &[("UserName", "ci")]).await["AccessKey"].clone();
    let id = text(&key["AccessKeyId"]);
    create(&client, &format!(r#"{{"AccessKeys":[{{"AccessKeyId":"{id}","AccessKeySecret":"guessed"}}]}}"#))
        .await;
    assert_eq!(rotate(&client, "v2").await, refused);
    assert_eq!(ids(&client).await, [id]);
    // Nor is one whose user has come anew under the old name.
    let (client, id) = prepared().await;
    client.ok("ram:DeleteAccessKey", &[("UserName", "ci"), ("UserAccessKeyId", &id)]).await;
    client.ok("ram:DeleteUser", &[("UserName", "ci")]).await;
    assert_eq!(rotate(&client, "v2").await, refused);
    client.ok("ram:CreateUser", &[("UserName", "ci")]).await;
    assert_eq!(rotate(&client, "v2").await, refused);
    assert!(ids(&client).await.is_empty());
}
