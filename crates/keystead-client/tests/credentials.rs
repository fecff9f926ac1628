//! Credentials from providers: what is sent with them, and HTTP for sources that need it.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use common::{ID, Outcome, SECRET, Scripted, Server, Step, builder, json};
use http::Request;
use keystead_client::operations::EncryptRequest;
use keystead_client::providers::{
    BoxFuture, Cached, Clock, CredentialsUri, Effects, Fault, Fetched, Fixed, Http, HttpFault, HttpRequest,
    Provided, RamRoleArn, RoleSettings, Source, StsEndpoint,
};
use keystead_client::{
    Client, Credentials, CredentialsHttp, CredentialsProvider, Error, ProviderError, SecretKey, SecurityToken,
};
use zeroize::Zeroizing;

const ENCRYPTED: &str =
    r#"{"CiphertextBlob":"Y2lwaGVy","KeyId":"key-1","KeyVersionId":"v","RequestId":"r-1"}"#;

/// Gives another token every time, or what a test wants instead.
struct Changing {
    calls: AtomicUsize,
    name: &'static str,
}

impl CredentialsProvider for Changing {
    fn name(&self) -> &str {
        self.name
    }

    fn provide(&self) -> BoxFuture<'_, Result<Provided, ProviderError>> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let credentials = Credentials {
            access_key_id: ID.to_owned(),
            secret: SecretKey::new(SECRET.to_owned()),
            security_token: Some(SecurityToken::new(format!("token-{call}"))),
        };
        Box::pin(std::future::ready(match self.name {
            "failing" => Err(ProviderError::new(self.name, Fault::NoneWorked)),
            "hanging" => return Box::pin(std::future::pending()),
            name => Ok(Provided { credentials: credentials.into(), expiration: None, provider: name.into() }),
        }))
    }
}

fn changing(name: &'static str) -> Arc<Changing> {
    Arc::new(Changing { calls: AtomicUsize::new(0), name })
}

#[tokio::test]
async fn where_the_key_is_from_is_sent_and_signed() {
    let server = Server::start([json(200, ENCRYPTED), json(200, ENCRYPTED)]).await;
    let given = builder(&server.address).build().unwrap();
    given.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    let provided = builder(&server.address).credentials_provider(changing("mine/x")).build().unwrap();
    provided.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    assert!(format!("{given:?} {provided:?}").contains("mine/x"));
    for (seen, name) in server.seen().iter().zip(["static_ak", "mine/x"]) {
        assert_eq!(seen.header("x-acs-credentials-provider"), name);
        assert!(seen.header("authorization").contains(";x-acs-credentials-provider;"));
        seen.verified();
    }
}

#[tokio::test]
async fn each_attempt_has_the_credentials_of_its_time() {
    let busy = r#"{"Code":"ServiceUnavailableTemporary","Message":"m","RequestId":"r"}"#;
    let server = Server::start([json(503, busy), json(200, ENCRYPTED)]).await;
    let client = builder(&server.address).credentials_provider(changing("x")).build().unwrap();
    client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    let tokens: Vec<_> =
        server.seen().iter().map(|seen| seen.header("x-acs-security-token").to_owned()).collect();
    assert_eq!(tokens, ["token-1", "token-2"]);
    server.seen().iter().for_each(|seen| drop(seen.verified()));
}

#[tokio::test]
async fn without_credentials_nothing_is_sent_or_repeated() {
    let transport = Scripted::new([]);
    let provider = changing("failing");
    let client = builder("kms.example")
        .transport(transport.clone())
        .credentials_provider(provider.clone())
        .build()
        .unwrap();
    let error = client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err();
    assert_eq!(error.to_string(), "no credentials: failing: none of the sources has credentials");
    assert!(matches!(error, Error::Credentials(_)) && !error.is_retryable());
    assert_eq!((transport.sent(), provider.calls.load(Ordering::SeqCst)), (0, 1));

    let odd = builder("kms.example").transport(transport.clone()).credentials_provider(changing("a\nb"));
    let error = odd.build().unwrap().encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err();
    assert!(matches!(error, Error::Request(_)), "{error}");
    assert_eq!(transport.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_credentials_counts_as_the_calls_time() {
    let transport = Scripted::new([Outcome::Hang]);
    let client = builder("kms.example")
        .transport(transport.clone())
        .credentials_provider(changing("hanging"))
        .call_timeout(Duration::from_secs(7))
        .build()
        .unwrap();
    let begun = tokio::time::Instant::now();
    let error = client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err();
    assert!(matches!(error, Error::CallTimeout(_)), "{error}");
    assert_eq!((begun.elapsed(), transport.sent()), (Duration::from_secs(7), 0));
}

#[tokio::test]
async fn a_role_is_taken_on_and_used() {
    let end = keystead_auth::format_date(now() + 3_600).unwrap();
    let answer = format!(
        r#"{{"RequestId":"r","Credentials":{{"AccessKeyId":"{ID}","AccessKeySecret":"{SECRET}","SecurityToken":"t","Expiration":"{end}"}}}}"#
    );
    let server = Server::start([json(200, &answer), json(200, ENCRYPTED), json(200, ENCRYPTED)]).await;
    let settings = RoleSettings {
        sts: StsEndpoint::at(format!("http://{}", server.address)),
        session_name: Some("tests".to_owned()),
        ..RoleSettings::of("acs:ram::1000000000000001:role/reader")
    };
    let role = RamRoleArn::new(Fixed::new(Credentials::access_key(ID, SECRET)), settings);
    let provider = Cached::new(role, Effects::system(Arc::new(CredentialsHttp::new())));
    let client = builder(&server.address).credentials_provider(Arc::new(provider)).build().unwrap();
    for _ in 0..2 {
        client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    }
    let [assuming, first, second] = &server.seen()[..] else { panic!("not three requests") };
    let proven = assuming.verified();
    assert_eq!((proven.action.as_str(), proven.version.as_str()), ("AssumeRole", "2015-04-01"));
    assert_eq!(assuming.header("content-length"), "0");
    for seen in [first, second] {
        seen.verified();
        assert_eq!(seen.header("x-acs-security-token"), "t");
        assert_eq!(seen.header("x-acs-credentials-provider"), "ram_role_arn");
    }
}

/// Gives another token each time, for an hour.
struct Tokens(AtomicUsize);

impl Source for Tokens {
    fn name(&self) -> &str {
        "tokens"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        let token = format!("token-{}", self.0.fetch_add(1, Ordering::SeqCst) + 1);
        let credentials = Credentials {
            access_key_id: ID.to_owned(),
            secret: SecretKey::new(SECRET.to_owned()),
            security_token: Some(SecurityToken::new(token)),
        };
        let end = effects.clock.unix_seconds() + 3_600;
        Box::pin(std::future::ready(Ok(Fetched::new("tokens", credentials, Some(end)))))
    }
}

struct Moved(AtomicI64);

impl Clock for Moved {
    fn unix_seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn credentials_that_are_refused_before_their_end_are_fetched_anew_once() {
    let refused = |code: &str| json(400, &format!(r#"{{"Code":"{code}","Message":"m","RequestId":"r"}}"#));
    let server = Server::start([
        refused("InvalidSecurityToken.Expired"),
        json(200, ENCRYPTED),
        refused("InvalidSecurityToken.Expired"),
        refused("InvalidAccessKeyId.NotFound"),
        refused("InvalidAccessKeyId.Inactive"),
        refused("Forbidden.NoPermission"),
    ])
    .await;
    let clock = Arc::new(Moved(AtomicI64::new(now())));
    let effects = Effects { clock: clock.clone(), ..Effects::system(Arc::new(CredentialsHttp::new())) };
    let provider = Cached::new(Tokens(AtomicUsize::new(0)), effects);
    provider.provide().await.unwrap();
    let client = builder(&server.address).credentials_provider(Arc::new(provider)).build().unwrap();
    let code = async || {
        let outcome = client.encrypt(EncryptRequest::new("k", b"p")).await;
        outcome.map_err(|error| error.code().unwrap().to_owned()).map(drop)
    };
    clock.0.fetch_add(60, Ordering::SeqCst);
    // The session was made void; the call goes on with another one.
    assert_eq!(code().await, Ok(()));
    // What was just fetched is refused as well: that is told, and nothing is fetched for each call.
    assert_eq!(code().await, Err("InvalidSecurityToken.Expired".to_owned()));
    clock.0.fetch_add(60, Ordering::SeqCst);
    assert_eq!(code().await, Err("InvalidAccessKeyId.Inactive".to_owned()));
    clock.0.fetch_add(60, Ordering::SeqCst);
    assert_eq!(code().await, Err("Forbidden.NoPermission".to_owned()));
    let tokens: Vec<_> =
        server.seen().iter().map(|seen| seen.header("x-acs-security-token").to_owned()).collect();
    assert_eq!(tokens, ["token-1", "token-2", "token-2", "token-2", "token-3", "token-3"]);
}

#[tokio::test]
async fn http_for_sources() {
    let huge = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 5 << 20);
    let server = Server::start([
        json(302, "no"),
        json(404, ""),
        Step::SendAndClose(huge.into_bytes()),
        Step::SendAndClose(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec()),
        Step::Hang,
    ])
    .await;
    let send = |limit: u64| {
        let mut request = Request::new(Zeroizing::new(Vec::new()));
        *request.uri_mut() = format!("http://{}/x?y=1", server.address).parse().unwrap();
        let limit = Duration::from_millis(limit);
        async move {
            let request = HttpRequest { request, connect_timeout: Duration::from_secs(30), timeout: limit };
            CredentialsHttp::new().send(request).await
        }
    };
    assert_eq!(send(30_000).await.unwrap().status(), 302);
    assert_eq!(send(30_000).await.unwrap().status(), 404);
    assert_eq!(send(30_000).await.unwrap_err(), HttpFault::TooLarge);
    assert!(matches!(send(30_000).await.unwrap_err(), HttpFault::Broken(_)));
    assert_eq!(send(1).await.unwrap_err(), HttpFault::Timeout(Duration::from_millis(1)));
    assert_eq!(server.seen()[0].line, "GET /x?y=1 HTTP/1.1");

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let uri = CredentialsUri::new(format!("http://{nobody}/hush"));
    let provider = Cached::new(uri, Effects::system(Arc::new(CredentialsHttp::new())));
    let error = provider.provide().await.unwrap_err();
    assert!(matches!(error.fault(), Fault::Http(HttpFault::Connect(_))), "{error}");
    assert!(!error.to_string().contains("hush"), "{error}");
}

#[test]
fn the_default_chain_looks_nothing_up_before_it_is_asked() {
    let client = Client::builder().region("cn-hangzhou").default_credentials().build();
    // A machine without certificate authorities cannot make any client for a region.
    if let Ok(client) = client {
        assert!(format!("{client:?}").contains("\"default\""), "{client:?}");
    }
    let client = Client::builder().endpoint("http://127.0.0.1:1").default_credentials().build().unwrap();
    assert!(format!("{client:?}").contains("\"default\""), "{client:?}");
}

fn now() -> i64 {
    use keystead_client::Clock as _;
    keystead_client::SystemClock.unix_seconds()
}
