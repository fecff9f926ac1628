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

#[cfg(feature = "oss")]
mod oss;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use keystead_client::Error;
use keystead_client::providers::{self, CredentialsProvider, Fault, Provided, ProviderError, RamSecretValue};
use tokio::runtime::Handle;
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
/// `ExpireTimestamp` (`2027-01-15T08:00:00Z`) the credentials end then, and the secret is read anew at that time. With
/// `RefreshInterval` or `ScheduleRotateTimestamp` it is read anew beside the first request after that time.
#[derive(Clone)]
pub struct RamSecretCredentials(Arc<Inner>);

struct Inner {
    secrets: Arc<dyn CachedSecretSource>,
    name: String,
    /// What was read of the latest version, so that a request costs no parsing.
    read: Mutex<Option<Read>>,
    renewals: Mutex<Renewals>,
}

struct Renewals {
    left: u32,
    since: Instant,
}

/// A version as it was read.
struct Read {
    value: SecretValue,
    provided: Provided,
    /// What the value itself says of when it is to be read again.
    interval: Option<Duration>,
    scheduled: Option<SystemTime>,
    /// Readings in vain since the scheduled rotation, and until when there is no other one.
    polls: u32,
    not_before: Option<Instant>,
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
        lock(&self.0.read).as_ref().map(|read| read.value.clone())
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

    async fn provide(self: &Arc<Self>) -> Result<Provided, Fault> {
        let value = self.secrets.get(&self.name).await.map_err(|error| self.fault(&error))?;
        let (provided, is_due) = self.read(value)?;
        if !has_ended(&provided) {
            if is_due {
                self.read_beside();
            }
            return Ok(provided);
        }
        let value = self.secrets.refresh_now(&self.name).await.map_err(|error| self.fault(&error))?;
        let (provided, _) = self.read(value)?;
        if has_ended(&provided) { Err(Fault::Expired("the AccessKey in the secret")) } else { Ok(provided) }
    }

    /// The credentials in a value, and whether it says itself that it is to be read anew now.
    fn read(&self, value: SecretValue) -> Result<(Provided, bool), Fault> {
        let mut read = lock(&self.read);
        if let Some(known) = &mut *read
            && known.value.is_same_version(&value)
        {
            known.value = value;
            return Ok((known.provided.clone(), known.is_due()));
        }
        let text =
            value.text().map_err(|_| Fault::Malformed(format!("the secret {} is binary", self.name)))?;
        let said = RamSecretValue::read(&self.name, text).map_err(|fault| {
            let form = "no JSON object with AccessKeyId and AccessKeySecret that can be used";
            Fault::Malformed(format!("the secret {} is {form}: {fault}", self.name))
        })?;
        let credentials = Arc::new(said.credentials);
        let provided = Provided { credentials, expiration: said.expiration, provider: NAME.into() };
        // What the service plans goes before, and the source follows that.
        let scheduled = said.scheduled_rotation.filter(|_| value.next_rotation().is_none());
        let at = |seconds: i64| {
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
        };
        let new = read.insert(Read {
            value,
            provided,
            interval: said.refresh_interval,
            scheduled: scheduled.and_then(at),
            polls: 0,
            not_before: None,
        });
        Ok((new.provided.clone(), new.is_due()))
    }

    /// Reads the secret anew, and nobody waits for that: the AccessKey before works meanwhile.
    fn read_beside(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else { return };
        let inner = Arc::clone(self);
        runtime.spawn(async move { inner.secrets.refresh_now(&inner.name).await.map(drop) });
    }

    fn fault(&self, error: &SecretError) -> Fault {
        Fault::Below(format!("the secret {} cannot be read: {error}", self.name))
    }
}

impl Read {
    /// Whether the value is to be read anew now, by its own word; then not again for a while.
    fn is_due(&mut self) -> bool {
        let (now, fetched) = (SystemTime::now(), self.value.fetched_at());
        let after = |time: SystemTime, wait: Duration| time.checked_add(wait).is_some_and(|due| due <= now);
        let rotation = self.scheduled.and_then(|date| date.checked_add(Duration::from_secs(2)));
        let pause = Duration::from_secs(5 << self.polls.min(10));
        let (is_rotated, is_late) = match rotation.filter(|date| *date <= now) {
            Some(date) => (fetched < date, fetched >= date && after(fetched, pause)),
            None => (false, false),
        };
        let is_old = self.interval.is_some_and(|interval| after(fetched, interval));
        let may = self.not_before.is_none_or(|moment| moment <= Instant::now());
        let is_due = may && (is_rotated || is_late || is_old);
        if is_due {
            self.polls = self.polls.saturating_add(u32::from(is_late));
            self.not_before = Some(Instant::now() + pause);
        }
        is_due
    }
}

fn has_ended(provided: &Provided) -> bool {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    provided.expiration.is_some_and(|end| u64::try_from(end).is_ok_and(|end| end <= now))
}

/// As the official plugins have it; `Unauthorized` is what instances say.
fn is_unknown_access_key(error: &Error) -> bool {
    matches!(error.code(), Some("InvalidAccessKeyId" | "InvalidAccessKeyId.NotFound" | "Unauthorized"))
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
