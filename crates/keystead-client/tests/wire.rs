//! What goes over the wire, seen from a server.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use common::{ID, SECRET, Server, Step, builder, json, with_header};
use keystead_client::operations::{
    CreateSecretRequest, EncryptRequest, ListClientKeysRequest, ListKeysRequest, ResourceTag,
    TagResourcesRequest,
};
use keystead_client::{
    Clock, Credentials, EncryptionContext, Error, MAX_ANSWER_BYTES, RetryPolicy, SecretKey, SecurityToken,
    TransportError, WireParams, operations,
};

const ENCRYPTED: &str =
    r#"{"CiphertextBlob":"Y2lwaGVy","KeyId":"key-1","KeyVersionId":"v","RequestId":"r-1","New":[1]}"#;

struct FixedClock;

impl Clock for FixedClock {
    fn unix_seconds(&self) -> i64 {
        1_767_323_045
    }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn parameters_travel_signed_in_the_query() {
    let server = Server::start([json(200, ENCRYPTED)]).await;
    let client =
        builder(&server.address).clock(Arc::new(FixedClock)).user_agent_suffix("app/1.0").build().unwrap();
    let context = EncryptionContext::new().with("b", "2").with("a", "ä");
    let request = EncryptRequest::new("alias/app", keystead_client::SecretText::from("a b+c*~/中"))
        .encryption_context(context);
    let answer = client.encrypt(request).await.unwrap();
    assert_eq!((answer.ciphertext_blob.as_str(), answer.request_id.as_str()), ("Y2lwaGVy", "r-1"));

    let seen = server.seen().remove(0);
    assert_eq!(
        seen.line,
        "POST /?KeyId=alias%2Fapp&Plaintext=a+b%2Bc%2A~%2F%E4%B8%AD&\
         EncryptionContext=%7B%22a%22%3A%22%C3%A4%22%2C%22b%22%3A%222%22%7D HTTP/1.1"
    );
    assert_eq!(seen.header("host"), server.address);
    assert_eq!(seen.header("accept"), "application/json");
    assert_eq!(seen.header("accept-encoding"), "identity");
    assert_eq!(seen.header("content-length"), "0");
    assert!(!seen.headers.contains_key("content-type"));
    let agent = seen.header("user-agent");
    assert!(agent.starts_with("keystead-client/") && agent.ends_with(") app/1.0"), "{agent}");
    assert_eq!(
        seen.header("x-acs-content-sha256"),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    let proven = seen.verified();
    assert_eq!((proven.action.as_str(), proven.version.as_str()), ("Encrypt", "2016-01-20"));
    assert_eq!(proven.date, "2026-01-02T03:04:05Z");
    assert!(
        proven.nonce.len() == 32 && proven.nonce.bytes().all(|b| b.is_ascii_hexdigit()),
        "{}",
        proven.nonce
    );
    assert_eq!(proven.query[1], pair("Plaintext", "a b+c*~/中"));
}

#[tokio::test]
async fn secret_data_travels_in_the_body() {
    let server = Server::start([json(200, r#"{"SecretName":"s","RequestId":"r"}"#)]).await;
    let client = builder(&server.address).build().unwrap();
    client.create_secret(CreateSecretRequest::new("s", "v1", "p w+d&=")).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "POST /?SecretName=s&VersionId=v1 HTTP/1.1");
    assert_eq!(seen.body, b"SecretData=p+w%2Bd%26%3D");
    assert_eq!(seen.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(seen.verified().form, [pair("SecretData", "p w+d&=")]);
}

#[tokio::test]
async fn lists_are_flattened_and_long_requests_move_to_the_body() {
    let server = Server::start([json(200, r#"{"RequestId":"r"}"#)]).await;
    let client = builder(&server.address).build().unwrap();
    let tag = ResourceTag { key: Some("team".into()), value: Some("x".repeat(20_000)) };
    let ids = vec!["key-1".to_owned(), "key-2".to_owned()];
    client.tag_resources(TagResourcesRequest::new("cn-hangzhou", ids, "key", vec![tag])).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "POST / HTTP/1.1");
    let names: Vec<_> = seen.verified().form.into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["RegionId", "ResourceId.1", "ResourceId.2", "ResourceType", "Tag.1.Key", "Tag.1.Value"]
    );
}

#[tokio::test]
async fn get_operations_have_no_body() {
    let server = Server::start([json(200, r#"{"ClientKeys":[],"RequestId":"r"}"#)]).await;
    let client = builder(&server.address).build().unwrap();
    client.list_client_keys(ListClientKeysRequest::new().aap_name("aap")).await.unwrap();
    let seen = server.seen().remove(0);
    assert!(seen.line.starts_with("GET /?"), "{}", seen.line);
    assert!(!seen.headers.contains_key("content-length") && seen.body.is_empty());
    seen.verified();
}

#[tokio::test]
async fn temporary_keys_send_their_token_signed() {
    let server = Server::start([json(200, ENCRYPTED)]).await;
    let credentials = Credentials {
        access_key_id: ID.into(),
        secret: SecretKey::new(SECRET.into()),
        security_token: Some(SecurityToken::new("the-token".into())),
    };
    let client = builder(&server.address).credentials(credentials).build().unwrap();
    client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!((seen.header("x-acs-security-token"), seen.header("x-acs-accesskey-id")), ("the-token", ID));
    assert!(seen.header("authorization").contains(";x-acs-security-token;"));
    seen.verified();
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = Server::start([json(200, ENCRYPTED), json(200, r#"{"TotalCount":7}"#)]).await;
    let client = builder(&server.address).build().unwrap();
    client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    assert_eq!(client.clone().list_keys(ListKeysRequest::new()).await.unwrap().total_count, 7);
    assert_eq!((server.seen().len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn untyped_calls() {
    let server = Server::start([json(200, ENCRYPTED), json(200, "[]")]).await;
    let client = builder(&server.address).build().unwrap();
    let def = operations::OperationId::Encrypt.def();
    let mut params = WireParams::default();
    params.query.push(("KeyId".into(), "k".into()));
    let answer = client.call_raw(def, params).await.unwrap();
    assert_eq!(answer.field("CiphertextBlob").unwrap(), "Y2lwaGVy");
    assert_eq!(answer.expose()["New"][0], 1);
    assert_eq!(server.seen().remove(0).verified().query, [pair("KeyId", "k")]);
    let error = client.call_raw(def, WireParams::default()).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { status: 200 }), "{error}");
}

#[tokio::test]
async fn refusals_are_read() {
    let body = r#"{"HttpStatus":404,"Code":"Forbidden.KeyNotFound","Message":"The specified Key is not found.","RequestId":"r-9"}"#;
    let server = Server::start([
        json(404, body),
        json(400, "<html>no</html>"),
        with_header(403, "x-acs-request-id", "r-8", r#"{"Code":"Forbidden.NoPermission","Message":"m"}"#),
        json(200, "<html>proxy</html>"),
        json(301, ""),
    ])
    .await;
    let client = builder(&server.address).build().unwrap();
    let mut errors = Vec::new();
    for _ in 0..5 {
        errors.push(client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err());
    }
    assert_eq!(
        errors[0].to_string(),
        "Forbidden.KeyNotFound: The specified Key is not found. (request id r-9)"
    );
    assert_eq!((errors[0].status(), errors[0].is_retryable()), (Some(404), false));
    assert!(matches!(errors[1], Error::Unreadable { status: 400 }));
    assert_eq!(errors[2].request_id(), Some("r-8"));
    assert!(matches!(errors[3], Error::Unreadable { status: 200 }));
    assert!(matches!(errors[4], Error::Unreadable { status: 301 }));
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn huge_answers_are_refused() {
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{{", MAX_ANSWER_BYTES + 1);
    let mut streamed = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..=MAX_ANSWER_BYTES >> 20 {
        streamed.extend_from_slice(format!("{:x}\r\n", 1 << 20).as_bytes());
        streamed.resize(streamed.len() + (1 << 20), b' ');
        streamed.extend_from_slice(b"\r\n");
    }
    let largest = ENCRYPTED.to_owned() + &" ".repeat(MAX_ANSWER_BYTES - ENCRYPTED.len());
    let server = Server::start([
        Step::SendAndClose(announced.into_bytes()),
        Step::SendAndClose(streamed),
        json(200, &largest),
    ])
    .await;
    let client = builder(&server.address).build().unwrap();
    for _ in 0..2 {
        let error = client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err();
        assert!(matches!(error, Error::Transport(TransportError::TooLarge)), "{error:?}");
    }
    client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
}

#[tokio::test]
async fn faults_of_the_connection_are_told_apart() {
    let server = Server::start([
        Step::SendAndClose(Vec::new()),
        Step::SendAndClose(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"Key".to_vec()),
        Step::SendAndClose(b"SSH-2.0-what\r\n".to_vec()),
    ])
    .await;
    let client = builder(&server.address).retry(RetryPolicy::none()).build().unwrap();
    for _ in 0..3 {
        let error = client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err();
        assert!(matches!(error, Error::Transport(TransportError::Broken(_))), "{error:?}");
    }
    // A port that was free a moment ago and that nobody listens on.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let client = builder(&free).retry(RetryPolicy::none()).build().unwrap();
    let error = client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err();
    assert!(matches!(error, Error::Transport(TransportError::Connect(_))), "{error:?}");
}
