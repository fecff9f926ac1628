//! What every backend must do. A test of a backend calls [`check`]; it panics with the name of the broken rule.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use keystead_store::{Store, conformance};
//! # async fn example(fresh: impl AsyncFn() -> Arc<dyn Store>, reopen: impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>) {
//! conformance::check(fresh, reopen).await;
//! # }
//! ```

mod concurrency;
mod feed;
mod ranges;
mod records;

use std::sync::Arc;

use crate::{Batch, Expect, Horizon, Range, Record, Revision, Store, StoreError};

/// Checks every rule. Needs a tokio runtime, better one with several threads.
///
/// `fresh` gives a new, empty store. `reopen` gets a store that nobody else holds; it closes it and opens the same
/// one again. It is the store that `fresh` gave last.
///
/// # Panics
/// When a rule is broken.
pub async fn check(
    fresh: impl AsyncFn() -> Arc<dyn Store>,
    reopen: impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
) {
    records::an_empty_store_is_empty(&*fresh().await).await;
    records::a_record_lives(&*fresh().await).await;
    records::preconditions_decide(&*fresh().await).await;
    records::a_conflict_leaves_nothing(&*fresh().await).await;
    records::many_records_are_one_commit(&*fresh().await).await;
    records::the_later_write_of_a_key_counts(&*fresh().await).await;
    records::any_value_comes_back(&*fresh().await).await;
    records::limits_hold(&*fresh().await).await;
    records::large_batches_work(&*fresh().await).await;
    ranges::scans_are_ordered_and_paged(&*fresh().await).await;
    ranges::prefixes_are_exact(&*fresh().await).await;
    ranges::counts_are_exact(&*fresh().await).await;
    feed::the_feed_tells_everything(&*fresh().await).await;
    feed::pages_hold_whole_revisions(&*fresh().await).await;
    feed::the_feed_refuses_unknown_revisions(&*fresh().await).await;
    feed::watchers_wake(&*fresh().await).await;
    concurrency::one_writer_wins(fresh().await).await;
    concurrency::nobody_sees_half_a_batch(fresh().await).await;
    concurrency::a_follower_misses_nothing(fresh().await).await;
    concurrency::dropped_commits_are_whole_or_absent(fresh().await).await;
    reopening_finds_everything(fresh().await, reopen).await;
}

async fn reopening_finds_everything(
    store: Arc<dyn Store>,
    reopen: impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
) {
    let mut batch = Batch::new();
    batch.create("a", "one", 1, *b"first").create("b", "two", 2, *b"second");
    must(store.commit(batch).await, "a commit");
    must(store.commit(put("a", b"changed")).await, "a commit");
    let head = must(store.commit(delete("b")).await, "a commit");
    let before = must(store.scan(Range::all(), None, 100).await, "a scan");

    let store = reopen(store).await;
    assert_eq!(
        store.horizon(),
        Horizon::At(head),
        "rule: the horizon of a reopened store is its last commit"
    );
    let after = must(store.scan(Range::all(), None, 100).await, "a scan");
    assert_eq!(after, before, "rule: a reopened store has the records that it had");
    let changes = must(store.changes(0, 100).await, "the feed of a reopened store");
    let told: Vec<_> = changes.entries.iter().map(|change| (change.revision, change.key.as_str())).collect();
    assert_eq!(told, [(1, "a"), (1, "b"), (2, "a"), (3, "b")], "rule: the feed outlives the process");
    let next = must(store.commit(put("c", b"third")).await, "a commit");
    assert_eq!(next, head + 1, "rule: revisions go on where they were");
}

/// The value, or a panic that says what should have worked.
#[track_caller]
fn must<T>(result: Result<T, StoreError>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{what} should work, but: {error}"),
    }
}

#[track_caller]
fn must_conflict<T>(result: Result<T, StoreError>, expected: &str, rule: &str) {
    match result {
        Err(StoreError::Conflict { key }) => {
            assert_eq!(key, expected, "rule: a conflict names the record ({rule})");
        }
        Err(other) => panic!("rule: {rule}; a conflict is told as such, not as: {other}"),
        Ok(_) => panic!("rule: {rule}"),
    }
}

async fn read(store: &dyn Store, key: &str) -> Option<Record> {
    must(store.get(key).await, "a read")
}

fn put(key: &str, value: &[u8]) -> Batch {
    let mut batch = Batch::new();
    batch.put(key, "test", 1, value);
    batch
}

fn delete(key: &str) -> Batch {
    let mut batch = Batch::new();
    batch.delete(key);
    batch
}

/// A write of `key` under one precondition.
fn guarded(key: &str, expect: Expect, value: &[u8]) -> Batch {
    let mut batch = put(key, value);
    match expect {
        Expect::Absent => batch.expect_absent(key),
        Expect::At(revision) => batch.expect_at(key, revision),
    };
    batch
}

fn keys(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.key.as_str()).collect()
}

/// The revision that an image has to have applied.
#[track_caller]
fn head(store: &dyn Store) -> Revision {
    match store.horizon() {
        Horizon::At(revision) => revision,
        Horizon::Lost => panic!("rule: a store that works has a horizon"),
    }
}
