//! Calls with sessions, and calls without a signature, over the wire.

use keystead_gateway::Limits;

use crate::calls::{STS, Scheme, call, role, send, session};
use crate::house::House;

const ECS: &str = r#"{"Service":["ecs.aliyuncs.com"]}"#;
const SCHEMES: [Scheme; 2] = [Scheme::V1, Scheme::V3];

#[tokio::test]
async fn a_session_calls_with_its_token_under_each_signature() {
    let house = House::new().await;
    role(&house, "ops", ECS, &["AliyunKMSFullAccess"]).await;
    let serving = house.serve(false, Limits::default()).await;
    let keys = session(&house, "ops").await;
    let account = house.engine.installation().account.clone();
    for scheme in SCHEMES {
        let who = call(&house, serving.address, &keys, scheme, (STS, "GetCallerIdentity"), &[], &[]).await;
        let arn = format!("acs:ram::{account}:assumed-role/ops/s1");
        assert_eq!(who.json()["Arn"], arn.as_str(), "{}", who.body);
        // Products are told apart by their version.
        let kms = ("2016-01-20", "DescribeRegions");
        assert_eq!(call(&house, serving.address, &keys, scheme, kms, &[], &[]).await.outcome(), "ok");
        let unknown = ("2016-01-20", "GetCallerIdentity");
        let answer = call(&house, serving.address, &keys, scheme, unknown, &[], &[]).await;
        assert_eq!(answer.outcome(), "404 InvalidAction.NotFound");
        let version = ("2014-01-01", "GetCallerIdentity");
        let answer = call(&house, serving.address, &keys, scheme, version, &[], &[]).await;
        assert_eq!(answer.outcome(), "400 InvalidVersion");
    }
    house.clock.advance(3_600);
    let expired =
        call(&house, serving.address, &keys, Scheme::V3, (STS, "GetCallerIdentity"), &[], &[]).await;
    assert_eq!(expired.outcome(), "400 InvalidSecurityToken.Expired");
}

#[tokio::test]
async fn answers_of_sts_come_as_xml_too() {
    let house = House::new().await;
    role(&house, "ops", ECS, &["AliyunSTSAssumeRoleAccess"]).await;
    let arn = house.engine.installation().account.clone();
    let trust = format!(r#"{{"RAM":["acs:ram::{arn}:root"]}}"#);
    let second = role(&house, "second", &trust, &[]).await;
    let serving = house.serve(false, Limits::default()).await;
    let keys = session(&house, "ops").await;
    let params = [("Format", "XML"), ("RoleArn", second.as_str()), ("RoleSessionName", "s2")];
    let answer = call(&house, serving.address, &keys, Scheme::V1, (STS, "AssumeRole"), &params, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for part in ["<AssumeRoleResponse>", "<Credentials><AccessKeyId>STS.", "<AssumedRoleUser><Arn>acs:ram::"]
    {
        assert!(answer.body.contains(part), "{part} in {}", answer.body);
    }
    let params = [("Format", "XML"), ("RoleArn", "x"), ("RoleSessionName", "s2")];
    let answer = call(&house, serving.address, &keys, Scheme::V1, (STS, "AssumeRole"), &params, &[]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("<Error>") && answer.body.contains("<Code>InvalidParameter.RoleArn</Code>"));
}

#[tokio::test]
async fn spaces_signed_as_in_forms_are_accepted_for_sts_alone() {
    let house = House::new().await;
    let trust = format!(r#"{{"RAM":["acs:ram::{}:root"]}}"#, house.engine.installation().account);
    role(&house, "ops", ECS, &["AliyunSTSAssumeRoleAccess", "AliyunKMSFullAccess"]).await;
    let second = role(&house, "second", &trust, &[]).await;
    let serving = house.serve(false, Limits::default()).await;
    let keys = session(&house, "ops").await;
    let policy =
        r#"{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}"#;
    let params = [("RoleArn", second.as_str()), ("RoleSessionName", "s2"), ("Policy", policy)];
    for scheme in [Scheme::V1, Scheme::V1Plus, Scheme::V3] {
        let answer = call(&house, serving.address, &keys, scheme, (STS, "AssumeRole"), &params, &[]).await;
        assert_eq!(answer.outcome(), "ok", "{scheme:?} {}", answer.body);
    }
    let kms = ("2016-01-20", "CreateKey");
    let params = [("Description", "with a space")];
    let refused = call(&house, serving.address, &keys, Scheme::V1Plus, kms, &params, &[]).await;
    assert_eq!(refused.outcome(), "400 SignatureDoesNotMatch");
}

#[tokio::test]
async fn only_what_is_declared_so_may_be_unsigned() {
    let house = House::new().await;
    let serving = house.serve(false, Limits::default()).await;
    let mut wrong = Vec::new();
    for (query, headers, expected) in [
        // As official clients send it: GET, in the query, with neither key nor nonce.
        ("Action=AssumeRoleWithOIDC&Version=2015-04-01&Format=JSON", "", "400 MissingOIDCProviderArn"),
        (
            "",
            "x-acs-action: AssumeRoleWithOIDC\r\nx-acs-version: 2015-04-01\r\n",
            "400 MissingOIDCProviderArn",
        ),
        ("Action=AssumeRole&Version=2015-04-01", "", "400 IncompleteSignature"),
        ("Action=GetCallerIdentity&Version=2015-04-01", "", "400 IncompleteSignature"),
        ("Action=AssumeRoleWithOIDC&Version=2016-01-20", "", "400 IncompleteSignature"),
        ("Action=AssumeRoleWithOIDC", "", "400 IncompleteSignature"),
        ("Action=DescribeRegions&Version=2016-01-20", "", "400 IncompleteSignature"),
        ("Action=NoSuch&Version=2015-04-01", "", "400 IncompleteSignature"),
        ("Action=AssumeRoleWithOIDC&Version=1999-01-01", "", "400 IncompleteSignature"),
        // One operation in the query and another in the headers.
        (
            "Action=AssumeRoleWithOIDC&Version=2015-04-01",
            "x-acs-action: ListKeys\r\n",
            "400 InvalidParameter",
        ),
        // With a key it must be signed.
        (
            "Action=AssumeRoleWithOIDC&Version=2015-04-01&AccessKeyId=LTAItest",
            "",
            "400 MissingSignatureMethod",
        ),
        (
            "Action=AssumeRoleWithOIDC&Version=2015-04-01&OIDCProviderArn=acs:ram::1:oidc-provider/x&RoleArn=acs:ram::1:role/x&RoleSessionName=s1&OIDCToken=a.b.c",
            "",
            "401 AuthenticationFail.NoPermission",
        ),
    ] {
        for method in ["GET", "POST"] {
            let request =
                format!("{method} /?{query} HTTP/1.1\r\nhost: a\r\n{headers}content-length: 0\r\n\r\n");
            let seen = send(serving.address, &request).await.outcome();
            if seen != expected {
                wrong.push(format!("{method} {query} {headers}: {seen}, expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
