//! What tests ask of real databases.

use std::time::Duration;

use keystead_secrets_db::mysql::Mysql;
use keystead_secrets_db::postgres::Postgres;
use keystead_secrets_db::{Connector, Pooled};
use mysql_async::prelude::Queryable as _;
use tokio::time::{Instant, sleep};

/// A connector whose connections can be asked about themselves.
pub trait Asked: Connector + Sized {
    /// The account, and the server's number of the connection.
    fn whoami(connection: &mut Pooled<Self>) -> impl Future<Output = (String, u64)>;

    /// The numbers of all connections of this account.
    fn sessions(connection: &mut Pooled<Self>) -> impl Future<Output = Vec<u64>>;

    /// Gives the own account another password.
    fn set_password(connection: &mut Pooled<Self>, password: &str) -> impl Future<Output = ()>;

    /// Whether the connection is encrypted.
    fn is_encrypted(connection: &mut Pooled<Self>) -> impl Future<Output = bool>;
}

impl Asked for Postgres {
    async fn whoami(connection: &mut Pooled<Self>) -> (String, u64) {
        let row =
            connection.query_one("SELECT current_user::text, pg_backend_pid()::int8", &[]).await.unwrap();
        (row.get(0), u64::try_from(row.get::<_, i64>(1)).unwrap())
    }

    async fn sessions(connection: &mut Pooled<Self>) -> Vec<u64> {
        let own = "SELECT pid::int8 FROM pg_stat_activity WHERE usename = current_user ORDER BY pid";
        let rows = connection.query(own, &[]).await.unwrap();
        rows.iter().map(|row| u64::try_from(row.get::<_, i64>(0)).unwrap()).collect()
    }

    async fn set_password(connection: &mut Pooled<Self>, password: &str) {
        connection.batch_execute(&format!("ALTER ROLE CURRENT_USER PASSWORD '{password}'")).await.unwrap();
    }

    async fn is_encrypted(connection: &mut Pooled<Self>) -> bool {
        let own = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        connection.query_one(own, &[]).await.unwrap().get(0)
    }
}

impl Asked for Mysql {
    async fn whoami(connection: &mut Pooled<Self>) -> (String, u64) {
        let own = "SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1), CONNECTION_ID()";
        connection.query_first(own).await.unwrap().unwrap()
    }

    async fn sessions(connection: &mut Pooled<Self>) -> Vec<u64> {
        // Without a privilege an account sees its own ones only.
        connection.query("SELECT ID FROM information_schema.PROCESSLIST ORDER BY ID").await.unwrap()
    }

    async fn set_password(connection: &mut Pooled<Self>, password: &str) {
        connection.query_drop(format!("SET PASSWORD = PASSWORD('{password}')")).await.unwrap();
    }

    async fn is_encrypted(connection: &mut Pooled<Self>) -> bool {
        let status: Option<(String, String)> =
            connection.query_first("SHOW STATUS LIKE 'Ssl_cipher'").await.unwrap();
        !status.unwrap().1.is_empty()
    }
}

/// Waits until the account has exactly these connections, as the server tells this one of them.
pub async fn only<C: Asked>(connection: &mut Pooled<C>, wanted: &[u64]) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let sessions = C::sessions(connection).await;
        if sessions == wanted {
            return;
        }
        assert!(Instant::now() < deadline, "{sessions:?} and not {wanted:?}");
        sleep(Duration::from_millis(20)).await;
    }
}
