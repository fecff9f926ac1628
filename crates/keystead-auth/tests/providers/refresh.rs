//! How credentials are kept: one fetch at a time, ahead of the end, and what callers get meanwhile.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use keystead_auth::Credentials;
use keystead_auth::credentials::providers::{
    BoxFuture, Cached, CredentialsProvider, Effects, Fault, Fetched, ProviderError, Source,
};
use tokio::sync::{Mutex, mpsc};

use crate::world::{START, World};

/// What a fetch does, once the test says so.
enum Script {
    /// Keys that live so many seconds.
    Give(i64),
    Fail,
    Panic,
}

/// A source whose fetches begin at once and end when the test lets them.
#[derive(Clone)]
struct Scripted {
    begun: Arc<AtomicUsize>,
    scripts: Arc<Mutex<mpsc::UnboundedReceiver<Script>>>,
}

impl Source for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move {
            match self.scripts.lock().await.recv().await {
                Some(Script::Give(life)) => {
                    let credentials = Credentials::access_key(format!("key-{number}"), "s");
                    Ok(Fetched::new("scripted", credentials, Some(effects.clock.unix_seconds() + life)))
                }
                Some(Script::Fail) => {
                    Err(ProviderError::new("scripted", Fault::Setting(format!("failure {number}"))))
                }
                Some(Script::Panic) => panic!("the source panics, as the test wants"),
                None => std::future::pending().await,
            }
        })
    }
}

struct Rig {
    world: Arc<World>,
    begun: Arc<AtomicUsize>,
    next: mpsc::UnboundedSender<Script>,
    provider: Cached,
}

impl Rig {
    fn new() -> Self {
        let world = Arc::new(World { now: START.into(), ..World::default() });
        let (next, scripts) = mpsc::unbounded_channel();
        let source = Scripted { begun: Arc::default(), scripts: Arc::new(Mutex::new(scripts)) };
        let begun = source.begun.clone();
        let provider = Cached::new(source, world.effects());
        Self { world, begun, next, provider }
    }

    fn at(&self, seconds: i64) {
        self.world.now.store(START + seconds, Ordering::SeqCst);
    }

    fn next(&self, script: Script) {
        self.next.send(script).ok().unwrap();
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    /// The id that a call gives, or its error.
    async fn get(&self) -> String {
        show(self.provider.provide().await)
    }

    /// A call that runs as a task of its own.
    fn spawn(&self) -> tokio::task::JoinHandle<String> {
        let provider = self.provider.clone();
        tokio::spawn(async move { show(provider.provide().await) })
    }
}

fn show(outcome: Result<keystead_auth::credentials::providers::Provided, ProviderError>) -> String {
    outcome.map_or_else(|error| error.to_string(), |it| it.credentials.access_key_id.clone())
}

/// Lets everything run that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn many_callers_share_one_fetch() {
    let rig = Rig::new();
    let callers: Vec<_> = (0..50).map(|_| rig.spawn()).collect();
    settle().await;
    assert_eq!(rig.begun(), 1);
    assert!(callers.iter().all(|caller| !caller.is_finished()));
    rig.next(Script::Give(3_600));
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "key-1");
    }
    assert_eq!((rig.get().await, rig.begun()), ("key-1".to_owned(), 1));
}

#[tokio::test]
async fn a_caller_that_goes_away_stops_nothing() {
    let rig = Rig::new();
    let first = rig.spawn();
    settle().await;
    first.abort();
    settle().await;
    let second = rig.spawn();
    settle().await;
    rig.next(Script::Give(3_600));
    assert_eq!((second.await.unwrap(), rig.begun()), ("key-1".to_owned(), 1));
}

#[tokio::test]
async fn valid_ones_are_served_while_renewal_is_slow_or_fails() {
    let rig = Rig::new();
    rig.next(Script::Give(3_600));
    assert_eq!(rig.get().await, "key-1");
    rig.at(2_699);
    assert_eq!((rig.get().await, rig.begun()), ("key-1".to_owned(), 1));
    rig.at(2_700);
    for _ in 0..10 {
        assert_eq!(rig.get().await, "key-1");
        settle().await;
    }
    assert_eq!(rig.begun(), 2);
    rig.next(Script::Fail);
    settle().await;
    // A pause, then the next attempt.
    assert_eq!((rig.get().await, rig.begun()), ("key-1".to_owned(), 2));
    settle().await;
    rig.at(2_701);
    assert_eq!(rig.get().await, "key-1");
    settle().await;
    assert_eq!(rig.begun(), 3);
    rig.next(Script::Give(3_600));
    settle().await;
    assert_eq!((rig.get().await, rig.begun()), ("key-3".to_owned(), 3));
}

#[tokio::test]
async fn in_the_last_minute_callers_wait_for_the_renewal() {
    let rig = Rig::new();
    rig.next(Script::Give(3_600));
    rig.get().await;
    rig.at(3_570);
    let caller = rig.spawn();
    settle().await;
    assert!(!caller.is_finished());
    rig.next(Script::Fail);
    assert_eq!(caller.await.unwrap(), "key-1");
    // In the pause nobody waits.
    assert_eq!((rig.get().await, rig.begun()), ("key-1".to_owned(), 2));
    rig.at(3_575);
    rig.next(Script::Give(3_600));
    assert_eq!((rig.get().await, rig.begun()), ("key-3".to_owned(), 3));
}

#[tokio::test]
async fn expired_ones_are_never_given() {
    let rig = Rig::new();
    rig.next(Script::Give(3_600));
    rig.get().await;
    rig.at(3_600);
    rig.next(Script::Fail);
    assert_eq!(rig.get().await, "scripted: failure 2");
    // The same error again, without asking, until the pause is over.
    assert_eq!((rig.get().await, rig.begun()), ("scripted: failure 2".to_owned(), 2));
    rig.at(3_601);
    rig.next(Script::Fail);
    assert_eq!(rig.get().await, "scripted: failure 3");
    rig.at(3_602);
    rig.next(Script::Give(0));
    assert_eq!(rig.get().await, "scripted: what was fetched has expired");
    rig.at(3_603);
    rig.next(Script::Give(900));
    assert_eq!(rig.get().await, "key-5");
}

#[tokio::test]
async fn a_clock_set_back_locks_nobody_out() {
    let rig = Rig::new();
    rig.next(Script::Fail);
    assert_eq!(rig.get().await, "scripted: failure 1");
    rig.at(-3_600);
    rig.next(Script::Give(3_600));
    assert_eq!(rig.get().await, "key-2");
}

#[tokio::test]
async fn short_lived_ones_are_not_fetched_for_every_call() {
    let rig = Rig::new();
    rig.next(Script::Give(900));
    for second in [0, 1, 100, 449] {
        rig.at(second);
        assert_eq!(rig.get().await, "key-1");
        settle().await;
    }
    assert_eq!(rig.begun(), 1);
    rig.at(450);
    rig.get().await;
    settle().await;
    assert_eq!(rig.begun(), 2);
}

#[tokio::test]
async fn a_source_that_panics_is_an_error() {
    let rig = Rig::new();
    rig.next(Script::Panic);
    assert_eq!(rig.get().await, "scripted: the source panicked");
    rig.at(1);
    rig.next(Script::Give(3_600));
    assert_eq!(rig.get().await, "key-2");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_without_end_is_given_up() {
    let rig = Rig::new();
    assert_eq!(rig.get().await, "scripted: fetching took longer than two minutes");
}

#[test]
fn another_runtime_takes_a_broken_fetch_over() {
    let rig = Rig::new();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let first = runtime();
    first.block_on(async {
        rig.spawn();
        settle().await;
    });
    assert_eq!(rig.begun(), 1);
    drop(first);
    rig.next(Script::Give(3_600));
    assert_eq!(runtime().block_on(rig.get()), "key-2");
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let rig = Rig::new();
    let mut call = pin!(rig.get());
    let Poll::Ready(shown) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits");
    };
    assert_eq!(shown, "scripted: credentials can be fetched in a Tokio runtime only");
}
