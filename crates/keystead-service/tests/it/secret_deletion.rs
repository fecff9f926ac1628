//! DeleteSecret, RestoreSecret, and the end of a deletion window.

use keystead_store::Range;
use keystead_store::faulty::{FaultyStore, Moment};

use crate::harness::{Client, PATIENT, World, check};
use crate::secret_types::one_of_each;
use crate::secrets::{create, expected, put, read};

const DAY: i64 = 86_400;
const IN_WINDOW: &str = "409 Rejected.ResourceInDeleteWindow";
const NOT_FOUND: &str = "404 Forbidden.ResourceNotFound";

/// How many records of secrets there are, and of due work.
async fn left(client: &Client) -> [u64; 3] {
    let count = async |prefix| client.engine.store().count(Range::prefix(prefix)).await.unwrap();
    [count("secret/").await, count("secret-value/").await, count("due/").await]
}

#[tokio::test]
async fn windows() {
    let world = World::new().await;
    let client = world.client().await;
    let (days, force) = ("RecoveryWindowInDays", "ForceDeleteWithoutRecovery");
    let bad = "400 InvalidParameter RecoveryWindowInDays";
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[(days, "6")], bad),
        (&[(days, "31")], bad),
        (&[(days, "x")], bad),
        (&[(days, "7"), (force, "true")], bad),
        (&[(force, "x")], "400 InvalidParameter ForceDeleteWithoutRecovery"),
    ];
    create(&client, "s").await;
    for (params, expected) in rows {
        let params = [&[("SecretName", "s")], *params].concat();
        check(&client, &[("DeleteSecret", &params, expected), ("GetSecretValue", &params, "ok")]).await;
    }
    let all: [(&[(&str, &str)], &str); 5] = [
        (&[(days, "7")], "2027-01-22T08:00:00Z"),
        (&[(days, "30"), (force, "false")], "2027-02-14T08:00:00Z"),
        (&[], "2027-02-14T08:00:00Z"),
        (&[(days, "")], "2027-02-14T08:00:00Z"),
        (&[(force, "true")], "2027-01-15T08:00:00Z"),
    ];
    for (number, (params, planned)) in all.into_iter().enumerate() {
        let name = format!("s{number}");
        create(&client, &name).await;
        let params = [&[("SecretName", name.as_str())], params].concat();
        let answer = client.ok("DeleteSecret", &params).await;
        assert_eq!(
            (answer["SecretName"].as_str(), answer["PlannedDeleteTime"].as_str()),
            (Some(&*name), Some(planned))
        );
    }
    check(&client, &[("DeleteSecret", &[("SecretName", "none")], NOT_FOUND)]).await;
}

#[tokio::test]
async fn inside_the_window() {
    let world = World::new().await;
    let client = world.client().await;
    create(&client, "s").await;
    put(&client, "s", "v2", "two").await;
    let name = ("SecretName", "s");
    check(&client, &[("RestoreSecret", &[name], "409 Rejected.ResourceInUse")]).await;
    client.ok("DeleteSecret", &[name, ("RecoveryWindowInDays", "7")]).await;
    let put_three = [name, ("VersionId", "v3"), ("SecretData", "three")];
    let stage = [name, ("VersionStage", "x"), ("MoveToVersion", "v1")];
    check(
        &client,
        &[
            ("GetSecretValue", &[name], IN_WINDOW),
            ("PutSecretValue", &put_three, IN_WINDOW),
            ("CreateSecret", &put_three, IN_WINDOW),
            ("UpdateSecret", &[name, ("Description", "d")], IN_WINDOW),
            ("UpdateSecretVersionStage", &stage, IN_WINDOW),
            ("DeleteSecret", &[name], IN_WINDOW),
            // What can be brought back is not destroyed by the way: it is restored first.
            ("DeleteSecret", &[name, ("ForceDeleteWithoutRecovery", "true")], IN_WINDOW),
            ("DescribeSecret", &[name], "ok"),
            ("ListSecretVersionIds", &[name], "ok"),
        ],
    )
    .await;
    let answer = client.ok("ListSecrets", &[]).await;
    assert_eq!(answer["SecretList"]["Secret"][0]["PlannedDeleteTime"], "2027-01-22T08:00:00Z");
    // The worker has nothing to do yet, and a restored secret is not its business at all.
    world.clock.advance(7 * DAY - 1);
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 0);
    assert_eq!(client.ok("RestoreSecret", &[name]).await["SecretName"], "s");
    world.clock.advance(DAY);
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 0);
    assert_eq!(read(&client, &[name]).await, expected("v2", "two", &["ACSCurrent"]));
    assert_eq!(client.ok("DescribeSecret", &[name]).await.get("PlannedDeleteTime"), None);
    assert_eq!(left(&client).await, [1, 2, 0]);
}

#[tokio::test]
async fn after_the_window() {
    let world = World::new().await;
    let clients = [world.client().await, world.client().await];
    let client = &clients[0];
    for name in ["a", "b", "kept"] {
        create(client, name).await;
        put(client, name, "v2", "two").await;
    }
    for name in ["a", "b"] {
        client.ok("DeleteSecret", &[("SecretName", name), ("RecoveryWindowInDays", "7")]).await;
    }
    // Gone at once, also while no worker has run yet.
    world.clock.advance(7 * DAY);
    for client in &clients {
        for operation in
            ["GetSecretValue", "DescribeSecret", "RestoreSecret", "DeleteSecret", "ListSecretVersionIds"]
        {
            check(client, &[(operation, &[("SecretName", "a")], NOT_FOUND)]).await;
        }
        assert_eq!(client.ok("ListSecrets", &[]).await["TotalCount"], 1);
    }
    assert_eq!(left(client).await, [3, 6, 2]);
    // The name is free; what lay under it goes with the new one's creation.
    create(&clients[1], "a").await;
    assert_eq!(left(client).await, [3, 5, 1]);
    check(client, &[("GetSecretValue", &[("SecretName", "a"), ("VersionId", "v2")], NOT_FOUND)]).await;
    // Both workers at once do it once.
    let (one, two) = tokio::join!(clients[0].engine.carry_out_due(), clients[1].engine.carry_out_due());
    assert!(one.unwrap() + two.unwrap() >= 1);
    assert_eq!(left(client).await, [2, 3, 0]);
    assert_eq!(read(client, &[("SecretName", "a")]).await, expected("v1", "one", &["ACSCurrent"]));
    assert_eq!(read(client, &[("SecretName", "kept")]).await.0, "v2");
}

/// A window that is over, and the same name with a window of its own: the old entry of due work harms nothing.
#[tokio::test]
async fn an_old_entry_does_not_delete_a_new_secret() {
    let world = World::new().await;
    let client = world.client().await;
    create(&client, "s").await;
    client.ok("DeleteSecret", &[("SecretName", "s"), ("RecoveryWindowInDays", "7")]).await;
    let due = client.engine.store().scan(Range::prefix("due/"), None, 10).await.unwrap();
    world.clock.advance(7 * DAY);
    create(&client, "s").await;
    // As if the entry had been left behind.
    let mut batch = keystead_store::Batch::new();
    batch.put(due[0].key.as_str(), due[0].kind.as_str(), due[0].format, due[0].value.clone());
    client.engine.store().commit(batch).await.unwrap();
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 1);
    assert_eq!(left(&client).await, [1, 1, 0]);
    assert_eq!(read(&client, &[("SecretName", "s")]).await.1, "one");
}

#[tokio::test]
async fn forced_deletion_frees_the_name_and_leaves_nothing() {
    let world = World::new().await;
    let client = world.client().await;
    let on = [("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")];
    for (kind, name, config, data) in one_of_each() {
        let config = config.to_string();
        let params = [
            ("SecretType", kind),
            ("SecretName", name),
            ("VersionId", "v1"),
            ("ExtendedConfig", &config),
            ("SecretData", &data),
        ];
        let params = [&params[..], &on].concat();
        for _ in 0..2 {
            client.ok("CreateSecret", &params).await;
            client.ok("DeleteSecret", &[("SecretName", name), ("ForceDeleteWithoutRecovery", "true")]).await;
            check(&client, &[("GetSecretValue", &[("SecretName", name)], NOT_FOUND)]).await;
        }
    }
    create(&client, "s").await;
    for i in 2..=12 {
        put(&client, "s", &format!("v{i}"), "x").await;
    }
    client.ok("DeleteSecret", &[("SecretName", "s"), ("ForceDeleteWithoutRecovery", "true")]).await;
    assert_eq!(left(&client).await[..2], [0, 0]);
    // Entries of rotations that had begun are stale; they are removed when their time has come.
    world.clock.advance(1);
    client.engine.carry_out_due().await.unwrap();
    assert_eq!(left(&client).await, [0, 0, 0]);
}

/// The store fails at each commit of deleting a name and giving it away again, before the commit and after it: what is
/// there then is the old secret whole, the new one whole, or neither; and the same again ends well.
#[tokio::test]
async fn a_failing_store_leaves_one_secret_whole() {
    for (number, moment) in [(1, Moment::Before), (1, Moment::After), (2, Moment::Before), (2, Moment::After)]
    {
        let world = World::new().await;
        let faulty = FaultyStore::new(world.store.clone());
        let client = world.client_over(faulty.clone(), PATIENT).await;
        create(&client, "s").await;
        put(&client, "s", "v2", "two").await;
        let force = [("SecretName", "s"), ("ForceDeleteWithoutRecovery", "true")];
        let new = [("SecretName", "s"), ("VersionId", "new"), ("SecretData", "new")];
        faulty.fail_commit(number, moment);
        let mut ended = vec![client.outcome("DeleteSecret", &force).await];
        if ended[0] == "ok" {
            ended.push(client.outcome("CreateSecret", &new).await);
        }
        assert_eq!(ended.last().unwrap(), "500 InternalFailure", "{number} {moment:?}");
        let happened = moment == Moment::After;
        let expected = match (number, happened) {
            (1, false) => [1, 2, 0],
            (2, true) => [1, 1, 0],
            _ => [0, 0, 0],
        };
        // Another engine starts from what the store holds.
        let client = world.client().await;
        assert_eq!(left(&client).await, expected, "{number} {moment:?}");
        let value = client.call("GetSecretValue", &[("SecretName", "s")]).await;
        let value = value.ok().map(|answer| answer["SecretData"].as_str().unwrap().to_owned());
        let wanted = match expected[0] {
            0 => None,
            _ if number == 1 => Some("two"),
            _ => Some("new"),
        };
        assert_eq!(value.as_deref(), wanted, "{number} {moment:?}");
        let _ = client.call("DeleteSecret", &force).await;
        client.ok("CreateSecret", &new).await;
        assert_eq!(left(&client).await, [1, 1, 0]);
    }
}
