//! Settings for bad days: another address, repeats, time limits. `cargo run -p keystead-client --example failover`
//!
//! `KMS_FAILOVER` is a second address with the same data, such as another node; the rest of the environment is as in `first_call`.

use std::env;
use std::io::{self, Write as _};
use std::time::Duration;

use keystead_client::operations::ListSecretsRequest;
use keystead_client::{Client, RetryPolicy};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = RetryPolicy::default()
        .attempts(4)
        // Waits are random between zero and 100 ms, 200 ms, 400 ms.
        .backoff(Duration::from_millis(100), Duration::from_secs(2))
        // All calls together repeat no more than this before the service has recovered.
        .budget(50);
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .failover(env::var("KMS_FAILOVER")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .retry(policy)
        .connect_timeout(Duration::from_secs(2))
        .attempt_timeout(Duration::from_secs(3))
        .call_timeout(Duration::from_secs(10))
        // A second GetSecretValue beside the first one when that has no answer after this time.
        .hedge_secrets(Duration::from_millis(300))
        .build()?;
    match client.list_secrets(ListSecretsRequest::new()).await {
        Ok(answer) => writeln!(io::stdout(), "{} secrets", answer.total_count)?,
        // The code is for programs; the request id is for whoever is asked for help.
        Err(error) => writeln!(
            io::stdout(),
            "{error} (code {:?}, request id {:?}, worth repeating later: {})",
            error.code(),
            error.request_id(),
            error.is_retryable()
        )?,
    }
    Ok(())
}
