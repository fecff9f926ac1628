//! Roles taken on at STS: with other credentials, or with a token of an OpenID Connect provider.

use zeroize::Zeroizing;

use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::source::{Fetched, Source};
use super::sts::{self, RoleSettings, VERSION, pair, role_keys, setting};

const STS: &str = "sts.aliyuncs.com";

/// Takes on a RAM role with the credentials of another source (AssumeRole). The source may be a role itself.
pub struct RamRoleArn {
    base: Box<dyn Source>,
    settings: RoleSettings,
    external_id: Option<String>,
}

impl RamRoleArn {
    /// `base` gives what signs the call.
    #[must_use]
    pub fn new(base: impl Source + 'static, settings: RoleSettings) -> Self {
        Self { base: Box::new(base), settings, external_id: None }
    }

    /// The external id that the role's trust policy asks for.
    #[must_use]
    pub fn external_id(mut self, external_id: Option<String>) -> Self {
        self.external_id = external_id.filter(|id| !id.is_empty());
        self
    }

    async fn assume(&self, effects: &Effects) -> Result<Fetched, ProviderError> {
        let wrong = |fault| ProviderError::new(self.name(), fault);
        let role_arn = self.settings.role_arn(effects).map_err(wrong)?;
        let mut parameters = self.settings.parameters(role_arn, effects).map_err(wrong)?;
        if let Some(id) = &self.external_id {
            parameters.push(pair("ExternalId", id.clone()));
        }
        let endpoint = self.settings.sts.resolve(effects, STS).map_err(wrong)?;
        let base = self.base.fetch(effects).await.map_err(|cause| {
            wrong(Fault::Below("there is nothing to take on the role with".to_owned())).because([cause])
        })?;
        let answer =
            sts::signed(effects, &endpoint, "AssumeRole", parameters, base.provided.credentials).await;
        let (credentials, end) = answer.and_then(|answer| role_keys(&answer)).map_err(wrong)?;
        Ok(Fetched::new(self.name(), credentials, Some(end)))
    }
}

impl Source for RamRoleArn {
    fn name(&self) -> &str {
        "ram_role_arn"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(self.assume(effects))
    }
}

/// Takes on a RAM role with a token from a file, which Kubernetes keeps fresh there (AssumeRoleWithOIDC, RRSA).
#[derive(Clone, Debug, Default)]
pub struct OidcRoleArn {
    /// The role and the session.
    pub settings: RoleSettings,
    /// The ARN of the OpenID Connect provider; else `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`.
    pub provider_arn: Option<String>,
    /// The token's file, read anew for every call; else `ALIBABA_CLOUD_OIDC_TOKEN_FILE`.
    pub token_file: Option<String>,
}

impl OidcRoleArn {
    async fn assume(&self, effects: &Effects) -> Result<Fetched, Fault> {
        let role_arn = self.settings.role_arn(effects)?;
        let provider_arn = setting(&self.provider_arn, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", effects)?;
        let path = setting(&self.token_file, "ALIBABA_CLOUD_OIDC_TOKEN_FILE", effects)?;
        let mut form = self.settings.parameters(role_arn, effects)?;
        let endpoint = self.settings.sts.resolve(effects, STS)?;
        let token = read_text(effects, &path).await?;
        // Kubernetes writes none, but people's editors leave a line end.
        let token = token.trim();
        if token.is_empty() {
            return Err(Fault::Malformed(format!("the token file {path} is empty")));
        }
        form.push(pair("OIDCProviderArn", provider_arn));
        form.push(("OIDCToken".into(), token.into()));
        let common = vec![
            pair("Action", "AssumeRoleWithOIDC".to_owned()),
            pair("Format", "JSON".to_owned()),
            pair("Version", VERSION.to_owned()),
            pair("Timestamp", sts::date(effects)?),
        ];
        let answer = sts::in_v1_shape(effects, &endpoint, common, form).await?;
        let (credentials, end) = role_keys(&answer)?;
        Ok(Fetched::new(self.name(), credentials, Some(end)))
    }
}

impl Source for OidcRoleArn {
    fn name(&self) -> &str {
        "oidc_role_arn"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async { self.assume(effects).await.map_err(|fault| ProviderError::new(self.name(), fault)) })
    }
}

/// A file's text.
pub(super) async fn read_text(effects: &Effects, path: &str) -> Result<Zeroizing<String>, Fault> {
    let unreadable = |error: std::io::Error| Fault::File { path: path.to_owned(), kind: error.kind() };
    let bytes = effects.files.read(path).await.map_err(unreadable)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(Fault::Malformed(format!("the file {path} is not UTF-8"))),
    }
}
