//! Calls from a program without an async runtime:
//! `cargo run -p keystead-client --features blocking --example blocking`
//!
//! The environment is as in `first_call`.

use std::env;
use std::io::{self, Write as _};

use keystead_client::operations::GetRandomPasswordRequest;
use keystead_client::{Client, blocking};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .build()?;
    let client = blocking::Client::new(client)?;
    let answer = client.get_random_password(GetRandomPasswordRequest::new())?;
    writeln!(io::stdout(), "a password of {} characters", answer.random_password.len())?;
    Ok(())
}
