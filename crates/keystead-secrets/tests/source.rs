//! Values and the source for tests, as a program sees them.
#![allow(clippy::unwrap_used)]

use std::time::SystemTime;

use keystead_secrets::{CachedSecretSource, MemorySource, SecretError, SecretErrorKind, SecretValue};

#[test]
fn a_value_is_read_in_its_form_and_never_shown() {
    let text = SecretValue::builder("s").text(r#"{"user":"hush"}"#);
    let map: std::collections::HashMap<String, String> = text.json().unwrap();
    assert_eq!(map["user"], "hush");
    assert_eq!(text.bytes().unwrap_err().kind(), SecretErrorKind::Form);
    let wrong = text.json::<Vec<u8>>().unwrap_err();
    let binary = SecretValue::builder("b").bytes(*b"hush");
    assert_eq!((binary.bytes().unwrap(), binary.wire_text()), (&b"hush"[..], "aHVzaA=="));
    assert_eq!(binary.text().unwrap_err().kind(), SecretErrorKind::Form);
    let away = SecretError::new(SecretErrorKind::Unavailable, "s", "away");
    let stale = text.stale(SystemTime::now(), away);
    assert!(stale.is_stale() && !text.is_stale() && stale.is_same_version(&text));
    let shown = format!("{text:?} {binary:?} {stale:?} {wrong} {wrong:?}");
    assert!(!shown.contains("hush") && !shown.contains("aHVz"), "{shown}");
}

#[tokio::test]
async fn watchers_see_each_new_version_and_a_rotation_only_after_a_refresh() {
    let source = MemorySource::new();
    let mut updates = source.watch("s");
    source.put(SecretValue::builder("s").text("one"));
    assert_eq!(updates.next().await.unwrap().text().unwrap(), "one");
    source.rotate(SecretValue::builder("s").version_id("v2").text("two"));
    assert_eq!(source.get("s").await.unwrap().version_id(), "v1");
    assert_eq!(source.refresh_now("s").await.unwrap().version_id(), "v2");
    assert_eq!(updates.next().await.unwrap().text().unwrap(), "two");
    assert_eq!(source.watch("s").next().await.unwrap().version_id(), "v2");
    source.fail("s", SecretErrorKind::Denied);
    assert!(!source.get("s").await.unwrap_err().is_transient());
    assert_eq!(source.get("other").await.unwrap_err().kind(), SecretErrorKind::Missing);
    assert_eq!(source.refreshes("s"), 1);
}
