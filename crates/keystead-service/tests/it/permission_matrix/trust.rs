//! Roles: whom their trust policies let in, for both operations that take one.

use keystead_service::Caller;
use keystead_service::records::{RoleRecord, path};
use serde_json::{Value, json};

use crate::actors::{STRANGER, arn, role_of, sign_in, sts, user};
use crate::harness::{Client, outcome};
use crate::identities::document;
use crate::oidc::{AUDIENCE, ISSUER, SUBJECT, provider, scene};

fn statement(effect: &str, principal: Value, condition: Value) -> Value {
    json!({ "Effect": effect, "Action": "sts:AssumeRole", "Principal": principal, "Condition": condition })
}

/// Gives the role `orders` of an account a trust policy.
async fn trust(client: &Client, account: &str, statements: Vec<Value>) {
    let at = path::role(account, "orders");
    let document = document(statements).to_string();
    client.rewrite::<RoleRecord>(&at, |role| role.trust_policy = document).await;
}

/// Every set of statements, and whether it lets in whom the right statement names.
fn cases(right: &Value, wrong: &[Value]) -> Vec<(Vec<Value>, bool)> {
    let deny = |of: &Value| {
        let mut denied = of.clone();
        denied["Effect"] = "Deny".into();
        denied
    };
    let nothing = statement("Allow", json!({ "Service": ["ecs.aliyuncs.com"] }), json!({}));
    let mut cases = vec![(vec![nothing.clone()], false), (wrong.to_vec(), false)];
    cases.extend(wrong.iter().map(|one| (vec![one.clone()], false)));
    cases.push((vec![right.clone()], true));
    cases.push((vec![nothing, right.clone()], true));
    // A denial of somebody else changes nothing, one of the caller decides, in either order.
    cases.extend(wrong.iter().map(|one| (vec![deny(one), right.clone()], true)));
    cases.push((vec![right.clone(), deny(right)], false));
    cases.push((vec![deny(right), right.clone()], false));
    cases
}

#[tokio::test]
async fn a_role_is_taken_with_a_token_only_as_its_trust_policy_says() {
    let scene = scene().await;
    let (client, account) = (&scene.client, scene.client.account().to_owned());
    provider(client, &account, "Other").await;
    let federated = |account: &str, name: &str| json!({ "Federated": [arn(account, "oidc-provider", name)] });
    let that = |claim: &str, value: &str| json!({ "StringEquals": { claim: value } });
    let right = statement("Allow", federated(&account, "Cluster"), that("oidc:sub", SUBJECT));
    let wrong = [
        statement("Allow", federated(&account, "Other"), json!({})),
        statement("Allow", federated(STRANGER, "Cluster"), json!({})),
        statement("Allow", json!({ "RAM": [arn(&account, "user", "Cluster")] }), json!({})),
        statement("Allow", federated(&account, "Cluster"), that("oidc:sub", &format!("{SUBJECT}x"))),
        statement("Allow", federated(&account, "Cluster"), that("oidc:iss", &format!("{ISSUER}/"))),
        statement("Allow", federated(&account, "Cluster"), that("oidc:aud", &AUDIENCE.to_uppercase())),
    ];
    for (statements, allowed) in cases(&right, &wrong) {
        trust(client, &account, statements.clone()).await;
        let params = scene.good_params();
        let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
        let before = client.revision();
        let seen = outcome(&sts(client, &Caller::anonymous(), "AssumeRoleWithOIDC", &params).await);
        let expected = if allowed { "ok" } else { "401 AuthenticationFail.NoPermission" };
        assert_eq!(seen, expected, "{statements:?}");
        assert!(allowed || client.revision() == before, "it was denied and changed something");
    }
    // Another account's role, which even trusts the provider: a provider speaks for its own account.
    role_of(client, STRANGER, "orders", &federated(&account, "Cluster").to_string(), "", &[]).await;
    let mut params = scene.good_params();
    params[2].1 = arn(STRANGER, "role", "orders");
    let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
    let seen = outcome(&sts(client, &Caller::anonymous(), "AssumeRoleWithOIDC", &params).await);
    assert_eq!(seen, "401 AuthenticationFail.NoPermission");
}

#[tokio::test]
async fn a_role_is_taken_by_a_user_only_as_its_trust_policy_says() {
    let client = crate::harness::client().await;
    let account = client.account().to_owned();
    let alice = user(&client, "alice", &["AliyunSTSAssumeRoleAccess"]).await;
    let caller = sign_in(&client, &alice).await.ok().unwrap();
    let ram = |account: &str, kind: &str, name: &str| json!({ "RAM": [arn(account, kind, name)] });
    let that = |key: &str, value: &str| json!({ "StringEquals": { key: value } });
    let right = statement("Allow", ram(&account, "user", "alice"), json!({}));
    let wrong = [
        statement("Allow", ram(&account, "user", "alic"), json!({})),
        statement("Allow", ram(&account, "role", "alice"), json!({})),
        statement("Allow", ram(STRANGER, "user", "alice"), json!({})),
        statement("Allow", json!({ "RAM": [format!("acs:ram::{STRANGER}:root")] }), json!({})),
        statement("Allow", ram(&account, "user", "alice"), that("sts:ExternalId", "other")),
    ];
    for owner in [account.as_str(), STRANGER] {
        role_of(&client, owner, "orders", "{}", "", &[]).await;
        let role = arn(owner, "role", "orders");
        for (statements, allowed) in cases(&right, &wrong) {
            trust(&client, owner, statements.clone()).await;
            let params = [("RoleArn", role.as_str()), ("RoleSessionName", "one"), ("ExternalId", "this")];
            let before = client.revision();
            let seen = outcome(&sts(&client, &caller, "AssumeRole", &params).await);
            let expected = if allowed { "ok" } else { "403 NoPermission" };
            assert_eq!(seen, expected, "{owner}: {statements:?}");
            assert!(allowed || client.revision() == before, "it was denied and changed something");
        }
    }
}
