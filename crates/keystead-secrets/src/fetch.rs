//! Asking the service: endpoint after endpoint, and what an error means for the cache.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

#[cfg(feature = "client-key")]
use keystead_client::instance::TransferClient;
use keystead_client::operations::{GetSecretValueRequest, GetSecretValueResponse};
use keystead_client::{Client, Error};
use tokio::time::Instant;

use crate::error::{FailedAttempt, SecretError, SecretErrorKind};
use crate::id::{SecretId, Which};
use crate::order::Endpoints;
use crate::value::{Content, Data, SecretValue};

/// The wait after the `failures`-th failure in a row (from 1): 1 s doubling to 60 s.
pub(crate) fn backoff(failures: u32) -> Duration {
    Duration::from_secs(1 << failures.saturating_sub(1).min(6)).min(Duration::from_secs(60))
}

/// A region or an instance.
pub(crate) struct Endpoint {
    name: Arc<str>,
    client: Reader,
    health: Mutex<Health>,
}

/// Whether an endpoint works.
#[derive(Default)]
struct Health {
    /// Failures in a row.
    failures: u32,
    /// Until when it is left alone for them.
    until: Option<Instant>,
    last: Option<Arc<Error>>,
}

/// What asks it.
pub(crate) enum Reader {
    /// The OpenAPI, at either gateway.
    OpenApi(Client),
    /// An instance's own API.
    #[cfg(feature = "client-key")]
    Instance(Box<TransferClient>),
}

impl Reader {
    async fn read(&self, request: GetSecretValueRequest) -> Result<GetSecretValueResponse, Error> {
        match self {
            Self::OpenApi(client) => client.get_secret_value(request).await,
            #[cfg(feature = "client-key")]
            Self::Instance(client) => client.get_secret_value(request).await,
        }
    }
}

impl Endpoint {
    pub(crate) fn new(name: String, client: Reader) -> Self {
        Self { name: name.into(), client, health: Mutex::default() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn failed_lately(&self) -> bool {
        self.health().failures > 0
    }

    /// Asks it, and tells whether it gave an answer of its own, if only a refusal.
    pub(crate) async fn answers(&self, id: &SecretId) -> bool {
        !matches!(self.read(id).await, Err((SecretErrorKind::Unavailable, _)))
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is to be asked now. After failures, one caller at a time finds out whether it works again.
    fn claim(&self) -> bool {
        let (mut health, now) = (self.health(), Instant::now());
        match health.until {
            Some(until) if now < until => false,
            Some(_) => {
                health.until = Some(now + backoff(health.failures));
                true
            }
            None => true,
        }
    }

    fn note(&self, failure: Option<&Arc<Error>>) {
        let mut health = self.health();
        *health = match failure {
            None => Health::default(),
            Some(error) => {
                let failures = health.failures.saturating_add(1);
                Health {
                    failures,
                    until: Some(Instant::now() + backoff(failures)),
                    last: Some(Arc::clone(error)),
                }
            }
        };
    }

    /// What it failed with last.
    fn last(&self) -> Option<FailedAttempt> {
        let error = self.health().last.clone()?;
        Some(FailedAttempt { endpoint: Arc::clone(&self.name), error })
    }

    /// Asks it.
    async fn read(&self, id: &SecretId) -> Result<SecretValue, (SecretErrorKind, FailedAttempt)> {
        let mut request = GetSecretValueRequest::new(id.name()).fetch_extended_config(true);
        request = match &id.which {
            Which::Stage(stage) => request.version_stage(&**stage),
            Which::Version(version) => request.version_id(&**version),
        };
        let error = match self.client.read(request).await {
            Ok(answer) => {
                self.note(None);
                return Ok(value(answer));
            }
            Err(error) => Arc::new(error),
        };
        let kind = kind(&error);
        self.note((kind == SecretErrorKind::Unavailable).then_some(&error));
        Err((kind, FailedAttempt { endpoint: Arc::clone(&self.name), error }))
    }
}

/// What came of a fetch.
pub(crate) struct Fetched {
    pub(crate) outcome: Result<SecretValue, SecretError>,
    /// Whether anybody was asked.
    pub(crate) was_asked: bool,
}

/// Asks the endpoints in their order, until one gives the value or refuses it. Those that failed lately come last, and are
/// only asked when somebody `needs` an answer: so that the many secrets of a program do not keep a service down.
pub(crate) async fn fetch(endpoints: &Endpoints, id: &SecretId, needs: bool) -> Fetched {
    let (mut attempts, mut failed_lately) = (Vec::new(), Vec::new());
    let asked = |outcome| Fetched { outcome, was_asked: true };
    for endpoint in endpoints.in_order(id).await {
        if !endpoint.claim() {
            failed_lately.push(endpoint);
            continue;
        }
        if let Some(outcome) = ask(endpoint, id, &mut attempts).await {
            return asked(outcome);
        }
    }
    let was_asked = needs || !attempts.is_empty();
    for endpoint in failed_lately {
        if !needs {
            attempts.extend(endpoint.last());
            continue;
        }
        if let Some(outcome) = ask(endpoint, id, &mut attempts).await {
            return asked(outcome);
        }
    }
    let text = match was_asked {
        true => "the service cannot be asked",
        false => "the service could not be asked a moment ago",
    };
    Fetched {
        outcome: Err(SecretError::after(SecretErrorKind::Unavailable, id.name(), text, attempts)),
        was_asked,
    }
}

/// Asks one endpoint; none when it cannot be asked, so that the next one is to be.
async fn ask(
    endpoint: &Endpoint,
    id: &SecretId,
    attempts: &mut Vec<FailedAttempt>,
) -> Option<Result<SecretValue, SecretError>> {
    let (kind, attempt) = match endpoint.read(id).await {
        Ok(value) => return Some(Ok(value)),
        Err(failed) => failed,
    };
    attempts.push(attempt);
    if kind == SecretErrorKind::Unavailable {
        return None;
    }
    Some(Err(SecretError::after(kind, id.name(), "the service refuses it", std::mem::take(attempts))))
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
