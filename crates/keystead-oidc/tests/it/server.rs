//! An issuer's server: it answers each path as the test says, and counts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A key set with one key.
pub const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"k1",
    "x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"#;
pub const CONFIGURATION: &str = "/.well-known/openid-configuration";

/// What comes back.
#[derive(Clone)]
pub enum Reply {
    /// 200 with this body.
    Ok(String),
    /// Any status with any headers.
    Raw(String),
    /// 200, and bytes without end.
    Endless,
    /// 200, and then nothing, for ever.
    Silent,
    /// 200 with a body that is announced longer than it is.
    Broken,
}

type Answers = Arc<dyn Fn(&str) -> Reply + Send + Sync>;

pub struct Server {
    pub address: SocketAddr,
    pub ca_file: PathBuf,
    /// SHA-1 of the server's certificate.
    pub fingerprint: String,
    pub asked: Arc<AtomicUsize>,
    answers: Arc<Mutex<Answers>>,
    _dir: TempDir,
}

impl Server {
    /// A server with a certificate of a new authority.
    pub async fn start(answers: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let dir = TempDir::new().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let ca_file = dir.path().join("ca.pem");
        std::fs::write(&ca_file, ca.pem()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
        let certificate: CertificateDer<'static> = certificate.der().clone();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate);
        let fingerprint = hex::encode_upper(digest.as_ref());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let answers: Arc<Mutex<Answers>> = Arc::new(Mutex::new(Arc::new(answers)));
        let (counter, current) = (asked.clone(), answers.clone());
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (acceptor, counter, current) = (acceptor.clone(), counter.clone(), current.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = stream.read_u8().await else { return };
                        head.push(byte);
                    }
                    counter.fetch_add(1, Ordering::Relaxed);
                    let head = String::from_utf8(head).unwrap();
                    let path = head.split(' ').nth(1).unwrap();
                    let answers = current.lock().unwrap().clone();
                    let text = match answers(path) {
                        Reply::Ok(body) => {
                            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
                        }
                        Reply::Raw(text) => text,
                        Reply::Broken => "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{".to_owned(),
                        Reply::Silent => {
                            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
                            let _ = stream.flush().await;
                            return std::future::pending().await;
                        }
                        Reply::Endless => {
                            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"keys\":[").await;
                            while stream.write_all(&[b' '; 4096]).await.is_ok() {}
                            return;
                        }
                    };
                    let _ = stream.write_all(text.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { address, ca_file, fingerprint, asked, answers, _dir: dir }
    }

    /// A server that does what it should, for the issuer that [`Server::issuer`] names.
    pub async fn good() -> Self {
        let server = Self::start(|_| Reply::Broken).await;
        server.answer(Self::well(server.issuer(), format!("{}/keys", server.issuer())));
        server
    }

    /// Good answers, with this issuer and place of the keys.
    pub fn well(issuer: String, jwks_uri: String) -> impl Fn(&str) -> Reply + Send + Sync + 'static {
        move |path| match path {
            "/cluster/.well-known/openid-configuration" => {
                Reply::Ok(format!(r#"{{"issuer":"{issuer}","jwks_uri":"{jwks_uri}","other":[1]}}"#))
            }
            "/cluster/keys" => Reply::Ok(KEYS.to_owned()),
            _ => Reply::Raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned()),
        }
    }

    pub fn answer(&self, answers: impl Fn(&str) -> Reply + Send + Sync + 'static) {
        *self.answers.lock().unwrap() = Arc::new(answers);
    }

    pub fn issuer(&self) -> String {
        format!("https://localhost:{}/cluster", self.address.port())
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}
