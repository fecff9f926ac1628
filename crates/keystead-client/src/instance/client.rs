//! The client: one method per operation, and the loop of attempts behind them.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::HeaderValue;
use keystead_api::instance::{Guarded, InstanceMessage, InstanceOperation, operations};
use keystead_auth::credentials::providers::Clock;
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument, Span, debug, debug_span, field};

use super::answer::{self, Answer};
use super::builder::InstanceClientBuilder;
use super::call::Call;
use super::client_key::ClientKey;
use super::options::CallOptions;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::transport::Transport;

/// Calls the API of a KMS instance. Clones are cheap and share connections and settings.
///
/// See the [module's page](super) for an example.
#[derive(Clone)]
pub struct InstanceClient {
    parts: Arc<Parts>,
    options: Arc<CallOptions>,
}

pub(super) struct Parts {
    pub(super) endpoint: Endpoint,
    pub(super) key: ClientKey,
    pub(super) user_agent: HeaderValue,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) clock: Arc<dyn Clock>,
}

/// A limit, and the moment at which it is over.
type Deadline = Option<(Duration, Instant)>;

impl InstanceClient {
    /// Starts the settings of a client.
    #[must_use]
    pub fn builder() -> InstanceClientBuilder {
        InstanceClientBuilder::new()
    }

    pub(super) fn new(parts: Parts, options: CallOptions) -> Self {
        Self { parts: Arc::new(parts), options: Arc::new(options) }
    }

    /// The same client with settings for single calls, on top of those it has.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        Self { parts: Arc::clone(&self.parts), options: Arc::new(self.options.overlaid(options)) }
    }

    /// Calls the operation `O`. The methods named after the operations do the same.
    ///
    /// # Errors
    /// [`Error::Service`] when the service refuses; the other variants when there is no answer, or none that can be read.
    /// What the [`InstanceRetry`](super::InstanceRetry) covers was tried again before.
    pub fn call<'c, O: InstanceOperation>(
        &'c self,
        request: O::Request,
    ) -> impl Future<Output = Result<Answer<O::Response>, Error>> + Send + use<'c, O>
    where
        O::Response: Send,
    {
        // Written out here, so that the future does not hold the request.
        let call = Call::new::<O>(&Guarded::new(request));
        self.exchange(call)
    }

    /// Makes attempts until one succeeds or the policy gives up.
    async fn exchange<M: InstanceMessage>(&self, call: Call) -> Result<Answer<M>, Error> {
        let deadline = self.options.whole().map(|limit| (limit, Instant::now() + limit));
        let policy = self.options.policy();
        let mut done = 0;
        loop {
            let span = debug_span!(
                "kms_instance",
                operation = call.def.name,
                attempt = done + 1,
                status = field::Empty,
                request_id = field::Empty
            );
            let error = match self.attempt(&call, deadline).instrument(span.clone()).await {
                Ok(answer) => {
                    debug!(parent: &span, "done");
                    return Ok(answer);
                }
                Err(error) => error,
            };
            done += 1;
            let in_time = |wait: &Duration| deadline.is_none_or(|(_, end)| Instant::now() + *wait < end);
            let wait = policy.wait(&error, done).filter(in_time);
            debug!(parent: &span, %error, retry_in = wait.map(field::debug), "failed");
            drop(span);
            match wait {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    /// One attempt, with a date and a signature of its own.
    async fn attempt<M: InstanceMessage>(&self, call: &Call, deadline: Deadline) -> Result<Answer<M>, Error> {
        let parts = &*self.parts;
        let date = date(&*parts.clock)?;
        let request =
            call.request(&parts.endpoint, &parts.key, self.options.headers(), &parts.user_agent, &date)?;
        let attempt = self.options.attempt();
        let left = deadline.map(|(limit, end)| (limit, end.saturating_duration_since(Instant::now())));
        let (allowed, too_late) = match left {
            Some((limit, left)) if left < attempt => (left, Error::CallTimeout(limit)),
            _ => (attempt, Error::AttemptTimeout(attempt)),
        };
        let answer = timeout(allowed, parts.transport.send(request)).await.map_err(|_| too_late)??;
        let (head, body) = answer.into_parts();
        let span = Span::current();
        span.record("status", head.status.as_u16());
        let outcome = answer::read(head.status, &head.headers, &body);
        if let Some(id) = outcome.as_ref().err().and_then(Error::request_id) {
            span.record("request_id", id);
        }
        outcome
    }
}

/// The clock's time as HTTP writes dates.
fn date(clock: &dyn Clock) -> Result<String, Error> {
    let seconds = u64::try_from(clock.unix_seconds()).ok();
    // The library refuses years of five digits by a panic.
    let seconds = seconds.filter(|seconds| *seconds < 253_402_300_800);
    let seconds = seconds.ok_or(Error::Request("the clock is out of range"))?;
    Ok(httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds)))
}

impl fmt::Debug for InstanceClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstanceClient")
            .field(
                "endpoint",
                &format_args!("{}://{}", self.parts.endpoint.scheme(), self.parts.endpoint.authority),
            )
            .field("client_key", &self.parts.key.id())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

macro_rules! calls {
    ($($method:ident $name:ident $id:ident,)*) => {
        /// One method per operation.
        impl InstanceClient {
            $(
                #[doc = concat!("Calls [`", stringify!($name), "`](operations::", stringify!($name), ").")]
                ///
                /// # Errors
                #[doc = concat!(
                    "As [`InstanceClient::call`]; the service's codes are at [`", stringify!($name), "`](operations::",
                    stringify!($name), "#errors)."
                )]
                pub async fn $method(
                    &self,
                    request: <operations::$name as InstanceOperation>::Request,
                ) -> Result<Answer<<operations::$name as InstanceOperation>::Response>, Error> {
                    self.call::<operations::$name>(request).await
                }
            )*
        }
    };
}

keystead_api::for_each_instance_operation!(calls);
