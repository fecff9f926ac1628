//! Encrypts and decrypts up to 6 KB under a key: `cargo run -p keystead-client --example encrypt_decrypt`
//!
//! `KMS_KEY` is the id, alias or ARN of a symmetric key; the rest of the environment is as in `first_call`.

use std::env;
use std::io::{self, Write as _};

use keystead_client::operations::{DecryptRequest, EncryptRequest};
use keystead_client::{Client, EncryptionContext};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .build()?;
    // Bound to the ciphertext, and not secret: with another context it does not open.
    let context = EncryptionContext::new().with("table", "customers").with("row", "42");
    let request = EncryptRequest::new(env::var("KMS_KEY")?, b"hello").encryption_context(context.clone());
    let sealed = client.encrypt(request).await?.ciphertext_blob;

    // The ciphertext names its key. As text it can be stored anywhere.
    let stored: String = sealed.into();
    let request = DecryptRequest::new(stored.as_str()).encryption_context(context);
    let opened = client.decrypt(request).await?;
    let plain = opened.plaintext.bytes()?;
    writeln!(io::stdout(), "{}", String::from_utf8_lossy(plain.expose()))?;

    let error = client.decrypt(DecryptRequest::new(stored)).await.err();
    writeln!(
        io::stdout(),
        "without its context: {}",
        error.as_ref().and_then(|e| e.code()).unwrap_or("opened")
    )?;
    Ok(())
}
