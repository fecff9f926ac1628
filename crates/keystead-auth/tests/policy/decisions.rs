//! Who decides, by cases of two accounts: 1 owns the key, 2 is another.

use keystead_auth::policy::{
    Caller, CallerKind, Context, Decider, Decision, IdentityPolicy, MAX_CUSTOM_POLICY_CHARS, PolicyDocument,
    Resource, Side, Target, decide,
};
use serde_json::{Value, json};

pub fn context(caller: Caller<'_>) -> Context<'_> {
    Context {
        caller,
        now: 1_795_544_940,
        source: None,
        secure_transport: true,
        mfa: false,
        source_vpc: None,
        vpc_source: None,
        extra: &[],
    }
}

pub const ROOT: Caller<'_> = Caller { account: "1", arn: "acs:ram::1:root", kind: CallerKind::Root };
pub const ALICE: Caller<'_> =
    Caller { account: "1", arn: "acs:ram::1:user/alice", kind: CallerKind::User { name: "alice" } };
const OPS: Caller<'_> = Caller {
    account: "1",
    arn: "acs:ram::1:role/ops",
    kind: CallerKind::Role { name: "ops", session_arn: "acs:ram::1:assumed-role/ops/s" },
};
const OTHER_ROOT: Caller<'_> = Caller { account: "2", arn: "acs:ram::2:root", kind: CallerKind::Root };
const OTHER_ALICE: Caller<'_> =
    Caller { account: "2", arn: "acs:ram::2:user/alice", kind: CallerKind::User { name: "alice" } };
const LAPTOP: Caller<'_> = Caller {
    account: "1",
    arn: "acs:ram::1:oidc-provider/ci",
    kind: CallerKind::Federated { provider_arn: "acs:ram::1:oidc-provider/ci" },
};

pub fn policy(effect: &str, action: &str, resource: &str) -> IdentityPolicy {
    let text = json!({ "Version": "1", "Statement": [{ "Effect": effect, "Action": action, "Resource": resource }] });
    IdentityPolicy::parse(&text.to_string(), MAX_CUSTOM_POLICY_CHARS).unwrap()
}

fn key_policy(statements: &[(&str, &str, &str)]) -> PolicyDocument {
    let statements: Vec<Value> = statements
        .iter()
        .map(|(effect, who, action)| {
            json!({ "Effect": effect, "Principal": { "RAM": format!("acs:ram::{who}") }, "Action": action, "Resource": "*" })
        })
        .collect();
    PolicyDocument::parse(&json!({ "Version": "1", "Statement": statements }).to_string()).unwrap()
}

fn ask(
    caller: Caller<'_>,
    action: &str,
    identity: &[IdentityPolicy],
    session: Option<&IdentityPolicy>,
    key: Option<&PolicyDocument>,
) -> Decision {
    let resource = Resource { service: "kms", region: "cn-hangzhou", account: "1", path: "key/key-a" };
    decide(identity, session, key, &Target::new(action, resource, &()), &context(caller))
}

fn allowed(by: Decider) -> Decision {
    Decision { allowed: true, by }
}

fn denied(by: Decider) -> Decision {
    Decision { allowed: false, by }
}

const SILENT: Decision = Decision { allowed: false, by: Decider::Nothing(Side::Identity) };

#[test]
fn the_owner_s_account_may_do_everything_but_what_is_denied() {
    let default = key_policy(&[("Allow", "1:*", "kms:*")]);
    assert_eq!(ask(ROOT, "kms:Encrypt", &[], None, None), allowed(Decider::Root));
    assert_eq!(ask(ROOT, "kms:Encrypt", &[], None, Some(&default)), allowed(Decider::Root));
    let others = key_policy(&[("Allow", "1:user/alice", "kms:Decrypt")]);
    assert_eq!(ask(ROOT, "kms:ScheduleKeyDeletion", &[], None, Some(&others)), allowed(Decider::Root));
    for who in ["1:*", "1:root"] {
        let closed = key_policy(&[("Deny", who, "kms:*")]);
        let by = Decider::Resource { statement: 0 };
        assert_eq!(ask(ROOT, "kms:Decrypt", &[], None, Some(&closed)), denied(by), "{who}");
        // Else nobody could open it again.
        for action in ["kms:SetKeyPolicy", "kms:GetKeyPolicy", "kms:SetSecretPolicy", "kms:GetSecretPolicy"] {
            assert_eq!(ask(ROOT, action, &[], None, Some(&closed)), allowed(Decider::Root), "{who} {action}");
            assert!(!ask(ALICE, action, &[policy("Allow", "*", "*")], None, Some(&closed)).allowed);
            assert!(!ask(OTHER_ROOT, action, &[], None, Some(&closed)).allowed);
        }
    }
}

#[test]
fn in_the_owner_s_account_one_side_is_enough() {
    let encrypt = policy("Allow", "kms:Encrypt", "acs:kms:*:1:key/*");
    let by = Decider::Identity { policy: 1, statement: 0 };
    let others = policy("Allow", "kms:Decrypt", "*");
    assert_eq!(ask(ALICE, "kms:Encrypt", &[others, encrypt.clone()], None, None), allowed(by));
    let named = key_policy(&[("Allow", "1:role/ops", "kms:*"), ("Allow", "1:user/ALICE", "kms:Enc*")]);
    let by = Decider::Resource { statement: 1 };
    assert_eq!(ask(ALICE, "kms:Encrypt", &[], None, Some(&named)), allowed(by));
    assert_eq!(ask(OPS, "kms:Decrypt", &[], None, Some(&named)), allowed(Decider::Resource { statement: 0 }));
    assert_eq!(ask(ALICE, "kms:Decrypt", &[], None, Some(&named)), SILENT);
    // A user's name is not a role's.
    let user = key_policy(&[("Allow", "1:user/ops", "kms:*")]);
    assert_eq!(ask(OPS, "kms:Encrypt", &[], None, Some(&user)), SILENT);
}

#[test]
fn the_account_in_its_own_policy_allows_its_users_nothing_by_itself() {
    for who in ["1:*", "1:root"] {
        let default = key_policy(&[("Allow", who, "kms:*")]);
        assert_eq!(ask(ALICE, "kms:Encrypt", &[], None, Some(&default)), SILENT);
        assert_eq!(ask(OPS, "kms:Encrypt", &[], None, Some(&default)), SILENT);
        let own = [policy("Allow", "kms:Encrypt", "*")];
        let by = Decider::Identity { policy: 0, statement: 0 };
        assert_eq!(ask(ALICE, "kms:Encrypt", &own, None, Some(&default)), allowed(by));
        // Its denial is one for everybody in it, and for nobody else.
        let closed = key_policy(&[("Deny", who, "kms:Encrypt"), ("Allow", "2:*", "kms:*")]);
        let by = Decider::Resource { statement: 0 };
        assert_eq!(ask(ALICE, "kms:Encrypt", &own, None, Some(&closed)), denied(by));
        assert!(ask(OTHER_ALICE, "kms:Encrypt", &own, None, Some(&closed)).allowed);
    }
}

#[test]
fn from_another_account_both_sides_must_allow() {
    let own = [policy("Allow", "kms:*", "*")];
    let silent = denied(Decider::Nothing(Side::Resource));
    for who in ["2:*", "2:root", "2:user/alice"] {
        let shared = key_policy(&[("Allow", who, "kms:*")]);
        let by = Decider::Resource { statement: 0 };
        assert_eq!(ask(OTHER_ALICE, "kms:Decrypt", &own, None, Some(&shared)), allowed(by), "{who}");
        assert_eq!(ask(OTHER_ALICE, "kms:Decrypt", &[], None, Some(&shared)), SILENT, "{who}");
        // The other account itself has no policies; it is not the user that the statement names.
        let root = ask(OTHER_ROOT, "kms:Decrypt", &[], None, Some(&shared));
        assert_eq!(root, if who == "2:user/alice" { silent } else { allowed(by) }, "{who}");
        // It may use the key, and not manage it.
        for action in ["kms:ScheduleKeyDeletion", "kms:SetKeyPolicy", "kms:TagResource", "kms:CreateKey"] {
            let decision = ask(OTHER_ALICE, action, &own, None, Some(&shared));
            assert_eq!(decision, denied(Decider::NotForOtherAccounts), "{who} {action}");
            assert!(!decision.is_explicit_deny());
        }
    }
    let not_shared = key_policy(&[("Allow", "1:*", "kms:*"), ("Allow", "1:user/alice", "kms:*")]);
    for key in [None, Some(&not_shared)] {
        assert_eq!(ask(OTHER_ALICE, "kms:Decrypt", &own, None, key), silent);
        assert_eq!(ask(OTHER_ROOT, "kms:Decrypt", &[], None, key), silent);
    }
}

#[test]
fn a_session_s_policy_only_narrows() {
    let own = [policy("Allow", "kms:*", "*")];
    let narrow = policy("Allow", "kms:Encrypt", "*");
    let by = Decider::Identity { policy: 0, statement: 0 };
    assert_eq!(ask(OPS, "kms:Encrypt", &own, Some(&narrow), None), allowed(by));
    let silent = denied(Decider::Nothing(Side::Session));
    assert_eq!(ask(OPS, "kms:Decrypt", &own, Some(&narrow), None), silent);
    assert_eq!(ask(OPS, "kms:Encrypt", &[], Some(&narrow), None), SILENT);
    let granted = key_policy(&[("Allow", "1:role/ops", "kms:*")]);
    assert_eq!(ask(OPS, "kms:Decrypt", &[], Some(&narrow), Some(&granted)), silent);
    assert!(ask(OPS, "kms:Encrypt", &[], Some(&narrow), Some(&granted)).allowed);
    let denying = policy("Deny", "kms:Encrypt", "*");
    let decision = ask(OPS, "kms:Encrypt", &own, Some(&denying), None);
    assert_eq!(decision, denied(Decider::Session { statement: 0 }));
    assert!(decision.is_explicit_deny());
}

#[test]
fn a_denial_goes_before_every_allowance() {
    let all = policy("Allow", "*", "*");
    let but = policy("Deny", "kms:Decrypt", "acs:kms:*:*:key/key-a");
    let by = Decider::Identity { policy: 1, statement: 0 };
    let granted = key_policy(&[("Allow", "1:user/alice", "kms:*")]);
    assert_eq!(ask(ALICE, "KMS:decrypt", &[all.clone(), but.clone()], None, Some(&granted)), denied(by));
    assert!(ask(ALICE, "kms:Encrypt", &[all.clone(), but], None, Some(&granted)).allowed);
    let refused = key_policy(&[("Allow", "1:user/alice", "kms:*"), ("Deny", "1:user/Alice", "kms:D*")]);
    let by = Decider::Resource { statement: 1 };
    assert_eq!(ask(ALICE, "kms:Decrypt", &[all], None, Some(&refused)), denied(by));
}

/// Who is vouched for by a provider, or is a service, can take roles; by itself it may do nothing, not even in the account
/// that the provider belongs to.
#[test]
fn providers_and_services_may_do_nothing_by_themselves() {
    let open = key_policy(&[("Allow", "1:*", "kms:*")]);
    assert_eq!(ask(LAPTOP, "kms:Encrypt", &[], None, Some(&open)), SILENT);
    let service = Caller { account: "", arn: "", kind: CallerKind::Service { domain: "ecs.aliyuncs.com" } };
    assert!(!ask(service, "kms:Encrypt", &[], None, Some(&open)).allowed);
}

#[test]
fn an_arn_of_any_length_is_matched() {
    let path = format!("secret/{}", "x".repeat(1000));
    let resource = Resource { service: "kms", region: "cn-hangzhou", account: "1", path: &path };
    let target = Target::new("kms:GetSecretValue", resource, &());
    assert_eq!(target.arn().len(), "acs:kms:cn-hangzhou:1:".len() + path.len());
    let own = [policy("Allow", "kms:Get*", "acs:kms:*:1:secret/x*x")];
    assert!(decide(&own, None, None, &target, &context(ALICE)).allowed);
}
