//! An engine with targets, and its account's root as a caller.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use keystead_api::{ApiError, OperationId, Params, Product};
use keystead_auth::{Algorithm, Credentials, HeaderPolicy, Presented, RequestView, SecretKey, ToSign};
use keystead_crypto::{KeyMaterial, SystemRandom};
use keystead_rotation::{TargetSettings, Targets};
use keystead_service::audit::Trail;
use keystead_service::clock::{Clock as _, SystemClock};
use keystead_service::install::{RootAccessKey, install};
use keystead_service::rotation::{Login, LoginSecret, RotationDrivers as _, Target};
use keystead_service::{Caller, Engine, EngineConfig, Origin};
use keystead_store::Store;
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::servers::{ADMIN, ADMIN_PASSWORD};

/// Anything that takes longer hangs.
const HANGS: Duration = Duration::from_secs(180);

/// The secret with the administrator's login.
pub const ADMIN_SECRET: &str = "admin";

#[derive(Clone)]
pub struct World {
    pub engine: Arc<Engine>,
    caller: Arc<Caller>,
    targets: Arc<Targets>,
    _dir: Arc<TempDir>,
}

impl World {
    /// With these targets, each in the form of the configuration file.
    pub async fn new(targets: Value) -> Self {
        let settings: BTreeMap<String, TargetSettings> = serde_json::from_value(targets).unwrap();
        let targets = Arc::new(Targets::new(&settings).unwrap());
        let dir = Arc::new(TempDir::new().unwrap());
        let store: Arc<dyn Store> =
            Arc::new(EmbeddedStore::open(&dir.path().join("data"), EmbeddedOptions::default()).unwrap());
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let (id, secret) =
            (format!("LTAI5tTestsRotation{number:05}"), format!("secretOfTheRoot{number:015}"));
        let root = RootAccessKey { id: id.clone(), secret: SecretKey::new(secret.clone()), in_file: false };
        let root_key = || KeyMaterial::from_bytes(Zeroizing::new(vec![7; 32]));
        install(&store, &root_key(), &root, &SystemRandom, SystemClock.now()).await.unwrap();
        let config = EngineConfig {
            drivers: targets.clone(),
            patience: Duration::from_secs(60),
            ..EngineConfig::default()
        };
        let clock = Arc::new(SystemClock);
        let engine = Engine::open(store, &root_key(), clock, Arc::new(SystemRandom), config).await.unwrap();
        let caller = Arc::new(authenticate(&engine, &id, &secret).await);
        let world = Self { engine, caller, targets, _dir: dir };
        let admin = json!({"AccountName": ADMIN, "AccountPassword": ADMIN_PASSWORD}).to_string();
        world.create(ADMIN_SECRET, "Generic", &admin, &Value::Null).await.unwrap();
        world
    }

    pub async fn call(&self, operation: &str, params: &[(&str, &str)]) -> Result<Value, ApiError> {
        let id = OperationId::find(Product::Kms, operation).unwrap();
        let pairs: Vec<_> =
            params.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect();
        let (origin, trail) = (Origin::local("request-id"), Trail::unrecorded("request-id"));
        let call = self.engine.call(&self.caller, id, Params::new(&pairs), &origin, &trail);
        let answer = tokio::time::timeout(HANGS, call).await.expect("it hangs");
        answer.map(|json| serde_json::from_slice(&json).unwrap())
    }

    pub async fn create(
        &self,
        name: &str,
        secret_type: &str,
        data: &str,
        config: &Value,
    ) -> Result<Value, ApiError> {
        let config = config.to_string();
        let mut params = vec![
            ("SecretName", name),
            ("VersionId", "v0"),
            ("SecretType", secret_type),
            ("SecretData", data),
        ];
        if secret_type != "Generic" {
            params.push(("ExtendedConfig", &config));
        }
        self.call("CreateSecret", &params).await
    }

    /// An Rds secret of one or two accounts at the target `db`.
    pub async fn create_rds(&self, name: &str, accounts: &[(&str, &str)]) {
        let list: Vec<Value> = accounts
            .iter()
            .map(|(account, password)| json!({"AccountName": account, "AccountPassword": password}))
            .collect();
        let sub_type = if accounts.len() == 1 { "SingleUser" } else { "DoubleUsers" };
        let config = json!({"SecretSubType": sub_type, "DBInstanceId": "db"});
        self.create(name, "Rds", &json!({"Accounts": list}).to_string(), &config).await.unwrap();
    }

    /// `ok`, or the code.
    pub async fn rotate(&self, name: &str, version_id: &str) -> String {
        let answer = self.call("RotateSecret", &[("SecretName", name), ("VersionId", version_id)]).await;
        answer.map_or_else(|error| error.code().name().into_owned(), |_| "ok".to_owned())
    }

    /// Account, password and version in force, or of another stage.
    pub async fn login(&self, name: &str, stage: &str) -> (String, String, String) {
        let params = [("SecretName", name), ("VersionStage", stage)];
        let answer = self.call("GetSecretValue", &params).await.unwrap();
        let value: Value = serde_json::from_str(answer["SecretData"].as_str().unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&value["AccountName"]), text(&value["AccountPassword"]), text(&answer["VersionId"]))
    }

    /// Really logs in at a target.
    pub async fn log_in(&self, target: &str, account: &str, password: &str) -> Result<(), String> {
        let login = Login { account: account.to_owned(), secret: LoginSecret::Password(password.into()) };
        let about = Target {
            account: String::new(),
            secret_name: String::new(),
            secret_type: String::new(),
            sub_type: String::new(),
            id: target.to_owned(),
            version_id: String::new(),
            authority: None,
        };
        let driver = self.targets.find(target).unwrap();
        driver.log_in(&about, &login).await.map_err(|error| error.to_string())
    }
}

async fn authenticate(engine: &Engine, id: &str, secret: &str) -> Caller {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("kms.cn-hangzhou.aliyuncs.com"));
    headers.insert("x-acs-action", HeaderValue::from_static("DescribeRegions"));
    headers.insert("x-acs-version", HeaderValue::from_static("2016-01-20"));
    let date = keystead_auth::format_date(engine.now().0).unwrap();
    let request =
        ToSign { method: "POST", path: "/", query: &[], form: &[], body: b"", date: &date, nonce: "n" };
    let credentials = Credentials::access_key(id, secret);
    keystead_auth::v3::sign(
        &request,
        &mut headers,
        &credentials,
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
    engine.authenticate(&claim, &view).await.unwrap()
}
