//! ListKeys.

use serde_json::json;

use crate::harness::{Client, check, client, text, texts};

async fn ids(client: &Client, params: &[(&str, &str)]) -> Vec<String> {
    let answer = client.ok("ListKeys", params).await;
    texts(&answer["Keys"]["Key"], "KeyId")
}

#[tokio::test]
async fn pages() {
    let client = client().await;
    let none = client.ok("ListKeys", &[]).await;
    assert_eq!((&none["Keys"]["Key"], &none["TotalCount"]), (&json!([]), &json!(0)));
    let mut keys = Vec::new();
    for _ in 0..21 {
        keys.push(client.key().await);
    }
    keys.sort();
    let answer = client.ok("ListKeys", &[]).await;
    assert_eq!(
        (&answer["PageNumber"], &answer["PageSize"], &answer["TotalCount"]),
        (&json!(1), &json!(10), &json!(21))
    );
    assert_eq!(texts(&answer["Keys"]["Key"], "KeyId"), keys[..10]);
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{}", client.account(), keys[0]);
    assert_eq!(answer["Keys"]["Key"][0]["KeyArn"], json!(arn));
    for (page, size, expected) in [
        ("3", "10", &keys[20..]),
        ("4", "10", &[]),
        ("1", "100", &keys[..]),
        ("21", "1", &keys[20..]),
        ("2", "20", &keys[20..]),
    ] {
        assert_eq!(ids(&client, &[("PageNumber", page), ("PageSize", size)]).await, expected);
    }
    check(
        &client,
        &[
            ("ListKeys", &[("PageNumber", "0")], "400 InvalidParameter PageNumber"),
            ("ListKeys", &[("PageNumber", "")], "400 InvalidParameter PageNumber"),
            ("ListKeys", &[("PageSize", "0")], "400 InvalidParameter PageSize"),
            ("ListKeys", &[("PageSize", "101")], "400 InvalidParameter PageSize"),
            ("ListKeys", &[("PageSize", "100")], "ok"),
            ("ListKeys", &[("PageSize", "1")], "ok"),
        ],
    )
    .await;
}

#[tokio::test]
async fn filters() {
    let client = client().await;
    let make = async |tags: &str, level: &str| {
        let answer = client.ok("CreateKey", &[("Tags", tags), ("ProtectionLevel", level)]).await;
        text(&answer["KeyMetadata"]["KeyId"])
    };
    let a = make(r#"[{"TagKey":"env","TagValue":"prod"}]"#, "SOFTWARE").await;
    let b = make(r#"[{"TagKey":"env","TagValue":"test"},{"TagKey":"team","TagValue":"x"}]"#, "HSM").await;
    let c = make("[]", "SOFTWARE").await;
    client.ok("DisableKey", &[("KeyId", &b)]).await;
    client.ok("CreateAlias", &[("AliasName", "alias/one"), ("KeyId", &a)]).await;
    client.ok("CreateAlias", &[("AliasName", "alias/two"), ("KeyId", &b)]).await;
    let account = client.account().to_owned();

    let all = [&a, &b, &c];
    let filter = |pairs: &[(&str, &[&str])]| {
        let pairs: Vec<_> =
            pairs.iter().map(|(key, values)| json!({ "Key": key, "Values": values })).collect();
        json!(pairs).to_string()
    };
    for (pairs, expected) in [
        (filter(&[]), &all[..]),
        (String::new(), &all),
        (filter(&[("KeyState", &["Disabled"])]), &[&b]),
        (filter(&[("KeyState", &["Enabled", "Disabled"])]), &all),
        (filter(&[("KeyState", &["PendingDeletion"])]), &[]),
        // The same key twice adds its values.
        (filter(&[("KeyState", &["Enabled"]), ("KeyState", &["Disabled"])]), &all),
        // Different keys must all match.
        (filter(&[("KeyState", &["Enabled"]), ("ProtectionLevel", &["HSM"])]), &[]),
        (filter(&[("KeyState", &["Disabled"]), ("ProtectionLevel", &["HSM", "SOFTWARE"])]), &[&b]),
        (filter(&[("KeySpec", &["Aliyun_AES_256"])]), &all),
        (filter(&[("KeySpec", &["RSA_2048"])]), &[]),
        (filter(&[("KeyUsage", &["ENCRYPT/DECRYPT"])]), &all),
        (filter(&[("CreatorType", &["User"])]), &all),
        (filter(&[("CreatorType", &["Service"])]), &[]),
        (filter(&[("Creator", &[&account])]), &all),
        (filter(&[("Creator", &["1"])]), &[]),
        (filter(&[("DKMSInstanceId", &["kst-hzz1"])]), &[]),
        (filter(&[("keyId", &[&a, &c, "none"])]), &[&a, &c]),
        (filter(&[("AliasName", &["alias/one"])]), &[&a]),
        (filter(&[("AliasName", &["alias/one", "alias/two", "alias/none"])]), &[&a, &b]),
        (filter(&[("TagKey", &["env"])]), &[&a, &b]),
        (filter(&[("TagValue", &["prod", "x"])]), &[&a, &b]),
        (filter(&[("TagKey", &["env"]), ("TagValue", &["test"])]), &[&b]),
    ] {
        let mut expected: Vec<String> = expected.iter().map(|id| (*id).clone()).collect();
        expected.sort();
        assert_eq!(ids(&client, &[("Filters", &pairs)]).await, expected, "{pairs}");
        let answer =
            client.ok("ListKeys", &[("Filters", &pairs), ("PageSize", "1"), ("PageNumber", "2")]).await;
        assert_eq!(answer["TotalCount"], json!(expected.len()), "{pairs}");
        assert_eq!(texts(&answer["Keys"]["Key"], "KeyId"), expected.get(1..2).unwrap_or_default(), "{pairs}");
    }
}

#[tokio::test]
async fn filters_that_are_refused() {
    let client = client().await;
    let pairs = |pairs: usize, values: usize| {
        let values = vec!["Enabled"; values];
        json!(vec![json!({ "Key": "KeyState", "Values": values }); pairs]).to_string()
    };
    let invalid = "400 InvalidParameter Filters";
    for (filters, expected) in [
        (pairs(10, 10), "ok"),
        (pairs(11, 1), invalid),
        (pairs(1, 11), invalid),
        (pairs(1, 0), invalid),
        ("{}".into(), invalid),
        ("x".into(), invalid),
        (r#"[{"Key":"KeyId","Values":["x"]}]"#.into(), invalid),
        (r#"[{"Key":"keystate","Values":["x"]}]"#.into(), invalid),
        (r#"[{"Key":"KeyState","Values":"Enabled"}]"#.into(), invalid),
        (r#"[{"Key":"KeyState"}]"#.into(), invalid),
        (r#"[{"Values":["x"]}]"#.into(), invalid),
    ] {
        check(&client, &[("ListKeys", &[("Filters", &filters)], expected)]).await;
        let of_secrets = filters.replace("KeyState", "SecretType");
        check(&client, &[("ListSecrets", &[("Filters", &of_secrets)], expected)]).await;
    }
}
