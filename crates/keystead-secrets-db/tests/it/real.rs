//! The connectors at real servers: another password while connections are open.

use std::sync::Arc;

use keystead_secrets::{MemorySource, SecretValue};
use keystead_secrets_db::mysql::Mysql;
use keystead_secrets_db::postgres::Postgres;
use keystead_secrets_db::{DatabaseUrl, Roots, Settings, pool};
use mysql_async::prelude::Queryable as _;

use crate::servers;

fn login(password: &str) -> SecretValue {
    let value = serde_json::json!({"AccountName": "one", "AccountPassword": password});
    SecretValue::builder("app/db").version_id(password).text(value.to_string())
}

#[tokio::test]
async fn postgres() {
    let Some(server) = servers::postgres("CREATE ROLE one LOGIN PASSWORD 'first';") else { return };
    let address = server.address();
    let url = format!("secrets-manager+postgres://{address}/postgres?secret=app/db&application_name=kept");
    let url: DatabaseUrl = url.parse().unwrap();
    let secrets = Arc::new(MemorySource::new());
    secrets.put(login("first"));
    let to = Postgres::from_url(&url, &Roots::public()).unwrap();
    let pool = pool(secrets.clone(), url.secret(), to, &Settings::default()).unwrap();
    let first = pool.get().await.unwrap();
    let name: String = first.query_one("SHOW application_name", &[]).await.unwrap().get(0);
    assert_eq!(name, "kept");
    assert!(servers::psql(&server, "one", "first", "ALTER ROLE one PASSWORD 'second'"));
    secrets.rotate(login("second"));
    let second = pool.get().await.unwrap();
    for connection in [&first, &second] {
        let user: String = connection.query_one("SELECT current_user::text", &[]).await.unwrap().get(0);
        assert_eq!(user, "one");
    }
    let figures = pool.manager().figures();
    assert_eq!((figures.opened, figures.refused, figures.refreshed, figures.retried), (2, 1, 1, 1));
}

#[tokio::test]
async fn mariadb() {
    let user = "CREATE USER 'one'@'%' IDENTIFIED BY 'first';\nGRANT ALL ON shop.* TO 'one'@'%';\n";
    let Some(server) = servers::mariadb(user) else { return };
    let url = format!("secrets-manager+mysql://{}/shop?secret=app/db", server.address());
    let url: DatabaseUrl = url.parse().unwrap();
    let secrets = Arc::new(MemorySource::new());
    secrets.put(login("first"));
    let to = Mysql::from_url(&url, &Roots::public()).unwrap();
    let pool = pool(secrets.clone(), url.secret(), to, &Settings::default()).unwrap();
    let mut first = pool.get().await.unwrap();
    first.query_drop("SET PASSWORD = PASSWORD('second')").await.unwrap();
    secrets.rotate(login("second"));
    let mut second = pool.get().await.unwrap();
    for connection in [&mut first, &mut second] {
        let user: Option<String> = connection.query_first("SELECT CURRENT_USER()").await.unwrap();
        assert_eq!(user.as_deref(), Some("one@%"));
    }
    // The next user finds nothing of the one before.
    second.query_drop("SET @left = 1").await.unwrap();
    drop((first, second));
    let left: Option<Option<i64>> = pool.get().await.unwrap().query_first("SELECT @left").await.unwrap();
    assert_eq!(left, Some(None));
    let figures = pool.manager().figures();
    assert_eq!((figures.opened, figures.refused, figures.refreshed, figures.retried), (2, 1, 1, 1));
}
