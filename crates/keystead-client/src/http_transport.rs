//! The client's own transport: hyper over rustls, HTTP/1.1 or HTTP/2 as the server chooses, connections kept.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{HeaderMap, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_service::Service;
use zeroize::Zeroizing;

use crate::error::Cause;
use crate::transport::{MAX_ANSWER_BYTES, Transport, TransportError, TransportFuture};

/// Connections are closed by the client before servers and balancers usually do (60 s and more): a request that meets a
/// connection just being closed has an unknown outcome.
const IDLE: Duration = Duration::from_secs(45);

pub(crate) struct HttpTransport {
    client: HyperClient<TimedConnector, Full<Bytes>>,
}

impl HttpTransport {
    /// `connect_timeout` is for the TCP connection and the TLS handshake together.
    pub(crate) fn new(tls: rustls::ClientConfig, connect_timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let client = HyperClient::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(TimedConnector { inner: connector, limit: connect_timeout });
        Self { client }
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        let answering = self.client.request(request.map(Full::new));
        Box::pin(async move {
            let (head, body) = answering.await.map_err(classify)?.into_parts();
            let body = read_body(body, &head.headers).await?;
            Ok(Response::from_parts(head, body))
        })
    }
}

/// Connects within a time limit. hyper's own limit would leave out the TLS handshake.
#[derive(Clone)]
struct TimedConnector {
    inner: HttpsConnector<HttpConnector>,
    limit: Duration,
}

impl Service<Uri> for TimedConnector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Cause>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = self.inner.call(target);
        let limit = self.limit;
        Box::pin(async move {
            match tokio::time::timeout(limit, connecting).await {
                Ok(outcome) => outcome,
                Err(_) => {
                    let text = format!("no connection within {limit:?}");
                    Err(io::Error::new(io::ErrorKind::TimedOut, text).into())
                }
            }
        })
    }
}

fn classify(error: hyper_util::client::legacy::Error) -> TransportError {
    if !error.is_connect() {
        return TransportError::Broken(error.into());
    }
    if is_tls(&error) { TransportError::Tls(error.into()) } else { TransportError::Connect(error.into()) }
}

/// Whether rustls refused, and not merely the connection under it broke.
fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An io::Error hides the error that it was made of from `source`.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// Reads a body into memory that is wiped, also where it had to grow.
async fn read_body<B>(mut body: B, headers: &HeaderMap) -> Result<Zeroizing<Vec<u8>>, TransportError>
where
    B: BodyExt<Data = Bytes> + Unpin,
    B::Error: Into<Cause>,
{
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > MAX_ANSWER_BYTES) {
        return Err(TransportError::TooLarge);
    }
    let mut out = Zeroizing::new(Vec::with_capacity(announced.unwrap_or(4 << 10)));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| TransportError::Broken(error.into()))?;
        let Ok(data) = frame.into_data() else { continue };
        let length = out.len() + data.remaining();
        if length > MAX_ANSWER_BYTES {
            return Err(TransportError::TooLarge);
        }
        if length > out.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length.next_power_of_two()));
            larger.extend_from_slice(&out);
            out = larger;
        }
        out.extend_from_slice(&data);
    }
    Ok(out)
}
