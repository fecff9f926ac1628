//! The embedded backend keeps the contract.
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::sync::Arc;

use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::faulty::FaultyStore;
use keystead_store::{Store, conformance};
use tempfile::TempDir;

async fn check(options: EmbeddedOptions, wrap: impl Fn(Arc<dyn Store>) -> Arc<dyn Store>) {
    let folder = RefCell::new(TempDir::new().unwrap());
    let open = || wrap(Arc::new(EmbeddedStore::open(folder.borrow().path(), options.clone()).unwrap()));
    let fresh = async || {
        folder.replace(TempDir::new().unwrap());
        open()
    };
    let reopen = async |store: Arc<dyn Store>| {
        drop(store);
        open()
    };
    conformance::check(fresh, reopen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded() {
    check(EmbeddedOptions::default(), |store| store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_with_a_feed_that_is_hardly_in_memory() {
    let options = EmbeddedOptions { readers: 1, recent_changes: 3, ..Default::default() };
    check(options, |store| store).await;
}

#[tokio::test]
async fn embedded_on_a_single_thread() {
    check(EmbeddedOptions { recent_changes: 0, ..Default::default() }, |store| store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_faulty_store_without_faults() {
    check(EmbeddedOptions::default(), |store| FaultyStore::new(store)).await;
}
