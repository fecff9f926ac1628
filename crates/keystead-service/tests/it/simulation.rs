//! Questions about policies, answered without doing anything.

use keystead_service::Tag;
use keystead_service::access::simulate::{Question, simulate};
use keystead_service::records::{UserRecord, path};
use serde_json::{Value, json};

use crate::access::key_policy;
use crate::harness::{Client, START, client};
use crate::identities::{
    allow, custom, document, make_user, member_of, put_group, put_policy, put_policy_text, statement, system,
};

/// Asks on the engine and on the store alone, which must agree.
async fn ask(root: &Client, question: &Question) -> Result<Value, String> {
    let served = root.engine.simulate(question).await;
    let alone = simulate(root.engine.store().clone(), question).await;
    assert_eq!(served, alone);
    served.map(|answer| serde_json::to_value(answer).unwrap())
}

fn question(root: &Client, caller: &str, action: &str, path: &str) -> Question {
    Question {
        caller: format!("acs:ram::{}:{caller}", root.account()),
        action: action.to_owned(),
        resource: format!("acs:kms:cn-hangzhou:{}:{path}", root.account()),
        source_ip: None,
        now: START,
        secure_transport: true,
        tags: None,
        session_policy: None,
    }
}

#[tokio::test]
async fn the_deciding_statement_is_named() {
    let root = client().await;
    let key = format!("key/{}", root.key().await);
    put_policy(
        &root,
        "Mine",
        &document(vec![statement("Allow", "kms:Describe*", "*"), statement("Allow", "kms:Encrypt", "*")]),
    )
    .await;
    put_group(&root, "Ops", &[system("AliyunKMSReadOnlyAccess"), custom("Mine")]).await;
    make_user(&root, "Alice", &[]).await;
    root.rewrite::<UserRecord>(&path::user(root.account(), "alice"), |user| {
        user.groups.push(member_of("Ops"));
    })
    .await;
    let asked = question(&root, "user/alice", "kms:encrypt", &key);
    assert_eq!(
        ask(&root, &asked).await.unwrap(),
        json!({
            "allowed": true,
            "reason": "a statement allows it, and none denies it",
            "policy": {
                "side": "identity",
                "kind": "Custom",
                "name": "mine",
                "attached_to": "group/ops",
                "statement": "Statement[1]",
            },
            "resource_exists": true,
        })
    );
    let denied = ask(&root, &question(&root, "user/alice", "kms:Decrypt", &key)).await.unwrap();
    assert_eq!(denied["allowed"], false);
    assert_eq!(denied["reason"], "no policy of the caller allows it");
    assert_eq!(denied["policy"], Value::Null);

    let policy = key_policy(&root, "Deny", "*", "kms:Encrypt");
    root.ok("SetKeyPolicy", &[("KeyId", &key[4..]), ("Policy", &policy)]).await;
    for caller in ["root", "user/Alice"] {
        let denied = ask(&root, &question(&root, caller, "kms:Encrypt", &key)).await.unwrap();
        assert_eq!(
            (&denied["allowed"], &denied["policy"]),
            (&json!(false), &json!({ "side": "resource", "statement": "Statement[1]", "sid": "mine" }))
        );
    }
    let mends = ask(&root, &question(&root, "root", "kms:SetKeyPolicy", &key)).await.unwrap();
    assert_eq!(
        (&mends["allowed"], &mends["reason"]),
        (&json!(true), &json!("the caller is the account itself"))
    );
    let absent = ask(&root, &question(&root, "root", "kms:Encrypt", "key/none")).await.unwrap();
    assert_eq!((&absent["allowed"], &absent["resource_exists"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn circumstances_and_tags_count() {
    let root = client().await;
    root.ok("CreateSecret", &[("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x")]).await;
    let tags = r#"[{"TagKey":"team","TagValue":"a"}]"#;
    root.ok("TagResource", &[("SecretName", "s"), ("Tags", tags)]).await;
    let mut allowed = statement("Allow", "kms:GetSecretValue", "*");
    allowed["Condition"] = json!({
        "IpAddress": { "acs:SourceIp": "10.0.0.0/8" },
        "DateLessThan": { "acs:CurrentTime": "2027-01-15T08:00:01Z" },
        "Bool": { "acs:SecureTransport": "true" },
        "StringEquals": { "kms:tag/team": "a" },
    });
    put_policy(&root, "p", &document(vec![allowed])).await;
    make_user(&root, "Alice", &[custom("p")]).await;
    let good = Question {
        source_ip: Some("10.1.2.3".parse().unwrap()),
        ..question(&root, "user/Alice", "kms:GetSecretValue", "secret/s")
    };
    assert_eq!(ask(&root, &good).await.unwrap()["allowed"], true);
    let tag = Tag { key: "team".to_owned(), value: "b".to_owned() };
    for worse in [
        Question { source_ip: None, ..good.clone() },
        Question { source_ip: Some("192.0.2.1".parse().unwrap()), ..good.clone() },
        Question { now: START.plus(1), ..good.clone() },
        Question { secure_transport: false, ..good.clone() },
        Question { tags: Some(vec![tag]), ..good.clone() },
        Question { session_policy: Some(allow("kms:ListSecrets", "*").to_string()), ..good.clone() },
    ] {
        assert_eq!(ask(&root, &worse).await.unwrap()["allowed"], false, "{worse:?}");
    }
}

#[tokio::test]
async fn questions_that_make_no_sense_are_told_so() {
    let root = client().await;
    make_user(&root, "Alice", &[custom("gone")]).await;
    make_user(&root, "Bob", &[custom("odd")]).await;
    put_policy_text(&root, "odd", "{").await;
    let about = |caller: &str| question(&root, caller, "kms:ListKeys", "key");
    for (asked, said) in [
        (Question { caller: "alice".to_owned(), ..about("root") }, "the caller is no ARN"),
        (Question { resource: "key/x".to_owned(), ..about("root") }, "the resource is no ARN"),
        (Question { caller: "acs:ram::7:root".to_owned(), ..about("root") }, "there is no account 7"),
        (about("group/x"), "the caller is no user"),
        (about("user/none"), "there is no user/none"),
        (about("role/none"), "there is no role/none"),
        (about("user/Alice"), "the Custom policy gone cannot be read"),
        (about("user/Bob"), "the Custom policy odd cannot be read"),
        (
            Question { session_policy: Some("{".to_owned()), ..about("root") },
            "the session policy is not valid",
        ),
    ] {
        let error = ask(&root, &asked).await.unwrap_err();
        assert!(error.starts_with(said), "{error}");
    }
}
