//! CreateKey, DescribeKey and DescribeRegions.

use serde_json::json;

use crate::harness::{Row, START_TEXT, World, check, client, text};

#[tokio::test]
async fn a_new_key_has_the_documented_defaults() {
    let client = client().await;
    let answer = client.ok("CreateKey", &[]).await;
    let metadata = &answer["KeyMetadata"];
    let (id, account) = (text(&metadata["KeyId"]), client.account());
    let primary = text(&metadata["PrimaryKeyVersion"]);
    assert!(id.starts_with("key-hzz6b49d200") && id.len() == 25, "{id}");
    // Official clients cut the version id off a ciphertext at byte 36.
    assert!(primary.len() == 36 && primary.is_ascii(), "{primary}");
    let expected = json!({
        "Arn": format!("acs:kms:cn-hangzhou:{account}:key/{id}"),
        "AutomaticRotation": "Disabled",
        "CreationDate": START_TEXT,
        "Creator": account,
        "Description": "",
        "KeyId": id,
        "KeySpec": "Aliyun_AES_256",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT/DECRYPT",
        "LastRotationDate": START_TEXT,
        "MaterialExpireTime": "",
        "Origin": "Aliyun_KMS",
        "PrimaryKeyVersion": primary,
        "ProtectionLevel": "SOFTWARE",
    });
    assert_eq!(*metadata, expected);

    let mut described = expected;
    described["DeletionProtection"] = json!("Disabled");
    assert_eq!(client.ok("DescribeKey", &[("KeyId", &id)]).await["KeyMetadata"], described);
}

#[tokio::test]
async fn what_is_asked_for_comes_back() {
    let client = client().await;
    let description = "\u{91d1}".repeat(8192);
    let answer = client
        .ok(
            "CreateKey",
            &[
                ("Description", &description),
                ("KeySpec", "Aliyun_AES_256"),
                ("KeyUsage", "ENCRYPT/DECRYPT"),
                ("Origin", "Aliyun_KMS"),
                ("ProtectionLevel", "HSM"),
                ("EnableAutomaticRotation", "false"),
            ],
        )
        .await;
    let id = text(&answer["KeyMetadata"]["KeyId"]);
    let described = client.ok("DescribeKey", &[("KeyId", &id)]).await;
    assert_eq!(described["KeyMetadata"]["Description"], json!(description));
    assert_eq!(described["KeyMetadata"]["ProtectionLevel"], "HSM");
}

#[tokio::test]
async fn create_key_rules() {
    let client = client().await;
    let long = "x".repeat(8192);
    let too_long = "x".repeat(8193);
    let rows: [Row<'_>; 19] = [
        ("CreateKey", &[("KeySpec", "")], "ok"),
        ("CreateKey", &[("KeySpec", "aliyun_aes_256")], "400 InvalidParameter KeySpec"),
        ("CreateKey", &[("KeySpec", "Aliyun_AES_512")], "400 InvalidParameter KeySpec"),
        ("CreateKey", &[("KeyUsage", "SIGN/VERIFY")], "400 InvalidParameter KeyUsage"),
        ("CreateKey", &[("KeyUsage", "encrypt/decrypt")], "400 InvalidParameter KeyUsage"),
        ("CreateKey", &[("KeySpec", "HMAC_SHA1")], "400 InvalidParameter KeySpec"),
        ("CreateKey", &[("KeyStorageMechanism", "HsmInternal")], "ok"),
        ("CreateKey", &[("KeyStorageMechanism", "Disk")], "400 InvalidParameter KeyStorageMechanism"),
        ("CreateKey", &[("Origin", "aliyun_kms")], "400 InvalidParameter Origin"),
        ("CreateKey", &[("ProtectionLevel", "SOFTWARE")], "ok"),
        ("CreateKey", &[("ProtectionLevel", "hsm")], "400 InvalidParameter ProtectionLevel"),
        ("CreateKey", &[("DKMSInstanceId", "kst-hzz62f1cb66fa42qo")], "403 Forbidden.DKMSInstanceNotFound"),
        ("CreateKey", &[("DKMSInstanceId", "")], "ok"),
        ("CreateKey", &[("Description", &long)], "ok"),
        ("CreateKey", &[("Description", &too_long)], "400 InvalidParameter Description"),
        (
            "CreateKey",
            &[("EnableAutomaticRotation", "maybe")],
            "400 InvalidParameter EnableAutomaticRotation",
        ),
        ("CreateKey", &[("EnableAutomaticRotation", "true"), ("RotationInterval", "365d")], "ok"),
        ("CreateKey", &[("EnableAutomaticRotation", "false"), ("RotationInterval", "365d")], "ok"),
        ("CreateKey", &[("Policy", "{}")], "400 InvalidParameter Policy"),
    ];
    check(&client, &rows).await;
}

#[tokio::test]
async fn tag_rules() {
    let client = client().await;
    let tags = |count: usize| {
        let tags: Vec<_> = (0..count).map(|i| format!(r#"{{"TagKey":"k{i}","TagValue":"v"}}"#)).collect();
        format!("[{}]", tags.join(","))
    };
    let tag = |key: &str, value: &str| json!([{ "TagKey": key, "TagValue": value }]).to_string();
    let x = |count: usize| "x".repeat(count);
    let cases = [
        (tags(20), "ok"),
        (tags(21), "400 InvalidParameter Tags"),
        ("[]".into(), "ok"),
        (String::new(), "ok"),
        ("{}".into(), "400 InvalidParameter Tags"),
        ("[".into(), "400 InvalidParameter Tags"),
        (r#"[{"TagKey":1}]"#.into(), "400 InvalidParameter Tags"),
        (r#"[{"TagValue":"v"}]"#.into(), "400 InvalidParameter Tags"),
        (r#"[{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]"#.into(), "400 Duplicate.TagKey"),
        (tag(&x(128), &x(128)), "ok"),
        (tag(&x(129), "v"), "400 InvalidParameter.TagKey"),
        (tag("k", &x(129)), "400 InvalidParameter.TagValue"),
        (tag("", "v"), "400 InvalidParameter.TagKey"),
        (tag("k", ""), "ok"),
        (tag("a/\\_-.+=:@ 1\u{4e2d}", "/\\_-.+=:@ 1\u{4e2d}"), "ok"),
        (tag("a*", "v"), "400 InvalidParameter.TagKey"),
        (tag("k", "<"), "400 InvalidParameter.TagValue"),
        (tag("aliyun-x", "v"), "400 InvalidParameter.TagKey"),
        (tag("acs:x", "v"), "400 InvalidParameter.TagKey"),
        (tag("acs", "aliyun"), "ok"),
    ];
    for (tags, expected) in &cases {
        let secret = format!("s{}", crate::harness::next_number());
        check(
            &client,
            &[
                ("CreateKey", &[("Tags", tags)], expected),
                (
                    "CreateSecret",
                    &[("SecretName", &secret), ("VersionId", "v1"), ("SecretData", "x"), ("Tags", tags)],
                    expected,
                ),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn a_key_is_named_by_id_alias_or_arn() {
    let client = client().await;
    let id = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/team/app"), ("KeyId", &id)]).await;
    let account = client.account();
    let arn = |region: &str, account: &str, rest: &str| format!("acs:kms:{region}:{account}:{rest}");
    let key = format!("key/{id}");
    for name in [
        id.clone(),
        "alias/team/app".into(),
        arn("cn-hangzhou", account, &key),
        arn("cn-hangzhou", account, "alias/team/app"),
    ] {
        let answer = client.ok("DescribeKey", &[("KeyId", &name)]).await;
        assert_eq!(answer["KeyMetadata"]["KeyId"], json!(id), "{name}");
    }

    let key_not_found = "404 Forbidden.KeyNotFound";
    let alias_not_found = "404 Forbidden.AliasNotFound";
    for (name, expected) in [
        ("key-hzz6b49d2000000000000", key_not_found),
        ("", key_not_found),
        (&id.to_uppercase(), key_not_found),
        (&format!(" {id}"), key_not_found),
        ("alias/", alias_not_found),
        ("alias/team", alias_not_found),
        ("alias/team/app/", alias_not_found),
        ("alias/TEAM/app", alias_not_found),
        ("team/app", key_not_found),
        // Of another account: as unknown ones there. Of another region: of nothing.
        (&arn("cn-hangzhou", "1234567890123456", &key), key_not_found),
        (&arn("cn-beijing", account, &key), key_not_found),
        (&arn("cn-hangzhou", "1234567890123456", "alias/team/app"), alias_not_found),
        (&arn("cn-beijing", account, "alias/team/app"), key_not_found),
        (&arn("cn-hangzhou", account, "alias/none"), alias_not_found),
        (&arn("cn-hangzhou", account, "key/none"), key_not_found),
        (&arn("cn-hangzhou", account, &format!("secret/{id}")), key_not_found),
        // An ARN names its kind of resource, and only an ARN does.
        (&arn("cn-hangzhou", account, &id), key_not_found),
        (&key, key_not_found),
        ("acs:kms:cn-hangzhou", "400 InvalidParameter KeyId"),
        (&format!("acs:ram:cn-hangzhou:{account}:{key}"), "400 InvalidParameter KeyId"),
        (&arn("", account, &key), "400 InvalidParameter KeyId"),
        (&arn("cn-hangzhou", "", &key), "400 InvalidParameter KeyId"),
        (&arn("cn-hangzhou", account, ""), "400 InvalidParameter KeyId"),
    ] {
        check(
            &client,
            &[
                ("DescribeKey", &[("KeyId", name)], expected),
                ("Encrypt", &[("KeyId", name), ("Plaintext", "x")], expected),
                ("GenerateDataKey", &[("KeyId", name)], expected),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn required_parameters_are_required() {
    let client = client().await;
    let mut checked = 0;
    for operation in keystead_service::BUILT {
        // The required ones stand first, in the order in which they are read.
        if let Some(first) = operation.def().parameters.first().filter(|parameter| parameter.required) {
            let missing = format!("400 Missing{}", first.name);
            check(&client, &[(&operation.def().label(), &[], &missing)]).await;
            checked += 1;
        }
    }
    assert!(checked >= 10);
    check(
        &client,
        &[
            ("Encrypt", &[("KeyId", "x")], "400 MissingPlaintext"),
            ("CreateSecret", &[("SecretName", "x")], "400 MissingVersionId"),
            // Names are compared byte by byte.
            ("DescribeKey", &[("keyId", "x")], "400 MissingKeyId"),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_one_region_is_described() {
    let client = World::new().await.client().await;
    let answer = client.ok("DescribeRegions", &[]).await;
    assert_eq!(answer["Regions"]["Region"], json!([{ "RegionId": "cn-hangzhou" }]));
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let client = client().await;
    let def = keystead_service::UNSUPPORTED_FOR_GOOD[0].def();
    let error = client.call(def.name, &[]).await.unwrap_err();
    assert_eq!((error.status(), error.code().name().as_ref()), (400, "UnsupportedOperation"));
}
