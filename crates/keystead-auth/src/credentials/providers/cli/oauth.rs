//! Mode `OAuth`: keys that the command line stored, or an exchange of the access token that it stored.

use std::sync::Arc;

use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::sso::bearer;
use crate::credentials::Credentials;
use crate::credentials::providers::answer::{Hidden, Issued, accepted, json};
use crate::credentials::providers::effects::{BoxFuture, Effects};
use crate::credentials::providers::endpoint::Endpoint;
use crate::credentials::providers::error::{Fault, ProviderError};
use crate::credentials::providers::source::{Fetched, Provided, Source};

pub(super) struct OAuth {
    /// `CN` or `INTL`.
    pub(super) site: String,
    /// The temporary keys in the profile, with their end.
    pub(super) stored: Option<(Arc<Credentials>, i64)>,
    pub(super) access_token: Hidden,
    /// When the access token ends, in Unix seconds.
    pub(super) token_ends: i64,
}

impl OAuth {
    /// The stored keys while they have some time to live, else an exchange. The access token itself is never renewed: the
    /// refresh token can be used once, and its successor would have to be written to the file.
    async fn get(&self, effects: &Effects) -> Result<Fetched, Fault> {
        let now = effects.clock.unix_seconds();
        let lead = i64::try_from(Fetched::LEAD.as_secs()).unwrap_or(i64::MAX);
        let stored = self.stored.as_ref().filter(|(_, end)| *end > now);
        if let Some((keys, end)) = stored.filter(|(_, end)| *end > now.saturating_add(lead)) {
            return Ok(self.stored_keys(keys, *end));
        }
        match (self.exchange(effects, now).await, stored) {
            (Err(_), Some((keys, end))) => Ok(self.stored_keys(keys, *end)),
            (outcome, _) => outcome,
        }
    }

    fn stored_keys(&self, keys: &Arc<Credentials>, end: i64) -> Fetched {
        let provided =
            Provided { credentials: Arc::clone(keys), expiration: Some(end), provider: self.name().into() };
        Fetched { provided, lead: Fetched::LEAD, renew_after: None }
    }

    async fn exchange(&self, effects: &Effects, now: i64) -> Result<Fetched, Fault> {
        let host = match self.site.to_ascii_uppercase().as_str() {
            "" | "CN" => "oauth.aliyun.com",
            "INTL" => "oauth.alibabacloud.com",
            _ => return Err(Fault::Setting("oauth_site_type is neither CN nor INTL".to_owned())),
        };
        if self.access_token.expose().is_empty() || self.token_ends <= now {
            return Err(Fault::Expired(
                "the OAuth sign-in (renewing it would rewrite the file, which is left to the command line: run any `aliyun` \
                 command, or `aliyun configure`)",
            ));
        }
        let host = Endpoint::parse(host, false).map_err(|error| Fault::Setting(error.to_string()))?;
        let mut outgoing = bearer(&host, "/v1/exchange", &self.access_token)?;
        outgoing.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = outgoing.send(effects).await?;
        let what = "the answer of the OAuth exchange";
        let issued: Issued = json(what, accepted(&answer)?)?;
        let (credentials, end) = issued.into_credentials(what)?;
        Ok(Fetched::new(self.name(), credentials, Some(end)))
    }
}

impl Source for OAuth {
    fn name(&self) -> &str {
        "oauth"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async { self.get(effects).await.map_err(|fault| ProviderError::new(self.name(), fault)) })
    }
}
