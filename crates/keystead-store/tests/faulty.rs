//! The faults are those that were asked for.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::faulty::{FaultyStore, Moment};
use keystead_store::{Batch, Horizon, Store, StoreError};
use tempfile::TempDir;

fn store() -> (Arc<FaultyStore>, TempDir) {
    let dir = TempDir::new().unwrap();
    let inner = EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap();
    (FaultyStore::new(Arc::new(inner)), dir)
}

fn put(key: &str, value: &[u8]) -> Batch {
    let mut batch = Batch::new();
    batch.put(key, "test", 1, value);
    batch
}

#[tokio::test]
async fn a_held_feed_is_silent_and_the_horizon_is_not() {
    let (store, _dir) = store();
    store.commit(put("a", b"1")).await.unwrap();
    let mut watch = store.head_watch();
    watch.wait_for(|head| *head == 1).await.unwrap();

    store.hold_feed();
    store.commit(put("b", b"1")).await.unwrap();
    assert_eq!(store.horizon(), Horizon::At(2));
    let mut changes = store.changes(1, 10);
    let waits =
        std::future::poll_fn(|context| std::task::Poll::Ready(changes.as_mut().poll(context).is_pending()));
    assert!(waits.await);
    // The forwarding task has had its turn by now, for on this one thread the commit above had to wait.
    tokio::task::yield_now().await;
    assert!(!watch.has_changed().unwrap());

    store.release_feed();
    assert_eq!(changes.await.unwrap().entries.len(), 1);
    watch.wait_for(|head| *head == 2).await.unwrap();
}

#[tokio::test]
async fn a_lost_horizon_wakes_watchers_and_comes_back() {
    let (store, _dir) = store();
    let mut watch = store.head_watch();
    store.lose_horizon();
    watch.changed().await.unwrap();
    assert_eq!(store.horizon(), Horizon::Lost);
    store.commit(put("a", b"1")).await.unwrap();
    store.restore_horizon();
    assert_eq!(store.horizon(), Horizon::At(1));
}

#[tokio::test]
async fn commits_fail_before_or_after_they_happen() {
    let (store, _dir) = store();
    store.fail_commit(2, Moment::Before);
    store.commit(put("a", b"1")).await.unwrap();
    assert!(matches!(store.commit(put("b", b"1")).await, Err(StoreError::Unavailable(_))));
    assert_eq!(store.get("b").await.unwrap(), None);

    store.fail_commit(1, Moment::After);
    assert!(matches!(store.commit(put("c", b"1")).await, Err(StoreError::Unavailable(_))));
    assert_eq!(store.get("c").await.unwrap().unwrap().revision, 2);
    assert_eq!(store.commit(put("d", b"1")).await.unwrap(), 3);
    assert_eq!(store.reads(), 2);
}

#[tokio::test]
async fn held_reads_bring_what_was_there_before_or_after() {
    for (moment, expected) in [(Moment::Before, b"new"), (Moment::After, b"old")] {
        let (store, _dir) = store();
        store.commit(put("a", b"old")).await.unwrap();
        store.hold_gets(moment);
        let reads: Vec<_> = (0..2)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.get("a").await.unwrap().unwrap().value })
            })
            .collect();
        let dropped = tokio::spawn({
            let store = store.clone();
            async move { store.get_many(vec!["a".to_owned()]).await }
        });
        store.get_waiting("a", 3).await;
        dropped.abort();
        assert!(dropped.await.unwrap_err().is_cancelled());
        store.commit(put("a", b"new")).await.unwrap();
        store.release_gets();
        for read in reads {
            assert_eq!(read.await.unwrap(), expected, "{moment:?}");
        }
        assert_eq!(store.get("a").await.unwrap().unwrap().value, b"new");
    }
}
