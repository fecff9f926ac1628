//! Uses both gateways with one client: what an instance's gateway offers (crypto operations, secret values) goes there, the rest
//! to the shared one. `cargo run -p keystead-client --example both_gateways`
//!
//! `KMS_INSTANCE` is the instance's id at Alibaba Cloud or else its gateway's `host:port`, `KMS_INSTANCE_CA` the file with the
//! instance's own certificate authority, and `KMS_KEY` a key in the instance; the rest of the environment is as in `first_call`.

use std::env;
use std::io::{self, Write as _};
use std::sync::Arc;

use keystead_client::operations::{DescribeKeyRequest, EncryptRequest};
use keystead_client::{Attempt, Client, Observer};

/// Shows where calls go.
struct Shown;

impl Observer for Shown {
    fn attempted(&self, attempt: &Attempt<'_>) {
        let _ = writeln!(io::stdout(), "{} at {}", attempt.operation.name, attempt.endpoint);
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .dedicated(env::var("KMS_INSTANCE")?, std::fs::read(env::var("KMS_INSTANCE_CA")?)?)
        .credentials_from_env()
        .observer(Arc::new(Shown))
        .build()?;
    let key = env::var("KMS_KEY")?;
    client.describe_key(DescribeKeyRequest::new(key.as_str())).await?;
    client.encrypt(EncryptRequest::new(key, b"hello")).await?;
    Ok(())
}
