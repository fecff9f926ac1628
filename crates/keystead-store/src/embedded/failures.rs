//! Tests of what happens when SQLite fails under the writer.
#![allow(clippy::unwrap_used)]

use std::os::unix::fs::FileExt;

use tempfile::TempDir;

use super::{DATABASE_FILE, EmbeddedOptions, EmbeddedStore};
use crate::{Batch, Horizon, Range, Store, StoreError};

fn put(key: &str, value: Vec<u8>) -> Batch {
    let mut batch = Batch::new();
    batch.put(key, "test", 1, value);
    batch
}

#[tokio::test]
async fn a_full_disk_fails_what_does_not_fit_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open_prepared(dir.path(), EmbeddedOptions::default(), |connection| {
        connection.pragma_update_and_check(None, "max_page_count", 200, |_| Ok(()))
    })
    .unwrap();
    store.commit(put("small", vec![1; 100])).await.unwrap();
    let mut large = put("half", vec![2; 100]);
    large.put("large", "test", 1, vec![3; 2 << 20]);
    let (failed, beside) = tokio::join!(store.commit(large), store.commit(put("beside", vec![4; 100])));
    match failed {
        Err(StoreError::Unavailable(reason)) => assert_eq!(reason, "the disk is full"),
        other => panic!("{other:?}"),
    }
    // Whether it shared the group with the large one, SQLite decided; the store answered either way.
    drop(beside);
    assert_eq!(store.get("half").await.unwrap(), None);
    let next = store.commit(put("small", vec![5; 100])).await.unwrap();
    assert_eq!(store.horizon(), Horizon::At(next));
    assert_eq!(store.get("small").await.unwrap().unwrap().value, vec![5; 100]);
}

#[tokio::test]
async fn an_error_of_one_job_undoes_that_job_alone() {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open_prepared(dir.path(), EmbeddedOptions::default(), |connection| {
        connection.execute_batch(
            "CREATE TEMP TRIGGER one BEFORE INSERT ON records WHEN new.key = 'refused'
             BEGIN SELECT raise(ABORT, 'refused'); END",
        )
    })
    .unwrap();
    let mut half = put("half", vec![1]);
    half.put("refused", "test", 1, vec![1]);
    let (first, refused, last) =
        tokio::join!(store.commit(put("a", vec![1])), store.commit(half), store.commit(put("b", vec![1])));
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!((first.unwrap(), last.unwrap()), (1, 2));
    let records = store.scan(Range::all(), None, 10).await.unwrap();
    assert_eq!(records.iter().map(|record| record.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(store.changes(0, 10).await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn a_transaction_that_died_fails_its_whole_group() {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open_prepared(dir.path(), EmbeddedOptions::default(), |connection| {
        connection.execute_batch(
            "CREATE TEMP TRIGGER all_of_it BEFORE INSERT ON records WHEN new.key = 'refused'
             BEGIN SELECT raise(ROLLBACK, 'refused'); END",
        )
    })
    .unwrap();
    let (first, refused, last) = tokio::join!(
        store.commit(put("a", vec![1])),
        store.commit(put("refused", vec![1])),
        store.commit(put("b", vec![1]))
    );
    assert!(refused.is_err());
    // Who was in the same group was told of a failure, and whoever was told of success is there.
    for (key, result) in [("a", first), ("b", last)] {
        assert_eq!(store.get(key).await.unwrap().is_some(), result.is_ok(), "{key}");
    }
    store.commit(put("next", vec![1])).await.unwrap();
}

#[tokio::test]
async fn a_damaged_database_stops_the_store_without_hanging() {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap();
    for number in 0..50 {
        store.commit(put(&format!("{number}"), vec![1; 1000])).await.unwrap();
    }
    drop(store);
    let store = EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap();
    // Page 2 is the root of the records, which nobody has read yet.
    let database = std::fs::OpenOptions::new().write(true).open(dir.path().join(DATABASE_FILE)).unwrap();
    database.write_all_at(&[0xff; 4096], 4096).unwrap();

    let watch = store.head_watch();
    let damaged = store.commit(put("0", vec![2])).await;
    assert!(matches!(damaged, Err(StoreError::Corrupt(_))), "{damaged:?}");
    assert_eq!(store.horizon(), Horizon::Lost);
    assert!(watch.has_changed().unwrap());
    let unavailable =
        |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::Unavailable(_))));
    unavailable(store.commit(put("1", vec![2])).await.map(drop));
    unavailable(store.get("1").await.map(drop));
    unavailable(store.changes(50, 10).await.map(drop));
    unavailable(store.backup(dir.path().join("copy")).await);
}

#[tokio::test]
async fn a_writer_that_panics_loses_the_horizon() {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap();
    let feed = store.feed.clone();
    let panicked = std::thread::spawn(move || {
        let _guard = super::writer::LoseOnPanic(feed);
        panic!("as the writer would");
    });
    assert!(panicked.join().is_err());
    assert_eq!(store.horizon(), Horizon::Lost);
    assert!(matches!(store.commit(put("a", vec![1])).await, Err(StoreError::Unavailable(_))));
}
