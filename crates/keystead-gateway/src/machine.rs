//! Sessions for programs on this machine: what the metadata endpoint and the credentials URI have in common.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{Response, StatusCode, request};
use http_body_util::Full;
use keystead_api::{ApiError, ErrorCode, OperationId, SecretText, Timestamp};
use keystead_crypto::{Random, RandomError};
use keystead_service::audit::{Outcome, Source, Trail};
use keystead_service::identity::MachineSession;
use keystead_service::{Engine, Gateway, Origin};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::Peer;
use crate::quotas::Quotas;
use crate::request_id::RequestIds;

/// The role whose sessions an endpoint gives away.
pub struct MachineRole {
    engine: Arc<Engine>,
    account: String,
    role: String,
    session_name: String,
    ids: RequestIds,
    quotas: Option<Arc<Quotas>>,
}

/// As the cloud's own endpoint answers.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials<'a> {
    access_key_id: &'a str,
    access_key_secret: &'a SecretText,
    expiration: String,
    security_token: &'a SecretText,
    last_updated: String,
    code: &'static str,
}

impl MachineRole {
    /// Gives away sessions of an account's role, under this session name.
    ///
    /// # Errors
    /// When there is no randomness for request ids.
    pub fn new(
        engine: Arc<Engine>,
        account: impl Into<String>,
        role: impl Into<String>,
        session_name: impl Into<String>,
        random: &dyn Random,
    ) -> Result<Self, RandomError> {
        let ids = RequestIds::new(random)?;
        Ok(Self {
            engine,
            account: account.into(),
            role: role.into(),
            session_name: session_name.into(),
            ids,
            quotas: None,
        })
    }

    /// Counts each session as a call of AssumeRole, and gives none beyond the limit; if there are quotas.
    #[must_use]
    pub fn limited(mut self, quotas: impl Into<Option<Arc<Quotas>>>) -> Self {
        self.quotas = quotas.into();
        self
    }

    /// The role's name.
    pub(crate) fn name(&self) -> &str {
        &self.role
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// A new session, as JSON; or why there is none, which is for the log and says little to the other side.
    pub(crate) async fn session(&self, parts: &request::Parts, peer: Peer) -> Response<Full<Bytes>> {
        let id = self.ids.next();
        let origin = Origin {
            request_id: id.as_str(),
            source: peer.address.ip().to_canonical(),
            secure: peer.tls,
            user_agent: parts
                .headers
                .get(http::header::USER_AGENT)
                .and_then(|text| text.to_str().ok())
                .unwrap_or_default(),
            gateway: Gateway::Shared,
        };
        let source = Source {
            address: origin.source,
            user_agent: origin.user_agent.as_bytes(),
            host: parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default(),
        };
        let recording = self.engine.record(id.as_str(), &source, Instant::now());
        let session = self.issue(&origin, recording.trail()).await;
        let code = session.as_ref().err().map(|error| (error.code().name().into_owned(), error.status()));
        let outcome = match &code {
            Some((code, status)) => Outcome { status: *status, error_code: Some(code) },
            None => Outcome::GOOD,
        };
        // What is not in the audit log is not given away.
        match recording.finish(outcome).await.and(session) {
            Ok(session) => {
                let credentials = Credentials {
                    access_key_id: &session.access_key_id,
                    access_key_secret: &session.access_key_secret,
                    expiration: session.expires.to_string(),
                    security_token: &session.security_token,
                    last_updated: session.issued.to_string(),
                    code: "Success",
                };
                // Room first: a vector that grows would leave a copy behind.
                let mut json = Zeroizing::new(Vec::with_capacity(2 << 10));
                match serde_json::to_writer(&mut *json, &credentials) {
                    Ok(()) => answer(StatusCode::OK, "application/json", Bytes::from_owner(json)),
                    Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "no credentials"),
                }
            }
            Err(error) => {
                tracing::warn!(%error, role = self.role, "no session can be given to this machine's programs");
                let status = match error.code() {
                    // It passes.
                    ErrorCode::RejectedThrottling => StatusCode::SERVICE_UNAVAILABLE,
                    _ if error.status() < 500 => StatusCode::NOT_FOUND,
                    _ => StatusCode::SERVICE_UNAVAILABLE,
                };
                plain(status, "no credentials")
            }
        }
    }
}

impl MachineRole {
    async fn issue(&self, origin: &Origin<'_>, trail: &Trail) -> Result<MachineSession, ApiError> {
        let (account, role, name) = (&self.account, &self.role, &self.session_name);
        if let Some(quotas) = &self.quotas
            && quotas.admit(account, OperationId::StsAssumeRole).is_err()
        {
            return Err(ErrorCode::RejectedThrottling.into());
        }
        self.engine.machine_session(account, role, name, origin, trail).await
    }
}

/// Why a request is not one of a program on this machine.
///
/// A page in a browser can make it call a name that leads here; such a call names that name. A proxy that was made to call
/// this address says for whom.
pub(crate) fn refuse_strangers(parts: &request::Parts) -> Option<Response<Full<Bytes>>> {
    const FORWARDED: [HeaderName; 2] =
        [HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("forwarded")];
    let host = match parts.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => parts.headers.get(HOST).and_then(|host| host.to_str().ok()),
    };
    let direct =
        host.is_some_and(is_address) && FORWARDED.iter().all(|name| !parts.headers.contains_key(name));
    (!direct).then(|| plain(StatusCode::FORBIDDEN, "call this by its address"))
}

/// Whether a host, with or without a port, is an address or `localhost`.
fn is_address(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
}

pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    answer(status, "text/plain", Bytes::from_static(text.as_bytes()))
}

pub(crate) fn answer(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn hosts() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:80",
            "[::1]:8080",
            "[::1]",
            "::1",
            "localhost",
            "LOCALHOST:1",
            "100.100.100.200",
        ] {
            assert!(is_address(host), "{host}");
        }
        for host in
            ["", "evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", ":80"]
        {
            assert!(!is_address(host), "{host}");
        }
    }
}
