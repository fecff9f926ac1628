//! What the Rust client costs the program that it is in, beside a bare HTTP client with the same connection settings.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use keystead_auth::{Algorithm, Credentials, HeaderPolicy, SecretKey, ToSign, v3};
use keystead_client::Client;
use keystead_client::operations::EncryptRequest;
use serde::Serialize;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::AnyError;
use crate::cpu::{CpuTimes, resident};
use crate::options::Options;
use crate::report::plain;
use crate::scenario::stop;
use crate::series::Spread;
use crate::server::serve_bare;
use crate::signer::Signer;

/// What a call through the client has to reach of the bare HTTP client, by CPU time.
pub(crate) const BAR: f64 = 0.8;
/// Within how many microseconds a request is signed.
pub(crate) const SIGNING_BAR: f64 = 3.0;
/// Calls under way at a time, each on a connection of its own.
const CONCURRENT: usize = 8;
/// Calls of a slice: some fifth of a second.
const SLICE: usize = 16_000;
/// Clients that are made to find out what one takes.
const CLIENTS: usize = 200;
/// Bytes of an answer to Encrypt.
const BODY_BYTES: usize = 256;
const PLAINTEXT: &[u8; 32] = &[7; 32];
const KEY: &str = "key-hzz6b1f0c2ak3j9x7m2q1";

/// The figures, in microseconds of the process's CPU time and in bytes.
#[derive(Debug, Serialize)]
pub(crate) struct ClientFigures {
    /// A request through the bare HTTP client.
    bare_us: Spread,
    /// An Encrypt through the client.
    call_us: Spread,
    /// `bare_us` divided by `call_us`; the median of each round's pairs.
    pub(crate) ratio: Spread,
    /// Signing alone.
    pub(crate) signing_us: Spread,
    /// Resident memory of a client that has called nothing yet.
    idle_bytes: u64,
    /// The same with a connection.
    connected_bytes: u64,
}

/// Something that calls.
trait Caller: Send + Sync + 'static {
    fn call(&self) -> impl Future<Output = Result<(), String>> + Send;
}

impl Caller for Client {
    async fn call(&self) -> Result<(), String> {
        let answer = self.encrypt(EncryptRequest::new(KEY, PLAINTEXT)).await;
        answer.map(drop).map_err(|error| error.to_string())
    }
}

/// hyper's client, set as the Rust client sets it, with requests that are as long as those.
struct Bare {
    client: HyperClient<HttpConnector, Full<Bytes>>,
    uri: Uri,
    headers: HeaderMap,
}

impl Bare {
    fn new(address: SocketAddr) -> Result<Self, AnyError> {
        let mut bytes = Vec::new();
        let query = vec![("KeyId", KEY.to_owned()), ("Plaintext", "Bw".repeat(22))];
        Signer::new(address, credentials())?.append(&mut bytes, "Encrypt", &query)?;
        let text = String::from_utf8(bytes)?;
        let mut lines = text.trim_end().split("\r\n");
        let target = lines.next().and_then(|line| line.split(' ').nth(1)).ok_or("a request has a line")?;
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            headers.insert(http::HeaderName::try_from(name)?, value.parse()?);
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_keepalive(Some(Duration::from_secs(60)));
        let client = HyperClient::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(45))
            .build(connector);
        Ok(Self { client, uri: format!("http://{address}{target}").parse()?, headers })
    }
}

impl Caller for Bare {
    async fn call(&self) -> Result<(), String> {
        let mut request = Request::new(Full::default());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let answer = self.client.request(request).await.map_err(|error| error.to_string())?;
        answer.into_body().collect().await.map(drop).map_err(|error| error.to_string())
    }
}

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "LTAI5tBenchBenchBenchBen".to_owned(),
        secret: SecretKey::new("benchBenchBenchBenchBenchBench".to_owned()),
        security_token: None,
    }
}

fn client(address: SocketAddr) -> Result<Client, AnyError> {
    Ok(Client::builder()
        .region("cn-hangzhou")
        .endpoint(format!("http://{address}"))
        .credentials(credentials())
        .build()?)
}

/// CPU time of this process for each of `SLICE` calls, in microseconds.
fn slice(runtime: &Runtime, caller: &Arc<impl Caller>) -> Result<f64, AnyError> {
    let own = std::process::id();
    let before = CpuTimes::of(own)?;
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..CONCURRENT {
            let caller = Arc::clone(caller);
            tasks.spawn(async move {
                for _ in 0..SLICE / CONCURRENT {
                    caller.call().await?;
                }
                Ok::<_, String>(())
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok::<_, AnyError>(())
    })?;
    Ok(CpuTimes::of(own)?.since(&before).as_secs_f64() * 1e6 / SLICE as f64)
}

/// CPU time of signing one request, in microseconds.
fn signing() -> Result<f64, AnyError> {
    let (credentials, own) = (credentials(), std::process::id());
    let before = CpuTimes::of(own)?;
    for number in 0..SLICE {
        let nonce = format!("{number:032x}");
        let query = [("KeyId".into(), KEY.into()), ("Plaintext".into(), "Bw".repeat(22).into())];
        let request = ToSign {
            method: "POST",
            path: "/",
            query: &query,
            form: &[],
            body: b"",
            date: "2027-01-15T08:00:00Z",
            nonce: &nonce,
        };
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert("host", http::HeaderValue::from_static("kms.cn-hangzhou.aliyuncs.com"));
        headers.insert("x-acs-version", http::HeaderValue::from_static("2016-01-20"));
        headers.insert("x-acs-action", http::HeaderValue::from_static("Encrypt"));
        v3::sign(&request, &mut headers, &credentials, Algorithm::AcsHmacSha256, HeaderPolicy::Standard)?;
        std::hint::black_box(headers);
    }
    Ok(CpuTimes::of(own)?.since(&before).as_secs_f64() * 1e6 / SLICE as f64)
}

/// The client and the bare one in turns, against the bare handler on the other core, which does not sleep.
pub(crate) fn run(options: &Options) -> Result<ClientFigures, AnyError> {
    println!("\nthe Rust client and a bare HTTP client take turns, {} rounds", options.rounds);
    let dir = tempfile::tempdir()?;
    let server = serve_bare(dir.path(), BODY_BYTES, None, true, options)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;

    // First, while nothing else has taken memory that it would get.
    let own = std::process::id();
    let before = resident(own)?;
    let clients = (0..CLIENTS).map(|_| client(server.address)).collect::<Result<Vec<_>, _>>()?;
    let idle = resident(own)?;
    runtime.block_on(async {
        for client in &clients {
            Caller::call(client).await?;
        }
        Ok::<_, String>(())
    })?;
    let connected = resident(own)?;
    drop(clients);
    let each = |bytes: u64| bytes.saturating_sub(before) / CLIENTS as u64;

    let (ours, bare) = (Arc::new(client(server.address)?), Arc::new(Bare::new(server.address)?));
    let (_, _) = (slice(&runtime, &bare)?, slice(&runtime, &ours)?);
    let slices = ((options.seconds / 0.4).ceil() as usize).max(1);
    let (mut bare_us, mut call_us, mut ratios, mut signing_us) = (vec![], vec![], vec![], vec![]);
    for round in 0..options.rounds {
        let mut pairs = Vec::new();
        for _ in 0..slices {
            pairs.push((slice(&runtime, &bare)?, slice(&runtime, &ours)?));
        }
        let median = |of: fn(&(f64, f64)) -> f64| Spread::of(pairs.iter().map(of)).median;
        bare_us.push(median(|pair| pair.0));
        call_us.push(median(|pair| pair.1));
        ratios.push(median(|pair| pair.0 / pair.1));
        signing_us.push(signing()?);
        println!(
            "  round {}: bare {:.2} µs, client {:.2} µs",
            round + 1,
            bare_us[bare_us.len() - 1],
            call_us[call_us.len() - 1]
        );
    }
    drop((ours, bare, runtime));
    stop([server])?;
    Ok(ClientFigures {
        bare_us: Spread::of(bare_us.into_iter()),
        call_us: Spread::of(call_us.into_iter()),
        ratio: Spread::of(ratios.into_iter()),
        signing_us: Spread::of(signing_us.into_iter()),
        idle_bytes: each(idle),
        connected_bytes: each(connected),
    })
}

impl ClientFigures {
    pub(crate) fn write(&self, out: &mut String) -> std::fmt::Result {
        use std::fmt::Write as _;
        let kib = |bytes: u64| bytes as f64 / 1024.0;
        writeln!(out, "\n**The Rust client: {} of a bare HTTP client.**\n", plain(self.ratio, 2))?;
        writeln!(
            out,
            "| CPU time of the program that calls, {CONCURRENT} calls under way | µs |\n|---|---|"
        )?;
        writeln!(
            out,
            "| a request through hyper's client, as it is set here | {} |",
            plain(self.bare_us, 2)
        )?;
        writeln!(out, "| Encrypt through the Rust client | {} |", plain(self.call_us, 2))?;
        writeln!(out, "| of that, signing | {} |", plain(self.signing_us, 2))?;
        writeln!(
            out,
            "\nA client takes {:.0} KiB of memory, with a connection {:.0} KiB.",
            kib(self.idle_bytes),
            kib(self.connected_bytes)
        )
    }
}
