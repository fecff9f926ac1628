//! Makes calls while a server is in trouble, for `conformance/faults`, which plays the same to other clients.
//! Arguments: KIND ADDRESS CALLS INTERVAL_MS ZONE [CREDENTIALS_URI]
//!
//! A call begins every INTERVAL_MS, whatever became of those before. A line of JSON is written for each: when it began and ended, in
//! seconds since 1970, and its outcome. KIND is `default`, or `generous` for more repeats. ZONE is a file with the present address of
//! the name that the tests use.

use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keystead_client::operations::EncryptRequest;
use keystead_client::providers::{Cached, CredentialsUri, Effects};
use keystead_client::{Client, Credentials, CredentialsHttp, Error, Resolver, RetryPolicy};
use serde_json::json;
use tokio::time::{Instant, sleep_until};

/// The name whose address changes.
const NAME: &str = "kms.faults.test";

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Looks the one name up in a file.
struct Zone(PathBuf);

impl Resolver for Zone {
    fn resolve(&self, host: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let (zone, known) = (self.0.clone(), host == NAME);
        Box::pin(async move {
            if !known {
                return Err(io::Error::from(io::ErrorKind::NotFound));
            }
            let address = tokio::fs::read_to_string(zone).await?;
            Ok(vec![address.trim().parse().map_err(io::Error::other)?])
        })
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn outcome(outcome: Result<impl Sized, Error>) -> String {
    match outcome {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.code().map_or_else(|| format!("{error}"), str::to_owned),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, address, calls, interval, zone, uri @ ..] = &arguments[..] else {
        return Err("usage: faults KIND ADDRESS CALLS INTERVAL_MS ZONE [CREDENTIALS_URI]".into());
    };
    let policy = match kind.as_str() {
        "generous" => RetryPolicy::default().attempts(7).budget(1_000),
        _ => RetryPolicy::default(),
    };
    let builder = Client::builder().endpoint(address).plain_http(true).retry(policy);
    let builder = match uri.first().filter(|uri| !uri.is_empty()) {
        Some(uri) => {
            let effects = Effects::system(Arc::new(CredentialsHttp::new()));
            builder.credentials_provider(Arc::new(Cached::new(CredentialsUri::new(uri.as_str()), effects)))
        }
        None => builder.credentials(Credentials::access_key("id", "secret")),
    };
    let builder = match address.starts_with(NAME) {
        true => builder.resolver(Arc::new(Zone(zone.into()))),
        false => builder,
    };
    let client = builder.build()?;
    let (calls, interval) = (calls.parse::<u32>()?, Duration::from_millis(interval.parse()?));
    let start = Instant::now();
    let mut under_way = Vec::new();
    for number in 0..calls {
        sleep_until(start + interval * number).await;
        let client = client.clone();
        under_way.push(tokio::spawn(async move {
            let began = now();
            let outcome = outcome(client.encrypt(EncryptRequest::new("k", b"hello")).await);
            json!([began, now(), outcome])
        }));
    }
    for call in under_way {
        writeln!(io::stdout(), "{}", call.await?)?;
    }
    Ok(())
}
