//! Creates a secret, reads it, gives it a new version, and deletes it: `cargo run -p keystead-client --example secrets`
//!
//! The environment is as in `first_call`. Programs that read secrets again and again use the crate `keystead-secrets`, which keeps
//! them in memory.

use std::env;
use std::io::{self, Write as _};

use keystead_client::Client;
use keystead_client::operations::{
    CreateSecretRequest, DeleteSecretRequest, GetRandomPasswordRequest, GetSecretValueRequest,
    PutSecretValueRequest,
};
use keystead_client::types::VersionStage;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .endpoint(env::var("KMS_ENDPOINT")?)
        .ca_file(env::var("KMS_CA")?)
        .credentials_from_env()
        .build()?;
    let name = "examples/database";
    let password =
        async || client.get_random_password(GetRandomPasswordRequest::new().password_length(24)).await;
    // The value is a `SecretText`: it is wiped when it is dropped, and `{:?}` does not show it.
    let request = CreateSecretRequest::new(name, "v1", password().await?.random_password);
    client.create_secret(request.description("of the example")).await?;

    // A new version takes over the label ACSCurrent; the one before is still there as ACSPrevious.
    let request = PutSecretValueRequest::new(name, "v2", password().await?.random_password);
    client.put_secret_value(request).await?;
    for stage in [VersionStage::ACS_CURRENT, VersionStage::ACS_PREVIOUS] {
        let request = GetSecretValueRequest::new(name).version_stage(stage.clone());
        let secret = client.get_secret_value(request).await?;
        let length = secret.value()?.expose().len();
        writeln!(io::stdout(), "{stage}: version {}, {length} bytes", secret.version_id)?;
    }
    client.delete_secret(DeleteSecretRequest::new(name).force_delete_without_recovery(true)).await?;
    Ok(())
}
