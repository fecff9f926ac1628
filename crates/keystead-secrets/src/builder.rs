//! The settings of a client.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use keystead_client::Client;
#[cfg(feature = "client-key")]
use keystead_client::instance::{InstanceClient, TransferClient};

use crate::age::{Ages, at_most, bounded};
use crate::cache_file::{CacheFile, Saver};
use crate::client::{Inner, SecretClient};
use crate::counters::Counters;
use crate::entries::{Entries, Limits};
use crate::entry::{Hook, Supply};
use crate::error::{SecretError, SecretErrorKind};
use crate::fetch::{Endpoint, Reader};
use crate::id::{CURRENT, SecretId};
use crate::order::Endpoints;
use crate::value::SecretValue;

/// Collects the settings of a [`SecretClient`].
#[must_use]
pub struct SecretClientBuilder {
    endpoints: Vec<Arc<Endpoint>>,
    nearest_first: bool,
    ages: Ages,
    stale: Duration,
    limits: Limits,
    stage: String,
    hook: Option<Hook>,
    file: Option<CacheFile>,
}

impl SecretClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            endpoints: Vec::new(),
            nearest_first: false,
            ages: Ages { usual: Duration::from_secs(3600), own: HashMap::new(), property: "ttl".into() },
            stale: Duration::from_secs(86_400),
            limits: Limits { entries: 10_000, bytes: 64 << 20 },
            stage: CURRENT.into(),
            hook: None,
            file: None,
        }
    }

    /// Adds a region or an instance. They are asked in this order; the name stands in errors. The client's own repeats and
    /// its call timeout decide how soon the next one is asked.
    pub fn endpoint(mut self, name: impl Into<String>, client: Client) -> Self {
        self.endpoints.push(Arc::new(Endpoint::new(name.into(), Reader::OpenApi(client))));
        self
    }

    /// The same with an instance's own API, which client keys sign.
    #[cfg(feature = "client-key")]
    pub fn instance(mut self, name: impl Into<String>, client: InstanceClient) -> Self {
        let client = Reader::Instance(Box::new(TransferClient::new(client)));
        self.endpoints.push(Arc::new(Endpoint::new(name.into(), client)));
        self
    }

    /// Asks the endpoint first that answers soonest, as the official clients choose, instead of the one that was added first.
    /// That is measured once, before the first fetch: all endpoints are asked for its secret, and those that have not answered 2
    /// seconds after the first one come last, in the order in which they were added.
    pub fn nearest_first(mut self) -> Self {
        self.nearest_first = true;
        self
    }

    /// How old a value may be; 1 hour by default. At least 1 second, and at most 10 years, as all times here.
    pub fn age(mut self, age: Duration) -> Self {
        self.ages.usual = bounded(age);
        self
    }

    /// The same for one secret, at all its stages.
    pub fn age_of(mut self, name: impl Into<String>, age: Duration) -> Self {
        self.ages.own.insert(name.into(), bounded(age));
        self
    }

    /// The member of a secret's value in which the value itself says how old it may be; `ttl` by default, as in the official
    /// clients. When the value is a JSON object with a positive number there, so many milliseconds go before
    /// [`age`](Self::age) and [`age_of`](Self::age_of). An empty name turns it off.
    pub fn age_property(mut self, name: impl Into<String>) -> Self {
        self.ages.property = name.into().into_boxed_str();
        self
    }

    /// Is called after each refresh, with what callers get from then on: a value, an old one that stands in
    /// ([`SecretValue::freshness`] says why), or an error; also when nobody was asked, because the service could not be asked
    /// a moment ago. It is called where the refresh was made, so it must not take long.
    pub fn on_refresh(
        mut self,
        hook: impl Fn(&SecretId, &Result<SecretValue, SecretError>) + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// How long beyond its age a value stands in when the service cannot be asked; 1 day by default.
    pub fn stale_for(mut self, time: Duration) -> Self {
        self.stale = at_most(time);
        self
    }

    /// How many secrets are kept; 10,000 by default. One more replaces another: one that was not asked for lately, and one
    /// that is watched last.
    pub fn max_entries(mut self, count: usize) -> Self {
        self.limits.entries = count.max(1);
        self
    }

    /// How many bytes of values are kept; 67,108,864 (64 MiB) by default. Counted are texts, binary values both in Base64
    /// and decoded, and extended configurations; not names and what else is known of a secret. One that is too much
    /// replaces others, as with [`max_entries`](Self::max_entries). A value that alone is larger is handed out and not kept.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// The stage label that a name stands for; `ACSCurrent` by default.
    pub fn stage(mut self, stage: impl Into<String>) -> Self {
        self.stage = stage.into();
        self
    }

    /// Keeps the secrets across restarts in a sealed file, for a start while the service is away. It is read by
    /// [`build`](Self::build). A value out of it stands in, as an old one does, until the service was asked: for
    /// [`stale_for`](Self::stale_for) beyond its age, counted from when the service gave it. Nothing is kept by default.
    pub fn cache_file(mut self, file: CacheFile) -> Self {
        self.file = Some(file);
        self
    }

    /// Makes the client, and reads its cache file if it has one. No request is made yet.
    ///
    /// # Errors
    /// [`SecretErrorKind::Settings`] without an endpoint.
    pub fn build(self) -> Result<SecretClient, SecretError> {
        if self.endpoints.is_empty() {
            return Err(SecretError::new(SecretErrorKind::Settings, "", "no endpoint is set"));
        }
        let Self { endpoints, nearest_first, ages, stale, limits, stage, hook, file } = self;
        let endpoints = Endpoints::new(endpoints, nearest_first);
        let supply = Supply { endpoints, ages, stale, hook, counters: Counters::new() };
        // In Base64, and with what else is in a line.
        let most = (limits.bytes as u64)
            .saturating_mul(2)
            .saturating_add((limits.entries as u64).saturating_mul(16 << 10));
        let kept = file.as_ref().map(|file| file.load(most));
        let inner = Inner { supply, stage, entries: Entries::new(limits), saver: file.map(Saver::new) };
        inner.load(kept.unwrap_or_default());
        Ok(SecretClient::new(inner))
    }
}
