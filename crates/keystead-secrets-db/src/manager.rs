//! The pool: `deadpool`, with connections that know how their login stands.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult, Timeouts, WeakPool};
use keystead_secrets::CachedSecretSource;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::connector::Connector;
use crate::error::{BuildError, Error};
use crate::figures::Figures;
use crate::logins::{Issue, Logins, Standing};
use crate::settings::Settings;

/// How often idle connections are looked at, at least.
const SWEEP: Duration = Duration::from_secs(30);

/// A pool of connections whose login is a secret. It is `deadpool`'s: clones share the connections, [`managed::Pool::get`]
/// gives one.
pub type Pool<C> = managed::Pool<Manager<C>>;

/// A connection on loan from a [`Pool`]; it goes back when dropped, and can be used as the driver's own.
pub type Pooled<C> = managed::Object<Manager<C>>;

/// Why [`managed::Pool::get`] gave no connection.
pub type PoolError<C> = managed::PoolError<Error<<C as Connector>::Error>>;

/// Makes a pool over the secret with this name. Nothing is read and no connection is opened before the first call.
///
/// # Errors
/// [`BuildError`] outside of a Tokio runtime, and for settings that cannot be used.
pub fn pool<C: Connector>(
    secrets: Arc<dyn CachedSecretSource>,
    secret: impl Into<String>,
    connector: C,
    settings: &Settings,
) -> Result<Pool<C>, BuildError> {
    let runtime = tokio::runtime::Handle::try_current().map_err(|_| BuildError::NoRuntime)?;
    if settings.max_size == 0 || settings.connects_at_once == 0 {
        return Err(BuildError::Nothing);
    }
    let manager = Manager {
        connector,
        logins: Logins::new(secrets, secret.into(), settings),
        turns: Semaphore::new(settings.connects_at_once.min(Semaphore::MAX_PERMITS)),
        connect_timeout: settings.connect_timeout,
        patience: settings.patience,
        keeper: OnceLock::new(),
    };
    let timeouts = Timeouts { wait: settings.wait, create: None, recycle: Some(settings.connect_timeout) };
    let pool = Pool::builder(manager)
        .max_size(settings.max_size)
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|_| BuildError::NoRuntime)?;
    let keeper = runtime.spawn(keep(pool.weak(), pool.manager().logins.clone(), settings.grace));
    // It was empty.
    let _ = pool.manager().keeper.set(Keeper(keeper.abort_handle()));
    Ok(pool)
}

/// Opens and closes the connections of a [`Pool`].
pub struct Manager<C: Connector> {
    connector: C,
    logins: Logins,
    turns: Semaphore,
    connect_timeout: Duration,
    patience: Duration,
    keeper: OnceLock<Keeper>,
}

impl<C: Connector> Manager<C> {
    /// What has happened so far.
    pub fn figures(&self) -> Figures {
        self.logins.counters().figures()
    }

    /// One attempt with the secret's login, if that may be tried.
    async fn attempt(&self, issue: &mut Arc<Issue>) -> Result<Option<C::Connection>, Error<C::Error>> {
        let too_long = |_| Error::Timeout(self.connect_timeout);
        // Whoever had to wait for its turn sees what became of the attempts before. The semaphore is never closed.
        let _turn = timeout(self.connect_timeout, self.turns.acquire()).await.map_err(too_long)?;
        if let Some(latest) = self.logins.latest() {
            *issue = latest;
        }
        if !self.logins.may_try(issue) {
            return Ok(None);
        }
        if self.connector.needs_place() && issue.login().place().endpoint.is_none() {
            return Err(Error::NoPlace);
        }
        let begun = Instant::now();
        let opening = timeout(self.connect_timeout, self.connector.connect(issue.login()));
        match opening.await.map_err(too_long)? {
            Ok(connection) => {
                self.logins.accepted(issue, begun);
                Ok(Some(connection))
            }
            Err(error) if self.connector.is_refusal(&error) => {
                self.logins.refused(issue);
                Err(Error::Refused { error: Some(error) })
            }
            Err(error) => Err(Error::Driver(error)),
        }
    }
}

impl<C: Connector> managed::Manager for Manager<C> {
    type Type = Connection<C::Connection>;
    type Error = Error<C::Error>;

    async fn create(&self) -> Result<Self::Type, Self::Error> {
        let mut issue = self.logins.current().await?;
        let (mut refusal, mut deadline) = (Error::Refused { error: None }, None);
        loop {
            match self.attempt(&mut issue).await {
                Ok(Some(connection)) => {
                    self.logins.counters().retried.add(usize::from(deadline.is_some()));
                    return Ok(Connection::new(connection, &issue));
                }
                Ok(None) => {}
                Err(error @ Error::Refused { .. }) => refusal = error,
                Err(error) => return Err(error),
            }
            // Once more, and only with another login. That one may be refused as well, when the pool has missed a rotation and
            // the next one is half done.
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.patience);
            match self.logins.another_than(&issue, deadline).await {
                Some(other) => issue = other,
                None => return Err(refusal),
            }
        }
    }

    async fn recycle(&self, connection: &mut Self::Type, _: &Metrics) -> RecycleResult<Self::Error> {
        if self.logins.is_over(&connection.standing) {
            self.logins.counters().retired.add(1);
            return Err(RecycleError::message("opened with an earlier login"));
        }
        if self.connector.recycle(&mut connection.inner).await {
            Ok(())
        } else {
            Err(RecycleError::message("it cannot be used again"))
        }
    }
}

/// A connection of the driver's, as which it can be used.
pub struct Connection<T> {
    inner: T,
    standing: Arc<Standing>,
}

impl<T> Connection<T> {
    fn new(inner: T, issue: &Issue) -> Self {
        Self { inner, standing: Arc::clone(issue.standing()) }
    }

    /// The driver's connection alone, for one that was taken out of its pool by [`managed::Object::take`].
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T> Deref for Connection<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for Connection<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

/// Ends with its pool.
struct Keeper(AbortHandle);

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Follows the secret, and closes idle connections whose login is over.
async fn keep<C: Connector>(pool: WeakPool<Manager<C>>, logins: Logins, grace: Duration) {
    let mut ticks = interval(grace.clamp(Duration::from_secs(1), SWEEP));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut followed = logins.follow();
    loop {
        tokio::select! {
            () = followed.changed() => {}
            _ = ticks.tick() => {}
        }
        let Some(pool) = pool.upgrade() else { return };
        let over = pool.retain(|connection, _| !logins.is_over(&connection.standing)).removed;
        logins.counters().retired.add(over.len());
    }
}
