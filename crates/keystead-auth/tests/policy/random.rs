//! Random calls and documents out of few words, so that they often meet.

use std::collections::BTreeMap;

use keystead_auth::policy::{Caller, CallerKind, Context, Operator, Resource, Target};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::naive::Call;

pub const ACTIONS: &[&str] =
    &["kms:Encrypt", "kms:Decrypt", "kms:CreateKey", "kms:SetKeyPolicy", "KMS:GETSECRETVALUE"];
const NOW: &[&str] = &["2026-11-24T18:29:00Z", "2027-01-01T00:00:00Z", "1969-12-31T23:59:59Z"];
const SOURCES: &[&str] = &["10.0.0.1", "10.1.2.3", "::ffff:10.0.0.1", "192.168.7.7", "fd00::1", "::1"];

pub fn calls() -> impl Strategy<Value = Call> {
    let resource = prop_oneof![
        4 => (select(ACTIONS), Just("kms"), Just("cn-hangzhou"), select(vec!["key/key-a", "key/key-b", "key", "secret/Db", "secret", "*"])),
        1 => (select(vec!["ram:GetUser", "ram:DeleteUser"]), Just("ram"), Just(""), select(vec!["user/alice", "user/Bob", "user"])),
    ];
    let maybe = |list: &'static [&'static str]| proptest::option::of(select(list).prop_map(str::to_owned));
    let caller =
        (select(vec!["root", "user", "user", "role"]), select(vec!["1", "2"]), select(vec!["alice", "Ops"]));
    let tags = proptest::collection::btree_map(
        select(vec!["team", "level"]).prop_map(str::to_owned),
        select(vec!["a", "A", "ab", "3", "4.5", "true"]).prop_map(str::to_owned),
        0..3,
    );
    let extra = proptest::collection::vec(
        (select(vec!["oidc:aud", "oidc:sub", "acs:Novel"]), select(vec!["a", "ab", "3"])),
        0..3,
    );
    let facts = (maybe(SOURCES), any::<bool>(), any::<bool>(), maybe(&["vpc-1", "vpc-2"]), maybe(SOURCES));
    (resource, select(vec!["1", "1", "2"]), caller, tags, select(NOW), facts, extra).prop_map(
        |((action, service, region, path), owner, (kind, account, name), tags, now, facts, extra)| Call {
            action: action.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            owner: owner.to_owned(),
            path: path.to_owned(),
            tags,
            kind: kind.to_owned(),
            account: account.to_owned(),
            name: name.to_owned(),
            now: now.to_owned(),
            source: facts.0,
            tls: facts.1,
            mfa: facts.2,
            vpc: facts.3,
            vpc_source: facts.4,
            extra: extra.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        },
    )
}

fn one_or_more(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        select(words).prop_map(Value::from),
        proptest::collection::vec(select(words), 1..3).prop_map(Value::from),
    ]
}

fn condition(keys: &'static [&'static str]) -> impl Strategy<Value = (String, String, Value)> {
    (select(Operator::ALL), select(keys)).prop_flat_map(|(operator, key)| {
        let words: &'static [&'static str] = match operator.name() {
            name if name.starts_with("Date") => &[
                "2026-11-24T18:29:00Z",
                "2026-11-25T02:29:00+08:00",
                "2026-12-31T23:59:59Z",
                "1970-01-01T00:00:00Z",
            ],
            name if name.starts_with("Numeric") => &["3", "4.5", "-1"],
            name if name.contains("IpAddress") => &[
                "10.0.0.0/8",
                "10.0.0.1",
                "::ffff:10.0.0.1",
                "::ffff:10.0.0.0/104",
                "fd00::/8",
                "::/0",
                "0.0.0.0/0",
            ],
            "Bool" => &["true", "False"],
            name if name.contains("Like") => {
                &["a*", "?", "*", "acs:ram:*:*:user/Al*", "acs:ram::1:*", "10.*", "vpc-?"]
            }
            _ => &[
                "a",
                "AB",
                "vpc-1",
                "true",
                "10.0.0.1",
                "acs:ram::1:user/ALICE",
                "acs:ram::1:role/ops",
                "2026-11-24T18:29:00Z",
            ],
        };
        let name = operator.name().to_owned();
        one_or_more(words).prop_map(move |values| (name.clone(), key.to_owned(), values))
    })
}

fn conditions(keys: &'static [&'static str]) -> impl Strategy<Value = Option<Value>> {
    let some = proptest::collection::vec(condition(keys), 1..3).prop_map(|found| {
        let mut operators: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for (operator, key, values) in found {
            operators.entry(operator).or_default().insert(key, values);
        }
        Some(json!(operators))
    });
    prop_oneof![1 => Just(None), 1 => some]
}

const KEYS: &[&str] = &[
    "acs:SourceIp",
    "acs:sourceip",
    "acs:SourceVpc",
    "acs:VpcSourceIp",
    "acs:CurrentTime",
    "acs:SecureTransport",
    "acs:MFAPresent",
    "acs:PrincipalARN",
    "acs:PrincipalArn",
    "acs:PrincipalRDId",
    "kms:tag/team",
    "acs:ResourceTag/level",
    "kms:tag",
];
const ALL_KEYS: &[&str] = &[
    "acs:SourceIp",
    "acs:PrincipalARN",
    "kms:tag/level",
    "oidc:aud",
    "oidc:sub",
    "sts:ExternalId",
    "acs:Novel",
    "ecs:tag/team",
];

fn with_condition(mut statement: Value, condition: Option<Value>) -> Value {
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    statement
}

/// The documents are valid, in the sense of their kind.
pub fn identity_documents() -> impl Strategy<Value = Value> {
    let actions =
        one_or_more(&["*", "kms:*", "kms:Encrypt", "kms:en?rypt", "KMS:*crypt", "kms:Get*", "ram:*"]);
    let resources = one_or_more(&[
        "*",
        "acs:kms:*:*:*",
        "acs:kms:*:1:key/*",
        "acs:kms:cn-hangzhou:*:key/key-a",
        "acs:kms:*:*:key",
        "acs:kms:*:*:secret*",
        "acs:kms:*:*:secret/db",
        "acs:ram:*:1:user/ALICE",
        "acs:ram::*:user/*",
    ]);
    let keys = prop_oneof![3 => conditions(KEYS), 1 => conditions(ALL_KEYS)];
    let statement = (
        select(vec!["Allow", "Allow", "Deny"]),
        select(vec!["Action", "Action", "Action", "NotAction"]),
        actions,
        resources,
        keys,
    )
        .prop_map(|(effect, field, actions, resources, condition)| {
            with_condition(json!({ "Effect": effect, field: actions, "Resource": resources }), condition)
        });
    proptest::collection::vec(statement, 1..4)
        .prop_map(|statements| json!({ "Version": "1", "Statement": statements }))
}

pub fn resource_documents() -> impl Strategy<Value = Value> {
    let actions =
        one_or_more(&["kms:*", "kms:Encrypt", "kms:en?rypt", "kms:*crypt", "kms:Set*", "kms:getsecretvalue"]);
    let principals = one_or_more(&[
        "acs:ram::1:*",
        "acs:ram::1:root",
        "acs:ram::1:user/ALICE",
        "acs:ram::1:role/ops",
        "acs:ram::2:*",
        "acs:ram::2:user/alice",
        "acs:ram::2:role/alice",
    ]);
    let statement = (select(vec!["Allow", "Allow", "Deny"]), actions, principals, conditions(KEYS)).prop_map(
        |(effect, actions, principals, condition)| {
            let statement = json!({
                "Effect": effect, "Action": actions, "Principal": { "RAM": principals }, "Resource": "*"
            });
            with_condition(statement, condition)
        },
    );
    proptest::collection::vec(statement, 1..4)
        .prop_map(|statements| json!({ "Version": "1", "Statement": statements }))
}

/// Hands a call to the evaluator in its own types.
pub fn asked<T>(call: &Call, ask: impl FnOnce(&Target<'_>, &Context<'_>) -> T) -> T {
    let arns = call.principal_arns();
    let name = &*call.name;
    let kind = match &*call.kind {
        "root" => CallerKind::Root,
        "user" => CallerKind::User { name },
        _ => CallerKind::Role { name, session_arn: &arns[1] },
    };
    let address = |text: &Option<String>| text.as_ref().map(|text| text.parse().unwrap());
    let extra: Vec<_> = call.extra.iter().map(|(key, value)| (&**key, &**value)).collect();
    let context = Context {
        caller: Caller { account: &call.account, arn: &arns[0], kind },
        now: keystead_auth::parse_date(&call.now).unwrap(),
        source: address(&call.source),
        secure_transport: call.tls,
        mfa: call.mfa,
        source_vpc: call.vpc.as_deref(),
        vpc_source: address(&call.vpc_source),
        extra: &extra,
    };
    let tags: Vec<(&String, &String)> = call.tags.iter().collect();
    let resource =
        Resource { service: &call.service, region: &call.region, account: &call.owner, path: &call.path };
    ask(&Target::new(&call.action, resource, &tags), &context)
}
