//! An engine over a store in a temporary folder, with listeners in front of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use keystead_api::Timestamp;
use keystead_auth::SecretKey;
use keystead_crypto::{KeyMaterial, SystemRandom};
use keystead_gateway::{Handler, Limits, Listener, Metrics, OpsGateway, SharedGateway, TlsIdentity};
use keystead_service::ca::PrivateCa;
use keystead_service::clock::{Clock as _, ManualClock};
use keystead_service::install::{KEY_LEN, RootAccessKey, install};
use keystead_service::vault::RootKeys;
use keystead_service::{Engine, EngineConfig};
use keystead_store::Store;
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longer than anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct House {
    pub clock: Arc<ManualClock>,
    pub tls: Arc<TlsIdentity>,
    pub engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    ca_pem: String,
    _dir: TempDir,
}

/// A listener that serves until it is stopped.
pub struct Serving {
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl House {
    pub async fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let store: Arc<dyn Store> =
            Arc::new(EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap());
        let clock = Arc::new(ManualClock::at(Timestamp(1_800_000_000)));
        let random = Arc::new(SystemRandom);
        let root_key = KeyMaterial::generate(&*random, KEY_LEN).unwrap();
        let key = RootAccessKey {
            id: "LTAItest".to_owned(),
            secret: SecretKey::new("secret".to_owned()),
            in_file: false,
        };
        install(&store, &root_key, &key, &*random, clock.now()).await.unwrap();
        let engine = Engine::open(store, &root_key, clock.clone(), random.clone(), EngineConfig::default())
            .await
            .unwrap();
        let ca = PrivateCa::open(&engine, &RootKeys::new(&root_key)).await.unwrap();
        let ca_pem = ca.certificate_pem().to_owned();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let tls = Arc::new(TlsIdentity::new(ca, random, names, clock.now()).unwrap());
        let metrics = Arc::new(Metrics::new().unwrap());
        Self { clock, tls, engine, metrics, ca_pem, _dir: dir }
    }

    /// Serves the shared gateway on a free port.
    pub async fn serve(&self, tls: bool, limits: Limits) -> Serving {
        let tls = tls.then(|| self.tls.clone());
        self.serve_handler(tls, limits, self.shared()).await
    }

    /// A shared gateway.
    pub fn shared(&self) -> SharedGateway {
        SharedGateway::new(self.engine.clone(), self.metrics.clone(), &SystemRandom).unwrap()
    }

    /// Serves any gateway on a free port.
    pub async fn serve_handler(
        &self,
        tls: Option<Arc<TlsIdentity>>,
        limits: Limits,
        handler: impl Handler,
    ) -> Serving {
        let tls = tls.map(|tls| tls.acceptor());
        let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), tls, limits).await.unwrap();
        let stop = watch::Sender::new(false);
        let address = listener.address().unwrap();
        let task = tokio::spawn(listener.serve(Arc::new(handler), stop.subscribe()));
        Serving { address, stop, task }
    }

    /// Serves the probes on a free port.
    pub async fn serve_ops(&self, limits: Limits) -> Serving {
        let gateway = OpsGateway::new(self.engine.clone(), self.metrics.clone());
        self.serve_handler(None, limits, gateway).await
    }

    /// A TLS connection of a client whose clock is the house's.
    pub async fn connect(&self, address: SocketAddr) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.ca_pem.as_bytes()).unwrap()).unwrap();
        let time = Arc::new(HouseTime(self.clock.clone()));
        let config = ClientConfig::builder_with_details(Arc::new(default_provider()), time)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::from(address.ip());
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }
}

#[derive(Debug)]
struct HouseTime(Arc<ManualClock>);

impl rustls::time_provider::TimeProvider for HouseTime {
    fn current_time(&self) -> Option<rustls_pki_types::UnixTime> {
        let seconds = u64::try_from(self.0.now().0).ok()?;
        Some(rustls_pki_types::UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

impl Serving {
    /// Tells it to stop; the task ends when it has drained.
    pub fn stop(self) -> JoinHandle<()> {
        self.stop.send_replace(true);
        self.task
    }
}

/// Sends a request and reads its whole answer; gives the status.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, request: &str) -> u16 {
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    answer(stream).await
}

/// Reads a whole answer; gives its status.
pub async fn answer<S: AsyncRead + Unpin>(stream: &mut S) -> u16 {
    whole_answer(stream).await.0
}

/// Reads a whole answer: status and body.
pub async fn whole_answer<S: AsyncRead + Unpin>(stream: &mut S) -> (u16, String) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned());
            }
        }
        let mut chunk = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut chunk)).await.unwrap().unwrap();
        assert!(read > 0, "closed without an answer: {text}");
        bytes.extend_from_slice(&chunk[..read]);
    }
}

/// Waits until the other end closes.
pub async fn closed<S: AsyncRead + Unpin>(stream: &mut S) {
    let mut rest = Vec::new();
    // A reset ends it as well.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("still open");
}

/// A request that the gateway answers with an error of its own: 400.
pub const UNSIGNED: &str = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";
