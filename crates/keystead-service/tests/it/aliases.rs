//! CreateAlias and ListAliases.

use serde_json::json;

use crate::harness::{check, client, texts};
use keystead_service::records::KeyState;

#[tokio::test]
async fn name_rules() {
    let client = client().await;
    let id = client.key().await;
    let longest = format!("alias/{}", "x".repeat(255));
    let too_long = format!("alias/{}", "x".repeat(256));
    let invalid = "400 InvalidParameter AliasName";
    let cases = [
        ("alias/a", "ok"),
        ("alias/A", "ok"),
        ("alias/team/app_1-x", "ok"),
        ("alias//", "ok"),
        (&longest, "ok"),
        (&too_long, invalid),
        ("alias/", invalid),
        ("", invalid),
        ("a", invalid),
        ("ALIAS/a", invalid),
        ("alias/a b", invalid),
        ("alias/a.b", invalid),
        ("alias/a:b", invalid),
        ("alias/a*", invalid),
        ("alias/\u{4e2d}", invalid),
        ("alias/\u{ff21}", invalid),
        ("alias/a\0", invalid),
        // Kept for service keys.
        ("alias/acs/oss", invalid),
        ("alias/acs", invalid),
    ];
    for (name, expected) in cases {
        check(&client, &[("CreateAlias", &[("AliasName", name), ("KeyId", &id)], expected)]).await;
    }
}

#[tokio::test]
async fn an_alias_has_one_key_and_a_key_many_aliases() {
    let client = client().await;
    let (one, two) = (client.key().await, client.key().await);
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{one}", client.account());
    let alias_arn = format!("acs:kms:cn-hangzhou:{}:alias/a", client.account());
    check(
        &client,
        &[
            ("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &one)], "ok"),
            ("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &one)], "400 AliasAlreadyExists"),
            ("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &two)], "400 AliasAlreadyExists"),
            ("CreateAlias", &[("AliasName", "alias/b"), ("KeyId", &arn)], "ok"),
            ("CreateAlias", &[("AliasName", "alias/c"), ("KeyId", "alias/a")], "400 Unsupported.Alias"),
            ("CreateAlias", &[("AliasName", "alias/c"), ("KeyId", &alias_arn)], "400 Unsupported.Alias"),
            ("CreateAlias", &[("AliasName", "alias/c"), ("KeyId", "none")], "404 Forbidden.KeyNotFound"),
        ],
    )
    .await;
    let answer = client.ok("ListAliases", &[]).await;
    let entry = |name: &str| {
        json!({
            "AliasArn": format!("acs:kms:cn-hangzhou:{}:alias/{name}", client.account()),
            "AliasName": format!("alias/{name}"),
            "KeyId": one,
        })
    };
    assert_eq!(answer["Aliases"]["Alias"], json!([entry("a"), entry("b")]));
    assert_eq!(answer["TotalCount"], 2);
}

#[tokio::test]
async fn the_state_of_the_key_decides() {
    let client = client().await;
    for (state, name, expected) in [
        (KeyState::Disabled, "alias/disabled", "ok"),
        (KeyState::PendingImport, "alias/import", "ok"),
        (KeyState::PendingDeletion, "alias/deletion", "409 Rejected.StateModifiedFailed"),
    ] {
        let id = client.key().await;
        client.force_state(&id, state).await;
        check(&client, &[("CreateAlias", &[("AliasName", name), ("KeyId", &id)], expected)]).await;
    }
}

#[tokio::test]
async fn answers_carry_the_real_key_id() {
    let client = client().await;
    let id = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &id)]).await;
    for (operation, params) in [
        ("Encrypt", [("KeyId", "alias/a"), ("Plaintext", "x")]),
        ("GenerateDataKey", [("KeyId", "alias/a"), ("KeySpec", "AES_128")]),
        ("GenerateDataKeyWithoutPlaintext", [("KeyId", "alias/a"), ("KeySpec", "AES_128")]),
    ] {
        assert_eq!(client.ok(operation, &params).await["KeyId"], json!(id), "{operation}");
    }
}

#[tokio::test]
async fn pages() {
    let client = client().await;
    let id = client.key().await;
    let names: Vec<String> = (0..23).map(|i| format!("alias/n{i:02}")).collect();
    for name in &names {
        client.ok("CreateAlias", &[("AliasName", name), ("KeyId", &id)]).await;
    }
    for (page, size, expected) in [
        ("1", "10", &names[..10]),
        ("2", "10", &names[10..20]),
        ("3", "10", &names[20..]),
        ("4", "10", &[]),
        ("2147483647", "100", &[]),
        ("1", "100", &names[..]),
        ("23", "1", &names[22..]),
    ] {
        let answer = client.ok("ListAliases", &[("PageNumber", page), ("PageSize", size)]).await;
        assert_eq!(texts(&answer["Aliases"]["Alias"], "AliasName"), expected, "{page} {size}");
        assert_eq!(answer["TotalCount"], 23);
        assert_eq!(
            (answer["PageNumber"].to_string(), answer["PageSize"].to_string()),
            (page.into(), size.into())
        );
    }
    let answer = client.ok("ListAliases", &[]).await;
    assert_eq!(texts(&answer["Aliases"]["Alias"], "AliasName"), &names[..10]);
    let page = "400 InvalidParameter PageNumber";
    let size = "400 InvalidParameter PageSize";
    check(
        &client,
        &[
            ("ListAliases", &[("PageNumber", "0")], page),
            ("ListAliases", &[("PageNumber", "-1")], page),
            ("ListAliases", &[("PageNumber", "x")], page),
            ("ListAliases", &[("PageNumber", "99999999999999999999")], page),
            ("ListAliases", &[("PageNumber", "9223372036854775807")], page),
            ("ListAliases", &[("PageSize", "0")], size),
            ("ListAliases", &[("PageSize", "101")], size),
            ("ListAliases", &[("PageSize", "1.5")], size),
        ],
    )
    .await;
}

/// Names are compared byte by byte: of many spellings of one name each is a name of its own, or none.
#[tokio::test]
async fn one_name_in_many_spellings() {
    let client = client().await;
    let id = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/app"), ("KeyId", &id)]).await;
    client.ok("CreateSecret", &[("SecretName", "app"), ("VersionId", "v"), ("SecretData", "x")]).await;
    for spelling in [
        "App",
        "APP",
        "app ",
        " app",
        "app/",
        "/app",
        "./app",
        "app/.",
        "x/../app",
        "../app",
        "app//",
        "%61pp",
        "app%20",
        "app\0",
        "app\n",
        "\u{ff41}pp",
        "a\u{200b}pp",
        "app\u{301}",
        "\u{430}pp",
        "alias/app",
        "*",
        "a*",
        "app\u{feff}",
    ] {
        let alias = format!("alias/{spelling}");
        check(
            &client,
            &[
                ("DescribeKey", &[("KeyId", &alias)], "404 Forbidden.AliasNotFound"),
                ("Encrypt", &[("KeyId", &alias), ("Plaintext", "x")], "404 Forbidden.AliasNotFound"),
                ("GetSecretValue", &[("SecretName", spelling)], "404 Forbidden.ResourceNotFound"),
            ],
        )
        .await;
        // What can be made is a name of its own.
        if client.call("CreateAlias", &[("AliasName", &alias), ("KeyId", &id)]).await.is_ok() {
            check(&client, &[("DescribeKey", &[("KeyId", &alias)], "ok")]).await;
        }
        let secret = [("SecretName", spelling), ("VersionId", "v"), ("SecretData", "other")];
        client.call("CreateSecret", &secret).await.ok();
    }
    let value = client.ok("GetSecretValue", &[("SecretName", "app")]).await;
    assert_eq!(value["SecretData"], "x");
}
