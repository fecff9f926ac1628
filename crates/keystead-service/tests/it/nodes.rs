//! Several engines over one store: fresh or refused.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keystead_crypto::SystemRandom;
use keystead_service::records::path;
use keystead_store::embedded::EmbeddedOptions;
use keystead_store::faulty::{FaultyStore, Moment};
use keystead_store::{Batch, Horizon, StoreError};

use crate::harness::{Client, IMPATIENT, PATIENT, World, authenticate, check, in_time, text};

const REFUSED: &str = "503 ServiceUnavailableTemporary";
/// Of a commit whose outcome this node does not know, or cannot serve yet: not the code that says "nothing was done".
const UNKNOWN: &str = "500 InternalFailure";
const DISABLED: &str = "409 Rejected.Disabled";

/// Engine A on the store itself; engine B on a view of it that can be disturbed.
async fn two_nodes(world: &World, patience_of_b: Duration) -> (Client, Client, Arc<FaultyStore>) {
    let faulty = FaultyStore::new(world.store.clone());
    let a = world.client().await;
    let b = world.client_over(faulty.clone(), patience_of_b).await;
    (a, b, faulty)
}

/// Until B has caught up.
async fn ready(client: &Client) {
    in_time(async { while client.engine.ready().await.is_err() {} }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_disabled_on_one_node_is_refused_by_the_other_on_its_next_request() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    let key = a.key().await;
    let blob = b.encrypt(&key, "x").await;
    let secret = [("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
    a.ok("CreateSecret", &secret).await;
    for round in 0..200 {
        let (here, there) = if round % 4 < 2 { (&a, &b) } else { (&b, &a) };
        let (operation, expected) =
            if round % 2 == 0 { ("DisableKey", DISABLED) } else { ("EnableKey", "ok") };
        here.ok(operation, &[("KeyId", &key)]).await;
        // The first look at the key is another one in each round.
        let rows = [
            ("Encrypt", &[("KeyId", key.as_str()), ("Plaintext", "x")][..], expected),
            ("Decrypt", &[("CiphertextBlob", &blob)], expected),
            ("GetSecretValue", &[("SecretName", "s")], expected),
            ("GenerateDataKey", &[("KeyId", &key)], expected),
        ];
        check(there, &rows[round / 2 % 4..]).await;
        check(there, &rows[..round / 2 % 4]).await;
        check(here, &rows).await;
    }
}

/// While one node switches a key on and off, calls on the others that lie wholly between two switches see the state
/// between them, whatever is loaded, cached or on its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_between_two_switches_see_the_state_between_them() {
    let world = World::new().await;
    let switching = world.client().await;
    let key = switching.key().await;
    let blob = switching.encrypt(&key, "x").await;
    // Modulo 4: enabled, being disabled, disabled, being enabled.
    let phase = Arc::new(AtomicU64::new(0));
    let mut calling = Vec::new();
    for client in [world.client().await, world.forgetful_client().await, switching.clone()] {
        let (key, blob, phase) = (key.clone(), blob.clone(), phase.clone());
        calling.push(tokio::spawn(async move {
            let (mut judged, mut round) = (0, 0);
            loop {
                let before = phase.load(Ordering::SeqCst);
                if before == u64::MAX {
                    return judged;
                }
                round += 1;
                let seen = match round % 2 {
                    0 => client.outcome("Encrypt", &[("KeyId", &key), ("Plaintext", "x")]).await,
                    _ => client.outcome("Decrypt", &[("CiphertextBlob", &blob)]).await,
                };
                if phase.load(Ordering::SeqCst) != before {
                    continue;
                }
                match before % 4 {
                    0 => assert_eq!(seen, "ok"),
                    2 => assert_eq!(seen, DISABLED),
                    _ => continue,
                }
                judged += 1;
            }
        }));
    }
    for switch in 0..400 {
        let operation = if switch % 2 == 0 { "DisableKey" } else { "EnableKey" };
        phase.fetch_add(1, Ordering::SeqCst);
        in_time(switching.ok(operation, &[("KeyId", &key)])).await;
        phase.fetch_add(1, Ordering::SeqCst);
        // Lets the callers in between two switches.
        for _ in 0..20 {
            in_time(switching.ok("DescribeKey", &[("KeyId", &key)])).await;
            tokio::task::yield_now().await;
        }
    }
    phase.store(u64::MAX, Ordering::SeqCst);
    for calls in calling {
        assert!(in_time(calls).await.unwrap() > 0);
    }
}

/// The same for what was looked up and not found: it is found once another node has made it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_absent_is_found_once_another_node_made_it() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    let key = a.key().await;
    for round in 0..50 {
        let (alias, secret) = (format!("alias/a{round}"), format!("s{round}"));
        check(
            &b,
            &[
                ("DescribeKey", &[("KeyId", &alias)], "404 Forbidden.AliasNotFound"),
                ("GetSecretValue", &[("SecretName", &secret)], "404 Forbidden.ResourceNotFound"),
            ],
        )
        .await;
        a.ok("CreateAlias", &[("AliasName", &alias), ("KeyId", &key)]).await;
        let params = [("SecretName", secret.as_str()), ("VersionId", "v"), ("SecretData", "x")];
        a.ok("CreateSecret", &params).await;
        let params = [("SecretName", secret.as_str()), ("VersionId", "w"), ("SecretData", "y")];
        check(&b, &[("DescribeKey", &[("KeyId", &alias)], "ok"), ("GetSecretValue", &params[..1], "ok")])
            .await;
        a.ok("PutSecretValue", &params).await;
        assert_eq!(text(&b.ok("GetSecretValue", &params[..1]).await["SecretData"]), "y");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_feed_is_held_back_refuses_rather_than_serve() {
    let world = World::new().await;
    let (a, b, faulty) = two_nodes(&world, IMPATIENT).await;
    let patient = world.client_over(faulty.clone(), PATIENT).await;
    let key = a.key().await;
    let secret = [("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x")];
    a.ok("CreateSecret", &secret).await;
    ready(&b).await;
    let blob = a.encrypt(&key, "x").await;
    let encrypt = [("KeyId", key.as_str()), ("Plaintext", "x")];
    let hits = [
        ("Encrypt", &encrypt[..], "ok"),
        ("Decrypt", &[("CiphertextBlob", blob.as_str())], "ok"),
        ("GetSecretValue", &[("SecretName", "s")], "ok"),
    ];
    check(&b, &hits).await;

    faulty.hold_feed();
    // Nothing has changed, so nothing is missed: it may serve.
    check(&b, &hits).await;
    a.ok("DisableKey", &[("KeyId", &key)]).await;
    // Everything is refused, also what has not changed: B cannot know that.
    check(&b, &hits.map(|(operation, params, _)| (operation, params, REFUSED))).await;
    check(&b, &[("DescribeKey", &[("KeyId", &key)], REFUSED), ("ListKeys", &[], REFUSED)]).await;
    assert_eq!(b.engine.ready().await.unwrap_err().status(), 503);
    let signed = authenticate(&b.engine, &world.access_key_id, &world.access_key_secret).await;
    assert!(signed.is_err(), "an AccessKey may have been disabled meanwhile");
    // A write of B's own would be acknowledged before its image has it: it is not.
    check(&b, &[("CreateKey", &[], REFUSED)]).await;

    // One that has the patience waits, and then tells the present state.
    let waiting = tokio::spawn({
        let (patient, key) = (patient.clone(), key.clone());
        async move { patient.outcome("Encrypt", &[("KeyId", &key), ("Plaintext", "x")]).await }
    });
    faulty.release_feed();
    assert_eq!(in_time(waiting).await.unwrap(), DISABLED);
    ready(&b).await;
    check(&b, &[("Encrypt", &encrypt, DISABLED), ("GetSecretValue", &[("SecretName", "s")], "ok")]).await;
    a.ok("EnableKey", &[("KeyId", &key)]).await;
    ready(&b).await;
    check(&b, &hits).await;
}

/// A change is acknowledged only when the node's own image has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_the_node_itself_has_not_seen_is_not_acknowledged() {
    let world = World::new().await;
    let (a, b, faulty) = two_nodes(&world, IMPATIENT).await;
    let key = a.key().await;
    ready(&b).await;
    let encrypt = [("KeyId", key.as_str()), ("Plaintext", "x")];
    check(&b, &[("Encrypt", &encrypt, "ok")]).await;
    faulty.hold_feed();
    check(&b, &[("DisableKey", &[("KeyId", &key)], UNKNOWN), ("Encrypt", &encrypt, REFUSED)]).await;
    check(&a, &[("Encrypt", &encrypt, DISABLED)]).await;
    faulty.release_feed();
    ready(&b).await;
    check(&b, &[("Encrypt", &encrypt, DISABLED), ("DisableKey", &[("KeyId", &key)], "ok")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_lost_its_horizon_refuses_at_once() {
    let world = World::new().await;
    // Waiting for the patience to run out would hang.
    let (a, b, faulty) = two_nodes(&world, Duration::from_secs(1_000_000)).await;
    let key = a.key().await;
    let blob = b.encrypt(&key, "x").await;
    faulty.lose_horizon();
    let rows = [
        ("Encrypt", &[("KeyId", key.as_str()), ("Plaintext", "x")][..], REFUSED),
        ("Decrypt", &[("CiphertextBlob", &blob)], REFUSED),
        ("ListKeys", &[], REFUSED),
        ("CreateKey", &[], REFUSED),
        ("GetRandomPassword", &[], REFUSED),
    ];
    in_time(check(&b, &rows)).await;
    a.ok("DisableKey", &[("KeyId", &key)]).await;
    faulty.restore_horizon();
    in_time(check(&b, &[("Encrypt", &[("KeyId", &key), ("Plaintext", "x")], DISABLED)])).await;
}

/// A load that a change overtakes must not leave the old record in the image.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_load_that_was_overtaken_is_discarded() {
    let world = World::new().await;
    let (a, b, faulty) = two_nodes(&world, PATIENT).await;
    for _ in 0..20 {
        let key = a.key().await;
        let encrypt = || {
            let (b, key) = (b.clone(), key.clone());
            async move { b.outcome("Encrypt", &[("KeyId", &key), ("Plaintext", "x")]).await }
        };
        // What it brings was read before the change.
        faulty.hold_gets(Moment::After);
        let slow = tokio::spawn(encrypt());
        in_time(faulty.get_waiting(&path::key(a.account(), &key), 1)).await;
        a.ok("DisableKey", &[("KeyId", &key)]).await;
        in_time(b.engine.ready()).await.unwrap();
        // This one began after the change was acknowledged.
        let later = tokio::spawn(encrypt());
        in_time(faulty.get_waiting(&path::key(a.account(), &key), 2)).await;
        faulty.release_gets();
        let slow = in_time(slow).await.unwrap();
        assert!(slow == "ok" || slow == DISABLED, "{slow}");
        assert_eq!(in_time(later).await.unwrap(), DISABLED);
        assert_eq!(encrypt().await, DISABLED);
    }
}

/// The same when the feed has a gap, so that the image forgets everything instead of single records.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_in_the_feed_discards_what_is_known_and_what_is_on_its_way() {
    let options =
        EmbeddedOptions { kept_revisions: NonZeroU64::MIN, recent_changes: 1, ..EmbeddedOptions::default() };
    let world = World::with(Arc::new(SystemRandom), options).await;
    let (a, b, faulty) = two_nodes(&world, PATIENT).await;
    let (known, loading) = (a.key().await, a.key().await);
    b.encrypt(&known, "x").await;
    faulty.hold_gets(Moment::After);
    let slow = tokio::spawn({
        let (b, loading) = (b.clone(), loading.clone());
        async move { b.outcome("Encrypt", &[("KeyId", &loading), ("Plaintext", "x")]).await }
    });
    in_time(faulty.get_waiting(&path::key(a.account(), &loading), 1)).await;
    faulty.hold_feed();
    let Horizon::At(before) = world.store.horizon() else { panic!("the store is lost") };
    a.ok("DisableKey", &[("KeyId", &known)]).await;
    a.ok("DisableKey", &[("KeyId", &loading)]).await;
    // Until the two are no longer in what the feed keeps. Many at once share a flush.
    in_time(async {
        while !matches!(world.store.changes(before, 1).await, Err(StoreError::FeedGap { .. })) {
            let mut batches = Vec::new();
            for _ in 0..500 {
                let mut batch = Batch::new();
                batch.put("test/filler", "test", 1, *b"x");
                batches.push(tokio::spawn({
                    let store = world.store.clone();
                    async move { store.commit(batch).await.unwrap() }
                }));
            }
            for batch in batches {
                batch.await.unwrap();
            }
        }
    })
    .await;
    faulty.release_feed();
    in_time(b.engine.ready()).await.unwrap();
    faulty.release_gets();
    in_time(slow).await.unwrap();
    for key in [&known, &loading] {
        check(&b, &[("Encrypt", &[("KeyId", key), ("Plaintext", "x")], DISABLED)]).await;
    }
}

/// Once read, the hot path does no storage I/O.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hits_do_no_storage_io() {
    let world = World::new().await;
    let (_, b, faulty) = two_nodes(&world, PATIENT).await;
    let key = b.key().await;
    let blob = b.encrypt(&key, "x").await;
    b.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let secret = [("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
    b.ok("CreateSecret", &secret).await;
    let rows = [
        ("Encrypt", &[("KeyId", "alias/a"), ("Plaintext", "x")][..], "ok"),
        ("Decrypt", &[("CiphertextBlob", &blob)], "ok"),
        ("GenerateDataKey", &[("KeyId", &key)], "ok"),
        ("GenerateDataKeyWithoutPlaintext", &[("KeyId", &key)], "ok"),
        ("GetSecretValue", &[("SecretName", "s")], "ok"),
        ("GetSecretValue", &[("SecretName", "none")], "404 Forbidden.ResourceNotFound"),
        ("Encrypt", &[("KeyId", "none"), ("Plaintext", "x")], "404 Forbidden.KeyNotFound"),
    ];
    check(&b, &rows).await;
    let before = faulty.reads();
    for _ in 0..20 {
        check(&b, &rows).await;
        assert!(authenticate(&b.engine, &world.access_key_id, &world.access_key_secret).await.is_ok());
    }
    assert_eq!(faulty.reads(), before);
}

/// However many wait for a record that is not in memory, it is read once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_miss_is_loaded_once() {
    let world = World::new().await;
    let (a, b, faulty) = two_nodes(&world, PATIENT).await;
    let key = a.key().await;
    let at = path::key(a.account(), &key);
    let describe =
        |client: Client, key: String| async move { client.outcome("DescribeKey", &[("KeyId", &key)]).await };
    faulty.hold_gets(Moment::Before);
    let before = faulty.reads();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(describe(b.clone(), key.clone()));
    in_time(faulty.get_waiting(&at, 1)).await;
    for _ in 0..31 {
        tasks.spawn(describe(b.clone(), key.clone()));
    }
    faulty.release_gets();
    assert!(in_time(tasks.join_all()).await.iter().all(|end| end == "ok"));
    assert_eq!(faulty.reads(), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_an_error_and_can_be_sent_again() {
    let world = World::new().await;
    let (a, b, faulty) = two_nodes(&world, PATIENT).await;
    let key = b.key().await;
    let secret = [("SecretName", "s"), ("VersionId", "v0"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
    b.ok("CreateSecret", &secret).await;
    for (number, moment) in [(1, Moment::Before), (2, Moment::After)] {
        let (version, old) = (format!("v{number}"), format!("v{}", number - 1));
        let put = [("SecretName", "s"), ("VersionId", version.as_str()), ("SecretData", "y")];
        faulty.fail_commit(1, moment);
        check(&b, &[("PutSecretValue", &put, UNKNOWN)]).await;
        // It happened wholly or not at all, and both nodes agree.
        let now = if moment == Moment::Before { &old } else { &version };
        for client in [&a, &b] {
            assert_eq!(text(&client.ok("GetSecretValue", &[("SecretName", "s")]).await["VersionId"]), *now);
        }
        check(&b, &[("PutSecretValue", &put, "ok"), ("PutSecretValue", &put, "ok")]).await;
        for client in [&a, &b] {
            for (stage, id) in [("ACSCurrent", &version), ("ACSPrevious", &old)] {
                let params = [("SecretName", "s"), ("VersionStage", stage)];
                assert_eq!(text(&client.ok("GetSecretValue", &params).await["VersionId"]), *id, "{stage}");
            }
        }

        // A key whose disabling was not acknowledged is in one state on both nodes, and can be disabled again.
        faulty.fail_commit(1, moment);
        check(&b, &[("DisableKey", &[("KeyId", &key)], UNKNOWN)]).await;
        let state = if moment == Moment::Before { "ok" } else { DISABLED };
        let encrypt = [("KeyId", key.as_str()), ("Plaintext", "x")];
        for client in [&a, &b] {
            check(client, &[("Encrypt", &encrypt, state)]).await;
        }
        b.ok("DisableKey", &[("KeyId", &key)]).await;
        for client in [&a, &b] {
            check(client, &[("Encrypt", &encrypt, DISABLED)]).await;
        }
        b.ok("EnableKey", &[("KeyId", &key)]).await;

        // Of a creation that failed nothing is left, or everything is.
        let (alias, name) = (format!("alias/a{number}"), format!("s{number}"));
        faulty.fail_commit(1, moment);
        check(&b, &[("CreateAlias", &[("AliasName", &alias), ("KeyId", &key)], UNKNOWN)]).await;
        faulty.fail_commit(1, moment);
        let create = [("SecretName", name.as_str()), ("VersionId", "v"), ("SecretData", "x")];
        check(&b, &[("CreateSecret", &create, UNKNOWN)]).await;
        for client in [&a, &b] {
            let (alias_end, secret_end) = match moment {
                Moment::Before => ("404 Forbidden.AliasNotFound", "404 Forbidden.ResourceNotFound"),
                Moment::After => ("ok", "ok"),
            };
            check(
                client,
                &[
                    ("DescribeKey", &[("KeyId", &alias)], alias_end),
                    ("GetSecretValue", &[("SecretName", &name)], secret_end),
                ],
            )
            .await;
        }
    }
}

/// A disabled AccessKey stops everywhere at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_key_disabled_on_one_node_stops_on_the_other() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    let at = path::access_key(&world.access_key_id);
    for round in 0..50 {
        let active = round % 2 == 1;
        a.rewrite::<keystead_service::records::AccessKeyRecord>(&at, |key| key.active = active).await;
        let signed = authenticate(&b.engine, &world.access_key_id, &world.access_key_secret).await;
        assert_eq!(signed.is_ok(), active, "round {round}");
    }
}
