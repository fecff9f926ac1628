//! The metadata endpoint and the credentials URI.

use std::collections::BTreeMap;
use std::sync::Arc;

use keystead_auth::{Credentials, SecretKey, SecurityToken};
use keystead_crypto::SystemRandom;
use keystead_gateway::{CredentialsUriGateway, Limits, MachineRole, MetadataGateway, Quotas};
use serde_json::Value;

use crate::calls::{Answer, STS, Scheme, call, role, send};
use crate::house::{House, Serving};

const ECS: &str = r#"{"Service":["ecs.aliyuncs.com"]}"#;
const CREDENTIALS: &str = "/latest/meta-data/ram/security-credentials/";
const HELD: &str = "x-aliyun-ecs-metadata-token";

fn machine(house: &House, role: &str) -> MachineRole {
    let account = house.engine.installation().account.clone();
    MachineRole::new(house.engine.clone(), account, role, "i-1", &SystemRandom).unwrap()
}

async fn metadata(house: &House, token_required: bool) -> Serving {
    let gateway = MetadataGateway::new(machine(house, "ops"), token_required, &SystemRandom).unwrap();
    house.serve_handler(None, Limits::default(), gateway).await
}

async fn ask(serving: &Serving, method: &str, path: &str, headers: &str) -> Answer {
    let host = serving.address;
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: 0\r\n\r\n");
    send(serving.address, &request).await
}

async fn token(serving: &Serving, seconds: &str) -> Answer {
    ask(serving, "PUT", "/latest/api/token", &format!("{HELD}-ttl-seconds: {seconds}\r\n")).await
}

fn keys(answer: &Value) -> Credentials {
    assert_eq!(answer["Code"], "Success");
    Credentials {
        access_key_id: answer["AccessKeyId"].as_str().unwrap().to_owned(),
        secret: SecretKey::new(answer["AccessKeySecret"].as_str().unwrap().to_owned()),
        security_token: Some(SecurityToken::new(answer["SecurityToken"].as_str().unwrap().to_owned())),
    }
}

#[tokio::test]
async fn it_is_asked_as_an_instance_asks_in_both_modes() {
    let house = House::new().await;
    role(&house, "ops", ECS, &["AliyunKMSFullAccess"]).await;
    let shared = house.serve(false, Limits::default()).await;
    let serving = metadata(&house, false).await;
    // The first mode: no token.
    let name = ask(&serving, "GET", CREDENTIALS, "").await;
    assert_eq!((name.status, name.body.as_str()), (200, "ops"));
    let answer = ask(&serving, "GET", &format!("{CREDENTIALS}ops"), "").await.json();
    assert_eq!(answer["Expiration"], "2027-01-15T09:00:00Z");
    assert_eq!(answer["LastUpdated"], "2027-01-15T08:00:00Z");
    let who = (STS, "GetCallerIdentity");
    let who = call(&house, shared.address, &keys(&answer), Scheme::V3, who, &[], &[]).await.json();
    assert!(who["Arn"].as_str().unwrap().ends_with(":assumed-role/ops/i-1"), "{who}");
    // The second.
    let token = token(&serving, "21600").await;
    assert_eq!(token.status, 200);
    let held = format!("{HELD}: {}\r\n", token.body);
    let answer = ask(&serving, "GET", &format!("{CREDENTIALS}ops"), &held).await;
    assert!(keys(&answer.json()).security_token.is_some());
    for path in
        ["/", "/latest", "/latest/meta-data/", &format!("{CREDENTIALS}other"), &format!("{CREDENTIALS}ops/")]
    {
        assert_eq!(ask(&serving, "GET", path, "").await.status, 404, "{path}");
    }
    assert_eq!(ask(&serving, "POST", CREDENTIALS, "").await.status, 405);
    assert_eq!(ask(&serving, "GET", "/latest/api/token", "").await.status, 405);
}

#[tokio::test]
async fn a_token_that_is_asked_for_must_be_good() {
    let house = House::new().await;
    role(&house, "ops", ECS, &[]).await;
    let (hard, soft) = (metadata(&house, true).await, metadata(&house, false).await);
    for seconds in ["0", "21601", "-1", "x", ""] {
        assert_eq!(token(&hard, seconds).await.status, 400, "{seconds}");
    }
    assert_eq!(ask(&hard, "PUT", "/latest/api/token", "").await.status, 400);
    assert_eq!(ask(&hard, "GET", CREDENTIALS, "").await.status, 403);
    let (good, other) = (token(&hard, "60").await.body, token(&soft, "60").await.body);
    let see = async |serving: &Serving, token: &str| {
        ask(serving, "GET", CREDENTIALS, &format!("{HELD}: {token}\r\n")).await.status
    };
    assert_eq!(see(&hard, &good).await, 200);
    // A wrong one is refused in the other mode too: whoever has one means it.
    for wrong in ["", "x", "00", &good[2..], &other] {
        assert_eq!(see(&hard, wrong).await, 403, "{wrong}");
    }
    assert_eq!(see(&soft, &good).await, 403);
    house.clock.advance(59);
    assert_eq!(see(&hard, &good).await, 200);
    house.clock.advance(1);
    assert_eq!(see(&hard, &good).await, 403);
}

#[tokio::test]
async fn strangers_get_nothing() {
    let house = House::new().await;
    role(&house, "ops", ECS, &[]).await;
    let path = format!("{CREDENTIALS}ops");
    let metadata = metadata(&house, false).await;
    let uri = house
        .serve_handler(None, Limits::default(), CredentialsUriGateway::new(machine(&house, "ops"), "/keys"))
        .await;
    for (serving, path) in [(&metadata, path.as_str()), (&uri, "/keys")] {
        for (host, more, expected) in [
            ("127.0.0.1", "", 200),
            ("100.100.100.200", "", 200),
            ("localhost:80", "", 200),
            // A page whose name was made to lead here.
            ("evil.example", "", 403),
            ("127.0.0.1.evil.example:80", "", 403),
            // A proxy that was made to ask.
            ("127.0.0.1", "x-forwarded-for: 1.2.3.4\r\n", 403),
            ("127.0.0.1", "forwarded: for=1.2.3.4\r\n", 403),
        ] {
            let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{more}\r\n");
            let answer = send(serving.address, &request).await;
            assert_eq!(answer.status, expected, "{host} {more}");
            assert_eq!(answer.body.contains("SecurityToken"), expected == 200);
        }
    }
}

#[tokio::test]
async fn the_credentials_uri_is_one_path() {
    let house = House::new().await;
    role(&house, "ops", ECS, &["AliyunKMSFullAccess"]).await;
    let gateway = CredentialsUriGateway::new(machine(&house, "ops"), "/keys-of/app");
    let serving = house.serve_handler(None, Limits::default(), gateway).await;
    let answer = ask(&serving, "GET", "/keys-of/app?x=1", "").await;
    assert_eq!(answer.status, 200);
    let shared = house.serve(false, Limits::default()).await;
    let who = (STS, "GetCallerIdentity");
    let who = call(&house, shared.address, &keys(&answer.json()), Scheme::V1, who, &[], &[]).await;
    assert_eq!(who.outcome(), "ok");
    for path in ["/", "/keys-of/ap", "/keys-of/app/", "/KEYS-OF/APP"] {
        assert_eq!(ask(&serving, "GET", path, "").await.status, 404, "{path}");
    }
    assert_eq!(ask(&serving, "POST", "/keys-of/app", "").await.status, 405);
}

#[tokio::test]
async fn a_role_that_does_not_trust_the_service_is_not_given_away() {
    let house = House::new().await;
    let trust = format!(r#"{{"RAM":["acs:ram::{}:root"]}}"#, house.engine.installation().account);
    role(&house, "ops", &trust, &["AliyunKMSFullAccess"]).await;
    role(&house, "other", r#"{"Service":["fc.aliyuncs.com"]}"#, &[]).await;
    for name in ["ops", "other", "absent"] {
        let gateway = CredentialsUriGateway::new(machine(&house, name), "/keys");
        let serving = house.serve_handler(None, Limits::default(), gateway).await;
        let answer = ask(&serving, "GET", "/keys", "").await;
        assert_eq!((answer.status, answer.body.as_str()), (404, "no credentials"), "{name}");
    }
}

#[tokio::test]
async fn sessions_count_as_calls_of_assume_role() {
    let house = House::new().await;
    role(&house, "ops", ECS, &["AliyunKMSFullAccess"]).await;
    let quotas = Arc::new(Quotas::new(&BTreeMap::from([("sts".to_owned(), 2)])).unwrap());
    let gateway = MetadataGateway::new(machine(&house, "ops").limited(quotas), false, &SystemRandom).unwrap();
    let serving = house.serve_handler(None, Limits::default(), gateway).await;
    let path = format!("{CREDENTIALS}ops");
    for _ in 0..2 {
        assert_eq!(ask(&serving, "GET", &path, "").await.status, 200);
    }
    let refused = ask(&serving, "GET", &path, "").await;
    assert_eq!((refused.status, refused.body.as_str()), (503, "no credentials"));
    assert_eq!(ask(&serving, "GET", CREDENTIALS, "").await.status, 200, "the role's name is no session");
}
