//! Connections that were opened with an earlier login.

use std::time::Duration;

use keystead_secrets_db::Settings;
use tokio::time::sleep;

use crate::database::{login, world};

const GRACE: Duration = Duration::from_secs(300);

/// Long enough for the tasks beside to have done what is due.
async fn soon() {
    sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn they_retire_when_they_are_taken_and_when_they_are_idle() {
    let (database, secrets, pool) = world(&Settings::default());
    let (idle, used) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    drop(idle);
    database.set("two");
    secrets.put(login("two"));
    soon().await;
    // New connections have the new login, and the old ones still serve.
    let old = pool.get().await.unwrap();
    let new = pool.get().await.unwrap();
    assert_eq!((old.0.as_str(), new.0.as_str()), ("one", "two"));
    drop((old, new));
    assert_eq!(pool.status().size, 3);
    sleep(GRACE - Duration::from_secs(1)).await;
    assert_eq!(pool.status().size, 3);
    // Idle ones go by themselves.
    sleep(Duration::from_secs(31)).await;
    assert_eq!(pool.status().size, 2, "the one in use and the new one");
    assert_eq!(pool.manager().figures().retired, 1);
    // One in use is not torn away; it goes when it is back.
    assert_eq!(used.0, "one");
    drop(used);
    assert_eq!(pool.get().await.unwrap().0, "two");
    assert_eq!(pool.get().await.unwrap().0, "two");
    assert_eq!(pool.manager().figures().retired, 2);
    assert_eq!(pool.manager().figures().changed, 1);
}

#[tokio::test(start_paused = true)]
async fn without_grace_they_go_at_once() {
    let (database, secrets, pool) = world(&Settings { grace: Duration::ZERO, ..Settings::default() });
    drop(pool.get().await.unwrap());
    database.set("two");
    secrets.put(login("two"));
    soon().await;
    assert_eq!(pool.status().size, 0, "as soon as the secret is known to have changed");
    // The same login again is no change.
    drop(pool.get().await.unwrap());
    secrets.put(login("two"));
    soon().await;
    assert_eq!(pool.status().size, 1);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_no_login_changes_nothing() {
    let (_, secrets, pool) = world(&Settings { grace: Duration::ZERO, ..Settings::default() });
    drop(pool.get().await.unwrap());
    secrets.put(keystead_secrets::SecretValue::builder(crate::database::SECRET).text("{}"));
    soon().await;
    assert_eq!(pool.status().size, 1);
    assert_eq!(pool.get().await.unwrap().0, "one");
}

#[tokio::test(start_paused = true)]
async fn the_task_beside_ends_with_the_pool() {
    let (_, secrets, pool) = world(&Settings::default());
    drop(pool.get().await.unwrap());
    let metrics = tokio::runtime::Handle::current().metrics();
    assert_eq!(metrics.num_alive_tasks(), 1);
    drop(pool);
    soon().await;
    assert_eq!(metrics.num_alive_tasks(), 0);
    drop(secrets);
}
