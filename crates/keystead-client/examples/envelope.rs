//! Encrypts data of any length as a stream, with data keys that the service wraps:
//! `cargo run -p keystead-client --example envelope`
//!
//! `KMS_KEY` is the id, alias or ARN of a symmetric key; the rest of the environment is as in `first_call`. The streams here are
//! in memory; a `tokio::fs::File` or a socket does as well.

use std::env;
use std::io::{self, Write as _};

use keystead_client::envelope::EnvelopeCipher;
use keystead_client::{Client, EncryptionContext};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .build()?;
    // Keeps data keys for some minutes, so that not every message costs a call: make one, and share it.
    let cipher = EnvelopeCipher::new(client, env::var("KMS_KEY")?);
    let context = EncryptionContext::new().with("file", "backup-1");

    let backup = vec![7; 1_000_000];
    let mut sealed = Vec::new();
    cipher.encrypt_stream(&mut backup.as_slice(), &mut sealed, &context).await?;
    let mut opened = Vec::new();
    cipher.decrypt_stream(&mut sealed.as_slice(), &mut opened, &context).await?;
    let same = if opened == backup { "the same" } else { "something else" };
    writeln!(io::stdout(), "{} bytes sealed to {}, opened to {same}", backup.len(), sealed.len())?;
    Ok(())
}
