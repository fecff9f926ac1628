use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use keystead_service::Engine;

use crate::{Handler, Metrics, Peer, body};

/// For the operator's probes: `/livez` (the process answers), `/readyz` (requests can be served), `/metrics`.
///
/// It needs no credentials and shows no names or ids; it belongs on a loopback or management address.
pub struct OpsGateway {
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
}

impl OpsGateway {
    /// Probes of an engine.
    pub fn new(engine: Arc<Engine>, metrics: Arc<Metrics>) -> Self {
        Self { engine, metrics }
    }
}

impl Handler for OpsGateway {
    async fn handle(&self, request: Request<Incoming>, _: Peer) -> Response<Full<Bytes>> {
        let (parts, incoming) = request.into_parts();
        body::discard_unless_empty(incoming);
        let (status, text) = match (&parts.method, parts.uri.path()) {
            (&Method::GET | &Method::HEAD, "/livez") => (StatusCode::OK, b"ok\n".to_vec()),
            (&Method::GET | &Method::HEAD, "/readyz") => match self.engine.ready().await {
                Ok(()) => (StatusCode::OK, b"ok\n".to_vec()),
                Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n").into_bytes()),
            },
            (&Method::GET | &Method::HEAD, "/metrics") => {
                (StatusCode::OK, self.metrics.render(self.engine.audit_stats()))
            }
            (_, "/livez" | "/readyz" | "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, b"use GET\n".to_vec()),
            _ => (StatusCode::NOT_FOUND, b"not found\n".to_vec()),
        };
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
        response
    }
}
