//! The login in force, and what becomes of those before.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use keystead_secrets::{CachedSecretSource, SecretError, SecretValue, Updates};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{debug, warn};

use crate::figures::Counters;
use crate::login::{Login, LoginError};
use crate::settings::Settings;

/// The pause before the secret is read anew a second time because of one refused login. It doubles from then on.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest of these pauses: a login that stays refused costs two reads a minute, however many callers want it.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The logins that a secret has had since its pool was made. Clones share everything.
#[derive(Clone)]
pub(crate) struct Logins(Arc<Shared>);

struct Shared {
    secrets: Arc<dyn CachedSecretSource>,
    secret: String,
    refused_pause: Duration,
    grace: Duration,
    // Held for a few comparisons, never while something is waited for.
    state: Mutex<State>,
    /// Whoever holds it reads the secret anew; all others wait for what comes of it.
    refresh: tokio::sync::Mutex<Pace>,
    changed: Notify,
    counters: Counters,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Issue>>,
    /// The login that the database refused last, and when. By its content, so that it stays refused when it comes back.
    refused: Option<(Login, Instant)>,
}

/// A login in the time in which it was the secret's.
pub(crate) struct Issue {
    login: Login,
    fetched_at: SystemTime,
    standing: Arc<Standing>,
}

/// What a connection knows of the login that it was opened with: nothing secret.
#[derive(Default)]
pub(crate) struct Standing {
    superseded: OnceLock<Instant>,
}

/// When the secret may be read anew.
struct Pace {
    not_before: Instant,
    pause: Duration,
}

impl Issue {
    pub(crate) fn login(&self) -> &Login {
        &self.login
    }

    pub(crate) fn standing(&self) -> &Arc<Standing> {
        &self.standing
    }
}

/// A secret that gives no login.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Login(#[from] LoginError),
}

impl Logins {
    pub(crate) fn new(secrets: Arc<dyn CachedSecretSource>, secret: String, settings: &Settings) -> Self {
        Self(Arc::new(Shared {
            secrets,
            secret,
            refused_pause: settings.refused_pause,
            grace: settings.grace,
            state: Mutex::default(),
            refresh: tokio::sync::Mutex::new(Pace { not_before: Instant::now(), pause: FIRST_PAUSE }),
            changed: Notify::new(),
            counters: Counters::default(),
        }))
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// The secret's login, as the source of secrets has it.
    pub(crate) async fn current(&self) -> Result<Arc<Issue>, Unusable> {
        let value = self.0.secrets.get(&self.0.secret).await?;
        Ok(self.install(&value)?)
    }

    /// The login that was the secret's when it was last looked at.
    pub(crate) fn latest(&self) -> Option<Arc<Issue>> {
        self.lock().current.clone()
    }

    /// Whether the database may be asked about a login: not while it is known to refuse it. After a pause one caller may.
    pub(crate) fn may_try(&self, issue: &Issue) -> bool {
        match &mut self.lock().refused {
            Some((login, at)) if *login == issue.login => {
                let due = at.elapsed() >= self.0.refused_pause;
                if due {
                    *at = Instant::now();
                }
                due
            }
            _ => true,
        }
    }

    /// The database refused a login.
    pub(crate) fn refused(&self, issue: &Issue) {
        self.0.counters.refused.add(1);
        debug!(secret = self.0.secret, account = issue.login.account(), "the database refused the login");
        let mut state = self.lock();
        // A late answer about an earlier login must not push out what is known of the one that callers would try.
        if state.current.as_ref().is_none_or(|current| current.login == issue.login) {
            state.refused = Some((issue.login.clone(), Instant::now()));
        }
    }

    /// The database accepted a login in an attempt that had begun then. A refusal since is the later word.
    pub(crate) fn accepted(&self, issue: &Issue, begun: Instant) {
        self.0.counters.opened.add(1);
        self.lock().refused.take_if(|(login, at)| *login == issue.login && *at <= begun);
    }

    /// Another login than the one that was refused: reads the secret anew until it has one or the caller's patience ends.
    /// One read runs at a time, for all callers together.
    pub(crate) async fn another_than(&self, refused: &Issue, deadline: Instant) -> Option<Arc<Issue>> {
        let other = |issue: &Arc<Issue>| issue.login != refused.login;
        loop {
            let mut pace = timeout_at(deadline, self.0.refresh.lock()).await.ok()?;
            // Somebody else may have brought it while this one waited.
            if let Some(issue) = self.lock().current.clone().filter(other) {
                return Some(issue);
            }
            if pace.not_before >= deadline && pace.not_before > Instant::now() {
                return None;
            }
            if pace.not_before.elapsed() >= LONGEST_PAUSE {
                // What went before was another refusal.
                pace.pause = FIRST_PAUSE;
            }
            sleep_until(pace.not_before).await;
            self.0.counters.refreshed.add(1);
            // The service may be slower than the caller's patience.
            match timeout_at(deadline, self.read_anew()).await {
                Ok(Ok(issue)) if other(&issue) => {
                    pace.not_before = Instant::now() + FIRST_PAUSE;
                    pace.pause = FIRST_PAUSE;
                    return Some(issue);
                }
                Ok(Ok(_)) => {}
                Ok(Err(error)) => warn!(secret = self.0.secret, %error, "the secret cannot be read anew"),
                Err(_) => {
                    warn!(secret = self.0.secret, "the service does not say in time what the secret is")
                }
            }
            pace.not_before = Instant::now() + pace.pause;
            pace.pause = (pace.pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn read_anew(&self) -> Result<Arc<Issue>, Unusable> {
        let value = self.0.secrets.refresh_now(&self.0.secret).await?;
        Ok(self.install(&value)?)
    }

    /// Makes a value the current login, unless it is the current one already, or older than that.
    fn install(&self, value: &SecretValue) -> Result<Arc<Issue>, LoginError> {
        let text = value.text().map_err(|_| LoginError::Binary)?;
        let login = Login::parse(text, value.extended_config())?;
        let mut state = self.lock();
        if let Some(current) = &state.current
            && (current.login == login || current.fetched_at > value.fetched_at())
        {
            return Ok(Arc::clone(current));
        }
        let standing = Arc::new(Standing::default());
        let issue = Arc::new(Issue { login, fetched_at: value.fetched_at(), standing });
        if let Some(before) = state.current.replace(Arc::clone(&issue)) {
            // Only the current one is ever superseded, so it has no time yet.
            let _ = before.standing.superseded.set(Instant::now());
            debug!(secret = self.0.secret, version = value.version_id(), "the secret has another login");
            self.0.counters.changed.add(1);
            self.0.changed.notify_one();
        }
        Ok(issue)
    }

    /// Whether connections with this standing are not used any more.
    pub(crate) fn is_over(&self, standing: &Standing) -> bool {
        standing.superseded.get().is_some_and(|at| at.elapsed() >= self.0.grace)
    }

    /// Follows the secret.
    pub(crate) fn follow(&self) -> Followed {
        Followed { logins: self.clone(), updates: Some(self.0.secrets.watch(&self.0.secret)) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent between any two statements, so a panic elsewhere does not spoil it.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The changes of a secret's login.
pub(crate) struct Followed {
    logins: Logins,
    updates: Option<Updates>,
}

impl Followed {
    /// Waits until the login has changed, however it became known. Dropping the future loses nothing.
    pub(crate) async fn changed(&mut self) {
        let shared = &self.logins.0;
        loop {
            let next = async {
                match &mut self.updates {
                    Some(updates) => updates.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = shared.changed.notified() => return,
                value = next => match value {
                    Some(value) => if let Err(error) = self.logins.install(&value) {
                        warn!(secret = shared.secret, %error, "the secret's new value is not used");
                    },
                    None => self.updates = None,
                },
            }
        }
    }
}
