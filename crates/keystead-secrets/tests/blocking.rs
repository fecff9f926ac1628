//! The client of programs without an async runtime.
#![allow(clippy::unwrap_used)]

mod scripted;

use std::thread;
use std::time::Duration;

use keystead_secrets::{SecretClient, SecretErrorKind, SecretId, blocking};
use scripted::{SECOND, Service, away, denied, value};

#[test]
fn everything_waits_in_the_calling_thread() {
    let service = Service::new(|_| value("v1", r#"{"user":"app"}"#));
    let client = SecretClient::builder().endpoint("one", service.client()).age(SECOND).build().unwrap();
    let client = blocking::SecretClient::new(client).unwrap();
    assert!(client.cached("s").is_none());
    assert_eq!(client.get("s").unwrap().version_id(), "v1");
    assert_eq!(client.get_json::<serde_json::Value>("s").unwrap()["user"], "app");
    assert_eq!(client.get_id(&SecretId::version("s", "v1")).unwrap().version_id(), "v1");
    assert!(client.get_all(&["s", "other"]).iter().all(Result::is_ok));
    let seen = {
        // The thread and its runtime work side by side, and the background renews within the second.
        let mut updates = client.watch("s");
        assert_eq!(updates.next().unwrap().version_id(), "v1");
        assert!(updates.next_within(Duration::from_millis(1)).is_none());
        let waiting = thread::spawn(move || updates.next_within(Duration::from_secs(60)));
        service.says(|_| value("v2", "two"));
        waiting.join().unwrap().unwrap()
    };
    assert_eq!(seen.version_id(), "v2");
    assert_eq!(client.clone().refresh_now("s").unwrap().version_id(), "v2");
    service.says(denied);
    client.invalidate("s");
    assert!(client.cached("s").is_none());
    assert_eq!(client.get("s").unwrap_err().kind(), SecretErrorKind::Denied);
    client.save().unwrap();
    assert!(client.stats().hits > 0);
}

#[tokio::test]
async fn what_is_in_memory_is_given_inside_of_a_runtime_too() {
    let service = Service::new(|_| value("v1", "one"));
    let client = SecretClient::builder().endpoint("one", service.client()).build().unwrap();
    let client = blocking::SecretClient::new(client).unwrap();
    let other = client.clone();
    // Dropped there, too.
    thread::spawn(move || other.get("s").map(drop)).join().unwrap().unwrap();
    service.says(away);
    assert_eq!(client.get("s").unwrap().text().unwrap(), "one");
    thread::spawn(move || drop(client)).join().unwrap();
}
