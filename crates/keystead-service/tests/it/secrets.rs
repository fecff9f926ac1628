//! Secrets: their creation, description and values.

use keystead_api::Timestamp;
use keystead_service::records::{KeyRecord, KeyState, SecretRecord, path};
use serde_json::json;

use crate::harness::{Client, START, START_TEXT, World, check, client, text};

pub async fn create(client: &Client, name: &str) {
    client.ok("CreateSecret", &[("SecretName", name), ("VersionId", "v1"), ("SecretData", "one")]).await;
}

pub async fn put(client: &Client, name: &str, version: &str, value: &str) {
    let params = [("SecretName", name), ("VersionId", version), ("SecretData", value)];
    client.ok("PutSecretValue", &params).await;
}

/// Version id, value and labels of what is read.
pub async fn read(client: &Client, params: &[(&str, &str)]) -> (String, String, Vec<String>) {
    let answer = client.ok("GetSecretValue", params).await;
    let stages = answer["VersionStages"]["VersionStage"].as_array().unwrap();
    let mut stages: Vec<String> = stages.iter().map(text).collect();
    stages.sort();
    (text(&answer["VersionId"]), text(&answer["SecretData"]), stages)
}

pub fn expected(version: &str, value: &str, stages: &[&str]) -> (String, String, Vec<String>) {
    (version.into(), value.into(), stages.iter().map(|stage| (*stage).to_owned()).collect())
}

#[tokio::test]
async fn a_new_secret() {
    let world = World::new().await;
    let client = world.client().await;
    let arn = format!("acs:kms:cn-hangzhou:{}:secret/team/db", client.account());
    let created = client
        .ok(
            "CreateSecret",
            &[
                ("SecretName", "team/db"),
                ("VersionId", "v1"),
                ("SecretData", "hush"),
                ("Description", "d"),
                ("Tags", r#"[{"TagKey":"b","TagValue":"2"},{"TagKey":"a","TagValue":"1"}]"#),
            ],
        )
        .await;
    assert_eq!(
        created,
        json!({
            "Arn": arn,
            "RequestId": "request-id",
            "SecretName": "team/db",
            "SecretType": "Generic",
            "VersionId": "v1",
        })
    );
    world.clock.advance(60);
    let value = json!({
        "CreateTime": START_TEXT,
        "RequestId": "request-id",
        "SecretData": "hush",
        "SecretDataType": "text",
        "SecretName": "team/db",
        "SecretType": "Generic",
        "VersionId": "v1",
        "VersionStages": { "VersionStage": ["ACSCurrent"] },
    });
    for name in ["team/db", &arn] {
        assert_eq!(client.ok("GetSecretValue", &[("SecretName", name)]).await, value);
    }
    // Never for Generic secrets.
    let params = [("SecretName", "team/db"), ("FetchExtendedConfig", "true")];
    assert_eq!(client.ok("GetSecretValue", &params).await, value);

    let mut described = json!({
        "Arn": arn,
        "CreateTime": START_TEXT,
        "Description": "d",
        "RequestId": "request-id",
        "SecretName": "team/db",
        "SecretType": "Generic",
        "UpdateTime": START_TEXT,
    });
    for name in ["team/db", &arn] {
        assert_eq!(client.ok("DescribeSecret", &[("SecretName", name)]).await, described);
    }
    put(&client, "team/db", "v2", "hush").await;
    described["UpdateTime"] = json!("2027-01-15T08:01:00Z");
    described["Tags"] =
        json!({ "Tag": [{ "TagKey": "a", "TagValue": "1" }, { "TagKey": "b", "TagValue": "2" }] });
    let params = [("SecretName", "team/db"), ("FetchTags", "true")];
    assert_eq!(client.ok("DescribeSecret", &params).await, described);
    // The time is that of the version.
    let answer = client.ok("GetSecretValue", &[("SecretName", "team/db")]).await;
    assert_eq!(answer["CreateTime"], "2027-01-15T08:01:00Z");
    check(
        &client,
        &[("DescribeSecret", &[("SecretName", "x"), ("FetchTags", "x")], "404 Forbidden.ResourceNotFound")],
    )
    .await;
}

#[tokio::test]
async fn create_secret_rules() {
    let client = client().await;
    let long = "x".repeat(192);
    let too_long = "x".repeat(193);
    let chinese = "\u{4e2d}".repeat(64);
    let too_chinese = "\u{4e2d}".repeat(65);
    let invalid = "400 InvalidParameter SecretName";
    for (name, expected) in [
        ("a", "ok"),
        ("A", "ok"),
        ("team/db_1+x=y.z-@", "ok"),
        (&long, "ok"),
        (&too_long, invalid),
        (&chinese, "ok"),
        (&too_chinese, invalid),
        ("", invalid),
        ("acs/x", invalid),
        ("acs", "ok"),
        ("$Auto", invalid),
        ("a b", invalid),
        ("a:b", invalid),
        ("a*", invalid),
        ("a\0", invalid),
        ("\u{e9}", invalid),
        ("\u{ff21}", invalid),
    ] {
        let params = [("SecretName", name), ("VersionId", "v"), ("SecretData", "x")];
        check(&client, &[("CreateSecret", &params, expected)]).await;
        if expected == "ok" {
            check(&client, &[("CreateSecret", &params, "409 Rejected.ResourceExist")]).await;
            assert_eq!(read(&client, &[("SecretName", name)]).await.1, "x");
        }
    }

    let version = "v".repeat(64);
    let long_version = "v".repeat(65);
    let data = "x".repeat(30_720);
    let long_data = "x".repeat(30_721);
    let wide_data = "\u{91d1}".repeat(10_241);
    let description = "\u{91d1}".repeat(8192);
    let long_description = "x".repeat(8193);
    let cases: [(&[(&str, &str)], &str); 21] = [
        (&[("VersionId", &version), ("SecretData", "x")], "ok"),
        (&[("VersionId", &long_version), ("SecretData", "x")], "400 InvalidParameter VersionId"),
        (&[("VersionId", ""), ("SecretData", "x")], "400 InvalidParameter VersionId"),
        (&[("VersionId", "v"), ("SecretData", &data)], "ok"),
        (&[("VersionId", "v"), ("SecretData", &long_data)], "400 InvalidParameter SecretData"),
        (&[("VersionId", "v"), ("SecretData", &wide_data)], "400 InvalidParameter SecretData"),
        (&[("VersionId", "v"), ("SecretData", "")], "400 InvalidParameter SecretData"),
        (&[("VersionId", "v")], "400 MissingSecretData"),
        (&[("VersionId", "v"), ("SecretData", "x"), ("SecretDataType", "text")], "ok"),
        (&[("VersionId", "v"), ("SecretData", "eA=="), ("SecretDataType", "binary")], "ok"),
        (
            &[("VersionId", "v"), ("SecretData", "x"), ("SecretDataType", "Text")],
            "400 InvalidParameter SecretDataType",
        ),
        (&[("VersionId", "v"), ("SecretData", "x"), ("SecretType", "Generic")], "ok"),
        (&[("VersionId", "v"), ("SecretData", "x"), ("SecretType", "x")], "400 InvalidParameter SecretType"),
        (
            &[("VersionId", "v"), ("SecretData", "x"), ("DKMSInstanceId", "kst-1")],
            "403 Forbidden.DKMSInstanceNotFound",
        ),
        (&[("VersionId", "v"), ("SecretData", "x"), ("Description", &description)], "ok"),
        (
            &[("VersionId", "v"), ("SecretData", "x"), ("Description", &long_description)],
            "400 InvalidParameter Description",
        ),
        (&[("VersionId", "v"), ("SecretData", "x"), ("Policy", "{}")], "400 InvalidParameter Policy"),
        (
            &[("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", "none")],
            "404 Forbidden.KeyNotFound",
        ),
        (
            &[("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", "alias/none")],
            "404 Forbidden.AliasNotFound",
        ),
        (&[("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", "")], "ok"),
        // Ignored for Generic secrets.
        (&[("VersionId", "v"), ("SecretData", "x"), ("ExtendedConfig", "{}")], "ok"),
    ];
    for (number, (params, expected)) in cases.into_iter().enumerate() {
        let name = format!("case-{number}");
        let params = [&[("SecretName", name.as_str())], params].concat();
        check(&client, &[("CreateSecret", &params, expected)]).await;
        let exists = if expected == "ok" { "ok" } else { "404 Forbidden.ResourceNotFound" };
        check(&client, &[("DescribeSecret", &[("SecretName", &name)], exists)]).await;
    }
}

#[tokio::test]
async fn a_generic_secret_has_no_automatic_rotation() {
    let client = client().await;
    let params = [
        ("SecretName", "s"),
        ("VersionId", "v"),
        ("SecretData", "x"),
        ("EnableAutomaticRotation", "true"),
        ("RotationInterval", "7d"),
    ];
    check(&client, &[("CreateSecret", &params, "400 UnsupportedOperation")]).await;
}

#[tokio::test]
async fn unknown_secrets() {
    let client = client().await;
    create(&client, "s").await;
    let arn = |region: &str, account: &str, rest: &str| format!("acs:kms:{region}:{account}:{rest}");
    let account = client.account();
    let not_found = "404 Forbidden.ResourceNotFound";
    for (name, expected) in [
        ("none", not_found),
        ("S", not_found),
        ("s/", not_found),
        (" s", not_found),
        ("secret/s", not_found),
        ("", not_found),
        (&arn("cn-hangzhou", "1234567890123456", "secret/s"), not_found),
        (&arn("cn-beijing", account, "secret/s"), not_found),
        (&arn("cn-hangzhou", account, "secret/none"), not_found),
        (&arn("cn-hangzhou", account, "key/s"), not_found),
        (&arn("cn-hangzhou", account, "s"), not_found),
        ("acs:kms:x", "400 InvalidParameter SecretName"),
    ] {
        check(
            &client,
            &[
                ("GetSecretValue", &[("SecretName", name)], expected),
                ("DescribeSecret", &[("SecretName", name)], expected),
                (
                    "PutSecretValue",
                    &[("SecretName", name), ("VersionId", "v"), ("SecretData", "x")],
                    expected,
                ),
            ],
        )
        .await;
    }
    // At least one client looks for this text.
    let error = client.call("GetSecretValue", &[("SecretName", "none")]).await.unwrap_err();
    assert!(error.message().contains("Resource not found"));
}

#[tokio::test]
async fn values_come_back_as_they_came() {
    let client = client().await;
    for (number, (value, kind)) in [
        ("{\"a\":\"\u{91d1}\"}\n", "text"),
        ("\0\u{1}\u{1f511}", "text"),
        ("//79AA==", "binary"),
        // A binary value is base64 by convention; it is kept as it came.
        ("not base64", "binary"),
        (&"\u{91d1}".repeat(10_240), "text"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("s{number}");
        let params = [
            ("SecretName", name.as_str()),
            ("VersionId", "v"),
            ("SecretData", value),
            ("SecretDataType", kind),
        ];
        client.ok("CreateSecret", &params).await;
        let answer = client.ok("GetSecretValue", &[("SecretName", &name)]).await;
        assert_eq!((&answer["SecretData"], &answer["SecretDataType"]), (&json!(value), &json!(kind)));
    }
}

#[tokio::test]
async fn the_state_of_the_chosen_key_matters() {
    let client = client().await;
    let key = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/k"), ("KeyId", &key)]).await;
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{key}", client.account());
    for (name, chosen) in [("a", key.as_str()), ("b", "alias/k"), ("c", &arn)] {
        let params =
            [("SecretName", name), ("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", chosen)];
        client.ok("CreateSecret", &params).await;
        let described = client.ok("DescribeSecret", &[("SecretName", name)]).await;
        assert_eq!(described["EncryptionKeyId"], json!(key));
    }
    create(&client, "without").await;
    client.ok("DisableKey", &[("KeyId", &key)]).await;
    let refused = "409 Rejected.Disabled";
    check(
        &client,
        &[
            ("GetSecretValue", &[("SecretName", "a")], refused),
            ("PutSecretValue", &[("SecretName", "a"), ("VersionId", "v2"), ("SecretData", "y")], refused),
            // Even the same again: whether it is the same, only the key can tell.
            ("PutSecretValue", &[("SecretName", "a"), ("VersionId", "v1"), ("SecretData", "x")], refused),
            ("GetSecretValue", &[("SecretName", "without")], "ok"),
        ],
    )
    .await;
    client.ok("EnableKey", &[("KeyId", &key)]).await;
    assert_eq!(read(&client, &[("SecretName", "a")]).await, expected("v1", "x", &["ACSCurrent"]));
    for (state, refused) in [
        (KeyState::PendingImport, "409 Rejected.PendingImport"),
        (KeyState::PendingDeletion, "409 Rejected.PendingDeletion"),
    ] {
        client.force_state(&key, state).await;
        let new = [("SecretName", "n"), ("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", &*key)];
        check(
            &client,
            &[("GetSecretValue", &[("SecretName", "a")], refused), ("CreateSecret", &new, refused)],
        )
        .await;
    }
    // When its window has ended, the key is gone, and the value with it.
    let at = path::key(client.account(), &key);
    client.rewrite::<KeyRecord>(&at, |key| key.delete_date = Some(START)).await;
    check(
        &client,
        &[
            ("GetSecretValue", &[("SecretName", "a")], "404 Forbidden.KeyNotFound"),
            ("DescribeSecret", &[("SecretName", "a")], "ok"),
            ("DeleteSecret", &[("SecretName", "a"), ("ForceDeleteWithoutRecovery", "true")], "ok"),
        ],
    )
    .await;
}

#[tokio::test]
async fn keys_that_cannot_protect_a_secret() {
    let client = client().await;
    for (spec, usage) in
        [("RSA_2048", "ENCRYPT/DECRYPT"), ("EC_P256", "SIGN/VERIFY"), ("HMAC_SHA256", "GENERATE/VERIFY_MAC")]
    {
        let made = client.ok("CreateKey", &[("KeySpec", spec), ("KeyUsage", usage)]).await;
        let key = text(&made["KeyMetadata"]["KeyId"]);
        let params =
            [("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", &*key)];
        check(&client, &[("CreateSecret", &params, "400 UnsupportedOperation")]).await;
    }
}

#[tokio::test]
async fn rehearsals_and_enclaves() {
    let client = client().await;
    let key = client.key().await;
    let params = [("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", &*key)];
    client.ok("CreateSecret", &params).await;
    let (name, dry) = (("SecretName", "s"), ("DryRun", "true"));
    check(
        &client,
        &[
            ("GetSecretValue", &[name, dry], "400 DryRunOperationError"),
            ("GetSecretValue", &[("SecretName", "none"), dry], "400 ValidationError"),
            ("GetSecretValue", &[name, ("DryRun", "false")], "ok"),
            ("GetSecretValue", &[name, ("DryRun", "x")], "400 InvalidParameter DryRun"),
            ("GetSecretValue", &[name, ("Recipient", "x")], "400 UnsupportedOperation"),
            ("DisableKey", &[("KeyId", &key)], "ok"),
            ("GetSecretValue", &[name, dry], "400 ValidationError"),
        ],
    )
    .await;
}

/// Values lie under the chosen key: the record names the version that sealed it, and its ciphertext is no message of it.
#[tokio::test]
async fn values_are_sealed_under_the_chosen_key() {
    let client = client().await;
    let key = client.key().await;
    let params =
        [("SecretName", "s"), ("VersionId", "v"), ("SecretData", "hush"), ("EncryptionKeyId", key.as_str())];
    client.ok("CreateSecret", &params).await;
    let described = client.ok("DescribeKey", &[("KeyId", &key)]).await;
    let primary = text(&described["KeyMetadata"]["PrimaryKeyVersion"]);
    let store = client.engine.store();
    let records = store.scan(keystead_store::Range::prefix("secret-value/"), None, 10).await.unwrap();
    let record: serde_json::Value = serde_json::from_slice(&records[0].value).unwrap();
    assert_eq!(record["key_version"], json!(primary));
    // What may decrypt with the key may not so read the secret's stored form: the purposes are kept apart.
    let sealed = {
        use base64::Engine as _;
        let sealed = base64::engine::general_purpose::STANDARD.decode(text(&record["sealed_value"])).unwrap();
        keystead_crypto::MessageBlob::encode(&[primary.as_bytes(), &sealed].concat())
    };
    check(&client, &[("Decrypt", &[("CiphertextBlob", &sealed)], "400 InvalidParameter CiphertextBlob")])
        .await;
}

#[tokio::test]
async fn in_the_deletion_window() {
    let client = client().await;
    create(&client, "s").await;
    let at = path::secret(client.account(), "s");
    client.rewrite::<SecretRecord>(&at, |secret| secret.planned_delete = Some(Timestamp(START.0 + 60))).await;
    let refused = "409 Rejected.ResourceInDeleteWindow";
    let put = [("SecretName", "s"), ("VersionId", "v2"), ("SecretData", "x")];
    check(
        &client,
        &[
            ("GetSecretValue", &[("SecretName", "s")], refused),
            ("PutSecretValue", &put, refused),
            ("CreateSecret", &put, refused),
            ("DescribeSecret", &[("SecretName", "s")], "ok"),
        ],
    )
    .await;
    let described = client.ok("DescribeSecret", &[("SecretName", "s")]).await;
    assert_eq!(described["PlannedDeleteTime"], "2027-01-15T08:01:00Z");
}
