//! What users may do: their policies, those of keys and secrets, conditions, and what denials say.

use std::net::IpAddr;

use keystead_api::ErrorCode;
use keystead_service::Origin;
use keystead_service::records::{KeyRecord, UserRecord, path};
use serde_json::{Value, json};

use crate::harness::{Client, World, check, client, text};
use crate::identities::{
    allow, custom, document, make_user, member_of, put_group, put_policy, put_policy_text, statement, system,
};

const DENIED: &str = "403 Forbidden.NoPermission";

fn key_arn(client: &Client, key: &str) -> String {
    format!("acs:kms:cn-hangzhou:{}:key/{key}", client.account())
}

/// A key policy with one more statement than the default one.
pub fn key_policy(client: &Client, effect: &str, principal: &str, action: &str) -> String {
    let of = |principal: &str| json!({ "RAM": format!("acs:ram::{}:{principal}", client.account()) });
    json!({
        "Version": "1",
        "Statement": [
            { "Effect": "Allow", "Principal": of("*"), "Action": "kms:*", "Resource": "*" },
            { "Sid": "mine", "Effect": effect, "Principal": of(principal), "Action": action, "Resource": "*" },
        ],
    })
    .to_string()
}

#[tokio::test]
async fn a_user_has_its_own_policies_and_those_of_its_groups() {
    let root = client().await;
    let key = root.key().await;
    put_policy(&root, "Encrypting", &allow("kms:Encrypt", &key_arn(&root, &key))).await;
    put_policy(&root, "Describing", &allow("kms:Describe*", "acs:kms:*:*:key/*")).await;
    put_group(&root, "Ops", &[custom("Describing"), system("AliyunKMSSecretUserAccess")]).await;
    let alice = make_user(&root, "Alice", &[custom("Encrypting")]).await.on(&root).await;
    let secret = [("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x")];
    root.ok("CreateSecret", &secret).await;
    let encrypt = [("KeyId", key.as_str()), ("Plaintext", "x")];
    let rows = |in_group: bool| {
        let by_group = if in_group { "ok" } else { DENIED };
        [
            ("Encrypt", &encrypt[..], "ok"),
            ("DescribeKey", &encrypt[..1], by_group),
            ("GetSecretValue", &secret[..1], by_group),
            ("DisableKey", &encrypt[..1], DENIED),
            ("ListKeys", &[], DENIED),
            ("DescribeRegions", &[], "ok"),
        ]
    };
    check(&alice, &rows(false)).await;
    let at = path::user(root.account(), "alice");
    root.rewrite::<UserRecord>(&at, |user| user.groups.push(member_of("Ops"))).await;
    check(&alice, &rows(true)).await;
    assert_eq!(alice.ok("Sts.GetCallerIdentity", &[]).await["IdentityType"], "RAMUser");
}

#[tokio::test]
async fn what_is_absent_and_what_is_forbidden_in_ones_own_account() {
    let root = client().await;
    let key = root.key().await;
    root.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    root.ok("CreateSecret", &[("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x")]).await;
    let nobody = make_user(&root, "nobody", &[]).await.on(&root).await;
    let of_keys = [("RegionId", "cn-hangzhou"), ("ResourceType", "key")];
    let tagged = |id| [&of_keys[..], &[("ResourceId.1", id)]].concat();
    let (known, unknown) = (tagged(key.as_str()), tagged("key-hzz6b49d200aaaaaaaaaa"));
    check(
        &nobody,
        &[
            ("DescribeKey", &[("KeyId", &key)], DENIED),
            ("DescribeKey", &[("KeyId", "alias/a")], DENIED),
            ("DescribeKey", &[("KeyId", "none")], "404 Forbidden.KeyNotFound"),
            ("DescribeKey", &[("KeyId", "alias/none")], "404 Forbidden.AliasNotFound"),
            ("GetSecretValue", &[("SecretName", "s")], DENIED),
            ("GetSecretValue", &[("SecretName", "none")], "404 Forbidden.ResourceNotFound"),
            ("ListTagResources", &known, DENIED),
            ("ListTagResources", &unknown, "404 InvalidResourceId.NotFound"),
            ("ListTagResources", &of_keys, DENIED),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_policy_of_a_key_allows_and_denies() {
    let root = client().await;
    let key = root.key().await;
    let alice = make_user(&root, "Alice", &[]).await.on(&root).await;
    let admin = make_user(&root, "Admin", &[system("AdministratorAccess")]).await.on(&root).await;
    let encrypt = ("Encrypt", &[("KeyId", key.as_str()), ("Plaintext", "x")][..]);
    let row = |expected| [(encrypt.0, encrypt.1, expected)];
    let set = async |policy: &str| root.ok("SetKeyPolicy", &[("KeyId", &key), ("Policy", policy)]).await;

    // The default policy, whether it was set or not, leaves everything to the account's own policies.
    let default = text(&root.ok("GetKeyPolicy", &[("KeyId", &key)]).await["Policy"]);
    check(&alice, &row(DENIED)).await;
    set(&default).await;
    check(&alice, &row(DENIED)).await;
    check(&admin, &row("ok")).await;

    set(&key_policy(&root, "Allow", "user/alice", "kms:Encrypt")).await;
    check(&alice, &row("ok")).await;
    check(&alice, &[("DescribeKey", &[("KeyId", &key)], DENIED)]).await;

    // A denial goes before everything, also for the account itself, which can still change the policy.
    set(&key_policy(&root, "Deny", "*", "kms:*")).await;
    for client in [&admin, &root] {
        let error = client.call(encrypt.0, encrypt.1).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ForbiddenNoPermission);
        let detail = error.denied().unwrap();
        assert_eq!((detail.policy_type, detail.no_permission_type), ("ResourceBasedPolicy", "ExplicitDeny"));
    }
    check(&admin, &[("SetKeyPolicy", &[("KeyId", &key), ("Policy", &default)], DENIED)]).await;
    set(&default).await;
    check(&admin, &row("ok")).await;
}

#[tokio::test]
async fn the_policy_of_a_secret_decides_too() {
    let root = client().await;
    let key = root.key().await;
    let secret = ("SecretName", "db");
    let params = [secret, ("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
    root.ok("CreateSecret", &params).await;
    let alice = make_user(&root, "Alice", &[]).await.on(&root).await;
    let named = [secret];
    let get = |expected| [("GetSecretValue", &named[..], expected)];
    let allowed = key_policy(&root, "Allow", "user/Alice", "kms:GetSecretValue");
    root.ok("SetSecretPolicy", &[secret, ("Policy", &allowed)]).await;
    // The key that the secret is under must be allowed as well.
    check(&alice, &get(DENIED)).await;
    let allowed = key_policy(&root, "Allow", "user/Alice", "kms:Decrypt");
    root.ok("SetKeyPolicy", &[("KeyId", &key), ("Policy", &allowed)]).await;
    check(&alice, &get("ok")).await;
    let denied = key_policy(&root, "Deny", "user/Alice", "kms:GetSecretValue");
    root.ok("SetSecretPolicy", &[secret, ("Policy", &denied)]).await;
    check(&alice, &get(DENIED)).await;
    check(&root, &get("ok")).await;
}

#[tokio::test]
async fn conditions_see_the_request_and_the_tags() {
    let root = client().await;
    let key = root.key().await;
    let conditional = |condition: Value| {
        let mut allowed = statement("Allow", "kms:Encrypt", "*");
        allowed["Condition"] = condition;
        document(vec![allowed])
    };
    let alice = make_user(&root, "Alice", &[custom("conditional")]).await.on(&root).await;
    let encrypt = [("KeyId", key.as_str()), ("Plaintext", "x")];
    let inside: IpAddr = "10.1.2.3".parse().unwrap();
    let outside: IpAddr = "192.0.2.1".parse().unwrap();
    let try_from = async |source, secure| {
        let origin = Origin { source, secure, ..Origin::local("request-id") };
        alice.call_from(&origin, "Encrypt", &encrypt).await.is_ok()
    };
    put_policy(&root, "conditional", &conditional(json!({ "IpAddress": { "acs:SourceIp": "10.0.0.0/8" } })))
        .await;
    assert!(try_from(inside, true).await && !try_from(outside, true).await);
    put_policy(&root, "conditional", &conditional(json!({ "Bool": { "acs:SecureTransport": "true" } })))
        .await;
    assert!(try_from(outside, true).await && !try_from(outside, false).await);
    put_policy(
        &root,
        "conditional",
        &conditional(json!({ "DateLessThan": { "acs:CurrentTime": "2027-01-15T07:59:59Z" } })),
    )
    .await;
    assert!(!try_from(inside, true).await);
    put_policy(&root, "conditional", &conditional(json!({ "StringEquals": { "kms:tag/team": "a" } }))).await;
    assert!(!try_from(inside, true).await);
    for (value, allowed) in [("a", true), ("b", false)] {
        let tags = format!(r#"[{{"TagKey":"team","TagValue":"{value}"}}]"#);
        root.ok("TagResource", &[("KeyId", &key), ("Tags", &tags)]).await;
        assert_eq!(try_from(inside, true).await, allowed);
    }
}

#[tokio::test]
async fn a_denial_says_why() {
    let root = client().await;
    let key = root.key().await;
    let alice = make_user(&root, "Alice", &[]).await.on(&root).await;
    let error = alice.call("DescribeKey", &[("KeyId", &key)]).await.unwrap_err();
    assert_eq!(
        serde_json::to_value(error.denied().unwrap()).unwrap(),
        json!({
            "AuthAction": "kms:DescribeKey",
            "AuthPrincipalType": "SubUser",
            "AuthPrincipalOwnerId": root.account(),
            "AuthPrincipalDisplayName": alice.caller.principal_id(),
            "PolicyType": "AccountLevelIdentityBasedPolicy",
            "NoPermissionType": "ImplicitDeny",
        })
    );
    // A rehearsal says the same under its own code.
    let (signing, version) = root.key_of("EC_P256", "").await;
    let digest = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    let params = [("KeyId", signing.as_str()), ("KeyVersionId", &version), ("Digest", digest)];
    let params = [&params[..], &[("Algorithm", "ECDSA_SHA_256"), ("DryRun", "true")]].concat();
    let error = alice.call("AsymmetricSign", &params).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::AccessDeniedError);
    assert_eq!(error.denied().unwrap().auth_action, "kms:AsymmetricSign");
    // What is not about permissions says nothing of them.
    let error = root.call("DescribeKey", &[("KeyId", "none")]).await.unwrap_err();
    assert_eq!(error.denied(), None);
}

#[tokio::test]
async fn what_cannot_be_read_refuses() {
    let root = client().await;
    let key = root.key().await;
    let encrypt = [("KeyId", key.as_str()), ("Plaintext", "x")];
    let row = |expected| [("Encrypt", &encrypt[..], expected)];
    let all = [system("AdministratorAccess"), custom("odd")];
    let admin = make_user(&root, "Admin", &all).await.on(&root).await;
    let other = make_user(&root, "Other", &all[..1]).await.on(&root).await;
    // The policy that is attached is not there; then it is no policy.
    check(&admin, &row("500 InternalFailure")).await;
    put_policy_text(&root, "odd", "{").await;
    check(&admin, &row("500 InternalFailure")).await;
    put_policy(&root, "odd", &allow("kms:NoSuchOperation", "*")).await;
    check(&admin, &row("ok")).await;
    root.rewrite::<UserRecord>(&path::user(root.account(), "admin"), |user| {
        user.groups.push(member_of("none"));
    })
    .await;
    check(&admin, &row("500 InternalFailure")).await;
    check(&other, &row("ok")).await;

    // The same with the policy of a key, which the account itself can mend.
    let at = path::key(root.account(), &key);
    root.rewrite::<KeyRecord>(&at, |key| key.policy = Some("{".to_owned())).await;
    check(&other, &row(DENIED)).await;
    check(&root, &row(DENIED)).await;
    let good = key_policy(&root, "Allow", "*", "kms:*");
    check(&other, &[("SetKeyPolicy", &[("KeyId", &key), ("Policy", &good)], DENIED)]).await;
    root.ok("SetKeyPolicy", &[("KeyId", &key), ("Policy", &good)]).await;
    check(&other, &row("ok")).await;
}

#[tokio::test]
async fn requests_of_users_do_no_storage_io() {
    let world = World::new().await;
    let faulty = keystead_store::faulty::FaultyStore::new(world.store.clone());
    let root = world.client_over(faulty.clone(), crate::harness::PATIENT).await;
    let key = root.key().await;
    put_policy(&root, "all", &allow("kms:*", "*")).await;
    put_group(&root, "g", &[custom("all")]).await;
    let alice = make_user(&root, "Alice", &[]).await.on(&root).await;
    root.rewrite::<UserRecord>(&path::user(root.account(), "alice"), |user| {
        user.groups.push(member_of("g"));
    })
    .await;
    root.ok("SetKeyPolicy", &[("KeyId", &key), ("Policy", &key_policy(&root, "Allow", "user/x", "kms:*"))])
        .await;
    let rows = [
        ("Encrypt", &[("KeyId", key.as_str()), ("Plaintext", "x")][..], "ok"),
        ("DescribeKey", &[("KeyId", &key)], "ok"),
    ];
    check(&alice, &rows).await;
    let before = faulty.reads();
    for _ in 0..20 {
        check(&alice, &rows).await;
    }
    assert_eq!(faulty.reads(), before);
}
