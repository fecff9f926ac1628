//! Which failures are repeated, and when. The clock is Tokio's paused one: no test waits.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use common::Outcome::{Answer, Fault, Hang};
use common::{Outcome, Scripted, Server, Step, broken, builder, json, refused};
use keystead_client::operations::{CreateKeyRequest, CreateKeyResponse, EncryptRequest, EncryptResponse};
use keystead_client::{Client, ClientBuilder, Error, Random, RandomFault, RetryPolicy, TransportError};
use tokio::time::Instant;

const OK: Outcome = Answer(200, &[], r#"{"CiphertextBlob":"c","KeyMetadata":{"KeyId":"k"},"RequestId":"r"}"#);
const BUSY: Outcome =
    Answer(503, &[], r#"{"Code":"ServiceUnavailableTemporary","Message":"m","RequestId":"r"}"#);
const FAILED: Outcome = Answer(500, &[], r#"{"Code":"InternalFailure","Message":"m","RequestId":"r"}"#);

/// Jitter that always gives the longest wait; nonces count up.
#[derive(Default)]
struct LongestWaits(std::sync::atomic::AtomicU64);

impl Random for LongestWaits {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFault> {
        out.fill(0xff);
        if out.len() == 16 {
            let count = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            out[8..].copy_from_slice(&count.to_be_bytes());
        }
        Ok(())
    }
}

fn scripted(outcomes: impl IntoIterator<Item = Outcome>) -> (Arc<Scripted>, ClientBuilder) {
    let transport = Scripted::new(outcomes);
    let builder = builder("kms.test")
        .plain_http(false)
        .retry(RetryPolicy::default())
        .random(Arc::<LongestWaits>::default())
        .transport(transport.clone());
    (transport, builder)
}

async fn safe(client: &Client) -> Result<EncryptResponse, Error> {
    client.encrypt(EncryptRequest::new("k", b"p")).await
}

async fn not_safe(client: &Client) -> Result<CreateKeyResponse, Error> {
    client.create_key(CreateKeyRequest::new()).await
}

#[tokio::test]
async fn over_a_real_connection_each_attempt_is_signed_anew() {
    let server = Server::start([
        json(503, r#"{"Code":"ServiceUnavailable","Message":"m","RequestId":"r"}"#),
        Step::SendAndClose(Vec::new()),
        Step::SendAndClose(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()),
        json(502, "<html>bad gateway</html>"),
        json(200, r#"{"CiphertextBlob":"c","RequestId":"r"}"#),
    ])
    .await;
    let client = builder(&server.address).build().unwrap();
    assert_eq!(safe(&client).await.unwrap().ciphertext_blob, "c");
    let nonces: BTreeSet<_> = server.seen().iter().map(|seen| seen.verified().nonce).collect();
    assert_eq!(nonces.len(), 5);
}

#[tokio::test]
async fn a_lost_answer_is_final_for_what_must_not_be_done_twice() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"KeyMeta".to_vec();
    let server = Server::start([Step::SendAndClose(half)]).await;
    let client = builder(&server.address).build().unwrap();
    let error = not_safe(&client).await.unwrap_err();
    assert!(matches!(error, Error::Transport(TransportError::Broken(_))), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_surely_not_done_is_repeated() {
    let throttled = Answer(429, &[], r#"{"Code":"Rejected.Throttling","Message":"QPS Limit Exceeded"}"#);
    let (transport, builder) = scripted([Fault(refused), throttled, BUSY, Fault(refused), OK]);
    assert_eq!(not_safe(&builder.build().unwrap()).await.unwrap().key_metadata.key_id, "k");
    assert_eq!(transport.sent(), 5);
    for outcome in [Fault(broken), FAILED, Answer(503, &[], "<html>"), Hang] {
        let (transport, builder) = scripted([outcome]);
        not_safe(&builder.build().unwrap()).await.unwrap_err();
        assert_eq!(transport.sent(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn waits_double_and_attempts_end() {
    let (transport, builder) = scripted([FAILED, FAILED, Fault(broken), FAILED, FAILED]);
    let start = Instant::now();
    let error = safe(&builder.build().unwrap()).await.unwrap_err();
    assert_eq!((error.code(), error.status()), (Some("InternalFailure"), Some(500)));
    assert_eq!(transport.sent(), 5);
    assert_eq!(start.elapsed(), Duration::from_millis(200 + 400 + 800 + 1600));
    // The service is told, as the official SDKs do.
    let seen = transport.seen.lock().unwrap();
    let told = |seen: &common::Seen| {
        ["x-acs-retry-attempts", "x-acs-retry-delay"].map(|name| seen.header(name).to_owned())
    };
    let told: Vec<[String; 2]> = seen.iter().map(told).collect();
    assert_eq!(told, [["", ""], ["1", "200"], ["2", "400"], ["3", "800"], ["4", "1600"]]);
    for seen in seen.iter() {
        seen.verified();
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_says_how_long_to_wait() {
    let asks = Answer(429, &[("x-acs-retry-after", "1500")], r#"{"Code":"Throttling.User","Message":"m"}"#);
    let (transport, builder) = scripted([asks, OK]);
    let start = Instant::now();
    not_safe(&builder.build().unwrap()).await.unwrap();
    assert_eq!((transport.sent(), start.elapsed()), (2, Duration::from_millis(1500)));
}

#[tokio::test(start_paused = true)]
async fn other_refusals_are_final() {
    for outcome in [
        Answer(400, &[], r#"{"Code":"InvalidParameter","Message":"m"}"#),
        Answer(404, &[], r#"{"Code":"Forbidden.KeyNotFound","Message":"m"}"#),
        Answer(409, &[], r#"{"Code":"Rejected.Disabled","Message":"m"}"#),
        Answer(200, &[], "no JSON"),
        Fault(|| TransportError::Tls("bad certificate".into())),
        Fault(|| TransportError::TooLarge),
    ] {
        let (transport, builder) = scripted([outcome]);
        let start = Instant::now();
        safe(&builder.build().unwrap()).await.unwrap_err();
        assert_eq!((transport.sent(), start.elapsed()), (1, Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_have_a_time_limit() {
    let (transport, builder) = scripted([Hang, OK]);
    let client = builder.attempt_timeout(Duration::from_secs(3)).build().unwrap();
    let start = Instant::now();
    safe(&client).await.unwrap();
    assert_eq!((transport.sent(), start.elapsed()), (2, Duration::from_millis(3200)));
}

#[tokio::test(start_paused = true)]
async fn calls_have_a_time_limit() {
    // In an attempt.
    let (transport, builder) = scripted([FAILED, Hang]);
    let client = builder.call_timeout(Duration::from_secs(2)).build().unwrap();
    let start = Instant::now();
    let error = safe(&client).await.unwrap_err();
    assert!(matches!(error, Error::CallTimeout(limit) if limit == Duration::from_secs(2)), "{error:?}");
    assert_eq!((transport.sent(), start.elapsed()), (2, Duration::from_secs(2)));

    // A wait beyond it is not begun: the caller learns at once what the matter is.
    let asks = Answer(503, &[("x-acs-retry-after", "5000")], r#"{"Code":"ServiceUnavailableTemporary"}"#);
    let (transport, builder) = scripted([asks]);
    let client = builder.call_timeout(Duration::from_secs(2)).build().unwrap();
    let start = Instant::now();
    assert_eq!(safe(&client).await.unwrap_err().code(), Some("ServiceUnavailableTemporary"));
    assert_eq!((transport.sent(), start.elapsed()), (1, Duration::ZERO));

    // None at all.
    let (transport, builder) = scripted([Hang, Hang, Hang, Hang, OK]);
    let client = builder.call_timeout(None).attempt_timeout(Duration::from_secs(100)).build().unwrap();
    safe(&client).await.unwrap();
    assert_eq!(transport.sent(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_sends_nothing_more() {
    let (transport, builder) = scripted([FAILED, OK]);
    let client = builder.build().unwrap();
    let outcome = tokio::time::timeout(Duration::from_millis(100), safe(&client)).await;
    assert!(outcome.is_err());
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(transport.sent(), 1);
    safe(&client).await.unwrap();
}

#[tokio::test]
async fn connecting_has_a_time_limit_that_includes_the_handshake() {
    // It takes connections and never says a word.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let client = builder(&silent.local_addr().unwrap().to_string())
        .plain_http(false)
        .ca_pem(authority.cert.pem())
        .connect_timeout(Duration::from_millis(50))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = safe(&client).await.unwrap_err();
    assert!(matches!(error, Error::Transport(TransportError::Connect(_))), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn without_randomness_there_is_no_call() {
    struct Broken;
    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomFault> {
            Err(RandomFault)
        }
    }
    let (transport, builder) = scripted([]);
    let error = safe(&builder.random(Arc::new(Broken)).build().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::Random(RandomFault)));
    assert_eq!(transport.sent(), 0);
}
