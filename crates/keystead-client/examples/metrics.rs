//! Counts attempts, failures and time, as a program would hand them to its metrics: `cargo run -p keystead-client --example metrics`
//!
//! The environment is as in `first_call`.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keystead_client::operations::{DescribeKeyRequest, DescribeRegionsRequest};
use keystead_client::{Attempt, Client, Observer};

/// How many attempts ended so, and how long they took together, by operation and outcome.
type Counts = BTreeMap<(&'static str, String), (u32, Duration)>;

#[derive(Default)]
struct Metrics(Mutex<Counts>);

impl Observer for Metrics {
    // Called on the task that made the call: it only counts.
    fn attempted(&self, attempt: &Attempt<'_>) {
        let outcome = match attempt.error {
            None => "ok".to_owned(),
            Some(error) => error.code().unwrap_or("no answer").to_owned(),
        };
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, took) = counted.entry((attempt.operation.name, outcome)).or_default();
        *count += 1;
        *took += attempt.took;
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let metrics = Arc::new(Metrics::default());
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .observer(metrics.clone())
        .build()?;
    for _ in 0..3 {
        client.describe_regions(DescribeRegionsRequest::new()).await?;
    }
    let _ = client.describe_key(DescribeKeyRequest::new("alias/none")).await;
    for ((operation, outcome), (count, took)) in &*metrics.0.lock().unwrap_or_else(PoisonError::into_inner) {
        writeln!(io::stdout(), "{operation} {outcome}: {count} in {took:?}")?;
    }
    Ok(())
}
