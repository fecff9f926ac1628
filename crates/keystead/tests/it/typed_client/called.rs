//! Which operations a client has called, and how that ended.

use std::collections::BTreeMap;
use std::sync::Mutex;

use keystead_client::{Attempt, Observer, Operation, OperationDef, operations};

/// What cannot succeed here, with the refusal that the documentation gives for it.
const NEVER_DONE: &[(&str, &str)] =
    &[("GetChallenge", "UnsupportedOperation"), ("OpenKmsService", "Forbidden.Opened")];

/// What came of each operation that was called: `ok`, or else the last refusal.
#[derive(Default)]
pub struct Called(Mutex<BTreeMap<&'static str, String>>);

impl Observer for Called {
    fn attempted(&self, attempt: &Attempt<'_>) {
        let mut called = self.0.lock().unwrap();
        let outcome = called.entry(attempt.operation.name).or_default();
        if outcome == "ok" {
            return;
        }
        *outcome = attempt.error.map_or("ok", |error| error.code().unwrap_or("no answer")).to_owned();
    }
}

macro_rules! definitions {
    ($($method:ident $name:ident,)*) => {
        /// Every operation that the client has a method for.
        const ALL: &[&OperationDef] = &[$(<operations::$name as Operation>::DEF),*];
    };
}

keystead_api::for_each_operation!(definitions);

pub fn at_the_shared_gateway(def: &OperationDef) -> bool {
    def.gateways != keystead_api::Gateways::Dedicated
}

pub fn at_a_dedicated_gateway(def: &OperationDef) -> bool {
    def.gateways != keystead_api::Gateways::Shared
}

impl Called {
    /// Names what was not called, or never did what it is for.
    pub fn assert_complete(&self, offered: impl Fn(&OperationDef) -> bool) {
        assert_eq!(ALL.len(), 91);
        let called = self.0.lock().unwrap();
        let missing: Vec<String> = ALL
            .iter()
            .filter(|def| offered(def))
            .filter_map(|def| {
                let refusal = NEVER_DONE.iter().find(|(name, _)| *name == def.name);
                let expected = refusal.map_or("ok", |(_, code)| code);
                let outcome = called.get(def.name).map_or("not called", String::as_str);
                (outcome != expected).then(|| format!("{}: {outcome}", def.name))
            })
            .collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }
}

#[test]
#[should_panic(expected = "Encrypt: not called")]
fn what_was_not_called_is_named() {
    Called::default().assert_complete(at_a_dedicated_gateway);
}
