//! The shared gateway: `kms.<region>…`, RPC, all operations.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::request;
use http::{Method, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use keystead_api::{ApiError, ErrorCode, LEGACY_OPERATIONS, OperationId, Params};
use keystead_auth::{Pairs, Presented, RequestView, decode_pairs, decode_pairs_bytes, present};
use keystead_crypto::{Random, RandomError};
use keystead_service::Engine;
use keystead_service::audit::{Outcome, Source, Trail};
use zeroize::Zeroize;

use crate::answer::{Format, WireError, failure, success};
use crate::body::{self, BodyError};
use crate::metrics::Metrics;
use crate::request_id::{RequestId, RequestIds};
use crate::{Handler, Peer};

/// The API version of the KMS.
const VERSION: &str = "2016-01-20";
/// Parameters of a request at most; the largest documented request has about a hundred.
const MAX_PARAMETERS: usize = 512;

/// The shared gateway.
pub struct SharedGateway {
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    ids: RequestIds,
}

impl SharedGateway {
    /// A gateway to an engine.
    ///
    /// # Errors
    /// When there is no randomness for request ids.
    pub fn new(engine: Arc<Engine>, metrics: Arc<Metrics>, random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self { engine, metrics, ids: RequestIds::new(random)? })
    }
}

impl Handler for SharedGateway {
    async fn handle(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let _in_flight = self.metrics.begin();
        let request_id = self.ids.next();
        let (parts, body) = request.into_parts();
        let mut seen = Seen { format: Format::Json, operation: None, unread: None };
        let recording = self.engine.record(request_id.as_str(), &source(&parts, &peer), started);
        let result = self.answer(&parts, body, (&request_id, recording.trail()), &mut seen).await;
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
                failure(&error, seen.format, host(&parts), &request_id)
            }
        }
    }
}

/// What was found out about a request before it failed or was answered.
struct Seen {
    format: Format,
    operation: Option<OperationId>,
    /// A body that was not read, or not to its end.
    unread: Option<Incoming>,
}

impl SharedGateway {
    async fn answer(
        &self,
        parts: &request::Parts,
        mut body: Incoming,
        (request_id, trail): (&RequestId, &Trail),
        seen: &mut Seen,
    ) -> Result<Response<Full<Bytes>>, WireError> {
        let query = decode_pairs(parts.uri.query().unwrap_or_default());
        if let Ok(query) = &query {
            seen.format = Format::of(find(query, "Format"));
        }
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
        let claim = match present(&view)? {
            Presented::Signed(claim) => claim,
            // Tokens that nobody here issues.
            Presented::Bearer | Presented::IdToken => return Err(ErrorCode::InvalidSignatureMethod.into()),
            Presented::Anonymous { .. } => return Err(ErrorCode::IncompleteSignature.into()),
        };
        let unproven = |error: WireError| {
            trail.claimed(claim.action(), claim.access_key_id());
            error
        };
        if claim.version() != VERSION {
            return Err(unproven(ErrorCode::InvalidVersion.into()));
        }
        let operation = OperationId::find(claim.action());
        let operation = operation.ok_or_else(|| unproven(unknown_action(claim.action()).into()))?;
        seen.operation = Some(operation);
        let caller = self.engine.authenticate(&claim, &view).await;
        let caller = caller.map_err(|failure| unproven(failure.into()))?;

        let merged;
        let pairs = if form.0.is_empty() {
            &query.0
        } else {
            merged = query.0.iter().chain(&form.0).map(borrowed).collect::<Vec<_>>();
            &merged
        };
        let json = self.engine.call(&caller, operation, Params::new(pairs), trail).await?;
        success(operation.def().name, seen.format, json, request_id)
    }
}

/// Decoded parameters: may hold plaintexts and secret values, so owned texts are wiped when dropped.
struct Wiped<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Drop for Wiped<'_> {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            if let Cow::Owned(text) = value {
                text.zeroize();
            }
        }
    }
}

/// Names that legacy SDKs have are no mistakes: the answer says that they are not offered.
fn unknown_action(name: &str) -> ErrorCode {
    match LEGACY_OPERATIONS.binary_search(&name) {
        Ok(_) => ErrorCode::UnsupportedOperation,
        Err(_) => ErrorCode::InvalidActionNotFound,
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

/// Where a request comes from, for the audit log.
fn source<'a>(parts: &'a request::Parts, peer: &Peer) -> Source<'a> {
    let user_agent = parts.headers.get(header::USER_AGENT).map_or(&b""[..], |agent| agent.as_bytes());
    Source { address: peer.address.ip(), user_agent, host: host(parts) }
}

/// The host that the client called, for the error's `HostId`.
fn host(parts: &request::Parts) -> &str {
    match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default(),
    }
}
