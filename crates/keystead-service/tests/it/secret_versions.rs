//! Versions and stage labels of secrets: PutSecretValue and GetSecretValue.

use serde_json::json;

use crate::harness::{check, client};
use crate::secrets::{create, expected, put, read};

#[tokio::test]
async fn labels_move() {
    let client = client().await;
    create(&client, "s").await;
    let current = ("VersionStage", "ACSCurrent");
    let previous = ("VersionStage", "ACSPrevious");
    let name = ("SecretName", "s");
    assert_eq!(read(&client, &[name]).await, expected("v1", "one", &["ACSCurrent"]));
    check(&client, &[("GetSecretValue", &[name, previous], "404 Forbidden.ResourceNotFound")]).await;

    put(&client, "s", "v2", "two").await;
    assert_eq!(read(&client, &[name, current]).await, expected("v2", "two", &["ACSCurrent"]));
    assert_eq!(read(&client, &[name, previous]).await, expected("v1", "one", &["ACSPrevious"]));
    put(&client, "s", "v3", "three").await;
    assert_eq!(read(&client, &[name, previous]).await, expected("v2", "two", &["ACSPrevious"]));
    assert_eq!(read(&client, &[name, ("VersionId", "v1")]).await, expected("v1", "one", &[]));

    // Exactly the labels that are given move.
    let stages = ("VersionStages", r#"["mine","next"]"#);
    let answer =
        client.ok("PutSecretValue", &[name, ("VersionId", "v4"), ("SecretData", "four"), stages]).await;
    assert_eq!(answer["VersionStages"]["VersionStage"], json!(["mine", "next"]));
    assert_eq!(answer["SecretName"], "s");
    assert_eq!(answer["VersionId"], "v4");
    assert_eq!(read(&client, &[name]).await.0, "v3");
    assert_eq!(read(&client, &[name, previous]).await.0, "v2");
    assert_eq!(
        read(&client, &[name, ("VersionStage", "mine")]).await,
        expected("v4", "four", &["mine", "next"])
    );

    // With ACSCurrent among them, the shift happens too.
    let stages = ("VersionStages", r#"["ACSCurrent","mine"]"#);
    client.ok("PutSecretValue", &[name, ("VersionId", "v5"), ("SecretData", "five"), stages]).await;
    assert_eq!(read(&client, &[name]).await, expected("v5", "five", &["ACSCurrent", "mine"]));
    assert_eq!(read(&client, &[name, previous]).await, expected("v3", "three", &["ACSPrevious"]));
    assert_eq!(read(&client, &[name, ("VersionId", "v4")]).await, expected("v4", "four", &["next"]));
}

#[tokio::test]
async fn what_is_read() {
    let client = client().await;
    create(&client, "s").await;
    put(&client, "s", "v2", "two").await;
    let not_found = "404 Forbidden.ResourceNotFound";
    let name = ("SecretName", "s");
    check(
        &client,
        &[
            ("GetSecretValue", &[name, ("VersionId", "v1"), ("VersionStage", "ACSPrevious")], "ok"),
            ("GetSecretValue", &[name, ("VersionId", "v1"), ("VersionStage", "ACSCurrent")], not_found),
            ("GetSecretValue", &[name, ("VersionId", "v2"), ("VersionStage", "ACSPrevious")], not_found),
            ("GetSecretValue", &[name, ("VersionId", "v3")], not_found),
            ("GetSecretValue", &[name, ("VersionStage", "none")], not_found),
            ("GetSecretValue", &[name, ("VersionStage", "acscurrent")], not_found),
            ("GetSecretValue", &[name, ("VersionId", ""), ("VersionStage", "")], "ok"),
        ],
    )
    .await;
    assert_eq!(read(&client, &[name, ("VersionId", "v1")]).await.1, "one");
}

#[tokio::test]
async fn put_rules() {
    let client = client().await;
    create(&client, "s").await;
    let data = "x".repeat(30_720);
    let long_data = "x".repeat(30_721);
    let version = "v".repeat(64);
    let long_version = "v".repeat(65);
    let stages = "400 InvalidParameter VersionStages";
    let label = json!(["l".repeat(64)]).to_string();
    let long_label = json!(["l".repeat(65)]).to_string();
    let cases: [(&[(&str, &str)], &str); 15] = [
        (&[("VersionId", "a"), ("SecretData", &data)], "ok"),
        (&[("VersionId", "b"), ("SecretData", &long_data)], "400 InvalidParameter SecretData"),
        (&[("VersionId", &version), ("SecretData", "x")], "ok"),
        (&[("VersionId", &long_version), ("SecretData", "x")], "400 InvalidParameter VersionId"),
        (
            &[("VersionId", "c"), ("SecretData", "x"), ("SecretDataType", "x")],
            "400 InvalidParameter SecretDataType",
        ),
        (&[("VersionId", "c"), ("SecretData", "x"), ("VersionStages", "x")], stages),
        (&[("VersionId", "c"), ("SecretData", "x"), ("VersionStages", "{}")], stages),
        (&[("VersionId", "c"), ("SecretData", "x"), ("VersionStages", "[1]")], stages),
        (&[("VersionId", "c"), ("SecretData", "x"), ("VersionStages", r#"[""]"#)], stages),
        (&[("VersionId", "c"), ("SecretData", "x"), ("VersionStages", &long_label)], stages),
        (&[("VersionId", "c"), ("SecretData", "x"), ("VersionStages", &label)], "ok"),
        (&[("VersionId", "d"), ("SecretData", "x"), ("VersionStages", r#"["l","l"]"#)], "ok"),
        (&[("VersionId", "e"), ("SecretData", "x"), ("VersionStages", "")], "ok"),
        // 8 labels in all: 2 of the service, 2 from above, and these.
        (&[("VersionId", "f"), ("SecretData", "x"), ("VersionStages", r#"["1","2","3","4"]"#)], "ok"),
        (
            &[("VersionId", "g"), ("SecretData", "x"), ("VersionStages", r#"["5"]"#)],
            "400 Rejected.LimitExceeded",
        ),
    ];
    for (params, expected) in cases {
        let params = [&[("SecretName", "s")], params].concat();
        check(&client, &[("PutSecretValue", &params, expected)]).await;
    }
    // A label that moves takes no room.
    let params =
        [("SecretName", "s"), ("VersionId", "g"), ("SecretData", "x"), ("VersionStages", r#"["4"]"#)];
    check(
        &client,
        &[
            ("PutSecretValue", &params, "ok"),
            ("GetSecretValue", &[("SecretName", "s"), ("VersionId", "b")], "404 Forbidden.ResourceNotFound"),
        ],
    )
    .await;
    assert_eq!(read(&client, &[("SecretName", "s")]).await.0, "e");
}

#[tokio::test]
async fn a_version_is_put_once() {
    let client = client().await;
    create(&client, "s").await;
    put(&client, "s", "v2", "two").await;
    put(&client, "s", "v3", "three").await;
    let before = client.engine.store().horizon();
    // The same again changes nothing, whatever labels it asks for.
    let answer = client
        .ok(
            "PutSecretValue",
            &[("SecretName", "s"), ("VersionId", "v2"), ("SecretData", "two"), ("VersionStages", r#"["x"]"#)],
        )
        .await;
    assert_eq!(answer["VersionStages"]["VersionStage"], json!(["ACSPrevious"]));
    put(&client, "s", "v1", "one").await;
    let exists = "409 Rejected.ResourceExist";
    let base = [("SecretName", "s"), ("VersionId", "v2")];
    let binary = ("SecretDataType", "binary");
    check(
        &client,
        &[
            ("PutSecretValue", &[base[0], base[1], ("SecretData", "Two")], exists),
            ("PutSecretValue", &[base[0], base[1], ("SecretData", "two"), binary], exists),
            ("PutSecretValue", &[base[0], base[1], ("SecretData", "two "), binary], exists),
        ],
    )
    .await;
    assert_eq!(client.engine.store().horizon(), before);
    assert_eq!(read(&client, &[("SecretName", "s")]).await.0, "v3");
}

#[tokio::test]
async fn ten_versions_are_kept() {
    let client = client().await;
    create(&client, "s").await;
    let params =
        [("SecretName", "s"), ("VersionId", "v2"), ("SecretData", "x"), ("VersionStages", r#"["kept"]"#)];
    client.ok("PutSecretValue", &params).await;
    for i in 3..=10 {
        put(&client, "s", &format!("v{i}"), &format!("{i}")).await;
    }
    assert_eq!(read(&client, &[("SecretName", "s"), ("VersionId", "v1")]).await.1, "one");
    put(&client, "s", "v11", "11").await;
    put(&client, "s", "v12", "12").await;
    // v1 and v3 were the oldest without a label.
    for i in 1..=12 {
        let id = format!("v{i}");
        let expected = if [1, 3].contains(&i) { "404 Forbidden.ResourceNotFound" } else { "ok" };
        check(&client, &[("GetSecretValue", &[("SecretName", "s"), ("VersionId", &id)], expected)]).await;
    }
    // Nothing is left of what was dropped, and its id can be used again.
    let values = keystead_store::Range::prefix("secret-value/");
    assert_eq!(client.engine.store().count(values.clone()).await.unwrap(), 10);
    put(&client, "s", "v1", "new").await;
    assert_eq!(read(&client, &[("SecretName", "s")]).await, expected("v1", "new", &["ACSCurrent"]));
    assert_eq!(client.engine.store().count(values).await.unwrap(), 10);
}
