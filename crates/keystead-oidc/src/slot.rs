//! What is known of one issuer's keys, and when it was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keystead_service::identity::{KeySet, KeysError};
use tokio::time::Instant;

/// Keys serve for this long; then they must be fetched again, or there are none.
pub(crate) const FRESH: Duration = Duration::from_secs(300);
/// After a failure the issuer is left alone for this long.
pub(crate) const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// For a key that is not known, the issuer is asked this often at most.
pub(crate) const BETWEEN: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(crate) struct Slot {
    state: Mutex<State>,
    /// Held while one fetches, so that the others wait for it.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<(Arc<KeySet>, Instant)>,
    asked: Option<Instant>,
    failed: Option<KeysError>,
}

impl Slot {
    /// The keys, out of memory while they are fresh.
    pub(crate) async fn keys(
        &self,
        fetch: impl Future<Output = Result<KeySet, KeysError>>,
    ) -> Result<Arc<KeySet>, KeysError> {
        if let Some(keys) = self.fresh() {
            return Ok(keys);
        }
        let _alone = self.fetching.lock().await;
        if let Some(keys) = self.fresh() {
            return Ok(keys);
        }
        if let Some(error) = self.state().failure() {
            return Err(error);
        }
        self.fetch(fetch).await
    }

    /// Keys newer than those known, when the issuer may be asked again.
    pub(crate) async fn newer(
        &self,
        known: &Arc<KeySet>,
        fetch: impl Future<Output = Result<KeySet, KeysError>>,
    ) -> Result<Arc<KeySet>, KeysError> {
        if let Some(answer) = self.without_asking(known) {
            return answer;
        }
        let _alone = self.fetching.lock().await;
        if let Some(answer) = self.without_asking(known) {
            return answer;
        }
        self.fetch(fetch).await
    }

    /// Whether the keys are used; one that is not may be forgotten.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh().is_some()
    }

    fn without_asking(&self, known: &Arc<KeySet>) -> Option<Result<Arc<KeySet>, KeysError>> {
        if let Some(keys) = self.fresh().filter(|keys| !Arc::ptr_eq(keys, known)) {
            return Some(Ok(keys));
        }
        let state = self.state();
        if let Some(error) = state.failure() {
            return Some(Err(error));
        }
        state.asked.is_some_and(|asked| asked.elapsed() < BETWEEN).then(|| Ok(known.clone()))
    }

    async fn fetch(
        &self,
        fetch: impl Future<Output = Result<KeySet, KeysError>>,
    ) -> Result<Arc<KeySet>, KeysError> {
        {
            // Stands if whoever asked goes away in the middle: that is no way to make the issuer be asked more often.
            let mut state = self.state();
            state.asked = Some(Instant::now());
            state.failed = Some(KeysError::Unavailable("the fetch was given up".to_owned()));
        }
        let fetched = fetch.await.map(Arc::new);
        let mut state = self.state();
        match &fetched {
            Ok(keys) => {
                state.keys = Some((keys.clone(), Instant::now()));
                state.failed = None;
            }
            Err(error) => state.failed = Some(error.clone()),
        }
        fetched
    }

    fn fresh(&self) -> Option<Arc<KeySet>> {
        let state = self.state();
        state.keys.as_ref().filter(|(_, fetched)| fetched.elapsed() < FRESH).map(|(keys, _)| keys.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn failure(&self) -> Option<KeysError> {
        let recent = self.asked.is_some_and(|asked| asked.elapsed() < AFTER_FAILURE);
        self.failed.clone().filter(|_| recent)
    }
}
