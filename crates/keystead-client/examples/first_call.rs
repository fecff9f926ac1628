//! The first call: what keys does the account have?
//! `cargo run -p keystead-client --example first_call`
//!
//! As in all examples here, `KMS_ENDPOINT` is the server's `host:port`, `KMS_CA` the file with its certificate authority
//! (`ca_file` of Keystead's ready file), and the AccessKey stands in `ALIBABA_CLOUD_ACCESS_KEY_ID` and
//! `ALIBABA_CLOUD_ACCESS_KEY_SECRET`. At Alibaba Cloud `.region("cn-hangzhou")` takes the place of endpoint and authority.

use std::env;
use std::io::{self, Write as _};

use keystead_client::Client;
use keystead_client::operations::ListKeysRequest;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .build()?;
    let answer = client.list_keys(ListKeysRequest::new()).await?;
    writeln!(io::stdout(), "{} keys", answer.total_count)?;
    Ok(())
}
