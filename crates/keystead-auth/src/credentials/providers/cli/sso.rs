//! Mode `CloudSSO`: keys for the access token of a sign-in that the command line did before.

use http::{Method, Uri};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::credentials::providers::answer::{Hidden, Issued, accepted, json};
use crate::credentials::providers::effects::{BoxFuture, Effects};
use crate::credentials::providers::endpoint::Endpoint;
use crate::credentials::providers::error::{Fault, ProviderError};
use crate::credentials::providers::request::Outgoing;
use crate::credentials::providers::source::{Fetched, Source};

pub(super) struct CloudSso {
    pub(super) sign_in_url: String,
    pub(super) account_id: String,
    pub(super) access_configuration: String,
    pub(super) access_token: Hidden,
    /// When the token ends, in Unix seconds.
    pub(super) token_ends: i64,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "CloudCredential")]
    credential: Option<Issued>,
}

impl CloudSso {
    async fn exchange(&self, effects: &Effects) -> Result<Fetched, Fault> {
        for (value, name) in [
            (&self.sign_in_url, "cloud_sso_sign_in_url"),
            (&self.account_id, "cloud_sso_account_id"),
            (&self.access_configuration, "cloud_sso_access_config"),
        ] {
            if value.is_empty() {
                return Err(Fault::NotSet(name.to_owned()));
            }
        }
        if self.access_token.expose().is_empty() {
            return Err(Fault::NotSet("access_token".to_owned()));
        }
        if self.token_ends <= effects.clock.unix_seconds() {
            return Err(Fault::Expired("the access token of the sign-in (run `aliyun configure` again)"));
        }
        let host = sign_in_host(&self.sign_in_url)?;
        let body = serde_json::json!({
            "AccountId": self.account_id,
            "AccessConfigurationId": self.access_configuration,
        });
        let answer = bearer(&host, "/cloud-credentials", &self.access_token)?
            .body("application/json", Zeroizing::new(body.to_string().into_bytes()))
            .send(effects)
            .await?;
        let what = "the answer of CloudSSO";
        let answer: Answer = json(what, accepted(&answer)?)?;
        let issued =
            answer.credential.ok_or_else(|| Fault::Malformed(format!("{what} has no CloudCredential")))?;
        let (credentials, end) = issued.into_credentials(what)?;
        Ok(Fetched::new(self.name(), credentials, Some(end)))
    }
}

/// A POST to a path of a sign-in host, with the access token.
pub(super) fn bearer(host: &Endpoint, path: &str, token: &Hidden) -> Result<Outgoing, Fault> {
    let uri = format!("{}://{}{path}", host.scheme(), host.authority);
    let authorization = Zeroizing::new(format!("Bearer {}", token.expose()));
    Outgoing::new(Method::POST, &uri)?.accept_json().secret_header("authorization", &authorization)
}

/// The host of a sign-in page, which has to be reached over TLS.
fn sign_in_host(url: &str) -> Result<Endpoint, Fault> {
    let wrong = || Fault::Setting("cloud_sso_sign_in_url is not an https:// address".to_owned());
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(wrong)?;
    Endpoint::parse(&format!("{scheme}://{authority}"), false).map_err(|_| wrong())
}

impl Source for CloudSso {
    fn name(&self) -> &str {
        "cloud_sso"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async {
            self.exchange(effects).await.map_err(|fault| ProviderError::new(self.name(), fault))
        })
    }
}
