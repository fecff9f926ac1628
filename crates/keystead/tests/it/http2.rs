//! An HTTP/2 client, over TLS by ALPN or by prior knowledge on plain TCP.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use crate::signed::Parts;
use crate::wire::Answer;

/// A connection, usable by many requests at once.
pub struct Http2 {
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    scheme: &'static str,
}

impl Http2 {
    pub fn plain(address: SocketAddr) -> Self {
        let runtime = runtime();
        let sender = runtime.block_on(async {
            let stream = connect(address).await;
            start(stream).await
        });
        Self { runtime, sender, scheme: "http" }
    }

    pub fn tls(address: SocketAddr, config: Arc<ClientConfig>) -> Self {
        let runtime = runtime();
        let sender = runtime.block_on(async {
            let stream = connect(address).await;
            let stream =
                TlsConnector::from(config).connect(ServerName::from(address.ip()), stream).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
            start(stream).await
        });
        Self { runtime, sender, scheme: "https" }
    }

    pub fn send(&self, parts: &Parts) -> Answer {
        self.runtime.block_on(exchange(self.sender.clone(), self.request(parts)))
    }

    /// All at once, as streams of the one connection.
    pub fn send_all(&self, all: &[Parts]) -> Vec<Answer> {
        self.runtime.block_on(async {
            let tasks: Vec<_> = all
                .iter()
                .map(|parts| tokio::spawn(exchange(self.sender.clone(), self.request(parts))))
                .collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(task.await.unwrap());
            }
            answers
        })
    }

    /// The signed host becomes `:authority`.
    fn request(&self, parts: &Parts) -> Request<Full<Bytes>> {
        let authority = parts.headers["host"].to_str().unwrap();
        let mut request = Request::builder()
            .method(parts.method)
            .uri(format!("{}://{authority}{}", self.scheme, parts.target))
            .version(Version::HTTP_2)
            .body(Full::new(Bytes::from(parts.body.clone())))
            .unwrap();
        *request.headers_mut() = parts.headers.clone();
        request.headers_mut().remove(HOST);
        request
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

async fn start<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> SendRequest<Full<Bytes>> {
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn exchange(mut sender: SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> Answer {
    sender.ready().await.unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let (head, body) = response.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
        .collect();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: head.status.as_u16(), headers, body }
}
