//! A secret's value, with what is known of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_client::SecretText;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::error::{SecretError, SecretErrorKind};

/// A version of a secret. Clones are cheap and share the memory, which is wiped when the last of them is dropped.
#[derive(Clone)]
pub struct SecretValue(Arc<Parts>);

struct Parts {
    content: Arc<Content>,
    fetched_at: SystemTime,
    freshness: Freshness,
}

/// What the service said, and nothing of this client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) name: String,
    pub(crate) version_id: String,
    pub(crate) stages: Vec<String>,
    pub(crate) data: Data,
    pub(crate) secret_type: String,
    pub(crate) automatic_rotation: Option<String>,
    pub(crate) extended_config: Option<SecretText>,
    pub(crate) create_time: Option<i64>,
    pub(crate) last_rotation: Option<i64>,
    pub(crate) next_rotation: Option<i64>,
    pub(crate) rotation_interval: Option<Duration>,
}

/// The value itself.
#[derive(Clone)]
pub(crate) enum Data {
    Text(SecretText),
    /// As it is on the wire, and decoded if that is Base64.
    Binary(SecretText, Option<Zeroizing<Vec<u8>>>),
}

impl Default for Data {
    fn default() -> Self {
        Self::Text(SecretText::default())
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, wire) = match self {
            Self::Text(wire) => ("Text", wire),
            Self::Binary(wire, _) => ("Binary", wire),
        };
        write!(f, "{kind}({} bytes, redacted)", wire.len())
    }
}

impl Data {
    /// As the service says it.
    pub(crate) fn of_wire(is_binary: bool, wire: SecretText) -> Self {
        if !is_binary {
            return Self::Text(wire);
        }
        let bytes = STANDARD.decode(wire.expose()).ok().map(Zeroizing::new);
        Self::Binary(wire, bytes)
    }

    pub(crate) fn wire(&self) -> &SecretText {
        match self {
            Self::Text(wire) | Self::Binary(wire, _) => wire,
        }
    }

    pub(crate) fn is_binary(&self) -> bool {
        matches!(self, Self::Binary(..))
    }
}

/// Whether a value is as young as it should be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Freshness {
    /// It is no older than the age that is set for it.
    Fresh,
    /// It is older, and is given because the service could not be asked.
    Stale {
        /// When its age ended.
        since: SystemTime,
        /// Why the last refresh failed.
        why: SecretError,
    },
}

impl SecretValue {
    /// Starts a value of one's own, for tests and for other sources.
    pub fn builder(name: impl Into<String>) -> SecretValueBuilder {
        SecretValueBuilder::new(name.into())
    }

    pub(crate) fn new(content: Content, fetched_at: SystemTime) -> Self {
        Self(Arc::new(Parts { content: Arc::new(content), fetched_at, freshness: Freshness::Fresh }))
    }

    /// The same value, as one that is too old.
    #[must_use]
    pub fn stale(&self, since: SystemTime, why: SecretError) -> Self {
        let (content, fetched_at) = (Arc::clone(&self.0.content), self.0.fetched_at);
        Self(Arc::new(Parts { content, fetched_at, freshness: Freshness::Stale { since, why } }))
    }

    pub(crate) fn content(&self) -> &Content {
        &self.0.content
    }

    /// The secret's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.content.name
    }

    /// The version's id.
    #[must_use]
    pub fn version_id(&self) -> &str {
        &self.0.content.version_id
    }

    /// The version's stage labels, such as `ACSCurrent`.
    #[must_use]
    pub fn stages(&self) -> &[String] {
        &self.0.content.stages
    }

    /// The text.
    ///
    /// # Errors
    /// [`SecretErrorKind::Form`] for a binary secret.
    pub fn text(&self) -> Result<&str, SecretError> {
        match &self.0.content.data {
            Data::Text(text) => Ok(text.expose()),
            Data::Binary(..) => Err(self.wrong_form("it is binary, not text")),
        }
    }

    /// The bytes of a binary secret, decoded from Base64. (The official clients give the Base64 text's bytes.)
    ///
    /// # Errors
    /// [`SecretErrorKind::Form`] for a text secret, and for binary data that is no Base64.
    pub fn bytes(&self) -> Result<&[u8], SecretError> {
        match &self.0.content.data {
            Data::Binary(_, Some(bytes)) => Ok(bytes),
            Data::Binary(_, None) => Err(self.wrong_form("its binary data is not Base64")),
            Data::Text(_) => Err(self.wrong_form("it is text, not binary")),
        }
    }

    /// The value as it is on the wire: text as it is, binary data as Base64.
    #[must_use]
    pub fn wire_text(&self) -> &str {
        self.0.content.data.wire().expose()
    }

    /// Whether the value is binary.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.0.content.data.is_binary()
    }

    /// The text, read as JSON.
    ///
    /// # Errors
    /// [`SecretErrorKind::Form`] for a binary secret, and for text that is not such JSON. What is wrong with it is not
    /// told, for that could quote the secret; only where.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, SecretError> {
        serde_json::from_str(self.text()?).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            self.wrong_form(&format!("it is not the JSON that is asked for (line {line}, column {column})"))
        })
    }

    /// `Generic`, `Rds`, `RAMCredentials` and so on, as the service writes it.
    #[must_use]
    pub fn secret_type(&self) -> &str {
        &self.0.content.secret_type
    }

    /// The settings of a secret that rotates, as JSON text.
    #[must_use]
    pub fn extended_config(&self) -> Option<&str> {
        self.0.content.extended_config.as_ref().map(SecretText::expose)
    }

    /// `Enabled`, `Disabled` or `Invalid`; absent for secrets that cannot rotate.
    #[must_use]
    pub fn automatic_rotation(&self) -> Option<&str> {
        self.0.content.automatic_rotation.as_deref()
    }

    /// How long a rotation period is.
    #[must_use]
    pub fn rotation_interval(&self) -> Option<Duration> {
        self.0.content.rotation_interval
    }

    /// When it was rotated last.
    #[must_use]
    pub fn last_rotation(&self) -> Option<SystemTime> {
        self.0.content.last_rotation.and_then(at)
    }

    /// When it is going to be rotated, as the service planned it when the value was fetched.
    #[must_use]
    pub fn next_rotation(&self) -> Option<SystemTime> {
        self.0.content.next_rotation.and_then(at)
    }

    /// When the version was made.
    #[must_use]
    pub fn created(&self) -> Option<SystemTime> {
        self.0.content.create_time.and_then(at)
    }

    /// When the service gave this value.
    #[must_use]
    pub fn fetched_at(&self) -> SystemTime {
        self.0.fetched_at
    }

    /// Whether it was too old when it was handed out, and why.
    #[must_use]
    pub fn freshness(&self) -> &Freshness {
        &self.0.freshness
    }

    /// Whether it was too old when it was handed out.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self.0.freshness, Freshness::Stale { .. })
    }

    /// The bytes that it holds, as [`max_bytes`](crate::SecretClientBuilder::max_bytes) counts them.
    pub(crate) fn bytes_held(&self) -> usize {
        let Content { data, extended_config, .. } = self.content();
        let decoded = match data {
            Data::Binary(_, Some(bytes)) => bytes.len(),
            Data::Binary(_, None) | Data::Text(_) => 0,
        };
        data.wire().len() + decoded + extended_config.as_ref().map_or(0, SecretText::len)
    }

    /// Whether both are the same version with the same data.
    #[must_use]
    pub fn is_same_version(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.content(), other.content());
        ours.version_id == theirs.version_id && ours.data.wire() == theirs.data.wire()
    }

    fn wrong_form(&self, text: &str) -> SecretError {
        SecretError::new(SecretErrorKind::Form, self.name(), text)
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretValue")
            .field("name", &self.name())
            .field("version_id", &self.version_id())
            .field("stages", &self.stages())
            .field("data", &self.0.content.data)
            .field("secret_type", &self.secret_type())
            .field("freshness", &self.0.freshness)
            .finish_non_exhaustive()
    }
}

fn at(unix_seconds: i64) -> Option<SystemTime> {
    let seconds = u64::try_from(unix_seconds).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Makes a [`SecretValue`] without a service.
#[derive(Debug)]
#[must_use]
pub struct SecretValueBuilder(Content, SystemTime);

impl SecretValueBuilder {
    fn new(name: String) -> Self {
        let content = Content {
            name,
            version_id: "v1".into(),
            stages: vec![crate::CURRENT.into()],
            secret_type: "Generic".into(),
            ..Content::default()
        };
        Self(content, SystemTime::now())
    }

    /// The version's id; `v1` by default.
    pub fn version_id(mut self, id: impl Into<String>) -> Self {
        self.0.version_id = id.into();
        self
    }

    /// The stage labels; `ACSCurrent` by default.
    pub fn stages(mut self, stages: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.stages = stages.into_iter().map(Into::into).collect();
        self
    }

    /// The type; `Generic` by default.
    pub fn secret_type(mut self, secret_type: impl Into<String>) -> Self {
        self.0.secret_type = secret_type.into();
        self
    }

    /// The settings of a rotating secret, as JSON text.
    pub fn extended_config(mut self, json: impl Into<SecretText>) -> Self {
        self.0.extended_config = Some(json.into());
        self
    }

    /// The rotation: its period, and when the next one is.
    pub fn rotation(mut self, interval: Duration, next: SystemTime) -> Self {
        let next = next.duration_since(SystemTime::UNIX_EPOCH).ok();
        self.0.automatic_rotation = Some("Enabled".into());
        self.0.rotation_interval = Some(interval);
        self.0.next_rotation = next.and_then(|next| i64::try_from(next.as_secs()).ok());
        self
    }

    /// When it was fetched; now by default.
    pub fn fetched_at(mut self, at: SystemTime) -> Self {
        self.1 = at;
        self
    }

    /// Completes it with a text.
    #[must_use]
    pub fn text(mut self, text: impl Into<SecretText>) -> SecretValue {
        self.0.data = Data::Text(text.into());
        SecretValue::new(self.0, self.1)
    }

    /// Completes it with bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> SecretValue {
        let bytes = Zeroizing::new(bytes.into());
        self.0.data = Data::Binary(STANDARD.encode(&bytes).into(), Some(bytes));
        SecretValue::new(self.0, self.1)
    }
}
