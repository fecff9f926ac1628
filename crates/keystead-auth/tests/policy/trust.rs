//! Trust policies: who may take a role.

use keystead_auth::policy::{
    Caller, CallerKind, Decider, Decision, IdentityPolicy, MAX_TRUST_POLICY_CHARS, Principal, Resource, Side,
    Target, TrustPolicy, TrustedPrincipal, decide_role,
};
use serde_json::{Value, json};

use crate::decisions::{ALICE, ROOT, context, policy};

fn text(principal: &Value, condition: &Value) -> String {
    json!({ "Version": "1", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, "Condition": condition
    }]})
    .to_string()
}

fn trust(principal: Value, condition: Value) -> TrustPolicy {
    TrustPolicy::parse(&text(&principal, &condition)).unwrap()
}

fn ask(
    caller: Caller<'_>,
    extra: &[(&str, &str)],
    identity: &[IdentityPolicy],
    session: Option<&IdentityPolicy>,
    trust: &TrustPolicy,
) -> Decision {
    let role = Resource { service: "ram", region: "", account: "1", path: "role/ops" };
    let mut context = context(caller);
    context.extra = extra;
    decide_role(identity, session, trust, &Target::new("sts:AssumeRole", role, &()), &context)
}

#[test]
fn users_need_both_sides() {
    let of_account = trust(json!({ "RAM": ["acs:ram::1:root"] }), json!({}));
    let may = [policy("Allow", "sts:AssumeRole", "acs:ram:*:1:role/OPS")];
    let by = Decider::Trust { statement: 0 };
    assert_eq!(ask(ALICE, &[], &may, None, &of_account), Decision { allowed: true, by });
    let silent = |side| Decision { allowed: false, by: Decider::Nothing(side) };
    assert_eq!(ask(ALICE, &[], &[], None, &of_account), silent(Side::Identity));
    let of_other = trust(json!({ "RAM": "acs:ram::2:root" }), json!({}));
    assert_eq!(ask(ALICE, &[], &may, None, &of_other), silent(Side::Trust));
    assert_eq!(ask(ROOT, &[], &[], None, &of_account), Decision { allowed: true, by });
    let elsewhere = policy("Allow", "sts:*", "acs:ram:*:1:role/other");
    assert_eq!(ask(ALICE, &[], &may, Some(&elsewhere), &of_account), silent(Side::Session));
    let denying = [policy("Allow", "*", "*"), policy("Deny", "sts:*", "acs:ram::1:role/Ops")];
    let by = Decider::Identity { policy: 1, statement: 0 };
    assert_eq!(ask(ALICE, &[], &denying, None, &of_account), Decision { allowed: false, by });
    let text = r#"{"Version":"1","Statement":[
        {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::1:*"]}},
        {"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::1:user/ALICE"]}}]}"#;
    let by = Decider::Trust { statement: 1 };
    let except = TrustPolicy::parse(text).unwrap();
    assert_eq!(ask(ALICE, &[], &may, None, &except), Decision { allowed: false, by });
}

#[test]
fn an_external_id_is_compared() {
    let guarded = trust(
        json!({ "RAM": ["acs:ram::1:root"] }),
        json!({ "StringEquals": { "sts:ExternalId": "shared-secret" } }),
    );
    let may = [policy("Allow", "sts:AssumeRole", "*")];
    assert!(ask(ALICE, &[("sts:ExternalId", "shared-secret")], &may, None, &guarded).allowed);
    assert!(!ask(ALICE, &[("sts:ExternalId", "Shared-Secret")], &may, None, &guarded).allowed);
    assert!(!ask(ALICE, &[], &may, None, &guarded).allowed);
}

#[test]
fn providers_and_services() {
    let provider = "acs:ram::1:oidc-provider/ci";
    let federated = trust(
        json!({ "Federated": [provider] }),
        json!({ "StringEquals": { "oidc:iss": "https://ci.example", "oidc:aud": ["keystead"] }, "StringLike": { "oidc:sub": "repo:team/*" } }),
    );
    let caller =
        Caller { account: "1", arn: provider, kind: CallerKind::Federated { provider_arn: provider } };
    let claims = |sub| {
        [
            ("oidc:iss", "https://ci.example"),
            ("oidc:aud", "other"),
            ("oidc:aud", "keystead"),
            ("oidc:sub", sub),
        ]
    };
    assert!(ask(caller, &claims("repo:team/app"), &[], None, &federated).allowed);
    assert!(!ask(caller, &claims("repo:others/app"), &[], None, &federated).allowed);
    assert!(!ask(caller, &[], &[], None, &federated).allowed);
    let shouted = "acs:ram::1:oidc-provider/CI";
    let other = Caller { arn: shouted, kind: CallerKind::Federated { provider_arn: shouted }, ..caller };
    assert!(!ask(other, &claims("repo:team/app"), &[], None, &federated).allowed);
    // Who is known otherwise is not the provider's, and who is the provider's is not of its account.
    assert!(!ask(ALICE, &claims("repo:team/app"), &[policy("Allow", "*", "*")], None, &federated).allowed);
    let of_account = trust(json!({ "RAM": "acs:ram::1:root" }), json!({}));
    assert!(!ask(caller, &claims("repo:team/app"), &[], None, &of_account).allowed);
    let service = trust(json!({ "Service": "ecs.aliyuncs.com" }), json!({}));
    let ecs = |domain| Caller { account: "", arn: "", kind: CallerKind::Service { domain } };
    assert!(ask(ecs("ecs.aliyuncs.com"), &[], &[], None, &service).allowed);
    assert!(!ask(ecs("fc.aliyuncs.com"), &[], &[], None, &service).allowed);
    assert!(!ask(ecs("ecs.aliyuncs.com"), &[], &[], None, &of_account).allowed);
}

#[test]
fn what_is_read_and_refused() {
    let all = trust(
        json!({ "RAM": ["acs:ram::1:root", "acs:ram::2:user/bob"], "Service": "ecs.aliyuncs.com", "Federated": "acs:ram::1:saml-provider/Corp.com" }),
        json!({}),
    );
    let named: Vec<_> = all.principals().cloned().collect();
    assert!(named.contains(&TrustedPrincipal::Ram(Principal::Root("1".into()))));
    assert!(named.contains(&TrustedPrincipal::Service("ecs.aliyuncs.com".into())));
    assert_eq!(named.len(), 4);
    let place =
        |text: &str| TrustPolicy::parse(text).map_or_else(|error| error.place().to_owned(), |_| "ok".into());
    for (principal, expected) in [
        (json!({ "RAM": "acs:ram::1:root" }), "ok"),
        (json!("*"), "Statement[0].Principal"),
        (json!({}), "Statement[0].Principal"),
        (json!({ "AWS": "x" }), "Statement[0].Principal"),
        (json!({ "RAM": [] }), "Statement[0].Principal.RAM"),
        (json!({ "RAM": "*" }), "Statement[0].Principal.RAM[0]"),
        (json!({ "RAM": "acs:ram::*:root" }), "Statement[0].Principal.RAM[0]"),
        (json!({ "Service": ["ecs.aliyuncs.com", "a b"] }), "Statement[0].Principal.Service[1]"),
        (json!({ "Federated": "https://issuer" }), "Statement[0].Principal.Federated[0]"),
        (json!({ "Federated": "acs:ram::1:oidc-provider/" }), "Statement[0].Principal.Federated[0]"),
    ] {
        assert_eq!(place(&text(&principal, &json!({}))), expected, "{principal}");
    }
    let with = |field: &str, value: Value| {
        let mut document: Value =
            serde_json::from_str(&text(&json!({ "RAM": "acs:ram::1:root" }), &json!({}))).unwrap();
        document["Statement"][0][field] = value;
        place(&document.to_string())
    };
    assert_eq!(with("Action", json!(["sts:AssumeRole", "sts:Assume*"])), "ok");
    assert_eq!(with("Action", json!("*")), "Statement[0].Action[0]");
    assert_eq!(with("Action", json!("kms:Encrypt")), "Statement[0].Action[0]");
    assert_eq!(with("Resource", json!("*")), "Statement[0]");
    let long = format!(
        "{}{}",
        text(&json!({ "RAM": "acs:ram::1:root" }), &json!({})),
        " ".repeat(MAX_TRUST_POLICY_CHARS)
    );
    assert_eq!(TrustPolicy::parse(&long).unwrap_err().reason(), "it is longer than 4096 characters");
}
