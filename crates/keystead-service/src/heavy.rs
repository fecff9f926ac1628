//! Computations that would stall the threads which serve requests: threads of their own, with less right to the
//! processor, and queues that end.

use std::collections::VecDeque;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use keystead_api::{ApiError, ErrorCode};
use tokio::sync::oneshot;

/// How much less than requests these threads get of a processor that both want: at 10, a tenth (`man 7 sched`).
const NICENESS: i32 = 10;
/// Operations that wait at most. RSA_4096 takes some milliseconds, so the last in the queue waits seconds: longer than
/// that, clients have given up.
const WAITING_OPERATIONS: usize = 512;
/// Key pairs that wait at most; one of RSA_4096 takes a second and more.
const WAITING_KEY_PAIRS: usize = 32;
/// How long answers are held while more work waits. Each that is handed over by itself wakes a thread that serves requests,
/// which takes the processor away at once, twice: for the answer and for the request that follows it. When work waits, the
/// answers have waited for far longer than this.
const HELD: Duration = Duration::from_millis(4);

/// The threads for expensive computations. Key pairs have threads apart, so that no signature waits for a prime number.
pub(crate) struct Heavy {
    operations: Pool,
    key_pairs: Pool,
}

impl Heavy {
    /// As many threads for operations as there are processors, a quarter of that for key pairs. They start when they are
    /// needed first.
    pub(crate) fn new() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            operations: Pool::new("heavy", processors, WAITING_OPERATIONS),
            key_pairs: Pool::new("key-pairs", processors.div_ceil(4), WAITING_KEY_PAIRS),
        }
    }

    /// Computes something that takes from a tenth of a millisecond to some milliseconds.
    ///
    /// # Errors
    /// 503 `ServiceUnavailableTemporary` when too much is waiting; nothing was done then. 500 `InternalFailure` when the
    /// computation panicked.
    pub(crate) async fn operation<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        self.operations.run(work).await
    }

    /// Makes a key pair, which may take seconds.
    ///
    /// # Errors
    /// As [`Heavy::operation`].
    pub(crate) async fn key_pair<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        self.key_pairs.run(work).await
    }
}

/// Computes, and returns what hands over the answer; none when nobody waits for it any more.
type Job = Box<dyn FnOnce() -> Option<Delivery> + Send>;
type Delivery = Box<dyn FnOnce() + Send>;

/// Some threads over one bounded queue.
struct Pool {
    name: &'static str,
    max_threads: usize,
    max_waiting: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Pool {
    fn new(name: &'static str, max_threads: usize, max_waiting: usize) -> Self {
        Self { name, max_threads, max_waiting, shared: Arc::default() }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let (answer, answered) = oneshot::channel();
        self.submit(Box::new(move || {
            // Whoever asked may have gone while this waited.
            if answer.is_closed() {
                return None;
            }
            let value = work();
            Some(Box::new(move || drop(answer.send(value))))
        }))?;
        answered.await.map_err(|_| {
            tracing::error!(pool = self.name, "a computation panicked");
            ErrorCode::InternalFailure.into()
        })
    }

    fn submit(&self, job: Job) -> Result<(), ApiError> {
        let mut state = self.shared.state();
        if state.idle <= state.waiting.len() && state.threads < self.max_threads {
            match self.start() {
                Ok(()) => state.threads += 1,
                Err(error) => tracing::error!(%error, pool = self.name, "a thread cannot be started"),
            }
        }
        if state.threads == 0 || state.waiting.len() >= self.max_waiting {
            tracing::warn!(pool = self.name, waiting = state.waiting.len(), "refused: too much is waiting");
            return Err(ErrorCode::ServiceUnavailableTemporary.into());
        }
        state.waiting.push_back(job);
        drop(state);
        self.shared.changed.notify_one();
        Ok(())
    }

    fn start(&self) -> std::io::Result<()> {
        let shared = self.shared.clone();
        thread::Builder::new().name(self.name.to_owned()).spawn(move || shared.work()).map(drop)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Nobody waits for an answer any more: the threads end by themselves, each after what it is computing.
        let mut state = self.shared.state();
        state.closed = true;
        state.waiting.clear();
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic happens under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What each thread does.
    fn work(&self) {
        // On Linux the priority is that of the calling thread. Being refused costs only the courtesy.
        if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
            tracing::debug!(%error, "a thread for expensive computations keeps the usual priority");
        }
        let mut held: Vec<Delivery> = Vec::new();
        let mut since = Instant::now();
        let mut state = self.state();
        while !state.closed {
            if let Some(job) = state.waiting.pop_front() {
                drop(state);
                // A job that panics drops its answer, which tells the waiting call. The panic hook has told the log.
                if let Ok(Some(delivery)) = catch_unwind(AssertUnwindSafe(job)) {
                    if held.is_empty() {
                        since = Instant::now();
                    }
                    held.push(delivery);
                }
                state = self.state();
                if state.waiting.is_empty() || since.elapsed() >= HELD {
                    drop(state);
                    held.drain(..).for_each(|delivery| delivery());
                    state = self.state();
                }
            } else {
                state.idle += 1;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::mpsc;

    use super::*;

    fn code<T>(result: Result<T, ApiError>) -> ErrorCode {
        result.err().unwrap().code()
    }

    #[tokio::test]
    async fn answers_come_back_and_panics_do_not_spread() {
        let pool = Pool::new("test", 1, 4);
        assert_eq!(pool.run(|| 7).await.unwrap(), 7);
        assert_eq!(code(pool.run(|| panic!("by the test")).await), ErrorCode::InternalFailure);
        assert_eq!(pool.run(|| 8).await.unwrap(), 8);
        assert_eq!(pool.shared.state().threads, 1);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_what_nobody_waits_for_is_left_out() {
        let pool = Pool::new("test", 1, 2);
        let (release, held) = mpsc::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let mut first = std::pin::pin!(pool.run(move || {
            begun.send(()).unwrap();
            held.recv().unwrap();
        }));
        tokio::select! {
            biased;
            _ = &mut first => panic!("it is held"),
            begun = begins => begun.unwrap(),
        }
        let (ran, runs) = mpsc::channel();
        let (left, stays) = (ran.clone(), ran);
        {
            let mut left = std::pin::pin!(pool.run(move || left.send("left").unwrap()));
            assert!(waits(&mut left).await, "it waits");
        }
        let mut stays = std::pin::pin!(pool.run(move || stays.send("stays").unwrap()));
        assert!(waits(&mut stays).await, "it waits");
        // Both places are taken, also that of the caller who has left: it is looked at when its turn comes.
        assert_eq!(code(pool.run(|| ()).await), ErrorCode::ServiceUnavailableTemporary);
        release.send(()).unwrap();
        first.await.unwrap();
        stays.await.unwrap();
        assert_eq!(runs.try_iter().collect::<Vec<_>>(), ["stays"]);
        pool.run(|| ()).await.unwrap();
    }

    /// Whether a future still waits after one look at it.
    async fn waits(future: &mut (impl Future + Unpin)) -> bool {
        std::future::poll_fn(|context| {
            let pending = std::pin::Pin::new(&mut *future).poll(context).is_pending();
            std::task::Poll::Ready(pending)
        })
        .await
    }

    #[tokio::test]
    async fn threads_have_less_right_to_the_processor_and_end_with_their_pool() {
        let pool = Pool::new("test", 1, 1);
        let niceness = pool.run(|| rustix::process::getpriority_process(None)).await.unwrap();
        assert!(niceness.unwrap() >= NICENESS, "{niceness:?}");
        assert!(rustix::process::getpriority_process(None).unwrap() < NICENESS, "only those threads");
        let shared = Arc::downgrade(&pool.shared);
        drop(pool);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while shared.strong_count() > 0 {
            assert!(std::time::Instant::now() < deadline, "the thread lives on");
            thread::yield_now();
        }
    }
}
