//! The client's own transport: hyper over rustls, HTTP/1.1 or HTTP/2 as the server chooses, connections kept.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use zeroize::Zeroizing;

use crate::connector::TimedConnector;
use crate::error::Cause;
use crate::proxy::Proxies;
use crate::transport::{MAX_ANSWER_BYTES, Transport, TransportError, TransportFuture};

/// Connections are closed by the client before servers and balancers usually do (60 s and more): a request that meets a
/// connection just being closed has an unknown outcome.
const IDLE: Duration = Duration::from_secs(45);

pub(crate) struct HttpTransport {
    client: HyperClient<TimedConnector, Full<Bytes>>,
    proxies: Arc<Proxies>,
}

impl HttpTransport {
    /// A connection that no longer answers is given up within half of `attempt_timeout`, so that the next attempt gets another
    /// one. Over HTTP/1.1 an attempt that is given up closes its connection; over HTTP/2 the others would go on waiting there.
    pub(crate) fn new(connector: TimedConnector, proxies: Arc<Proxies>, attempt_timeout: Duration) -> Self {
        let quarter = (attempt_timeout / 4).max(Duration::from_millis(10));
        let client = HyperClient::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http2_keep_alive_interval(quarter)
            .http2_keep_alive_timeout(quarter)
            .build(connector);
        Self { client, proxies }
    }
}

impl Transport for HttpTransport {
    fn send(&self, mut request: Request<Bytes>) -> TransportFuture<'_> {
        if let Some(authorization) = self.proxies.authorization(request.uri()) {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, authorization);
        }
        let answering = self.client.request(request.map(Full::new));
        Box::pin(async move {
            let (head, body) = answering.await.map_err(classify)?.into_parts();
            let body = read_body(body, &head.headers).await?;
            Ok(Response::from_parts(head, body))
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
