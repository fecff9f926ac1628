//! How connections come about: through proxies, by names that move, and given up when nothing comes back.
#![allow(clippy::unwrap_used)]

mod common;

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use common::{Server, Step, builder, identity, json};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use keystead_client::operations::EncryptRequest;
use keystead_client::providers::{Http, HttpRequest};
use keystead_client::{BuildError, Client, CredentialsHttp, Error, Resolver, RetryPolicy, TransportError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use zeroize::Zeroizing;

const ENCRYPTED: &str = r#"{"CiphertextBlob":"c","RequestId":"r"}"#;

async fn encrypt(client: &Client) -> Result<(), Error> {
    client.encrypt(EncryptRequest::new("k", b"p")).await.map(drop)
}

/// A proxy that tunnels to whom it is asked for, after it has said `answer`; gives the heads that it read.
async fn tunnels(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let seen = heads.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let target = head.split(' ').nth(1).unwrap().to_owned();
            seen.lock().unwrap().push(head);
            stream.write_all(answer.as_bytes()).await.unwrap();
            if answer.contains(" 200 ") {
                let mut beyond = TcpStream::connect(target).await.unwrap();
                tokio::spawn(async move { copy_bidirectional(&mut stream, &mut beyond).await });
            }
        }
    });
    (address, heads)
}

#[tokio::test]
async fn tls_goes_through_a_tunnel() {
    let (ca, acceptor) = identity(b"http/1.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server =
        Server::scripted(address.clone(), [json(200, ENCRYPTED), json(200, ENCRYPTED), json(200, "{}")]);
    let serving = server.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serving.clone().serve(acceptor.accept(stream).await.unwrap()));
        }
    });
    let (proxy, heads) = tunnels("HTTP/1.1 200 Connection established\r\n\r\n").await;
    let proxy = format!("http://user:p%40ss@{proxy}");
    let client = builder(&address).plain_http(false).ca_pem(ca.clone()).proxy(&proxy).build().unwrap();
    encrypt(&client).await.unwrap();
    encrypt(&client).await.unwrap();
    // `user:p@ss`
    let head = format!(
        "CONNECT {address} HTTP/1.1\r\nHost: {address}\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n"
    );
    assert_eq!(*heads.lock().unwrap(), std::slice::from_ref(&head));
    for seen in server.seen() {
        seen.verified();
        assert_eq!(seen.header("host"), address);
        assert!(!seen.headers.contains_key("proxy-authorization"));
    }
    // So do the sources of credentials.
    let mut request = Request::new(Zeroizing::new(Vec::new()));
    *request.uri_mut() = format!("https://{address}/").parse().unwrap();
    let limit = Duration::from_secs(30);
    let request = HttpRequest { request, connect_timeout: limit, timeout: limit };
    CredentialsHttp::new().ca_pem(ca).proxy(proxy).send(request).await.unwrap();
    assert_eq!(*heads.lock().unwrap(), [head.clone(), head]);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_no_connection() {
    let (ca, _) = identity(b"http/1.1");
    for answer in ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n\r\n"] {
        let (proxy, heads) = tunnels(answer).await;
        let client = builder("127.0.0.1:1")
            .plain_http(false)
            .ca_pem(ca.clone())
            .proxy(format!("http://{proxy}"))
            .retry(RetryPolicy::default().attempts(2).backoff(Duration::ZERO, Duration::ZERO))
            .build()
            .unwrap();
        let error = encrypt(&client).await.unwrap_err();
        assert!(matches!(error, Error::Transport(TransportError::Connect(_))), "{error:?}");
        assert_eq!(heads.lock().unwrap().len(), 2, "it is tried again: nothing was done");
    }
}

#[tokio::test]
async fn plain_http_is_sent_to_the_proxy_with_the_whole_address() {
    let proxy = Server::start([json(200, ENCRYPTED), json(200, ENCRYPTED)]).await;
    let at = format!("http://user:pass@{}", proxy.address);
    let client = builder("http://kms.test:8080").proxy(at).build().unwrap();
    encrypt(&client).await.unwrap();
    encrypt(&client).await.unwrap();
    assert_eq!(proxy.connections(), 1);
    for seen in proxy.seen() {
        assert_eq!(seen.line, "POST http://kms.test:8080/?KeyId=k&Plaintext=cA%3D%3D HTTP/1.1");
        assert_eq!(seen.header("host"), "kms.test:8080");
        assert_eq!(seen.header("proxy-authorization"), "Basic dXNlcjpwYXNz");
        // What is for the proxy is not signed.
        seen.verified_as("POST", "/?KeyId=k&Plaintext=cA%3D%3D", None);
    }
    let direct = Server::start([json(200, ENCRYPTED)]).await;
    let client = builder(&direct.address).proxy("http://127.0.0.1:1").no_proxy("127.0.0.1").build().unwrap();
    encrypt(&client).await.unwrap();
    let refused = builder(&direct.address).proxy("socks5://127.0.0.1:1").build();
    assert!(matches!(refused, Err(BuildError::Proxy)));
}

/// A name that has these addresses, one after the other.
struct Moving(Vec<IpAddr>, AtomicUsize);

impl Resolver for Moving {
    fn resolve(&self, host: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        assert_eq!(host, "kms.test");
        let asked = self.1.fetch_add(1, Ordering::SeqCst);
        let address = self.0[asked.min(self.0.len() - 1)];
        Box::pin(async move { Ok(vec![address]) })
    }
}

/// Two servers on the same port of two loopback addresses.
async fn two_homes() -> (TcpListener, TcpListener, u16) {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        if let Ok(second) = TcpListener::bind(("127.0.0.2", port)).await {
            return (first, second, port);
        }
    }
}

#[tokio::test]
async fn a_name_that_moves_is_followed() {
    let (first, second, port) = two_homes().await;
    let old = Server::scripted(String::new(), [json(200, ENCRYPTED), Step::SendAndClose(Vec::new())]);
    let new = Server::scripted(String::new(), [json(200, ENCRYPTED), json(200, ENCRYPTED)]);
    let (serving, waiting) = (old.clone(), new.clone());
    tokio::spawn(async move {
        let (stream, _) = first.accept().await.unwrap();
        // Nobody listens there from now on.
        drop(first);
        serving.serve(stream).await;
    });
    tokio::spawn(async move {
        let (stream, _) = second.accept().await.unwrap();
        waiting.serve(stream).await;
    });
    let addresses = ["127.0.0.1", "127.0.0.1", "127.0.0.2"].map(|address| address.parse().unwrap());
    let resolver = Arc::new(Moving(addresses.into(), AtomicUsize::new(0)));
    let client = builder(&format!("http://kms.test:{port}")).resolver(resolver.clone()).build().unwrap();
    for _ in 0..3 {
        encrypt(&client).await.unwrap();
    }
    // The second call met a connection that broke, then an address where nobody is, then the new one.
    assert_eq!((old.seen().len(), new.seen().len()), (2, 2));
    assert_eq!(resolver.1.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_name_that_is_not_found_is_no_connection() {
    struct Nowhere;
    impl Resolver for Nowhere {
        fn resolve(&self, _: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
            Box::pin(async { Err(io::Error::other("no such name")) })
        }
    }
    let client = builder("http://kms.test").resolver(Arc::new(Nowhere)).build().unwrap();
    let error = encrypt(&client).await.unwrap_err();
    assert!(matches!(error, Error::Transport(TransportError::Connect(_))), "{error:?}");
}

/// Over HTTP/2 all calls share a connection. One that is dead must not fail the repeats as well.
#[tokio::test]
async fn a_dead_http2_connection_is_left() {
    let (ca, acceptor) = identity(b"h2");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let connections = Arc::new(AtomicUsize::new(0));
    let silence = Arc::new(Notify::new());
    let (counted, silenced) = (connections.clone(), silence.clone());
    tokio::spawn(async move {
        let answer = |_: Request<Incoming>| async {
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(ENCRYPTED.as_bytes()))))
        };
        loop {
            let (mut outside, _) = listener.accept().await.unwrap();
            let (mut inside, stream) = duplex(1 << 16);
            let is_first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            let silenced = silenced.clone();
            tokio::spawn(async move {
                tokio::select! {
                    _ = copy_bidirectional(&mut outside, &mut inside) => {}
                    // It stays open, and nothing comes through any more.
                    () = silenced.notified(), if is_first => std::future::pending().await,
                }
            });
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = TokioIo::new(acceptor.accept(stream).await.unwrap());
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                server.serve_connection(stream, service_fn(answer)).await
            });
        }
    });
    let client = builder(&address)
        .plain_http(false)
        .ca_pem(ca)
        .attempt_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    encrypt(&client).await.unwrap();
    silence.notify_one();
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { encrypt(&client).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert!(connections.load(Ordering::SeqCst) > 1);
}
