//! An installation in a temporary folder, and callers of its engines.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use keystead_api::{ApiError, ErrorCode, OperationDef, OperationId, Params, Product, Timestamp};
use keystead_auth::{Algorithm, Credentials, HeaderPolicy, Presented, RequestView, SecretKey, ToSign};
use keystead_crypto::{KeyMaterial, Purpose, Random, SealingKey, SystemRandom};
use keystead_service::audit::Trail;
use keystead_service::clock::ManualClock;
use keystead_service::install::{RootAccessKey, install};
use keystead_service::records::{KeyRecord, KeyState, KeyVersionRecord, Sealed, Stored, path};
use keystead_service::rotation::RotationDrivers;
use keystead_service::{AuthFailure, Caller, Engine, EngineConfig, Gateway, Origin};
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Batch, Horizon, Store};
use proptest::test_runner::Config;
use serde_json::Value;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// When the tests' clock starts.
pub const START: Timestamp = Timestamp(1_800_000_000);
/// How that is written.
pub const START_TEXT: &str = "2027-01-15T08:00:00Z";
/// The region of the tests' engines.
pub const REGION: &str = "cn-hangzhou";
/// Anything that takes longer hangs: far more than a slow machine needs.
pub const HANGS: Duration = Duration::from_secs(120);
/// Patience of an engine whose feed is not held: it never runs out on a slow machine.
pub const PATIENT: Duration = Duration::from_secs(60);
/// Patience of an engine that is to refuse.
pub const IMPATIENT: Duration = Duration::from_millis(50);

const ROOT_KEY: [u8; 32] = [0x52; 32];

/// An installed store, without an engine.
pub struct World {
    pub store: Arc<dyn Store>,
    pub clock: Arc<ManualClock>,
    pub access_key_id: String,
    pub access_key_secret: String,
    pub random: Arc<dyn Random>,
    // The last field: the store is closed before its folder goes.
    pub dir: Arc<TempDir>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(Arc::new(SystemRandom), EmbeddedOptions::default()).await
    }

    pub async fn with(random: Arc<dyn Random>, options: EmbeddedOptions) -> Self {
        let dir = Arc::new(TempDir::new().unwrap());
        let store: Arc<dyn Store> = Arc::new(EmbeddedStore::open(&dir.path().join("data"), options).unwrap());
        let number = next_number();
        let (access_key_id, access_key_secret) =
            (format!("LTAI5tTestsOfEngine{number:05}"), format!("secretOfTheRootAccessKey{number:06}"));
        let access_key = RootAccessKey {
            id: access_key_id.clone(),
            secret: SecretKey::new(access_key_secret.clone()),
            in_file: false,
        };
        install(&store, &root_key(), &access_key, &*random, START).await.unwrap();
        let clock = Arc::new(ManualClock::at(START));
        Self { store, clock, access_key_id, access_key_secret, random, dir }
    }

    /// A further account: its id, and the id and the secret of its root AccessKey.
    pub async fn second_account(&self) -> (String, String, String) {
        let number = next_number();
        let (id, secret) =
            (format!("LTAI5tTestsOfSecond{number:05}"), format!("secretOfTheSecondRoot{number:09}"));
        let access_key =
            RootAccessKey { id: id.clone(), secret: SecretKey::new(secret.clone()), in_file: true };
        let made = self.client().await.engine.create_account(&access_key).await;
        (made.unwrap(), id, secret)
    }

    /// An engine over the world's own store, and the root of its account as a caller.
    pub async fn client(&self) -> Client {
        self.client_over(self.store.clone(), PATIENT).await
    }

    /// The same over another view of the store.
    pub async fn client_over(&self, store: Arc<dyn Store>, patience: Duration) -> Client {
        self.client_with(store, EngineConfig { patience, ..EngineConfig::default() }).await
    }

    /// The same with caches that hold next to nothing, so that almost everything is loaded anew each time.
    pub async fn forgetful_client(&self) -> Client {
        let config =
            EngineConfig { image_bytes: 2048, opened_keys: 1, patience: PATIENT, ..EngineConfig::default() };
        self.client_with(self.store.clone(), config).await
    }

    /// An engine that rotates logins by these drivers.
    pub async fn rotating_client(&self, store: Arc<dyn Store>, drivers: Arc<dyn RotationDrivers>) -> Client {
        let config = EngineConfig { patience: PATIENT, drivers, ..EngineConfig::default() };
        self.client_with(store, config).await
    }

    /// The same with any configuration.
    pub async fn client_with(&self, store: Arc<dyn Store>, config: EngineConfig) -> Client {
        let config = EngineConfig { region: REGION.to_owned(), ..config };
        let engine =
            Engine::open(store, &root_key(), self.clock.clone(), self.random.clone(), config).await.unwrap();
        let caller = authenticate(&engine, &self.access_key_id, &self.access_key_secret).await.unwrap();
        Client { engine, caller: Arc::new(caller), instance: None, _dir: self.dir.clone() }
    }
}

pub fn root_key() -> KeyMaterial {
    KeyMaterial::from_bytes(Zeroizing::new(ROOT_KEY.to_vec()))
}

/// An engine with a new installation, which is what most tests want.
pub async fn client() -> Client {
    World::new().await.client().await
}

/// A caller of one engine.
#[derive(Clone)]
pub struct Client {
    pub engine: Arc<Engine>,
    pub caller: Arc<Caller>,
    /// The instance through whose gateway it calls; none for the shared gateway.
    pub instance: Option<Arc<str>>,
    _dir: Arc<TempDir>,
}

impl Client {
    /// The same caller at the gateway of an instance.
    pub fn through(&self, instance: &str) -> Self {
        Self { instance: Some(instance.into()), ..self.clone() }
    }

    /// Calls an operation, as its account's root unless the client is another one's. Operations of other products than KMS
    /// have the product in front: `Ram.CreateUser` or `ram:CreateUser`.
    pub async fn call(&self, operation: &str, params: &[(&str, &str)]) -> Result<Value, ApiError> {
        let origin = Origin { gateway: self.gateway(), ..Origin::local("request-id") };
        self.call_from(&origin, operation, params).await
    }

    /// The same from elsewhere.
    pub async fn call_from(
        &self,
        origin: &Origin<'_>,
        operation: &str,
        params: &[(&str, &str)],
    ) -> Result<Value, ApiError> {
        let id = labelled(operation).id;
        let pairs: Vec<_> =
            params.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect();
        let trail = Trail::unrecorded("request-id");
        match self.engine.call(&self.caller, id, Params::new(&pairs), origin, &trail).await {
            Ok(json) => {
                let answer: Value = serde_json::from_slice(&json).unwrap();
                assert_eq!(answer["RequestId"], "request-id", "{operation}");
                Ok(answer)
            }
            Err(error) => {
                assert!(declares(id, error.code()), "{operation} answers {error}, which it does not declare");
                Err(error)
            }
        }
    }

    /// Calls an operation of the instance API, through the gateway at which the client stands.
    pub async fn call_instance(&self, operation: OperationId, body: &[u8]) -> Result<Vec<u8>, ApiError> {
        let origin = Origin { gateway: self.gateway(), ..Origin::local("request-id") };
        let trail = Trail::unrecorded("request-id");
        let answer = self.engine.call_instance(&self.caller, operation, body, None, &origin, &trail).await;
        answer.map(|answer| answer.body)
    }

    fn gateway(&self) -> Gateway<'_> {
        self.instance.as_deref().map_or(Gateway::Shared, Gateway::Dedicated)
    }

    /// The same engine for another caller.
    pub fn for_caller(&self, caller: Caller) -> Self {
        Self { caller: Arc::new(caller), ..self.clone() }
    }

    /// Another engine for the same caller.
    pub fn on(&self, other: &Self) -> Self {
        Self { engine: other.engine.clone(), ..self.clone() }
    }

    /// The revision that the store stands at.
    pub fn revision(&self) -> u64 {
        match self.engine.store().horizon() {
            Horizon::At(revision) => revision,
            Horizon::Lost => panic!("the store has lost its horizon"),
        }
    }

    /// The account key, opened as the service opens it: out of its record and the root key.
    pub async fn account_key(&self) -> KeyMaterial {
        let account = self.account();
        let record = self.engine.store().get(&path::account(account)).await.unwrap().unwrap();
        let record: Value = serde_json::from_slice(&record.value).unwrap();
        let sealed = STANDARD.decode(text(&record["sealed_key"])).unwrap();
        let under_root = SealingKey::derive(&root_key(), Purpose::WrapAccountKey, b"");
        KeyMaterial::from_bytes(under_root.open(account.as_bytes(), &sealed).unwrap())
    }

    /// Another caller of the same engine, by its AccessKey.
    pub async fn caller(&self, id: &str, secret: &str) -> Self {
        let caller = authenticate(&self.engine, id, secret).await.unwrap();
        Self { caller: Arc::new(caller), ..self.clone() }
    }

    /// Calls an operation that succeeds.
    pub async fn ok(&self, operation: &str, params: &[(&str, &str)]) -> Value {
        match self.call(operation, params).await {
            Ok(answer) => answer,
            Err(error) => panic!("{operation}: {error}"),
        }
    }

    /// Calls an operation and writes down how it ended: `ok`, or status and code.
    pub async fn outcome(&self, operation: &str, params: &[(&str, &str)]) -> String {
        outcome(&self.call(operation, params).await)
    }

    /// Makes an instance and returns its id.
    pub async fn instance(&self) -> String {
        self.engine.create_instance(self.account(), None).await.unwrap()
    }

    /// Makes a key and returns its id.
    pub async fn key(&self) -> String {
        text(&self.ok("CreateKey", &[]).await["KeyMetadata"]["KeyId"])
    }

    /// Makes a key of a spec, for a usage or (left empty) its default one; returns the ids of key and version.
    pub async fn key_of(&self, spec: &str, usage: &str) -> (String, String) {
        let made = self.ok("CreateKey", &[("KeySpec", spec), ("KeyUsage", usage)]).await;
        let key_id = text(&made["KeyMetadata"]["KeyId"]);
        let version_id = self.newest_version(&key_id).await;
        (key_id, version_id)
    }

    /// The id of a key's newest version, out of its record: key pairs do not show it.
    pub async fn newest_version(&self, key_id: &str) -> String {
        let record = self.engine.store().get(&path::key(self.account(), key_id)).await.unwrap().unwrap();
        let record: KeyRecord = serde_json::from_slice(&record.value).unwrap();
        record.primary_version.as_str().to_owned()
    }

    /// Replaces a version's material.
    pub async fn plant_material(&self, version_id: &str, material: &[u8]) {
        let wrap = SealingKey::derive(&self.account_key().await, Purpose::WrapKeyMaterial, b"");
        self.rewrite::<KeyVersionRecord>(&path::key_version(version_id), |version| {
            let aad = bound(&[&version.account, &version.key_id, &version.version_id]);
            let mut sealed = Vec::new();
            wrap.seal(&SystemRandom, &aad, material, &mut sealed).unwrap();
            version.sealed_material = Some(Sealed(sealed.into()));
        })
        .await;
    }

    /// Encrypts and returns the blob.
    pub async fn encrypt(&self, key_id: &str, plaintext: &str) -> String {
        text(&self.ok("Encrypt", &[("KeyId", key_id), ("Plaintext", plaintext)]).await["CiphertextBlob"])
    }

    pub fn account(&self) -> &str {
        self.caller.account()
    }

    /// Rewrites a record in the store, as another node or a repair would.
    pub async fn rewrite<T: Stored>(&self, key: &str, change: impl FnOnce(&mut T)) {
        let store = self.engine.store();
        let record = store.get(key).await.unwrap().unwrap();
        let mut value: T = serde_json::from_slice(&record.value).unwrap();
        change(&mut value);
        let mut batch = Batch::new();
        batch.replace(&record, serde_json::to_vec(&value).unwrap());
        store.commit(batch).await.unwrap();
    }

    /// Puts a key into any state; operations cannot reach all of them yet.
    pub async fn force_state(&self, key_id: &str, state: KeyState) {
        let at = path::key(self.account(), key_id);
        self.rewrite::<KeyRecord>(&at, |key| {
            key.state = state;
            key.state_epoch += 1;
        })
        .await;
    }
}

/// The definition of an operation by its name; other products than KMS stand in front of it.
pub fn labelled(operation: &str) -> &'static OperationDef {
    let found = match operation.split_once(['.', ':']) {
        None => OperationId::find(Product::Kms, operation),
        Some((product, name)) => {
            let product = Product::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(product));
            product.and_then(|product| OperationId::find(product, name))
        }
    };
    found.unwrap_or_else(|| panic!("there is no operation {operation}")).def()
}

/// The parts as sealed records bind them.
pub fn bound(parts: &[&str]) -> Vec<u8> {
    let mut bound = Vec::new();
    for part in parts {
        bound.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound
}

/// Whether an operation's definition names this code. Codes that every operation can answer with are not repeated there.
fn declares(operation: OperationId, code: ErrorCode) -> bool {
    let of_all = matches!(
        code,
        ErrorCode::Missing(_)
            | ErrorCode::ForbiddenNoPermission
            | ErrorCode::NoPermission
            // Of every operation on what is in an instance, also in one that is being released.
            | ErrorCode::ForbiddenDkmsInstanceStateInvalid
            | ErrorCode::ForbiddenDkmsInstanceNotFound
            | ErrorCode::InvalidAccessKeyIdNotFound
            | ErrorCode::InternalFailure
            | ErrorCode::ServiceUnavailableTemporary
    );
    // The codes that name a parameter go with the one that names none.
    let code = if matches!(code, ErrorCode::Invalid(..)) { ErrorCode::InvalidParameter } else { code };
    of_all || operation.def().errors.contains(&code)
}

/// `ok`, or status and code.
pub fn outcome(result: &Result<Value, ApiError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => format!("{} {}", error.status(), error.code().name()),
    }
}

/// One line of a table: the operation, its parameters, and how it ends: `ok`, or status and code, and for an invalid
/// parameter its name, which the message must hold.
pub type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

/// Carries out a table in its order and fails with all lines that ended otherwise.
pub async fn check(client: &Client, rows: &[Row<'_>]) {
    let mut wrong = String::new();
    for (operation, params, expected) in rows {
        let result = client.call(operation, params).await;
        let (mut seen, words) = (outcome(&result), expected.split(' ').count());
        if let (Err(error), 3) = (&result, words) {
            let named = error.message().split(' ').find(|word| Some(*word) == expected.split(' ').nth(2));
            seen = format!("{seen} {}", named.unwrap_or(error.message()));
        }
        if seen != *expected {
            let params: Vec<_> = params.iter().map(|(name, value)| (name, short(value))).collect();
            wrong += &format!("\n{operation} {params:?}: expected {expected}, saw {seen}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn short(value: &str) -> String {
    let head: String = value.chars().take(80).collect();
    if head.len() < value.len() { format!("{head}… ({} bytes)", value.len()) } else { head }
}

/// A JSON string's text.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The texts under `field` in a list of objects.
pub fn texts(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|entry| text(&entry[field])).collect()
}

/// Signs a request of nothing in particular and has it verified.
pub async fn authenticate(engine: &Engine, id: &str, secret: &str) -> Result<Caller, AuthFailure> {
    let nonce = format!("nonce-{}", next_number());
    authenticate_at(engine, id, secret, engine.now(), &nonce).await
}

/// The same with a date and a nonce.
pub async fn authenticate_at(
    engine: &Engine,
    id: &str,
    secret: &str,
    date: Timestamp,
    nonce: &str,
) -> Result<Caller, AuthFailure> {
    authenticate_with(engine, &Credentials::access_key(id, secret), date, nonce).await
}

/// The same with any credentials.
pub async fn authenticate_with(
    engine: &Engine,
    credentials: &Credentials,
    date: Timestamp,
    nonce: &str,
) -> Result<Caller, AuthFailure> {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("kms.cn-hangzhou.aliyuncs.com"));
    headers.insert("x-acs-action", HeaderValue::from_static("DescribeRegions"));
    headers.insert("x-acs-version", HeaderValue::from_static("2016-01-20"));
    let date = keystead_auth::format_date(date.0).unwrap();
    let request = ToSign { method: "POST", path: "/", query: &[], form: &[], body: b"", date: &date, nonce };
    keystead_auth::v3::sign(
        &request,
        &mut headers,
        credentials,
        Algorithm::AcsHmacSha256,
        HeaderPolicy::Standard,
    )
    .unwrap();
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
    engine.authenticate(&claim, &view).await
}

/// A number that no other call in this process gets.
pub fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// How many random sequences are tried: 64, or `PROPTEST_CASES`.
pub fn sequences() -> Config {
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 64 };
    // A failure prints its sequence; files of failed seeds would not name it.
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Fails instead of hanging.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, work).await.expect("it hangs")
}
