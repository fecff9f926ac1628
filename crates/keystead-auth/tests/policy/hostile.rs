//! Documents that want to cost more than they are worth.

use std::time::{Duration, Instant};

use keystead_auth::policy::{
    IdentityPolicy, MAX_CUSTOM_POLICY_CHARS, MAX_POLICY_BYTES, PolicyDocument, PolicyError, Resource, Target,
    TrustPolicy,
};
use serde_json::json;

use crate::decisions::{ALICE, context};

fn errors(text: &str) -> [PolicyError; 3] {
    [
        IdentityPolicy::parse(text, usize::MAX).unwrap_err(),
        TrustPolicy::parse(text).unwrap_err(),
        PolicyDocument::parse(text).unwrap_err(),
    ]
}

#[test]
fn nesting_and_twins_are_refused_where_they_are() {
    for deep in ["[".repeat(2_000), r#"{"a":"#.repeat(800)] {
        for error in errors(&deep) {
            assert!(
                error.reason().contains("recursion limit") && error.place().starts_with("line 1"),
                "{error}"
            );
        }
    }
    for (twin, place) in [
        (r#"{"Version":"1","Version":"1"}"#, "line 1, column 24"),
        ("{\"Statement\":[{\"Effect\":\"Allow\",\n\"Effect\":\"Deny\"}]}", "line 2, column 8"),
        (r#"{"Condition":{"Bool":{},"\u0042ool":{}}}"#, "line 1, column 35"),
    ] {
        for error in errors(twin) {
            assert!(error.reason().contains("stands twice"), "{error}");
            assert_eq!(error.place(), place);
        }
    }
}

#[test]
fn errors_stay_short_and_printable() {
    let long = "\u{1b}[2J\n".repeat(500);
    for text in [
        json!({ (&*long): 1 }),
        json!({ "Version": "1", "Statement": [{ "Effect": long }] }),
        json!({ "Version": "1", "Statement": [{ (&*long): 1 }] }),
        json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": long, "Resource": long }] }),
    ] {
        for error in errors(&text.to_string()) {
            assert!(error.to_string().len() < 1_000, "{error}");
            assert!(!error.to_string().contains(char::is_control), "{error:?}");
        }
    }
}

/// What fits into the limits, at its worst: long patterns of `*`, and as many statements and values as there is room for.
#[test]
fn the_largest_documents_are_read_and_evaluated_fast() {
    let stars = |room: usize| format!("kms:{}b", "*a".repeat((room - 200) / 2));
    let key = json!({ "Version": "1", "Statement": [{
        "Effect": "Allow", "Principal": { "RAM": "acs:ram::1:user/alice" }, "Action": stars(MAX_POLICY_BYTES), "Resource": "*"
    }]});
    let short: Vec<_> = (0..2_000).map(|_| "kms:*a*a*").collect();
    let many = json!({ "Version": "1", "Statement": [{
        "Effect": "Deny", "Principal": { "RAM": "acs:ram::1:user/alice" }, "Action": short, "Resource": "*"
    }]});
    let name = "a".repeat(MAX_CUSTOM_POLICY_CHARS / 2);
    let user = json!({ "Version": "1", "Statement": [{
        "Effect": "Allow", "Action": "*", "Resource": format!("acs:{}b", "*a".repeat(MAX_CUSTOM_POLICY_CHARS / 2 - 50))
    }]});
    let start = Instant::now();
    let resource = Resource { service: "kms", region: "cn-hangzhou", account: "1", path: &name };
    let target = Target::new(&name, resource, &());
    for text in [key, many] {
        let policy = PolicyDocument::parse(&text.to_string()).unwrap();
        policy.evaluate(&target, &context(ALICE));
    }
    let policy = IdentityPolicy::parse(&user.to_string(), MAX_CUSTOM_POLICY_CHARS).unwrap();
    policy.evaluate(&target, &context(ALICE));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
