//! What the client does under trouble beside repeating: a wrong clock, a reserve of repeats, other addresses, a second attempt
//! beside the first; and what it tells of it. The clock of waits is Tokio's paused one.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::Outcome::{Answer, Fault, Hang};
use common::{Outcome, Scripted, Server, broken, builder, json, refused};
use keystead_client::operations::{
    CreateKeyRequest, DescribeKeyRequest, EncryptRequest, GetSecretValueRequest, ListKeysRequest,
};
use keystead_client::{Attempt, Client, ClientBuilder, Clock, Error, Observer, RetryPolicy};
use tokio::time::Instant;

const OK: Outcome = Answer(
    200,
    &[],
    r#"{"CiphertextBlob":"c","KeyMetadata":{"KeyId":"k"},"SecretData":"first","RequestId":"r"}"#,
);
const FAILED: Outcome = Answer(500, &[], r#"{"Code":"InternalFailure","Message":"m","RequestId":"r"}"#);
/// The service is an hour ahead of [`Stopped`].
const WRONG_DATE: Outcome = Answer(
    400,
    &[("date", "Fri, 02 Jan 2026 04:04:05 GMT")],
    r#"{"Code":"InvalidTimeStamp.Expired","Message":"m","RequestId":"r"}"#,
);

/// A clock that stands at 2026-01-02T03:04:05Z.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn unix_seconds(&self) -> i64 {
        1_767_323_045
    }
}

fn scripted(outcomes: impl IntoIterator<Item = Outcome>) -> (Arc<Scripted>, ClientBuilder) {
    let transport = Scripted::new(outcomes);
    let builder =
        builder("first.test").plain_http(false).clock(Arc::new(Stopped)).transport(transport.clone());
    (transport, builder)
}

fn seen(transport: &Scripted, header: &str) -> Vec<String> {
    transport.seen.lock().unwrap().iter().map(|seen| seen.header(header).to_owned()).collect()
}

async fn encrypt(client: &Client) -> Result<(), Error> {
    client.encrypt(EncryptRequest::new("k", b"p")).await.map(drop)
}

async fn secret(client: &Client) -> Result<String, Error> {
    client
        .get_secret_value(GetSecretValueRequest::new("s"))
        .await
        .map(|answer| answer.secret_data.expose().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_set_right_once() {
    let (transport, builder) = scripted([WRONG_DATE, OK, OK, WRONG_DATE, WRONG_DATE]);
    let client = builder.retry(RetryPolicy::none()).build().unwrap();
    // What was refused for its date was not done, so it does not matter that keys are made.
    client.create_key(CreateKeyRequest::new()).await.unwrap();
    encrypt(&client).await.unwrap();
    let expected = ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05Z", "2026-01-02T04:04:05Z"];
    assert_eq!(seen(&transport, "x-acs-date"), expected);
    // The same answer again teaches nothing.
    assert_eq!(encrypt(&client).await.unwrap_err().code(), Some("InvalidTimeStamp.Expired"));
    assert_eq!(transport.sent(), 4);
    // Nor does one without a date, or another refusal with one.
    let undated = Answer(400, &[], r#"{"Code":"InvalidTimeStamp.Expired","Message":"m"}"#);
    let other = Answer(
        400,
        &[("date", "Fri, 02 Jan 2026 04:04:05 GMT")],
        r#"{"Code":"InvalidParameter","Message":"m"}"#,
    );
    for outcome in [undated, other] {
        let (transport, builder) = scripted([outcome]);
        encrypt(&builder.build().unwrap()).await.unwrap_err();
        assert_eq!(transport.sent(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn repeats_come_out_of_a_reserve() {
    let failures = (0..14).map(|_| FAILED);
    let (transport, builder) = scripted(failures.chain((0..20).map(|_| OK)).chain([FAILED, OK]));
    let client = builder.retry(RetryPolicy::default().attempts(3).budget(4)).build().unwrap();
    for _ in 0..10 {
        encrypt(&client).await.unwrap_err();
    }
    assert_eq!(transport.sent(), 14, "ten calls and four repeats");
    for _ in 0..20 {
        encrypt(&client).await.unwrap();
    }
    encrypt(&client).await.unwrap();
    assert_eq!(transport.sent(), 36, "twenty that succeed give two repeats back");
}

#[tokio::test(start_paused = true)]
async fn reads_go_to_another_address_when_one_fails() {
    let (transport, builder) = scripted([Fault(refused), OK, OK, FAILED, OK, OK, OK]);
    let client = builder.failover("second.test").failover("cn-shanghai").build().unwrap();
    let describe = async || client.describe_key(DescribeKeyRequest::new("k")).await.map(drop);
    describe().await.unwrap();
    describe().await.unwrap();
    // What is no read stays with the first, and repeats there.
    encrypt(&client).await.unwrap();
    secret(&client).await.unwrap();
    let third = "second.test";
    let hosts = ["first.test", "second.test", "second.test", "first.test", "first.test", third];
    assert_eq!(seen(&transport, "host"), hosts);
    tokio::time::advance(Duration::from_secs(31)).await;
    describe().await.unwrap();
    assert_eq!(seen(&transport, "host").last().unwrap(), "first.test", "it is tried again after a while");

    let (transport, builder) = scripted([Fault(broken), Fault(broken), OK]);
    let client = builder.failover("second.test").failover("cn-shanghai").build().unwrap();
    client.list_keys(ListKeysRequest::new()).await.unwrap();
    assert_eq!(seen(&transport, "host"), ["first.test", "second.test", "kms.cn-shanghai.aliyuncs.com"]);
    // Throttling is no reason to go elsewhere.
    let throttled = Answer(429, &[], r#"{"Code":"Rejected.Throttling","Message":"m"}"#);
    let (transport, builder) = scripted([throttled, OK]);
    let client = builder.failover("second.test").build().unwrap();
    client.list_keys(ListKeysRequest::new()).await.unwrap();
    assert_eq!(seen(&transport, "host"), ["first.test", "first.test"]);
}

#[tokio::test(start_paused = true)]
async fn an_instance_gets_what_its_gateway_offers() {
    let (transport, builder) = scripted([OK, OK, OK]);
    let client = builder.dedicated("kst-hzz00000000aaaaaaaaaa", "").build().unwrap();
    encrypt(&client).await.unwrap();
    secret(&client).await.unwrap();
    client.create_key(CreateKeyRequest::new()).await.unwrap();
    let dedicated = "kst-hzz00000000aaaaaaaaaa.cryptoservice.kms.aliyuncs.com";
    assert_eq!(seen(&transport, "host"), [dedicated, dedicated, "first.test"]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_takes_long_is_asked_for_twice() {
    let (transport, builder) = scripted([Hang, OK]);
    let client = builder.hedge_secrets(Duration::from_millis(50)).build().unwrap();
    let start = Instant::now();
    assert_eq!(secret(&client).await.unwrap(), "first");
    assert_eq!((transport.sent(), start.elapsed()), (2, Duration::from_millis(50)));
    assert_ne!(seen(&transport, "x-acs-signature-nonce")[0], seen(&transport, "x-acs-signature-nonce")[1]);

    // The second one's failure alone is none; other operations are not asked for twice, and one that is quick is not either.
    let (transport, builder) = scripted([OK, Hang]);
    let client = builder
        .hedge_secrets(Duration::from_millis(50))
        .attempt_timeout(Duration::from_secs(1))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    secret(&client).await.unwrap();
    assert!(matches!(encrypt(&client).await, Err(Error::AttemptTimeout(_))));
    assert_eq!(transport.sent(), 2);
    // Without a reserve there is no second one.
    let (transport, builder) = scripted([Hang]);
    let client = builder
        .hedge_secrets(Duration::from_millis(50))
        .attempt_timeout(Duration::from_secs(1))
        .retry(RetryPolicy::none().budget(0))
        .build()
        .unwrap();
    secret(&client).await.unwrap_err();
    assert_eq!(transport.sent(), 1);
}

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Observer for Told {
    fn attempted(&self, attempt: &Attempt<'_>) {
        let Attempt { operation, number, endpoint, error, retry_in, .. } = attempt;
        let code = error.and_then(Error::code).unwrap_or("-");
        let told = format!("{} {number} {endpoint} {code} {}", operation.name, retry_in.is_some());
        self.0.lock().unwrap().push(told);
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_of_every_attempt() {
    let told = Arc::new(Told::default());
    let (_, builder) =
        scripted([FAILED, OK, Answer(404, &[], r#"{"Code":"Forbidden.KeyNotFound","Message":"m"}"#)]);
    let client = builder.observer(told.clone()).build().unwrap();
    encrypt(&client).await.unwrap();
    encrypt(&client).await.unwrap_err();
    let expected = [
        "Encrypt 1 first.test InternalFailure true",
        "Encrypt 2 first.test - false",
        "Encrypt 1 first.test Forbidden.KeyNotFound false",
    ];
    assert_eq!(*told.0.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn lists_come_page_by_page() {
    use keystead_client::operations::{ListKeys, ListTagResources, ListTagResourcesRequest};
    let first =
        Answer(200, &[], r#"{"Keys":{"Key":[]},"PageNumber":1,"PageSize":2,"TotalCount":5,"RequestId":"r"}"#);
    let second =
        Answer(200, &[], r#"{"Keys":{"Key":[]},"PageNumber":2,"PageSize":2,"TotalCount":5,"RequestId":"r"}"#);
    let third =
        Answer(200, &[], r#"{"Keys":{"Key":[]},"PageNumber":3,"PageSize":2,"TotalCount":5,"RequestId":"r"}"#);
    let refused = Answer(403, &[], r#"{"Code":"Forbidden.NoPermission","Message":"m"}"#);
    let (transport, builder) = scripted([first, refused, second, third]);
    let client = builder.build().unwrap();
    let mut pages = client.pages::<ListKeys>(ListKeysRequest::new().page_size(2));
    assert_eq!(pages.next().await.unwrap().unwrap().page_number, 1);
    // After an error the same page is asked for.
    pages.next().await.unwrap_err();
    let mut stream = Box::pin(pages.into_stream());
    let mut numbers = Vec::new();
    while let Some(page) =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(stream.as_mut(), context)).await
    {
        numbers.push(page.unwrap().page_number);
    }
    assert_eq!(numbers, [2, 3]);
    assert_eq!(transport.sent(), 4);

    let first = Answer(200, &[], r#"{"NextToken":"more","RequestId":"r"}"#);
    let last = Answer(200, &[], r#"{"NextToken":"","RequestId":"r"}"#);
    let (transport, builder) = scripted([first, last]);
    let mut pages = builder
        .build()
        .unwrap()
        .pages::<ListTagResources>(ListTagResourcesRequest::new("cn-hangzhou", "key"));
    while pages.next().await.unwrap().is_some() {}
    let asked = transport.seen.lock().unwrap()[1].line.clone();
    assert!(asked.contains("NextToken=more"), "{asked}");
}

#[cfg(feature = "blocking")]
#[tokio::test]
async fn programs_without_a_runtime_can_wait() {
    let answer = r#"{"CiphertextBlob":"c","RequestId":"r"}"#;
    let server = Server::start([json(200, answer), json(200, answer)]).await;
    let client = builder(&server.address).build().unwrap();
    let thread = std::thread::spawn(move || {
        let client = keystead_client::blocking::Client::new(client).unwrap();
        let again = client.clone();
        let first = client.encrypt(EncryptRequest::new("k", b"p")).unwrap().ciphertext_blob;
        (first, again.encrypt(EncryptRequest::new("k", b"p")).unwrap().ciphertext_blob)
    });
    let both = tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    assert_eq!(both, ("c".into(), "c".into()));
}
