//! Rotation of secrets at a system of the test's own, which fails where the test says.

use std::sync::Arc;

use keystead_service::records::{SecretRecord, path};
use keystead_service::rotation::DriverError;
use keystead_store::Range;
use keystead_store::faulty::{FaultyStore, Moment};
use serde_json::Value;

use crate::harness::{Client, World, check, in_time, text};
use crate::system::{ADMIN, Fault, ID, Place, System};

const DAY: i64 = 86_400;
const NAME: (&str, &str) = ("SecretName", "db/app");
/// What the double user's test begins with.
const ACCOUNTS: &[(&str, &str)] = &[("app", "password-of-app"), ("app_b", "password-of-b")];

/// An engine with the system, the administrator's login, and nothing else.
async fn client(world: &World, system: &System) -> Client {
    let client = engine(world, system).await;
    client
        .ok("CreateSecret", &[("SecretName", ADMIN), ("VersionId", "1"), ("SecretData", "let-me-in")])
        .await;
    client
}

/// Another engine over the same store.
async fn engine(world: &World, system: &System) -> Client {
    world.rotating_client(world.store.clone(), Arc::new(system.clone())).await
}

async fn create(client: &Client, sub_type: &str, more: &[(&str, &str)]) -> Value {
    let accounts: Vec<String> = ACCOUNTS
        .iter()
        .take(if sub_type == "SingleUser" { 1 } else { 2 })
        .map(|(name, password)| format!(r#"{{"AccountName":"{name}","AccountPassword":"{password}"}}"#))
        .collect();
    let data = format!(r#"{{"Accounts":[{}]}}"#, accounts.join(","));
    let config = format!(r#"{{"SecretSubType":"{sub_type}","DBInstanceId":"{ID}"}}"#);
    let params = [
        NAME,
        ("VersionId", "v1"),
        ("SecretType", "Rds"),
        ("SecretData", &data),
        ("ExtendedConfig", &config),
    ];
    client.ok("CreateSecret", &[&params, more].concat()).await
}

async fn rotate(client: &Client, version_id: &str) -> String {
    client.outcome("RotateSecret", &[NAME, ("VersionId", version_id)]).await
}

/// Account, password and version under a label.
async fn login(client: &Client, stage: &str) -> (String, String, String) {
    let answer = client.ok("GetSecretValue", &[NAME, ("VersionStage", stage)]).await;
    let value: Value = serde_json::from_str(answer["SecretData"].as_str().unwrap()).unwrap();
    (text(&value["AccountName"]), text(&value["AccountPassword"]), text(&answer["VersionId"]))
}

async fn described(client: &Client, field: &str) -> Value {
    client.ok("DescribeSecret", &[NAME]).await[field].clone()
}

async fn record(client: &Client) -> SecretRecord {
    let at = path::secret(client.account(), NAME.1);
    serde_json::from_slice(&client.engine.store().get(&at).await.unwrap().unwrap().value).unwrap()
}

/// How many entries of due work there are.
async fn due(client: &Client) -> usize {
    client.engine.store().scan(Range::prefix(path::DUE), None, 100).await.unwrap().len()
}

/// How many values the secret has stored.
async fn values(client: &Client) -> usize {
    let uid = record(client).await.uid;
    let range = Range::prefix(path::secret_value(client.account(), &uid, ""));
    client.engine.store().scan(range, None, 100).await.unwrap().len()
}

/// Both labels open the system.
async fn all_open(client: &Client, system: &System) {
    for stage in ["ACSCurrent", "ACSPrevious"] {
        let (account, password, version) = login(client, stage).await;
        assert!(system.opens(&account, &password), "{stage}: {account} of {version}");
    }
}

#[tokio::test]
async fn one_account_gets_a_new_password() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "SingleUser", &[]).await;
    world.clock.advance(60);
    assert_eq!(rotate(&client, "v2").await, "ok");
    let (account, password, version) = login(&client, "ACSCurrent").await;
    assert_eq!((account.as_str(), version.as_str()), ("app", "v2"));
    assert!(system.opens("app", &password) && password.len() == 32);
    assert_eq!(login(&client, "ACSPrevious").await.1, "password-of-app");
    assert_eq!(described(&client, "LastRotationDate").await, "2027-01-15T08:01:00Z");
    // The same version again changes nothing, also after others.
    assert_eq!(rotate(&client, "v3").await, "ok");
    let before = system.log().len();
    for known in ["v1", "v2", "v3"] {
        assert_eq!(rotate(&client, known).await, "ok");
    }
    assert_eq!((system.log().len(), system.sets()), (before, 2));
    assert_eq!(login(&client, "ACSCurrent").await.2, "v3");
}

#[tokio::test]
async fn two_accounts_take_turns() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "DoubleUsers", &[]).await;
    for round in 0..25 {
        let current = login(&client, "ACSCurrent").await;
        assert_eq!(rotate(&client, &format!("r{round}")).await, "ok");
        let next = login(&client, "ACSCurrent").await;
        assert_ne!(current.0, next.0);
        assert_eq!(login(&client, "ACSPrevious").await, current, "what was in force still is what it was");
        all_open(&client, &system).await;
    }
    assert!(record(&client).await.versions.len() <= 10 && values(&client).await <= 10);
}

#[tokio::test]
async fn the_second_account_is_named_after_the_first() {
    let (world, system) = (World::new().await, System::new(&[("app", "p"), ("app_clone", "unknown")]));
    let client = client(&world, &system).await;
    let data = r#"{"Accounts":[{"AccountName":"app","AccountPassword":"p"}]}"#;
    let config = format!(r#"{{"SecretSubType":"DoubleUsers","DBInstanceId":"{ID}"}}"#);
    let params =
        [NAME, ("VersionId", "v1"), ("SecretType", "Rds"), ("SecretData", data), ("ExtendedConfig", &config)];
    client.ok("CreateSecret", &params).await;
    assert_eq!(rotate(&client, "v2").await, "ok");
    assert_eq!(login(&client, "ACSCurrent").await.0, "app_clone");
    all_open(&client, &system).await;
}

#[tokio::test]
async fn accounts_of_redis_are_made() {
    let (world, system) = (World::new().await, System::new(&[]));
    let client = client(&world, &system).await;
    let config = format!(
        r#"{{"SecretSubType":"DoubleUsers","InstanceId":"{ID}","RegionId":"cn-hangzhou","AccountName":"c","AccountPrivilege":"RoleReadOnly"}}"#
    );
    let params = [
        NAME,
        ("VersionId", "v1"),
        ("SecretType", "Redis"),
        ("SecretData", "$Auto"),
        ("ExtendedConfig", &config),
    ];
    client.ok("CreateSecret", &params).await;
    assert!(system.log().contains(&"create c RoleReadOnly".to_owned()), "{:?}", system.log());
    all_open(&client, &system).await;
    assert_eq!(due(&client).await, 0);
    assert_eq!(rotate(&client, "v2").await, "ok");
    all_open(&client, &system).await;
}

#[tokio::test]
async fn accounts_that_are_there_are_not_taken() {
    let (world, system) = (World::new().await, System::new(&[("root", "of somebody else")]));
    let client = client(&world, &system).await;
    let config = format!(
        r#"{{"SecretSubType":"DoubleUsers","InstanceId":"{ID}","RegionId":"cn-hangzhou","AccountName":"root","AccountPrivilege":"RoleReadWrite"}}"#
    );
    let params = [
        NAME,
        ("VersionId", "v1"),
        ("SecretType", "Redis"),
        ("SecretData", "$Auto"),
        ("ExtendedConfig", &config),
    ];
    client.ok("CreateSecret", &params).await;
    assert!(system.opens("root", "of somebody else"));
    assert_eq!(described(&client, "AutomaticRotation").await, "Invalid");
    // Nor does a secret with a guessed password give its maker the account.
    client.ok("DeleteSecret", &[NAME, ("ForceDeleteWithoutRecovery", "true")]).await;
    let config = format!(r#"{{"SecretSubType":"SingleUser","DBInstanceId":"{ID}"}}"#);
    let data = r#"{"Accounts":[{"AccountName":"root","AccountPassword":"guessed"}]}"#;
    let params =
        [NAME, ("VersionId", "v1"), ("SecretType", "Rds"), ("SecretData", data), ("ExtendedConfig", &config)];
    client.ok("CreateSecret", &params).await;
    assert_eq!(rotate(&client, "v2").await, "400 Rejected.UnsupportedOperation");
    assert!(system.opens("root", "of somebody else") && system.sets() == 0);
    assert_eq!(values(&client).await, 1, "nothing is left of it");
}

#[tokio::test]
async fn making_accounts_survives_a_crash() {
    let (world, system) = (World::new().await, System::new(&[]));
    let first = client(&world, &system).await;
    let config = format!(
        r#"{{"SecretSubType":"DoubleUsers","InstanceId":"{ID}","RegionId":"cn-hangzhou","AccountName":"c","AccountPrivilege":"RoleReadOnly"}}"#
    );
    system.fault(Place::LogIn, Fault::Hangs);
    let params = [
        NAME,
        ("VersionId", "v1"),
        ("SecretType", "Redis"),
        ("SecretData", "$Auto"),
        ("ExtendedConfig", &config),
    ];
    tokio::select! {
        _ = first.ok("CreateSecret", &params) => panic!("it hangs"),
        () = in_time(system.hangs(1)) => {}
    }
    system.mend();
    let second = engine(&world, &system).await;
    world.clock.advance(200);
    assert_eq!(second.engine.carry_out_due().await.unwrap(), 1);
    all_open(&second, &system).await;
    assert_eq!(due(&second).await, 0);
}

/// The process is gone at each place of a rotation; the next one finishes it, and with two accounts the login in force
/// works all the time.
#[tokio::test]
async fn a_crash_at_any_place_at_the_system_is_survived() {
    for sub_type in ["DoubleUsers", "SingleUser"] {
        for (place, proven) in [
            (Place::Set, false),
            (Place::Set, true),
            (Place::WasSet, false),
            (Place::WasSet, true),
            (Place::LogIn, false),
            (Place::LogIn, true),
        ] {
            let (world, system) = (World::new().await, System::new(ACCOUNTS));
            let first = client(&world, &system).await;
            create(&first, sub_type, &[]).await;
            let mut version = "v1".to_owned();
            if proven {
                for id in ["p1", "p2"] {
                    assert_eq!(rotate(&first, id).await, "ok");
                    version = id.to_owned();
                }
            }
            system.fault(place, Fault::Hangs);
            tokio::select! {
                outcome = rotate(&first, "v2") => panic!("{place:?}: {outcome}"),
                () = in_time(system.hangs(1)) => {}
            }
            system.mend();
            let second = engine(&world, &system).await;
            let (account, password, current) = login(&second, "ACSCurrent").await;
            assert_eq!(current, version, "{place:?}");
            if sub_type == "DoubleUsers" {
                assert!(system.opens(&account, &password), "{place:?}: the login in force works");
            }
            // Nobody else touches it while the lease of the first may run; then it is finished.
            assert_eq!(second.engine.carry_out_due().await.unwrap(), 0, "{place:?}");
            assert_eq!(rotate(&second, "other").await, "409 Rejected.ResourceInUse", "{place:?}");
            world.clock.advance(151);
            assert_eq!(second.engine.carry_out_due().await.unwrap(), 1, "{place:?}");
            let (account, password, current) = login(&second, "ACSCurrent").await;
            assert_eq!(current, "v2", "{place:?}");
            assert!(system.opens(&account, &password), "{place:?}");
            if sub_type == "DoubleUsers" {
                all_open(&second, &system).await;
            }
            assert_eq!(due(&second).await, 0, "{place:?}");
            // The first one wakes up, and does no harm.
            assert_eq!(rotate(&second, "v2").await, "ok");
        }
    }
}

/// The answer of a commit is lost, before and after it happened.
#[tokio::test]
async fn a_crash_at_any_commit_is_survived() {
    for (commit, moment) in [(1, Moment::Before), (1, Moment::After), (2, Moment::Before), (2, Moment::After)]
    {
        let (world, system) = (World::new().await, System::new(ACCOUNTS));
        let first = client(&world, &system).await;
        create(&first, "DoubleUsers", &[]).await;
        let faulty = FaultyStore::new(world.store.clone());
        let shaky = world.rotating_client(faulty.clone(), Arc::new(system.clone())).await;
        faulty.fail_commit(commit, moment);
        assert_eq!(rotate(&shaky, "v2").await, "500 InternalFailure", "{commit} {moment:?}");
        let (account, password, _) = login(&first, "ACSCurrent").await;
        assert!(system.opens(&account, &password), "{commit} {moment:?}");
        world.clock.advance(151);
        first.engine.carry_out_due().await.unwrap();
        assert_eq!(rotate(&first, "v2").await, "ok", "{commit} {moment:?}");
        assert_eq!(login(&first, "ACSCurrent").await.2, "v2");
        all_open(&first, &system).await;
        assert_eq!((due(&first).await, system.sets()), (0, 1), "{commit} {moment:?}");
    }
}

#[tokio::test]
async fn a_new_password_that_does_not_work_is_taken_back() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "SingleUser", &[]).await;
    assert_eq!(rotate(&client, "v2").await, "ok");
    system.fault(Place::LogIn, Fault::Fails(DriverError::refused("no")));
    assert_eq!(rotate(&client, "v3").await, "400 Rejected.UnsupportedOperation");
    let (_, password, version) = login(&client, "ACSCurrent").await;
    assert_eq!(version, "v2");
    assert!(system.opens("app", &password), "the old one is in force again");
    assert_eq!((described(&client, "AutomaticRotation").await, due(&client).await), ("Invalid".into(), 0));
    system.mend();
    assert_eq!(rotate(&client, "v3").await, "ok");
    assert_eq!(described(&client, "AutomaticRotation").await, "Disabled");
}

#[tokio::test]
async fn failures_have_their_codes_and_show() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "DoubleUsers", &[("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")]).await;
    for (error, outcome, invalid) in [
        (DriverError::unavailable("down"), "503 ServiceUnavailableTemporary", false),
        (DriverError::unknown("lost"), "500 InternalFailure", false),
        (DriverError::refused("no"), "500 InternalFailure", true),
    ] {
        system.fault(Place::Set, Fault::Fails(error));
        assert_eq!(rotate(&client, "v2").await, outcome);
        let shown = if invalid { "Invalid" } else { "Enabled" };
        assert_eq!(described(&client, "AutomaticRotation").await, shown, "{outcome}");
    }
    system.mend();
    // Another version may be asked for while one waits; it takes its place.
    assert_eq!(rotate(&client, "v3").await, "ok");
    assert_eq!(login(&client, "ACSCurrent").await.2, "v3");
    assert_eq!((values(&client).await, due(&client).await), (3, 1), "nothing of v2, and the plan");
    assert_eq!(described(&client, "AutomaticRotation").await, "Enabled");
}

#[tokio::test]
async fn planned_rotations_come_in_time_and_failures_wait() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "DoubleUsers", &[("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")]).await;
    world.clock.advance(7 * DAY - 1);
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 0);
    world.clock.advance(1);
    // A new engine knows of it too, and two do it once.
    let other = engine(&world, &system).await;
    let (one, two) = tokio::join!(client.engine.carry_out_due(), other.engine.carry_out_due());
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(system.sets(), 1);
    assert_eq!(described(&client, "NextRotationDate").await, "2027-01-29T08:00:00Z");
    all_open(&client, &system).await;

    world.clock.advance(7 * DAY);
    system.fault(Place::Set, Fault::Fails(DriverError::unavailable("down")));
    let mut waits = Vec::new();
    for _ in 0..12 {
        client.engine.carry_out_due().await.unwrap();
        assert_eq!(due(&client).await, 1);
        let next = record(&client).await.rotation.unwrap().next.unwrap();
        waits.push(next.0 - client.engine.now().0);
        world.clock.advance(next.0 - client.engine.now().0);
    }
    assert_eq!(waits[..5], [60, 120, 240, 480, 960]);
    assert_eq!(waits[11], 6 * 3600);
    assert_eq!(described(&client, "AutomaticRotation").await, "Invalid");
    system.mend();
    client.engine.carry_out_due().await.unwrap();
    assert_eq!(described(&client, "AutomaticRotation").await, "Enabled");
    assert_eq!((system.sets(), due(&client).await), (2, 1));
    assert_eq!(record(&client).await.rotation.unwrap().last_error, None);
}

#[tokio::test]
async fn many_callers_rotate_once() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "DoubleUsers", &[]).await;
    let other = engine(&world, &system).await;
    let callers = (0..16).map(|n| {
        let client = if n % 2 == 0 { client.clone() } else { other.clone() };
        tokio::spawn(async move { rotate(&client, "v2").await })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(in_time(caller).await.unwrap(), "ok");
    }
    assert_eq!(system.sets(), 1);
    all_open(&client, &system).await;
}

#[tokio::test]
async fn who_hangs_up_does_not_stop_a_rotation() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "DoubleUsers", &[]).await;
    {
        let call = rotate(&client, "v2");
        tokio::pin!(call);
        // Polled until the first commit is under way, and dropped.
        while system.log().is_empty() {
            tokio::select! { biased; _ = &mut call => break, () = tokio::task::yield_now() => {} }
        }
    }
    in_time(async {
        while login(&client, "ACSCurrent").await.2 != "v2" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(rotate(&client, "v2").await, "ok");
    assert_eq!(system.sets(), 1);
}

#[tokio::test]
async fn what_cannot_be_rotated_is_refused() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    let ram = r#"{"SecretSubType":"RamUserAccessKey","UserName":"bob"}"#;
    let keys = r#"{"AccessKeys":[{"AccessKeyId":"LTAI5tA","AccessKeySecret":"x"}]}"#;
    let elsewhere = r#"{"SecretSubType":"SingleUser","DBInstanceId":"rm-unknown"}"#;
    let data = r#"{"Accounts":[{"AccountName":"a","AccountPassword":"b"}]}"#;
    let (v1, v2) = (("VersionId", "v1"), ("VersionId", "v2"));
    let unsupported = "400 Rejected.UnsupportedOperation";
    check(
        &client,
        &[
            ("CreateSecret", &[("SecretName", "g"), v1, ("SecretData", "x")], "ok"),
            ("RotateSecret", &[("SecretName", "g"), v2], unsupported),
            (
                "UpdateSecretRotationPolicy",
                &[("SecretName", "g"), ("EnableAutomaticRotation", "false")],
                unsupported,
            ),
            ("RotateSecret", &[("SecretName", "none"), v2], "404 Forbidden.ResourceNotFound"),
            (
                "CreateSecret",
                &[
                    ("SecretName", "$Auto"),
                    v1,
                    ("SecretType", "RAMCredentials"),
                    ("SecretData", keys),
                    ("ExtendedConfig", ram),
                ],
                "ok",
            ),
            ("RotateSecret", &[("SecretName", "acs/ram/user/bob"), v2], unsupported),
            (
                "CreateSecret",
                &[NAME, v1, ("SecretType", "Rds"), ("SecretData", data), ("ExtendedConfig", elsewhere)],
                "ok",
            ),
            ("RotateSecret", &[NAME, v2], unsupported),
            ("RotateSecret", &[NAME, ("VersionId", "")], "400 InvalidParameter VersionId"),
            (
                "UpdateSecretRotationPolicy",
                &[NAME, ("EnableAutomaticRotation", "true")],
                "400 MissingParameter",
            ),
            (
                "UpdateSecretRotationPolicy",
                &[NAME, ("EnableAutomaticRotation", "true"), ("RotationInterval", "5h")],
                "400 InvalidParameter RotationInterval",
            ),
            (
                "UpdateSecretRotationPolicy",
                &[NAME, ("EnableAutomaticRotation", "true"), ("RotationInterval", "6h")],
                "ok",
            ),
            (
                "UpdateSecretRotationPolicy",
                &[NAME, ("EnableAutomaticRotation", "true")],
                "400 MissingParameter",
            ),
        ],
    )
    .await;
    assert_eq!(described(&client, "AutomaticRotation").await, "Enabled");
    world.clock.advance(6 * 3600);
    client.engine.carry_out_due().await.unwrap();
    assert_eq!(described(&client, "AutomaticRotation").await, "Invalid");
    let off = [NAME, ("EnableAutomaticRotation", "false")];
    client.ok("UpdateSecretRotationPolicy", &off).await;
    assert_eq!((described(&client, "AutomaticRotation").await, due(&client).await), ("Disabled".into(), 0));
    client.ok("DeleteSecret", &[NAME]).await;
    check(
        &client,
        &[
            ("RotateSecret", &[NAME, v2], "409 Rejected.ResourceInDeleteWindow"),
            ("UpdateSecretRotationPolicy", &off, "409 Rejected.ResourceInDeleteWindow"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_plan_that_is_past_starts_at_once_and_goes_with_the_secret() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "DoubleUsers", &[]).await;
    world.clock.advance(30 * DAY);
    let on = [NAME, ("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")];
    client.ok("UpdateSecretRotationPolicy", &on).await;
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 1);
    assert_eq!((system.sets(), due(&client).await), (1, 1));
    client.ok("DeleteSecret", &[NAME, ("ForceDeleteWithoutRecovery", "true")]).await;
    assert_eq!(due(&client).await, 0);
}

#[tokio::test]
async fn a_plan_goes_on_when_the_secret_is_restored() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "DoubleUsers", &[("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")]).await;
    client.ok("DeleteSecret", &[NAME]).await;
    world.clock.advance(8 * DAY);
    client.engine.carry_out_due().await.unwrap();
    assert_eq!(system.sets(), 0, "nothing is rotated inside the window");
    client.ok("RestoreSecret", &[NAME]).await;
    client.engine.carry_out_due().await.unwrap();
    assert_eq!((system.sets(), due(&client).await), (1, 1));
}

/// A key that is disabled lets no value be written, and nothing is changed at the system.
#[tokio::test]
async fn a_disabled_key_stops_rotation() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    let key = client.key().await;
    create(&client, "DoubleUsers", &[("EncryptionKeyId", &key)]).await;
    client.ok("DisableKey", &[("KeyId", &key)]).await;
    assert_eq!(rotate(&client, "v2").await, "409 Rejected.Disabled");
    assert_eq!(system.log(), Vec::<String>::new());
    // A planned rotation waits, and says why.
    let on = [NAME, ("EnableAutomaticRotation", "true"), ("RotationInterval", "6h")];
    client.ok("UpdateSecretRotationPolicy", &on).await;
    world.clock.advance(DAY);
    client.engine.carry_out_due().await.unwrap();
    let rotation = record(&client).await.rotation.unwrap();
    assert!(rotation.last_error.unwrap().contains("Rejected.Disabled"));
    assert_eq!((rotation.next, rotation.failures), (Some(client.engine.now().plus(60)), 1));
    client.ok("EnableKey", &[("KeyId", &key)]).await;
    assert_eq!(rotate(&client, "v2").await, "ok");
    all_open(&client, &system).await;
}

#[tokio::test]
async fn a_wrong_administrators_login_changes_nothing() {
    let (world, system) = (World::new().await, System::new(ACCOUNTS));
    let client = client(&world, &system).await;
    create(&client, "DoubleUsers", &[]).await;
    client.ok("PutSecretValue", &[("SecretName", ADMIN), ("VersionId", "2"), ("SecretData", "wrong")]).await;
    assert_eq!(rotate(&client, "v2").await, "400 Rejected.UnsupportedOperation");
    client.ok("DeleteSecret", &[("SecretName", ADMIN)]).await;
    assert_eq!(rotate(&client, "v2").await, "400 Rejected.UnsupportedOperation");
    assert_eq!(system.sets(), 0);
    assert_eq!(login(&client, "ACSCurrent").await.2, "v1");
}

#[tokio::test]
async fn hosts_get_new_passwords_and_key_pairs() {
    let (world, system) = (World::new().await, System::new(&[("ecs-user", "old")]));
    let client = client(&world, &system).await;
    let config = format!(r#"{{"SecretSubType":"Password","RegionId":"cn-hangzhou","InstanceId":"{ID}"}}"#);
    let host = ("SecretName", "acs/ecs/host");
    let data = r#"{"UserName":"ecs-user","Password":"old"}"#;
    let params =
        [host, ("VersionId", "v1"), ("SecretType", "ECS"), ("SecretData", data), ("ExtendedConfig", &config)];
    client.ok("CreateSecret", &params).await;
    client.ok("RotateSecret", &[host, ("VersionId", "v2")]).await;
    let answer = client.ok("GetSecretValue", &[host]).await;
    let value: Value = serde_json::from_str(answer["SecretData"].as_str().unwrap()).unwrap();
    assert!(system.opens("ecs-user", value["Password"].as_str().unwrap()));
}
