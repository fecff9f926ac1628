//! A server that answers by script, a transport that does, and the checking of what was sent.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use keystead_auth::{
    Presented, RequestView, SecretKey, SigningKey, decode_pairs, decode_pairs_bytes, present,
};
use keystead_client::{
    Client, ClientBuilder, Credentials, RetryPolicy, Transport, TransportError, TransportFuture,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

pub const ID: &str = "LTAItest";
pub const SECRET: &str = "s3cret-of-the-test";

/// A client's settings for tests: credentials set, retries without waiting.
pub fn builder(endpoint: &str) -> ClientBuilder {
    Client::builder()
        .endpoint(endpoint)
        .plain_http(true)
        .credentials(Credentials::access_key(ID, SECRET))
        .retry(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO))
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// What a signature proves.
#[derive(Debug, PartialEq)]
pub struct Proven {
    pub action: String,
    pub version: String,
    pub date: String,
    pub nonce: String,
    pub query: Vec<(String, String)>,
    pub form: Vec<(String, String)>,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Verifies the signature over the bytes received, as a server does.
    pub fn verified(&self) -> Proven {
        let mut words = self.line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        self.verified_as(method, target, None)
    }

    pub fn verified_as(&self, method: &str, target: &str, authority: Option<&str>) -> Proven {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = decode_pairs(query).unwrap();
        let is_form = self.header("content-type") == "application/x-www-form-urlencoded";
        let form = if is_form { decode_pairs_bytes(&self.body).unwrap() } else { Vec::new() };
        let view = RequestView {
            method,
            path,
            authority,
            headers: &self.headers,
            query: &query,
            form: &form,
            body: &self.body,
        };
        let Presented::Signed(claim) = present(&view).unwrap() else { panic!("not signed") };
        claim.verify(&view, &SigningKey::new(&SecretKey::new(SECRET.to_owned()))).unwrap();
        assert_eq!(claim.access_key_id(), ID);
        let owned = |pairs: &[(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)]| {
            pairs.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect()
        };
        Proven {
            action: claim.action().to_owned(),
            version: claim.version().to_owned(),
            date: claim.date().to_owned(),
            nonce: claim.nonce().to_owned(),
            query: owned(&query),
            form: owned(&form),
        }
    }
}

/// What the server does with a request.
#[derive(Clone)]
pub enum Step {
    /// Sends these bytes and keeps the connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes.
    SendAndClose(Vec<u8>),
    /// Never answers.
    Hang,
}

/// An answer with a JSON body.
pub fn json(status: u16, body: &str) -> Step {
    with_header(status, "x-test", "1", body)
}

pub fn with_header(status: u16, name: &str, value: &str, body: &str) -> Step {
    Step::Send(
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{name}: {value}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

type Answering = Arc<dyn Fn(&Seen) -> Step + Send + Sync>;

#[derive(Clone)]
pub struct Server {
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    steps: Arc<Mutex<VecDeque<Step>>>,
    /// What answers when no step is left.
    otherwise: Option<Answering>,
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
}

impl Server {
    pub async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::started(steps, None).await
    }

    /// A server that answers each request by what it is, as often as it is asked.
    pub async fn answering(answer: impl Fn(&Seen) -> Step + Send + Sync + 'static) -> Self {
        Self::started([], Some(Arc::new(answer))).await
    }

    async fn started(steps: impl IntoIterator<Item = Step>, otherwise: Option<Answering>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut server = Self::scripted(listener.local_addr().unwrap().to_string(), steps);
        server.otherwise = otherwise;
        let serving = server.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        server
    }

    pub fn scripted(address: String, steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            address,
            seen: Arc::default(),
            steps: Arc::new(Mutex::new(steps.into_iter().collect())),
            otherwise: None,
            connections: Arc::default(),
            open: Arc::default(),
        }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many connections are open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        self.answer(stream).await;
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    async fn answer<S: AsyncRead + AsyncWrite + Unpin>(&self, mut stream: S) {
        while let Some(seen) = read_request(&mut stream).await {
            let step = self.steps.lock().unwrap().pop_front();
            let step = step.or_else(|| self.otherwise.as_ref().map(|answer| answer(&seen)));
            self.seen.lock().unwrap().push(seen);
            match step {
                // The client may have gone already, when its call was dropped.
                Some(Step::Send(bytes)) if self.otherwise.is_some() => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Some(Step::Send(bytes)) => stream.write_all(&bytes).await.unwrap(),
                // The client may have gone already, for instance when an answer is too large.
                Some(Step::SendAndClose(bytes)) => {
                    let _ = stream.write_all(&bytes).await;
                    return;
                }
                Some(Step::Hang) => std::future::pending().await,
                None => panic!("a request too many"),
            }
        }
    }
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut body = bytes.split_off(head_end + 4);
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers: HeaderMap = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value.trim()).unwrap())
        })
        .collect();
    let length: usize =
        headers.get("content-length").map_or(0, |value| value.to_str().unwrap().parse().unwrap());
    while body.len() < length {
        // A client that goes away within a request is no request.
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen { line, headers, body })
}

/// An authority's PEM, and a server's side for `127.0.0.1` under it.
pub fn identity(alpn: &[u8]) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
    config.alpn_protocols = vec![alpn.to_vec()];
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// What the transport does with a request.
pub enum Outcome {
    Answer(u16, &'static [(&'static str, &'static str)], &'static str),
    Fault(fn() -> TransportError),
    Hang,
}

pub fn refused() -> TransportError {
    TransportError::Connect("refused".into())
}

pub fn broken() -> TransportError {
    TransportError::Broken("reset".into())
}

/// A transport without a network, for tests with a paused clock.
#[derive(Default)]
pub struct Scripted {
    outcomes: Mutex<VecDeque<Outcome>>,
    pub seen: Mutex<Vec<Seen>>,
}

impl Scripted {
    pub fn new(outcomes: impl IntoIterator<Item = Outcome>) -> Arc<Self> {
        Arc::new(Self { outcomes: Mutex::new(outcomes.into_iter().collect()), seen: Mutex::default() })
    }

    pub fn sent(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        let (head, body) = request.into_parts();
        let line = format!("{} {} HTTP/1.1", head.method, head.uri.path_and_query().unwrap());
        self.seen.lock().unwrap().push(Seen { line, headers: head.headers, body: body.to_vec() });
        let outcome = self.outcomes.lock().unwrap().pop_front().expect("an outcome is left");
        Box::pin(async move {
            match outcome {
                Outcome::Answer(status, headers, body) => {
                    let mut answer = Response::builder().status(status);
                    for (name, value) in headers {
                        answer = answer.header(*name, *value);
                    }
                    Ok(answer.body(Zeroizing::new(body.as_bytes().to_vec())).unwrap())
                }
                Outcome::Fault(fault) => Err(fault()),
                Outcome::Hang => std::future::pending().await,
            }
        })
    }
}
