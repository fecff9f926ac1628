use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// Answers requests.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. Never fails: what goes wrong is an answer too.
    fn handle(
        &self,
        request: Request<Incoming>,
        peer: Peer,
    ) -> impl Future<Output = Response<Full<Bytes>>> + Send;
}

/// The other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether the connection is TLS.
    pub tls: bool,
    /// The name by which it called the server in the TLS handshake.
    pub server_name: Option<Arc<str>>,
}

/// What a listener allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a request's head may take, and how long a connection may be idle.
    pub head: Duration,
    /// Bytes of a request's head at most, beyond which the answer is a bare 431 or 414.
    pub head_bytes: usize,
    /// How long requests under way may take when the listener closes.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            handshake: Duration::from_secs(10),
            // Official clients keep connections for about a minute; closing earlier makes them meet resets.
            head: Duration::from_secs(75),
            // A request target of 64 KiB, and the headers.
            head_bytes: 128 << 10,
            drain: Duration::from_secs(10),
        }
    }
}

/// Accepts connections on one address and serves them until it is told to stop.
pub struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
}

/// The start of an HTTP/2 connection without TLS (RFC 9113, 3.4). No HTTP/1 method begins so.
const HTTP2_PREFACE: &[u8] = b"PRI";

impl Listener {
    /// Binds an address; port 0 picks a free one.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn bind(address: SocketAddr, tls: Option<TlsAcceptor>, limits: Limits) -> io::Result<Self> {
        Ok(Self { tcp: TcpListener::bind(address).await?, tls, limits })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `stop` becomes true, then lets the requests under way end.
    pub async fn serve<H: Handler>(self, handler: Arc<H>, mut stop: watch::Receiver<bool>) {
        let Self { tcp, tls, limits } = self;
        let graceful = GracefulShutdown::new();
        let slots = Arc::new(Semaphore::new(limits.connections));
        loop {
            let slot = tokio::select! {
                slot = slots.clone().acquire_owned() => slot,
                () = stopped(&mut stop) => break,
            };
            // The semaphore is never closed.
            let Ok(slot) = slot else { break };
            let (stream, address) = tokio::select! {
                accepted = tcp.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of file descriptors, or the client was gone already. Only the first needs a pause.
                        tracing::warn!(%error, "a connection was not accepted");
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    }
                },
                () = stopped(&mut stop) => break,
            };
            let _ = stream.set_nodelay(true);
            let connection = Connection {
                handler: handler.clone(),
                peer: Peer { address, tls: tls.is_some(), server_name: None },
                limits: limits.clone(),
                watcher: graceful.watcher(),
            };
            let acceptor = tls.clone();
            tokio::spawn(async move {
                connection.serve(stream, acceptor).await;
                drop(slot);
            });
        }
        drop(tcp);
        if tokio::time::timeout(limits.drain, graceful.shutdown()).await.is_err() {
            tracing::warn!("some connections did not end in time and are cut");
        }
    }
}

/// Waits for the sign to stop; also ends when nobody is left to give it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // In a function of its own, because the value that is waited for must not live across another await.
    let _ = stop.wait_for(|stop| *stop).await;
}

struct Connection<H> {
    handler: Arc<H>,
    peer: Peer,
    limits: Limits,
    watcher: Watcher,
}

impl<H: Handler> Connection<H> {
    async fn serve(mut self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        match acceptor {
            None => {
                // Which HTTP it is shows in the first bytes. A client that sends none is not waited for longer than one
                // that sends half a head.
                let mut first = [0; HTTP2_PREFACE.len()];
                let peeked = tokio::time::timeout(self.limits.head, stream.peek(&mut first)).await;
                match peeked {
                    Ok(Ok(n)) if n > 0 => {
                        let http2 = n >= 2 && HTTP2_PREFACE.starts_with(&first[..n]);
                        self.speak(stream, http2).await;
                    }
                    _ => {}
                }
            }
            Some(acceptor) => {
                match tokio::time::timeout(self.limits.handshake, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        let handshake = stream.get_ref().1;
                        let http2 = handshake.alpn_protocol() == Some(b"h2");
                        self.peer.server_name = handshake.server_name().map(Arc::from);
                        self.speak(stream, http2).await;
                    }
                    Ok(Err(error)) => {
                        tracing::debug!(%error, peer = %self.peer.address, "TLS handshake failed")
                    }
                    Err(_) => tracing::debug!(peer = %self.peer.address, "TLS handshake took too long"),
                }
            }
        }
    }

    async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S, http2: bool) {
        let Self { handler, peer, limits, watcher } = self;
        let address = peer.address;
        let service = service_fn(move |request| {
            let (handler, peer) = (handler.clone(), peer.clone());
            async move { Ok::<_, std::convert::Infallible>(handler.handle(request, peer).await) }
        });
        let io = TokioIo::new(stream);
        let ended = if http2 {
            let connection = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .keep_alive_interval(limits.head)
                .keep_alive_timeout(limits.handshake)
                .max_concurrent_streams(256)
                .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
                .serve_connection(io, service);
            watcher.watch(connection).await
        } else {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits.head)
                .max_buf_size(limits.head_bytes)
                .serve_connection(io, service);
            watcher.watch(connection).await
        };
        if let Err(error) = ended {
            tracing::debug!(%error, peer = %address, "the connection ended early");
        }
    }
}
