//! The shared gateway: `kms.<region>…`, RPC, all operations.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request;
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use keystead_api::{
    ApiError, Auth, ErrorCode, Gateways, OperationId, Params, Product, is_known_and_not_offered,
};
use keystead_auth::{Pairs, Presented, RequestView, decode_pairs, decode_pairs_bytes, present};
use keystead_crypto::{Random, RandomError};
use keystead_service::audit::{Outcome, Source, Trail};
use keystead_service::{Caller, Engine, Gateway, Origin};
use zeroize::{Zeroize as _, zeroize_bytes};

use crate::answer::{Format, WireError, failure, success};
use crate::body::{self, BodyError};
use crate::metrics::Metrics;
use crate::proxies::TrustedProxies;
use crate::quotas::Quotas;
use crate::request_id::{RequestId, RequestIds};
use crate::{Handler, Peer};

/// Parameters of a request at most; the largest documented request has about a hundred.
const MAX_PARAMETERS: usize = 512;

/// Milliseconds after which a call that was one too many may be sent again; SDKs read it.
const RETRY_AFTER: HeaderName = HeaderName::from_static("x-acs-retry-after");

/// The shared gateway.
pub struct SharedGateway {
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    ids: RequestIds,
    proxies: TrustedProxies,
    quotas: Option<Arc<Quotas>>,
}

impl SharedGateway {
    /// A gateway to an engine.
    ///
    /// # Errors
    /// When there is no randomness for request ids.
    pub fn new(engine: Arc<Engine>, metrics: Arc<Metrics>, random: &dyn Random) -> Result<Self, RandomError> {
        let proxies = TrustedProxies::default();
        Ok(Self { engine, metrics, ids: RequestIds::new(random)?, proxies, quotas: None })
    }

    /// Believes these proxies about whose requests they pass on.
    #[must_use]
    pub fn behind(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Refuses accounts that call too often, if there are quotas.
    #[must_use]
    pub fn limited(mut self, quotas: impl Into<Option<Arc<Quotas>>>) -> Self {
        self.quotas = quotas.into();
        self
    }
}

impl Handler for SharedGateway {
    async fn handle(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        self.serve((parts, body), peer, Ok(Gateway::Shared)).await
    }
}

impl SharedGateway {
    /// Answers a request that came through this gateway or another one that speaks the OpenAPI too. An error in the gateway's
    /// place is the answer.
    pub(crate) async fn serve(
        &self,
        (parts, body): (request::Parts, Incoming),
        peer: Peer,
        gateway: Result<Gateway<'_>, ErrorCode>,
    ) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let _in_flight = self.metrics.begin();
        let request_id = self.ids.next();
        let mut seen = Seen { format: Format::Json, operation: None, retry_after: None, unread: None };
        let recording = self.engine.record(request_id.as_str(), &self.source(&parts, &peer), started);
        let from = (gateway, &peer);
        let result = self.answer(&parts, body, (&request_id, recording.trail()), from, &mut seen).await;
        let outcome = match &result {
            Ok(_) => Outcome::GOOD,
            Err(error) => Outcome { status: error.status, error_code: Some(&error.code) },
        };
        // What is not in the audit log is not answered.
        let recorded = recording.finish(outcome).await;
        if let Some(body) = seen.unread.take() {
            body::discard_unless_empty(body);
        }
        match recorded.map_err(WireError::from).and(result) {
            Ok(response) => {
                if let Some(operation) = seen.operation {
                    self.metrics.good(operation, started.elapsed());
                }
                tracing::debug!(
                    request_id = request_id.as_str(),
                    operation = seen.operation.map(|operation| operation.def().name),
                    peer = %peer.address,
                    "answered"
                );
                response
            }
            Err(error) => {
                self.metrics.error(seen.operation, &error.code);
                tracing::debug!(
                    request_id = request_id.as_str(),
                    operation = seen.operation.map(|operation| operation.def().name),
                    peer = %peer.address,
                    code = error.code,
                    status = error.status,
                    "refused"
                );
                let mut response = failure(&error, seen.format, host(&parts), &request_id);
                if let Some(wait) = seen.retry_after {
                    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
                    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(millis));
                }
                response
            }
        }
    }
}

/// What was found out about a request before it failed or was answered.
struct Seen {
    format: Format,
    operation: Option<OperationId>,
    /// When it was one call too many.
    retry_after: Option<Duration>,
    /// A body that was not read, or not to its end.
    unread: Option<Incoming>,
}

impl SharedGateway {
    /// Where a request comes from, for the audit log.
    fn source<'a>(&self, parts: &'a request::Parts, peer: &Peer) -> Source<'a> {
        let peer = peer.address.ip();
        let user_agent = parts.headers.get(header::USER_AGENT).map_or(&b""[..], |agent| agent.as_bytes());
        Source {
            // A request whose way cannot be told is refused, and recorded under the proxy's address.
            address: self.proxies.client(peer, &parts.headers).unwrap_or(peer),
            user_agent,
            host: host(parts),
        }
    }

    async fn answer(
        &self,
        parts: &request::Parts,
        mut body: Incoming,
        (request_id, trail): (&RequestId, &Trail),
        (gateway, peer): (Result<Gateway<'_>, ErrorCode>, &Peer),
        seen: &mut Seen,
    ) -> Result<Response<Full<Bytes>>, WireError> {
        let query = decode_pairs(parts.uri.query().unwrap_or_default());
        if let Ok(query) = &query {
            seen.format = Format::of(find(query, "Format"));
        }
        let gateway = match gateway {
            Ok(gateway) => gateway,
            Err(code) => {
                seen.unread = Some(body);
                return Err(code.into());
            }
        };
        if parts.method != Method::POST && parts.method != Method::GET {
            seen.unread = Some(body);
            return Err(ErrorCode::UnsupportedHttpMethod.into());
        }
        let body = match body::read(&mut body).await {
            Ok(body) => body,
            Err(BodyError::TooLarge) => {
                seen.unread = Some(body);
                let message = format!("The request body is larger than {} bytes.", body::MAX_BODY);
                return Err(ApiError::with_message(ErrorCode::InvalidParameter, message).into());
            }
            Err(BodyError::Broken) => return Err(ErrorCode::ParseRequestParameterException.into()),
        };
        if parts.uri.path() != "/" {
            return Err(ErrorCode::InvalidActionNotFound.into());
        }
        let undecodable = |_| WireError::from(ErrorCode::ParseRequestParameterException);
        let query = Wiped(query.map_err(undecodable)?);
        let form = Wiped(match is_form(parts) {
            true => decode_pairs_bytes(&body).map_err(undecodable)?,
            false => Vec::new(),
        });
        check_names(&query.0, &form.0)?;

        let view = RequestView {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            authority: parts.uri.authority().map(http::uri::Authority::as_str),
            headers: &parts.headers,
            query: &query.0,
            form: &form.0,
            body: &body,
        };
        let presented = present(&view)?;
        let (action, version) = match &presented {
            Presented::Signed(claim) => (claim.action(), claim.version()),
            Presented::Anonymous { action: Some(action), version: Some(version), .. } => (*action, *version),
            Presented::Anonymous { .. } => return Err(ErrorCode::IncompleteSignature.into()),
            // Tokens that nobody here issues.
            Presented::Bearer | Presented::IdToken => return Err(ErrorCode::InvalidSignatureMethod.into()),
        };
        let claimed_id = match &presented {
            Presented::Signed(claim) => claim.access_key_id(),
            _ => "",
        };
        let unproven = |error: WireError| {
            trail.claimed(action, claimed_id);
            error
        };
        let found = Product::of_version(version).ok_or(ErrorCode::InvalidVersion).and_then(|product| {
            OperationId::find(product, action).ok_or_else(|| unknown_action(product, action))
        });
        let (operation, caller) = match presented {
            Presented::Signed(claim) => {
                let operation = found.map_err(|code| unproven(code.into()))?;
                seen.operation = Some(operation);
                let caller = self.engine.authenticate(&claim, &view).await;
                (operation, caller.map_err(|failure| unproven(failure.into()))?)
            }
            // Nothing is told to who does not sign, but of the operations that are not signed.
            _ => match found {
                Ok(operation) if operation.def().auth == Auth::Anonymous => {
                    seen.operation = Some(operation);
                    (operation, Caller::anonymous())
                }
                _ => return Err(unproven(ErrorCode::IncompleteSignature.into())),
            },
        };

        check_offered(operation, gateway)?;
        if let Some(quotas) = &self.quotas
            && let Err(wait) = quotas.admit(caller.account(), operation)
        {
            seen.retry_after = Some(wait);
            return Err(ErrorCode::RejectedThrottling.into());
        }
        let source = self.proxies.client(peer.address.ip(), &parts.headers);
        let origin = Origin {
            request_id: request_id.as_str(),
            source: source.map_err(|_| ErrorCode::ParseRequestParameterException)?,
            secure: peer.tls,
            user_agent: parts
                .headers
                .get(header::USER_AGENT)
                .and_then(|text| text.to_str().ok())
                .unwrap_or_default(),
            gateway,
        };

        let merged;
        let pairs = if form.0.is_empty() {
            &query.0
        } else {
            merged = query.0.iter().chain(&form.0).map(borrowed).collect::<Vec<_>>();
            &merged
        };
        let json = self.engine.call(&caller, operation, Params::new(pairs), &origin, trail).await?;
        success(operation.def().name, seen.format, json, request_id)
    }
}

/// Decoded parameters: may hold plaintexts and secret values, so owned texts are wiped when dropped.
struct Wiped<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Drop for Wiped<'_> {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            if let Cow::Owned(text) = value {
                let mut bytes = std::mem::take(text).into_bytes();
                zeroize_bytes(&mut bytes);
                bytes.spare_capacity_mut().zeroize();
            }
        }
    }
}

/// The gateway of an instance does what is done with keys and reads secrets; it manages nothing.
fn check_offered(operation: OperationId, gateway: Gateway<'_>) -> Result<(), WireError> {
    let def = operation.def();
    let offered = match gateway {
        Gateway::Shared => def.gateways != Gateways::Dedicated,
        Gateway::Dedicated(_) => def.product == Product::Kms && def.gateways != Gateways::Shared,
    };
    if offered {
        return Ok(());
    }
    let text =
        format!("{} is not offered by the gateway of a KMS instance: call the shared gateway.", def.label());
    Err(ApiError::with_message(ErrorCode::UnsupportedOperation, text).into())
}

/// Names that the vendor's SDKs have are no mistakes: the answer says that they are not offered.
fn unknown_action(product: Product, name: &str) -> ErrorCode {
    match is_known_and_not_offered(product, name) {
        true => ErrorCode::UnsupportedOperation,
        false => ErrorCode::InvalidActionNotFound,
    }
}

fn borrowed<'a>((name, value): &'a (Cow<'_, str>, Cow<'_, str>)) -> (Cow<'a, str>, Cow<'a, str>) {
    (Cow::Borrowed(name.as_ref()), Cow::Borrowed(value.as_ref()))
}

fn find<'a>(pairs: &'a Pairs<'_>, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_ref())
}

/// A parameter given twice, or in both query and form, has no one meaning and is refused.
fn check_names(query: &Pairs<'_>, form: &Pairs<'_>) -> Result<(), WireError> {
    /// Up to here comparing each with each is faster than hashing.
    const FEW: usize = 24;
    let count = query.len() + form.len();
    if count > MAX_PARAMETERS {
        let message = format!("A request has at most {MAX_PARAMETERS} parameters.");
        return Err(ApiError::with_message(ErrorCode::InvalidParameter, message).into());
    }
    let names = || query.iter().chain(form).map(|(name, _)| name.as_ref());
    let twice = if count <= FEW {
        names()
            .enumerate()
            .find(|(index, name)| names().take(*index).any(|other| other == *name))
            .map(|(_, name)| name)
    } else {
        let mut seen = HashSet::with_capacity(count);
        names().find(|name| !seen.insert(*name))
    };
    match twice {
        None => Ok(()),
        Some(name) => {
            let shown: String = name.chars().take(64).collect();
            let message = format!("The specified parameter {shown} is given more than once.");
            Err(ApiError::with_message(ErrorCode::InvalidParameter, message).into())
        }
    }
}

fn is_form(parts: &request::Parts) -> bool {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.as_bytes().get(..FORM.len()))
        .is_some_and(|value| value.eq_ignore_ascii_case(FORM))
}

/// The host that the client called, for the error's `HostId`.
pub(crate) fn host(parts: &request::Parts) -> &str {
    match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default(),
    }
}
