//! The RAM role of an ECS instance, from the instance's metadata service.

use std::time::Duration;

use http::{Method, Response};
use zeroize::Zeroizing;

use super::answer::{Issued, accepted};
use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::request::Outgoing;
use super::source::{Fetched, Source};

const HOST: &str = "http://100.100.100.200";
const TOKEN: &str = "/latest/api/token";
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

/// Temporary keys of the instance's RAM role.
///
/// A token is fetched first (the hardened mode, "v2"). Without one, the metadata is read as in "v1", unless that is turned
/// off.
#[derive(Clone, Debug, Default)]
pub struct EcsRamRole {
    /// The role's name; else `ALIBABA_CLOUD_ECS_METADATA`, else the one that the metadata names.
    pub role_name: Option<String>,
    /// Whether the token is required; else `ALIBABA_CLOUD_IMDSV1_DISABLED`.
    pub require_token: Option<bool>,
}

impl EcsRamRole {
    async fn read(&self, effects: &Effects) -> Result<Fetched, Fault> {
        if effects.flag("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
            return Err(Fault::Disabled("ALIBABA_CLOUD_ECS_METADATA_DISABLED"));
        }
        let require_token =
            self.require_token.unwrap_or_else(|| effects.flag("ALIBABA_CLOUD_IMDSV1_DISABLED"));
        let token = match token(effects).await {
            Ok(token) => Some(token),
            Err(fault) if require_token => return Err(fault),
            Err(_) => None,
        };
        let metadata = Metadata { effects, token, may_do_without: !require_token };
        let given = self.role_name.clone().filter(|name| !name.is_empty());
        let role = match given.or_else(|| effects.var("ALIBABA_CLOUD_ECS_METADATA")) {
            Some(role) => role,
            None => {
                let body = metadata.get(ROLES).await?;
                String::from_utf8_lossy(&body).trim().to_owned()
            }
        };
        // It becomes a part of a path.
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'@');
        if role.is_empty() || !role.bytes().all(fits) || role.starts_with('.') {
            return Err(Fault::Malformed("the name of the instance's role is no role name".to_owned()));
        }
        let what = "the answer of the metadata service";
        let body = metadata.get(&format!("{ROLES}{role}")).await?;
        let (credentials, end) = Issued::of_success(what, &body)?;
        let mut fetched = Fetched::new(self.name(), credentials, Some(end));
        // The service puts new keys there long before the old ones end.
        fetched.renew_after = Some(Duration::from_secs(3_600));
        Ok(fetched)
    }
}

struct Metadata<'a> {
    effects: &'a Effects,
    token: Option<Zeroizing<String>>,
    may_do_without: bool,
}

impl Metadata<'_> {
    /// With the token; if that fails, once more without it where that is allowed.
    async fn get(&self, path: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let Some(token) = &self.token else { return self.get_with(path, None).await };
        match self.get_with(path, Some(token)).await {
            Err(_) if self.may_do_without => self.get_with(path, None).await,
            outcome => outcome,
        }
    }

    async fn get_with(&self, path: &str, token: Option<&str>) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut outgoing = request(Method::GET, path)?;
        if let Some(token) = token {
            outgoing = outgoing.secret_header("x-aliyun-ecs-metadata-token", token)?;
        }
        let answer: Response<_> = outgoing.send(self.effects).await?;
        accepted(&answer)?;
        Ok(answer.into_body())
    }
}

async fn token(effects: &Effects) -> Result<Zeroizing<String>, Fault> {
    let life = "21600";
    let asking =
        request(Method::PUT, TOKEN)?.secret_header("x-aliyun-ecs-metadata-token-ttl-seconds", life)?;
    let answer = asking.send(effects).await?;
    let token = Zeroizing::new(String::from_utf8_lossy(accepted(&answer)?).trim().to_owned());
    let usable = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if usable { Ok(token) } else { Err(Fault::Malformed("the metadata service gave no token".to_owned())) }
}

/// The official libraries' limits: 1 s for connecting and 1 s for the answer.
fn request(method: Method, path: &str) -> Result<Outgoing, Fault> {
    let second = Duration::from_secs(1);
    Ok(Outgoing::new(method, &format!("{HOST}{path}"))?.limits(second, 2 * second))
}

impl Source for EcsRamRole {
    fn name(&self) -> &str {
        "ecs_ram_role"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async { self.read(effects).await.map_err(|fault| ProviderError::new(self.name(), fault)) })
    }
}
