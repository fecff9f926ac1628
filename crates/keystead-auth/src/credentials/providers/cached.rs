//! Keeps what a source gave, and renews it ahead of its end.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tracing::{debug, warn};

use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::schedule::{MAX_PAUSE, Schedule, pause};
use super::source::{CredentialsProvider, Fetched, Provided, Source};

/// The longest that one fetch may take, whatever its parts allow.
const FETCH_LIMIT: Duration = Duration::from_secs(120);

/// What was fetched within so many seconds is not fetched anew because it is refused: a source whose credentials are always
/// refused would be asked with every call.
const TOO_YOUNG: i64 = 10;

/// A provider over a source.
///
/// - Valid credentials are given at once. When their renewal is due, it runs beside, as a Tokio task.
/// - One fetch runs at a time; whoever has to wait waits for that one. A caller that goes away does not stop it.
/// - In the last minute of the credentials callers wait for the renewal, and get the old ones if it fails.
/// - Without valid credentials, callers get the fetch's error.
/// - Credentials that the service refuses before their end are fetched anew, unless they are younger than 10 seconds.
/// - After a failed fetch there is a pause of 1 to 10 seconds, in which its error is given again.
///
/// Clones share everything.
#[derive(Clone)]
pub struct Cached {
    shared: Arc<Shared>,
}

struct Shared {
    source: Box<dyn Source>,
    effects: Effects,
    // Held for a few comparisons, never while something is waited for.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    value: Option<(Provided, Schedule)>,
    /// When that was fetched, in Unix seconds.
    fetched: i64,
    /// No fetch begins before, in Unix seconds.
    not_before: i64,
    /// What the last fetch met, unless it succeeded.
    failed: Option<ProviderError>,
    failures: u32,
    in_flight: Option<watch::Receiver<Option<Outcome>>>,
}

type Outcome = Result<(), ProviderError>;

enum Step {
    Give(Provided),
    Refuse(ProviderError),
    Wait(watch::Receiver<Option<Outcome>>),
}

impl Cached {
    /// Nothing is fetched before the first call.
    pub fn new(source: impl Source + 'static, effects: Effects) -> Self {
        let state = Mutex::default();
        Self { shared: Arc::new(Shared { source: Box::new(source), effects, state }) }
    }

    async fn get(&self) -> Result<Provided, ProviderError> {
        loop {
            let mut fetch = match self.step()? {
                Step::Give(provided) => return Ok(provided),
                Step::Refuse(error) => return Err(error),
                Step::Wait(fetch) => fetch,
            };
            let outcome = match fetch.wait_for(Option::is_some).await {
                Ok(outcome) => outcome.clone(),
                // The runtime that the fetch ran in is gone; ours is not.
                Err(_) => continue,
            };
            let state = self.shared.lock();
            match (outcome, &state.value) {
                (Some(Ok(())), Some((provided, _))) => return Ok(provided.clone()),
                (Some(Err(error)), value) => {
                    let now = self.shared.now();
                    return match value {
                        Some((provided, schedule)) if now < schedule.ends_at => Ok(provided.clone()),
                        _ => Err(error),
                    };
                }
                _ => {}
            }
        }
    }

    fn step(&self) -> Result<Step, ProviderError> {
        let now = self.shared.now();
        let mut state = self.shared.lock();
        // A pause that is longer than any began before the clock was set back.
        let pausing = (1..=MAX_PAUSE).contains(&state.not_before.saturating_sub(now));
        let may_fetch = state.in_flight.is_none() && !pausing;
        let valid = match &state.value {
            Some((provided, schedule)) if now < schedule.ends_at => Some((provided.clone(), *schedule)),
            _ => None,
        };
        let Some((provided, schedule)) = valid else {
            return match (&state.in_flight, &state.failed) {
                (None, Some(error)) if !may_fetch => Ok(Step::Refuse(error.clone())),
                (Some(fetch), _) => Ok(Step::Wait(fetch.clone())),
                (None, _) => self.start(&mut state).map(Step::Wait),
            };
        };
        if now >= schedule.renew_at && may_fetch {
            // Without a runtime the old credentials still serve.
            let _ = self.start(&mut state);
        }
        match &state.in_flight {
            Some(fetch) if now >= schedule.urgent_at => Ok(Step::Wait(fetch.clone())),
            _ => Ok(Step::Give(provided)),
        }
    }

    /// Starts the one fetch.
    fn start(&self, state: &mut State) -> Result<watch::Receiver<Option<Outcome>>, ProviderError> {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return Err(self
                .shared
                .error(Fault::Aborted("credentials can be fetched in a Tokio runtime only")));
        };
        let (sender, receiver) = watch::channel(None);
        state.in_flight = Some(receiver.clone());
        let fetch = Fetch { shared: Arc::clone(&self.shared), sender: Some(sender) };
        runtime.spawn(fetch.run());
        Ok(receiver)
    }
}

impl CredentialsProvider for Cached {
    fn name(&self) -> &str {
        self.shared.source.name()
    }

    fn provide(&self) -> BoxFuture<'_, Result<Provided, ProviderError>> {
        Box::pin(self.get())
    }

    fn refused(&self, provided: &Provided) -> bool {
        let now = self.shared.now();
        let mut state = self.shared.lock();
        let is_current =
            |(current, _): &(Provided, Schedule)| Arc::ptr_eq(&current.credentials, &provided.credentials);
        if !state.value.as_ref().is_some_and(is_current) {
            // Another call was first.
            return true;
        }
        if now.saturating_sub(state.fetched) < TOO_YOUNG {
            return false;
        }
        debug!(provider = %provided.provider, "credentials were refused before their end");
        state.value = None;
        true
    }
}

impl fmt::Debug for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.lock();
        f.debug_struct("Cached")
            .field("source", &self.shared.source.name())
            .field("value", &state.value.as_ref().map(|(provided, _)| provided))
            .field("failed", &state.failed)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent between any two statements, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        self.effects.clock.unix_seconds()
    }

    fn error(&self, fault: Fault) -> ProviderError {
        ProviderError::new(self.source.name(), fault)
    }

    /// For jitter; without randomness there is none.
    fn dice(&self) -> u64 {
        let mut bytes = [0; 8];
        self.effects.random.fill(&mut bytes).map_or(0, |()| u64::from_le_bytes(bytes))
    }

    /// Takes up what a fetch gave.
    fn settle(&self, fetched: Result<Fetched, ProviderError>) -> Outcome {
        let (now, dice) = (self.now(), self.dice());
        let fetched = fetched.and_then(|fetched| match fetched.provided.expiration {
            Some(end) if end <= now => Err(self.error(Fault::Expired("what was fetched"))),
            _ => Ok(fetched),
        });
        let mut state = self.lock();
        state.in_flight = None;
        match fetched {
            Ok(fetched) => {
                let schedule = Schedule::new(&fetched, now, dice);
                let Provided { provider, expiration, .. } = &fetched.provided;
                debug!(%provider, expiration, renew_at = schedule.renew_at, "credentials fetched");
                state.value = Some((fetched.provided, schedule));
                state.fetched = now;
                // Credentials at their very end are not asked for anew by every call.
                state.not_before = now.saturating_add(1);
                (state.failed, state.failures) = (None, 0);
                Ok(())
            }
            Err(error) => {
                state.failures = state.failures.saturating_add(1);
                let wait = pause(state.failures, dice);
                state.not_before = now.saturating_add(wait);
                let valid = state.value.as_ref().is_some_and(|(_, schedule)| now < schedule.ends_at);
                warn!(%error, retry_in = wait, old_ones_valid = valid, "credentials cannot be fetched");
                state.failed = Some(error.clone());
                Err(error)
            }
        }
    }
}

/// The fetch under way. However it ends, the way is free for the next one.
struct Fetch {
    shared: Arc<Shared>,
    sender: Option<watch::Sender<Option<Outcome>>>,
}

impl Fetch {
    async fn run(mut self) {
        let fetching = self.shared.source.fetch(&self.shared.effects);
        let fetched = match tokio::time::timeout(FETCH_LIMIT, fetching).await {
            Ok(fetched) => fetched,
            Err(_) => Err(self.shared.error(Fault::Aborted("fetching took longer than two minutes"))),
        };
        self.finish(fetched);
    }

    fn finish(&mut self, fetched: Result<Fetched, ProviderError>) {
        if let Some(sender) = self.sender.take() {
            sender.send_replace(Some(self.shared.settle(fetched)));
        }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let error = self.shared.error(Fault::Aborted("the source panicked"));
            self.finish(Err(error));
        } else if self.sender.is_some() {
            // The runtime ended. Waiting callers see the sender go, and one of them starts again.
            self.shared.lock().in_flight = None;
        }
    }
}
