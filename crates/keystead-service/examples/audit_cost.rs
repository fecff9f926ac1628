//! What the audit log costs a request: Encrypt of 32 bytes in an engine with the log and in one without, in turns, in CPU time
//! of the whole process, the threads that write and sync included.
//!
//! `cargo run --release -p keystead-service --example audit_cost`
#![allow(clippy::unwrap_used, clippy::print_stdout)] // an example

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue};
use keystead_api::{OperationId, Params, Timestamp};
use keystead_auth::{Algorithm, Credentials, HeaderPolicy, Presented, RequestView, SecretKey, ToSign, v3};
use keystead_crypto::{KeyMaterial, SystemRandom};
use keystead_service::audit::{Outcome, Settings, Source, Trail};
use keystead_service::clock::ManualClock;
use keystead_service::install::{RootAccessKey, install};
use keystead_service::{Caller, Engine, EngineConfig, Origin};
use keystead_store::Store;
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use serde_json::Value;
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp(1_767_323_045);
/// Requests of one slice. A slice begins and ends with the log written, so that what its threads do counts.
const SLICE: u32 = 20_000;
const SLICES: usize = 25;
/// A request id as the gateways make it.
const ID: &str = "DA9F2C1C-BA20-1739-0B0F-4A8FF497ABE6";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let (with, without) = (
        Subject::new(&dir.path().join("with"), true).await,
        Subject::new(&dir.path().join("without"), false).await,
    );
    let mut pairs = Vec::new();
    for round in 0..SLICES {
        let (first, second) = if round % 2 == 0 { (&with, &without) } else { (&without, &with) };
        let costs = (first.slice().await, second.slice().await);
        pairs.push(if round % 2 == 0 { costs } else { (costs.1, costs.0) });
    }
    let median = |mut figures: Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    println!("without the log: {:6.3} µs", median(pairs.iter().map(|pair| pair.1).collect()));
    println!("with the log:    {:6.3} µs", median(pairs.iter().map(|pair| pair.0).collect()));
    println!("the log:         {:6.3} µs", median(pairs.iter().map(|pair| pair.0 - pair.1).collect()));
    with.engine.close().await;
    without.engine.close().await;
}

struct Subject {
    engine: Arc<Engine>,
    caller: Caller,
    key: String,
}

impl Subject {
    async fn new(dir: &Path, logs: bool) -> Self {
        let store: Arc<dyn Store> =
            Arc::new(EmbeddedStore::open(&dir.join("data"), EmbeddedOptions::default()).unwrap());
        let root_key = KeyMaterial::from_bytes(Zeroizing::new(vec![7; 32]));
        let key =
            RootAccessKey { id: "root".into(), secret: SecretKey::new("secret".into()), in_file: false };
        install(&store, &root_key, &key, &SystemRandom, NOW).await.unwrap();
        let audit = logs.then(|| Settings::in_dir(dir.join("audit")));
        let config = EngineConfig { audit, ..EngineConfig::default() };
        let clock = Arc::new(ManualClock::at(NOW));
        let engine = Engine::open(store, &root_key, clock, Arc::new(SystemRandom), config).await.unwrap();
        let caller = root(&engine).await;
        let (origin, trail) = (Origin::local("r"), Trail::unrecorded("r"));
        let made =
            engine.call(&caller, OperationId::CreateKey, Params::new(&[]), &origin, &trail).await.unwrap();
        let made: Value = serde_json::from_slice(&made).unwrap();
        let key = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
        Self { engine, caller, key }
    }

    /// CPU time of a request, in µs.
    async fn slice(&self) -> f64 {
        let params = [
            (Cow::Borrowed("KeyId"), Cow::Borrowed(self.key.as_str())),
            (Cow::Borrowed("Plaintext"), Cow::Borrowed("q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=")),
        ];
        let source = Source {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            user_agent: b"AlibabaCloud (Linux; x86_64) Python/3.11.2 Core/0.4.6 TeaDSL/2",
            host: "127.0.0.1:43283",
        };
        let origin = Origin::local(ID);
        let before = cpu_time();
        for _ in 0..SLICE {
            let recording = self.engine.record(ID, &source, Instant::now());
            let trail = recording.trail();
            let call =
                self.engine.call(&self.caller, OperationId::Encrypt, Params::new(&params), &origin, trail);
            drop(call.await.unwrap());
            recording.finish(Outcome::GOOD).await.unwrap();
        }
        // What waits is written within 20 ms and synced within 100.
        tokio::time::sleep(Duration::from_millis(150)).await;
        (cpu_time() - before).as_secs_f64() / f64::from(SLICE) * 1e6
    }
}

/// CPU time of all threads.
fn cpu_time() -> Duration {
    let mut nanos = 0;
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let text = std::fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap();
        nanos += text.split(' ').next().unwrap().parse::<u64>().unwrap();
    }
    Duration::from_nanos(nanos)
}

async fn root(engine: &Engine) -> Caller {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("localhost"));
    headers.insert("x-acs-action", HeaderValue::from_static("DescribeRegions"));
    headers.insert("x-acs-version", HeaderValue::from_static("2016-01-20"));
    let date = keystead_auth::format_date(NOW.0).unwrap();
    let request =
        ToSign { method: "POST", path: "/", query: &[], form: &[], body: b"", date: &date, nonce: "n" };
    let credentials = Credentials::access_key("root", "secret");
    v3::sign(&request, &mut headers, &credentials, Algorithm::AcsHmacSha256, HeaderPolicy::Standard).unwrap();
    let view = RequestView {
        method: "POST",
        path: "/",
        authority: None,
        headers: &headers,
        query: &[],
        form: &[],
        body: b"",
    };
    let Ok(Presented::Signed(claim)) = keystead_auth::present(&view) else { panic!("it was signed") };
    engine.authenticate(&claim, &view).await.ok().unwrap()
}
