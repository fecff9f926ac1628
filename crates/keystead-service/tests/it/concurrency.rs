//! Many at once on the same records.

use std::collections::HashSet;

use keystead_service::records::{KeyRecord, path};
use serde_json::json;

use crate::harness::{Client, World, in_time, outcome, text};

const TASKS: usize = 32;

/// Runs a call in every task at once, spread over two engines, and collects how they ended, in the tasks' order.
async fn all_at_once<F>(clients: &[Client], call: impl Fn(usize, Client) -> F) -> Vec<String>
where
    F: Future<Output = String> + Send + 'static,
{
    let start = |number: usize| tokio::spawn(call(number, clients[number % clients.len()].clone()));
    let tasks: Vec<_> = (0..TASKS).map(start).collect();
    let mut ended = Vec::new();
    for task in tasks {
        ended.push(in_time(task).await.unwrap());
    }
    ended
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn puts_of_one_secret() {
    let world = World::new().await;
    let clients = [world.client().await, world.client().await];
    let params = [("SecretName", "s"), ("VersionId", "first"), ("SecretData", "x")];
    clients[0].ok("CreateSecret", &params).await;
    let ended = all_at_once(&clients, |number, client| async move {
        let (version, value) = (format!("v{number}"), format!("value {number}"));
        let params = [("SecretName", "s"), ("VersionId", &version), ("SecretData", &value)];
        client.outcome("PutSecretValue", &params).await
    })
    .await;
    assert!(ended.iter().all(|end| end == "ok"), "{ended:?}");

    let (mut kept, mut current, mut previous) = (0, 0, 0);
    for number in 0..TASKS {
        let version = format!("v{number}");
        let params = [("SecretName", "s"), ("VersionId", version.as_str())];
        let Ok(answer) = clients[1].call("GetSecretValue", &params).await else { continue };
        assert_eq!(text(&answer["SecretData"]), format!("value {number}"));
        let stages: HashSet<String> =
            answer["VersionStages"]["VersionStage"].as_array().unwrap().iter().map(text).collect();
        kept += 1;
        current += usize::from(stages.contains("ACSCurrent"));
        previous += usize::from(stages.contains("ACSPrevious"));
    }
    assert_eq!((kept, current, previous), (10, 1, 1));
    let values = keystead_store::Range::prefix("secret-value/");
    assert_eq!(world.store.count(values).await.unwrap(), 10);
}

/// The same request sent many times at once is one request.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_put_sent_many_times() {
    let world = World::new().await;
    let clients = [world.client().await, world.client().await];
    let params = [("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "one")];
    clients[0].ok("CreateSecret", &params).await;
    let ended = all_at_once(&clients, |_, client| async move {
        let params = [("SecretName", "s"), ("VersionId", "v2"), ("SecretData", "two")];
        client.outcome("PutSecretValue", &params).await
    })
    .await;
    assert!(ended.iter().all(|end| end == "ok"), "{ended:?}");
    let previous = [("SecretName", "s"), ("VersionStage", "ACSPrevious")];
    assert_eq!(text(&clients[0].ok("GetSecretValue", &previous).await["VersionId"]), "v1");
}

/// Puts, deletions by force and creations of one name at once: whatever is left in the end is whole, and nothing else is.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deletions_among_puts() {
    let world = World::new().await;
    let clients = [world.client().await, world.client().await];
    let ended = all_at_once(&clients, |number, client| async move {
        for round in 0..8 {
            let (version, value) = (format!("v{number}-{round}"), format!("value {number} {round}"));
            let name = ("SecretName", "s");
            let value_of = [name, ("VersionId", &*version), ("SecretData", &*value)];
            let (operation, params, refused) = match (number + round) % 4 {
                0 => ("CreateSecret", &value_of[..], "409 Rejected.ResourceExist"),
                1 => {
                    let force = [name, ("ForceDeleteWithoutRecovery", "true")];
                    let end = client.outcome("DeleteSecret", &force).await;
                    if end != "ok" && end != "404 Forbidden.ResourceNotFound" {
                        return end;
                    }
                    continue;
                }
                _ => ("PutSecretValue", &value_of[..], "404 Forbidden.ResourceNotFound"),
            };
            let end = client.outcome(operation, params).await;
            if end != "ok" && end != refused {
                return end;
            }
        }
        "ok".to_owned()
    })
    .await;
    assert!(ended.iter().all(|end| end == "ok"), "{ended:?}");

    let count = async |prefix| world.store.count(keystead_store::Range::prefix(prefix)).await.unwrap();
    let all = [("SecretName", "s"), ("IncludeDeprecated", "true")];
    let left = clients[1].call("ListSecretVersionIds", &all).await.ok();
    assert_eq!(count("secret/").await, u64::from(left.is_some()));
    let versions = left.map(|answer| answer["VersionIds"]["VersionId"].as_array().unwrap().clone());
    let versions = versions.unwrap_or_default();
    assert_eq!(count("secret-value/").await, versions.len() as u64);
    for version in versions {
        let version = text(&version["VersionId"]);
        let params = [("SecretName", "s"), ("VersionId", version.as_str())];
        let value = text(&clients[0].ok("GetSecretValue", &params).await["SecretData"]);
        assert_eq!(value, version.replace('v', "value ").replace('-', " "));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_name_is_given_once() {
    let world = World::new().await;
    let clients = [world.client().await, world.client().await];
    let mut keys = Vec::new();
    for _ in 0..TASKS {
        keys.push(clients[0].key().await);
    }
    let of_task = keys.clone();
    let ended = all_at_once(&clients, |number, client| {
        let key = of_task[number].clone();
        async move { client.outcome("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await }
    })
    .await;
    let winners: Vec<_> = ended.iter().enumerate().filter(|(_, end)| *end == "ok").collect();
    assert_eq!(winners.len(), 1, "{ended:?}");
    assert_eq!(ended.iter().filter(|end| *end == "400 AliasAlreadyExists").count(), TASKS - 1);
    for client in &clients {
        let answer = client.ok("DescribeKey", &[("KeyId", "alias/a")]).await;
        assert_eq!(answer["KeyMetadata"]["KeyId"], json!(keys[winners[0].0]));
        assert_eq!(client.ok("ListAliases", &[]).await["TotalCount"], 1);
    }

    let ended = all_at_once(&clients, |number, client| async move {
        let value = format!("value {number}");
        let params = [("SecretName", "s"), ("VersionId", "v"), ("SecretData", &value)];
        client.outcome("CreateSecret", &params).await
    })
    .await;
    let winner = ended.iter().position(|end| end == "ok").unwrap();
    assert_eq!(ended.iter().filter(|end| *end == "409 Rejected.ResourceExist").count(), TASKS - 1);
    let value = text(&clients[1].ok("GetSecretValue", &[("SecretName", "s")]).await["SecretData"]);
    assert_eq!(value, format!("value {winner}"));
    // The losers left no values behind.
    assert_eq!(world.store.count(keystead_store::Range::prefix("secret-value/")).await.unwrap(), 1);
}

/// Many aliases of one key at once: each commit depends on the key's record, and none may be starved.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_names_of_one_key() {
    let world = World::new().await;
    let clients = [world.client().await, world.client().await];
    let key = clients[0].key().await;
    let ended = all_at_once(&clients, |number, client| {
        let key = key.clone();
        async move {
            let name = format!("alias/a{number}");
            client.outcome("CreateAlias", &[("AliasName", &name), ("KeyId", &key)]).await
        }
    })
    .await;
    assert!(ended.iter().all(|end| end == "ok"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_of_switches_ends_in_one_state() {
    let world = World::new().await;
    let clients = [world.client().await, world.client().await];
    let key = clients[0].key().await;
    let blob = clients[0].encrypt(&key, "x").await;
    let ended = all_at_once(&clients, |number, client| {
        let (key, blob) = (key.clone(), blob.clone());
        async move {
            for round in 0..10 {
                let operation = if (number + round) % 2 == 0 { "EnableKey" } else { "DisableKey" };
                let switched = client.call(operation, &[("KeyId", &key)]).await;
                let used = client.outcome("Decrypt", &[("CiphertextBlob", &blob)]).await;
                if switched.is_err() || (used != "ok" && used != "409 Rejected.Disabled") {
                    return format!("{} {used}", outcome(&switched));
                }
            }
            "ok".to_owned()
        }
    })
    .await;
    assert!(ended.iter().all(|end| end == "ok"), "{ended:?}");

    let mut states = HashSet::new();
    for client in &clients {
        let described = client.ok("DescribeKey", &[("KeyId", &key)]).await;
        states.insert(text(&described["KeyMetadata"]["KeyState"]));
    }
    let [state] = states.into_iter().collect::<Vec<_>>().try_into().unwrap();
    let expected = if state == "Enabled" { "ok" } else { "409 Rejected.Disabled" };
    for client in &clients {
        assert_eq!(client.outcome("Decrypt", &[("CiphertextBlob", &blob)]).await, expected);
    }
    // Every change of the record was made on the one before it: each counted on, none was written over.
    let at = path::key(clients[0].account(), &key);
    let changes = world.store.changes(0, 10_000).await.unwrap();
    let written = changes.entries.iter().filter(|change| change.key == at).count();
    let record = world.store.get(&at).await.unwrap().unwrap();
    let record: KeyRecord = serde_json::from_slice(&record.value).unwrap();
    assert_eq!(record.state_epoch, written as u64 - 1);

    for client in &clients {
        client.ok("EnableKey", &[("KeyId", &key)]).await;
        assert_eq!(client.outcome("Decrypt", &[("CiphertextBlob", &blob)]).await, "ok");
    }
}
