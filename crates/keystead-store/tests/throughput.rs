//! How fast the embedded backend is. The measurements are run by hand.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keystead_store::bulk::Loader;
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Batch, Range, Store};
use tempfile::TempDir;
use tokio::task::JoinSet;

async fn load(store: &EmbeddedStore, count: u32) {
    let mut loader = Loader::new(store);
    for number in 0..count {
        let value = format!("{number:08}").repeat(63);
        loader.create(format!("a/1/key/{number:08}"), "key", 1, value).await.unwrap();
    }
    loader.finish().await.unwrap();
}

#[tokio::test]
async fn a_loader_commits_everything() {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap();
    load(&store, 12_345).await;
    assert_eq!(store.count(Range::prefix("a/1/key/")).await.unwrap(), 12_345);
    let mut watch = store.head_watch();
    assert_eq!(*watch.borrow_and_update(), 3);
    // A second load meets the first one.
    let mut loader = Loader::new(&store);
    loader.create("a/1/key/00000007", "key", 1, *b"").await.unwrap();
    loader.finish().await.unwrap_err();
    let loader = Loader::new(&store);
    assert_eq!(loader.finish().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn loading() {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap();
    let start = Instant::now();
    load(&store, 100_000).await;
    println!("100,000 records of 504 bytes loaded in {:?}", start.elapsed());
    let start = Instant::now();
    let count = store.count(Range::all()).await.unwrap();
    println!("{count} records counted in {:?}", start.elapsed());
    let start = Instant::now();
    for number in 0..10_000_u32 {
        store.get(&format!("a/1/key/{:08}", number * 7)).await.unwrap().unwrap();
    }
    println!("a read takes {:?}", start.elapsed() / 10_000);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn commits() {
    for writers in [1_u64, 16, 64] {
        let dir = TempDir::new().unwrap();
        let store = Arc::new(EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap());
        let end = Instant::now() + Duration::from_secs(4);
        let salt = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..writers {
            let (store, salt) = (store.clone(), salt.clone());
            tasks.spawn(async move {
                let mut waits = Vec::new();
                while Instant::now() < end {
                    let number = salt.fetch_add(1, Ordering::Relaxed);
                    // Spread over 100,000 keys; values differ, for SQLite does not write what is there already.
                    let key = format!("a/1/key/{:08}", number.wrapping_mul(0x9e37_79b9) % 100_000);
                    let mut batch = Batch::new();
                    batch.put(key, "key", 1, number.to_be_bytes().repeat(50));
                    let start = Instant::now();
                    store.commit(batch).await.unwrap();
                    waits.push(start.elapsed());
                }
                waits
            });
        }
        let mut waits: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
        waits.sort_unstable();
        let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
        println!(
            "{writers} writers: {} commits/s, p50 {:?}, p99 {:?}, worst {:?}",
            waits.len() / 4,
            at(50),
            at(99),
            at(100)
        );
    }
}
