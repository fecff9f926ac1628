//! Calls that are dropped, at each of the places where they wait: what is left behind serves the next call.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/dropped.rs"]
mod dropped;

use std::sync::Arc;
use std::time::Duration;

use common::{ID, Outcome, SECRET, Scripted, Seen, Server, Step, broken, builder, json};
use dropped::dropped_after;
use keystead_client::operations::{EncryptRequest, GetSecretValueRequest};
use keystead_client::providers::{Cached, Effects, Fixed, RamRoleArn, RoleSettings, StsEndpoint};
use keystead_client::{Client, Clock as _, Credentials, CredentialsHttp, RetryPolicy, SystemClock};
use tokio::time::{Instant, sleep, timeout};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const ENCRYPTED: &str = r#"{"CiphertextBlob":"Y2lwaGVy","KeyId":"k","KeyVersionId":"v","RequestId":"r"}"#;
const BUSY: &str = r#"{"Code":"ServiceUnavailableTemporary","Message":"m","RequestId":"r"}"#;

async fn encrypt(client: &Client) {
    let answer = timeout(PATIENCE, client.encrypt(EncryptRequest::new("k", b"p"))).await.unwrap().unwrap();
    assert_eq!(answer.ciphertext_blob, "Y2lwaGVy");
}

/// Turns the first attempt of a call away and answers the second; hands out sessions.
fn on_second_attempt(seen: &Seen) -> Step {
    match (seen.header("x-acs-action"), seen.header("x-acs-retry-attempts")) {
        ("AssumeRole", _) => {
            let end = keystead_auth::format_date(SystemClock.unix_seconds() + 3_600).unwrap();
            json(
                200,
                &format!(
                    r#"{{"RequestId":"r","Credentials":{{"AccessKeyId":"{ID}","AccessKeySecret":"{SECRET}","SecurityToken":"t","Expiration":"{end}"}}}}"#
                ),
            )
        }
        (_, "") => json(503, BUSY),
        _ => json(200, ENCRYPTED),
    }
}

fn role(server: &Server) -> Cached {
    let settings = RoleSettings {
        sts: StsEndpoint::at(format!("http://{}", server.address)),
        ..RoleSettings::of("acs:ram::1000000000000001:role/reader")
    };
    let role = RamRoleArn::new(Fixed::new(Credentials::access_key(ID, SECRET)), settings);
    Cached::new(role, Effects::system(Arc::new(CredentialsHttp::new())))
}

fn sessions(server: &Server) -> usize {
    server.seen().iter().filter(|seen| seen.header("x-acs-action") == "AssumeRole").count()
}

/// The waits of a call: for a session, for a connection, for a refusal, before its repeat, for the answer.
#[tokio::test]
async fn a_call_dropped_at_any_wait_leaves_the_client_usable() {
    let mut polls = 0;
    loop {
        let server = Server::answering(on_second_attempt).await;
        // One repeat for the dropped call, if it came that far, and one for the next.
        let policy =
            RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1)).budget(2);
        let client = builder(&server.address).credentials_provider(Arc::new(role(&server))).retry(policy);
        let client = client.build().unwrap();
        let done = dropped_after(polls, client.encrypt(EncryptRequest::new("k", b"p"))).await;
        if let Some(outcome) = done {
            outcome.unwrap();
            break;
        }
        encrypt(&client).await;
        // Whoever asked for the session went away; it was fetched all the same, and once.
        assert_eq!(sessions(&server), 1, "after {polls} polls");
        polls += 1;
    }
    assert!(polls >= 4, "the call waited {polls} times");
}

/// Many calls on one client, dropped at any wait: no connection stays behind with each of them.
#[tokio::test]
async fn dropped_calls_keep_no_connections() {
    let server = Server::answering(on_second_attempt).await;
    let policy =
        RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1)).budget(1_000);
    let client = builder(&server.address).credentials_provider(Arc::new(role(&server))).retry(policy);
    let client = client.build().unwrap();
    for round in 0..50 {
        for polls in 0..8 {
            let _ = dropped_after(polls, client.encrypt(EncryptRequest::new("k", b"p"))).await;
        }
        if round % 10 == 0 {
            encrypt(&client).await;
        }
    }
    encrypt(&client).await;
    assert_eq!(sessions(&server), 1);
    // One for calls, and one that fetched the session. What is being closed may take a moment.
    let deadline = Instant::now() + PATIENCE;
    while server.open() > 2 {
        assert!(Instant::now() < deadline, "{} connections are open", server.open());
        sleep(Duration::from_millis(5)).await;
    }
}

/// A call that is dropped while it waits before its repeat has made none: the reserve has it back.
#[tokio::test(start_paused = true)]
async fn a_repeat_that_was_not_made_costs_nothing() {
    let failures = (0..21).map(|_| Outcome::Fault(broken));
    let then = [Outcome::Answer(200, &[], ENCRYPTED), Outcome::Fault(broken)];
    let transport = Scripted::new(failures.chain(then));
    let client = builder("kms.test").transport(transport.clone());
    let policy = RetryPolicy::default().backoff(Duration::from_secs(1), Duration::from_secs(1)).budget(1);
    // The longest wait, so that each call is dropped within it.
    let client = client.retry(policy).random(Arc::<Longest>::default()).build().unwrap();
    for _ in 0..20 {
        let call = client.encrypt(EncryptRequest::new("k", b"p"));
        timeout(Duration::from_millis(500), call).await.unwrap_err();
    }
    assert_eq!(transport.sent(), 20);
    // The reserve is as it was: the next call makes its repeat. That one is gone, and the call after it has none.
    encrypt(&client).await;
    assert_eq!(transport.sent(), 22);
    client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err();
    assert_eq!(transport.sent(), 23);
}

/// The second one beside a `GetSecretValue` goes with it, and what is left serves the next.
#[tokio::test(start_paused = true)]
async fn a_dropped_hedge_takes_both_attempts_along() {
    let hanging = [Outcome::Hang, Outcome::Hang];
    let transport = Scripted::new(hanging.into_iter().chain([Outcome::Answer(
        200,
        &[],
        r#"{"SecretData":"value","RequestId":"r"}"#,
    )]));
    let client = builder("kms.test").transport(transport.clone()).hedge_secrets(Duration::from_millis(100));
    let client = client.build().unwrap();
    let call = || client.get_secret_value(GetSecretValueRequest::new("s"));
    timeout(Duration::from_secs(1), call()).await.unwrap_err();
    assert_eq!(transport.sent(), 2);
    assert_eq!(timeout(PATIENCE, call()).await.unwrap().unwrap().secret_data.expose(), "value");
}

/// Jitter that always gives the longest wait; nonces count up.
#[derive(Default)]
struct Longest(std::sync::atomic::AtomicU64);

impl keystead_client::Random for Longest {
    fn fill(&self, out: &mut [u8]) -> Result<(), keystead_client::RandomFault> {
        out.fill(0xff);
        if out.len() == 16 {
            let count = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            out[8..].copy_from_slice(&count.to_be_bytes());
        }
        Ok(())
    }
}
