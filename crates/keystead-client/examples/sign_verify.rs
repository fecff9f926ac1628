//! Signs a message with a key pair of the service and verifies it: `cargo run -p keystead-client --example sign_verify`
//!
//! `KMS_KEY` is the id, alias or ARN of a key with spec `EC_P256` and usage `SIGN/VERIFY`; the rest of the environment is as in
//! `first_call`.

use std::env;
use std::io::{self, Write as _};

use aws_lc_rs::digest::{SHA256, digest};
use keystead_client::Client;
use keystead_client::operations::{AsymmetricSignRequest, AsymmetricVerifyRequest, ListKeyVersionsRequest};
use keystead_client::types::SigningAlgorithm;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .build()?;
    let key = env::var("KMS_KEY")?;
    // Operations of key pairs name the version.
    let versions = client.list_key_versions(ListKeyVersionsRequest::new(key.as_str())).await?;
    let versions = versions.key_versions.map(|versions| versions.key_version).unwrap_or_default();
    let version = versions.into_iter().find_map(|version| version.key_version_id).ok_or("no version")?;

    // The service signs the digest; the message stays here.
    let hash = digest(&SHA256, b"a message of any length");
    let algorithm = SigningAlgorithm::ECDSA_SHA_256;
    let request =
        AsymmetricSignRequest::new(algorithm.clone(), hash.as_ref(), key.as_str(), version.as_str());
    let signature = client.asymmetric_sign(request).await?.value.ok_or("no signature")?;
    writeln!(io::stdout(), "{signature}")?;

    let request = AsymmetricVerifyRequest::new(algorithm, hash.as_ref(), key, version, signature);
    let good = client.asymmetric_verify(request).await?.value == Some(true);
    writeln!(io::stdout(), "verified: {good}")?;
    Ok(())
}
