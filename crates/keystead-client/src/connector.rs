//! How a connection comes about: the name's addresses, a proxy on the way or none, all within a time limit.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::error::Cause;
use crate::proxy::Proxies;

type Pinned<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Finds the addresses of a host; see [`ClientBuilder::resolver`](crate::ClientBuilder::resolver).
pub trait Resolver: Send + Sync {
    /// The addresses of a host's name, in the order in which they are tried. Asked for each new connection.
    fn resolve(&self, host: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// Connects by TLS or plainly, within a time limit. hyper's own limit would leave out the TLS handshake.
///
/// hyper's client clones it for every request, so what it is made of is shared.
#[derive(Clone)]
pub(crate) struct TimedConnector {
    inner: Arc<HttpsConnector<ProxyConnector>>,
    limit: Duration,
}

impl TimedConnector {
    pub(crate) fn new(
        tls: rustls::ClientConfig,
        proxies: Arc<Proxies>,
        resolver: Option<Arc<dyn Resolver>>,
        limit: Duration,
    ) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Names(resolver));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        let inner = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(ProxyConnector { tcp, proxies });
        Self { inner: Arc::new(inner), limit }
    }
}

impl Service<Uri> for TimedConnector {
    type Response = <HttpsConnector<ProxyConnector> as Service<Uri>>::Response;
    type Error = Cause;
    type Future = Pinned<Result<Self::Response, Cause>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let mut inner = HttpsConnector::clone(&self.inner);
        let limit = self.limit;
        Box::pin(async move {
            let connecting = async {
                poll_fn(|context| inner.poll_ready(context)).await?;
                inner.call(target).await
            };
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

/// Connects to the target or to the proxy before it. To a target in TLS it asks the proxy for a tunnel.
#[derive(Clone)]
pub(crate) struct ProxyConnector {
    tcp: HttpConnector<Names>,
    proxies: Arc<Proxies>,
}

impl Service<Uri> for ProxyConnector {
    type Response = Way;
    type Error = Cause;
    type Future = Pinned<Result<Way, Cause>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let Some(hop) = self.proxies.of(&target) else {
            let connecting = self.tcp.call(target);
            return Box::pin(async move { Ok(Way { stream: connecting.await?, to_proxy: false }) });
        };
        if target.scheme_str() == Some("http") {
            let connecting = self.tcp.call(hop.uri().clone());
            return Box::pin(async move { Ok(Way { stream: connecting.await?, to_proxy: true }) });
        }
        let mut tunnel = Tunnel::new(hop.uri().clone(), self.tcp.clone());
        if let Some(authorization) = hop.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        let connecting = tunnel.call(target);
        Box::pin(async move { Ok(Way { stream: connecting.await?, to_proxy: false }) })
    }
}

/// A connection that knows whether it is a proxy that reads the requests.
pub(crate) struct Way {
    stream: TokioIo<TcpStream>,
    to_proxy: bool,
}

impl Connection for Way {
    fn connected(&self) -> Connected {
        self.stream.connected().proxy(self.to_proxy)
    }
}

impl Read for Way {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Way {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }
}

/// The caller's resolver, else the platform's.
#[derive(Clone)]
struct Names(Option<Arc<dyn Resolver>>);

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pinned<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        match &self.0 {
            Some(resolver) => {
                let resolving = resolver.resolve(name.as_str());
                Box::pin(async move {
                    // The connector puts the port in.
                    let with_port = |address| SocketAddr::new(address, 0);
                    Ok(resolving.await?.into_iter().map(with_port).collect::<Vec<_>>().into_iter())
                })
            }
            None => {
                let resolving = GaiResolver::new().call(name);
                Box::pin(async move { Ok(resolving.await?.collect::<Vec<_>>().into_iter()) })
            }
        }
    }
}
