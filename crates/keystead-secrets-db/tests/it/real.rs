//! The connectors at real servers: another password while connections are open, its retirement, a wrong one, TLS.

use std::sync::Arc;
use std::time::Duration;

use keystead_secrets::{MemorySource, SecretValue};
use keystead_secrets_db::deadpool::managed::PoolError;
use keystead_secrets_db::mysql::Mysql;
use keystead_secrets_db::postgres::Postgres;
use keystead_secrets_db::{DatabaseUrl, Error, Figures, Pool, Roots, Settings, pool};
use mysql_async::prelude::Queryable as _;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::asked::{Asked, only};
use crate::certificates::Authority;
use crate::database::reads_within;
use crate::servers::{self, Server};

const SECRET: &str = "app/db";
const ROLE: &str = "CREATE ROLE one LOGIN PASSWORD 'first';";
const USER: &str = "CREATE USER 'one'@'%' IDENTIFIED BY 'first';\nGRANT ALL ON shop.* TO 'one'@'%';\n";

fn login(password: &str) -> SecretValue {
    let value = serde_json::json!({"AccountName": "one", "AccountPassword": password});
    SecretValue::builder(SECRET).version_id(password).text(value.to_string())
}

fn to_postgres(server: &Server, options: &str, roots: &Roots) -> Postgres {
    let url = format!("secrets-manager+postgres://{}/postgres?secret={SECRET}{options}", server.address());
    Postgres::from_url(&url.parse::<DatabaseUrl>().unwrap(), roots).unwrap()
}

fn to_mariadb(server: &Server, options: &str, roots: &Roots) -> Mysql {
    let url = format!("secrets-manager+mysql://{}/shop?secret={SECRET}{options}", server.address());
    Mysql::from_url(&url.parse::<DatabaseUrl>().unwrap(), roots).unwrap()
}

/// A secret with this password, and a pool over it.
fn world<C: Asked>(to: C, password: &str, settings: &Settings) -> (Arc<MemorySource>, Pool<C>) {
    let secrets = Arc::new(MemorySource::new());
    secrets.put(login(password));
    let pool = pool(secrets.clone(), SECRET, to, settings).unwrap();
    (secrets, pool)
}

/// A rotation behind the pool's back.
async fn rotation<C: Asked>(to: C) -> Pool<C> {
    let (secrets, pool) = world(to, "first", &Settings::default());
    let mut first = pool.get().await.unwrap();
    C::set_password(&mut first, "second").await;
    secrets.rotate(login("second"));
    let mut second = pool.get().await.unwrap();
    for connection in [&mut first, &mut second] {
        assert_eq!(C::whoami(connection).await.0, "one");
    }
    let figures = pool.manager().figures();
    assert_eq!((figures.opened, figures.refused, figures.refreshed, figures.retried), (2, 1, 1, 1));
    drop((first, second));
    pool
}

#[tokio::test]
async fn postgres() {
    let Some(server) = servers::postgres(ROLE) else { return };
    let pool = rotation(to_postgres(&server, "&application_name=kept", &Roots::public())).await;
    let name = pool.get().await.unwrap().query_one("SHOW application_name", &[]).await.unwrap();
    assert_eq!(name.get::<_, String>(0), "kept");
    drop(pool);
    // The server's own account of it: the old password is gone.
    assert!(!servers::psql(&server, "one", "first", "SELECT 1"));
    assert!(servers::psql(&server, "one", "second", "ALTER ROLE one PASSWORD 'first'"));
    Box::pin(retirement(to_postgres(&server, "", &Roots::public()))).await;
    storm(&to_postgres(&server, "", &Roots::public())).await;
}

#[tokio::test]
async fn mariadb() {
    let Some(server) = servers::mariadb(USER) else { return };
    let pool = rotation(to_mariadb(&server, "", &Roots::public())).await;
    // The next user finds nothing of the one before.
    let mut connection = pool.get().await.unwrap();
    connection.query_drop("SET @left = 1").await.unwrap();
    drop(connection);
    for _ in 0..2 {
        let mut connection = pool.get().await.unwrap();
        let left: Option<Option<i64>> = connection.query_first("SELECT @left").await.unwrap();
        assert_eq!(left, Some(None));
        Mysql::set_password(&mut connection, "first").await;
    }
    drop(pool);
    Box::pin(retirement(to_mariadb(&server, "", &Roots::public()))).await;
    storm(&to_mariadb(&server, "", &Roots::public())).await;
}

/// Connections that were opened with an earlier login serve until the grace is over; then the server sees them go.
async fn retirement<C: Asked>(to: C) {
    let grace = Duration::from_secs(4);
    let (secrets, pool) = world(to, "first", &Settings { grace, ..Settings::default() });
    let (mut used, mut idle) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    let (old_used, old_idle) = (C::whoami(&mut used).await.1, C::whoami(&mut idle).await.1);
    C::set_password(&mut used, "second").await;
    let changed = Instant::now();
    drop(idle);
    secrets.put(login("second"));
    // Within the grace the old one is lent out, and a new one is opened with the new login.
    let (mut again, mut new) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    let (again_is, new_is) = (C::whoami(&mut again).await.1, C::whoami(&mut new).await.1);
    assert!(changed.elapsed() < grace, "the machine is too slow for this test");
    assert_eq!(again_is, old_idle);
    assert!(new_is != old_used && new_is != old_idle);
    drop((again, new));
    // The idle one goes by itself, the one in use is left alone, and goes when it is given back.
    let mut left = vec![old_used, new_is];
    left.sort_unstable();
    only(&mut used, &left).await;
    assert!(changed.elapsed() >= grace, "too early, after {:?}", changed.elapsed());
    assert_eq!(C::whoami(&mut used).await.1, old_used);
    drop(used);
    let mut new = pool.get().await.unwrap();
    only(&mut new, &[new_is]).await;
    let figures = pool.manager().figures();
    let wanted = Figures { opened: 3, refused: 0, refreshed: 0, retried: 0, retired: 2, changed: 1 };
    assert_eq!(figures, wanted);
    C::set_password(&mut new, "first").await;
}

/// A hundred callers at once with a password that is wrong for good.
async fn storm<C: Asked + Clone>(to: &C) {
    let settings = Settings { max_size: 100, patience: Duration::from_millis(50), ..Settings::default() };
    let (secrets, pool) = world(to.clone(), "guessed", &settings);
    let (begun, mut callers) = (Instant::now(), JoinSet::new());
    for _ in 0..100 {
        let pool = pool.clone();
        callers.spawn(async move { pool.get().await.err().unwrap() });
    }
    for error in callers.join_all().await {
        assert!(matches!(error, PoolError::Backend(Error::Refused { .. })), "{error}");
        assert!(!format!("{error} {error:?}").contains("guessed"));
    }
    let reads = secrets.refreshes(SECRET);
    assert!((1..=reads_within(begun.elapsed())).contains(&reads), "{reads} reads");
    let refused = pool.manager().figures().refused;
    assert!((1..=4).contains(&refused), "{refused} attempts");
    // The right one comes with the secret, without waiting for any pause.
    secrets.put(login("first"));
    let connection = pool.get().await.unwrap();
    assert_eq!(pool.manager().figures().refused, refused);
    drop(connection);
}

/// Over TLS: the authority has to be the one that is given, and the name the server's.
async fn tls<C: Asked>(make: impl Fn(&Roots) -> C, ours: &Authority) {
    let (_, pool) = world(make(&Roots::pem(ours.pem())), "first", &Settings::default());
    let mut connection = pool.get().await.unwrap();
    assert_eq!(C::whoami(&mut connection).await.0, "one");
    assert!(C::is_encrypted(&mut connection).await);
    for roots in [Roots::pem(Authority::new().pem()), Roots::public()] {
        let (secrets, pool) = world(make(&roots), "first", &Settings::default());
        let error = pool.get().await.err().unwrap();
        assert!(matches!(error, PoolError::Backend(Error::Driver(_))), "{error}");
        assert_eq!((pool.manager().figures().refused, secrets.refreshes(SECRET)), (0, 0));
    }
}

/// Without a chance to be encrypted there is no login.
async fn refused_by_client<C: Asked>(to: C) {
    let (_, pool) = world(to, "first", &Settings::default());
    let error = pool.get().await.err().unwrap();
    assert!(matches!(error, PoolError::Backend(Error::Driver(_))), "{error}");
}

#[tokio::test]
async fn postgres_tls() {
    let ours = Authority::new();
    let Some(server) = servers::postgres_with(ROLE, Some(&ours.identity("127.0.0.1"))) else { return };
    for mode in ["verify-full", "require"] {
        tls(|roots| to_postgres(&server, &format!("&sslmode={mode}"), roots), &ours).await;
    }
    let Some(other) = servers::postgres_with(ROLE, Some(&ours.identity("db.internal"))) else { return };
    refused_by_client(to_postgres(&other, "&sslmode=require", &Roots::pem(ours.pem()))).await;
    let Some(plain) = servers::postgres(ROLE) else { return };
    refused_by_client(to_postgres(&plain, "&sslmode=require", &Roots::pem(ours.pem()))).await;
}

#[tokio::test]
async fn mariadb_tls() {
    let ours = Authority::new();
    let Some(server) = servers::mariadb_with(USER, Some(&ours.identity("127.0.0.1"))) else { return };
    tls(|roots| to_mariadb(&server, "&require_ssl=true", roots), &ours).await;
    let Some(other) = servers::mariadb_with(USER, Some(&ours.identity("db.internal"))) else { return };
    refused_by_client(to_mariadb(&other, "&require_ssl=true", &Roots::pem(ours.pem()))).await;
    let Some(plain) = servers::mariadb(USER) else { return };
    refused_by_client(to_mariadb(&plain, "&require_ssl=true", &Roots::pem(ours.pem()))).await;
}
