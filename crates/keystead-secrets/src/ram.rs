//! The RAM secret plugin: the AccessKey in a secret of type `RAMCredentials`, as credentials for a client.
//!
//! The service rotates such a secret: it makes a new AccessKey, and the one before stays good for a while. Programs that take
//! their credentials from here follow, without a restart and without a key in their configuration.
//!
//! ```no_run
//! use std::sync::Arc;
//! use keystead_client::{Client, operations::ListKeysRequest};
//! use keystead_secrets::SecretClient;
//! use keystead_secrets::ram::RamSecretCredentials;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Who may read the secret: here the machine's own role or what else the default chain finds.
//! let reader = Client::builder().region("cn-hangzhou").default_credentials().build()?;
//! let secrets = SecretClient::builder().endpoint("cn-hangzhou", reader).build()?;
//!
//! let credentials = RamSecretCredentials::new(Arc::new(secrets), "acs/ram/user/app");
//! let client = Client::builder()
//!     .region("cn-hangzhou")
//!     .credentials_provider(Arc::new(credentials.clone()))
//!     .build()?;
//! // Should the AccessKey have gone before the plan was followed, the call is made once more, with the new one.
//! let keys = credentials.renewing(|| client.list_keys(ListKeysRequest::new())).await?;
//! # drop(keys); Ok(())
//! # }
//! ```

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use keystead_client::providers::{self, CredentialsProvider, Fault, Provided, ProviderError};
use keystead_client::{Credentials, Error, SecretText};
use serde::Deserialize;
use tokio::time::Instant;

use crate::error::SecretError;
use crate::source::{CachedSecretSource, Updates};
use crate::value::SecretValue;

/// The name of this source in errors and in the header `x-acs-credentials-provider`.
const NAME: &str = "ram_secret";
/// Renewals out of turn at once, and after how long another one is allowed: as the official plugin has it, so that an AccessKey
/// that is wrong for good does not make a flood of requests.
const RENEWALS: u32 = 5;
const RENEWAL_EVERY: Duration = Duration::from_secs(600);

/// Gives the AccessKey in a secret. Clones share what they know.
///
/// The value is a JSON object with `AccessKeyId` and `AccessKeySecret`; a Generic secret of that form will do. With
/// `ExpireTimestamp` (`2027-01-15T08:00:00Z`) the credentials end then, and the secret is read anew at that time.
#[derive(Clone)]
pub struct RamSecretCredentials(Arc<Inner>);

struct Inner {
    secrets: Arc<dyn CachedSecretSource>,
    name: String,
    /// What was read of the latest version, so that a request costs no parsing.
    read: Mutex<Option<(SecretValue, Provided)>>,
    renewals: Mutex<Renewals>,
}

struct Renewals {
    left: u32,
    since: Instant,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Form {
    access_key_id: String,
    access_key_secret: SecretText,
    expire_timestamp: Option<String>,
}

impl RamSecretCredentials {
    /// The AccessKey in the secret with this name.
    pub fn new(secrets: Arc<dyn CachedSecretSource>, name: impl Into<String>) -> Self {
        let renewals = Mutex::new(Renewals { left: RENEWALS, since: Instant::now() });
        Self(Arc::new(Inner { secrets, name: name.into(), read: Mutex::default(), renewals }))
    }

    /// Each version of the secret from now on, for programs that hand the AccessKey on to something else; beginning with the
    /// one that is known.
    #[must_use]
    pub fn watch(&self) -> Updates {
        self.0.secrets.watch(&self.0.name)
    }

    /// Makes a call. When the service refuses the AccessKey as unknown, reads the secret anew and, if that brought another
    /// one, makes the call once more. Five such readings are made at once, another one every 10 minutes.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn renewing<T, F>(&self, call: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let before = self.known();
        match call().await {
            Err(error) if is_unknown_access_key(&error) && self.renew(before).await => call().await,
            outcome => outcome,
        }
    }

    /// Reads the secret anew; whether there is another AccessKey now than the one before.
    async fn renew(&self, before: Option<SecretValue>) -> bool {
        // Another call may have found it out already.
        let is_other = |now: &SecretValue| before.as_ref().is_none_or(|before| !before.is_same_version(now));
        if before.is_some() && self.known().as_ref().is_some_and(is_other) {
            return true;
        }
        if !self.0.may_renew(Instant::now()) {
            return false;
        }
        self.0.secrets.refresh_now(&self.0.name).await.is_ok_and(|now| is_other(&now))
    }

    fn known(&self) -> Option<SecretValue> {
        lock(&self.0.read).as_ref().map(|(value, _)| value.clone())
    }
}

impl Inner {
    fn may_renew(&self, now: Instant) -> bool {
        let mut renewals = lock(&self.renewals);
        let back = now.duration_since(renewals.since).as_secs() / RENEWAL_EVERY.as_secs();
        if back > 0 {
            renewals.left =
                renewals.left.saturating_add(u32::try_from(back).unwrap_or(RENEWALS)).min(RENEWALS);
            renewals.since = now;
        }
        let may = renewals.left > 0;
        renewals.left -= u32::from(may);
        may
    }

    async fn provide(&self) -> Result<Provided, Fault> {
        let provided = self.read(self.secrets.get(&self.name).await.map_err(|error| self.fault(&error))?)?;
        if !has_ended(&provided) {
            return Ok(provided);
        }
        let provided =
            self.read(self.secrets.refresh_now(&self.name).await.map_err(|error| self.fault(&error))?)?;
        if has_ended(&provided) { Err(Fault::Expired("the AccessKey in the secret")) } else { Ok(provided) }
    }

    fn read(&self, value: SecretValue) -> Result<Provided, Fault> {
        let mut read = lock(&self.read);
        if let Some((known, provided)) = &*read
            && known.is_same_version(&value)
        {
            return Ok(provided.clone());
        }
        let provided =
            provided(&value).map_err(|text| Fault::Malformed(format!("the secret {} {text}", self.name)))?;
        *read = Some((value, provided.clone()));
        Ok(provided)
    }

    fn fault(&self, error: &SecretError) -> Fault {
        Fault::Below(format!("the secret {} cannot be read: {error}", self.name))
    }
}

/// The credentials in a value; or what is wrong with it, without a word of it.
fn provided(value: &SecretValue) -> Result<Provided, &'static str> {
    let form: Form = value.json().map_err(|_| "is no JSON object with AccessKeyId and AccessKeySecret")?;
    let visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible(&form.access_key_id) || form.access_key_secret.is_empty() {
        return Err("has an AccessKeyId or AccessKeySecret that cannot be used");
    }
    let end = form.expire_timestamp.filter(|text| !text.is_empty());
    let end = end.map(|text| text.parse().map(jiff::Timestamp::as_second)).transpose();
    let expiration = end.map_err(|_| "has an ExpireTimestamp that is no time")?;
    let credentials = Credentials::access_key(form.access_key_id, form.access_key_secret.expose());
    Ok(Provided { credentials: Arc::new(credentials), expiration, provider: NAME.into() })
}

fn has_ended(provided: &Provided) -> bool {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    provided.expiration.is_some_and(|end| u64::try_from(end).is_ok_and(|end| end <= now))
}

/// As the official plugin has it.
fn is_unknown_access_key(error: &Error) -> bool {
    matches!(error.code(), Some("InvalidAccessKeyId" | "InvalidAccessKeyId.NotFound"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CredentialsProvider for RamSecretCredentials {
    fn name(&self) -> &str {
        NAME
    }

    fn provide(&self) -> providers::BoxFuture<'_, Result<Provided, ProviderError>> {
        Box::pin(async { self.0.provide().await.map_err(|fault| ProviderError::new(NAME, fault)) })
    }
}

impl fmt::Debug for RamSecretCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RamSecretCredentials").field("secret", &self.0.name).finish_non_exhaustive()
    }
}
