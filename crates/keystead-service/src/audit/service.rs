use keystead_api::ApiError;

use super::event::{Fields, resource_type};
use super::{Actor, ActorKind, Author, Outcome, Trail, outbox};
use crate::engine::Engine;
use crate::ids;
use crate::records::DueKind;

/// Work that the service does by itself. It is recorded when it changed something or failed.
pub(crate) struct ServiceWork {
    trail: Trail,
}

/// What a piece of work is about.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// What is done.
    pub(crate) kind: DueKind,
    /// Whose resource.
    pub(crate) account: &'a str,
    /// The key's id or the secret's name.
    pub(crate) id: &'a str,
    /// The request that brought it about.
    pub(crate) caused_by: Option<&'a str>,
}

impl ServiceWork {
    /// Begins it.
    pub(crate) fn begin(engine: &Engine, subject: Subject<'_>) -> Self {
        let (name, kind) = match subject.kind {
            DueKind::KeyDeletion => ("DeleteKey", "key"),
            DueKind::KeyExpiry => ("ExpireKeyMaterial", "key"),
            DueKind::ImportToken => ("ForgetImportToken", "key"),
            DueKind::KeyRotation => ("RotateKey", "key"),
            DueKind::InstanceRemoval => ("RemoveInstanceContents", "keystore"),
            DueKind::SecretDeletion => ("DeleteSecret", "secret"),
            DueKind::SecretRotation => ("RotateSecret", "secret"),
        };
        Self::event(engine, name, kind, subject.account, subject.id, subject.caused_by)
    }

    /// Begins what an operator asked for, or what the service's own keys need: `kind` is that of a resource, or empty.
    pub(crate) fn administration(
        engine: &Engine,
        name: &'static str,
        kind: &'static str,
        account: &str,
        id: &str,
    ) -> Self {
        Self::event(engine, name, kind, account, id, None)
    }

    fn event(
        engine: &Engine,
        name: &'static str,
        kind: &'static str,
        account: &str,
        subject: &str,
        caused_by: Option<&str>,
    ) -> Self {
        let Some(audit) = &engine.audit else { return Self { trail: Trail::unrecorded("") } };
        let id = ids::internal_id(&*engine.random).unwrap_or_else(|error| {
            // Without randomness nothing can be made anyway; the time tells it apart well enough.
            tracing::error!(%error, "no randomness for the id of an event");
            format!("{subject}-{}", engine.now().0)
        });
        let mut fields = Fields::new(&id, "AliyunServiceEvent", engine.now());
        fields.text("eventName", name);
        fields.text("eventRW", "Write");
        fields.text("serviceName", "Kms");
        fields.text("acsRegion", engine.region());
        fields.actor(&Actor { kind: ActorKind::System, account_id: account, ..Actor::default() });
        if let Some(kind) = resource_type("kms:", kind) {
            fields.text("resourceType", kind);
        }
        if !subject.is_empty() {
            fields.text("resourceName", subject);
        }
        if let Some(request_id) = caused_by.filter(|id| !id.is_empty()) {
            fields.text("causedBy", request_id);
        }
        let trail = Trail::new(&id, &audit.place, fields);
        trail.set_called();
        Self { trail }
    }

    /// On whose behalf the store is changed.
    pub(crate) fn author<'a>(&'a self, engine: &'a Engine) -> Author<'a> {
        Author { engine, trail: &self.trail }
    }

    /// Ends it.
    pub(crate) async fn finish<T>(self, engine: &Engine, result: &Result<T, ApiError>) {
        let Some(audit) = &engine.audit else { return };
        let changed = self.trail.is_outboxed();
        let code = result.as_ref().err().map(|error| (error.code().name().into_owned(), error.status()));
        if !changed && code.is_none() {
            return;
        }
        let outcome = match &code {
            Some((code, status)) => Outcome { status: *status, error_code: Some(code) },
            None => Outcome::GOOD,
        };
        let outbox = changed.then(|| outbox::path(&self.trail));
        let Some(fields) = self.trail.end_of_service(&outcome) else { return };
        if audit.write(fields, outbox).await.is_err() {
            // What it changed is in the outbox, and is written later.
            tracing::error!(
                event = self.trail.request_id(),
                "work of the service's own could not be recorded"
            );
        }
    }
}
