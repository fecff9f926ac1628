//! Versions of keys, and automatic rotation.

use std::sync::Arc;

use keystead_service::records::{KeyRecord, path};
use keystead_store::Range;
use keystead_store::faulty::{FaultyStore, Moment};
use serde_json::{Value, json};

use crate::harness::{Client, PATIENT, START, World, check, text, texts};

const DAY: i64 = 86_400;
const U: &str = "400 Rejected.UnsupportedOperation";

async fn metadata(client: &Client, key: &str) -> Value {
    client.ok("DescribeKey", &[("KeyId", key)]).await["KeyMetadata"].clone()
}

async fn versions(client: &Client, key: &str) -> Vec<String> {
    let list = client.ok("ListKeyVersions", &[("KeyId", key), ("PageSize", "100")]).await;
    texts(&list["KeyVersions"]["KeyVersion"], "KeyVersionId")
}

async fn rotating(client: &Client, interval: &str) -> String {
    let params = [("EnableAutomaticRotation", "true"), ("RotationInterval", interval)];
    text(&client.ok("CreateKey", &params).await["KeyMetadata"]["KeyId"])
}

async fn of_spec(client: &Client, spec: &str) -> String {
    text(&client.ok("CreateKey", &[("KeySpec", spec)]).await["KeyMetadata"]["KeyId"])
}

fn date(days: i64) -> Value {
    json!(START.plus(days * DAY).to_string())
}

/// How many entries of due work there are.
async fn entries(world: &World) -> u64 {
    world.store.count(Range::prefix(path::DUE)).await.unwrap()
}

#[tokio::test]
async fn a_new_version_of_a_symmetric_key_encrypts_and_old_ones_still_decrypt() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    let key = a.key().await;
    a.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let mut blobs = vec![a.encrypt(&key, "0").await];
    let mut expected = versions(&a, &key).await;
    for round in 1..4 {
        world.clock.advance(1);
        let client = if round % 2 == 0 { &a } else { &b };
        let made = client.ok("CreateKeyVersion", &[("KeyId", "alias/a")]).await["KeyVersion"].clone();
        let version = text(&made["KeyVersionId"]);
        assert!(version.len() == 36 && version.starts_with(&key), "{version}");
        assert_eq!(
            (&made["KeyId"], &made["CreationDate"]),
            (&json!(key), &json!(START.plus(round).to_string()))
        );
        expected.push(version.clone());
        for client in [&a, &b] {
            let sealed = client.ok("Encrypt", &[("KeyId", &key), ("Plaintext", &round.to_string())]).await;
            assert_eq!(sealed["KeyVersionId"], json!(version));
            blobs.push(text(&sealed["CiphertextBlob"]));
            let shown = metadata(client, &key).await;
            assert_eq!(shown["PrimaryKeyVersion"], json!(version));
            assert_eq!(shown["LastRotationDate"], made["CreationDate"]);
            assert_eq!(shown["CreationDate"], json!(START.to_string()));
            let described =
                client.ok("DescribeKeyVersion", &[("KeyId", &key), ("KeyVersionId", &version)]).await;
            assert_eq!(described["KeyVersion"], made);
        }
    }
    assert_eq!(versions(&b, &key).await, expected, "the oldest first");
    for (number, blob) in blobs.iter().enumerate() {
        let opened = b.ok("Decrypt", &[("CiphertextBlob", blob)]).await;
        assert_eq!(opened["Plaintext"], json!(number.div_ceil(2).to_string()));
        assert_eq!(opened["KeyVersionId"], json!(expected[number.div_ceil(2)]));
    }
}

#[tokio::test]
async fn lists_and_parameters_of_versions() {
    let world = World::new().await;
    let client = world.client().await;
    let (key, other) = (client.key().await, client.key().await);
    for _ in 0..11 {
        world.clock.advance(1);
        client.ok("CreateKeyVersion", &[("KeyId", &key)]).await;
    }
    let all = versions(&client, &key).await;
    let page = async |number: &str, size: &str| {
        let params = [("KeyId", key.as_str()), ("PageNumber", number), ("PageSize", size)];
        let list = client.ok("ListKeyVersions", &params).await;
        assert_eq!(list["TotalCount"], 12);
        texts(&list["KeyVersions"]["KeyVersion"], "KeyVersionId")
    };
    assert_eq!(page("1", "5").await, all[..5]);
    assert_eq!(page("3", "5").await, all[10..]);
    assert!(page("4", "5").await.is_empty());
    let default = client.ok("ListKeyVersions", &[("KeyId", &key)]).await;
    assert_eq!((&default["PageNumber"], &default["PageSize"]), (&json!(1), &json!(10)));
    assert_eq!(default["KeyVersions"]["KeyVersion"].as_array().unwrap().len(), 10);
    let third = all[3].as_str();
    let version = |key, version| [("KeyId", key), ("KeyVersionId", version)];
    const NONE: &str = "404 Forbidden.KeyVersionNotFound";
    check(
        &client,
        &[
            ("DescribeKeyVersion", &version(key.as_str(), third), "ok"),
            ("DescribeKeyVersion", &version(other.as_str(), third), NONE),
            ("DescribeKeyVersion", &version(&key, "none"), NONE),
            ("DescribeKeyVersion", &version(&key, ""), NONE),
            ("DescribeKeyVersion", &version("none", third), "404 Forbidden.KeyNotFound"),
            ("DescribeKeyVersion", &version("alias/none", third), "404 Forbidden.AliasNotFound"),
            ("ListKeyVersions", &[("KeyId", &key), ("PageSize", "0")], "400 InvalidParameter PageSize"),
            ("ListKeyVersions", &[("KeyId", &key), ("PageSize", "101")], "400 InvalidParameter PageSize"),
            ("ListKeyVersions", &[("KeyId", &key), ("PageNumber", "0")], "400 InvalidParameter PageNumber"),
            ("ListKeyVersions", &[("KeyId", "none")], "404 Forbidden.KeyNotFound"),
            ("CreateKeyVersion", &[("KeyId", "none")], "404 Forbidden.KeyNotFound"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_key_pair_takes_a_version_every_seven_days_and_fifty_in_all() {
    let world = World::new().await;
    let client = world.client().await;
    let key = of_spec(&client, "EC_P256").await;
    let first = versions(&client, &key).await;
    let public = async |version: &str| {
        text(&client.ok("GetPublicKey", &[("KeyId", &key), ("KeyVersionId", version)]).await["PublicKey"])
    };
    let create: &[(&str, &str)] = &[("KeyId", &key)];
    world.clock.advance(7 * DAY - 1);
    check(&client, &[("CreateKeyVersion", create, U)]).await;
    world.clock.advance(1);
    check(&client, &[("CreateKeyVersion", create, "ok"), ("CreateKeyVersion", create, U)]).await;
    let both = versions(&client, &key).await;
    assert_eq!((both.len(), &both[0]), (2, &first[0]));
    assert_ne!(public(&both[0]).await, public(&both[1]).await);
    let shown = metadata(&client, &key).await;
    assert_eq!((&shown["PrimaryKeyVersion"], &shown["LastRotationDate"]), (&Value::Null, &date(7)));
    for _ in 2..50 {
        world.clock.advance(7 * DAY);
        check(&client, &[("CreateKeyVersion", create, "ok")]).await;
    }
    world.clock.advance(7 * DAY);
    check(&client, &[("CreateKeyVersion", create, "400 Rejected.LimitExceeded")]).await;
    // A signature of the first version is still verified.
    let sign = [
        ("KeyId", key.as_str()),
        ("KeyVersionId", first[0].as_str()),
        ("Algorithm", "ECDSA_SHA_256"),
        ("Digest", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="),
    ];
    let value = text(&client.ok("AsymmetricSign", &sign).await["Value"]);
    let verify = [&sign[..], &[("Value", &value)]].concat();
    assert_eq!(client.ok("AsymmetricVerify", &verify).await["Value"], true);
}

/// Two callers at once: the seven days hold for the second one too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_new_versions_of_a_key_pair_at_once_one_is_made() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    let key = of_spec(&a, "EC_P256").await;
    for _ in 0..10 {
        world.clock.advance(7 * DAY);
        let create = |client: &Client| {
            let (client, key) = (client.clone(), key.clone());
            tokio::spawn(async move { client.outcome("CreateKeyVersion", &[("KeyId", &key)]).await })
        };
        let (one, other) = (create(&a), create(&b));
        let mut ends = [one.await.unwrap(), other.await.unwrap()];
        ends.sort();
        assert_eq!(ends, [U, "ok"]);
    }
    assert_eq!(versions(&a, &key).await.len(), 11);
}

#[tokio::test]
async fn policies_of_rotation() {
    let world = World::new().await;
    let client = world.client().await;
    let key = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let shown = async |key: &str| {
        let shown = metadata(&client, key).await;
        ["AutomaticRotation", "RotationInterval", "NextRotationDate"].map(|field| shown[field].clone())
    };
    let none = [json!("Disabled"), Value::Null, Value::Null];
    assert_eq!(shown(&key).await, none);
    let (on, off) = (("EnableAutomaticRotation", "true"), ("EnableAutomaticRotation", "false"));
    let every = |interval| ("RotationInterval", interval);
    let bad = "400 InvalidParameter RotationInterval";
    let id = ("KeyId", key.as_str());
    const UPDATE: &str = "UpdateRotationPolicy";
    check(
        &client,
        &[
            (UPDATE, &[id], "400 MissingEnableAutomaticRotation"),
            (UPDATE, &[id, on], "400 MissingParameter"),
            (UPDATE, &[id, on, every("")], "400 MissingParameter"),
            (UPDATE, &[id, on, every("6d")], bad),
            (UPDATE, &[id, on, every("731d")], bad),
            (UPDATE, &[id, on, every("30")], bad),
            (UPDATE, &[on, every("30d"), ("KeyId", "alias/a")], "400 Unsupported.Alias"),
            (UPDATE, &[on, every("30d"), ("KeyId", "none")], "404 Forbidden.KeyNotFound"),
            ("CreateKey", &[on], "400 MissingParameter"),
            ("CreateKey", &[on, every("6d")], bad),
            ("CreateKey", &[on, every("30d"), ("KeySpec", "EC_P256")], U),
            ("CreateKey", &[on, every("30d"), ("KeySpec", "HMAC_SHA_256")], U),
            ("CreateKey", &[on, every("30d"), ("Origin", "EXTERNAL")], U),
            ("CreateKey", &[off, every("30d"), ("KeySpec", "EC_P256")], "ok"),
            (UPDATE, &[id, on, every("720h")], "ok"),
        ],
    )
    .await;
    assert_eq!(shown(&key).await, [json!("Enabled"), json!("2592000s"), date(30)]);
    client.ok("DisableKey", &[id]).await;
    assert_eq!(shown(&key).await, [json!("Suspended"), json!("2592000s"), date(30)]);
    check(&client, &[(UPDATE, &[id, off], "409 Rejected.Disabled")]).await;
    client.ok("EnableKey", &[id]).await;
    client.ok("ScheduleKeyDeletion", &[id, ("PendingWindowInDays", "7")]).await;
    assert_eq!(shown(&key).await, [json!("Suspended"), json!("2592000s"), date(30)]);
    client.ok("CancelKeyDeletion", &[id]).await;
    assert_eq!(shown(&key).await, [json!("Enabled"), json!("2592000s"), date(30)]);
    client.ok(UPDATE, &[id, off, every("nonsense")]).await;
    assert_eq!(shown(&key).await, none);
    assert_eq!(entries(&world).await, 0);

    let params = [on, every("365d"), ("KeySpec", "Aliyun_SM4")];
    let made = client.ok("CreateKey", &params).await["KeyMetadata"].clone();
    assert_eq!(made["NextRotationDate"], date(365));
    assert_eq!(shown(&text(&made["KeyId"])).await, [json!("Enabled"), json!("31536000s"), date(365)]);
    assert_eq!(entries(&world).await, 1);
}

#[tokio::test]
async fn a_key_is_rotated_when_its_interval_ends_and_old_blobs_open() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    let key = rotating(&a, "7d").await;
    let mut blobs = vec![a.encrypt(&key, "x").await];
    for round in 1..=5 {
        world.clock.advance(7 * DAY - 1);
        assert_eq!(b.engine.carry_out_due().await.unwrap(), 0);
        world.clock.advance(1);
        assert_eq!(b.engine.carry_out_due().await.unwrap(), 1);
        assert_eq!(a.engine.carry_out_due().await.unwrap(), 0);
        let all = versions(&a, &key).await;
        assert_eq!(all.len(), round + 1);
        let shown = metadata(&a, &key).await;
        assert_eq!(shown["PrimaryKeyVersion"], json!(all[round]));
        let days = 7 * i64::try_from(round).unwrap();
        assert_eq!((&shown["LastRotationDate"], &shown["NextRotationDate"]), (&date(days), &date(days + 7)));
        let sealed = a.ok("Encrypt", &[("KeyId", &key), ("Plaintext", "x")]).await;
        assert_eq!(sealed["KeyVersionId"], json!(all[round]));
        blobs.push(text(&sealed["CiphertextBlob"]));
    }
    for blob in &blobs {
        assert_eq!(b.ok("Decrypt", &[("CiphertextBlob", blob)]).await["Plaintext"], "x");
    }
    assert_eq!(entries(&world).await, 1);
}

#[tokio::test]
async fn intervals_that_were_missed_make_one_version() {
    let world = World::new().await;
    let key = rotating(&world.client().await, "7d").await;
    world.clock.advance(40 * DAY);
    // Another engine, as after a restart.
    let client = world.client().await;
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 1);
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 0);
    assert_eq!(versions(&client, &key).await.len(), 2);
    let shown = metadata(&client, &key).await;
    assert_eq!((&shown["LastRotationDate"], &shown["NextRotationDate"]), (&date(40), &date(47)));
}

#[tokio::test]
async fn what_suspends_rotation_and_what_moves_it() {
    let world = World::new().await;
    let client = world.client().await;
    let key = rotating(&client, "30d").await;
    let id = ("KeyId", key.as_str());
    let rotated = async || {
        let done = client.engine.carry_out_due().await.unwrap();
        (done, versions(&client, &key).await.len())
    };
    // Disabled over the end of its interval; enabled again, it is rotated at once.
    client.ok("DisableKey", &[id]).await;
    world.clock.advance(31 * DAY);
    assert_eq!(rotated().await, (0, 1));
    client.ok("EnableKey", &[id]).await;
    assert_eq!(metadata(&client, &key).await["NextRotationDate"], date(30), "in the past");
    assert_eq!(rotated().await, (1, 2));
    // The same in the deletion window.
    client.ok("ScheduleKeyDeletion", &[id, ("PendingWindowInDays", "60")]).await;
    world.clock.advance(31 * DAY);
    assert_eq!(rotated().await, (0, 2));
    client.ok("CancelKeyDeletion", &[id]).await;
    assert_eq!(rotated().await, (1, 3));
    // A version made by hand begins a new interval.
    world.clock.advance(29 * DAY);
    client.ok("CreateKeyVersion", &[id]).await;
    world.clock.advance(29 * DAY);
    assert_eq!(rotated().await, (0, 4));
    world.clock.advance(DAY);
    assert_eq!(rotated().await, (1, 5));
    // A shorter interval that has passed already.
    world.clock.advance(20 * DAY);
    let policy = |on, interval| [id, ("EnableAutomaticRotation", on), ("RotationInterval", interval)];
    client.ok("UpdateRotationPolicy", &policy("true", "10d")).await;
    assert_eq!(rotated().await, (1, 6));
    // A longer one.
    world.clock.advance(9 * DAY);
    client.ok("UpdateRotationPolicy", &policy("true", "20d")).await;
    world.clock.advance(10 * DAY);
    assert_eq!(rotated().await, (0, 6));
    client.ok("UpdateRotationPolicy", &policy("false", "")).await;
    world.clock.advance(1000 * DAY);
    assert_eq!(rotated().await, (0, 6));
    assert_eq!(entries(&world).await, 0);
}

/// However many engines look at the same moment, a key is rotated once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn engines_that_race_rotate_once() {
    let world = Arc::new(World::new().await);
    let clients = [world.client().await, world.client().await, world.forgetful_client().await];
    let mut keys = Vec::new();
    for _ in 0..5 {
        keys.push(rotating(&clients[0], "7d").await);
    }
    for round in 1..=10 {
        world.clock.advance(7 * DAY);
        let racing =
            clients.clone().map(|client| tokio::spawn(async move { client.engine.carry_out_due().await }));
        for engine in racing {
            engine.await.unwrap().unwrap();
        }
        for key in &keys {
            assert_eq!(versions(&clients[0], key).await.len(), round + 1);
        }
    }
    assert_eq!(entries(&world).await, 5);
}

/// An answer that is lost on the way must not make a second version.
#[tokio::test]
async fn a_rotation_whose_commit_was_lost_is_made_once() {
    for moment in [Moment::Before, Moment::After] {
        let world = World::new().await;
        let faulty = FaultyStore::new(world.store.clone());
        let client = world.client_over(faulty.clone(), PATIENT).await;
        let key = rotating(&client, "7d").await;
        world.clock.advance(7 * DAY);
        faulty.fail_commit(1, moment);
        assert_eq!(client.engine.carry_out_due().await.unwrap(), 0);
        client.engine.carry_out_due().await.unwrap();
        assert_eq!(versions(&client, &key).await.len(), 2, "{moment:?}");
    }
}

/// What opened material stands under changes with the version that encrypts.
#[tokio::test]
async fn the_state_epoch_goes_up_with_every_version() {
    let world = World::new().await;
    let client = world.client().await;
    let key = rotating(&client, "7d").await;
    let at = path::key(client.account(), &key);
    let epoch = async || {
        let record = world.store.get(&at).await.unwrap().unwrap();
        serde_json::from_slice::<KeyRecord>(&record.value).unwrap().state_epoch
    };
    let before = epoch().await;
    client.ok("CreateKeyVersion", &[("KeyId", &key)]).await;
    assert!(epoch().await > before);
    let before = epoch().await;
    world.clock.advance(7 * DAY);
    client.engine.carry_out_due().await.unwrap();
    assert!(epoch().await > before);
}
