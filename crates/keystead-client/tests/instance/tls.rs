//! Over TLS: exactly the given authority is trusted, and the name has to be right.

use std::sync::Arc;
use std::time::Duration;

use keystead_client::instance::messages::GenerateRandomRequest;
use keystead_client::instance::{InstanceClient, InstanceRetry};
use keystead_client::{Error, TransportError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::common::{bytes, client_key, vector};

/// An authority's PEM, and a server's side under it for a name.
fn identity(name: &str) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// Answers one request on each connection with rnd-01.
async fn serve(acceptor: TlsAcceptor) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let body = bytes(&vector("rnd-01")["responses"][0]["body_hex"]);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = vec![0; 8192];
            let mut length = 0;
            // The body is the last to come and two bytes long.
            while !request[..length].windows(4).any(|four| four == b"\r\n\r\n") || length < 700 {
                length += stream.read(&mut request[length..]).await.unwrap();
            }
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&body).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    address
}

async fn call(address: &str, ca: &str) -> Result<Vec<u8>, Error> {
    let client = InstanceClient::builder()
        .endpoint(address)
        .client_key(client_key())
        .ca_pem(ca)
        .connect_timeout(Duration::from_secs(5))
        .retry(InstanceRetry::none())
        .build()
        .unwrap();
    client.generate_random(GenerateRandomRequest { length: 16 }).await.map(|answer| answer.random.clone())
}

#[tokio::test]
async fn exactly_the_given_authority() {
    let (ca, acceptor) = identity("127.0.0.1");
    let (other, _) = identity("127.0.0.1");
    let address = serve(acceptor).await;
    assert_eq!(call(&address, &ca).await.unwrap(), (0..16).collect::<Vec<u8>>());
    let refused = |outcome| matches!(outcome, Err(Error::Transport(TransportError::Tls(_))));
    assert!(refused(call(&address, &other).await));
    let (ca, acceptor) = identity("elsewhere.example");
    let address = serve(acceptor).await;
    assert!(refused(call(&address, &ca).await));
}
