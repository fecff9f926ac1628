//! Asking the service: endpoint after endpoint, and what an error means for the cache.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use keystead_client::operations::{GetSecretValueRequest, GetSecretValueResponse};
use keystead_client::{Client, Error};
use tokio::time::Instant;

use crate::error::{FailedAttempt, SecretError, SecretErrorKind};
use crate::id::{SecretId, Which};
use crate::value::{Content, Data, SecretValue};

/// The wait after the `failures`-th failure in a row (from 1): 1 s doubling to 60 s.
pub(crate) fn backoff(failures: u32) -> Duration {
    Duration::from_secs(1 << failures.saturating_sub(1).min(6)).min(Duration::from_secs(60))
}

/// A region or an instance.
pub(crate) struct Endpoint {
    name: Arc<str>,
    client: Client,
    /// Failures in a row, and until when the endpoint is left alone for them.
    broken: Mutex<(u32, Option<Instant>)>,
}

impl Endpoint {
    pub(crate) fn new(name: String, client: Client) -> Self {
        Self { name: name.into(), client, broken: Mutex::default() }
    }

    fn is_open(&self) -> bool {
        let (_, until) = *self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn note(&self, works: bool) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = if works { 0 } else { broken.0.saturating_add(1) };
        *broken = (failures, (!works).then(|| Instant::now() + backoff(failures)));
    }
}

/// Asks the endpoints in their order, until one gives the value or refuses it. Those that failed lately come last.
pub(crate) async fn fetch(endpoints: &[Endpoint], id: &SecretId) -> Result<SecretValue, SecretError> {
    let (open, closed): (Vec<_>, Vec<_>) = endpoints.iter().partition(|endpoint| endpoint.is_open());
    let mut attempts = Vec::new();
    for endpoint in closed.into_iter().chain(open) {
        let mut request = GetSecretValueRequest::new(id.name()).fetch_extended_config(true);
        request = match &id.which {
            Which::Stage(stage) => request.version_stage(&**stage),
            Which::Version(version) => request.version_id(&**version),
        };
        let error = match endpoint.client.get_secret_value(request).await {
            Ok(answer) => {
                endpoint.note(true);
                return Ok(value(answer));
            }
            Err(error) => error,
        };
        let kind = kind(&error);
        endpoint.note(kind != SecretErrorKind::Unavailable);
        attempts.push(FailedAttempt { endpoint: Arc::clone(&endpoint.name), error: Arc::new(error) });
        if kind != SecretErrorKind::Unavailable {
            return Err(SecretError::after(kind, id.name(), "the service refuses it", attempts));
        }
    }
    let text = "the service cannot be asked";
    Err(SecretError::after(SecretErrorKind::Unavailable, id.name(), text, attempts))
}

/// What the codes begin with that say that nobody knows the caller.
const NOT_PROVEN: [&str; 3] = ["InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurityToken"];

/// Only what the service itself says is final: what stands in its place, such as a proxy, may pass.
fn kind(error: &Error) -> SecretErrorKind {
    if error.is_retryable() {
        return SecretErrorKind::Unavailable;
    }
    match error {
        Error::Service { status, code, .. } => match (code.as_str(), *status) {
            ("Forbidden.ResourceNotFound" | "Rejected.ResourceInDeleteWindow", _) => SecretErrorKind::Missing,
            // The secret is there; the key that seals it is not.
            ("Forbidden.KeyNotFound", _) => SecretErrorKind::Refused,
            // An unknown AccessKey has the status 404 too.
            (code, _) if NOT_PROVEN.iter().any(|prefix| code.starts_with(prefix)) => SecretErrorKind::Denied,
            (_, 404) => SecretErrorKind::Missing,
            (_, 401 | 403) => SecretErrorKind::Denied,
            (code, _) if code.starts_with("Forbidden") => SecretErrorKind::Denied,
            _ => SecretErrorKind::Refused,
        },
        Error::Request(_) | Error::InvalidParameter(_) | Error::Sign(_) => SecretErrorKind::Refused,
        _ => SecretErrorKind::Unavailable,
    }
}

fn value(answer: GetSecretValueResponse) -> SecretValue {
    let seconds = |date: &str| date.parse().ok().map(jiff::Timestamp::as_second);
    let interval = answer.rotation_interval.as_deref().and_then(|text| text.strip_suffix('s')?.parse().ok());
    let data = Data::of_wire(answer.secret_data_type.as_str() == "binary", answer.secret_data);
    let content = Content {
        name: answer.secret_name,
        version_id: answer.version_id,
        stages: answer.version_stages.version_stage.iter().map(ToString::to_string).collect(),
        data,
        secret_type: answer.secret_type.to_string(),
        automatic_rotation: answer.automatic_rotation.map(|status| status.to_string()),
        extended_config: answer.extended_config.map(|config| config.as_str().into()),
        create_time: seconds(&answer.create_time),
        last_rotation: answer.last_rotation_date.as_deref().and_then(seconds),
        next_rotation: answer.next_rotation_date.as_deref().and_then(seconds),
        rotation_interval: interval.map(Duration::from_secs),
    };
    SecretValue::new(content, SystemTime::now())
}
