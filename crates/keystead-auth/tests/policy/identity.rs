//! Policies of users, groups, roles and sessions: what is read, what is refused where, and what resources match.

use keystead_auth::policy::{
    IdentityPolicy, MAX_CUSTOM_POLICY_CHARS, MAX_SESSION_POLICY_CHARS, Resource, Target, Verdict,
};
use serde_json::{Value, json};

use crate::decisions::{ALICE, context, policy};

fn statement() -> Value {
    json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*" })
}

/// A document of one statement with a field set, or removed when the value is null.
fn with(field: &str, value: Value) -> String {
    let mut changed = statement();
    if value.is_null() {
        changed.as_object_mut().unwrap().remove(field);
    } else {
        changed[field] = value;
    }
    json!({ "Version": "1", "Statement": [changed] }).to_string()
}

#[test]
fn mistakes_are_refused_with_their_place() {
    let mut both = statement();
    both["NotAction"] = json!("kms:Decrypt");
    let both = json!({ "Version": "1", "Statement": [statement(), both] }).to_string();
    let mut except = statement();
    except["NotAction"] = except.as_object_mut().unwrap().remove("Action").unwrap();
    let except = json!({ "Version": "1", "Statement": [except] }).to_string();
    let condition = |key: &str| with("Condition", json!({ "StringEquals": { key: "x" } }));
    for (text, expected) in [
        (with("Effect", json!("Allow")), "ok"),
        (with("Sid", json!("for people")), "ok"),
        (with("Sid", json!(1)), "Statement[0].Sid"),
        (with("Effect", json!("ALLOW")), "Statement[0].Effect"),
        (with("Action", Value::Null), "Statement[0]"),
        (with("Action", json!("*")), "ok"),
        (with("Action", json!(["oss:Get*", "*:List*", "log:a-b"])), "ok"),
        (with("Action", json!("Encrypt")), "Statement[0].Action[0]"),
        (with("Action", json!("kms:")), "Statement[0].Action[0]"),
        (with("Action", json!(":Encrypt")), "Statement[0].Action[0]"),
        (with("Action", json!("kms:En crypt")), "Statement[0].Action[0]"),
        (with("Action", json!(["kms:*", ""])), "Statement[0].Action[1]"),
        (with("Action", json!([])), "Statement[0].Action"),
        (except, "ok"),
        (both, "Statement[1]"),
        (with("Resource", Value::Null), "Statement[0]"),
        (with("Resource", json!(["acs:kms:*:*:key/*", "acs:*", "a?s:kms:*", "*:key/x"])), "ok"),
        (with("Resource", json!("")), "Statement[0].Resource[0]"),
        (with("Resource", json!("key/*")), "Statement[0].Resource[0]"),
        (with("Resource", json!("arn:aws:kms:*")), "Statement[0].Resource[0]"),
        (with("Resource", json!("acs")), "Statement[0].Resource[0]"),
        (with("Resource", json!(["*", "acs:kms:\n"])), "Statement[0].Resource[1]"),
        (with("NotResource", json!("*")), "Statement[0]"),
        (with("Principal", json!({ "RAM": "acs:ram::1:*" })), "Statement[0]"),
        (condition("ram:ServiceName"), "ok"),
        (condition("kms:tag/acs:rds:backup-encryption"), "ok"),
        (condition("SourceIp"), "Statement[0].Condition.StringEquals.\"SourceIp\""),
        (condition("acs:Source Ip"), "Statement[0].Condition.StringEquals.\"acs:Source Ip\""),
        (condition("kms:tag/"), "Statement[0].Condition.StringEquals.\"kms:tag/\""),
        (
            with("Condition", json!({ "ForAnyValue:StringLike": { "kms:tag": "x" } })),
            "Statement[0].Condition",
        ),
        (with("Condition", json!({ "StringEqualsIfExists": { "kms:tag": "x" } })), "Statement[0].Condition"),
    ] {
        let place = IdentityPolicy::parse(&text, MAX_CUSTOM_POLICY_CHARS)
            .map_or_else(|error| error.place().to_owned(), |_| "ok".to_owned());
        assert_eq!(place, expected, "{text}");
    }
}

#[test]
fn length_counts_characters() {
    let document = with("Sid", json!("x"));
    for limit in [MAX_SESSION_POLICY_CHARS, MAX_CUSTOM_POLICY_CHARS] {
        let fitting = format!("{document}{}", " ".repeat(limit - document.len()));
        assert_eq!(IdentityPolicy::parse(&fitting, limit).unwrap().statement_count(), 1);
        let error = IdentityPolicy::parse(&format!("{fitting} "), limit).unwrap_err();
        assert_eq!(error.to_string(), format!("it is longer than {limit} characters"));
    }
    // Characters, not bytes.
    let wide = with("Resource", json!(format!("acs:kms:*:*:secret/{}", "é".repeat(1900))));
    assert!(wide.len() > MAX_SESSION_POLICY_CHARS);
    assert!(IdentityPolicy::parse(&wide, MAX_SESSION_POLICY_CHARS).is_ok());
}

#[test]
fn resources() {
    for (pattern, service, path, expected) in [
        ("*", "kms", "key/key-a", true),
        ("acs:kms:*:*:*", "kms", "key/key-a", true),
        ("acs:kms:cn-hangzhou:1:key/key-a", "kms", "key/key-a", true),
        ("acs:kms:cn-shanghai:1:key/key-a", "kms", "key/key-a", false),
        ("acs:kms:*:2:key/*", "kms", "key/key-a", false),
        ("acs:kms:*:*:key/key-?", "kms", "key/key-a", true),
        ("acs:kms:*:*:key/KEY-A", "kms", "key/key-a", false),
        ("acs:kms:*:*:secret/team/*", "kms", "secret/team/db/main", true),
        ("acs:kms:*:*:alias/app", "kms", "alias/app", true),
        // Containers, in all spellings that are in use.
        ("acs:kms:*:*:key", "kms", "key", true),
        ("acs:kms:*:*:key/*", "kms", "key", true),
        ("acs:kms:*:*:key*", "kms", "key", true),
        ("acs:kms:*:*:key/key-a", "kms", "key", false),
        ("acs:kms:*:*:key/key-*", "kms", "key", false),
        ("acs:kms:*:*:secret/*", "kms", "key", false),
        ("acs:kms:*:*:key", "kms", "key/key-a", false),
        // No resource at all.
        ("acs:kms:*:*:*", "kms", "*", true),
        ("acs:kms:*:*:key/*", "kms", "*", false),
        // Names of RAM have no case, and no region.
        ("acs:ram:*:1:user/ALICE", "ram", "user/alice", true),
        ("acs:ram::1:user/alice", "ram", "user/Alice", true),
        ("acs:ram:cn-hangzhou:1:user/alice", "ram", "user/alice", false),
        ("acs:ram:*:*:role/*", "sts", "role/ops", false),
        ("acs:ram:*:*:user/*", "ram", "user", true),
    ] {
        let region = if service == "kms" { "cn-hangzhou" } else { "" };
        let action = format!("{service}:Some");
        let target = Target::new(&action, Resource { service, region, account: "1", path }, &());
        let says = policy("Allow", &format!("{service}:*"), pattern).evaluate(&target, &context(ALICE));
        assert_eq!(says == Verdict::Allow(0), expected, "{pattern} {}", target.arn());
    }
}
