//! How a request gets to the service: the one place where bytes leave the process.

use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use zeroize::Zeroizing;

use crate::error::Cause;

/// The largest answer that is read, in bytes: 4 MiB.
pub const MAX_ANSWER_BYTES: usize = 4 << 20;

/// What [`Transport::send`] gives: the answer with its whole body.
pub type TransportFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Zeroizing<Vec<u8>>>, TransportError>> + Send + 'a>>;

/// Sends a signed request and reads the whole answer.
///
/// The client's own transport is HTTP/1.1 or HTTP/2 over rustls. Another one can be given to
/// [`ClientBuilder::transport`](crate::ClientBuilder::transport), for tests or for special networks. The request's URI is
/// absolute and its headers are complete; URI, headers and body hold secrets and must not be logged. `send` makes one
/// attempt: retries and time limits are the client's.
pub trait Transport: Send + Sync {
    /// Sends the request. Dropping the future gives the attempt up.
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_>;
}

/// Why there is no answer. The difference decides whether a request may be sent again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// There was no connection, so the request was surely not processed.
    #[error("no connection")]
    Connect(#[source] Cause),
    /// The TLS handshake was refused by one of the sides, for instance because of the certificate; the request was not sent.
    #[error("the TLS handshake failed")]
    Tls(#[source] Cause),
    /// The connection failed after the request was, or may have been, sent.
    #[error("the connection failed")]
    Broken(#[source] Cause),
    /// The answer is larger than [`MAX_ANSWER_BYTES`].
    #[error("the answer is larger than {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
}
