//! Policies of keys and secrets: what is read, and what is refused where.

use std::net::IpAddr;

use keystead_auth::policy::{
    ConditionKey, Effect, MAX_POLICY_BYTES, Network, Operands, Operator, PolicyDocument, Principal,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn statement() -> Value {
    json!({
        "Effect": "Allow",
        "Principal": { "RAM": ["acs:ram::1589966786983812:*"] },
        "Action": ["kms:*"],
        "Resource": ["*"],
    })
}

fn document(statement: &Value) -> String {
    json!({ "Version": "1", "Statement": [statement] }).to_string()
}

/// A document of one statement in which a field is set, or removed when the value is null.
fn with(field: &str, value: Value) -> String {
    let mut changed = statement();
    if value.is_null() {
        changed.as_object_mut().unwrap().remove(field);
    } else {
        changed[field] = value;
    }
    document(&changed)
}

fn place(text: &str) -> String {
    match PolicyDocument::parse(text) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.place().to_owned(),
    }
}

#[test]
fn everything_arrives_in_its_type() {
    let text = r#"{
        "Version": "1",
        "Statement": [
            {
                "Sid": "kms default key policy",
                "Effect": "Allow",
                "Principal": { "RAM": ["acs:ram::1:*", "acs:ram::2:root", "acs:ram::3:user/alice.b-c_d", "acs:ram::4:role/Ops"] },
                "Action": "kms:Get*",
                "Resource": "*"
            },
            {
                "Effect": "Deny",
                "Principal": { "RAM": "acs:ram::1:*" },
                "Action": ["kms:Decrypt", "kms:?ncrypt"],
                "Resource": ["*"],
                "Condition": {
                    "NotIpAddress": { "acs:SourceIp": ["10.0.0.0/8", "::1"] },
                    "Bool": { "acs:SecureTransport": false },
                    "DateGreaterThan": { "acs:CurrentTime": "2027-01-15T08:00:00Z" },
                    "NumericLessThan": { "kms:tag/level": [3, "4.5"] },
                    "StringLike": { "kms:tag/team": "a*", "acs:PrincipalARN": "acs:ram::1:user/*" }
                }
            }
        ]
    }"#;
    let document = PolicyDocument::parse(text).unwrap();
    let [allow, deny] = &document.statements[..] else { panic!("two statements") };
    assert_eq!((allow.sid.as_deref(), allow.effect), (Some("kms default key policy"), Effect::Allow));
    let named = |account: &str, name: &str| (account.to_owned(), name.to_owned());
    let ((user_account, user), (role_account, role)) = (named("3", "alice.b-c_d"), named("4", "Ops"));
    assert_eq!(
        allow.principals,
        [
            Principal::Account("1".into()),
            Principal::Root("2".into()),
            Principal::User { account: user_account, name: user },
            Principal::Role { account: role_account, name: role },
        ]
    );
    assert_eq!(allow.principals.iter().map(Principal::account).collect::<String>(), "1234");
    assert_eq!(allow.actions[0].as_str(), "kms:Get*");
    assert!(allow.conditions.is_empty());
    assert_eq!((deny.effect, deny.actions.len()), (Effect::Deny, 2));
    let seen: Vec<_> =
        deny.conditions[..4].iter().map(|c| (c.operator, c.key.clone(), c.values.clone())).collect();
    let network = |address: &str, prefix| Network { address: address.parse::<IpAddr>().unwrap(), prefix };
    assert_eq!(
        seen,
        [
            (
                Operator::NotIpAddress,
                ConditionKey::SourceIp,
                Operands::Networks(vec![network("10.0.0.0", 8), network("::1", 128)])
            ),
            (Operator::Bool, ConditionKey::SecureTransport, Operands::Bools(vec![false])),
            (Operator::DateGreaterThan, ConditionKey::CurrentTime, Operands::Dates(vec![1_800_000_000])),
            (Operator::NumericLessThan, ConditionKey::Tag("level".into()), Operands::Numbers(vec![3.0, 4.5])),
        ]
    );
    let patterns: Vec<_> = deny.conditions[4..]
        .iter()
        .map(|c| match &c.values {
            Operands::Patterns(patterns) => (c.operator, c.key.clone(), patterns[0].as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        patterns,
        [
            (Operator::StringLike, ConditionKey::Tag("team".into()), "a*"),
            (Operator::StringLike, ConditionKey::PrincipalArn, "acs:ram::1:user/*"),
        ]
    );
}

#[test]
fn mistakes_are_refused_with_their_place() {
    let whole = |value: Value| value.to_string();
    let ram = |value: Value| with("Principal", json!({ "RAM": value }));
    let condition =
        |operator: &str, key: &str, value: Value| with("Condition", json!({ operator: { key: value } }));
    let cases = [
        (document(&statement()), "ok"),
        (whole(json!([])), ""),
        (whole(json!("x")), ""),
        (whole(json!({})), ""),
        (whole(json!({ "Version": "1" })), ""),
        (whole(json!({ "Version": 1, "Statement": [statement()] })), "Version"),
        (whole(json!({ "Version": "2", "Statement": [statement()] })), "Version"),
        (whole(json!({ "Version": "1", "Statement": statement() })), "Statement"),
        (whole(json!({ "Version": "1", "Statement": [] })), "Statement"),
        (whole(json!({ "Version": "1", "Statement": [statement(), 1] })), "Statement[1]"),
        (whole(json!({ "Version": "1", "Statement": [statement()], "Id": "x" })), ""),
        (whole(json!({ "version": "1", "Statement": [statement()] })), ""),
        (with("Effect", Value::Null), "Statement[0]"),
        (with("Effect", json!("allow")), "Statement[0].Effect"),
        (with("Effect", json!(["Allow"])), "Statement[0].Effect"),
        (with("Principal", Value::Null), "Statement[0]"),
        (with("Principal", json!("*")), "Statement[0].Principal"),
        (with("Principal", json!({})), "Statement[0].Principal"),
        (with("Principal", json!({ "Service": "ecs.aliyuncs.com" })), "Statement[0].Principal"),
        (with("Principal", json!({ "RAM": "acs:ram::1:*", "Service": "x" })), "Statement[0].Principal"),
        (ram(json!([])), "Statement[0].Principal.RAM"),
        (ram(json!([1])), "Statement[0].Principal.RAM[0]"),
        (ram(json!(["acs:ram::1:*", "*"])), "Statement[0].Principal.RAM[1]"),
        (ram(json!("acs:ram:::*")), "Statement[0].Principal.RAM[0]"),
        (ram(json!("acs:ram::*:*")), "Statement[0].Principal.RAM[0]"),
        (ram(json!("acs:ram:cn-hangzhou:1:*")), "Statement[0].Principal.RAM[0]"),
        (ram(json!("acs:ram::1:user/")), "Statement[0].Principal.RAM[0]"),
        (ram(json!("acs:ram::1:user/*")), "Statement[0].Principal.RAM[0]"),
        (ram(json!("acs:ram::1:user/a/b")), "Statement[0].Principal.RAM[0]"),
        (ram(json!(format!("acs:ram::1:role/{}", "x".repeat(65)))), "Statement[0].Principal.RAM[0]"),
        (ram(json!("acs:ram::1:group/a")), "Statement[0].Principal.RAM[0]"),
        (with("Action", Value::Null), "Statement[0]"),
        (with("Action", json!([])), "Statement[0].Action"),
        (with("Action", json!("*")), "Statement[0].Action[0]"),
        (with("Action", json!(["kms:Encrypt", "ram:GetUser"])), "Statement[0].Action[1]"),
        (with("Action", json!("kms:")), "Statement[0].Action[0]"),
        (with("Action", json!("kms:a b")), "Statement[0].Action[0]"),
        (with("Action", json!("kms:NoSuchOperation")), "ok"),
        (with("NotAction", json!("kms:Encrypt")), "Statement[0]"),
        (with("Resource", Value::Null), "Statement[0]"),
        (with("Resource", json!("acs:kms:*:*:*")), "Statement[0].Resource[0]"),
        (with("Resource", json!(["*", "**"])), "Statement[0].Resource[1]"),
        (with("Sid", json!("")), "ok"),
        (with("Sid", json!("a".repeat(128))), "ok"),
        (with("Sid", json!("a".repeat(129))), "Statement[0].Sid"),
        (with("Sid", json!("a\tb")), "Statement[0].Sid"),
        (with("Condition", json!({})), "ok"),
        (with("Condition", json!([])), "Statement[0].Condition"),
        (with("Condition", json!({ "StringEquals": {} })), "Statement[0].Condition.StringEquals"),
        (with("Condition", json!({ "stringequals": { "acs:SourceVpc": "x" } })), "Statement[0].Condition"),
        (condition("StringEquals", "acs:SourceVpc", json!("vpc-1")), "ok"),
        (
            condition("StringEquals", "acs:Nothing", json!("x")),
            "Statement[0].Condition.StringEquals.\"acs:Nothing\"",
        ),
        (
            condition("StringEquals", "kms:tag/", json!("x")),
            "Statement[0].Condition.StringEquals.\"kms:tag/\"",
        ),
        (
            condition("StringEquals", "acs:SourceVpc", json!([])),
            "Statement[0].Condition.StringEquals.\"acs:SourceVpc\"",
        ),
        (
            condition("StringEquals", "acs:SourceVpc", json!({})),
            "Statement[0].Condition.StringEquals.\"acs:SourceVpc\"",
        ),
        (
            condition("IpAddress", "acs:SourceIp", json!(["1.2.3.4", "1.2.3.4/33"])),
            "Statement[0].Condition.IpAddress.\"acs:SourceIp\"[1]",
        ),
        (
            condition("IpAddress", "acs:SourceIp", json!("1.2.3.4/+8")),
            "Statement[0].Condition.IpAddress.\"acs:SourceIp\"[0]",
        ),
        (
            condition("Bool", "acs:MFAPresent", json!("yes")),
            "Statement[0].Condition.Bool.\"acs:MFAPresent\"[0]",
        ),
        (
            condition("NumericEquals", "kms:tag/a", json!("NaN")),
            "Statement[0].Condition.NumericEquals.\"kms:tag/a\"[0]",
        ),
        (
            condition("DateEquals", "acs:CurrentTime", json!("2027-02-30T00:00:00Z")),
            "Statement[0].Condition.DateEquals.\"acs:CurrentTime\"[0]",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(place(&text), expected, "{text}");
    }
}

#[test]
fn every_operator_is_read() {
    for operator in Operator::ALL {
        let name = operator.name();
        let value = match name {
            _ if name.starts_with("Date") => "2027-01-15T08:00:00Z",
            _ if name.ends_with("IpAddress") => "10.0.0.0/8",
            "Bool" => "true",
            _ => "1",
        };
        let text = with("Condition", json!({ name: { "acs:CurrentTime": value } }));
        let document = PolicyDocument::parse(&text).unwrap();
        assert_eq!(document.statements[0].conditions[0].operator, *operator);
    }
    assert_eq!(Operator::ALL.len(), 21);
}

#[test]
fn what_is_no_json_and_what_is_too_much() {
    for (text, place, reason) in [
        ("", "line 1, column 0", "EOF while parsing a value"),
        ("{\n  x", "line 2, column 3", "key must be a string"),
        ("{} {}", "line 1, column 4", "trailing characters"),
        (r#"{"Version":"1","Version":"1"}"#, "line 1, column 24", r#"the name "Version" stands twice"#),
    ] {
        let error = PolicyDocument::parse(text).unwrap_err();
        assert_eq!((error.place(), error.reason()), (place, reason), "{text}");
    }
    // Neither depth nor length costs more than the refusal.
    let deep = "[".repeat(MAX_POLICY_BYTES);
    assert!(PolicyDocument::parse(&deep).unwrap_err().reason().contains("recursion limit"));
    let deep = r#"{"Condition":"#.repeat(2000);
    assert!(PolicyDocument::parse(&deep).unwrap_err().reason().contains("recursion limit"));
    let fitting = document(&statement());
    let fitting = format!("{fitting}{}", " ".repeat(MAX_POLICY_BYTES - fitting.len()));
    assert_eq!(place(&fitting), "ok");
    let error = PolicyDocument::parse(&format!("{fitting} ")).unwrap_err();
    assert_eq!(error.to_string(), "it is longer than 32768 bytes");
    // An error stays short, whatever stood in the document, and shows no control characters.
    let error = PolicyDocument::parse(&with("Action", json!("\u{1b}\n".repeat(10_000)))).unwrap_err();
    assert!(error.to_string().len() < 1000 && !error.to_string().contains(char::is_control), "{error}");
}

/// JSON that is near enough to a policy to get past the first checks.
fn near_policies() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "1",
            "Allow",
            "Deny",
            "*",
            "kms:*",
            "acs:ram::1:*",
            "10.0.0.0/8",
            "true",
            "acs:SourceIp",
        ])
        .prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(Value::Null),
    ];
    let names = prop::sample::select(vec![
        "Version",
        "Statement",
        "Sid",
        "Effect",
        "Principal",
        "RAM",
        "Action",
        "Resource",
        "Condition",
        "IpAddress",
        "StringEquals",
        "Bool",
        "acs:SourceIp",
        "kms:tag/x",
        "Other",
    ]);
    word.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in prop_oneof![any::<String>(), near_policies().prop_map(|json| json.to_string())]) {
        let _ = PolicyDocument::parse(&text);
    }

    /// A good statement with one field replaced: refused at that statement, or read.
    #[test]
    fn one_wrong_field_is_refused_in_its_statement(
        field in prop::sample::select(vec!["Sid", "Effect", "Principal", "Action", "Resource", "Condition"]),
        value in near_policies(),
    ) {
        if let Err(error) = PolicyDocument::parse(&with(field, value)) {
            prop_assert!(error.place().starts_with("Statement[0]"), "{error}");
        }
    }
}
