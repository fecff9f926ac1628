//! kill -9 loses nothing that was acknowledged and leaves nothing half done.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Batch, Horizon, Range, Store};
use tempfile::TempDir;

const FOLDER: &str = "KEYSTEAD_TEST_CRASH_FOLDER";
const WRITERS: u64 = 4;

/// Each commit writes these parts together.
const PARTS: [&str; 3] = ["a", "m", "z"];

/// Not a test by itself: the process that the test below kills. Commits until then, and tells each commit that was
/// acknowledged.
#[test]
fn committing_process() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let store = Arc::new(EmbeddedStore::open(Path::new(&folder), EmbeddedOptions::default()).unwrap());
        let Horizon::At(start) = store.horizon() else { panic!("lost") };
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let store = store.clone();
            writers.spawn(async move {
                for number in 0_u64.. {
                    let id = format!("{start}-{writer}-{number}");
                    let mut batch = Batch::new();
                    for part in PARTS {
                        batch.create(format!("{part}/{id}"), "test", 1, vec![part.as_bytes()[0]; 300]);
                    }
                    // Also something that is replaced again and again.
                    batch.put(format!("last/{writer}"), "test", 1, id.as_str());
                    let revision = store.commit(batch).await.unwrap();
                    // One call, so that lines of several writers do not mix.
                    std::io::stdout().write_all(format!("\nack {id} {revision}\n").as_bytes()).unwrap();
                }
            });
        }
        writers.join_all().await;
    });
}

#[test]
fn killed_processes_lose_nothing_acknowledged() {
    let dir = TempDir::new().unwrap();
    let mut acknowledged: BTreeSet<(u64, String)> = BTreeSet::new();
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["committing_process", "--exact", "--nocapture"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // A different moment in each round and each run.
        let patience = 1 + RandomState::new().hash_one(round) % 400;
        let mut seen = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let Some(told) = line.strip_prefix("ack ") else { continue };
            // Lines come whole: one write as short as this to a pipe happens wholly or not at all.
            let (id, revision) = told.split_once(' ').unwrap();
            acknowledged.insert((revision.parse().unwrap(), id.to_owned()));
            seen += 1;
            if seen == patience {
                child.kill().unwrap();
            }
        }
        assert!(!child.wait().unwrap().success());
        assert!(seen >= patience, "round {round}: the child ended by itself after {seen} commits");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check(dir.path(), &acknowledged));
    }
}

async fn check(dir: &Path, acknowledged: &BTreeSet<(u64, String)>) {
    let store = EmbeddedStore::open(dir, EmbeddedOptions::default()).unwrap();
    let Horizon::At(head) = store.horizon() else { panic!("lost") };
    let mut parts = Vec::new();
    for part in PARTS {
        let mut found = BTreeSet::new();
        let mut after = None;
        loop {
            let prefix = format!("{part}/");
            let page = store.scan(Range::prefix(prefix.as_str()), after, 1000).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for record in page {
                assert_eq!(record.value, vec![part.as_bytes()[0]; 300]);
                found.insert((record.revision, record.key.strip_prefix(&prefix).unwrap().to_owned()));
            }
        }
        parts.push(found);
    }
    assert!(parts[0] == parts[1] && parts[1] == parts[2], "a commit is whole or absent");
    assert!(acknowledged.is_subset(&parts[0]), "what was acknowledged is there, with its revision");
    assert!(parts[0].iter().map(|(revision, _)| *revision).eq(1..=head), "revisions have no holes");
    let (mut applied, mut told) = (0, 0);
    while applied < head {
        let changes = store.changes(applied, 1000).await.unwrap();
        told += changes.entries.len() as u64;
        applied = changes.through;
    }
    assert_eq!(told, head * (PARTS.len() as u64 + 1), "the feed tells every commit");
}
