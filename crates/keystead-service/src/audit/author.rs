use keystead_store::{Batch, Revision};

use crate::audit::Trail;
use crate::engine::{CommitError, Engine};

/// On whose behalf the store is changed: a call, or the service itself. Whoever writes has one, so that no change is without
/// its trail.
#[derive(Clone, Copy)]
pub(crate) struct Author<'a> {
    /// The engine that carries it out.
    pub(crate) engine: &'a Engine,
    /// Where it is noted.
    pub(crate) trail: &'a Trail,
}

impl Author<'_> {
    /// [`Engine::commit`], noted on the trail.
    pub(crate) async fn commit(self, batch: Batch) -> Result<Revision, CommitError> {
        self.engine.commit(self.trail, batch).await
    }
}
