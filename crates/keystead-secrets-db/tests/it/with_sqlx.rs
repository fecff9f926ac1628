//! Both ways with `sqlx` that the page shows, at a real PostgreSQL: connections of `sqlx` in a pool of this crate, and a pool of
//! `sqlx` whose options are kept current. The workspace cannot have the crate `sqlx` itself, whose SQLite claims the same native
//! library as the server's, so that its parts stand here under its name.

use std::sync::Arc;
use std::time::Duration;

use keystead_secrets::{CachedSecretSource, MemorySource, SecretValue};
use keystead_secrets_db::{Connector, Figures, Login, Settings, pool};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::{Instant, sleep, timeout};

use crate::servers::{self, psql};

mod sqlx {
    pub use sqlx_core::Error;
    pub use sqlx_core::connection::{ConnectOptions, Connection};
    pub use sqlx_core::query_scalar::query_scalar;
    pub mod postgres {
        pub use sqlx_postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
    }
}

const SECRET: &str = "app/orders-db";
/// Anything that takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

/// Connections of `sqlx`. The options say all but the login.
struct Sqlx(PgConnectOptions);

impl Connector for Sqlx {
    type Connection = PgConnection;
    type Error = sqlx::Error;

    async fn connect(&self, login: &Login) -> Result<PgConnection, sqlx::Error> {
        with_login(&self.0, login).connect().await
    }

    fn is_refusal(&self, error: &sqlx::Error) -> bool {
        is_refusal(error)
    }

    async fn recycle(&self, connection: &mut PgConnection) -> bool {
        connection.ping().await.is_ok()
    }
}

fn with_login(options: &PgConnectOptions, login: &Login) -> PgConnectOptions {
    options.clone().username(login.account()).password(login.password().expose())
}

fn is_refusal(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| matches!(error.code().as_deref(), Some("28P01" | "28000")))
}

/// Keeps the options of a pool current for as long as it is open.
async fn keep_current(pool: PgPool, secrets: Arc<dyn CachedSecretSource>, secret: &str) {
    let mut versions = secrets.watch(secret);
    while let (Some(value), false) = (versions.next().await, pool.is_closed()) {
        let Ok(text) = value.text() else { continue };
        let Ok(login) = Login::parse(text, value.extended_config()) else { continue };
        pool.set_connect_options(with_login(&pool.connect_options(), &login));
    }
}

fn login(password: &str) -> SecretValue {
    let value = serde_json::json!({"AccountName": "one", "AccountPassword": password});
    SecretValue::builder(SECRET).version_id(password).text(value.to_string())
}

#[tokio::test]
async fn both_ways() {
    let Some(server) = servers::postgres("CREATE ROLE one LOGIN PASSWORD 'first';") else { return };
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(server.port);
    let options = options.database("postgres");
    let secrets = Arc::new(MemorySource::new());
    secrets.put(login("first"));

    let kept = pool(secrets.clone(), SECRET, Sqlx(options.clone()), &Settings::default()).unwrap();
    let theirs = PgPoolOptions::new().max_lifetime(Duration::from_secs(300)).connect_lazy_with(options);
    let begun = Instant::now();
    let keeper = tokio::spawn(keep_current(theirs.clone(), secrets.clone(), SECRET));
    let who = || sqlx::query_scalar::<_, String>("SELECT current_user::text");

    let mut first = kept.get().await.unwrap();
    assert_eq!(who().fetch_one(&mut **first).await.unwrap(), "one");
    while theirs.connect_options().get_username() != "one" {
        assert!(begun.elapsed() < HANGS, "its options stay without a login");
        sleep(Duration::from_millis(5)).await;
    }
    let mut held = theirs.acquire().await.unwrap();
    assert_eq!(who().fetch_one(&mut *held).await.unwrap(), "one");

    // A rotation behind the back of both.
    assert!(psql(&server, "one", "first", "ALTER ROLE one PASSWORD 'second'"));
    secrets.rotate(login("second"));
    // A pool of sqlx shows the refusal to its caller, until it is told.
    let refused = theirs.acquire().await.err().unwrap();
    assert!(is_refusal(&refused), "{refused}");
    // One of this crate has the secret read anew and tries once more. That tells the other one, too.
    let before = theirs.connect_options();
    let mut second = kept.get().await.unwrap();
    assert_eq!(who().fetch_one(&mut **second).await.unwrap(), "one");
    let wanted = Figures { opened: 2, refused: 1, refreshed: 1, retried: 1, retired: 0, changed: 1 };
    assert_eq!(kept.manager().figures(), wanted);
    while Arc::ptr_eq(&before, &theirs.connect_options()) {
        assert!(begun.elapsed() < HANGS, "its options stay as they were");
        sleep(Duration::from_millis(5)).await;
    }
    let mut another = theirs.acquire().await.unwrap();
    for connection in [&mut *held, &mut *another] {
        assert_eq!(who().fetch_one(connection).await.unwrap(), "one");
    }

    drop((held, another));
    theirs.close().await;
    secrets.put(login("third"));
    timeout(HANGS, keeper).await.expect("it ends with its pool").unwrap();
}
