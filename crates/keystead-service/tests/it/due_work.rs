//! The background worker: what falls due is done while an engine runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use keystead_service::due::{DueWorker, Outcome};
use keystead_service::records::path;
use keystead_store::{Batch, Range};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::harness::{Client, START, World, in_time, text, texts};

const DAY: i64 = 86_400;

/// How often each kind of work ended each way.
type Ends = Arc<Mutex<BTreeMap<(&'static str, bool), usize>>>;

struct Running {
    ends: Ends,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(client: &Client) -> Self {
        let ends = Ends::default();
        let stop = watch::Sender::new(false);
        let report = {
            let ends = ends.clone();
            move |kind, outcome| {
                *ends.lock().unwrap().entry((kind, outcome == Outcome::Done)).or_default() += 1
            }
        };
        let task = tokio::spawn(DueWorker::new(client.engine.clone(), report).run(stop.subscribe()));
        Self { ends, stop, task }
    }

    fn count(&self, kind: &'static str, done: bool) -> usize {
        self.ends.lock().unwrap().get(&(kind, done)).copied().unwrap_or(0)
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        in_time(self.task).await.unwrap();
    }
}

async fn rotating(client: &Client) -> String {
    let params = [("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")];
    text(&client.ok("CreateKey", &params).await["KeyMetadata"]["KeyId"])
}

async fn versions(client: &Client, key: &str) -> usize {
    texts(&client.ok("ListKeyVersions", &[("KeyId", key)]).await["KeyVersions"]["KeyVersion"], "KeyVersionId")
        .len()
}

/// Makes a commit, which wakes workers, until something holds.
async fn until(client: &Client, holds: impl AsyncFn() -> bool) {
    in_time(async {
        while !holds().await {
            client.ok("CreateKey", &[]).await;
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_on_two_engines_do_everything_once() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    let workers = [Running::start(&a), Running::start(&b)];
    let (turns, goes) = (rotating(&a).await, a.key().await);
    a.ok("ScheduleKeyDeletion", &[("KeyId", &goes), ("PendingWindowInDays", "7")]).await;
    let overdue = async || {
        let due = Range::between(path::DUE, path::due_from(START.plus(7 * DAY + 1)));
        world.store.count(due).await.unwrap()
    };
    assert_eq!(overdue().await, 2);
    world.clock.advance(7 * DAY);
    until(&a, async || overdue().await == 0).await;
    assert_eq!(versions(&b, &turns).await, 2);
    assert!(world.store.get(&path::key(a.account(), &goes)).await.unwrap().is_none());
    for worker in &workers {
        assert_eq!(worker.count("key-rotation", false) + worker.count("key-deletion", false), 0);
    }
    // Work that both began counts twice, and was done once.
    let done = |kind| workers.iter().map(|worker| worker.count(kind, true)).sum::<usize>();
    until(&a, async || done("key-rotation") >= 1 && done("key-deletion") >= 1).await;
    for worker in workers {
        worker.stop().await;
    }
}

/// Entries that always fail come first, and many of them: the others are done, and the failing ones do not spin.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_neither_holds_up_the_rest_nor_spins() {
    let world = World::new().await;
    let client = world.client().await;
    let key = rotating(&client).await;
    let mut batch = Batch::new();
    // More than are read at once. Their keys are damaged.
    for number in 0..150 {
        let id = format!("damaged{number}");
        batch.put(path::key(client.account(), &id), "key", 1, *b"damaged");
        batch.put(format!("due/{:020}/key-rotation/{}/{id}", 1, client.account()), "due", 1, *b"{}");
    }
    batch.put("due/nonsense", "due", 1, *b"{}");
    batch.put(format!("due/{:020}/other-work/1/x", 1), "due", 1, *b"{}");
    world.store.commit(batch).await.unwrap();
    world.clock.advance(7 * DAY);

    let begun = Instant::now();
    let worker = Running::start(&client);
    let last = path::due(
        START.plus(7 * DAY),
        keystead_service::records::DueKind::KeyRotation,
        client.account(),
        &key,
    );
    in_time(async {
        while world.store.get(&last).await.unwrap().is_some() {
            // Commits of callers wake the worker again and again.
            client
                .ok("UpdateKeyDescription", &[("KeyId", &key), ("Description", &format!("{begun:?}"))])
                .await;
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(versions(&client, &key).await, 2);
    in_time(async {
        let mut number = 0;
        while begun.elapsed().as_secs() < 2 {
            number += 1;
            client.ok("UpdateKeyDescription", &[("KeyId", &key), ("Description", &number.to_string())]).await;
        }
    })
    .await;
    let failures = worker.count("key-rotation", false);
    // After 1, 2, 4, … seconds each.
    let tries = usize::try_from(begun.elapsed().as_secs().ilog2()).unwrap() + 2;
    assert!((150..=150 * tries).contains(&failures), "{failures} in {:?}", begun.elapsed());
    assert!((1..=tries).contains(&worker.count("unreadable", false)));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_stops_when_told_and_the_next_one_goes_on() {
    let world = World::new().await;
    let client = world.client().await;
    let mut keys = Vec::new();
    for _ in 0..30 {
        keys.push(rotating(&client).await);
    }
    for round in 2..7 {
        world.clock.advance(7 * DAY);
        // Stopped somewhere in the middle.
        let worker = Running::start(&client);
        until(&client, async || worker.count("key-rotation", true) > 3).await;
        worker.stop().await;
        client.engine.carry_out_due().await.unwrap();
        for key in &keys {
            assert_eq!(versions(&client, key).await, round);
        }
    }
}
