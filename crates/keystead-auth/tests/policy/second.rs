//! The evaluator against the second one.

use keystead_auth::policy::{
    Decision, IdentityPolicy, MAX_CUSTOM_POLICY_CHARS, PolicyDocument, Verdict, decide,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::naive::{self, Call, Says};
use crate::random::{asked, calls, identity_documents, resource_documents};

pub fn identity(document: &Value) -> IdentityPolicy {
    IdentityPolicy::parse(&document.to_string(), MAX_CUSTOM_POLICY_CHARS).unwrap()
}

pub fn resource(document: &Value) -> PolicyDocument {
    PolicyDocument::parse(&document.to_string()).unwrap()
}

pub fn decided(call: &Call, identities: &[Value], session: Option<&Value>, key: Option<&Value>) -> Decision {
    let identities: Vec<_> = identities.iter().map(identity).collect();
    let (session, key) = (session.map(identity), key.map(resource));
    asked(call, |target, context| decide(&identities, session.as_ref(), key.as_ref(), target, context))
}

/// The rules of combination, once more and in other words.
fn naive_decision(call: &Call, identities: &[Value], session: Option<&Value>, key: Option<&Value>) -> bool {
    let (own, root) = (call.account == call.owner, call.kind == "root");
    let action = call.action.to_lowercase();
    if own && root && (action.ends_with(":setkeypolicy") || action.ends_with(":getkeypolicy")) {
        return true;
    }
    let identities: Vec<Says> = identities.iter().map(|document| naive::identity(document, call)).collect();
    let session = session.map(|document| naive::identity(document, call));
    let key = key.map(|document| naive::resource(document, call));
    let all: Vec<Says> = identities.iter().copied().chain(session).chain(key).collect();
    let allows = |says: &Says| matches!(says, Says::Allow(_));
    if all.iter().any(|says| matches!(says, Says::Deny(_))) || session.is_some_and(|says| !allows(&says)) {
        return false;
    }
    let a = root || identities.iter().any(allows);
    let b = key.is_some_and(|says| allows(&says));
    let use_only = ["kms:encrypt", "kms:decrypt", "kms:getsecretvalue"].contains(&&*action);
    if own { a || b } else { a && b && use_only }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn each_policy_says_the_same(call in calls(), a in identity_documents(), b in resource_documents()) {
        let (policy, key) = (identity(&a), resource(&b));
        let (a_says, b_says) =
            asked(&call, |target, context| (policy.evaluate(target, context), key.evaluate(target, context)));
        prop_assert_eq!(plain(a_says), naive::identity(&a, &call), "{:#}", a);
        prop_assert_eq!(plain(b_says), naive::resource(&b, &call), "{:#}", b);
    }

    #[test]
    fn together_they_decide_the_same(
        call in calls(),
        identities in proptest::collection::vec(identity_documents(), 0..3),
        session in proptest::option::weighted(0.3, identity_documents()),
        key in proptest::option::of(resource_documents()),
    ) {
        let (session, key) = (session.as_ref(), key.as_ref());
        let decision = decided(&call, &identities, session, key);
        prop_assert_eq!(decision.allowed, naive_decision(&call, &identities, session, key), "{:?}", decision);
    }
}

fn plain(verdict: Verdict) -> Says {
    match verdict {
        Verdict::Allow(statement) => Says::Allow(statement),
        Verdict::Deny(statement) => Says::Deny(statement),
        Verdict::Silent => Says::Nothing,
    }
}
