use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use keystead_api::{ApiError, ErrorCode};

use super::{Audit, Outcome, Source, Trail, outbox};
use crate::engine::Engine;

/// How a request ended whose client did not wait for its answer.
const ABANDONED: Outcome<'static> = Outcome { status: 499, error_code: Some("ClientClosedRequest") };

/// A request under way that will stand in the audit log, also when it is dropped before its end.
pub struct Recording<'e> {
    audit: Option<&'e Arc<Audit>>,
    trail: Trail,
    source: IpAddr,
    started: Instant,
}

impl Engine {
    /// Begins to record a request. Every request of every gateway is recorded, and is answered when
    /// [`Recording::finish`] says so.
    pub fn record(&self, request_id: &str, source: &Source<'_>, started: Instant) -> Recording<'_> {
        let audit = self.audit.as_ref();
        let trail = match audit {
            Some(audit) => Trail::of_request(request_id, &audit.place, source, self.now()),
            None => Trail::unrecorded(request_id),
        };
        Recording { audit, trail, source: source.address, started }
    }
}

impl Recording<'_> {
    /// Where it is noted what is done.
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// Writes the record, and waits until that is done.
    ///
    /// # Errors
    /// When it cannot be written: 503 `ServiceUnavailableTemporary`, or, when something was changed, 500
    /// `InternalFailure`. Nothing of the request's own answer is to go out.
    pub async fn finish(mut self, outcome: Outcome<'_>) -> Result<(), ApiError> {
        let Some(audit) = self.audit else { return Ok(()) };
        let trail = &self.trail;
        if let Some(code) = outcome.error_code
            && !trail.is_called()
            && !audit.failures.is_recorded(self.source, code)
        {
            self.audit = None;
            return Ok(());
        }
        let changed = trail.is_outboxed();
        let written = match trail.end(&outcome, self.started.elapsed()) {
            Some(fields) => {
                let outbox = changed.then(|| outbox::path(trail));
                self.audit = None;
                audit.write(fields, outbox).await
            }
            None => Ok(()),
        };
        self.audit = None;
        match written {
            Ok(()) => Ok(()),
            Err(_) if changed => Err(ErrorCode::InternalFailure.into()),
            Err(_) => Err(ErrorCode::ServiceUnavailableTemporary.into()),
        }
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        let Some(audit) = self.audit.take().cloned() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let trail = std::mem::replace(&mut self.trail, Trail::unrecorded(""));
        let (source, took) = (self.source, self.started.elapsed());
        runtime.spawn(async move {
            let code = ABANDONED.error_code.unwrap_or_default();
            if !trail.is_called() && !audit.failures.is_recorded(source, code) {
                return;
            }
            let outbox = trail.is_outboxed().then(|| outbox::path(&trail));
            if let Some(fields) = trail.end(&ABANDONED, took)
                && audit.write(fields, outbox).await.is_err()
            {
                tracing::error!(
                    request_id = trail.request_id(),
                    "a request that was given up is not recorded"
                );
            }
        });
    }
}
