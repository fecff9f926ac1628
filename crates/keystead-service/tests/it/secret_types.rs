//! Secrets of every type: what they take, and what they give back.

use serde_json::{Value, json};

use crate::harness::{Client, START_TEXT, World, check, client, text};

/// A secret of each type but Generic: type, name, `ExtendedConfig`, `SecretData`.
pub fn one_of_each() -> Vec<(&'static str, &'static str, Value, String)> {
    let login = |name: &str| json!({ "AccountName": name, "AccountPassword": format!("pw-{name}") });
    vec![
        (
            "Rds",
            "db/single",
            json!({ "SecretSubType": "SingleUser", "DBInstanceId": "rm-1" }),
            json!({ "Accounts": [login("app")] }).to_string(),
        ),
        (
            "Rds",
            "db/double",
            json!({ "SecretSubType": "DoubleUsers", "DBInstanceId": "rm-1", "CustomData": { "team": "a" } }),
            json!({ "Accounts": [login("app"), login("app_clone")] }).to_string(),
        ),
        ("Redis", "cache", redis(), "$Auto".to_owned()),
        ("PolarDB", "polar", polardb(), "$Auto".to_owned()),
        (
            "RAMCredentials",
            "acs/ram/user/ci-bot",
            json!({ "SecretSubType": "RamUserAccessKey", "UserName": "ci-bot" }),
            json!({ "AccessKeys": [
                { "AccessKeyId": "LTAI5tFirst", "AccessKeySecret": "hush-1" },
                { "AccessKeyId": "LTAI5tSecond", "AccessKeySecret": "hush-2" },
            ] })
            .to_string(),
        ),
        (
            "ECS",
            "acs/ecs/web-1",
            json!({ "SecretSubType": "Password", "RegionId": "cn-hangzhou", "InstanceId": "i-1" }),
            json!({ "UserName": "root", "Password": "hush-3" }).to_string(),
        ),
        (
            "ECS",
            "acs/ecs/web-2",
            json!({ "SecretSubType": "SSHKey", "RegionId": "cn-hangzhou", "InstanceId": "i-2" }),
            json!({ "UserName": "root", "PublicKey": PUBLIC_KEY, "PrivateKey": PRIVATE_KEY }).to_string(),
        ),
    ]
}

fn redis() -> Value {
    json!({
        "SecretSubType": "DoubleUsers",
        "AccountName": "app",
        "CloneAccountName": "app_clone",
        "AccountPrivilege": "RoleReadWrite",
        "InstanceId": "r-1",
        "RegionId": "cn-hangzhou",
    })
}

fn polardb() -> Value {
    json!({
        "SecretSubType": "DoubleUsers",
        "RegionId": "cn-hangzhou",
        "DBClusterId": "pc-1",
        "DBType": "MySQL",
        "AccountName": "app",
        "CloneAccountName": "app_clone",
        "AccountType": "Normal",
        "AccountPrivilege": "ReadWrite",
        "DBName": "shop",
    })
}

/// A blob that begins as one must: the length of the algorithm's name, and the name.
const PUBLIC_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ops@example";
const PRIVATE_KEY: &str =
    "-----BEGIN OPENSSH PRIVATE KEY-----\naHVzaA==\n-----END OPENSSH PRIVATE KEY-----\n";

/// Makes a secret with the given parameters beside name, version and type.
async fn create(client: &Client, secret: &(&str, &str, Value, String), more: &[(&str, &str)]) -> Value {
    let (kind, name, config, data) = secret;
    let config = config.to_string();
    let base = [
        ("SecretType", *kind),
        ("SecretName", *name),
        ("VersionId", "v1"),
        ("ExtendedConfig", &config),
        ("SecretData", data),
    ];
    client.ok("CreateSecret", &[&base, more].concat()).await
}

fn json_of(value: &Value) -> Value {
    serde_json::from_str(value.as_str().unwrap()).unwrap()
}

/// What GetSecretValue gives at a stage: the value as JSON, or how it is refused.
async fn value_at(client: &Client, name: &str, stage: &str) -> Result<Value, String> {
    let params = [("SecretName", name), ("VersionStage", stage), ("VersionId", "ignored")];
    match client.call("GetSecretValue", &params).await {
        Ok(answer) => Ok(json_of(&answer["SecretData"])),
        Err(error) => Err(error.code().name().into_owned()),
    }
}

#[tokio::test]
async fn every_type_comes_back_in_its_own_layout() {
    let client = client().await;
    let not_found = || Err("Forbidden.ResourceNotFound".to_owned());
    let login = |name: &str| json!({ "AccountName": name, "AccountPassword": format!("pw-{name}") });
    let access_key = |number, secret| {
        json!({
            "AccessKeyId": format!("LTAI5t{number}"),
            "AccessKeySecret": secret,
            "GenerateTimestamp": START_TEXT,
        })
    };
    for secret in one_of_each() {
        let (kind, name, config, data) = &secret;
        let created = create(&client, &secret, &[]).await;
        assert_eq!(created["SecretType"], *kind);
        assert_eq!(created["SecretName"], *name);
        assert_eq!(created["VersionId"], "v1");
        assert_eq!(created["AutomaticRotation"], "Disabled");
        assert_eq!(created.get("NextRotationDate"), None);
        // The defaults are filled in, and nothing else is changed.
        let mut expected = config.clone();
        expected.as_object_mut().unwrap().entry("CustomData").or_insert(json!({}));
        assert_eq!(json_of(&created["ExtendedConfig"]), expected);

        let described = client.ok("DescribeSecret", &[("SecretName", name)]).await;
        assert_eq!(described["ExtendedConfig"], created["ExtendedConfig"]);
        // Accounts that the service is to make cannot be made where no system is configured.
        let shown = if *data == "$Auto" { "Invalid" } else { "Disabled" };
        assert_eq!(described["AutomaticRotation"], shown);
        let read = client.ok("GetSecretValue", &[("SecretName", name)]).await;
        assert_eq!((&read["VersionId"], &read["SecretType"]), (&json!("v1"), &json!(*kind)));
        assert_eq!((&read["SecretDataType"], read.get("ExtendedConfig")), (&json!("text"), None));
        let params = [("SecretName", *name), ("FetchExtendedConfig", "true")];
        let read = client.ok("GetSecretValue", &params).await;
        assert_eq!(read["ExtendedConfig"], created["ExtendedConfig"]);

        let current = value_at(&client, name, "ACSCurrent").await;
        let previous = value_at(&client, name, "ACSPrevious").await;
        match (*kind, *name) {
            ("Rds", "db/single") => assert_eq!((current, previous), (Ok(login("app")), not_found())),
            ("Rds", _) => assert_eq!((current, previous), (Ok(login("app")), Ok(login("app_clone")))),
            ("RAMCredentials", _) => assert_eq!(
                (current, previous),
                (Ok(access_key("First", "hush-1")), Ok(access_key("Second", "hush-2")))
            ),
            ("ECS", _) => {
                assert_eq!((current, previous), (Ok(serde_json::from_str(data).unwrap()), not_found()));
            }
            _ => {
                // Made by the service: two accounts with a password each.
                let (current, previous) = (current.unwrap(), previous.unwrap());
                assert_eq!(current["AccountName"], "app");
                assert_eq!(previous["AccountName"], "app_clone");
                assert_eq!(text(&current["AccountPassword"]).len(), 32);
                assert_ne!(current["AccountPassword"], previous["AccountPassword"]);
            }
        }
        // Whatever else has no label cannot be read, and versions come by rotation only.
        assert_eq!(value_at(&client, name, "mine").await, not_found());
        let unsupported = "400 Rejected.UnsupportedOperation";
        let put = [("SecretName", *name), ("VersionId", "v2"), ("SecretData", "x")];
        let stage = [("SecretName", *name), ("VersionStage", "mine"), ("MoveToVersion", "v1")];
        check(
            &client,
            &[("PutSecretValue", &put, unsupported), ("UpdateSecretVersionStage", &stage, unsupported)],
        )
        .await;
    }
    for (filter, count) in [("RDS", 2), ("ecs", 2), ("RamCredentials", 1), ("Redis", 1), ("Generic", 0)] {
        let filters = json!([{ "Key": "SecretType", "Values": [filter] }]).to_string();
        let answer = client.ok("ListSecrets", &[("Filters", &filters)]).await;
        assert_eq!(answer["TotalCount"], count, "{filter}");
    }
}

#[tokio::test]
async fn names_of_each_type() {
    let client = client().await;
    let invalid = "400 InvalidParameter SecretName";
    for (number, names) in [
        (0, [("acs/x", invalid), ("acs/ecs/x", invalid), ("$Auto", invalid), ("x", "ok")]),
        (4, [("acs/ram/user/other", invalid), ("ci-bot", invalid), ("", invalid), ("$Auto", "ok")]),
        (5, [("web", invalid), ("acs/ecs/", invalid), ("$Auto", invalid), ("acs/ecs/web/1", "ok")]),
    ] {
        for (name, expected) in names {
            let (kind, _, config, data) = &one_of_each()[number];
            let config = config.to_string();
            let params = [
                ("SecretType", *kind),
                ("SecretName", name),
                ("VersionId", "v1"),
                ("ExtendedConfig", &config),
                ("SecretData", data),
            ];
            check(&client, &[("CreateSecret", &params, expected)]).await;
        }
    }
    let described = client.ok("DescribeSecret", &[("SecretName", "acs/ram/user/ci-bot")]).await;
    assert_eq!(described["SecretName"], "acs/ram/user/ci-bot");
}

/// Each setting that must be there is taken away and spoilt, one at a time.
#[tokio::test]
async fn settings_are_checked() {
    let client = client().await;
    let optional =
        |kind: &str, field: &str| field == "CustomData" || (field == "CloneAccountName" && kind != "Rds");
    let mut number = 0;
    for (kind, name, config, data) in one_of_each() {
        let fields: Vec<String> = config.as_object().unwrap().keys().cloned().collect();
        for field in fields {
            for spoilt in
                [None, Some(json!("")), Some(json!(1)), Some(json!("a b")), Some(json!("x".repeat(129)))]
            {
                let (absent, mut config) = (spoilt.as_ref().is_none_or(|v| v == ""), config.clone());
                match spoilt {
                    None => config.as_object_mut().unwrap().remove(&field),
                    Some(value) => config.as_object_mut().unwrap().insert(field.clone(), value),
                };
                let fine = optional(kind, &field)
                    && absent
                    && !(field == "CustomData" && config.get(&field).is_some());
                let expected = if fine {
                    "ok".to_owned()
                } else {
                    format!("400 InvalidParameter ExtendedConfig.{field}")
                };
                number += 1;
                let name =
                    if kind == "RAMCredentials" { "$Auto".to_owned() } else { format!("{name}-{number}") };
                let config = config.to_string();
                let params = [
                    ("SecretType", kind),
                    ("SecretName", &name),
                    ("VersionId", "v1"),
                    ("ExtendedConfig", &config),
                    ("SecretData", &data),
                ];
                check(&client, &[("CreateSecret", &params, &expected)]).await;
            }
        }
    }
    assert_eq!(number, 140);
}

#[tokio::test]
async fn other_rules_of_settings() {
    let client = client().await;
    let with = |mut base: Value, field: &str, value: Value| {
        base.as_object_mut().unwrap().insert(field.to_owned(), value);
        base.to_string()
    };
    let custom = |count: usize| -> Value {
        (0..count).map(|i| (format!("k{i}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    let mut postgres = polardb();
    for field in ["AccountPrivilege", "DBName"] {
        postgres.as_object_mut().unwrap().remove(field);
    }
    let long = json!({ "k": "x".repeat(1024) });
    let cases = [
        ("Redis", with(redis(), "CustomData", custom(10)), "ok"),
        ("Redis", with(redis(), "CustomData", custom(11)), "400 InvalidParameter ExtendedConfig.CustomData"),
        ("Redis", with(redis(), "CustomData", json!([])), "400 InvalidParameter ExtendedConfig.CustomData"),
        ("Redis", with(redis(), "CustomData", long), "400 InvalidParameter ExtendedConfig"),
        ("Redis", with(redis(), "Other", json!("kept")), "ok"),
        (
            "Redis",
            with(redis(), "CloneAccountName", json!("app")),
            "400 InvalidParameter ExtendedConfig.CloneAccountName",
        ),
        ("Redis", "{".to_owned(), "400 InvalidParameter ExtendedConfig"),
        ("Redis", "[]".to_owned(), "400 InvalidParameter ExtendedConfig"),
        ("PolarDB", with(postgres.clone(), "DBType", json!("PostgreSQL")), "ok"),
        ("PolarDB", with(postgres, "DBType", json!("MySQL")), "ok"),
        ("PolarDB", with(polardb(), "DBType", json!("Oracle")), "400 InvalidParameter ExtendedConfig.DBType"),
        (
            "PolarDB",
            with(polardb(), "AccountType", json!("Super")),
            "400 InvalidParameter ExtendedConfig.AccountType",
        ),
    ];
    for (number, (kind, config, expected)) in cases.iter().enumerate() {
        let name = format!("s{number}");
        let params = [
            ("SecretType", *kind),
            ("SecretName", name.as_str()),
            ("VersionId", "v1"),
            ("ExtendedConfig", config),
            ("SecretData", "$Auto"),
        ];
        check(&client, &[("CreateSecret", &params, expected)]).await;
    }
    // What is not known is kept: clients compare what they sent with what they get.
    let described = client.ok("DescribeSecret", &[("SecretName", "s4")]).await;
    assert_eq!(json_of(&described["ExtendedConfig"])["Other"], "kept");
    let params = [("SecretType", "Redis"), ("SecretName", "x"), ("VersionId", "v1"), ("SecretData", "$Auto")];
    check(&client, &[("CreateSecret", &params, "400 MissingParameter")]).await;
}

#[tokio::test]
async fn values_of_each_type_are_checked() {
    let client = client().await;
    let login = |name: &str, password: &str| json!({ "AccountName": name, "AccountPassword": password });
    let accounts = |logins: &[Value]| json!({ "Accounts": logins }).to_string();
    let key = |id: &str| json!({ "AccessKeyId": id, "AccessKeySecret": "s" });
    let keys = |keys: &[Value]| json!({ "AccessKeys": keys }).to_string();
    let ssh = |public: &str, private: &str| {
        json!({ "UserName": "u", "PublicKey": public, "PrivateKey": private }).to_string()
    };
    let (bad, text) = ("400 InvalidParameter SecretData", |text: &str| text.to_owned());
    let cases = [
        (0, text("x"), bad),
        (0, text("{}"), bad),
        (0, text("$Auto"), bad),
        (0, accounts(&[]), bad),
        (0, accounts(&[login("a", "")]), bad),
        (0, accounts(&[login("", "p")]), bad),
        (0, accounts(&[login("a b", "p")]), bad),
        (0, accounts(&[login("a", "p"), login("b", "p")]), bad),
        (0, login("a", "p").to_string(), bad),
        (
            0,
            json!({ "Accounts": [{ "AccountName": "a", "AccountPassword": "p", "More": 1 }] }).to_string(),
            bad,
        ),
        (0, json!({ "Accounts": [{ "AccountName": "a", "AccountPassword": 1 }] }).to_string(), bad),
        (1, accounts(&[login("a", "p")]), "ok"),
        (1, accounts(&[login("a", "p"), login("a", "q")]), bad),
        (1, accounts(&[login("a", "p"), login("b", "q"), login("c", "r")]), bad),
        (2, text("x"), bad),
        (2, login("app", "p").to_string(), bad),
        (3, text("$auto"), bad),
        (4, keys(&[]), bad),
        (4, keys(&[key("a"), key("a")]), bad),
        (4, keys(&[key("a"), key("b"), key("c")]), bad),
        (4, keys(&[key("")]), bad),
        (4, keys(&[key("a b")]), bad),
        (4, keys(&[json!({ "AccessKeyId": "a", "AccessKeySecret": "" })]), bad),
        (4, keys(&[key("a")]), "ok"),
        (5, ssh(PUBLIC_KEY, PRIVATE_KEY), bad),
        (5, json!({ "UserName": "u" }).to_string(), bad),
        (5, json!({ "UserName": "u", "Password": "" }).to_string(), bad),
        (5, json!({ "UserName": "", "Password": "p" }).to_string(), bad),
        (5, json!({ "UserName": "u", "Password": "p", "PublicKey": PUBLIC_KEY }).to_string(), bad),
        (6, json!({ "UserName": "u", "Password": "p" }).to_string(), bad),
        (6, ssh("ssh-ed25519", PRIVATE_KEY), bad),
        (6, ssh("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==", PRIVATE_KEY), bad),
        (6, ssh("ssh-ed25519 !", PRIVATE_KEY), bad),
        (6, ssh(&format!("{PUBLIC_KEY}\n{PUBLIC_KEY}"), PRIVATE_KEY), bad),
        (6, ssh(PUBLIC_KEY, "x"), bad),
        (6, ssh(PUBLIC_KEY, "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----"), bad),
        (6, ssh(PUBLIC_KEY, "-----BEGIN PRIVATE KEY-----\nAA=="), bad),
        (6, ssh(&format!("{PUBLIC_KEY}\n"), PRIVATE_KEY), "ok"),
    ];
    for (number, (of, data, expected)) in cases.iter().enumerate() {
        let (kind, name, config, _) = &one_of_each()[*of];
        let name = if *kind == "RAMCredentials" { "$Auto".to_owned() } else { format!("{name}{number}") };
        let config = config.to_string();
        let params = [
            ("SecretType", *kind),
            ("SecretName", &name),
            ("VersionId", "v1"),
            ("ExtendedConfig", &config),
            ("SecretData", data),
        ];
        check(&client, &[("CreateSecret", &params, expected)]).await;
        let binary = [&params[..], &[("SecretDataType", "binary")]].concat();
        if *expected == "ok" && *kind != "RAMCredentials" {
            let twice = [("CreateSecret", &params[..], "409 Rejected.ResourceExist")];
            check(&client, &twice).await;
            check(&client, &[("CreateSecret", &binary, "400 InvalidParameter SecretDataType")]).await;
        }
    }
}

#[tokio::test]
async fn automatic_rotation_at_creation() {
    let world = World::new().await;
    let client = world.client().await;
    let single = one_of_each().remove(0);
    let on = ("EnableAutomaticRotation", "true");
    let (kind, _, config, data) = &single;
    let config = config.to_string();
    let base =
        [("SecretType", *kind), ("VersionId", "v1"), ("ExtendedConfig", &config), ("SecretData", data)];
    let bad = "400 InvalidParameter RotationInterval";
    for (more, expected) in [
        (vec![on], "400 MissingParameter"),
        (vec![on, ("RotationInterval", "")], "400 MissingParameter"),
        (vec![on, ("RotationInterval", "5h")], bad),
        (vec![on, ("RotationInterval", "366d")], bad),
        (vec![("RotationInterval", "x")], bad),
    ] {
        let params = [&base[..], &[("SecretName", "s")], &more].concat();
        check(&client, &[("CreateSecret", &params, expected)]).await;
    }
    let params = [&base[..], &[("SecretName", "on"), on, ("RotationInterval", "6h")]].concat();
    let created = client.ok("CreateSecret", &params).await;
    let described = client.ok("DescribeSecret", &[("SecretName", "on")]).await;
    let read = client.ok("GetSecretValue", &[("SecretName", "on")]).await;
    for answer in [&created, &described, &read] {
        assert_eq!(answer["AutomaticRotation"], "Enabled");
        assert_eq!(answer["RotationInterval"], "21600s");
        assert_eq!(answer["NextRotationDate"], "2027-01-15T14:00:00Z");
        assert_eq!(answer.get("LastRotationDate"), None);
    }
    let params = [&base[..], &[("SecretName", "off"), ("RotationInterval", "7d")]].concat();
    let created = client.ok("CreateSecret", &params).await;
    assert_eq!(
        (&created["AutomaticRotation"], &created["RotationInterval"]),
        (&json!("Disabled"), &json!("604800s"))
    );
    assert_eq!(created.get("NextRotationDate"), None);
}

#[tokio::test]
async fn what_can_be_updated() {
    let world = World::new().await;
    let client = world.client().await;
    let all = one_of_each();
    create(&client, &all[1], &[("Description", "before")]).await;
    let generic = [("SecretName", "g"), ("VersionId", "v1"), ("SecretData", "x")];
    client.ok("CreateSecret", &generic).await;
    world.clock.advance(60);
    let name = ("SecretName", "db/double");
    let described =
        |client: Client| async move { client.ok("DescribeSecret", &[("SecretName", "db/double")]).await };
    // Nothing is given, so nothing is changed.
    assert_eq!(client.ok("UpdateSecret", &[name]).await["SecretName"], "db/double");
    assert_eq!(described(client.clone()).await["UpdateTime"], START_TEXT);

    client.ok("UpdateSecret", &[name, ("Description", "after")]).await;
    let answer = described(client.clone()).await;
    assert_eq!(
        (&answer["Description"], &answer["UpdateTime"]),
        (&json!("after"), &json!("2027-01-15T08:01:00Z"))
    );
    assert_eq!(json_of(&answer["ExtendedConfig"])["CustomData"], json!({ "team": "a" }));

    // As current clients send it, and as the legacy one does; each replaces all of it.
    client.ok("UpdateSecret", &[name, ("ExtendedConfig.CustomData.owner", "b")]).await;
    let answer = described(client.clone()).await;
    assert_eq!(json_of(&answer["ExtendedConfig"])["CustomData"], json!({ "owner": "b" }));
    assert_eq!(json_of(&answer["ExtendedConfig"])["DBInstanceId"], "rm-1");
    client.ok("UpdateSecret", &[name, ("ExtendedConfig.CustomData", r#"{"x":{"y":1}}"#)]).await;
    let answer = described(client.clone()).await;
    assert_eq!(json_of(&answer["ExtendedConfig"])["CustomData"], json!({ "x": { "y": 1 } }));
    assert_eq!(answer["Description"], "after");

    let many: serde_json::Map<_, _> = (0..11).map(|i| (format!("k{i}"), json!("v"))).collect();
    let (many, long) = (Value::from(many).to_string(), json!({ "k": "x".repeat(1000) }).to_string());
    let description = "x".repeat(8193);
    check(
        &client,
        &[
            (
                "UpdateSecret",
                &[name, ("ExtendedConfig.CustomData", &many)],
                "400 InvalidParameter ExtendedConfig.CustomData",
            ),
            (
                "UpdateSecret",
                &[name, ("ExtendedConfig.CustomData", &long)],
                "400 InvalidParameter ExtendedConfig",
            ),
            (
                "UpdateSecret",
                &[name, ("ExtendedConfig.CustomData", "[]")],
                "400 InvalidParameter ExtendedConfig",
            ),
            ("UpdateSecret", &[name, ("Description", &description)], "400 InvalidParameter Description"),
            ("UpdateSecret", &[("SecretName", "none")], "404 Forbidden.ResourceNotFound"),
            // Ignored for generic secrets, as at their creation.
            ("UpdateSecret", &[("SecretName", "g"), ("ExtendedConfig.CustomData.a", "b")], "ok"),
        ],
    )
    .await;
    assert_eq!(described(client.clone()).await["ExtendedConfig"], answer["ExtendedConfig"]);
    assert_eq!(client.ok("DescribeSecret", &[("SecretName", "g")]).await.get("ExtendedConfig"), None);
}
