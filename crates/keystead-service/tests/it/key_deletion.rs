//! ScheduleKeyDeletion, CancelKeyDeletion, SetDeletionProtection, and what happens when the window ends.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_service::records::{KeyRecord, KeyVersionRecord, path};
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::faulty::{FaultyStore, Moment};
use keystead_store::{Range, Store};
use serde_json::{Value, json};

use crate::harness::{Client, PATIENT, START, World, check, text, texts};

const DAY: i64 = 86_400;
const NO_KEY: &str = "404 Forbidden.KeyNotFound";
const NO_ALIAS: &str = "404 Forbidden.AliasNotFound";
const S: &str = "409 Rejected.StateModifiedFailed";

async fn metadata(client: &Client, key: &str) -> Value {
    client.ok("DescribeKey", &[("KeyId", key)]).await["KeyMetadata"].clone()
}

async fn schedule(client: &Client, key: &str, days: &str) {
    client.ok("ScheduleKeyDeletion", &[("KeyId", key), ("PendingWindowInDays", days)]).await;
}

/// The places of all records that name the key, without those of secrets, which stay when their key goes.
async fn traces(store: &Arc<dyn Store>, key: &str) -> BTreeSet<String> {
    let records = store.scan(Range::all(), None, 1000).await.unwrap();
    assert!(records.len() < 1000);
    let names = |record: &&keystead_store::Record| {
        record.key.contains(key) || String::from_utf8_lossy(&record.value).contains(key)
    };
    let records = records.iter().filter(|record| !record.key.starts_with("secret"));
    records.filter(names).map(|record| record.key.clone()).collect()
}

#[tokio::test]
async fn parameters() {
    let world = World::new().await;
    let client = world.client().await;
    let key = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let window = |days| [("KeyId", key.as_str()), ("PendingWindowInDays", days)];
    let bad = "400 InvalidParameter PendingWindowInDays";
    check(
        &client,
        &[
            ("ScheduleKeyDeletion", &window("6"), bad),
            ("ScheduleKeyDeletion", &window("367"), bad),
            ("ScheduleKeyDeletion", &window("-7"), bad),
            ("ScheduleKeyDeletion", &window("9223372036854775807"), bad),
            ("ScheduleKeyDeletion", &window("7.0"), bad),
            ("ScheduleKeyDeletion", &window(""), bad),
            ("ScheduleKeyDeletion", &[("KeyId", &key)], "400 MissingPendingWindowInDays"),
            (
                "ScheduleKeyDeletion",
                &[("KeyId", "alias/a"), ("PendingWindowInDays", "7")],
                "400 Unsupported.Alias",
            ),
            ("ScheduleKeyDeletion", &[("KeyId", "none"), ("PendingWindowInDays", "7")], NO_KEY),
            ("CancelKeyDeletion", &[("KeyId", "alias/a")], "400 Unsupported.Alias"),
            ("CancelKeyDeletion", &[("KeyId", "none")], NO_KEY),
            ("CancelKeyDeletion", &[("KeyId", &key)], S),
            ("ScheduleKeyDeletion", &window("7"), "ok"),
            ("ScheduleKeyDeletion", &window("8"), S),
            ("CancelKeyDeletion", &[("KeyId", &key)], "ok"),
            ("ScheduleKeyDeletion", &window("366"), "ok"),
        ],
    )
    .await;
    let key = metadata(&client, &key).await;
    assert_eq!(key["KeyState"], "PendingDeletion");
    assert_eq!(key["DeleteDate"], json!(START.plus(366 * DAY).to_string()));
}

#[tokio::test]
async fn a_cancelled_deletion_leaves_everything_and_enables_the_key() {
    let world = World::new().await;
    let client = world.client().await;
    let key = client.key().await;
    let blob = client.encrypt(&key, "x").await;
    client.ok("DisableKey", &[("KeyId", &key)]).await;
    schedule(&client, &key, "7").await;
    client.ok("CancelKeyDeletion", &[("KeyId", &key)]).await;
    let shown = metadata(&client, &key).await;
    assert_eq!((&shown["KeyState"], &shown["DeleteDate"]), (&json!("Enabled"), &Value::Null));
    world.clock.advance(8 * DAY);
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 0, "nothing is due any more");
    assert_eq!(client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"], "x");

    // A key that never had its material waits for it again.
    let external = text(&client.ok("CreateKey", &[("Origin", "EXTERNAL")]).await["KeyMetadata"]["KeyId"]);
    schedule(&client, &external, "7").await;
    client.ok("CancelKeyDeletion", &[("KeyId", &external)]).await;
    assert_eq!(metadata(&client, &external).await["KeyState"], "PendingImport");
}

#[tokio::test]
async fn deletion_protection() {
    let world = World::new().await;
    let client = world.client().await;
    let key = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let arn = |rest: &str| format!("acs:kms:cn-hangzhou:{}:{rest}", client.account());
    let (key_arn, alias_arn) = (arn(&format!("key/{key}")), arn("alias/a"));
    let (instance_arn, secret_arn) = (arn("keystore/kst-x"), arn("secret/s"));
    let (on, off) = (("EnableDeletionProtection", "true"), ("EnableDeletionProtection", "false"));
    let schedule_7 = [("KeyId", key.as_str()), ("PendingWindowInDays", "7")];
    let why = ("DeletionProtectionDescription", "why");
    let long = "x".repeat(8193);
    let shown = async || {
        let shown = metadata(&client, &key).await;
        (text(&shown["DeletionProtection"]), shown["DeletionProtectionDescription"].clone())
    };
    const SET: &str = "SetDeletionProtection";
    const NO_INSTANCE: &str = "403 Forbidden.DKMSInstanceNotFound";
    assert_eq!(shown().await, ("Disabled".to_owned(), Value::Null));
    check(
        &client,
        &[
            (SET, &[on], "400 MissingParameter"),
            (SET, &[("KeyId", &key)], "400 MissingEnableDeletionProtection"),
            (
                SET,
                &[on, ("KeyId", &key), ("ProtectedResourceArn", &key_arn)],
                "400 InvalidParameter ProtectedResourceArn",
            ),
            (SET, &[on, ("KeyId", &key), ("KmsInstanceId", "kst-x")], "400 InvalidParameter KmsInstanceId"),
            (
                SET,
                &[on, ("ProtectedResourceArn", &key_arn), ("KmsInstanceId", "kst-x")],
                "400 InvalidParameter KmsInstanceId",
            ),
            (SET, &[on, ("KmsInstanceId", "kst-x")], NO_INSTANCE),
            (SET, &[on, ("ProtectedResourceArn", &instance_arn)], NO_INSTANCE),
            (SET, &[on, ("ProtectedResourceArn", &secret_arn)], "400 InvalidParameter ProtectedResourceArn"),
            (SET, &[on, ("ProtectedResourceArn", &key)], "400 InvalidParameter ProtectedResourceArn"),
            (SET, &[on, ("ProtectedResourceArn", &alias_arn)], "400 Unsupported.Alias"),
            (SET, &[on, ("KeyId", "alias/a")], "400 Unsupported.Alias"),
            (SET, &[on, ("KeyId", "none")], NO_KEY),
            (
                SET,
                &[on, ("KeyId", &key), ("DeletionProtectionDescription", &long)],
                "400 InvalidParameter DeletionProtectionDescription",
            ),
            (SET, &[on, ("KeyId", &key), why, ("KmsInstanceId", "")], "ok"),
            ("ScheduleKeyDeletion", &schedule_7, "400 Rejected.UnsupportedOperation"),
        ],
    )
    .await;
    assert_eq!(shown().await, ("Enabled".to_owned(), json!("why")));
    check(&client, &[(SET, &[off, ("ProtectedResourceArn", &key_arn), why], "ok")]).await;
    assert_eq!(shown().await, ("Disabled".to_owned(), Value::Null), "the reason goes with the protection");
    check(
        &client,
        &[
            ("ScheduleKeyDeletion", &schedule_7, "ok"),
            (SET, &[on, ("KeyId", &key)], "409 Rejected.PendingDeletion"),
            (SET, &[off, ("KeyId", &key)], "409 Rejected.PendingDeletion"),
        ],
    )
    .await;
}

/// From the second at which the window ends, the key is gone on every engine, whether or not its records are.
#[tokio::test]
async fn when_the_window_ends_the_key_is_gone() {
    for carried_out in [false, true] {
        let world = World::new().await;
        let (a, b) = (world.client().await, world.client().await);
        let (key, other) = (a.key().await, a.key().await);
        let blob = a.encrypt(&key, "x").await;
        a.ok("CreateKeyVersion", &[("KeyId", &key)]).await;
        let newer = a.encrypt(&key, "x").await;
        let version = text(&metadata(&a, &key).await["PrimaryKeyVersion"]);
        a.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
        a.ok("CreateAlias", &[("AliasName", "alias/b"), ("KeyId", &key)]).await;
        a.ok("CreateAlias", &[("AliasName", "alias/stays"), ("KeyId", &other)]).await;
        let secret =
            [("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
        a.ok("CreateSecret", &secret).await;
        schedule(&a, &key, "7").await;

        world.clock.advance(7 * DAY - 1);
        assert_eq!(b.engine.carry_out_due().await.unwrap(), 0);
        check(&b, &[("DescribeKey", &[("KeyId", "alias/a")], "ok")]).await;
        world.clock.advance(1);
        if carried_out {
            assert_eq!(b.engine.carry_out_due().await.unwrap(), 1);
            assert_eq!(traces(&world.store, &key).await, BTreeSet::new());
        }
        for client in [&a, &b] {
            let encrypt = |key| [("KeyId", key), ("Plaintext", "x")];
            check(
                client,
                &[
                    ("DescribeKey", &[("KeyId", &key)], NO_KEY),
                    ("CancelKeyDeletion", &[("KeyId", &key)], NO_KEY),
                    ("EnableKey", &[("KeyId", &key)], NO_KEY),
                    ("ScheduleKeyDeletion", &[("KeyId", &key), ("PendingWindowInDays", "7")], NO_KEY),
                    ("UpdateKeyDescription", &[("KeyId", &key), ("Description", "x")], NO_KEY),
                    ("Encrypt", &encrypt(&key), NO_KEY),
                    ("Encrypt", &encrypt("alias/a"), NO_ALIAS),
                    ("DescribeKey", &[("KeyId", "alias/b")], NO_ALIAS),
                    ("Decrypt", &[("CiphertextBlob", &blob)], NO_KEY),
                    ("Decrypt", &[("CiphertextBlob", &newer)], NO_KEY),
                    ("CreateKeyVersion", &[("KeyId", &key)], NO_KEY),
                    ("ListKeyVersions", &[("KeyId", &key)], NO_KEY),
                    ("DescribeKeyVersion", &[("KeyId", &key), ("KeyVersionId", &version)], NO_KEY),
                    ("GetSecretValue", &[("SecretName", "s")], NO_KEY),
                    ("CreateAlias", &[("AliasName", "alias/c"), ("KeyId", &key)], NO_KEY),
                ],
            )
            .await;
            let keys = client.ok("ListKeys", &[]).await;
            assert_eq!(texts(&keys["Keys"]["Key"], "KeyId"), [other.as_str()]);
            assert_eq!(keys["TotalCount"], 1);
            let aliases = client.ok("ListAliases", &[]).await;
            assert_eq!(texts(&aliases["Aliases"]["Alias"], "AliasName"), ["alias/stays"]);
            assert_eq!(aliases["TotalCount"], 1);
        }
        // The name is free.
        a.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &other)]).await;
        assert_eq!(metadata(&b, "alias/a").await["KeyId"], json!(other));
        check(
            &a,
            &[("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &other)], "400 AliasAlreadyExists")],
        )
        .await;
        b.engine.carry_out_due().await.unwrap();
        assert_eq!(metadata(&b, "alias/a").await["KeyId"], json!(other), "not the old key's any more");
        assert_eq!(traces(&world.store, &key).await, BTreeSet::new());
        assert_eq!(a.engine.carry_out_due().await.unwrap(), 0);
    }
}

/// However a deletion is interrupted, the next attempt finishes it, and in between the key does not come back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_is_interrupted_is_finished() {
    for moment in [Moment::Before, Moment::After] {
        for failing in 1..=3 {
            let world = World::new().await;
            let faulty = FaultyStore::new(world.store.clone());
            let client = world.client_over(faulty.clone(), PATIENT).await;
            let key = client.key().await;
            let blob = client.encrypt(&key, "x").await;
            // More than one commit holds: versions as a key has after many years, and aliases.
            let at = path::key_version(&text(&metadata(&client, &key).await["PrimaryKeyVersion"]));
            let version = world.store.get(&at).await.unwrap().unwrap();
            let mut batch = keystead_store::Batch::new();
            for number in 0..900 {
                let mut value: KeyVersionRecord = serde_json::from_slice(&version.value).unwrap();
                value.version_id = format!("{key}-{number:010}");
                let value = serde_json::to_vec(&value).unwrap();
                batch.create(path::key_version(&format!("{key}-{number:010}")), "key-version", 1, value);
            }
            world.store.commit(batch).await.unwrap();
            for number in 0..3 {
                let name = format!("alias/{number}");
                client.ok("CreateAlias", &[("AliasName", &name), ("KeyId", &key)]).await;
            }
            schedule(&client, &key, "7").await;
            world.clock.advance(7 * DAY);

            faulty.fail_commit(failing, moment);
            let finished = client.engine.carry_out_due().await.unwrap();
            assert_eq!(finished, usize::from(failing == 3), "it takes two commits");
            if failing < 3 {
                // Also for a node whose clock is late.
                world.clock.advance(-DAY);
                let gone_for_good = failing == 2 || moment == Moment::After;
                let seen = client.outcome("CancelKeyDeletion", &[("KeyId", &key)]).await;
                assert_eq!(seen, if gone_for_good { NO_KEY } else { "ok" }, "{failing} {moment:?}");
                if !gone_for_good {
                    assert_eq!(client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"], "x");
                    schedule(&client, &key, "7").await;
                }
                world.clock.advance(8 * DAY);
                let left = if failing == 2 && moment == Moment::After { 0 } else { 1 };
                assert_eq!(
                    world.client().await.engine.carry_out_due().await.unwrap(),
                    left,
                    "{failing} {moment:?}"
                );
            }
            assert_eq!(traces(&world.store, &key).await.len(), 0);
            check(&client, &[("Decrypt", &[("CiphertextBlob", &blob)], NO_KEY)]).await;
        }
    }
}

/// Two nodes, one of whose clocks is ahead: either the key is cancelled whole or it is gone whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_at_the_last_moment_is_all_or_nothing() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    for _ in 0..20 {
        let key = a.key().await;
        let blob = a.encrypt(&key, "x").await;
        schedule(&a, &key, "7").await;
        world.clock.advance(7 * DAY - 1);
        let cancelling = tokio::spawn({
            let (a, key) = (a.clone(), key.clone());
            async move { a.outcome("CancelKeyDeletion", &[("KeyId", &key)]).await }
        });
        world.clock.advance(1);
        b.engine.carry_out_due().await.unwrap();
        let cancelled = cancelling.await.unwrap() == "ok";
        let opened = b.outcome("Decrypt", &[("CiphertextBlob", &blob)]).await;
        assert_eq!(opened, if cancelled { "ok" } else { NO_KEY });
        assert_eq!(traces(&world.store, &key).await.is_empty(), !cancelled);
    }
}

/// The sealed material of a deleted key is in none of the store's files.
#[tokio::test]
async fn deleted_material_leaves_no_bytes_in_the_folder() {
    let world = World::new().await;
    let client = world.client().await;
    let (key, stays) = (client.key().await, client.key().await);
    let sealed = async |key: &str| {
        let record = world.store.get(&path::key(client.account(), key)).await.unwrap().unwrap();
        let key: KeyRecord = serde_json::from_slice(&record.value).unwrap();
        let record = world.store.get(&path::key_version(&key.primary_version)).await.unwrap().unwrap();
        let version: KeyVersionRecord = serde_json::from_slice(&record.value).unwrap();
        STANDARD.encode(version.sealed_material.unwrap().0)
    };
    let (of_key, of_stays) = (sealed(&key).await, sealed(&stays).await);
    schedule(&client, &key, "7").await;
    world.clock.advance(7 * DAY);
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 1);
    let dir = world.dir.clone();
    let folder = || -> Vec<u8> {
        let files = std::fs::read_dir(dir.path().join("data")).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    };
    let holds = |bytes: &[u8], part: &str| bytes.windows(part.len()).any(|window| window == part.as_bytes());
    assert!(!holds(&folder(), &of_key), "while the store is open");
    drop((client, world));
    // The store is closed, and can be opened again, when the last of the engine's tasks has let go of it.
    let open = || EmbeddedStore::open(&dir.path().join("data"), EmbeddedOptions::default());
    crate::harness::in_time(async {
        while open().is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let bytes = folder();
    assert!(holds(&bytes, &of_stays), "the other key's is found, so the search works");
    assert!(!holds(&bytes, &of_key));
}
