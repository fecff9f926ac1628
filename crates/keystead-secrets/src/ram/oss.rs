//! The AccessKey in a secret, for requests to OSS that are signed by [`reqsign_core::Signer`].
//!
//! ```no_run
//! # async fn example(secrets: std::sync::Arc<keystead_secrets::SecretClient>) -> Result<(), Box<dyn std::error::Error>> {
//! use keystead_secrets::ram::RamSecretCredentials;
//! use reqsign_aliyun_oss::RequestSigner;
//! use reqsign_core::{Context, Signer};
//!
//! let credentials = RamSecretCredentials::new(secrets, "acs/ram/user/app");
//! let signer = Signer::new(Context::new(), credentials, RequestSigner::new("bucket"));
//! let request = http::Request::get("https://bucket.oss-cn-hangzhou.aliyuncs.com/object").body(())?;
//! let mut head = request.into_parts().0;
//! signer.sign(&mut head, None).await?;
//! # Ok(()) }
//! ```

use std::time::Duration;

use keystead_client::providers::CredentialsProvider as _;
use reqsign_aliyun_oss::Credential;
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, Error, ProvideCredential, Result};

use super::RamSecretCredentials;

/// A signer keeps credentials until two minutes before the end that they name, and those without an end for good. So they are
/// given one that makes it ask again after a minute, which costs a look into memory.
const END: Duration = Duration::from_secs(180);

/// The signer's own copies of the AccessKey are not wiped.
impl ProvideCredential for RamSecretCredentials {
    type Credential = Credential;

    async fn provide_credential(&self, _: &Context) -> Result<Option<Credential>> {
        let provided = self.provide().await.map_err(|error| Error::credential_invalid(error.to_string()))?;
        let credentials = &provided.credentials;
        Ok(Some(Credential {
            access_key_id: credentials.access_key_id.clone(),
            access_key_secret: credentials.secret.expose().to_owned(),
            security_token: credentials.security_token.as_ref().map(|token| token.expose().to_owned()),
            expires_in: Some(Timestamp::now() + END),
        }))
    }
}
