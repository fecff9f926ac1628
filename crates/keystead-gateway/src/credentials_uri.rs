//! The endpoint for `ALIBABA_CLOUD_CREDENTIALS_URI`: one GET, one session.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::machine::{MachineRole, plain, refuse_strangers};
use crate::{Handler, Peer, body};

/// Answers with a session of one role.
pub struct CredentialsUriGateway {
    role: MachineRole,
    path: String,
}

impl CredentialsUriGateway {
    /// Gives away sessions of a role under this path, which clients cannot prove anything beside knowing.
    pub fn new(role: MachineRole, path: impl Into<String>) -> Self {
        Self { role, path: path.into() }
    }
}

impl Handler for CredentialsUriGateway {
    async fn handle(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let (parts, incoming) = request.into_parts();
        body::discard_unless_empty(incoming);
        if let Some(refusal) = refuse_strangers(&parts) {
            return refusal;
        }
        let known = keystead_crypto::constant_time_eq(parts.uri.path().as_bytes(), self.path.as_bytes());
        match (&parts.method, known) {
            (_, false) => plain(StatusCode::NOT_FOUND, "not found"),
            (&Method::GET, true) => self.role.session(&parts, peer).await,
            _ => plain(StatusCode::METHOD_NOT_ALLOWED, "use GET"),
        }
    }
}
