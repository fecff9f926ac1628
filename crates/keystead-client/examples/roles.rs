//! Takes on a role and calls with it: `cargo run -p keystead-client --example roles`
//!
//! `KMS_ROLE_ARN` is the role, and the AccessKey of the environment that of a RAM user whom it trusts; the rest of the environment
//! is as in `first_call`. Keystead serves STS at the same address; at Alibaba Cloud the setting `sts` is left out.

use std::env;
use std::io::{self, Write as _};
use std::sync::Arc;

use keystead_client::operations::sts::GetCallerIdentityRequest;
use keystead_client::providers::{Cached, Effects, Environment, RamRoleArn, RoleSettings, StsEndpoint};
use keystead_client::{Client, CredentialsHttp};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (endpoint, ca) = (env::var("KMS_ENDPOINT")?, std::fs::read(env::var("KMS_CA")?)?);
    let settings = RoleSettings {
        sts: StsEndpoint::at(endpoint.as_str()),
        session_name: Some("example".to_owned()),
        duration_seconds: Some(900),
        ..RoleSettings::of(env::var("KMS_ROLE_ARN")?)
    };
    let role = RamRoleArn::new(Environment, settings);
    // Fetches a session when it is needed and renews it ahead of its end. One provider can serve many clients.
    let provider = Cached::new(role, Effects::system(Arc::new(CredentialsHttp::new().ca_pem(ca.clone()))));
    let client =
        Client::builder().endpoint(endpoint).ca_pem(ca).credentials_provider(Arc::new(provider)).build()?;
    let caller = client.sts().get_caller_identity(GetCallerIdentityRequest::new()).await?;
    writeln!(io::stdout(), "{}", caller.arn)?;
    Ok(())
}
