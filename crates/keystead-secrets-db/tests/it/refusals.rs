//! A login that the database refuses.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keystead_secrets::{
    BoxFuture, CachedSecretSource, MemorySource, SecretError, SecretErrorKind, SecretValue, Updates,
};
use keystead_secrets_db::deadpool::managed::PoolError;
use keystead_secrets_db::{BuildError, Connector, Error, Login, LoginError, Settings, pool};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::database::{Fault, SECRET, Session, To, login, world};

/// Many callers at once; how many got a connection, after how long.
async fn callers(pool: &keystead_secrets_db::Pool<To>, count: usize) -> (usize, Duration) {
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..count {
        let pool = pool.clone();
        callers.spawn(async move { pool.get().await.is_ok() });
    }
    let served = callers.join_all().await.into_iter().filter(|served| *served).count();
    (served, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_rotation_costs_one_read_and_few_attempts() {
    let (database, secrets, pool) = world(&Settings { max_size: 20, ..Settings::default() });
    database.set("two");
    secrets.rotate(login("two"));
    let (served, took) = callers(&pool, 20).await;
    assert_eq!(served, 20);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(secrets.refreshes(SECRET), 1);
    let attempts = database.attempts();
    assert_eq!(
        attempts.iter().filter(|password| *password == "one").count(),
        4,
        "as many as connect at once"
    );
    assert_eq!(attempts.len(), 24);
    let figures = pool.manager().figures();
    assert_eq!((figures.opened, figures.refused, figures.refreshed), (20, 4, 1));
}

#[tokio::test(start_paused = true)]
async fn callers_wait_for_a_rotation_that_is_half_done() {
    let (database, secrets, pool) = world(&Settings::default());
    database.set("two");
    let later = secrets.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(3)).await;
        later.rotate(login("two"));
    });
    let (served, took) = callers(&pool, 16).await;
    assert_eq!(served, 16);
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(7), "{took:?}");
    assert!((4..=7).contains(&secrets.refreshes(SECRET)), "{}", secrets.refreshes(SECRET));
    assert_eq!(database.attempts().iter().filter(|password| *password == "one").count(), 4);
}

/// The pool missed one rotation, and the next is half done: what the secret has is refused as well.
#[tokio::test(start_paused = true)]
async fn callers_of_a_pool_that_is_two_logins_behind_wait_too() {
    let (database, secrets, pool) = world(&Settings::default());
    database.set("three");
    secrets.rotate(login("two"));
    let later = secrets.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(3)).await;
        later.rotate(login("three"));
    });
    let (served, took) = callers(&pool, 16).await;
    assert_eq!(served, 16);
    assert!(took < Duration::from_secs(7), "{took:?}");
    let attempts = database.attempts();
    for password in ["one", "two"] {
        let count = attempts.iter().filter(|attempt| *attempt == password).count();
        assert!((1..=4).contains(&count), "{password}: {count} of {attempts:?}");
    }
    assert!((4..=7).contains(&secrets.refreshes(SECRET)), "{}", secrets.refreshes(SECRET));
}

/// For an hour, sixteen callers want connections and the password is wrong.
#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_no_storm() {
    let (database, secrets, pool) = world(&Settings::default());
    database.set("two");
    let start = Instant::now();
    let (mut asked, mut longest) = (0, Duration::ZERO);
    while start.elapsed() < Duration::from_secs(3600) {
        let (served, took) = callers(&pool, 16).await;
        assert_eq!(served, 0);
        (asked, longest) = (asked + 16, longest.max(took));
        sleep(Duration::from_secs(1)).await;
    }
    let (attempts, refreshes) = (database.attempts().len(), secrets.refreshes(SECRET));
    println!("{asked} callers: {attempts} attempts at the database, {refreshes} reads of the secret");
    assert!(attempts <= 4 + 3600 / 30, "{attempts}");
    assert!(refreshes <= 10 + 3600 / 30, "{refreshes}");
    assert!(longest <= Duration::from_secs(11), "{longest:?}");
    // Set right in the database: the next attempt finds it out, and after it nobody is kept waiting.
    database.set("one");
    sleep(Duration::from_secs(30)).await;
    assert_eq!(callers(&pool, 1).await.0, 1);
    assert_eq!(callers(&pool, 16).await.0, 16);
}

/// Attempts that take as long and end as is said here, one after the other, whatever the login.
struct Scripted(Mutex<VecDeque<(Duration, bool)>>);

impl Connector for Scripted {
    type Connection = Session;
    type Error = Fault;

    async fn connect(&self, login: &Login) -> Result<Session, Fault> {
        let (takes, ends_well) = self.0.lock().unwrap().pop_front().expect("one attempt too many");
        sleep(takes).await;
        if ends_well { Ok(Session(login.password().expose().to_owned())) } else { Err(Fault::Refused) }
    }

    fn is_refusal(&self, _: &Fault) -> bool {
        true
    }

    async fn recycle(&self, _: &mut Session) -> bool {
        true
    }
}

/// An answer that was given before a refusal and comes after it says nothing of the login as it is now.
#[tokio::test(start_paused = true)]
async fn late_answers_cause_no_further_attempts() {
    let settings = Settings { patience: Duration::from_millis(50), ..Settings::default() };
    let (slow, quick) = (Duration::from_millis(200), Duration::from_millis(10));
    let scripted = |attempts: &[(Duration, bool)]| {
        let secrets = Arc::new(MemorySource::new());
        secrets.put(login("one"));
        let to = Scripted(Mutex::new(attempts.iter().copied().collect()));
        (secrets.clone(), pool(secrets, SECRET, to, &settings).unwrap())
    };
    let begin = |pool: &keystead_secrets_db::Pool<Scripted>| {
        let pool = pool.clone();
        tokio::spawn(async move { pool.get().await })
    };

    // The login was accepted, withdrawn and refused; then the word of its acceptance comes.
    let (_, pool) = scripted(&[(slow, true), (quick, false)]);
    let accepted = begin(&pool);
    sleep(quick).await;
    assert!(begin(&pool).await.unwrap().is_err());
    let _held = accepted.await.unwrap().unwrap();
    assert!(begin(&pool).await.unwrap().is_err(), "it is known to be refused");

    // Two logins are refused; then the word of the first one's second refusal comes.
    let (secrets, pool) = scripted(&[(slow, false), (quick, false), (quick, false)]);
    let late = begin(&pool);
    sleep(quick).await;
    secrets.rotate(login("two"));
    assert!(begin(&pool).await.unwrap().is_err());
    assert!(late.await.unwrap().is_err());
    assert!(begin(&pool).await.unwrap().is_err(), "both are known to be refused");
    assert_eq!(pool.manager().figures().refused, 3);
}

#[tokio::test(start_paused = true)]
async fn what_callers_are_told() {
    let (database, secrets, pool) = world(&Settings::default());
    database.set("two");
    let error = pool.get().await.err().unwrap();
    assert!(matches!(error, PoolError::Backend(Error::Refused { error: Some(Fault::Refused) })), "{error}");
    let error = pool.get().await.err().unwrap();
    assert!(
        matches!(error, PoolError::Backend(Error::Refused { error: None })),
        "it is not asked again: {error}"
    );
    database.attempts();

    secrets.fail(SECRET, SecretErrorKind::Denied);
    let error = pool.get().await.err().unwrap();
    assert!(matches!(error, PoolError::Backend(Error::Secret(_))), "{error}");
    let binary = SecretValue::builder(SECRET).bytes(*b"x");
    secrets.put(binary);
    let error = pool.get().await.err().unwrap();
    assert!(matches!(error, PoolError::Backend(Error::Login(LoginError::Binary))), "{error}");
    assert_eq!(database.attempts(), [""; 0]);

    // Another fault is no reason for anything.
    secrets.put(login("two"));
    *database.away.lock().unwrap() = true;
    let before = secrets.refreshes(SECRET);
    let error = pool.get().await.err().unwrap();
    assert!(matches!(error, PoolError::Backend(Error::Driver(Fault::Away))), "{error}");
    assert_eq!((database.attempts().len(), secrets.refreshes(SECRET)), (1, before));
}

#[tokio::test(start_paused = true)]
async fn a_database_that_hangs() {
    let (_, secrets, _) = world(&Settings::default());
    let database =
        crate::database::Database { opens_within: Duration::from_secs(3600), ..Default::default() };
    let pool = pool(secrets, SECRET, To(database.into()), &Settings::default()).unwrap();
    let (served, took) = callers(&pool, 16).await;
    assert_eq!(served, 0);
    assert!(took <= Duration::from_secs(20), "{took:?}");
}

/// A source whose service fails so when it is asked anew, or does not answer any more.
struct Troubled(MemorySource, Option<SecretErrorKind>);

impl CachedSecretSource for Troubled {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        self.0.get(name)
    }

    fn refresh_now<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretValue, SecretError>> {
        match self.1 {
            None => Box::pin(std::future::pending()),
            Some(kind) => Box::pin(ready(Err(SecretError::new(kind, name, "as the test wants it")))),
        }
    }

    fn watch(&self, name: &str) -> Updates {
        self.0.watch(name)
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_in_trouble_keeps_nobody_longer_than_their_patience() {
    let settings = Settings { patience: Duration::from_secs(3), ..Settings::default() };
    for trouble in [None, Some(SecretErrorKind::Unavailable), Some(SecretErrorKind::Denied)] {
        let (database, _, _) = world(&Settings::default());
        database.set("two");
        let secrets = MemorySource::new();
        secrets.put(login("one"));
        let source = Arc::new(Troubled(secrets, trouble));
        let pool = pool(source, SECRET, To(database.clone()), &settings).unwrap();
        for _ in 0..3 {
            let asked = timeout(Duration::from_secs(60), callers(&pool, 16)).await;
            let (served, took) = asked.expect("they wait for the service");
            assert_eq!(served, 0);
            assert!(took <= Duration::from_secs(4), "{trouble:?}: {took:?}");
        }
        assert_eq!(database.attempts().len(), 4, "{trouble:?}");
        let reads = pool.manager().figures().refreshed;
        assert!((1..=6).contains(&reads), "{trouble:?}: {reads} reads");
    }
}

#[test]
fn a_pool_needs_a_runtime_and_room() {
    let secrets = Arc::new(MemorySource::new());
    let make =
        |settings: &Settings| pool(secrets.clone(), SECRET, To(Default::default()), settings).map(drop);
    assert_eq!(make(&Settings::default()), Err(BuildError::NoRuntime));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    assert_eq!(make(&Settings { max_size: 0, ..Settings::default() }), Err(BuildError::Nothing));
    assert_eq!(make(&Settings { connects_at_once: 0, ..Settings::default() }), Err(BuildError::Nothing));
}
