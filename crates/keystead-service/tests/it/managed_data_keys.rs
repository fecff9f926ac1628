//! GetManagedDataKey, ListManagedDataKeyVersions.

use serde_json::json;

use crate::harness::{Client, check, client, text};

/// A managed data key with some versions, oldest first; returns its data keys.
async fn managed(client: &Client, name: &str, key: &str, versions: &[&str]) -> Vec<String> {
    let mut data_keys = Vec::new();
    for version in versions {
        let made = client.ok("GenerateDataKey", &[("KeyId", key)]).await;
        let data_key = text(&made["Plaintext"]);
        let params = [("SecretName", name), ("VersionId", version), ("SecretData", &data_key)];
        if data_keys.is_empty() {
            client.ok("CreateSecret", &[&params[..], &[("EncryptionKeyId", key)]].concat()).await;
        } else {
            client.ok("PutSecretValue", &params).await;
        }
        data_keys.push(data_key);
    }
    data_keys
}

#[tokio::test]
async fn first_newest_and_named_versions() {
    let client = client().await;
    let key = client.key().await;
    let data_keys = managed(&client, "app/dek", &key, &["v1", "v2", "v3"]).await;
    let name = ("DataKeyName", "app/dek");
    for (params, version) in [
        (&[name][..], 0),
        (&[name, ("UseLatest", "false")], 0),
        (&[name, ("UseLatest", "true")], 2),
        (&[name, ("DataKeyVersionId", "v2")], 1),
        (&[name, ("DataKeyVersionId", "v2"), ("UseLatest", "true")], 1),
    ] {
        let answer = client.ok("GetManagedDataKey", params).await;
        assert_eq!(text(&answer["Plaintext"]), data_keys[version], "{params:?}");
        assert_eq!(answer["DataKeyVersionId"], json!(format!("v{}", version + 1)));
        assert_eq!(answer["DataKeyVersionName"], json!(format!("app/dek/v{}", version + 1)));
        assert_eq!(answer["DataKeyName"], "app/dek");
    }
    let answer =
        client.ok("ListManagedDataKeyVersions", &[name, ("PageSize", "2"), ("PageNumber", "1")]).await;
    assert_eq!(
        answer["ManagedDataKeyVersions"]["ManagedDataKeyVersion"],
        json!([
            { "DataKeyVersionId": "v1", "DataKeyVersionName": "app/dek/v1" },
            { "DataKeyVersionId": "v2", "DataKeyVersionName": "app/dek/v2" },
        ])
    );
    assert_eq!(
        (&answer["PageNumber"], &answer["PageSize"], &answer["TotalCount"], &answer["DataKeyName"]),
        (&json!(1), &json!(2), &json!(3), &json!("app/dek"))
    );
    client.ok("DisableKey", &[("KeyId", &key)]).await;
    check(&client, &[("GetManagedDataKey", &[name], "409 Rejected.Disabled")]).await;
}

#[tokio::test]
async fn what_is_refused() {
    let client = client().await;
    let key = client.key().await;
    managed(&client, "dek", &key, &["v1"]).await;
    for (name, value) in
        [("text", "no base64!"), ("long", &"AAAA".repeat(342)), ("fits", &"AAAA".repeat(341))]
    {
        client.ok("CreateSecret", &[("SecretName", name), ("VersionId", "v1"), ("SecretData", value)]).await;
    }
    client
        .ok(
            "CreateSecret",
            &[
                ("SecretName", "login"),
                ("SecretType", "Rds"),
                ("VersionId", "v1"),
                ("SecretData", r#"{"Accounts":[{"AccountName":"a","AccountPassword":"p"}]}"#),
                ("ExtendedConfig", r#"{"SecretSubType":"SingleUser","DBInstanceId":"rm-1"}"#),
            ],
        )
        .await;
    let unknown = ("DataKeyVersionId", "v9");
    let none = "404 Forbidden.ResourceNotFound";
    check(
        &client,
        &[
            ("GetManagedDataKey", &[], "400 MissingDataKeyName"),
            ("GetManagedDataKey", &[("DataKeyName", "none")], none),
            ("ListManagedDataKeyVersions", &[("DataKeyName", "none")], none),
            ("GetManagedDataKey", &[("DataKeyName", "dek"), unknown], none),
            (
                "GetManagedDataKey",
                &[("DataKeyName", "dek"), ("UseLatest", "x")],
                "400 InvalidParameter UseLatest",
            ),
            ("GetManagedDataKey", &[("DataKeyName", "text")], "400 UnsupportedOperation"),
            ("GetManagedDataKey", &[("DataKeyName", "long")], "400 UnsupportedOperation"),
            ("GetManagedDataKey", &[("DataKeyName", "fits")], "ok"),
            ("GetManagedDataKey", &[("DataKeyName", "login")], "400 UnsupportedOperation"),
            ("ListManagedDataKeyVersions", &[("DataKeyName", "login")], "400 UnsupportedOperation"),
            (
                "ListManagedDataKeyVersions",
                &[("DataKeyName", "dek"), ("PageSize", "0")],
                "400 InvalidParameter PageSize",
            ),
        ],
    )
    .await;
    client.ok("DeleteSecret", &[("SecretName", "dek")]).await;
    check(
        &client,
        &[("GetManagedDataKey", &[("DataKeyName", "dek")], "409 Rejected.ResourceInDeleteWindow")],
    )
    .await;
}
