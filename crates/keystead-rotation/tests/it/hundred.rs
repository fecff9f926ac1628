//! A client that logs in with the value in force, in a loop, through a hundred rotations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::harness::{ADMIN_SECRET, World};
use crate::servers::{self, mariadb_client, psql, redis_client, redis_saved};

const ROTATIONS: usize = 100;
const NAME: &str = "app/login";

fn target(kind: &str, server: &servers::Server) -> Value {
    json!({"db": {"kind": kind, "address": server.address(), "admin_secret": ADMIN_SECRET, "timeout_seconds": 12}})
}

/// Each rotation starts when the client has logged in with the newest value. Not one login fails.
async fn a_hundred_rotations(world: &World) {
    let newest = Arc::new(watch::Sender::new(String::new()));
    let (stop, logins) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let client = {
        let (world, newest, stop, logins) = (world.clone(), newest.clone(), stop.clone(), logins.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let (account, password, version) = world.login(NAME, "ACSCurrent").await;
                if let Err(error) = world.log_in("db", &account, &password).await {
                    panic!("{account} of {version}: {error}");
                }
                logins.fetch_add(1, Ordering::SeqCst);
                newest.send_replace(version);
            }
        })
    };
    let mut seen = newest.subscribe();
    for n in 1..=ROTATIONS {
        let version = format!("v{n}");
        assert_eq!(world.rotate(NAME, &version).await, "ok", "{version}");
        // A client that failed is gone; then this says so instead of waiting.
        tokio::select! {
            there = seen.wait_for(|newest| *newest == version) => drop(there.unwrap()),
            () = async { while !client.is_finished() { tokio::time::sleep(std::time::Duration::from_millis(50)).await } } => break,
        }
    }
    stop.store(true, Ordering::SeqCst);
    client.await.unwrap();
    println!("{} logins through {ROTATIONS} rotations", logins.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let roles = "CREATE ROLE app_a LOGIN PASSWORD 'first-a'; CREATE ROLE app_b LOGIN PASSWORD 'first-b'; \
                 CREATE ROLE one LOGIN PASSWORD 'first-one';";
    let Some(server) = servers::postgres(roles) else { return };
    let world = World::new(target("postgres", &server)).await;
    world.create_rds(NAME, &[("app_a", "first-a"), ("app_b", "first-b")]).await;
    a_hundred_rotations(&world).await;
    for stage in ["ACSCurrent", "ACSPrevious"] {
        let (account, password, _) = world.login(NAME, stage).await;
        assert!(psql(&server, &account, &password, "SELECT 1"), "{stage}");
        assert!(!psql(&server, &account, "first-a", "SELECT 1"));
    }
    world.create_rds("one", &[("one", "first-one")]).await;
    assert_eq!(world.rotate("one", "v1").await, "ok");
    assert!(psql(&server, "one", &world.login("one", "ACSCurrent").await.1, "SELECT 1"));
    assert!(!psql(&server, "one", "first-one", "SELECT 1"), "the old password is gone");
    // PolarDB: both accounts are made, and the second one has what is granted to the first.
    let config = json!({"SecretSubType": "DoubleUsers", "RegionId": "r", "DBClusterId": "db",
        "DBType": "PostgreSQL", "AccountName": "made", "AccountType": "Normal"});
    world.create("polar", "PolarDB", "$Auto", &config).await.unwrap();
    let (_, password, _) = world.login("polar", "ACSPrevious").await;
    assert!(psql(&server, "made_clone", &password, "SET ROLE made"));
    assert_eq!(world.rotate("polar", "v1").await, "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let users = "CREATE USER 'app_a'@'%' IDENTIFIED BY 'first-a';\nCREATE USER 'app_b'@'%' IDENTIFIED BY 'first-b';\n\
                 CREATE USER 'one'@'%' IDENTIFIED BY 'first-one';\n\
                 GRANT ALL ON shop.* TO 'kms-admin'@'%' WITH GRANT OPTION;\n";
    let Some(server) = servers::mariadb(users) else { return };
    let world = World::new(target("mysql", &server)).await;
    world.create_rds(NAME, &[("app_a", "first-a"), ("app_b", "first-b")]).await;
    a_hundred_rotations(&world).await;
    for stage in ["ACSCurrent", "ACSPrevious"] {
        let (account, password, _) = world.login(NAME, stage).await;
        assert!(mariadb_client(&server, &account, &password), "{stage}");
        assert!(!mariadb_client(&server, &account, "first-a"));
    }
    world.create_rds("one", &[("one", "first-one")]).await;
    assert_eq!(world.rotate("one", "v1").await, "ok");
    assert!(mariadb_client(&server, "one", &world.login("one", "ACSCurrent").await.1));
    assert!(!mariadb_client(&server, "one", "first-one"), "the old password is gone");
    let config = json!({"SecretSubType": "DoubleUsers", "RegionId": "r", "DBClusterId": "db", "DBType": "MySQL",
        "AccountName": "made", "AccountType": "Normal", "AccountPrivilege": "ReadOnly", "DBName": "shop"});
    world.create("polar", "PolarDB", "$Auto", &config).await.unwrap();
    for stage in ["ACSCurrent", "ACSPrevious"] {
        let (account, password, _) = world.login("polar", stage).await;
        assert!(mariadb_client(&server, &account, &password), "{account}");
    }
    assert_eq!(world.rotate("polar", "v1").await, "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis() {
    let Some(server) = servers::redis("") else { return };
    let world = World::new(target("redis", &server)).await;
    let config = json!({"SecretSubType": "DoubleUsers", "InstanceId": "db", "RegionId": "r",
        "AccountName": "cache", "AccountPrivilege": "RoleReadWrite"});
    world.create(NAME, "Redis", "$Auto", &config).await.unwrap();
    let (_, first, _) = world.login(NAME, "ACSCurrent").await;
    a_hundred_rotations(&world).await;
    for stage in ["ACSCurrent", "ACSPrevious"] {
        let (account, password, _) = world.login(NAME, stage).await;
        assert!(redis_client(&server, &account, &password), "{stage}");
        assert!(!redis_client(&server, &account, &first));
        assert!(redis_saved(&server, &account).contains(" on "), "it outlives a restart");
    }
}
