//! AssumeRole: who may take which role, and what a session is.

use keystead_service::records::{RoleRecord, path};
use serde_json::Value;

use crate::actors::{STRANGER, arn, assume, policy, role, role_of, sign_in, signed_in, sts, temporary, user};
use crate::harness::{Client, client, outcome, text};

const MAY: &str = "AliyunSTSAssumeRoleAccess";

async fn ask(client: &Client, who: &keystead_auth::Credentials, params: &[(&str, &str)]) -> String {
    let caller = sign_in(client, who).await.ok().unwrap();
    outcome(&sts(client, &caller, "AssumeRole", params).await)
}

#[tokio::test]
async fn a_user_takes_a_role_and_is_told_who_it_is() {
    let client = client().await;
    let alice = user(&client, "Alice", &[MAY]).await;
    let role = role(&client, "Ops", &["AliyunKMSFullAccess"]).await;
    let account = client.account().to_owned();
    let role_arn = arn(&account, "role", "ops");
    let caller = sign_in(&client, &alice).await.ok().unwrap();
    let params =
        [("RoleArn", role_arn.as_str()), ("RoleSessionName", "build@1"), ("SourceIdentity", "alice.l")];
    let answer = sts(&client, &caller, "AssumeRole", &params).await.unwrap();
    // The role's name as it was given, not as it was asked for.
    let session_arn = arn(&account, "assumed-role", "Ops/build@1");
    let principal = format!("{}:build@1", role.role_id);
    assert_eq!(answer["AssumedRoleUser"]["Arn"], session_arn.as_str());
    assert_eq!(answer["AssumedRoleUser"]["AssumedRoleId"], principal.as_str());
    assert_eq!(answer["SourceIdentity"], "alice.l");
    // An hour after the tests' clock starts.
    assert_eq!(answer["Credentials"]["Expiration"], "2027-01-15T09:00:00Z");
    assert!(text(&answer["Credentials"]["AccessKeyId"]).starts_with("STS."));

    let session = sign_in(&client, &temporary(&answer)).await.ok().unwrap();
    let identity = sts(&client, &session, "GetCallerIdentity", &[]).await.unwrap();
    for (field, expected) in [
        ("AccountId", account.as_str()),
        ("Arn", &session_arn),
        ("IdentityType", "AssumedRoleUser"),
        ("PrincipalId", &principal),
        ("RoleId", &role.role_id),
    ] {
        assert_eq!(identity[field], expected, "{field}");
    }
    assert_eq!(identity["UserId"], Value::Null);
}

#[tokio::test]
async fn both_sides_must_allow_it() {
    let client = client().await;
    let account = client.account().to_owned();
    policy(
        &client,
        "custom-ops",
        &format!(
            r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"acs:ram:*:{account}:role/ops"}}]}}"#
        ),
    )
    .await;
    policy(
        &client,
        "custom-deny",
        r#"{"Version":"1","Statement":[{"Effect":"Deny","Action":"sts:*","Resource":"*"}]}"#,
    )
    .await;
    let all = user(&client, "all", &[MAY]).await;
    let ops = user(&client, "ops", &["custom-ops"]).await;
    let denied = user(&client, "denied", &[MAY, "custom-deny"]).await;
    let nothing = user(&client, "nothing", &[]).await;
    role(&client, "ops", &[]).await;
    let only_ops = format!(r#"{{"RAM":["acs:ram::{account}:user/ops"]}}"#);
    role_of(&client, &account, "narrow", &only_ops, "", &[]).await;
    role_of(&client, &account, "machine", r#"{"Service":["ecs.aliyuncs.com"]}"#, "", &[]).await;
    // The other account trusts this one with its first role only.
    let this_account = format!(r#"{{"RAM":["acs:ram::{account}:root"]}}"#);
    role_of(&client, STRANGER, "shared", &this_account, "", &[]).await;
    let itself = format!(r#"{{"RAM":["acs:ram::{STRANGER}:root"]}}"#);
    role_of(&client, STRANGER, "own", &itself, "", &[]).await;

    const OK: &str = "ok";
    const NO: &str = "403 NoPermission";
    const NONE: &str = "404 EntityNotExist.Role";
    let mut wrong = Vec::new();
    for (who, name, expected) in [
        (&all, (account.as_str(), "ops"), OK),
        (&all, (&account, "OPS"), OK),
        (&ops, (&account, "ops"), OK),
        (&ops, (&account, "Ops"), OK),
        (&denied, (&account, "ops"), NO),
        (&nothing, (&account, "ops"), NO),
        (&all, (&account, "narrow"), NO),
        (&ops, (&account, "narrow"), NO),
        (&all, (&account, "machine"), NO),
        // Who could take it learns that it is not there.
        (&all, (&account, "absent"), NONE),
        (&ops, (&account, "absent"), NO),
        (&nothing, (&account, "absent"), NO),
        // Another account's: what is not there looks like what does not trust.
        (&all, (STRANGER, "shared"), OK),
        (&ops, (STRANGER, "shared"), NO),
        (&all, (STRANGER, "own"), NO),
        (&all, (STRANGER, "absent"), NO),
    ] {
        let arn = arn(name.0, "role", name.1);
        let seen = ask(&client, who, &[("RoleArn", &arn), ("RoleSessionName", "s1")]).await;
        if seen != expected {
            wrong.push(format!("{} as {}: {seen}, expected {expected}", arn, who.access_key_id));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // A role of another account is that account's.
    let role: RoleRecord = stored(&client, path::role(STRANGER, "shared")).await;
    let session = assume(&client, &all, &role, "visit", &[]).await;
    let caller = sign_in(&client, &session).await.ok().unwrap();
    assert_eq!(caller.account(), STRANGER);
    // The root of an account takes no roles.
    let arn = crate::actors::arn(&account, "role", "ops");
    let params = [("RoleArn", arn.as_str()), ("RoleSessionName", "s1")];
    let refused = sts(&client, &client.caller, "AssumeRole", &params).await.unwrap_err();
    assert_eq!(refused.to_string(), "NoPermission: Roles may not be assumed by root accounts.");
}

async fn stored<T: keystead_service::records::Stored>(client: &Client, at: String) -> T {
    serde_json::from_slice(&client.engine.store().get(&at).await.unwrap().unwrap().value).unwrap()
}

#[tokio::test]
async fn an_external_id_is_a_condition() {
    let client = client().await;
    let account = client.account().to_owned();
    let alice = user(&client, "alice", &[MAY]).await;
    let principal = format!(r#"{{"RAM":["acs:ram::{account}:root"]}}"#);
    let condition = r#"{"StringEquals":{"sts:ExternalId":"partner/7"}}"#;
    role_of(&client, &account, "partner", &principal, condition, &[]).await;
    let arn = arn(&account, "role", "partner");
    let params = |id| vec![("RoleArn", arn.as_str()), ("RoleSessionName", "s1"), ("ExternalId", id)];
    assert_eq!(ask(&client, &alice, &params("partner/7")).await, "ok");
    assert_eq!(ask(&client, &alice, &params("partner/8")).await, "403 NoPermission");
    assert_eq!(ask(&client, &alice, &params("x")).await, "400 InvalidParameter.ExternalId");
    assert_eq!(ask(&client, &alice, &params("a b")).await, "400 InvalidParameter.ExternalId");
    assert_eq!(ask(&client, &alice, &params("partner/7")[..2]).await, "403 NoPermission");
}

#[tokio::test]
async fn parameters_are_checked() {
    let client = client().await;
    let alice = user(&client, "alice", &[MAY]).await;
    role(&client, "ops", &[]).await;
    let arn = arn(client.account(), "role", "ops");
    let long = "x".repeat(65);
    let allow = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
    let fitting = format!("{allow}{}", " ".repeat(2_048 - allow.len()));
    let too_long = format!("{fitting} ");
    const NAME: &str = "400 InvalidParameter.RoleSessionName";
    const DURATION: &str = "400 InvalidParameter.DurationSeconds";
    const ARN: &str = "400 InvalidParameter.RoleArn";
    let mut wrong = Vec::new();
    for (name, value, expected) in [
        ("RoleArn", "ops", ARN),
        ("RoleArn", "acs:ram::1:user/ops", ARN),
        ("RoleSessionName", "x", NAME),
        ("RoleSessionName", &long, NAME),
        ("RoleSessionName", "a b", NAME),
        ("RoleSessionName", "a/b", NAME),
        ("RoleSessionName", &long[..64], "ok"),
        ("RoleSessionName", "a.b@c-d_e", "ok"),
        ("DurationSeconds", "899", DURATION),
        ("DurationSeconds", "900", "ok"),
        ("DurationSeconds", "7200", "ok"),
        // More than the role's sessions may last.
        ("DurationSeconds", "7201", DURATION),
        ("DurationSeconds", "43201", DURATION),
        ("DurationSeconds", "soon", "400 InvalidParameter"),
        ("Policy", "", "ok"),
        ("Policy", allow, "ok"),
        ("Policy", &fitting, "ok"),
        ("Policy", &too_long, "400 InvalidParameter.PolicySize"),
        ("Policy", "{}", "400 InvalidParameter.PolicyGrammar"),
        ("Policy", "allow", "400 InvalidParameter.PolicyGrammar"),
        ("SourceIdentity", "a", "400 InvalidParameter"),
        ("SourceIdentity", "alice", "ok"),
    ] {
        let mut params = vec![("RoleArn", arn.as_str()), ("RoleSessionName", "s1")];
        params.retain(|(other, _)| *other != name);
        params.push((name, value));
        let seen = ask(&client, &alice, &params).await;
        if seen != expected {
            wrong.push(format!("{name}={value:.40}: {seen}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (name, rest) in
        [("RoleArn", [("RoleSessionName", "s1")]), ("RoleSessionName", [("RoleArn", arn.as_str())])]
    {
        assert_eq!(ask(&client, &alice, &rest).await, format!("400 Missing{name}"));
    }
}

#[tokio::test]
async fn sessions_take_roles_for_an_hour_at_most() {
    let client = client().await;
    let account = client.account().to_owned();
    let alice = user(&client, "alice", &[MAY]).await;
    let first = role(&client, "first", &[MAY]).await;
    let first_arn = arn(&account, "role", "first");
    let by_first = format!(r#"{{"RAM":["{first_arn}"]}}"#);
    let second = role_of(&client, &account, "second", &by_first, "", &[]).await;
    let second_arn = arn(&account, "role", "second");
    // The second role trusts the first, not the user.
    let params = [("RoleArn", second_arn.as_str()), ("RoleSessionName", "s2")];
    assert_eq!(ask(&client, &alice, &params).await, "403 NoPermission");

    let session = assume(&client, &alice, &first, "s1", &[("SourceIdentity", "alice")]).await;
    assert_eq!(ask(&client, &session, &params).await, "ok");
    let longer = |seconds| [params[0], params[1], ("DurationSeconds", seconds)];
    assert_eq!(ask(&client, &session, &longer("3600")).await, "ok");
    assert_eq!(ask(&client, &session, &longer("3601")).await, "400 InvalidParameter.DurationSeconds");
    // Who began the chain stays the same.
    let as_who = |who| [params[0], params[1], ("SourceIdentity", who)];
    assert_eq!(ask(&client, &session, &as_who("alice")).await, "ok");
    assert_eq!(ask(&client, &session, &as_who("mallory")).await, "403 NoPermission");
    let chained = assume(&client, &session, &second, "s2", &[]).await;
    let expected = arn(&account, "assumed-role", "second/s2");
    assert_eq!(signed_in(&client, &chained).await, expected);
    let caller = sign_in(&client, &session).await.ok().unwrap();
    let answer = sts(&client, &caller, "AssumeRole", &params).await.unwrap();
    assert_eq!(answer["SourceIdentity"], "alice");

    // A session's policy narrows what it may take, too.
    let only_kms = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
    let narrowed = assume(&client, &alice, &first, "s3", &[("Policy", only_kms)]).await;
    assert_eq!(ask(&client, &narrowed, &params).await, "403 NoPermission");
}
