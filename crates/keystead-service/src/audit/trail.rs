use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keystead_api::{OperationDef, Params, Timestamp};
use keystead_store::{Batch, Write};
use serde::Serialize;

use crate::access::Resource;
use crate::audit::event::{Actor, Decided, Decision, Fields, Outcome, Source, cut, resource_type};

/// Records of the store that one event names at most.
const MAX_CHANGES: usize = 32;

/// What one request, or one piece of the service's own work, leaves behind for the audit log. It is handed from the edge to
/// wherever something is decided or written, and shared with nobody else.
pub struct Trail {
    id: String,
    facts: Option<Mutex<Facts>>,
}

/// What is known so far.
struct Facts {
    region: String,
    fields: Fields,
    /// Whether the caller is known.
    called: bool,
    claimed_access_key_id: Option<String>,
    decisions: Vec<Decision>,
    /// Records that were written, or may have been.
    changes: BTreeSet<String>,
    /// Those of a commit that is under way; none when there is no such commit.
    under_way: Option<BTreeSet<String>>,
    /// Whether the store may have the event.
    outboxed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Additional<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<Decided<'a>>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    changed_records: &'a BTreeSet<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_access_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_micros: Option<u64>,
}

impl Trail {
    /// The trail of a request that is not recorded.
    pub fn unrecorded(request_id: &str) -> Self {
        Self { id: request_id.to_owned(), facts: None }
    }

    /// The trail of a request.
    pub(super) fn of_request(id: &str, region: &str, source: &Source<'_>, now: Timestamp) -> Self {
        let mut fields = Fields::new(id, "ApiCall", now);
        fields.text("requestId", id);
        fields.source(source);
        Self::new(id, region, fields)
    }

    pub(super) fn new(id: &str, region: &str, fields: Fields) -> Self {
        let facts = Facts {
            region: region.to_owned(),
            fields,
            called: false,
            claimed_access_key_id: None,
            decisions: Vec::new(),
            changes: BTreeSet::new(),
            under_way: None,
            outboxed: false,
        };
        Self { id: id.to_owned(), facts: Some(Mutex::new(facts)) }
    }

    /// The id of the request, or of the event.
    pub fn request_id(&self) -> &str {
        &self.id
    }

    /// Notes who calls what. Whoever carries out a request says so before anything is done.
    pub fn called(&self, actor: &Actor<'_>, def: &'static OperationDef, params: Params<'_>) {
        let Some(mut facts) = self.facts() else { return };
        let Facts { region, fields, .. } = &mut *facts;
        fields.operation(def, region);
        fields.actor(actor);
        fields.parameters(def, params);
        facts.called = true;
    }

    /// Notes what was decided about a resource.
    pub(crate) fn decided(&self, action: &'static str, resource: &Resource<'_>, allowed: bool) {
        let Some(mut facts) = self.facts() else { return };
        facts.decisions.push(Decision {
            action,
            account: resource.account.to_owned(),
            kind: resource.kind,
            id: resource.id.map(str::to_owned),
            allowed,
        });
    }

    /// The event of the service's own work as it ended.
    pub(super) fn end_of_service(&self, outcome: &Outcome<'_>) -> Option<Vec<u8>> {
        let mut facts = self.facts()?;
        let fields = std::mem::take(&mut facts.fields);
        let outcome = Outcome { status: 0, ..*outcome };
        Some(facts.complete(fields, Some(&outcome), None).into_bytes())
    }

    /// Says that who does it is known.
    pub(super) fn set_called(&self) {
        if let Some(mut facts) = self.facts() {
            facts.called = true;
        }
    }

    /// Whether anybody records this.
    pub(super) fn is_recorded(&self) -> bool {
        self.facts.is_some()
    }

    /// Whether a caller was found.
    pub(super) fn is_called(&self) -> bool {
        self.facts().is_some_and(|facts| facts.called)
    }

    /// Whether something may have been written.
    pub(super) fn is_outboxed(&self) -> bool {
        self.facts().is_some_and(|facts| facts.outboxed || facts.under_way.is_some())
    }

    /// Notes what a commit will write, and gives the event as it is known now: it becomes part of that commit.
    pub(super) fn draft(&self, batch: &Batch) -> Option<Vec<u8>> {
        let mut facts = self.facts()?;
        let mut changes = BTreeSet::new();
        for write in batch.writes() {
            if facts.changes.len() + changes.len() == MAX_CHANGES {
                break;
            }
            // What is due follows from the records; indexes and values stand beside what they belong to.
            if !["due/", "key-alias/"].iter().any(|prefix| write.key().starts_with(prefix)) {
                let sign = if matches!(write, Write::Delete { .. }) { "-" } else { "+" };
                changes.insert(format!("{sign}{}", write.key()));
            }
        }
        facts.under_way = Some(changes);
        let fields = facts.fields.clone();
        Some(facts.complete(fields, None, None).into_bytes())
    }

    /// Notes how the commit ended: whether it may have happened.
    pub(super) fn committed(&self, maybe: bool) {
        let Some(mut facts) = self.facts() else { return };
        if let Some(changes) = facts.under_way.take()
            && maybe
        {
            facts.changes.extend(changes);
            facts.outboxed = true;
        }
    }

    /// The event as it ended.
    pub(super) fn end(&self, outcome: &Outcome<'_>, took: Duration) -> Option<Vec<u8>> {
        let mut facts = self.facts()?;
        if !facts.called {
            facts.fields.actor(&Actor::default());
        }
        let fields = std::mem::take(&mut facts.fields);
        Some(facts.complete(fields, Some(outcome), Some(took)).into_bytes())
    }

    /// Notes what a request claims that nobody is known to have sent.
    pub fn claimed(&self, action: &str, access_key_id: &str) {
        let Some(mut facts) = self.facts() else { return };
        facts.fields.text("eventName", action);
        facts.claimed_access_key_id = Some(cut(access_key_id).to_owned());
    }

    fn facts(&self) -> Option<MutexGuard<'_, Facts>> {
        self.facts.as_ref().map(|facts| facts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Facts {
    /// The fields with everything that was gathered beside them.
    fn complete(&self, mut fields: Fields, outcome: Option<&Outcome<'_>>, took: Option<Duration>) -> Fields {
        let named = self.decisions.iter().filter_map(|of| Some((of.action, of.kind, of.id.as_deref()?)));
        // `+key/<account>/<id>`
        let changes: BTreeSet<&str> =
            self.changes.iter().chain(self.under_way.iter().flatten()).map(String::as_str).collect();
        let changed = changes.iter().filter_map(|change| {
            let (kind, rest) = change[1..].split_once('/')?;
            Some(("", kind, rest.split_once('/')?.1))
        });
        let mut resources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (action, kind, id) in named.chain(changed) {
            if let Some(kind) = resource_type(action, kind) {
                resources.entry(kind).or_default().insert(id);
            }
        }
        if !resources.is_empty() {
            fields.json("referencedResources", &resources);
        }
        let additional = Additional {
            decisions: self.decisions.iter().map(|decision| decision.shown(&self.region)).collect(),
            changed_records: &changes,
            claimed_access_key_id: self.claimed_access_key_id.as_deref(),
            http_status: outcome.map(|outcome| outcome.status).filter(|status| *status > 0),
            latency_micros: took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
        };
        fields.json("additionalEventData", &additional);
        if let Some(code) = outcome.and_then(|outcome| outcome.error_code) {
            fields.text("errorCode", code);
        }
        fields
    }
}
