//! A store that is late, lost, or fails, for tests of this crate and of those that build on it.
//!
//! Every fault is an event that the test turns on and off; nothing waits for a time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::{Batch, Changes, Horizon, Range, Record, Revision, Store, StoreError, StoreFuture};

/// Where in a call a fault sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the call has reached the store.
    Before,
    /// When the store has done it, and its answer is on the way.
    After,
}

/// Wraps a store and disturbs it. Without a fault it behaves as the store does.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    /// The head as it is told to watchers; silent while the feed is held.
    head: Arc<watch::Sender<Revision>>,
    forwarding: AbortHandle,
    feed_held: Arc<watch::Sender<bool>>,
    lost: AtomicBool,
    commit_fault: Mutex<Option<(u64, Moment)>>,
    gets_held: watch::Sender<Option<Moment>>,
    /// How many reads of each key wait now.
    waiting: watch::Sender<BTreeMap<String, usize>>,
    reads: AtomicU64,
}

impl FaultyStore {
    /// Wraps a store. Needs a tokio runtime.
    pub fn new(inner: Arc<dyn Store>) -> Arc<Self> {
        let source = inner.head_watch();
        let head = Arc::new(watch::Sender::new(*source.borrow()));
        let feed_held = Arc::new(watch::Sender::new(false));
        let forwarding = tokio::spawn(forward(source, head.clone(), feed_held.subscribe()));
        Arc::new(Self {
            inner,
            head,
            forwarding: forwarding.abort_handle(),
            feed_held,
            lost: AtomicBool::new(false),
            commit_fault: Mutex::new(None),
            gets_held: watch::Sender::new(None),
            waiting: watch::Sender::new(BTreeMap::new()),
            reads: AtomicU64::new(0),
        })
    }

    /// From now on `changes` does not answer and `head_watch` is silent, while `horizon` goes on to tell the truth.
    pub fn hold_feed(&self) {
        self.feed_held.send_replace(true);
    }

    /// Lets the feed go on; who waits in `changes` is answered.
    pub fn release_feed(&self) {
        self.feed_held.send_replace(false);
    }

    /// Makes the horizon [`Horizon::Lost`] and wakes watchers; reads and commits go on.
    pub fn lose_horizon(&self) {
        self.lost.store(true, Ordering::SeqCst);
        self.head.send_modify(|_| {});
    }

    /// Gives the horizon back and wakes watchers.
    pub fn restore_horizon(&self) {
        self.lost.store(false, Ordering::SeqCst);
        self.head.send_modify(|_| {});
    }

    /// Makes the n-th commit from now fail once with [`StoreError::Unavailable`]; 1 is the next one. With
    /// [`Moment::After`] it has happened, and only its answer is lost.
    pub fn fail_commit(&self, n: u64, moment: Moment) {
        *self.commit_fault() = Some((n.max(1), moment));
    }

    /// From now on `get` and `get_many` wait until they are released. With [`Moment::After`] they have read already,
    /// so that what they bring may be old when they are released.
    pub fn hold_gets(&self, moment: Moment) {
        self.gets_held.send_replace(Some(moment));
    }

    /// Lets all waiting reads go on.
    pub fn release_gets(&self) {
        self.gets_held.send_replace(None);
    }

    /// Resolves when at least `count` reads of `key` wait.
    pub async fn get_waiting(&self, key: &str, count: usize) {
        let mut waiting = self.waiting.subscribe();
        let there = waiting.wait_for(|waiting| waiting.get(key).copied().unwrap_or(0) >= count).await;
        // The sender is in `self`.
        debug_assert!(there.is_ok(), "the store outlives this call");
    }

    /// How many calls of `get`, `get_many`, `scan` and `count` there were: a test of "no storage I/O" compares two.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    /// The store inside.
    pub fn inner(&self) -> &Arc<dyn Store> {
        &self.inner
    }

    fn commit_fault(&self) -> MutexGuard<'_, Option<(u64, Moment)>> {
        self.commit_fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts down to the commit that is to fail.
    fn next_commit_fault(&self) -> Option<Moment> {
        let mut fault = self.commit_fault();
        match fault.take() {
            Some((1, moment)) => Some(moment),
            Some((n, moment)) => {
                *fault = Some((n - 1, moment));
                None
            }
            None => None,
        }
    }

    /// Waits while reads are held at this moment.
    async fn held(&self, moment: Moment, keys: &[String]) {
        let mut held = self.gets_held.subscribe();
        if *held.borrow() != Some(moment) {
            return;
        }
        let _there = Waiting::enter(&self.waiting, keys);
        // An error means that the store is gone, which is as good as released.
        held.wait_for(|held| *held != Some(moment)).await.ok();
    }

    async fn feed_released(&self) {
        self.feed_held.subscribe().wait_for(|held| !held).await.ok();
    }

    fn count_read(&self) {
        self.reads.fetch_add(1, Ordering::SeqCst);
    }
}

impl Store for FaultyStore {
    fn get(&self, key: &str) -> StoreFuture<'_, Option<Record>> {
        let key = [key.to_owned()];
        Box::pin(async move {
            self.count_read();
            self.held(Moment::Before, &key).await;
            let record = self.inner.get(&key[0]).await;
            self.held(Moment::After, &key).await;
            record
        })
    }

    fn get_many(&self, keys: Vec<String>) -> StoreFuture<'_, Vec<Option<Record>>> {
        Box::pin(async move {
            self.count_read();
            self.held(Moment::Before, &keys).await;
            let records = self.inner.get_many(keys.clone()).await;
            self.held(Moment::After, &keys).await;
            records
        })
    }

    fn scan(&self, range: Range, after: Option<String>, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        self.count_read();
        self.inner.scan(range, after, limit)
    }

    fn count(&self, range: Range) -> StoreFuture<'_, u64> {
        self.count_read();
        self.inner.count(range)
    }

    fn commit(&self, batch: Batch) -> StoreFuture<'_, Revision> {
        Box::pin(async move {
            match self.next_commit_fault() {
                None => self.inner.commit(batch).await,
                Some(Moment::Before) => Err(lost_answer()),
                Some(Moment::After) => self.inner.commit(batch).await.and(Err(lost_answer())),
            }
        })
    }

    fn changes(&self, after: Revision, limit: usize) -> StoreFuture<'_, Changes> {
        Box::pin(async move {
            self.feed_released().await;
            let changes = self.inner.changes(after, limit).await;
            // Held since: what was read may be newer than the holding.
            self.feed_released().await;
            changes
        })
    }

    fn horizon(&self) -> Horizon {
        if self.lost.load(Ordering::SeqCst) { Horizon::Lost } else { self.inner.horizon() }
    }

    fn head_watch(&self) -> watch::Receiver<Revision> {
        self.head.subscribe()
    }

    fn scrub(&self) -> StoreFuture<'_, ()> {
        self.inner.scrub()
    }

    fn backup(&self, to: PathBuf) -> StoreFuture<'_, ()> {
        self.inner.backup(to)
    }
}

impl Drop for FaultyStore {
    fn drop(&mut self) {
        self.forwarding.abort();
    }
}

/// Tells the wrapped store's head on, except while the feed is held.
async fn forward(
    mut source: watch::Receiver<Revision>,
    head: Arc<watch::Sender<Revision>>,
    mut held: watch::Receiver<bool>,
) {
    while source.changed().await.is_ok() {
        // The guard keeps the feed from being held between the look and the telling.
        let Ok(released) = held.wait_for(|held| !held).await else { return };
        head.send_replace(*source.borrow_and_update());
        drop(released);
    }
}

fn lost_answer() -> StoreError {
    StoreError::Unavailable("a fault was asked for".to_owned())
}

/// Shows in the list of waiting reads for as long as it lives.
struct Waiting<'a> {
    list: &'a watch::Sender<BTreeMap<String, usize>>,
    keys: &'a [String],
}

impl<'a> Waiting<'a> {
    fn enter(list: &'a watch::Sender<BTreeMap<String, usize>>, keys: &'a [String]) -> Self {
        list.send_modify(|waiting| keys.iter().for_each(|key| *waiting.entry(key.clone()).or_default() += 1));
        Self { list, keys }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.list.send_modify(|waiting| {
            for key in self.keys {
                if let Some(count) = waiting.get_mut(key) {
                    *count -= 1;
                }
            }
            waiting.retain(|_, count| *count > 0);
        });
    }
}
