//! A service that answers as a test says, seen through a client.
#![allow(dead_code, clippy::unwrap_used)] // each test uses its part

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use keystead_client::{Client, Credentials, RetryPolicy, Transport, TransportError, TransportFuture};
use tokio::time::{Instant, sleep};

pub const HOUR: Duration = Duration::from_secs(3600);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const SECOND: Duration = Duration::from_secs(1);

/// A status and a body. The status 0 stands for a service that is away.
pub type Answer = (u16, String);
type Script = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

pub struct Service {
    script: Mutex<(Script, Duration)>,
    log: Mutex<Vec<(String, Instant)>>,
}

impl Service {
    /// Answers by the secret's name.
    pub fn new(script: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        let script: Script = Arc::new(script);
        Arc::new(Self { script: Mutex::new((script, Duration::from_millis(10))), log: Mutex::default() })
    }

    /// From now on; forgets what was asked for.
    pub fn says(&self, script: impl Fn(&str) -> Answer + Send + Sync + 'static) {
        self.script.lock().unwrap().0 = Arc::new(script);
        self.log.lock().unwrap().clear();
    }

    /// How long an answer takes; 10 ms at first.
    pub fn takes(&self, time: Duration) {
        self.script.lock().unwrap().1 = time;
    }

    pub fn requests(&self) -> usize {
        self.log.lock().unwrap().len()
    }

    /// Requests from then on.
    pub fn requests_since(&self, then: Instant) -> usize {
        self.log.lock().unwrap().iter().filter(|(_, at)| *at >= then).count()
    }

    /// The names that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().map(|(name, _)| name.clone()).collect()
    }

    /// A client that repeats nothing by itself.
    pub fn client(self: &Arc<Self>) -> Client {
        self.client_with(RetryPolicy::none())
    }

    pub fn client_with(self: &Arc<Self>, retry: RetryPolicy) -> Client {
        let client = Client::builder().endpoint("kms.test").credentials(Credentials::access_key("id", "key"));
        client.retry(retry).transport(self.clone()).build().unwrap()
    }
}

impl Transport for Service {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let name = query.split('&').find_map(|pair| pair.strip_prefix("SecretName=")).unwrap_or_default();
        let name = name.replace("%2F", "/");
        self.log.lock().unwrap().push((name.clone(), Instant::now()));
        let (script, time) = self.script.lock().unwrap().clone();
        Box::pin(async move {
            sleep(time).await;
            match script(&name) {
                (0, _) => Err(TransportError::Connect("away".into())),
                (status, body) => {
                    Ok(Response::builder().status(status).body(body.into_bytes().into()).unwrap())
                }
            }
        })
    }
}

/// A value, in the version that is named.
pub fn value(version: &str, text: &str) -> Answer {
    answered(version, "text", text, "")
}

pub fn answered(version: &str, data_type: &str, data: &str, more: &str) -> Answer {
    let data = serde_json::to_string(data).unwrap();
    let body = format!(
        r#"{{"SecretName":"s","SecretData":{data},"SecretDataType":"{data_type}","VersionId":"{version}"{more}}}"#
    );
    (200, body)
}

pub fn refusal(status: u16, code: &str) -> Answer {
    (status, format!(r#"{{"Code":"{code}","Message":"m","RequestId":"r"}}"#))
}

pub fn away(_: &str) -> Answer {
    (0, String::new())
}

pub fn busy(_: &str) -> Answer {
    refusal(429, "Rejected.Throttling")
}

pub fn denied(_: &str) -> Answer {
    refusal(403, "Forbidden.NoPermission")
}

pub fn missing(_: &str) -> Answer {
    refusal(404, "Forbidden.ResourceNotFound")
}

pub fn expired(_: &str) -> Answer {
    refusal(400, "InvalidSecurityToken.Expired")
}
