//! Calls of the Security Token Service, API version 2015-04-01.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Response};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::answer::{Issued, accepted, json};
use super::effects::Effects;
use super::endpoint::{Endpoint, is_region};
use super::error::Fault;
use super::request::Outgoing;
use crate::credentials::Credentials;
use crate::pairs::{PairList, encode_form, encode_query};
use crate::{Algorithm, HeaderPolicy, ToSign, format_date, v3};

pub(super) const VERSION: &str = "2015-04-01";

/// Where STS is. By default it is `sts.aliyuncs.com`, or with a region `sts.<region>.aliyuncs.com`.
#[derive(Clone, Debug, Default)]
pub struct StsEndpoint {
    /// `host`, `host:port`, or either behind `https://`; it wins over the region. Behind `http://` only on this machine.
    pub endpoint: Option<String>,
    /// The region; else `ALIBABA_CLOUD_STS_REGION`.
    pub region: Option<String>,
    /// Whether to use the host within private networks, `sts-vpc.<region>.aliyuncs.com`; else
    /// `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`. It has no effect without a region.
    pub vpc: Option<bool>,
}

impl StsEndpoint {
    /// An address that is neither one of Alibaba Cloud nor found by region.
    #[must_use]
    pub fn at(endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), ..Self::default() }
    }

    pub(super) fn resolve(&self, effects: &Effects, without_region: &str) -> Result<Endpoint, Fault> {
        let wrong = |error: &dyn std::fmt::Display| Fault::Setting(format!("STS: {error}"));
        if let Some(endpoint) = self.endpoint.as_deref().filter(|endpoint| !endpoint.is_empty()) {
            return Endpoint::parse(endpoint, false).map_err(|error| wrong(&error));
        }
        let given = self.region.clone().filter(|region| !region.is_empty());
        let host = match given.or_else(|| effects.var("ALIBABA_CLOUD_STS_REGION")) {
            Some(region) if is_region(&region) => {
                let vpc = self.vpc.unwrap_or_else(|| effects.flag("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"));
                format!("{}.{region}.aliyuncs.com", if vpc { "sts-vpc" } else { "sts" })
            }
            Some(_) => return Err(wrong(&"the region is not a region id such as cn-hangzhou")),
            None => without_region.to_owned(),
        };
        Endpoint::parse(&host, false).map_err(|error| wrong(&error))
    }
}

/// What all ways to take on a role have in common.
#[derive(Clone, Debug, Default)]
pub struct RoleSettings {
    /// The role's ARN; else `ALIBABA_CLOUD_ROLE_ARN`.
    pub role_arn: Option<String>,
    /// The session's name, 2 to 64 letters, digits and `.@-_`; else `ALIBABA_CLOUD_ROLE_SESSION_NAME`, else one with the
    /// time in it.
    pub session_name: Option<String>,
    /// How long the keys are to live, in seconds: from 900 to what the role allows; 3,600 if it is not set.
    pub duration_seconds: Option<u32>,
    /// A policy that narrows the role's rights down, as JSON.
    pub policy: Option<String>,
    /// Where STS is.
    pub sts: StsEndpoint,
}

impl RoleSettings {
    /// Settings for a role, and else the defaults.
    #[must_use]
    pub fn of(role_arn: impl Into<String>) -> Self {
        Self { role_arn: Some(role_arn.into()), ..Self::default() }
    }

    pub(super) fn role_arn(&self, effects: &Effects) -> Result<String, Fault> {
        setting(&self.role_arn, "ALIBABA_CLOUD_ROLE_ARN", effects)
    }

    /// The parameters in the order of the official libraries.
    pub(super) fn parameters(&self, role_arn: String, effects: &Effects) -> Result<PairList<'static>, Fault> {
        let duration = self.duration_seconds.unwrap_or(3_600);
        if duration < 900 {
            return Err(Fault::Setting("the session's duration is shorter than 900 seconds".to_owned()));
        }
        let session = setting(&self.session_name, "ALIBABA_CLOUD_ROLE_SESSION_NAME", effects)
            .unwrap_or_else(|_| format!("keystead-{}", effects.clock.unix_seconds()));
        let mut parameters = vec![
            pair("DurationSeconds", duration.to_string()),
            pair("RoleArn", role_arn),
            pair("RoleSessionName", session),
        ];
        if let Some(policy) = self.policy.clone().filter(|policy| !policy.is_empty()) {
            parameters.push(pair("Policy", policy));
        }
        Ok(parameters)
    }
}

/// A setting that is given and not empty, or else a variable.
pub(super) fn setting(given: &Option<String>, variable: &str, effects: &Effects) -> Result<String, Fault> {
    let given = given.clone().filter(|value| !value.is_empty());
    given.or_else(|| effects.var(variable)).ok_or_else(|| Fault::NotSet(variable.to_owned()))
}

pub(super) fn pair(name: &'static str, value: String) -> (Cow<'static, str>, Cow<'static, str>) {
    (Cow::Borrowed(name), Cow::Owned(value))
}

/// Makes a call that is signed with V3, its parameters in the query, as the official STS clients make it.
pub(super) async fn signed(
    effects: &Effects,
    endpoint: &Endpoint,
    action: &'static str,
    parameters: PairList<'_>,
    credentials: Arc<Credentials>,
) -> Result<Response<Zeroizing<Vec<u8>>>, Fault> {
    let (date, nonce) = (date(effects)?, nonce(effects)?);
    let mut outgoing = Outgoing::new(Method::POST, &uri(endpoint, &parameters))?.accept_json();
    let headers = outgoing.headers_mut();
    headers.insert("x-acs-action", HeaderValue::from_static(action));
    headers.insert("x-acs-version", HeaderValue::from_static(VERSION));
    let request = ToSign {
        method: "POST",
        path: "/",
        query: &parameters,
        form: &[],
        body: &[],
        date: &date,
        nonce: &nonce,
    };
    v3::sign(&request, headers, &credentials, Algorithm::AcsHmacSha256, HeaderPolicy::Standard)
        .map_err(|error| Fault::Request(error.to_string()))?;
    if let Some(value) = headers.get_mut(AUTHORIZATION) {
        value.set_sensitive(true);
    }
    outgoing.send(effects).await
}

/// Makes a call in the shape of V1: what is common in the query, the parameters in a form body, so that no token stands in a
/// URL. It carries no signature but what `common` has.
pub(super) async fn in_v1_shape(
    effects: &Effects,
    endpoint: &Endpoint,
    common: PairList<'_>,
    form: PairList<'_>,
) -> Result<Response<Zeroizing<Vec<u8>>>, Fault> {
    let body = Zeroizing::new(encode_form(&form).into_bytes());
    Outgoing::new(Method::POST, &uri(endpoint, &common))?
        .accept_json()
        .body("application/x-www-form-urlencoded", body)
        .send(effects)
        .await
}

/// The temporary keys in the answer of an operation that gives a role's.
pub(super) fn role_keys(answer: &Response<Zeroizing<Vec<u8>>>) -> Result<(Credentials, i64), Fault> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "Credentials")]
        credentials: Option<Issued>,
    }
    let what = "the answer of STS";
    let answer: Answer = json(what, accepted(answer)?)?;
    let issued = answer.credentials.ok_or_else(|| Fault::Malformed(format!("{what} has no Credentials")))?;
    issued.into_credentials(what)
}

pub(super) fn date(effects: &Effects) -> Result<String, Fault> {
    format_date(effects.clock.unix_seconds())
        .ok_or_else(|| Fault::Request("the clock is out of range".to_owned()))
}

pub(super) fn nonce(effects: &Effects) -> Result<String, Fault> {
    effects.nonce().map_err(|error| Fault::Request(error.to_string()))
}

fn uri(endpoint: &Endpoint, query: &[(Cow<'_, str>, Cow<'_, str>)]) -> String {
    format!("{}://{}/?{}", endpoint.scheme(), endpoint.authority, encode_query(query))
}
