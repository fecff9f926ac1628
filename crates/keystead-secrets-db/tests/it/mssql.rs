//! The connector for SQL Server at a server that speaks its protocol: logins, refusals, the way on, TLS.

use std::sync::Arc;
use std::time::Duration;

use keystead_secrets::{MemorySource, SecretValue};
use keystead_secrets_db::deadpool::managed::PoolError;
use keystead_secrets_db::mssql::{Mssql, Pool};
use keystead_secrets_db::{DatabaseUrl, Error, Figures, Roots, Settings, pool};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::certificates::Authority;
use crate::database::reads_within;
use crate::tds::{Encryption, REFUSED, SqlServer};

const SECRET: &str = "app/db";
/// An account that is locked.
const LOCKED: u32 = 18486;

fn login(password: &str) -> SecretValue {
    let value = serde_json::json!({"AccountName": "app", "AccountPassword": password});
    SecretValue::builder(SECRET).version_id(password).text(value.to_string())
}

/// A pool over a secret with the password `one`.
fn world(server: &SqlServer, options: &str, roots: &Roots, settings: &Settings) -> (Arc<MemorySource>, Pool) {
    let url = format!("secrets-manager+mssql://{}/shop?secret={SECRET}&{options}", server.address);
    let url: DatabaseUrl = url.parse().unwrap();
    let secrets = Arc::new(MemorySource::new());
    secrets.put(login("one"));
    let to = Mssql::from_url(&url, roots).unwrap();
    let pool = pool(secrets.clone(), url.secret(), to, settings).unwrap();
    (secrets, pool)
}

fn plain(server: &SqlServer, settings: &Settings) -> (Arc<MemorySource>, Pool) {
    world(server, "encrypt=DANGER_PLAINTEXT", &Roots::public(), settings)
}

/// Who is logged in.
async fn ask(pool: &Pool) -> String {
    let mut connection = pool.get().await.unwrap();
    let answer = connection.simple_query("SELECT SUSER_SNAME()").await.unwrap();
    answer.into_row().await.unwrap().unwrap().get::<&str, _>(0).unwrap().to_owned()
}

#[tokio::test]
async fn the_secrets_login_is_used_and_the_connection_again() {
    let server = SqlServer::start("one", Encryption::None);
    let (_, pool) = plain(&server, &Settings::default());
    assert_eq!(ask(&pool).await, "app");
    assert_eq!(ask(&pool).await, "app");
    assert_eq!(server.logins(), [["app", "one", "shop"]]);
    let batches = server.batches();
    assert_eq!((batches[0].as_str(), batches[2].as_str()), ("SELECT SUSER_SNAME()", "SELECT SUSER_SNAME()"));
    assert!(batches[1].contains("ROLLBACK"), "what the user before left open is undone: {batches:?}");
}

#[tokio::test]
async fn a_refused_login_costs_one_read_and_one_more_attempt() {
    let server = SqlServer::start("two", Encryption::None);
    let (secrets, pool) = plain(&server, &Settings::default());
    secrets.rotate(login("two"));
    assert_eq!(ask(&pool).await, "app");
    assert_eq!(server.passwords(), ["one", "two"]);
    let figures = Figures { opened: 1, refused: 1, refreshed: 1, retried: 1, retired: 0, changed: 1 };
    assert_eq!((pool.manager().figures(), secrets.refreshes(SECRET)), (figures, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_share_one_read() {
    let server = SqlServer::start("two", Encryption::None);
    let settings = Settings { max_size: 20, ..Settings::default() };
    let (secrets, pool) = plain(&server, &settings);
    secrets.rotate(login("two"));
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let pool = pool.clone();
        callers.spawn(async move { pool.get().await.unwrap() });
    }
    let connections = callers.join_all().await;
    assert_eq!((connections.len(), secrets.refreshes(SECRET)), (20, 1));
    let (old, new): (Vec<_>, Vec<_>) = server.passwords().into_iter().partition(|password| password == "one");
    assert!((1..=settings.connects_at_once).contains(&old.len()), "{} refused", old.len());
    assert_eq!(new.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_and_is_no_storm() {
    let server = SqlServer::start("elsewhere-changed", Encryption::None);
    let settings = Settings { max_size: 50, patience: Duration::from_millis(500), ..Settings::default() };
    let (secrets, pool) = plain(&server, &settings);
    let (begun, mut callers) = (Instant::now(), JoinSet::new());
    for _ in 0..50 {
        let pool = pool.clone();
        callers.spawn(async move { pool.get().await.err().unwrap() });
    }
    let mut said = 0;
    for error in callers.join_all().await {
        let PoolError::Backend(Error::Refused { error }) = error else { panic!("{error}") };
        if let Some(error) = error {
            assert_eq!(error.code(), Some(REFUSED));
            said += 1;
        }
    }
    let attempts = server.passwords();
    assert!(attempts.len() <= settings.connects_at_once, "{attempts:?}");
    assert_eq!(said, attempts.len(), "those that asked say what the server said");
    let reads = secrets.refreshes(SECRET);
    assert!((1..=reads_within(begun.elapsed())).contains(&reads), "{reads} reads");
}

#[tokio::test]
async fn a_locked_account_is_not_helped_by_another_password() {
    let server = SqlServer::start("one", Encryption::None);
    server.set_fault(Some(LOCKED));
    let (secrets, pool) = plain(&server, &Settings::default());
    let error = pool.get().await.err().unwrap();
    let PoolError::Backend(Error::Driver(said)) = &error else { panic!("{error}") };
    assert_eq!(said.code(), Some(LOCKED));
    assert!(!format!("{error:?}").contains("\"one\""));
    assert_eq!((server.passwords().len(), secrets.refreshes(SECRET)), (1, 0));
    server.set_fault(None);
    assert_eq!(ask(&pool).await, "app");
}

#[tokio::test]
async fn open_connections_outlive_a_rotation_and_retire() {
    let server = SqlServer::start("one", Encryption::None);
    let settings = Settings { grace: Duration::ZERO, ..Settings::default() };
    let (secrets, pool) = plain(&server, &settings);
    let mut old = pool.get().await.unwrap();
    server.set_password("two");
    secrets.put(login("two"));
    // The one in use is left alone.
    old.simple_query("SELECT SUSER_SNAME()").await.unwrap().into_row().await.unwrap().unwrap();
    assert_eq!(ask(&pool).await, "app");
    drop(old);
    let both = (pool.get().await.unwrap(), pool.get().await.unwrap());
    assert_eq!(server.passwords(), ["one", "two", "two"], "it was closed when it was taken");
    drop(both);
    let figures = pool.manager().figures();
    assert_eq!((figures.refused, figures.retired), (0, 1));
}

#[tokio::test]
async fn a_gateway_sends_its_clients_on() {
    let (gateway, server) =
        (SqlServer::start("one", Encryption::None), SqlServer::start("one", Encryption::None));
    gateway.send_on_to(server.address);
    let (_, pool) = plain(&gateway, &Settings::default());
    assert_eq!(ask(&pool).await, "app");
    assert_eq!((gateway.passwords(), gateway.batches()), (vec!["one".to_owned()], vec![]));
    assert_eq!((server.passwords().len(), server.batches().len()), (1, 1));
}

#[tokio::test]
async fn tls_is_asked_for_and_the_authority_has_to_be_known() {
    let (ours, other) = (Authority::new(), Authority::new());
    let config = || ours.server("127.0.0.1");
    for (encryption, options) in
        [(Encryption::Negotiated(config()), ""), (Encryption::Strict(config()), "encrypt=strict")]
    {
        let server = SqlServer::start("one", encryption);
        let (_, pool) = world(&server, options, &Roots::pem(ours.pem()), &Settings::default());
        assert_eq!(ask(&pool).await, "app");
        assert_eq!(server.passwords(), ["one"]);
        for roots in [Roots::pem(other.pem()), Roots::public()] {
            let (_, pool) = world(&server, options, &roots, &Settings::default());
            let error = pool.get().await.err().unwrap();
            assert!(matches!(error, PoolError::Backend(Error::Driver(_))), "{error}");
            assert_eq!(server.passwords(), [""; 0], "no login before the certificate is found good");
        }
    }
    // A certificate for another name.
    let server = SqlServer::start("one", Encryption::Negotiated(ours.server("db.internal")));
    let (_, pool) = world(&server, "", &Roots::pem(ours.pem()), &Settings::default());
    assert!(matches!(pool.get().await.err().unwrap(), PoolError::Backend(Error::Driver(_))));
    let (_, pool) =
        world(&server, "hostNameInCertificate=db.internal", &Roots::pem(ours.pem()), &Settings::default());
    assert_eq!(ask(&pool).await, "app");
    // A server that cannot do it gets no login.
    let server = SqlServer::start("one", Encryption::None);
    let (_, pool) = world(&server, "", &Roots::pem(ours.pem()), &Settings::default());
    assert!(matches!(pool.get().await.err().unwrap(), PoolError::Backend(Error::Driver(_))));
    assert_eq!(server.passwords(), [""; 0]);
}
