//! The protobuf half of a dedicated gateway.
//!
//! A request is looked at in this order: operation and version, the other headers, the date, client key and signature, the
//! body's hash, the body, permission, parameters. Nothing of a body is read before the signature is found good.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode, header, request};
use http_body_util::Full;
use hyper::body::Incoming;
use keystead_api::instance::{self as api, ErrorBody, InstanceMessage as _};
use keystead_api::{ApiError, ErrorCode, OperationId, Product};
use keystead_auth::instance::{self as auth, Claim, Flaw, content_sha256};
use keystead_crypto::{Random, RandomError};
use keystead_service::audit::{Outcome, Source, Trail};
use keystead_service::{ClientKeyFailure, Engine, Gateway, InstanceAnswer, Origin};

use crate::Peer;
use crate::answer::Wiped;
use crate::body::{self, BodyError};
use crate::metrics::Metrics;
use crate::proxies::TrustedProxies;
use crate::request_id::{RequestId, RequestIds};
use crate::shared::host;

/// Characters of a header that an error shows at most.
const SHOWN: usize = 64;
const KEY_VERSION_ID: HeaderName = HeaderName::from_static(api::HEADER_KEY_VERSION_ID);

/// Answers calls of the instance API.
pub(crate) struct InstanceApi {
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    ids: RequestIds,
    proxies: TrustedProxies,
}

/// What was found out about a request before it failed or was answered.
#[derive(Default)]
struct Seen {
    operation: Option<OperationId>,
    /// A body that was not read, or not to its end.
    unread: Option<Incoming>,
}

impl InstanceApi {
    pub(crate) fn new(
        engine: Arc<Engine>,
        metrics: Arc<Metrics>,
        random: &dyn Random,
        proxies: TrustedProxies,
    ) -> Result<Self, RandomError> {
        Ok(Self { engine, metrics, ids: RequestIds::new(random)?, proxies })
    }

    /// Answers a request. An error in the gateway's place is the answer.
    pub(crate) async fn serve(
        &self,
        (parts, body): (request::Parts, Incoming),
        peer: Peer,
        gateway: Result<Gateway<'_>, ErrorCode>,
    ) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let _in_flight = self.metrics.begin();
        let request_id = self.ids.next();
        let address = peer.address.ip();
        let source = self.proxies.client(address, &parts.headers);
        let recording = self.engine.record(
            request_id.as_str(),
            &Source {
                // A request whose way cannot be told is refused, and recorded under the proxy's address.
                address: source.unwrap_or(address),
                user_agent: parts.headers.get(header::USER_AGENT).map_or(&b""[..], |agent| agent.as_bytes()),
                host: host(&parts),
            },
            started,
        );
        let mut seen = Seen::default();
        let origin = gateway.and_then(|gateway| {
            Ok(Origin {
                request_id: request_id.as_str(),
                source: source.map_err(|_| ErrorCode::InvalidParameter)?,
                secure: peer.tls,
                user_agent: text(&parts, header::USER_AGENT.as_str()),
                gateway,
            })
        });
        let result = match origin {
            Ok(origin) => self.answer(&parts, body, &origin, recording.trail(), &mut seen).await,
            Err(code) => {
                seen.unread = Some(body);
                Err(code.into())
            }
        };
        let code = result.as_ref().err().map(|error: &ApiError| error.code().name());
        let outcome = match &result {
            Ok(_) => Outcome::GOOD,
            Err(error) => Outcome { status: error.status(), error_code: code.as_deref() },
        };
        // What is not in the audit log is not answered.
        let recorded = recording.finish(outcome).await;
        if let Some(body) = seen.unread.take() {
            body::discard_unless_empty(body);
        }
        let operation = seen.operation.map(|operation| operation.def().name);
        match recorded.and(result) {
            Ok(answer) => {
                if let Some(operation) = seen.operation {
                    self.metrics.good(operation, started.elapsed());
                }
                tracing::debug!(
                    request_id = request_id.as_str(),
                    operation,
                    peer = %peer.address,
                    "answered through the instance API"
                );
                success(answer)
            }
            Err(error) => {
                let code = error.code().name();
                self.metrics.error(seen.operation, &code);
                tracing::debug!(
                    request_id = request_id.as_str(),
                    operation,
                    peer = %peer.address,
                    %code,
                    status = error.status(),
                    "refused by the instance API"
                );
                failure(&error, &request_id)
            }
        }
    }

    async fn answer(
        &self,
        parts: &request::Parts,
        mut body: Incoming,
        origin: &Origin<'_>,
        trail: &Trail,
        seen: &mut Seen,
    ) -> Result<InstanceAnswer, ApiError> {
        let checked = self.check(parts, trail, seen).await;
        let (claim, operation, caller) = match checked {
            Ok(checked) => checked,
            Err(error) => {
                seen.unread = Some(body);
                return Err(error);
            }
        };
        // Half a body, or none in time, is one that does not fit its hash: official clients send it again.
        let broken = || invalid_param("Content-SHA256");
        let bytes = match body::read_up_to(&mut body, api::MAX_BODY as u64).await {
            Ok(bytes) => bytes,
            Err(BodyError::TooLarge) => {
                seen.unread = Some(body);
                trail.claimed(operation.def().name, claim.client_key_id);
                return Err(ErrorCode::RequestBodyTooLarge.into());
            }
            Err(BodyError::Broken) => {
                trail.claimed(operation.def().name, claim.client_key_id);
                return Err(broken());
            }
        };
        if content_sha256(&bytes) != claim.content_sha256 {
            trail.claimed(operation.def().name, claim.client_key_id);
            return Err(broken());
        }
        self.engine.call_instance(&caller, operation, &bytes, claim.key_version_id, origin, trail).await
    }

    /// Everything that is known without the body.
    async fn check<'a>(
        &self,
        parts: &'a request::Parts,
        trail: &Trail,
        seen: &mut Seen,
    ) -> Result<(Claim<'a>, OperationId, keystead_service::Caller), ApiError> {
        if parts.method != Method::POST {
            return Err(ErrorCode::UnsupportedHttpMethod.into());
        }
        if parts.uri.path() != "/" {
            return Err(ErrorCode::InvalidActionNotFound.into());
        }
        let name = auth::api_name(&parts.headers);
        let operation = OperationId::find(Product::Instance, name).ok_or_else(|| {
            let message = format!("The ApiName \"{}\" is invalid.", cut(name));
            ApiError::with_message(ErrorCode::InvalidApiName, message)
        })?;
        seen.operation = Some(operation);
        let claimed_id = text(parts, api::HEADER_ACCESS_KEY_ID);
        let unproven = |error: ApiError| {
            trail.claimed(name, claimed_id);
            error
        };
        let claim = Claim::read(&parts.method, &parts.headers).map_err(|flaw| unproven(flawed(flaw)))?;
        if !auth::is_in_window(claim.unix_seconds, self.engine.now().0) {
            return Err(unproven(ErrorCode::RequestTimeTooSkewed.into()));
        }
        let caller =
            self.engine.authenticate_client_key(claim.client_key_id, &claim.text, &claim.signature).await;
        let caller = caller.map_err(|failure| unproven(not_authenticated(failure, claim.client_key_id)))?;
        Ok((claim, operation, caller))
    }
}

/// Why nobody is known to have sent it.
fn not_authenticated(failure: ClientKeyFailure, id: &str) -> ApiError {
    match failure {
        ClientKeyFailure::Unknown | ClientKeyFailure::Expired => {
            let message = format!("The AccessKey ID \"{}\" does not exist in our records.", cut(id));
            ApiError::with_message(ErrorCode::Unauthorized, message)
        }
        ClientKeyFailure::Signature => ErrorCode::SignatureNotMatch.into(),
        ClientKeyFailure::Refused(error) => error,
    }
}

fn flawed(flaw: Flaw<'_>) -> ApiError {
    match flaw {
        Flaw::ApiVersion(version) => {
            let message = format!("The ApiVersion \"{}\" is invalid.", cut(version));
            ApiError::with_message(ErrorCode::InvalidApiVersion, message)
        }
        Flaw::ContentType(content_type) => {
            let message = format!("Content-Type \"{}\" is unsupported.", cut(content_type));
            ApiError::with_message(ErrorCode::InvalidContentType, message)
        }
        Flaw::Missing(name) => {
            let message = format!("Parameter {name} does not exist in http header or body.");
            ApiError::with_message(ErrorCode::MissingParameter, message)
        }
        Flaw::Invalid(name) => invalid_param(name),
    }
}

/// About headers only: official clients read the texts, and take this code with any other text for something else.
fn invalid_param(name: &str) -> ApiError {
    ApiError::with_message(ErrorCode::InvalidParam, format!("The Param {name} is invalid."))
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(SHOWN)]
}

fn text<'a>(parts: &'a request::Parts, name: &str) -> &'a str {
    parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn success(answer: InstanceAnswer) -> Response<Full<Bytes>> {
    let mut response = response(StatusCode::OK, answer.body);
    if let Some(id) = answer.key_version_id.and_then(|id| HeaderValue::try_from(id).ok()) {
        response.headers_mut().insert(KEY_VERSION_ID, id);
    }
    response
}

/// Always has a body: one official client fails inside without.
fn failure(error: &ApiError, request_id: &RequestId) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = ErrorBody {
        status_code: i32::from(status.as_u16()),
        error_code: error.code().name().into_owned(),
        error_message: error.message().to_owned(),
        request_id: request_id.as_str().to_owned(),
    };
    response(status, body.write())
}

fn response(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_owner(Wiped(body))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(api::CONTENT_TYPE));
    response
}
