use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::Range;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::{CHUNK, Due, overdue};
use crate::engine::Engine;
use crate::image::ImageError;
use crate::records::path;

/// Pieces of work that are carried out at the same time. Most take milliseconds; one that waits for another machine is not
/// to hold up the others.
const AT_ONCE: usize = 8;
/// Between two looks at what is due, at least: commits of callers come much faster than anything falls due.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// Between two looks, at most: another node's clock or a repair may have made something due.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// After the first failure, work waits so long before it is tried again, and twice as long after each further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// It waits so long at most.
const LONGEST_WAIT: Duration = Duration::from_secs(600);
/// Between two scrubs of the store, at least: commits wait for each.
const BETWEEN_SCRUBS: Duration = Duration::from_secs(600);
/// How long a stop waits for work that is under way.
const GRACE: Duration = Duration::from_secs(10);

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, here or by another node.
    Done,
    /// It failed, and is tried again later.
    Failed,
}

/// Carries out what falls due while a server runs.
pub struct DueWorker<R> {
    engine: Arc<Engine>,
    report: R,
    running: JoinSet<Result<(), ApiError>>,
    /// What each running task is about.
    under_way: HashMap<Id, Due>,
    /// Entries that failed, by their place.
    waiting: HashMap<String, Waiting>,
    next_scrub: Instant,
}

/// An entry that failed is left alone for a while, so that it neither spins nor takes the place of others.
struct Waiting {
    failures: u32,
    until: Instant,
}

impl<R: Fn(&'static str, Outcome) + Send> DueWorker<R> {
    /// A worker that tells `report` what kind of work ended, and how.
    pub fn new(engine: Arc<Engine>, report: R) -> Self {
        let next_scrub = Instant::now();
        let (running, under_way, waiting) = (JoinSet::new(), HashMap::new(), HashMap::new());
        Self { engine, report, running, under_way, waiting, next_scrub }
    }

    /// Works until `stop` says so; then lets what is under way end.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut head = self.engine.store().head_watch();
        // A sender that is gone means that nobody can stop this any other way.
        let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
        tokio::pin!(stopped);
        loop {
            head.mark_unchanged();
            let looked = tokio::select! {
                () = &mut stopped => break,
                looked = self.look() => looked,
            };
            if self.running.is_empty() && self.next_scrub <= Instant::now() && self.engine.wants_scrub() {
                self.next_scrub = Instant::now() + BETWEEN_SCRUBS;
                self.engine.scrub_if_wanted().await;
            }
            let pause = looked.unwrap_or_else(|error| {
                tracing::error!(%error, "what is due cannot be read");
                LONGEST_PAUSE
            });
            let now = Instant::now();
            tokio::select! {
                () = &mut stopped => break,
                Some(ended) = self.running.join_next_with_id() => self.ended(ended),
                () = tokio::time::sleep_until(now + pause) => {}
                Ok(()) = head.changed() => {}
            }
            tokio::select! {
                () = &mut stopped => break,
                () = tokio::time::sleep_until(now + SHORTEST_PAUSE) => {}
            }
        }
        self.finish().await;
    }

    /// Starts everything that is due, and says when to look again unless something happens before.
    async fn look(&mut self) -> Result<Duration, ApiError> {
        let (now, started) = (self.engine.now(), Instant::now());
        let mut failed = HashSet::new();
        let mut after = None;
        loop {
            let records = overdue(&self.engine, after, now).await?;
            for record in &records {
                if self.waiting.contains_key(&record.key) {
                    failed.insert(record.key.clone());
                }
                if self.waiting.get(&record.key).is_some_and(|waiting| waiting.until > Instant::now()) {
                    continue;
                }
                match Due::parse(&record.key) {
                    Some(due) => self.start(due, now).await,
                    None => {
                        tracing::error!(key = record.key, "an entry of due work cannot be read");
                        self.failed(record.key.clone(), "unreadable");
                    }
                }
            }
            if records.len() < CHUNK {
                break;
            }
            after = records.last().map(|record| record.key.clone());
        }
        // What is no longer there was done, by whomever. What failed since this look began stays.
        self.waiting.retain(|at, waiting| failed.contains(at) || waiting.until > started);
        let next_try =
            self.waiting.values().map(|waiting| waiting.until.duration_since(Instant::now())).min();
        let next_due = self.next_due(now).await?;
        Ok([next_try, next_due].into_iter().flatten().fold(LONGEST_PAUSE, Duration::min))
    }

    /// How long it is until something falls due that is not due yet.
    async fn next_due(&self, now: Timestamp) -> Result<Option<Duration>, ApiError> {
        let later = Range::between(path::due_from(now.plus(1)), path::due_from(Timestamp(i64::MAX)));
        let next = self.engine.store().scan(later, None, 1).await.map_err(ImageError::from)?;
        let due = next.first().and_then(|record| Due::parse(&record.key));
        Ok(due.map(|due| Duration::from_secs(due.at.0.saturating_sub(now.0).unsigned_abs())))
    }

    /// Starts a piece of work, when a place is free, unless it is under way.
    async fn start(&mut self, due: Due, now: Timestamp) {
        if self.under_way.values().any(|running| running.path() == due.path()) {
            return;
        }
        while self.running.len() >= AT_ONCE {
            if let Some(ended) = self.running.join_next_with_id().await {
                self.ended(ended);
            }
        }
        let (engine, work) = (self.engine.clone(), due.clone());
        let task = self.running.spawn(async move { engine.carry_out(&work, now).await });
        self.under_way.insert(task.id(), due);
    }

    fn ended(&mut self, ended: Result<(Id, Result<(), ApiError>), JoinError>) {
        let (id, result) = match ended {
            Ok((id, result)) => (id, result),
            // It panicked; the panic hook has told the log.
            Err(error) => (error.id(), Err(ErrorCode::InternalFailure.into())),
        };
        let Some(due) = self.under_way.remove(&id) else { return };
        let kind = due.kind.as_str();
        match result {
            Ok(()) => {
                self.waiting.remove(&due.path());
                (self.report)(kind, Outcome::Done);
            }
            Err(error) => {
                tracing::warn!(%error, kind, id = due.id, "due work failed; it is tried again later");
                self.failed(due.path(), kind);
            }
        }
    }

    fn failed(&mut self, at: String, kind: &'static str) {
        (self.report)(kind, Outcome::Failed);
        let failures = self.waiting.get(&at).map_or(0, |waiting| waiting.failures);
        let wait = FIRST_WAIT.saturating_mul(1 << failures.min(16)).min(LONGEST_WAIT);
        let waiting = Waiting { failures: failures.saturating_add(1), until: Instant::now() + wait };
        self.waiting.insert(at, waiting);
    }

    async fn finish(mut self) {
        let end = Instant::now() + GRACE;
        loop {
            match tokio::time::timeout_at(end, self.running.join_next_with_id()).await {
                Ok(Some(ended)) => self.ended(ended),
                Ok(None) => return self.engine.scrub_if_wanted().await,
                Err(_) => {
                    // Nothing is lost: what did not commit is still due after the next start.
                    tracing::warn!(
                        tasks = self.running.len(),
                        "due work did not end in time and is given up"
                    );
                    return self.running.shutdown().await;
                }
            }
        }
    }
}
