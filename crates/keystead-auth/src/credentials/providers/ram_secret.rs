//! The AccessKey in a secret of type `RAMCredentials`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::answer::{Hidden, Token, expiration, json, keys};
use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::source::{Fetched, REREAD, Source};
use crate::credentials::Credentials;

/// Where secrets are read, for instance a client with a cache.
pub trait SecretSource: Send + Sync {
    /// The current value of the secret with this name.
    ///
    /// # Errors
    /// The secret cannot be read.
    fn secret<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Zeroizing<String>, SecretSourceError>>;
}

/// A secret that cannot be read. The text says why and is shown: it must hold nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SecretSourceError(pub String);

/// The AccessKey that a secret of type `RAMCredentials` holds. The service rotates it, so it is read again from time to time;
/// the key before stays valid for a while.
#[derive(Clone)]
pub struct RamSecret {
    secrets: Arc<dyn SecretSource>,
    name: String,
    reread: Duration,
}

/// What the value of a secret of type `RAMCredentials` says; a Generic secret of the same form will do.
#[derive(Debug)]
#[non_exhaustive]
pub struct RamSecretValue {
    /// The AccessKey: `AccessKeyId` and `AccessKeySecret`.
    pub credentials: Credentials,
    /// When it ends, in seconds since 1970: `ExpireTimestamp`, `YYYY-MM-DDTHH:MM:SSZ`.
    pub expiration: Option<i64>,
    /// How often it is to be read again: `RefreshInterval` or `refreshInterval`, seconds as a number or as text, such as
    /// `600s`, for the official plugins differ in that. What is none of these or not above zero is left out.
    pub refresh_interval: Option<Duration>,
    /// When it is going to be rotated, in seconds since 1970: `ScheduleRotateTimestamp` or `scheduleRotateTimestamp`, a
    /// number or its text.
    pub scheduled_rotation: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Value {
    access_key_id: Option<String>,
    access_key_secret: Option<Hidden>,
    expire_timestamp: Option<String>,
    // Both spellings may be there, for the plugins of different languages.
    #[serde(default)]
    refresh_interval: Loose,
    #[serde(default, rename = "refreshInterval")]
    refresh_interval_too: Loose,
    #[serde(default)]
    schedule_rotate_timestamp: Loose,
    #[serde(default, rename = "scheduleRotateTimestamp")]
    schedule_rotate_timestamp_too: Loose,
}

/// A number of seconds, as one or as text; nothing for everything else.
#[derive(Default)]
struct Loose(Option<i64>);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(i64),
            Text(String),
            Other(IgnoredAny),
        }
        Ok(Self(match Form::deserialize(deserializer)? {
            Form::Number(number) => Some(number),
            Form::Text(text) => text.strip_suffix('s').unwrap_or(&text).parse().ok(),
            Form::Other(_) => None,
        }))
    }
}

impl RamSecretValue {
    /// Reads the value of the secret with this name.
    ///
    /// # Errors
    /// [`Fault::Malformed`]: no JSON object with an AccessKey that can be sent, or an `ExpireTimestamp` of another form.
    /// The text names the secret, and quotes nothing of it.
    pub fn read(name: &str, value: &str) -> Result<Self, Fault> {
        let what = format!("the secret {name}");
        let value: Value = json(&what, value.as_bytes())?;
        let credentials = keys(&what, value.access_key_id, value.access_key_secret, Token::Optional(None))?;
        let end = value.expire_timestamp.filter(|text| !text.is_empty());
        let seconds = |one: Loose, other: Loose| one.0.or(other.0).filter(|seconds| *seconds > 0);
        let interval = seconds(value.refresh_interval, value.refresh_interval_too);
        let interval = interval.and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Self {
            credentials,
            expiration: end.map(|text| expiration(&what, Some(&text))).transpose()?,
            refresh_interval: interval.map(Duration::from_secs),
            scheduled_rotation: seconds(value.schedule_rotate_timestamp, value.schedule_rotate_timestamp_too),
        })
    }
}

impl RamSecret {
    /// The secret with this name, read again every five minutes.
    pub fn new(secrets: Arc<dyn SecretSource>, name: impl Into<String>) -> Self {
        Self { secrets, name: name.into(), reread: REREAD }
    }

    /// How often the secret is read again.
    #[must_use]
    pub fn reread_every(mut self, period: Duration) -> Self {
        self.reread = period;
        self
    }

    async fn read(&self) -> Result<Fetched, Fault> {
        let value = self
            .secrets
            .secret(&self.name)
            .await
            .map_err(|error| Fault::Below(format!("the secret {} cannot be read: {error}", self.name)))?;
        let value = RamSecretValue::read(&self.name, &value)?;
        let mut fetched = Fetched::new(self.name(), value.credentials, value.expiration);
        fetched.renew_after = Some(self.reread);
        Ok(fetched)
    }
}

impl Source for RamSecret {
    fn name(&self) -> &str {
        "ram_secret"
    }

    fn fetch<'a>(&'a self, _: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async { self.read().await.map_err(|fault| ProviderError::new(self.name(), fault)) })
    }
}

impl fmt::Debug for RamSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RamSecret")
            .field("name", &self.name)
            .field("reread", &self.reread)
            .finish_non_exhaustive()
    }
}
