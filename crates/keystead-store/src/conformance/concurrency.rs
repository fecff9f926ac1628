use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::task::JoinSet;

use super::{guarded, head, must, put, read};
use crate::{Batch, Expect, Range, Revision, Store, StoreError};

pub(super) async fn one_writer_wins(store: Arc<dyn Store>) {
    const WRITERS: u32 = 32;
    let mut expect = Expect::Absent;
    for round in 0..20 {
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let store = store.clone();
            writers.spawn(async move {
                let value = format!("{round}/{writer}").into_bytes();
                (store.commit(guarded("contended", expect, &value)).await, value)
            });
        }
        let mut winners = Vec::new();
        while let Some(done) = writers.join_next().await {
            match done {
                Ok((Ok(revision), value)) => winners.push((revision, value)),
                Ok((Err(StoreError::Conflict { .. }), _)) => {}
                Ok((Err(other), _)) => panic!("rule: who loses a race meets a conflict, not: {other}"),
                Err(error) => panic!("a writer panicked: {error}"),
            }
        }
        assert_eq!(winners.len(), 1, "rule: of {WRITERS} writers with one precondition exactly one wins");
        let (revision, value) = winners.remove(0);
        assert_eq!(revision, round + 1, "rule: who loses takes no revision");
        let found = read(&*store, "contended").await.map(|record| (record.revision, record.value));
        assert_eq!(found, Some((revision, value)), "rule: what the winner wrote is there");
        expect = Expect::At(revision);
    }
}

pub(super) async fn nobody_sees_half_a_batch(store: Arc<dyn Store>) {
    const COMMITS: u32 = 200;
    // Far from each other in the order of keys.
    let pair = ["a/first", "z/second"].map(str::to_owned);
    let writing = {
        let (store, pair) = (store.clone(), pair.clone());
        tokio::spawn(async move {
            for number in 0..COMMITS {
                let mut batch = Batch::new();
                for key in &pair {
                    batch.put(key.as_str(), "test", 1, number.to_be_bytes());
                }
                // A third one comes and goes.
                if number % 2 == 0 {
                    batch.put("m/even", "test", 1, *b"");
                } else {
                    batch.delete("m/even");
                }
                must(store.commit(batch).await, "a commit");
            }
        })
    };
    let mut newest = 0;
    while !writing.is_finished() {
        let records = must(store.get_many(pair.to_vec()).await, "a read of several records");
        let revisions: Vec<_> = records.iter().flatten().map(|record| record.revision).collect();
        assert!(
            revisions.is_empty() || (revisions.len() == 2 && revisions[0] == revisions[1]),
            "rule: get_many sees one state, not the revisions {revisions:?}"
        );
        let records = must(store.scan(Range::all(), None, 10).await, "a scan");
        let Some(first) = records.first() else { continue };
        let of_one_state = records
            .iter()
            .filter(|record| record.key != "m/even")
            .all(|record| record.revision == first.revision);
        let has_even = records.iter().any(|record| record.key == "m/even");
        assert!(
            of_one_state && has_even == (first.revision % 2 == 1),
            "rule: a scan sees one state, not {records:?}"
        );
        assert!(first.revision >= newest, "rule: what was seen once is not unseen later");
        newest = first.revision;
    }
    if let Err(error) = writing.await {
        panic!("the writer panicked: {error}");
    }
}

pub(super) async fn a_follower_misses_nothing(store: Arc<dyn Store>) {
    const WRITERS: u32 = 8;
    const COMMITS: u32 = 40;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            let mut written: Vec<(Revision, String)> = Vec::new();
            for number in 0..COMMITS {
                let keys = [format!("w/{writer}/{number}"), format!("x/{writer}/{}", number % 3)];
                let mut batch = Batch::new();
                for key in &keys {
                    batch.put(key.as_str(), "test", 1, number.to_be_bytes());
                }
                let revision = must(store.commit(batch).await, "a commit");
                assert!(head(&*store) >= revision, "rule: the horizon covers what was acknowledged");
                written.extend(keys.map(|key| (revision, key)));
            }
            written
        });
    }
    let end = Revision::from(WRITERS * COMMITS);
    let mut watch = store.head_watch();
    let (mut applied, mut told) = (0, BTreeSet::new());
    while applied < end {
        watch.mark_unchanged();
        let before = head(&*store);
        let changes = must(store.changes(applied, 7).await, "the feed");
        let through = changes.through;
        for change in changes.entries {
            assert!(change.revision > applied && change.revision <= through, "rule: a page keeps its bounds");
            assert!(told.insert((change.revision, change.key)), "rule: the feed tells nothing twice");
        }
        assert!(
            through > applied || before <= applied,
            "rule: the feed reaches what the horizon has told before"
        );
        if through == applied && watch.changed().await.is_err() {
            panic!("rule: the watch lives as long as its store");
        }
        applied = through;
    }
    let mut written = BTreeSet::new();
    while let Some(done) = writers.join_next().await {
        match done {
            Ok(of_writer) => written.extend(of_writer),
            Err(error) => panic!("a writer panicked: {error}"),
        }
    }
    let revisions: BTreeSet<_> = written.iter().map(|(revision, _)| *revision).collect();
    assert!(revisions.into_iter().eq(1..=end), "rule: every commit has a revision of its own, without holes");
    assert!(told == written, "rule: who follows the feed learns of every change, under its revision");
}

pub(super) async fn dropped_commits_are_whole_or_absent(store: Arc<dyn Store>) {
    const TRIES: u32 = 50;
    for number in 0..TRIES {
        let mut batch = Batch::new();
        batch.create(format!("first/{number}"), "test", 1, *b"1").create(
            format!("second/{number}"),
            "test",
            1,
            *b"2",
        );
        let mut commit = pin!(store.commit(batch));
        // Polled once, and dropped when it has not ended by then.
        poll_fn(|context| {
            let _ = commit.as_mut().poll(context);
            Poll::Ready(())
        })
        .await;
    }
    drop(store.commit(put("never", b"polled")));
    // Commits are totally ordered, so that those above are decided when this one is.
    must(store.commit(put("last", b"x")).await, "a commit after dropped ones");
    assert_eq!(read(&*store, "never").await, None, "rule: nothing happens before a future is polled");
    let first = must(store.scan(Range::prefix("first/"), None, 1000).await, "a scan");
    let second = must(store.scan(Range::prefix("second/"), None, 1000).await, "a scan");
    assert!(
        first
            .iter()
            .map(|record| (record.revision, record.key.trim_start_matches("first/")))
            .eq(second.iter().map(|record| (record.revision, record.key.trim_start_matches("second/")))),
        "rule: a commit whose future is dropped happens wholly or not at all"
    );
    assert_eq!(head(&*store), first.len() as Revision + 1, "rule: what did not happen takes no revision");
}
