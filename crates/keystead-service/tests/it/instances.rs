//! Instances: what is in one is in that one alone, and ends with it.

use keystead_service::records::{InstanceRecord, InstanceStatus, KeyVersionRecord, path};
use keystead_service::{Gateway, InstanceError, NewInstance, Origin};
use keystead_store::Range;
use serde_json::{Value, json};

use crate::audited::Audited;
use crate::harness::{Client, Row, START_TEXT, World, check, client, outcome, text, texts};
use crate::isolation::account_beside;

const NOT_FOUND: &str = "403 Forbidden.DKMSInstanceNotFound";
const STATE: &str = "403 Forbidden.DKMSInstanceStateInvalid";
const KEY_GONE: &str = "404 Forbidden.KeyNotFound";
const GONE: &str = "404 Forbidden.ResourceNotFound";

/// A key in an instance.
pub async fn key_in(client: &Client, instance: &str) -> String {
    text(&client.ok("CreateKey", &[("DKMSInstanceId", instance)]).await["KeyMetadata"]["KeyId"])
}

/// A secret in an instance, under a key or none.
async fn secret_in(client: &Client, instance: &str, name: &str, key: &str) -> Value {
    let params = [
        ("DKMSInstanceId", instance),
        ("SecretName", name),
        ("VersionId", "v1"),
        ("SecretData", "the value"),
        ("EncryptionKeyId", key),
    ];
    client.ok("CreateSecret", &params).await
}

/// How a call through the gateway of an instance ends.
async fn through(client: &Client, instance: &str, operation: &str, params: &[(&str, &str)]) -> String {
    let origin = Origin { gateway: Gateway::Dedicated(instance), ..Origin::local("request-id") };
    outcome(&client.call_from(&origin, operation, params).await)
}

/// Used quantities by kind.
async fn used(client: &Client, instance: &str) -> Vec<(String, i64)> {
    let infos = client.ok("GetKmsInstanceQuotaInfos", &[("KmsInstanceId", instance)]).await;
    let infos = infos["KmsInstanceQuotaInfos"].as_array().unwrap().clone();
    infos.iter().map(|info| (text(&info["ResourceType"]), info["UsedQuantity"].as_i64().unwrap())).collect()
}

fn held(keys: i64, secrets: i64) -> Vec<(String, i64)> {
    [("key", keys), ("secret", secrets), ("qps", 0), ("vpc", 0)]
        .map(|(kind, n)| (kind.to_owned(), n))
        .to_vec()
}

#[tokio::test]
async fn an_instance_is_shown_as_it_is() {
    let client = client().await;
    let new = NewInstance { name: Some("payments"), keys: Some(7), ..NewInstance::default() };
    let id = client.engine.make_instance(client.account(), new).await.unwrap();
    assert!(id.starts_with("kst-hzz6b49d200") && id.len() == 25, "{id}");
    let named = [("KmsInstanceId", id.as_str())];

    let shown = client.ok("GetKmsInstance", &named).await["KmsInstance"].clone();
    for (field, value) in [
        ("InstanceId", json!(id)),
        ("InstanceName", json!("payments")),
        ("Status", json!("Connected")),
        ("CreateTime", json!(START_TEXT)),
        ("KeyNum", json!(7)),
        ("SecretNum", json!("1000")),
        ("Spec", json!(1000)),
        ("VpcId", json!("")),
        ("DeletionProtection", json!(false)),
        ("BindVpcs", json!({ "BindVpc": [] })),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    let pem = text(&shown["CaCertificateChainPem"]);
    assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 1);
    assert_eq!(client.engine.instance_ca(&id).await.unwrap().certificate_pem(), pem);

    let connect = [
        named[0],
        ("KMProvider", "Aliyun"),
        ("VpcId", "vpc-1"),
        ("ZoneIds", "cn-hangzhou-h, cn-hangzhou-i"),
        ("VSwitchIds", "vsw-1,vsw-2"),
    ];
    client.ok("ConnectKmsInstance", &connect).await;
    let vpcs = format!(
        r#"[{{"VpcId":"vpc-2","VSwitchId":"vsw-3","RegionId":"cn-hangzhou","VpcOwnerId":{}}}]"#,
        client.account()
    );
    client.ok("UpdateKmsInstanceBindVpc", &[named[0], ("BindVpcs", &vpcs)]).await;
    let shown = client.ok("GetKmsInstance", &named).await["KmsInstance"].clone();
    assert_eq!(shown["ZoneIds"], json!(["cn-hangzhou-h", "cn-hangzhou-i"]));
    assert_eq!(shown["VswitchIds"], json!(["vsw-1", "vsw-2"]));
    let vpc = json!({ "VpcId": "vpc-2", "VSwitchId": "vsw-3", "RegionId": "cn-hangzhou",
        "VpcOwnerId": client.account() });
    assert_eq!(shown["BindVpcs"]["BindVpc"], json!([vpc]));

    let account = client.ok("DescribeAccountKmsStatus", &[]).await;
    assert_eq!(account["AccountStatus"], "Enabled");
    assert_eq!(client.ok("GetDefaultKmsInstance", &[]).await["DefaultKmsInstanceId"], "");
    assert_eq!(client.outcome("OpenKmsService", &[]).await, "400 Forbidden.Opened");
}

#[tokio::test]
async fn bad_parameters() {
    let client = client().await;
    let id = client.instance().await;
    let named = ("KmsInstanceId", id.as_str());
    let provider = ("KMProvider", "Aliyun");
    let (vpc, zones, switches) = (("VpcId", "vpc-1"), ("ZoneIds", "a,b"), ("VSwitchIds", "x,y"));
    let invalid = |name: &str| format!("400 InvalidParameter {name}");
    let [provider_is, zones_are, switches_are, vpc_is, binds] =
        ["KMProvider", "ZoneIds", "VSwitchIds", "VpcId", "BindVpcs"].map(invalid);
    let many =
        format!("[{}]", [r#"{"VpcId":"v","VSwitchId":"s","RegionId":"r","VpcOwnerId":"1"}"#; 10].join(","));
    let rows: &[Row<'_>] = &[
        ("ConnectKmsInstance", &[named, ("KMProvider", "Other"), vpc, zones, switches], &provider_is),
        ("ConnectKmsInstance", &[named, provider, vpc, ("ZoneIds", "a,"), switches], &zones_are),
        ("ConnectKmsInstance", &[named, provider, vpc, zones, ("VSwitchIds", "a,b,c")], &switches_are),
        ("ConnectKmsInstance", &[named, provider, ("VpcId", "a b"), zones, switches], &vpc_is),
        ("UpdateKmsInstanceBindVpc", &[named, ("BindVpcs", "{}")], &binds),
        ("UpdateKmsInstanceBindVpc", &[named, ("BindVpcs", r#"[{"VpcId":"v"}]"#)], &binds),
        ("UpdateKmsInstanceBindVpc", &[named, ("BindVpcs", &many)], &binds),
        ("GetKmsInstanceQuotaInfos", &[named, ("ResourceType", "cpu")], "400 InvalidParameter ResourceType"),
        ("ListKmsInstances", &[("PageSize", "101")], "400 InvalidParameter PageSize"),
        (
            "ListKmsInstances",
            &[("Filters", r#"[{"Key":"x","Values":["y"]}]"#)],
            "400 InvalidParameter Filters",
        ),
        ("ReleaseKmsInstance", &[named, ("ForceDeleteWithoutBackup", "y")], "400 InvalidParameter"),
        ("CreateKey", &[("DKMSInstanceId", "kst-hzz65a1b2c3d4e5f6g7h8i")], NOT_FOUND),
        ("CreateKey", &[("DKMSInstanceId", "../account")], NOT_FOUND),
    ];
    check(&client, rows).await;
    // All operations that name an instance.
    for id in ["kst-hzz65a1b2c3d4e5f6g7h8i", "nothing", "a/b\u{0}"] {
        let named = ("KmsInstanceId", id);
        let rows: &[Row<'_>] = &[
            ("ConnectKmsInstance", &[named, provider, vpc, zones, switches], NOT_FOUND),
            ("GetKmsInstance", &[named], NOT_FOUND),
            ("GetKmsInstanceQuotaInfos", &[named], NOT_FOUND),
            ("UpdateKmsInstanceBindVpc", &[named, ("BindVpcs", "[]")], NOT_FOUND),
            ("SetDeletionProtection", &[named, ("EnableDeletionProtection", "true")], NOT_FOUND),
            ("ReleaseKmsInstance", &[named], NOT_FOUND),
        ];
        check(&client, rows).await;
    }
}

#[tokio::test]
async fn making_one() {
    let world = World::new().await;
    let (client, other) = (world.client().await, account_beside(&world.client().await).await);
    let engine = &client.engine;
    let mut changed = engine.instances_changed();
    changed.mark_unchanged();
    assert_eq!(engine.create_instance(client.account(), Some("kst-own")).await.unwrap(), "kst-own");
    assert!(changed.has_changed().unwrap());
    let before = client.revision();
    assert_eq!(engine.create_instance(client.account(), Some("kst-own")).await.unwrap(), "kst-own");
    assert_eq!(client.revision(), before, "it was there");
    let taken = engine.create_instance(other.account(), Some("kst-own")).await;
    assert!(matches!(taken, Err(InstanceError::Taken)));
    for bad in ["own", "kst-", "kst-A", "kst-a/b", "auto"] {
        let made = engine.create_instance(client.account(), Some(bad)).await;
        assert!(matches!(made, Err(InstanceError::Id)), "{bad}");
    }
    let nobody = engine.create_instance("1000000000000001", None).await;
    assert!(matches!(nobody, Err(InstanceError::NoAccount)));
    // Two that make the same one at once make one.
    let (one, two) = tokio::join!(
        engine.create_instance(client.account(), Some("kst-race")),
        engine.create_instance(client.account(), Some("kst-race"))
    );
    assert_eq!((one.unwrap().as_str(), two.unwrap().as_str()), ("kst-race", "kst-race"));
    let all: Vec<_> =
        engine.instances().await.unwrap().iter().map(|one| one.instance_id.to_string()).collect();
    assert_eq!(all, ["kst-own", "kst-race"]);
    let cas = [engine.instance_ca("kst-own").await.unwrap(), engine.instance_ca("kst-race").await.unwrap()];
    assert_ne!(cas[0].certificate_pem(), cas[1].certificate_pem());
    let listed = client.ok("ListKmsInstances", &[("PageSize", "1"), ("PageNumber", "2")]).await;
    assert_eq!(listed["TotalCount"], 2);
    assert_eq!(
        listed["KmsInstances"]["KmsInstance"],
        json!([{ "KmsInstanceId": "kst-race",
            "KmsInstanceArn": format!("acs:kms:cn-hangzhou:{}:keystore/kst-race", client.account()) }])
    );
    let filter = r#"[{"Key":"KmsInstanceId","Values":["kst-race"]}]"#;
    assert_eq!(client.ok("ListKmsInstances", &[("Filters", filter)]).await["TotalCount"], 1);
    assert_eq!(other.ok("ListKmsInstances", &[]).await["TotalCount"], 0);
}

#[tokio::test]
async fn keys_and_secrets_are_in_their_instance_alone() {
    let world = World::new().await;
    let client = world.client().await;
    let (one, two) = (client.instance().await, client.instance().await);
    let (key, other, outside) =
        (key_in(&client, &one).await, key_in(&client, &two).await, client.key().await);
    client.ok("CreateAlias", &[("AliasName", "alias/in-one"), ("KeyId", &key)]).await;
    secret_in(&client, &one, "under-key", &key).await;
    let made = secret_in(&client, &one, "under-none", "").await;
    assert_eq!(made["DKMSInstanceId"], json!(one));
    client.ok("CreateSecret", &[("SecretName", "out"), ("VersionId", "v1"), ("SecretData", "x")]).await;

    let shown = client.ok("DescribeKey", &[("KeyId", &key)]).await["KeyMetadata"].clone();
    assert_eq!((&shown["DKMSInstanceId"], &shown["ProtectionLevel"]), (&json!(one), &json!("SOFTWARE")));
    let shown = client.ok("DescribeKey", &[("KeyId", &outside)]).await["KeyMetadata"].clone();
    assert_eq!(shown.get("DKMSInstanceId"), None);
    let shown = client.ok("DescribeSecret", &[("SecretName", "under-none")]).await;
    assert_eq!(shown["DKMSInstanceId"], json!(one));
    let filter = format!(r#"[{{"Key":"DKMSInstanceId","Values":["{one}"]}}]"#);
    let keys = client.ok("ListKeys", &[("Filters", &filter)]).await;
    assert_eq!(texts(&keys["Keys"]["Key"], "KeyId"), [key.as_str()]);
    let secrets = client.ok("ListSecrets", &[("Filters", &filter)]).await;
    assert_eq!(texts(&secrets["SecretList"]["Secret"], "SecretName"), ["under-key", "under-none"]);

    // Through the shared gateway everything, through an instance's what is in it.
    let blob = client.encrypt(&key, "x").await;
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{key}", client.account());
    for (operation, name, value, gone) in [
        ("DescribeKey", "KeyId", key.as_str(), KEY_GONE),
        ("DescribeKey", "KeyId", &arn, KEY_GONE),
        ("DescribeKey", "KeyId", "alias/in-one", "404 Forbidden.AliasNotFound"),
        ("Decrypt", "CiphertextBlob", &blob, KEY_GONE),
        ("GetSecretValue", "SecretName", "under-key", GONE),
        ("GetSecretValue", "SecretName", "under-none", GONE),
    ] {
        assert_eq!(client.outcome(operation, &[(name, value)]).await, "ok", "{value}");
        assert_eq!(through(&client, &one, operation, &[(name, value)]).await, "ok", "{value}");
        assert_eq!(through(&client, &two, operation, &[(name, value)]).await, gone, "{value}");
    }
    assert_eq!(through(&client, &one, "DescribeKey", &[("KeyId", &outside)]).await, KEY_GONE);
    assert_eq!(through(&client, &one, "GetSecretValue", &[("SecretName", "out")]).await, GONE);

    // A secret and its key are in the same instance, or both in none.
    let secret = |instance, key| {
        [
            ("DKMSInstanceId", instance),
            ("SecretName", "mixed"),
            ("VersionId", "v1"),
            ("SecretData", "x"),
            ("EncryptionKeyId", key),
        ]
    };
    for (instance, key) in [(one.as_str(), other.as_str()), (&one, &outside), ("", &key)] {
        let expected = "400 InvalidParameter EncryptionKeyId";
        check(&client, &[("CreateSecret", &secret(instance, key), expected)]).await;
    }
    // A ciphertext moves between instances by ReEncrypt.
    let moved = client.ok("ReEncrypt", &[("CiphertextBlob", &blob), ("DestinationKeyId", &other)]).await;
    let moved = text(&moved["CiphertextBlob"]);
    assert_eq!(through(&client, &two, "Decrypt", &[("CiphertextBlob", &moved)]).await, "ok");

    // Another account knows nothing of it.
    let stranger = account_beside(&client).await;
    let rows: &[Row<'_>] = &[
        ("CreateKey", &[("DKMSInstanceId", &one)], NOT_FOUND),
        ("CreateSecret", &secret(&one, ""), NOT_FOUND),
        ("GetKmsInstance", &[("KmsInstanceId", &one)], NOT_FOUND),
        ("ReleaseKmsInstance", &[("KmsInstanceId", &one), ("ForceDeleteWithoutBackup", "true")], NOT_FOUND),
        ("DescribeKey", &[("KeyId", &key)], KEY_GONE),
    ];
    check(&stranger, rows).await;

    // After a restart all of that is as it was.
    let again = world.client().await;
    assert_eq!(text(&again.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"]), "x");
    assert_eq!(again.ok("GetSecretValue", &[("SecretName", "under-none")]).await["SecretData"], "the value");
    let ca = client.engine.instance_ca(&one).await.unwrap();
    assert_eq!(again.engine.instance_ca(&one).await.unwrap().certificate_pem(), ca.certificate_pem());
}

/// What an instance holds is sealed under its own key: a record that says otherwise opens nothing.
#[tokio::test]
async fn material_is_sealed_under_the_instance() {
    let world = World::new().await;
    let client = world.client().await;
    let instance = client.instance().await;
    let other = client.instance().await;
    let key = key_in(&client, &instance).await;
    let blob = client.encrypt(&key, "x").await;
    for moved in [None, Some(other.as_str())] {
        let at = path::key(client.account(), &key);
        client
            .rewrite::<keystead_service::records::KeyRecord>(&at, |key| {
                key.instance = moved.map(|id| keystead_service::records::Id::from(id).unwrap());
            })
            .await;
        let fresh = world.client().await;
        assert_eq!(fresh.outcome("Decrypt", &[("CiphertextBlob", &blob)]).await, "500 InternalFailure");
    }
}

#[tokio::test]
async fn every_kind_of_key_works_in_an_instance() {
    let world = World::new().await;
    let client = world.client().await;
    let instance = client.instance().await;
    let place = ("DKMSInstanceId", instance.as_str());
    let made = client.ok("CreateKey", &[place, ("KeySpec", "EC_P256")]).await;
    let pair = text(&made["KeyMetadata"]["KeyId"]);
    let made = client.ok("CreateKey", &[place, ("KeySpec", "HMAC_SHA256")]).await;
    let mac = text(&made["KeyMetadata"]["KeyId"]);
    let key = key_in(&client, &instance).await;
    let first = client.encrypt(&key, "first").await;
    client.ok("CreateKeyVersion", &[("KeyId", &key)]).await;
    let second = client.encrypt(&key, "second").await;
    // Imported material.
    let made = client.ok("CreateKey", &[place, ("Origin", "EXTERNAL")]).await;
    let external = text(&made["KeyMetadata"]["KeyId"]);
    let sent = crate::imported_material::Parameters::get(&client, &external, "RSAES_OAEP_SHA_256").await;
    let sent = sent.wrap(&[7; 32]);
    let import = [&sent.params()[..], &[("KeyId", &external), ("KeyMaterialExpireUnix", "0")]].concat();
    client.ok("ImportKeyMaterial", &import).await;
    let third = client.encrypt(&external, "third").await;

    let again = world.forgetful_client().await;
    for (blob, plaintext) in [(first, "first"), (second, "second"), (third, "third")] {
        assert_eq!(text(&again.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"]), plaintext);
    }
    let version = client.newest_version(&pair).await;
    let digest = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=";
    let sign = [
        ("KeyId", pair.as_str()),
        ("KeyVersionId", &version),
        ("Algorithm", "ECDSA_SHA_256"),
        ("Digest", digest),
    ];
    again.ok("AsymmetricSign", &sign).await;
    again.ok("GenerateMac", &[("KeyId", &mac), ("Algorithm", "HMAC_SHA_256"), ("Message", "eA==")]).await;
    // Each version counts.
    assert_eq!(used(&again, &instance).await, held(5, 0));
}

#[tokio::test]
async fn quotas_are_kept() {
    let world = World::new().await;
    let client = world.client().await;
    let new = NewInstance { keys: Some(2), secrets: Some(1), ..NewInstance::default() };
    let instance = client.engine.make_instance(client.account(), new).await.unwrap();
    let place = ("DKMSInstanceId", instance.as_str());
    let full = "400 Rejected.LimitExceeded";
    let key = key_in(&client, &instance).await;
    // Two at once, and room for one.
    let (of_version, of_key) = ([("KeyId", key.as_str())], [place]);
    let (one, two) =
        tokio::join!(client.outcome("CreateKeyVersion", &of_version), client.outcome("CreateKey", &of_key));
    let mut both = [one.as_str(), two.as_str()];
    both.sort_unstable();
    assert_eq!(both, [full, "ok"]);
    assert_eq!(client.outcome("CreateKeyVersion", &[("KeyId", &key)]).await, full);
    let secret = |name| [place, ("SecretName", name), ("VersionId", "v1"), ("SecretData", "x")];
    check(&client, &[("CreateSecret", &secret("a"), "ok"), ("CreateSecret", &secret("b"), full)]).await;
    assert_eq!(used(&client, &instance).await, held(2, 1));
    // Outside there is room.
    client.key().await;

    // What goes makes room.
    let gone = [("SecretName", "a"), ("ForceDeleteWithoutRecovery", "true")];
    check(&client, &[("DeleteSecret", &gone, "ok"), ("CreateSecret", &secret("b"), "ok")]).await;
    let scheduled = [("KeyId", key.as_str()), ("PendingWindowInDays", "7")];
    check(&client, &[("ScheduleKeyDeletion", &scheduled, "ok"), ("CreateKey", &[place], full)]).await;
    world.clock.advance(8 * 86_400);
    client.engine.carry_out_due().await.unwrap();
    check(&client, &[("CreateKey", &[place], "ok")]).await;

    // A secret that takes the name of one whose window has ended counts in its place.
    let window = [("SecretName", "b"), ("RecoveryWindowInDays", "7")];
    check(&client, &[("DeleteSecret", &window, "ok")]).await;
    world.clock.advance(8 * 86_400);
    check(&client, &[("CreateSecret", &secret("b"), "ok"), ("CreateSecret", &secret("c"), full)]).await;
}

#[tokio::test]
async fn an_unconnected_instance_does_nothing() {
    let client = client().await;
    let instance = client.instance().await;
    let key = key_in(&client, &instance).await;
    let blob = client.encrypt(&key, "x").await;
    secret_in(&client, &instance, "s", &key).await;
    client
        .rewrite::<InstanceRecord>(&path::instance(&instance), |record| {
            record.status = InstanceStatus::Uninitialized;
        })
        .await;
    let named = ("KmsInstanceId", instance.as_str());
    let rows: &[Row<'_>] = &[
        ("CreateKey", &[("DKMSInstanceId", &instance)], STATE),
        ("DescribeKey", &[("KeyId", &key)], STATE),
        ("Decrypt", &[("CiphertextBlob", &blob)], STATE),
        ("GetSecretValue", &[("SecretName", "s")], STATE),
        ("TagResource", &[("SecretName", "s"), ("Tags", r#"[{"TagKey":"a"}]"#)], STATE),
        ("UpdateKmsInstanceBindVpc", &[named, ("BindVpcs", "[]")], STATE),
        ("GetKmsInstance", &[named], "ok"),
        (
            "ConnectKmsInstance",
            &[named, ("KMProvider", "Aliyun"), ("VpcId", "v"), ("ZoneIds", "a,b"), ("VSwitchIds", "x,y")],
            "ok",
        ),
        ("Decrypt", &[("CiphertextBlob", &blob)], "ok"),
    ];
    check(&client, rows).await;
    let new = NewInstance { unconnected: true, ..NewInstance::default() };
    let id = client.engine.make_instance(client.account(), new).await.unwrap();
    let shown = client.ok("GetKmsInstance", &[("KmsInstanceId", &id)]).await;
    assert_eq!(shown["KmsInstance"]["Status"], "Uninitialized");
}

#[tokio::test]
async fn a_released_instance_is_gone_with_all_that_was_in_it() {
    let world = World::new().await;
    let client = world.client().await;
    let (instance, kept) = (client.instance().await, client.instance().await);
    let key = key_in(&client, &instance).await;
    let (beside, outside) = (key_in(&client, &kept).await, client.key().await);
    let rotated = [
        ("DKMSInstanceId", instance.as_str()),
        ("EnableAutomaticRotation", "true"),
        ("RotationInterval", "7d"),
        ("Tags", r#"[{"TagKey":"a","TagValue":"b"}]"#),
    ];
    client.ok("CreateKey", &rotated).await;
    let blob = client.encrypt(&key, "x").await;
    client.ok("CreateAlias", &[("AliasName", "alias/lost"), ("KeyId", &key)]).await;
    secret_in(&client, &instance, "lost", &key).await;
    secret_in(&client, &instance, "lost-too", "").await;
    client.ok("DeleteSecret", &[("SecretName", "lost-too")]).await;
    client.ok("GetSecretValue", &[("SecretName", "lost")]).await;

    let named = ("KmsInstanceId", instance.as_str());
    let arn = format!("acs:kms:cn-hangzhou:{}:keystore/{instance}", client.account());
    let force = ("ForceDeleteWithoutBackup", "true");
    let refused = "400 Rejected.UnsupportedOperation";
    let elsewhere = arn.replace("cn-hangzhou", "cn-other");
    let mut changed = client.engine.instances_changed();
    let rows: &[Row<'_>] = &[
        (
            "SetDeletionProtection",
            &[("ProtectedResourceArn", &arn), ("EnableDeletionProtection", "true")],
            "ok",
        ),
        (
            "SetDeletionProtection",
            &[("ProtectedResourceArn", &elsewhere), ("EnableDeletionProtection", "false")],
            NOT_FOUND,
        ),
        ("ReleaseKmsInstance", &[named, force], refused),
        ("SetDeletionProtection", &[named, ("EnableDeletionProtection", "false")], "ok"),
        ("ReleaseKmsInstance", &[named], refused),
        ("ReleaseKmsInstance", &[named, force], "ok"),
        ("ReleaseKmsInstance", &[named, force], NOT_FOUND),
        ("GetKmsInstance", &[named], NOT_FOUND),
        ("CreateKey", &[("DKMSInstanceId", &instance)], NOT_FOUND),
        ("DescribeKey", &[("KeyId", &key)], KEY_GONE),
        ("Encrypt", &[("KeyId", &key), ("Plaintext", "x")], KEY_GONE),
        ("Encrypt", &[("KeyId", "alias/lost"), ("Plaintext", "x")], "404 Forbidden.AliasNotFound"),
        ("Decrypt", &[("CiphertextBlob", &blob)], KEY_GONE),
        ("GetSecretValue", &[("SecretName", "lost")], GONE),
        ("DescribeSecret", &[("SecretName", "lost-too")], GONE),
        ("RestoreSecret", &[("SecretName", "lost-too")], GONE),
        ("DeleteAlias", &[("AliasName", "alias/lost")], "404 Forbidden.AliasNotFound"),
        // Names are free at once.
        ("CreateSecret", &[("SecretName", "lost"), ("VersionId", "v1"), ("SecretData", "new")], "ok"),
        ("CreateAlias", &[("AliasName", "alias/lost"), ("KeyId", &outside)], "ok"),
        ("DescribeKey", &[("KeyId", &beside)], "ok"),
    ];
    changed.mark_unchanged();
    check(&client, rows).await;
    assert!(changed.has_changed().unwrap());
    assert_eq!(client.ok("ListKeys", &[]).await["TotalCount"], 2);
    assert_eq!(client.ok("ListSecrets", &[]).await["TotalCount"], 1);
    assert_eq!(client.ok("ListAliases", &[]).await["TotalCount"], 1);
    let tagged = client.ok("ListTagResources", &[("RegionId", "cn-hangzhou"), ("ResourceType", "key")]).await;
    assert_eq!(tagged["TagResources"]["TagResource"], json!([]));
    assert!(client.engine.instance_ca(&instance).await.is_err());

    // Nothing of it stays, and nothing else goes.
    client.engine.carry_out_due().await.unwrap();
    let records = client.engine.store().scan(Range::all(), None, 10_000).await.unwrap();
    for record in &records {
        let text = String::from_utf8_lossy(&record.value);
        let place = &record.key;
        assert!(!place.contains(&instance) && !text.contains(&instance), "{place} {text}");
        assert!(!place.contains(&key) && !text.contains(&key), "{place}");
        assert!(!place.contains("lost-too"), "{place}");
    }
    let versions = records.iter().filter(|record| record.key.starts_with("key-version/")).count();
    assert_eq!(versions, 2);
    assert_eq!(client.ok("GetSecretValue", &[("SecretName", "lost")]).await["SecretData"], "new");
    client.encrypt("alias/lost", "x").await;
    client.encrypt(&beside, "x").await;

    // The id may be used again now, for an instance that has nothing of the old one.
    client.engine.create_instance(client.account(), Some(&instance)).await.unwrap();
    assert_eq!(client.outcome("Decrypt", &[("CiphertextBlob", &blob)]).await, KEY_GONE);
    assert_eq!(used(&client, &instance).await, held(0, 0));
    // One that holds nothing needs no force.
    client.ok("ReleaseKmsInstance", &[named]).await;
    client.engine.create_instance(client.account(), Some(&instance)).await.unwrap();
}

/// The old sealed records open nothing, also when somebody puts them back.
#[tokio::test]
async fn what_was_in_a_released_instance_cannot_be_brought_back() {
    let world = World::new().await;
    let client = world.client().await;
    let instance = client.instance().await;
    let key = key_in(&client, &instance).await;
    let blob = client.encrypt(&key, "x").await;
    let version = client.newest_version(&key).await;
    let store = client.engine.store();
    let (at_key, at_version) = (path::key(client.account(), &key), path::key_version(&version));
    let copies = [store.get(&at_key).await.unwrap().unwrap(), store.get(&at_version).await.unwrap().unwrap()];
    let release = [("KmsInstanceId", instance.as_str()), ("ForceDeleteWithoutBackup", "true")];
    client.ok("ReleaseKmsInstance", &release).await;
    // Whoever makes one with the same id removes first what is left.
    client.engine.create_instance(client.account(), Some(&instance)).await.unwrap();
    assert_eq!(store.get(&at_version).await.unwrap().map(|record| record.key), None);
    client.engine.carry_out_due().await.unwrap();
    assert_eq!(used(&client, &instance).await, held(0, 0));
    let mut batch = keystead_store::Batch::new();
    for record in copies {
        batch.create(record.key, record.kind, record.format, record.value);
    }
    store.commit(batch).await.unwrap();
    assert_eq!(client.outcome("Decrypt", &[("CiphertextBlob", &blob)]).await, "500 InternalFailure");
    let record: KeyVersionRecord =
        serde_json::from_slice(&store.get(&at_version).await.unwrap().unwrap().value).unwrap();
    assert!(record.sealed_material.is_some());
}

/// Whoever makes something in an instance that is being released either comes before and it goes too, or is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_stays_of_what_is_made_during_a_release() {
    let world = World::new().await;
    let client = world.client().await;
    for round in 0..5 {
        let instance = client.instance().await;
        let key = key_in(&client, &instance).await;
        let makers: Vec<_> = (0..8)
            .map(|maker| {
                let (client, instance, key) = (client.clone(), instance.clone(), key.clone());
                tokio::spawn(async move {
                    for number in 0..20 {
                        let name = format!("{round}/{maker}/{number}");
                        let secret = [
                            ("DKMSInstanceId", instance.as_str()),
                            ("SecretName", &name),
                            ("VersionId", "v1"),
                            ("SecretData", "x"),
                        ];
                        let result = match number % 3 {
                            0 => client.outcome("CreateKey", &secret[..1]).await,
                            1 => client.outcome("CreateSecret", &secret).await,
                            _ => client.outcome("CreateKeyVersion", &[("KeyId", &key)]).await,
                        };
                        // 503: others changed the count all the time.
                        let known = ["ok", NOT_FOUND, KEY_GONE, "503 ServiceUnavailableTemporary"];
                        assert!(known.contains(&result.as_str()), "{result}");
                    }
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(5 * round)).await;
        let release = [("KmsInstanceId", instance.as_str()), ("ForceDeleteWithoutBackup", "true")];
        client.ok("ReleaseKmsInstance", &release).await;
        for maker in makers {
            maker.await.unwrap();
        }
        client.engine.carry_out_due().await.unwrap();
        for record in client.engine.store().scan(Range::all(), None, 10_000).await.unwrap() {
            let text = String::from_utf8_lossy(&record.value);
            assert!(!record.key.contains(&instance) && !text.contains(&instance), "{} {text}", record.key);
            assert!(!record.key.starts_with("key-version/"), "{}", record.key);
        }
    }
}

#[tokio::test]
async fn making_and_releasing_stand_in_the_audit_log() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let client = &audited.client;
    let instance = client.engine.create_instance(client.account(), None).await.unwrap();
    client.engine.create_instance(client.account(), Some(&instance)).await.unwrap();
    key_in(client, &instance).await;
    let release = [("KmsInstanceId", instance.as_str()), ("ForceDeleteWithoutBackup", "true")];
    audited.call("ReleaseKmsInstance", &release).await.unwrap();
    client.engine.carry_out_due().await.unwrap();
    audited.close().await;
    for (name, by, change) in [
        ("CreateKmsInstance", "system", format!("+instance/{instance}")),
        ("ReleaseKmsInstance", "root-account", format!("-instance/{instance}")),
        ("RemoveInstanceContents", "system", format!("-released-instance/{instance}")),
    ] {
        let records = audited.named(name);
        let [record] = &records[..] else { panic!("{name}: {records:?}") };
        assert_eq!(record["userIdentity"]["type"], by, "{record}");
        let changed = record["additionalEventData"]["changedRecords"].to_string();
        assert!(changed.contains(&change), "{record}");
        assert!(record.to_string().contains("ACS::KMS::Instance"), "{record}");
    }
}
