//! HTTPS with a private authority, over HTTP/1.1 and HTTP/2.
#![allow(clippy::unwrap_used)]

mod common;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use common::{ID, SECRET, Seen, Server, builder, identity, json};
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use keystead_client::operations::{CreateSecretRequest, EncryptRequest};
use keystead_client::providers::{Http, HttpFault, HttpRequest};
use keystead_client::{BuildError, Client, Credentials, CredentialsHttp, Error, RetryPolicy, TransportError};
use rustls::{HandshakeKind, NamedGroup};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

#[tokio::test]
async fn http1_with_a_private_authority() {
    let (ca, acceptor) = identity(b"http/1.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = Server::scripted(address.clone(), [json(200, r#"{"CiphertextBlob":"c"}"#)]);
    let serving = server.clone();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serving.serve(acceptor.accept(stream).await.unwrap()).await;
    });
    let folder = std::env::temp_dir().join(format!("keystead-client-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("ca.pem");
    std::fs::write(&path, ca).unwrap();
    let client = builder(&format!("https://{address}")).plain_http(false).ca_file(&path).build().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!(seen.header("host"), address);
    seen.verified();
}

#[tokio::test]
async fn http2_where_the_server_speaks_it() {
    let (ca, acceptor) = identity(b"h2");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let recorded = seen.clone();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = TokioIo::new(acceptor.accept(stream).await.unwrap());
        let service = service_fn(move |request: Request<Incoming>| {
            let recorded = recorded.clone();
            async move {
                let (head, body) = request.into_parts();
                assert_eq!(head.version, Version::HTTP_2);
                let authority = head.uri.authority().unwrap().to_string();
                let target = head.uri.path_and_query().unwrap().to_string();
                let body = body.collect().await.unwrap().to_bytes().to_vec();
                let seen = Seen { line: head.method.to_string(), headers: head.headers, body };
                recorded.lock().unwrap().push((seen, target, authority));
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"{\"RequestId\":\"r\"}"))))
            }
        });
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(stream, service)
            .await
            .unwrap();
    });
    let client = builder(&address).plain_http(false).ca_pem(ca).build().unwrap();
    client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    client.create_secret(CreateSecretRequest::new("s", "v", "d")).await.unwrap();
    for (seen, target, authority) in seen.lock().unwrap().drain(..) {
        assert_eq!(authority, address);
        seen.verified_as(&seen.line, &target, Some(&authority));
    }
}

#[tokio::test]
async fn a_key_exchange_that_withstands_quantum_computers_is_offered_first() {
    let (ca, acceptor) = identity(b"http/1.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = Server::scripted(address.clone(), [json(200, r#"{"CiphertextBlob":"c"}"#)]);
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.unwrap();
        let tls = stream.get_ref().1;
        let found = (tls.negotiated_key_exchange_group().map(|group| group.name()), tls.handshake_kind());
        tokio::spawn(server.serve(stream));
        found
    });
    let client = builder(&address).plain_http(false).ca_pem(ca).build().unwrap();
    client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap();
    // Its share came with the first message: the server did not have to ask for it.
    let first = (Some(NamedGroup::X25519MLKEM768), Some(HandshakeKind::Full));
    assert_eq!(serving.await.unwrap(), first);
}

#[tokio::test]
async fn an_unknown_authority_is_refused_at_once() {
    let (_, acceptor) = identity(b"http/1.1");
    let (other, _) = identity(b"http/1.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        assert!(acceptor.accept(stream).await.is_err());
    });
    let client = builder(&address).plain_http(false).ca_pem(other).build().unwrap();
    let error = client.encrypt(EncryptRequest::new("k", b"p")).await.unwrap_err();
    // Were it tried again, nobody would accept, and it would be another error.
    assert!(matches!(error, Error::Transport(TransportError::Tls(_))), "{error:?}");
    serving.await.unwrap();
}

#[tokio::test]
async fn credential_sources_trust_the_authority_given_to_them_and_no_other() {
    let (ca, acceptor) = identity(b"http/1.1");
    let (other, _) = identity(b"http/1.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::scripted(address.to_string(), [json(200, "{}")]);
    let serving = server.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(stream).await {
                serving.clone().serve(stream).await;
            }
        }
    });
    let send = |ca: String| async move {
        let mut request = Request::new(Zeroizing::new(b"body".to_vec()));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = format!("https://{address}/").parse().unwrap();
        let limit = Duration::from_secs(30);
        let request = HttpRequest { request, connect_timeout: limit, timeout: limit };
        CredentialsHttp::new().ca_pem(ca).send(request).await
    };
    assert!(matches!(send(other).await, Err(HttpFault::Tls(_))));
    assert!(matches!(send("no certificate".to_owned()).await, Err(HttpFault::Tls(_))));
    assert_eq!(send(ca).await.unwrap().body().as_slice(), b"{}");
    assert_eq!(server.seen().remove(0).body, b"body");
}

#[test]
fn settings_that_make_no_client() {
    let credentials = || Credentials::access_key(ID, SECRET);
    let fails = |builder: keystead_client::ClientBuilder| builder.build().unwrap_err();
    assert!(matches!(fails(Client::builder().credentials(credentials())), BuildError::NoEndpoint));
    assert!(matches!(fails(Client::builder().endpoint("127.0.0.1:1")), BuildError::NoCredentials));
    let with = |endpoint: &str| Client::builder().endpoint(endpoint).credentials(credentials());
    assert!(matches!(fails(with("http://kms.example")), BuildError::PlainHttp));
    assert!(matches!(fails(with("kms.example/x")), BuildError::Endpoint));
    assert!(matches!(fails(with("kms.example").ca_pem("no certificate")), BuildError::Ca(_)));
    assert!(matches!(fails(with("kms.example").ca_file("/nonexistent/ca.pem")), BuildError::CaFile { .. }));
    assert!(matches!(fails(with("http://127.0.0.1").user_agent_suffix("a\nb")), BuildError::UserAgent));
    let region = Client::builder().region("a/b").credentials(credentials());
    assert!(matches!(fails(region), BuildError::Region));
    let client = with("http://127.0.0.1:1")
        .retry(RetryPolicy::none())
        .attempt_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    assert!(format!("{client:?}").contains("http://127.0.0.1:1"));
}
