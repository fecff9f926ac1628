//! Every operator, on every kind of fact.

use keystead_auth::policy::{
    Caller, CallerKind, Context, IdentityPolicy, MAX_CUSTOM_POLICY_CHARS, Operator, Resource, Target, Verdict,
};
use serde_json::{Value, json};

/// A call over TLS at 2026-11-24T18:29:00Z by a session of the role Ops, from an IPv4 address that a dual-stack socket gave.
const CONTEXT: Context<'static> = Context {
    caller: Caller {
        account: "1",
        arn: "acs:ram::1:role/Ops",
        kind: CallerKind::Role { name: "Ops", session_arn: "acs:ram::1:assumed-role/Ops/night" },
    },
    now: 1_795_544_940,
    source: Some(std::net::IpAddr::V6(std::net::Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x0a00, 0x0001))),
    secure_transport: true,
    mfa: false,
    source_vpc: None,
    vpc_source: None,
    extra: &[("oidc:aud", "web"), ("oidc:aud", "mobile"), ("acs:Novel", "x")],
};

/// Whether a condition lets a statement of this effect apply.
fn holds(effect: &str, operator: &str, key: &str, value: &Value) -> bool {
    let text = json!({ "Version": "1", "Statement": [{
        "Effect": effect, "Action": "kms:*", "Resource": "*", "Condition": { operator: { key: value } }
    }]});
    let policy = IdentityPolicy::parse(&text.to_string(), MAX_CUSTOM_POLICY_CHARS).unwrap();
    let tags = [
        ("team", "Blue"),
        ("level", "3.5"),
        ("until", "2026-12-31T00:00:00Z"),
        ("on", "TRUE"),
        ("stadt", "Köln"),
    ];
    let key = Resource { service: "kms", region: "cn-hangzhou", account: "1", path: "key/key-a" };
    policy.evaluate(&Target::new("kms:Encrypt", key, &tags), &CONTEXT) != Verdict::Silent
}

#[test]
fn operators() {
    let mut seen = std::collections::BTreeSet::new();
    for (operator, key, value, expected) in [
        ("StringEquals", "kms:tag/team", json!("Blue"), true),
        ("StringEquals", "kms:tag/team", json!(["Red", "Blue"]), true),
        ("StringEquals", "kms:tag/team", json!("blue"), false),
        ("StringEquals", "kms:tag/team", json!("B*"), false),
        ("StringEquals", "kms:tag/Team", json!("Blue"), false),
        ("StringEquals", "KMS:Tag/team", json!("Blue"), true),
        ("StringEquals", "acs:ResourceTag/team", json!("Blue"), true),
        ("StringEquals", "kms:tag", json!("3.5"), true),
        ("StringEquals", "kms:tag", json!("4"), false),
        ("StringEquals", "acs:SourceIp", json!("10.0.0.1"), true),
        ("StringEquals", "acs:CurrentTime", json!("2026-11-24T18:29:00Z"), true),
        ("StringEquals", "acs:SecureTransport", json!(true), true),
        ("StringNotEquals", "kms:tag/team", json!("Red"), true),
        ("StringNotEquals", "kms:tag/team", json!(["Red", "Blue"]), false),
        ("StringNotEquals", "kms:tag/absent", json!("Red"), true),
        ("StringNotEquals", "kms:tag", json!("Blue"), false),
        ("StringEqualsIgnoreCase", "kms:tag/team", json!("bLUE"), true),
        ("StringEqualsIgnoreCase", "kms:tag/stadt", json!("KÖLN"), true),
        ("StringEqualsIgnoreCase", "kms:tag/team", json!("blu"), false),
        ("StringNotEqualsIgnoreCase", "kms:tag/team", json!("bLUE"), false),
        ("StringNotEqualsIgnoreCase", "kms:tag/team", json!("red"), true),
        ("StringLike", "kms:tag/team", json!("B?u*"), true),
        ("StringLike", "kms:tag/team", json!("b*"), false),
        ("StringLike", "kms:tag/stadt", json!("K?ln"), true),
        ("StringLike", "kms:tag/absent", json!("*"), false),
        ("StringLike", "acs:SourceIp", json!("10.*"), true),
        ("StringLike", "acs:CurrentTime", json!("2026-*"), true),
        ("StringNotLike", "kms:tag/team", json!(["R*", "B*"]), false),
        ("StringNotLike", "kms:tag/team", json!("R*"), true),
        // Names of RAM have no case, and a session goes by its role's name and by its own.
        ("StringEquals", "acs:PrincipalARN", json!("acs:ram::1:role/ops"), true),
        ("StringEquals", "acs:PrincipalArn", json!("acs:ram::1:assumed-role/ops/night"), true),
        ("StringLike", "acs:PrincipalARN", json!("acs:ram:*:*:role/OP?"), true),
        ("StringNotLike", "acs:PrincipalARN", json!("acs:ram:*:*:role/OP?"), false),
        ("StringNotEquals", "acs:PrincipalARN", json!("acs:ram::1:role/other"), true),
        ("NumericEquals", "kms:tag/level", json!(3.5), true),
        ("NumericEquals", "kms:tag/level", json!("3.50"), true),
        ("NumericEquals", "kms:tag/team", json!(3), false),
        ("NumericNotEquals", "kms:tag/level", json!([3, 3.5]), false),
        ("NumericNotEquals", "kms:tag/level", json!(3), true),
        ("NumericNotEquals", "kms:tag/team", json!(3), true),
        ("NumericLessThan", "kms:tag/level", json!("4"), true),
        ("NumericLessThan", "kms:tag/level", json!("3.5"), false),
        ("NumericLessThanEquals", "kms:tag/level", json!("3.5"), true),
        ("NumericGreaterThan", "kms:tag/level", json!("3.5"), false),
        ("NumericGreaterThan", "kms:tag/level", json!(-1e300), true),
        ("NumericGreaterThanEquals", "kms:tag/level", json!(["9", "3.5"]), true),
        ("NumericGreaterThanEquals", "acs:SecureTransport", json!(0), false),
        ("DateEquals", "acs:CurrentTime", json!("2026-11-25T02:29:00+08:00"), true),
        ("DateEquals", "acs:CurrentTime", json!("2026-11-24T18:29:01Z"), false),
        ("DateNotEquals", "acs:CurrentTime", json!("2026-11-24T18:29:01Z"), true),
        ("DateNotEquals", "acs:CurrentTime", json!("2026-11-24T14:59:00-03:30"), false),
        ("DateLessThan", "acs:CurrentTime", json!("2026-11-24T18:29:00Z"), false),
        ("DateLessThan", "acs:CurrentTime", json!("2026-11-24T18:29:01Z"), true),
        ("DateLessThanEquals", "acs:CurrentTime", json!("2026-11-24T18:29:00Z"), true),
        ("DateGreaterThan", "acs:CurrentTime", json!("2026-11-24T18:28:59Z"), true),
        ("DateGreaterThanEquals", "acs:CurrentTime", json!("2026-11-24T18:29:00Z"), true),
        ("DateGreaterThanEquals", "kms:tag/until", json!("2026-12-01T00:00:00Z"), true),
        ("DateGreaterThanEquals", "kms:tag/team", json!("2026-12-01T00:00:00Z"), false),
        ("Bool", "acs:SecureTransport", json!(true), true),
        ("Bool", "acs:SecureTransport", json!("True"), true),
        ("Bool", "acs:SecureTransport", json!("false"), false),
        ("Bool", "acs:MFAPresent", json!(false), true),
        ("Bool", "kms:tag/on", json!(true), true),
        ("Bool", "kms:tag/team", json!([true, false]), false),
        ("IpAddress", "acs:SourceIp", json!("10.0.0.1"), true),
        ("IpAddress", "acs:SourceIp", json!("::ffff:10.0.0.1"), true),
        ("IpAddress", "acs:SourceIp", json!("::ffff:10.0.0.0/120"), true),
        ("IpAddress", "acs:SourceIp", json!("10.0.0.2/31"), false),
        ("IpAddress", "acs:SourceIp", json!("10.0.0.7/29"), true),
        ("IpAddress", "acs:SourceIp", json!("0.0.0.0/0"), true),
        ("IpAddress", "acs:SourceIp", json!("::/0"), false),
        ("IpAddress", "acs:SourceIp", json!(["fd00::/8", "10.0.0.0/8"]), true),
        ("IpAddress", "acs:VpcSourceIp", json!("0.0.0.0/0"), false),
        ("NotIpAddress", "acs:SourceIp", json!("10.0.0.0/8"), false),
        ("NotIpAddress", "acs:SourceIp", json!("11.0.0.0/8"), true),
        ("NotIpAddress", "acs:VpcSourceIp", json!("10.0.0.0/8"), true),
        // Several values of one key.
        ("StringEquals", "oidc:aud", json!("mobile"), true),
        ("StringNotEquals", "oidc:aud", json!("mobile"), false),
        ("StringNotEquals", "oidc:aud", json!("tv"), true),
        ("StringEquals", "oidc:sub", json!("x"), false),
        ("StringNotEquals", "oidc:sub", json!("x"), true),
        ("StringNotEquals", "acs:PrincipalRDId", json!("rd-1"), true),
        ("StringLike", "acs:PrincipalRDPath", json!("*"), false),
        // An unknown key of which the call says something is like the others.
        ("StringEquals", "acs:novel", json!("x"), true),
        ("StringEquals", "acs:novel", json!("y"), false),
    ] {
        seen.insert(operator);
        for effect in ["Allow", "Deny"] {
            assert_eq!(holds(effect, operator, key, &value), expected, "{effect} {operator} {key} {value}");
        }
    }
    assert_eq!(seen.len(), Operator::ALL.len());
}

/// Nobody gets in by a condition that cannot be judged, and nobody gets by.
#[test]
fn a_key_that_is_not_known_never_allows_and_always_denies() {
    for operator in ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"] {
        for key in ["ram:ServiceName", "acs:RequestTag/team", "ecs:tag/team"] {
            assert!(!holds("Allow", operator, key, &json!("x")), "{operator} {key}");
            assert!(holds("Deny", operator, key, &json!("x")), "{operator} {key}");
        }
    }
}

#[test]
fn all_conditions_of_a_statement_must_hold() {
    let text = |team: &str, level: &str| {
        json!({ "Version": "1", "Statement": [{
            "Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {
                "StringEquals": { "kms:tag/team": team, "acs:SecureTransport": "true" },
                "NumericLessThan": { "kms:tag/level": level },
            }
        }]})
        .to_string()
    };
    let tags = [("team", "a"), ("level", "3")];
    let key = Resource { service: "kms", region: "cn-hangzhou", account: "1", path: "key/key-a" };
    let target = Target::new("kms:Encrypt", key, &tags);
    for (team, level, expected) in
        [("a", "4", Verdict::Allow(0)), ("b", "4", Verdict::Silent), ("a", "3", Verdict::Silent)]
    {
        let policy = IdentityPolicy::parse(&text(team, level), MAX_CUSTOM_POLICY_CHARS).unwrap();
        assert_eq!(policy.evaluate(&target, &CONTEXT), expected, "{team} {level}");
    }
}
