//! The client: one method per operation, and the loop of attempts behind them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use keystead_api::{Operation, OperationDef, OperationId, WireParams, WireRequest, WireResponse, operations};
use keystead_auth::credentials::providers::{Clock, CredentialsProvider, Provided, Random};
use keystead_auth::format_date;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{Instrument, Span, debug, debug_span, field};
use zeroize::zeroize_bytes;

use crate::answer;
use crate::budget::Budget;
use crate::builder::ClientBuilder;
use crate::call::Call;
use crate::clock_skew::ClockSkew;
use crate::error::Error;
use crate::nonces::Nonces;
use crate::observer::{Attempt, Observer};
use crate::raw::RawAnswer;
use crate::retry::RetryPolicy;
use crate::route::{Route, Routes};

/// Calls the operations of KMS, and through [`Client::ram`], [`Client::ims`] and [`Client::sts`] those of the other APIs. Clones are cheap and share connections and settings.
///
/// See the [crate's page](crate) for an example, and [`Client::call`] for what all operations have in common.
#[derive(Clone)]
pub struct Client {
    parts: Arc<Parts>,
}

pub(crate) struct Parts {
    pub(crate) routes: Routes,
    pub(crate) signer: Signer,
    pub(crate) user_agent: HeaderValue,
    pub(crate) attempt_timeout: Duration,
    pub(crate) call_timeout: Option<Duration>,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) hedge: Option<Duration>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) skew: ClockSkew,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) nonces: Nonces,
}

/// What signs the requests.
pub(crate) enum Signer {
    /// An AccessKey, asked for anew for each request.
    Credentials(Arc<dyn CredentialsProvider>),
    #[cfg(feature = "instance")]
    ClientKey(Arc<crate::instance::ClientKey>),
}

impl Signer {
    pub(crate) fn of(provider: impl CredentialsProvider + 'static) -> Self {
        Self::Credentials(Arc::new(provider))
    }

    fn name(&self) -> &str {
        match self {
            Self::Credentials(provider) => provider.name(),
            #[cfg(feature = "instance")]
            Self::ClientKey(key) => key.id(),
        }
    }

    /// Whether there is something else to sign with, now that this is refused.
    fn refused(&self, signing: &Signing) -> bool {
        match (self, signing) {
            (Self::Credentials(provider), Signing::With(provided)) => provider.refused(provided),
            #[cfg(feature = "instance")]
            _ => false,
        }
    }

    async fn ready(&self) -> Result<Signing, Error> {
        Ok(match self {
            Self::Credentials(provider) => Signing::With(provider.provide().await?),
            #[cfg(feature = "instance")]
            Self::ClientKey(key) => Signing::ByClientKey(Arc::clone(key)),
        })
    }
}

/// What signs one attempt.
enum Signing {
    With(Provided),
    #[cfg(feature = "instance")]
    ByClientKey(Arc<crate::instance::ClientKey>),
}

impl Client {
    /// Starts the settings of a client.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// Calls the operation `O`. The methods named after the operations do the same.
    ///
    /// # Errors
    /// [`Error::Service`] when the service refuses; the other variants when there is no answer, or none that can be read.
    /// What the [`RetryPolicy`] covers was tried again before.
    pub fn call<'c, O: Operation>(
        &'c self,
        request: &O::Request,
    ) -> impl Future<Output = Result<O::Response, Error>> + Send + use<'c, O> {
        // Written out here, so that the future does not hold the request.
        let mut params = WireParams::default();
        request.write(&mut params);
        async move {
            let read = |body: &[u8]| {
                let answer: O::Response = serde_json::from_slice(body).ok()?;
                Span::current().record("request_id", answer.request_id());
                Some(answer)
            };
            self.exchange(O::DEF, &params, read).await
        }
    }

    /// Calls an operation that is known only as data, with parameters as they stand on the wire.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn call_raw(&self, def: &'static OperationDef, params: WireParams) -> Result<RawAnswer, Error> {
        let read = |body: &[u8]| {
            let answer = RawAnswer::read(body)?;
            Span::current().record("request_id", answer.request_id());
            Some(answer)
        };
        self.exchange(def, &params, read).await
    }

    /// Makes attempts until one succeeds or the policy gives up.
    async fn exchange<T>(
        &self,
        def: &'static OperationDef,
        params: &WireParams,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Error> {
        let parts = &*self.parts;
        let mut route = parts.routes.of(def);
        let mut call = Call::new(def, params, route)?;
        let mut corrected = false;
        let deadline = parts.call_timeout.map(|limit| (limit, end_of(limit)));
        let mut done = 0;
        loop {
            let span = debug_span!(
                "kms",
                operation = def.name,
                attempt = done + 1,
                status = field::Empty,
                request_id = field::Empty
            );
            let started = parts.observer.as_ref().map(|observer| (observer, Instant::now()));
            let outcome = parts.hedged(def, &call, route, deadline, &read).instrument(span.clone()).await;
            done += 1;
            let told = |error: Option<&Error>, retry_in| {
                if let Some((observer, started)) = started {
                    let (endpoint, took) = (route.endpoint.authority.as_str(), started.elapsed());
                    observer.attempted(&Attempt {
                        operation: def,
                        number: done,
                        endpoint,
                        took,
                        error,
                        retry_in,
                    });
                }
            };
            let failed = match outcome {
                Ok(answer) => {
                    debug!(parent: &span, "done");
                    parts.budget.succeeded();
                    told(None, None);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let Failed { error, learned } = failed;
            let in_time = |wait: &Duration| deadline.is_none_or(|(_, end)| Instant::now() + *wait < end);
            let wait = match learned && !corrected {
                // Refused for its date or its credentials alone: nothing was done, and the next one has the right ones. Once.
                true => Some(Duration::ZERO),
                false => parts.retry.wait(&error, def.repeat, done, parts.dice()),
            };
            corrected |= learned;
            let wait = wait.filter(|wait| !matches!(error, Error::CallTimeout(_)) && in_time(wait));
            let repeat = wait.and_then(|wait| Some((wait, parts.budget.take()?)));
            let wait = repeat.as_ref().map(|(wait, _)| *wait);
            debug!(parent: &span, %error, retry_in = wait.map(field::debug), "failed");
            drop(span);
            told(Some(&error), wait);
            let Some((wait, taken)) = repeat else { return Err(error) };
            if error.is_retryable() && !error.is_throttling() {
                let next = parts.routes.next(def, route);
                if !std::ptr::eq(next, route) {
                    route = next;
                    call = Call::new(def, params, route)?;
                }
            }
            call.repeat(done, wait);
            sleep(wait).await;
            taken.made();
        }
    }
}

/// The moment at which a time limit ends that begins now.
fn end_of(limit: Duration) -> Instant {
    /// Longer ones are as good as none.
    const LONGEST: Duration = Duration::from_secs(86_400 * 365);
    Instant::now() + limit.min(LONGEST)
}

/// An attempt that failed.
struct Failed {
    error: Error,
    /// Whether it was refused for its date, and the right time is known now, or for its credentials, and others can be had.
    learned: bool,
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { error: error.into(), learned: false }
    }
}

impl Parts {
    /// An attempt; of a read that is worth it, a second one beside it when the first takes long. What comes first counts.
    async fn hedged<T>(
        &self,
        def: &'static OperationDef,
        call: &Call<'_>,
        route: &Route,
        deadline: Option<(Duration, Instant)>,
        read: &impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Failed> {
        let Some(after) = self.hedge.filter(|_| def.id == OperationId::GetSecretValue) else {
            return self.attempt(call, route, deadline, read).await;
        };
        // On the heap: three attempts in it would make the future of every call three times as large.
        let attempt = || Box::pin(self.attempt(call, route, deadline, read));
        let mut first = attempt();
        if let Ok(outcome) = timeout(after, first.as_mut()).await {
            return outcome;
        }
        match self.budget.take() {
            Some(taken) => taken.made(),
            None => return first.await,
        }
        debug!("a second attempt is made beside the first");
        let mut second = attempt();
        // A failure of one is the outcome only when the other has failed too.
        let (outcome, other) = tokio::select! {
            outcome = first.as_mut() => (outcome, second),
            outcome = second.as_mut() => (outcome, first),
        };
        match outcome {
            Ok(answer) => Ok(answer),
            Err(_) => other.await,
        }
    }

    /// One attempt, with a date and a nonce of its own.
    async fn attempt<T>(
        &self,
        call: &Call<'_>,
        route: &Route,
        deadline: Option<(Duration, Instant)>,
        read: &impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Failed> {
        let readying = self.signer.ready();
        let signing = match deadline {
            Some((limit, end)) => timeout_at(end, readying).await.map_err(|_| Error::CallTimeout(limit))?,
            None => readying.await,
        }?;
        let own_time = self.clock.unix_seconds();
        let date = format_date(own_time.saturating_add(self.skew.seconds()))
            .ok_or(Error::Request("the clock is out of range"))?;
        let nonce = self.nonces.next()?;
        let request = match &signing {
            Signing::With(provided) => call.request(provided, &self.user_agent, &date, &nonce)?,
            #[cfg(feature = "instance")]
            Signing::ByClientKey(key) => call.request_by_client_key(key, &self.user_agent, &date, &nonce)?,
        };
        let own_end = end_of(self.attempt_timeout);
        let (end, too_late) = match deadline {
            Some((limit, end)) if end < own_end => (end, Error::CallTimeout(limit)),
            _ => (own_end, Error::AttemptTimeout(self.attempt_timeout)),
        };
        let answer = timeout_at(end, route.transport.send(request)).await.map_err(|_| too_late)??;
        let (head, mut body) = answer.into_parts();
        let span = Span::current();
        span.record("status", head.status.as_u16());
        let outcome = answer::read(head.status, &head.headers, &body, read);
        // In one sweep: the type, which stays for the ways out above, goes byte by byte.
        zeroize_bytes(&mut body);
        body.clear();
        outcome.map_err(|error| {
            span.record(
                "request_id",
                error.request_id().unwrap_or_else(|| answer::request_id(&head.headers)),
            );
            let clock_was_wrong = self.skew.learn(&error, &head.headers, own_time);
            let learned = clock_was_wrong || (error.is_of_credentials() && self.signer.refused(&signing));
            Failed { error, learned }
        })
    }

    /// A random number for the jitter; without randomness the longest wait, as the failure at hand is worth more to the
    /// caller than one of the generator.
    fn dice(&self) -> u64 {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes).map_or(u64::MAX, |()| u64::from_le_bytes(bytes))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = &self.parts.routes.first().endpoint;
        f.debug_struct("Client")
            .field("endpoint", &format_args!("{}://{}", endpoint.scheme(), endpoint.authority))
            .field("credentials", &self.parts.signer.name())
            .field("retry", &self.parts.retry)
            .finish_non_exhaustive()
    }
}

macro_rules! calls {
    ($($method:ident $name:ident,)*) => {
        /// One method per operation.
        impl Client {
            $(
                #[doc = concat!("Calls [`", stringify!($name), "`](operations::", stringify!($name), ").")]
                ///
                /// # Errors
                #[doc = concat!(
                    "As [`Client::call`]; the service's codes are at [`", stringify!($name), "`](operations::",
                    stringify!($name), "#errors)."
                )]
                pub async fn $method(
                    &self,
                    request: <operations::$name as Operation>::Request,
                ) -> Result<<operations::$name as Operation>::Response, Error> {
                    self.call::<operations::$name>(&request).await
                }
            )*
        }
    };
}

keystead_api::for_each_operation!(calls);

macro_rules! products {
    ($($product:ident $accessor:ident $doc:literal;)*) => {
        $(
            #[doc = concat!("The operations of ", $doc, ", one method each; from [`Client::", stringify!($accessor), "`].")]
            #[derive(Clone, Copy, Debug)]
            pub struct $product<'c>(&'c Client);

            impl Client {
                #[doc = concat!("The operations of ", $doc, ".")]
                #[must_use]
                pub fn $accessor(&self) -> $product<'_> {
                    $product(self)
                }
            }
        )*
    };
}

products! {
    Ims ims "IMS, version 2019-08-15";
    Ram ram "RAM, version 2015-05-01";
    Sts sts "STS, version 2015-04-01";
}

macro_rules! identity_calls {
    ($($module:ident $method:ident $name:ident $id:ident,)*) => {
        $(identity_calls! { @$module $method $name })*
    };
    (@ims $method:ident $name:ident) => { identity_calls! { @of Ims ims $method $name } };
    (@ram $method:ident $name:ident) => { identity_calls! { @of Ram ram $method $name } };
    (@sts $method:ident $name:ident) => { identity_calls! { @of Sts sts $method $name } };
    (@of $product:ident $module:ident $method:ident $name:ident) => {
        impl $product<'_> {
            #[doc = concat!(
                "Calls [`", stringify!($name), "`](operations::", stringify!($module), "::", stringify!($name), ")."
            )]
            ///
            /// # Errors
            #[doc = concat!(
                "As [`Client::call`]; the service's codes are at [`", stringify!($name), "`](operations::",
                stringify!($module), "::", stringify!($name), "#errors)."
            )]
            pub async fn $method(
                &self,
                request: <operations::$module::$name as Operation>::Request,
            ) -> Result<<operations::$module::$name as Operation>::Response, Error> {
                self.0.call::<operations::$module::$name>(&request).await
            }
        }
    };
}

keystead_api::for_each_identity_operation!(identity_calls);
