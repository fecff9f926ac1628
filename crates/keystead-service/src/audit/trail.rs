use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keystead_api::{OperationDef, Params, Timestamp};
use keystead_store::{Batch, Write};
use smallvec::SmallVec;

use crate::access::Resource;
use crate::audit::event::{Actor, Fields, Outcome, Place, Source, cut, push_decision, resource_type};
use crate::records::Text;

/// Records of the store that one event names at most.
const MAX_CHANGES: usize = 32;

/// What one request, or one piece of the service's own work, leaves behind for the audit log. It is handed from the edge to
/// wherever something is decided or written, and shared with nobody else.
pub struct Trail {
    id: Text,
    /// In a box: a trail changes hands some times before its request ends.
    facts: Option<Box<Mutex<Facts>>>,
}

/// What is known so far.
struct Facts {
    place: Arc<Place>,
    fields: Fields,
    /// Whether the caller is known.
    called: bool,
    claimed_access_key_id: Option<String>,
    /// What is called, and the caller's account.
    call: Option<(&'static OperationDef, Text)>,
    /// Whether everything that was asked for is allowed.
    allowed: Option<bool>,
    /// The decisions that do not follow from the rest of the record, a JSON array without its end.
    decisions: Vec<u8>,
    /// Kinds and ids of the resources that it was about.
    named: SmallVec<[(&'static str, Text); 1]>,
    /// Records that were written, or may have been.
    changes: BTreeSet<String>,
    /// Those of a commit that is under way; none when there is no such commit.
    under_way: Option<BTreeSet<String>>,
    /// Whether the store may have the event.
    outboxed: bool,
}

impl Trail {
    /// The trail of a request that is not recorded.
    pub fn unrecorded(request_id: &str) -> Self {
        Self { id: request_id.into(), facts: None }
    }

    /// The trail of a request.
    pub(super) fn of_request(id: &str, place: &Arc<Place>, source: &Source<'_>, now: Timestamp) -> Self {
        Self::new(id, place, Fields::of_request(id, now, source))
    }

    pub(super) fn new(id: &str, place: &Arc<Place>, fields: Fields) -> Self {
        let facts = Facts {
            place: place.clone(),
            fields,
            called: false,
            claimed_access_key_id: None,
            call: None,
            allowed: None,
            decisions: Vec::new(),
            named: SmallVec::new(),
            changes: BTreeSet::new(),
            under_way: None,
            outboxed: false,
        };
        Self { id: id.into(), facts: Some(Box::new(Mutex::new(facts))) }
    }

    /// The id of the request, or of the event.
    pub fn request_id(&self) -> &str {
        &self.id
    }

    /// Notes who calls what. Whoever carries out a request says so before anything is done.
    pub fn called(&self, actor: &Actor<'_>, def: &'static OperationDef, params: Params<'_>) {
        let Some(mut facts) = self.facts() else { return };
        let Facts { place, fields, .. } = &mut *facts;
        fields.operation(def, place);
        fields.actor(actor);
        fields.parameters(def, params);
        facts.call = Some((def, actor.account_id.into()));
        facts.called = true;
    }

    /// Notes what was decided about a resource.
    pub(crate) fn decided(&self, action: &'static str, resource: &Resource<'_>, allowed: bool) {
        let Some(mut facts) = self.facts() else { return };
        let Facts { place, call, decisions, named, .. } = &mut *facts;
        let named_one = resource_type(action, resource.kind).zip(resource.id);
        if let Some((kind, id)) = named_one {
            named.push((kind, id.into()));
        }
        // Who reads the operation's name and the resources knows these.
        let follows = call.as_ref().is_some_and(|(def, account)| {
            let own = action.split_once(':').is_some_and(|(_, name)| name == def.name);
            own && resource.account == account.as_str() && named_one.is_some()
        });
        if !(allowed && follows) {
            push_decision(decisions, &place.region, action, resource, allowed);
        }
        facts.allowed = Some(allowed && facts.allowed != Some(false));
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
        // `+key/<account>/<id>`
        let changes: BTreeSet<&str> =
            self.changes.iter().chain(self.under_way.iter().flatten()).map(String::as_str).collect();
        let changed = changes.iter().filter_map(|change| {
            let (kind, rest) = change[1..].split_once('/')?;
            Some((resource_type("", kind)?, rest.split_once('/')?.1))
        });
        let named = self.named.iter().map(|(kind, id)| (*kind, id.as_str()));
        let mut resources: SmallVec<[(&str, &str); 4]> = named.chain(changed).collect();
        if !resources.is_empty() {
            resources.sort_unstable();
            resources.dedup();
            fields.open("referencedResources");
            for of_kind in resources.chunk_by(|one, other| one.0 == other.0) {
                fields.texts(of_kind[0].0, of_kind.iter().map(|(_, id)| *id));
            }
            fields.close();
        }
        fields.open("additionalEventData");
        match self.allowed {
            Some(true) => fields.raw("decision", &[b"\"Allow\""]),
            Some(false) => fields.raw("decision", &[b"\"Deny\""]),
            None => {}
        }
        if !self.decisions.is_empty() {
            fields.raw("decisions", &[&self.decisions, b"]"]);
        }
        if !changes.is_empty() {
            fields.json("changedRecords", &changes);
        }
        if let Some(claimed) = &self.claimed_access_key_id {
            fields.text("claimedAccessKeyId", claimed);
        }
        if let Some(status) = outcome.map(|outcome| outcome.status).filter(|status| *status > 0) {
            fields.number("httpStatus", status.into());
        }
        if let Some(took) = took {
            fields.number("latencyMicros", u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
        fields.close();
        if let Some(code) = outcome.and_then(|outcome| outcome.error_code) {
            fields.text("errorCode", code);
        }
        fields
    }
}
