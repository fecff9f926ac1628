//! Systems that refuse, hang or are not there; names that are meant to be more than names; and no secret in the log.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::json;
use tokio::net::TcpListener;

use crate::harness::{ADMIN_SECRET, World};
use crate::servers::{self, ADMIN_PASSWORD, psql};

/// What each kind answers when nobody listens, and when somebody listens and says nothing.
#[tokio::test]
async fn nobody_there_and_nobody_answering() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for (kind, secret_type) in [("postgres", "Rds"), ("mysql", "Rds"), ("redis", "Redis")] {
        for address in [closed, silent.local_addr().unwrap()] {
            let target = json!({"kind": kind, "address": address.to_string(), "admin_secret": ADMIN_SECRET,
                "timeout_seconds": 1});
            let world = World::new(json!({"db": target})).await;
            if secret_type == "Redis" {
                let config = json!({"SecretSubType": "DoubleUsers", "InstanceId": "db", "RegionId": "r",
                    "AccountName": "a", "AccountPrivilege": "RoleReadOnly"});
                world.create("s", "Redis", "$Auto", &config).await.unwrap();
                assert_eq!(
                    world.rotate("s", "v1").await,
                    "InternalFailure",
                    "the accounts are still to be made"
                );
                continue;
            }
            world.create_rds("s", &[("a", "b")]).await;
            let start = Instant::now();
            assert_eq!(world.rotate("s", "v1").await, "ServiceUnavailableTemporary", "{kind}");
            assert!(start.elapsed().as_secs() < 30, "{kind}");
            assert_eq!(world.login("s", "ACSCurrent").await.1, "b");
        }
    }
}

/// All that is written to the log, at the finest level.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn hostile_names_wrong_logins_and_a_clean_log() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    // Of the whole process: a subscriber of one thread would miss what other tests have switched off meanwhile.
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();

    let hostile = "x\";DROP/**/TABLE/**/canary;--";
    let roles = format!(
        "CREATE ROLE \"{}\" LOGIN PASSWORD 'p'; CREATE ROLE plain LOGIN PASSWORD 'p'; CREATE ROLE big SUPERUSER LOGIN PASSWORD 'p';",
        hostile.replace('"', "\"\"")
    );
    let Some(server) = servers::postgres(&roles) else { return };
    let target = json!({"kind": "postgres", "address": server.address(), "admin_secret": ADMIN_SECRET,
        "timeout_seconds": 12});
    let world = World::new(json!({"db": target})).await;
    world.create_rds("hostile", &[(hostile, "p")]).await;
    assert_eq!(world.rotate("hostile", "v1").await, "ok");
    let (account, password, _) = world.login("hostile", "ACSCurrent").await;
    assert!(psql(&server, &account, &password, "SELECT 1"));
    assert!(psql(&server, "postgres", ADMIN_PASSWORD, "SELECT * FROM canary"), "the table is there");

    // Names that the server would cut, the administrator's own, and one that the administrator may not change.
    let long = "l".repeat(64);
    for (name, account, login) in
        [("long", long.as_str(), "p"), ("own", "kms-admin", ADMIN_PASSWORD), ("big", "big", "p")]
    {
        world.create_rds(name, &[(account, login)]).await;
        assert_eq!(world.rotate(name, "v1").await, "Rejected.UnsupportedOperation", "{name}");
        assert_eq!(world.login(name, "ACSCurrent").await.1, login);
    }
    // An account whose password its maker does not know.
    world.create_rds("guess", &[("plain", "guessed")]).await;
    assert_eq!(world.rotate("guess", "v1").await, "Rejected.UnsupportedOperation");
    assert!(psql(&server, "plain", "p", "SELECT 1"));
    // A wrong administrator's login.
    world.create_rds("plain", &[("plain", "p")]).await;
    let wrong = json!({"AccountName": "kms-admin", "AccountPassword": "not-the-password"}).to_string();
    let put = [("SecretName", ADMIN_SECRET), ("VersionId", "w"), ("SecretData", wrong.as_str())];
    world.call("PutSecretValue", &put).await.unwrap();
    assert_eq!(world.rotate("plain", "v1").await, "Rejected.UnsupportedOperation");
    assert!(psql(&server, "plain", "p", "SELECT 1"));

    let log = String::from_utf8_lossy(&captured.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("Secret:RotateSecret:Success") && log.contains("Secret:RotateSecret:Failure"),
        "{log}"
    );
    for secret in [password.as_str(), ADMIN_PASSWORD, "not-the-password", "guessed", "SCRAM-SHA-256"] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[tokio::test]
async fn hostile_names_at_mysql() {
    let users = "CREATE USER 'a b;--@%'@'%' IDENTIFIED BY 'p';\n";
    let Some(server) = servers::mariadb(users) else { return };
    let target = json!({"kind": "mysql", "address": server.address(), "admin_secret": ADMIN_SECRET,
        "timeout_seconds": 12});
    let world = World::new(json!({"db": target})).await;
    let names = ["x'@'%'/**/IDENTIFIED/**/BY/**/'y", "x\\", "x`y", "x\"y"];
    for (index, name) in names.into_iter().enumerate() {
        let secret = format!("s{index}");
        world.create_rds(&secret, &[(name, "p")]).await;
        assert_eq!(world.rotate(&secret, "v1").await, "Rejected.UnsupportedOperation", "{name}");
    }
    assert!(world.log_in("db", "a b;--@%", "p").await.is_ok());
    assert!(world.log_in("db", "a b;--@%", "q").await.is_err());
}
