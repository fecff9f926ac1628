//! Encrypts and decrypts a text at a KMS instance:
//! `cargo run -p keystead-client --features instance --example instance -- HOST CA.pem CLIENTKEY.json KEY`
//!
//! `CLIENT_KEY_PASSWORD` holds the password of the client key's file.

use std::io::{self, Write as _};

use keystead_client::instance::messages::{AdvanceDecryptRequest, AdvanceEncryptRequest};
use keystead_client::instance::{ClientKey, ClientKeyPassword, InstanceClient};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, ca, client_key, key] = &arguments[..] else {
        return Err("usage: instance HOST CA.pem CLIENTKEY.json KEY".into());
    };
    let password = ClientKeyPassword::from_env("CLIENT_KEY_PASSWORD")?;
    let client = InstanceClient::builder()
        .endpoint(host)
        .ca_file(ca)
        .client_key(ClientKey::from_file(client_key, &password)?)
        .build()?;

    let request = AdvanceEncryptRequest {
        key_id: key.clone(),
        plaintext: b"hello instance".to_vec(),
        ..Default::default()
    };
    let sealed = client.advance_encrypt(request).await?;
    let request =
        AdvanceDecryptRequest { ciphertext_blob: sealed.ciphertext_blob.clone(), ..Default::default() };
    let opened = client.advance_decrypt(request).await?;
    let text = String::from_utf8_lossy(&opened.plaintext);
    writeln!(io::stdout(), "{} bytes, opened again: {text}", sealed.ciphertext_blob.len())?;
    Ok(())
}
