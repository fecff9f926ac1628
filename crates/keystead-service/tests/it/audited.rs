//! An engine with an audit log, and callers whose requests are recorded as a gateway's are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use keystead_api::{ApiError, OperationId, Params, Product};
use keystead_service::audit::verify::{Report, VerifyError, Wanted, verify};
use keystead_service::audit::{HeadVerifier, Outcome, Recording, Settings, Source};
use keystead_service::rotation::RotationDrivers;
use keystead_service::{Caller, EngineConfig, Origin};
use keystead_store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Client, PATIENT, World};

/// What recorded requests come from.
pub const SOURCE: &str = "192.0.2.7";

pub struct Audited {
    pub client: Client,
    dir: Arc<TempDir>,
}

impl Audited {
    pub async fn new(world: &World) -> Self {
        Self::with(world, world.store.clone(), |_| {}).await
    }

    /// With another view of the store, and other settings.
    pub async fn with(world: &World, store: Arc<dyn Store>, change: impl FnOnce(&mut Settings)) -> Self {
        Self::open(world, store, Arc::new(TempDir::new().unwrap()), change, None).await
    }

    /// The same log, and requests of another caller.
    pub fn for_caller(&self, caller: Caller) -> Self {
        Self { client: self.client.for_caller(caller), dir: self.dir.clone() }
    }

    pub async fn rotating(world: &World, drivers: Arc<dyn RotationDrivers>) -> Self {
        let dir = Arc::new(TempDir::new().unwrap());
        Self::open(world, world.store.clone(), dir, |_| {}, Some(drivers)).await
    }

    /// Another engine with a copy of this one's files.
    pub async fn after_a_crash(&self, world: &World) -> Self {
        self.crashed(world, |_| {}).await
    }

    /// The same, with the copy changed before.
    pub async fn crashed(&self, world: &World, change: impl FnOnce(&Path)) -> Self {
        let dir = Arc::new(TempDir::new().unwrap());
        copy(&self.path(), &dir.path().join("audit"));
        change(&dir.path().join("audit"));
        Self::open(world, world.store.clone(), dir, |_| {}, None).await
    }

    /// Another engine with an empty folder.
    pub async fn beside(&self, world: &World) -> Self {
        Self::new(world).await
    }

    async fn open(
        world: &World,
        store: Arc<dyn Store>,
        dir: Arc<TempDir>,
        change: impl FnOnce(&mut Settings),
        drivers: Option<Arc<dyn RotationDrivers>>,
    ) -> Self {
        let mut settings = Settings::in_dir(dir.path().join("audit"));
        change(&mut settings);
        let mut config = EngineConfig { patience: PATIENT, audit: Some(settings), ..EngineConfig::default() };
        if let Some(drivers) = drivers {
            config.drivers = drivers;
        }
        Self { client: world.client_with(store, config).await, dir }
    }

    /// The log's folder.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("audit")
    }

    /// Begins to record a request with an id that no other has.
    pub fn begin(&self) -> Recording<'_> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = format!("request-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let source =
            Source { address: SOURCE.parse().unwrap(), user_agent: b"tests/1.0", host: "kms.example.com" };
        self.client.engine.record(&id, &source, Instant::now())
    }

    /// Calls an operation on a recording's trail.
    pub async fn run(
        &self,
        recording: &Recording<'_>,
        operation: &str,
        params: &[(&str, &str)],
    ) -> Result<Value, ApiError> {
        let id = OperationId::find(Product::Kms, operation).unwrap();
        let pairs: Vec<_> =
            params.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect();
        let engine = &self.client.engine;
        let json = engine
            .call(&self.client.caller, id, Params::new(&pairs), &Origin::local("r"), recording.trail())
            .await?;
        Ok(serde_json::from_slice(&json).unwrap())
    }

    /// Calls an operation as a gateway does: recorded, and then answered.
    pub async fn call(&self, operation: &str, params: &[(&str, &str)]) -> Result<Value, ApiError> {
        let recording = self.begin();
        let result = self.run(&recording, operation, params).await;
        end(recording, &result).await?;
        result
    }

    /// Ends the log in good order.
    pub async fn close(&self) {
        self.client.engine.close().await;
    }

    /// Every record that is with the kernel, those of the log itself included.
    pub fn records(&self) -> Vec<Value> {
        let text: String = segments(&self.path()).into_values().collect();
        // A last line may be under way.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let in_files = whole.lines().map(|line| serde_json::from_str(line).unwrap());
        let in_buffer = buffered(&self.path());
        let by_number =
            in_files.chain(in_buffer).map(|record: Value| (record["seq"].as_u64().unwrap(), record));
        BTreeMap::from_iter(by_number).into_values().collect()
    }

    /// The records of one event.
    pub fn named(&self, name: &str) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["eventName"] == name).collect()
    }

    pub fn verify(&self) -> Result<Report, VerifyError> {
        self.verify_wanting(Wanted::default())
    }

    pub fn verify_wanting(&self, wanted: Wanted) -> Result<Report, VerifyError> {
        verify(&self.path(), &self.key(), wanted)
    }

    pub fn key(&self) -> HeadVerifier {
        HeadVerifier::from_pem(&fs::read(self.path().join("public-key.pem")).unwrap()).unwrap()
    }
}

/// Ends a recording with what came out.
pub async fn end(recording: Recording<'_>, result: &Result<Value, ApiError>) -> Result<(), ApiError> {
    let code = result.as_ref().err().map(|error| error.code().name());
    let outcome = match (result, &code) {
        (Err(error), Some(code)) => Outcome { status: error.status(), error_code: Some(code) },
        _ => Outcome::GOOD,
    };
    recording.finish(outcome).await
}

/// The segments of a folder, by their names.
pub fn segments(dir: &Path) -> BTreeMap<PathBuf, String> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// The records in the buffer of a folder, of which some may be in a segment as well.
fn buffered(dir: &Path) -> impl Iterator<Item = Value> + use<> {
    let halves = ["pending-0", "pending-1"].map(|name| fs::read(dir.join(name)).unwrap_or_default());
    halves.into_iter().flat_map(|half| {
        let lines = half.split(|byte| *byte == b'\n');
        lines.map_while(|line| serde_json::from_slice(line).ok()).collect::<Vec<_>>()
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
