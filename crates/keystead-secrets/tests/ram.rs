//! The AccessKey in a secret, as a client's credentials.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use keystead_client::operations::DescribeRegionsRequest;
use keystead_client::providers::CredentialsProvider as _;
use keystead_client::{Client, Error, RetryPolicy, Transport, TransportFuture};
use keystead_secrets::ram::RamSecretCredentials;
use keystead_secrets::{MemorySource, SecretErrorKind, SecretValue};

const NAME: &str = "acs/ram/user/app";

fn version(id: &str, key: &str, more: &str) -> SecretValue {
    let text = format!(r#"{{"AccessKeyId":"{key}","AccessKeySecret":"hush-{key}"{more}}}"#);
    SecretValue::builder(NAME).version_id(id).secret_type("RAMCredentials").text(text)
}

fn over(first: SecretValue) -> (Arc<MemorySource>, RamSecretCredentials) {
    let source = Arc::new(MemorySource::new());
    source.put(first);
    let credentials = RamSecretCredentials::new(source.clone(), NAME);
    (source, credentials)
}

/// A service that knows one AccessKey, and by which ones it was called.
struct Service {
    good: Mutex<&'static str>,
    called: Mutex<Vec<String>>,
}

impl Service {
    fn client(self: &Arc<Self>, credentials: &RamSecretCredentials) -> Client {
        Client::builder()
            .endpoint("kms.test")
            .credentials_provider(Arc::new(credentials.clone()))
            .retry(RetryPolicy::none())
            .transport(self.clone())
            .build()
            .unwrap()
    }
}

impl Transport for Service {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        let key = authorization.split(['=', ',']).nth(1).unwrap().to_owned();
        let good = key == *self.good.lock().unwrap();
        self.called.lock().unwrap().push(key);
        let (status, body) = match good {
            true => (200, r#"{"RequestId":"r"}"#),
            false => (404, r#"{"Code":"InvalidAccessKeyId.NotFound","Message":"m","RequestId":"r"}"#),
        };
        Box::pin(async move {
            Ok(Response::builder().status(status).body(body.as_bytes().to_vec().into()).unwrap())
        })
    }
}

fn service(good: &'static str) -> Arc<Service> {
    Arc::new(Service { good: Mutex::new(good), called: Mutex::default() })
}

#[tokio::test]
async fn a_new_version_is_used_from_the_next_request_on() {
    let (source, credentials) = over(version("v1", "one", ""));
    let service = service("one");
    let client = service.client(&credentials);
    client.describe_regions(DescribeRegionsRequest::new()).await.unwrap();
    source.put(version("v2", "two", ""));
    *service.good.lock().unwrap() = "two";
    client.describe_regions(DescribeRegionsRequest::new()).await.unwrap();
    assert_eq!(*service.called.lock().unwrap(), ["one", "two"]);
    let mut versions = credentials.watch();
    assert_eq!(versions.next().await.unwrap().version_id(), "v2");
}

#[tokio::test(start_paused = true)]
async fn an_access_key_that_is_gone_costs_one_reading_and_one_more_call() {
    let (source, credentials) = over(version("v1", "one", ""));
    let service = service("two");
    let client = service.client(&credentials);
    let call = || client.describe_regions(DescribeRegionsRequest::new());
    // The plan was not followed yet: the cache still has the old one.
    source.rotate(version("v2", "two", ""));
    credentials.renewing(call).await.unwrap();
    assert_eq!(*service.called.lock().unwrap(), ["one", "two"]);
    assert_eq!(source.refreshes(NAME), 1);
    // One that is wrong for good: five readings, of which one was made, and then one in ten minutes.
    *service.good.lock().unwrap() = "three";
    for _ in 0..10 {
        let error = credentials.renewing(call).await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidAccessKeyId.NotFound"));
    }
    assert_eq!((source.refreshes(NAME), service.called.lock().unwrap().len()), (5, 12));
    tokio::time::advance(std::time::Duration::from_secs(600)).await;
    for _ in 0..2 {
        credentials.renewing(call).await.unwrap_err();
    }
    assert_eq!(source.refreshes(NAME), 6);
}

#[tokio::test]
async fn other_refusals_are_the_callers() {
    let (source, credentials) = over(version("v1", "one", ""));
    let outcome = credentials.renewing(|| async { Err::<(), _>(Error::Request("no")) }).await;
    assert!(matches!(outcome, Err(Error::Request("no"))));
    assert_eq!(source.refreshes(NAME), 0);
}

#[tokio::test]
async fn what_has_ended_is_read_anew_and_never_given() {
    let (source, credentials) = over(version("v1", "one", r#","ExpireTimestamp":"2020-01-01T00:00:00Z""#));
    source.rotate(version("v2", "two", r#","ExpireTimestamp":"2999-01-01T00:00:00Z""#));
    let provided = credentials.provide().await.unwrap();
    assert_eq!(
        (provided.credentials.access_key_id.as_str(), provided.expiration),
        ("two", Some(32_472_144_000))
    );
    source.put(version("v3", "three", r#","ExpireTimestamp":"2020-01-01T00:00:00Z""#));
    let text = credentials.provide().await.unwrap_err().to_string();
    assert_eq!(text, "ram_secret: the AccessKey in the secret has expired");
}

#[tokio::test]
async fn errors_name_the_secret_and_quote_nothing_of_it() {
    for value in [
        "hush",
        r#"["hush"]"#,
        r#"{"AccessKeyId":"hush"}"#,
        r#"{"AccessKeyId":"hu sh","AccessKeySecret":"hush"}"#,
        r#"{"AccessKeyId":"hush","AccessKeySecret":""}"#,
        r#"{"AccessKeyId":"hush","AccessKeySecret":"hush","ExpireTimestamp":"hush"}"#,
    ] {
        let (_, credentials) = over(SecretValue::builder(NAME).text(value));
        let error = credentials.provide().await.unwrap_err();
        let text = format!("{error} {error:?} {credentials:?}");
        assert!(text.contains(NAME) && !text.contains("hush"), "{text}");
    }
    let (source, credentials) = over(version("v1", "one", ""));
    source.fail(NAME, SecretErrorKind::Denied);
    let text = credentials.provide().await.unwrap_err().to_string();
    assert!(text.starts_with("ram_secret: the secret acs/ram/user/app cannot be read: "), "{text}");
}

#[tokio::test]
async fn a_value_that_says_when_to_read_it_again_is_read_beside_the_requests() {
    let ago = |seconds| SystemTime::now() - Duration::from_secs(seconds);
    let unix = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let past = unix(ago(100));
    for (more, fetched, is_due) in [
        (r#","RefreshInterval":600"#.to_owned(), 601, true),
        (r#","RefreshInterval":600"#.to_owned(), 500, false),
        (r#","RefreshInterval":"600s","refreshInterval":"none""#.to_owned(), 601, true),
        (r#","refreshInterval":"600""#.to_owned(), 601, true),
        (r#","RefreshInterval":-1"#.to_owned(), 601, false),
        (r#","RefreshInterval":{"a":[1.5,null]}"#.to_owned(), 601, false),
        (format!(r#","ScheduleRotateTimestamp":{past}"#), 200, true),
        (format!(r#","scheduleRotateTimestamp":"{past}""#), 200, true),
        // The rotation is late: asked for again.
        (format!(r#","ScheduleRotateTimestamp":{past}"#), 50, true),
        (format!(r#","ScheduleRotateTimestamp":{past}"#), 1, false),
        (format!(r#","ScheduleRotateTimestamp":{}"#, past + 1000), 200, false),
        (String::new(), 1_000_000, false),
    ] {
        let text = format!(r#"{{"AccessKeyId":"one","AccessKeySecret":"hush"{more}}}"#);
        let first = SecretValue::builder(NAME).version_id("v1").fetched_at(ago(fetched)).text(text);
        let (source, credentials) = over(first);
        source.rotate(version("v2", "two", ""));
        let mut versions = credentials.watch();
        versions.next().await.unwrap();
        for _ in 0..3 {
            // Nobody waits for it.
            assert_eq!(credentials.provide().await.unwrap().credentials.access_key_id, "one", "{more}");
        }
        if is_due {
            assert_eq!(versions.next().await.unwrap().version_id(), "v2", "{more}");
            assert_eq!(credentials.provide().await.unwrap().credentials.access_key_id, "two");
        }
        tokio::task::yield_now().await;
        assert_eq!(source.refreshes(NAME), usize::from(is_due), "{more} {fetched}");
    }
}

#[tokio::test]
async fn an_instance_that_knows_no_such_access_key_costs_one_reading_too() {
    let (source, credentials) = over(version("v1", "one", ""));
    source.rotate(version("v2", "two", ""));
    credentials.provide().await.unwrap();
    let calls = Mutex::new(0);
    let outcome = credentials.renewing(|| async {
        *calls.lock().unwrap() += 1;
        Err::<(), _>(Error::Service {
            status: 401,
            code: "Unauthorized".into(),
            message: "m".into(),
            request_id: String::new(),
            retry_after: None,
        })
    });
    assert_eq!(outcome.await.unwrap_err().code(), Some("Unauthorized"));
    assert_eq!((*calls.lock().unwrap(), source.refreshes(NAME)), (2, 1));
}
