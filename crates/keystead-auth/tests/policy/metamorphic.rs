//! What must not change a decision, and what may change it in one direction only.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::naive::Call;
use crate::random::{calls, identity_documents, resource_documents};
use crate::second::decided;

/// Turns the case of letters by a pattern of bits.
fn turned(text: &str, bits: u64) -> String {
    let turn = |(index, c): (usize, char)| match (bits >> (index % 64)) & 1 {
        0 => c.to_ascii_lowercase(),
        _ => c.to_ascii_uppercase(),
    };
    text.chars().enumerate().map(turn).collect()
}

/// The same document with its actions, and the names of users and roles, written in another way.
fn respelled(document: &Value, bits: u64) -> Value {
    let mut document = document.clone();
    let turn = |value: &mut Value, keep: usize| {
        let items = match value {
            Value::Array(items) => items.iter_mut().collect(),
            one => vec![one],
        };
        for item in items {
            let text = item.as_str().unwrap();
            // `kms:` in policies of keys is one of the grammar's own words; so are an ARN's parts before the name.
            let at = if keep == 2 { text.rfind('/').map_or(text.len(), |at| at + 1) } else { keep * 4 };
            let at = at.min(text.len());
            *item = Value::from(format!("{}{}", &text[..at], turned(&text[at..], bits)));
        }
    };
    for statement in document["Statement"].as_array_mut().unwrap() {
        let of_key = statement.get("Principal").is_some();
        for field in ["Action", "NotAction"] {
            if let Some(actions) = statement.get_mut(field) {
                turn(actions, usize::from(of_key));
            }
        }
        if of_key {
            turn(&mut statement["Principal"]["RAM"], 2);
        }
        if let Some(operators) = statement.get_mut("Condition").and_then(Value::as_object_mut) {
            for keys in operators.values_mut() {
                let turned = keys.as_object().unwrap().iter().map(|(key, values)| {
                    let at = key.find('/').unwrap_or(key.len());
                    (format!("{}{}", turned(&key[..at], bits), &key[at..]), values.clone())
                });
                *keys = Value::Object(turned.collect());
            }
        }
    }
    document
}

/// Two spellings of one condition key become one key when the case is turned.
fn has_twins(document: &Value) -> bool {
    let text = document.to_string();
    text.contains("acs:sourceip") || text.contains("acs:PrincipalArn")
}

fn statement(effect: &str) -> Value {
    json!({ "Version": "1", "Statement": [{ "Effect": effect, "Action": "*", "Resource": "*" }] })
}

fn bound(call: &Call) -> bool {
    // The account that owns the resource has no policies, and its way to the resource's policy stays open.
    call.kind != "root"
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn spelling_changes_nothing(
        call in calls(),
        a in identity_documents(),
        b in resource_documents(),
        bits in any::<u64>(),
    ) {
        prop_assume!(!has_twins(&a) && !has_twins(&b));
        let before = decided(&call, std::slice::from_ref(&a), None, Some(&b));
        let mut other = call.clone();
        other.action = turned(&call.action, bits);
        other.name = turned(&call.name, !bits);
        for (key, _) in &mut other.extra {
            *key = turned(key, bits.rotate_left(7));
        }
        let after =
            decided(&other, &[respelled(&a, bits.rotate_left(3))], None, Some(&respelled(&b, bits.rotate_left(5))));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_denial_wins_wherever_it_stands(
        call in calls(),
        mut identities in proptest::collection::vec(identity_documents(), 0..3),
        key in resource_documents(),
        at in any::<prop::sample::Index>(),
    ) {
        prop_assume!(bound(&call));
        let denial = statement("Deny");
        prop_assert!(!decided(&call, &identities, Some(&denial), Some(&key)).allowed);
        identities.insert(at.index(identities.len() + 1), denial);
        let decision = decided(&call, &identities, None, Some(&key));
        prop_assert!(!decision.allowed && decision.is_explicit_deny());
    }

    #[test]
    fn a_denial_of_the_account_in_the_key_s_policy_wins(
        call in calls(),
        identities in proptest::collection::vec(identity_documents(), 0..2),
        mut key in resource_documents(),
        who in prop::sample::select(vec!["*", "root"]),
    ) {
        prop_assume!(call.kind != "root" || !call.action.ends_with("KeyPolicy"));
        prop_assume!(call.service == "kms");
        key["Statement"].as_array_mut().unwrap().push(json!({
            "Effect": "Deny",
            "Principal": { "RAM": format!("acs:ram::{}:{who}", call.account) },
            "Action": "kms:*",
            "Resource": "*",
        }));
        prop_assert!(!decided(&call, &identities, None, Some(&key)).allowed);
    }

    #[test]
    fn order_does_not_matter(call in calls(), a in identity_documents(), b in resource_documents()) {
        let reversed = |document: &Value| {
            let mut document = document.clone();
            document["Statement"].as_array_mut().unwrap().reverse();
            document
        };
        let before = decided(&call, std::slice::from_ref(&a), None, Some(&b));
        let after = decided(&call, &[reversed(&a)], None, Some(&reversed(&b)));
        prop_assert_eq!(before.allowed, after.allowed);
        // A policy of each statement says what one policy of all of them does.
        let single: Vec<Value> = a["Statement"].as_array().unwrap().iter().map(|statement| {
            json!({ "Version": "1", "Statement": [statement] })
        }).collect();
        prop_assert_eq!(before.allowed, decided(&call, &single, None, Some(&b)).allowed);
    }

    #[test]
    fn more_of_either_kind_goes_one_way(
        call in calls(),
        identities in proptest::collection::vec(identity_documents(), 0..2),
        more in identity_documents(),
        key in resource_documents(),
    ) {
        let only = |effect: &str| {
            let mut document = more.clone();
            document["Statement"].as_array_mut().unwrap().iter_mut().for_each(|s| s["Effect"] = json!(effect));
            [&identities[..], &[document]].concat()
        };
        let before = decided(&call, &identities, None, Some(&key)).allowed;
        prop_assert!(!before || decided(&call, &only("Allow"), None, Some(&key)).allowed);
        prop_assert!(before || !decided(&call, &only("Deny"), None, Some(&key)).allowed);
        // A session's policy only takes away.
        prop_assert!(before || !decided(&call, &identities, Some(&more), Some(&key)).allowed);
        prop_assert_eq!(before, decided(&call, &identities, Some(&statement("Allow")), Some(&key)).allowed);
    }
}
