//! Walks over all pages of a list: `cargo run -p keystead-client --example pages`
//!
//! The environment is as in `first_call`.

use std::env;
use std::io::{self, Write as _};

use keystead_client::Client;
use keystead_client::operations::{ListKeys, ListKeysRequest};
use keystead_client::types::Filter;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .build()?;
    let enabled = Filter::new("KeyState", ["Enabled"]);
    let mut pages = client.pages::<ListKeys>(ListKeysRequest::new().filters([enabled]).page_size(100));
    // Each page is asked for when it is wanted. `into_stream` gives the same as a `Stream`.
    while let Some(page) = pages.next().await? {
        for key in page.keys.key {
            writeln!(io::stdout(), "{}", key.key_arn)?;
        }
    }
    Ok(())
}
