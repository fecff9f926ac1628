//! Prints what a request of the instance API costs, part by part: AdvanceEncrypt of 32 bytes. Run with `--release`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use keystead_api::instance::{AdvanceEncryptRequest, InstanceMessage as _};
use keystead_api::{OperationId, Params, Timestamp};
use keystead_auth::instance::{self, Claim, content_sha256};
use keystead_auth::{
    Algorithm, Credentials, HeaderPolicy, Presented, RequestView, SecretKey, SigningKey, ToSign, v3,
};
use keystead_crypto::{KeyMaterial, SystemRandom};
use keystead_service::audit::{Outcome, Settings, Source, Trail};
use keystead_service::clock::ManualClock;
use keystead_service::install::{RootAccessKey, install};
use keystead_service::records::{AccessPointRecord, AccessPolicyRecord, ClientKeyRecord, Id, Stored, path};
use keystead_service::{Caller, Engine, EngineConfig, Gateway, Origin};
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Batch, Store};
use serde_json::Value;
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp(1_767_323_045);
const INSTANCE: &str = "kst-cost";
const ROUNDS: u32 = 5_000;
const TRIES: usize = 9;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> =
        Arc::new(EmbeddedStore::open(&dir.path().join("data"), EmbeddedOptions::default()).unwrap());
    let root_key = KeyMaterial::from_bytes(Zeroizing::new(vec![7; 32]));
    let key = RootAccessKey { id: "root".into(), secret: SecretKey::new("secret".into()), in_file: false };
    install(&store, &root_key, &key, &SystemRandom, NOW).await.unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let audit = Settings {
        dir: dir.path().join("audit"),
        sync_always: false,
        segment_bytes: 1 << 30,
        segment_seconds: 86_400,
        keep_seconds: 0,
        keep_bytes: 0,
    };
    let config = EngineConfig { audit: Some(audit), ..EngineConfig::default() };
    let engine = Engine::open(store, &root_key, clock, Arc::new(SystemRandom), config).await.unwrap();
    let account = engine.installation().account.clone();
    engine.create_instance(&account, Some(INSTANCE)).await.unwrap();
    let client_key = make_application(&engine, &account).await;
    let signing_key = SigningKey::rsa_private(&private()).unwrap();
    let key_id = make_key(&engine).await;

    let body = AdvanceEncryptRequest { key_id, plaintext: vec![7; 32], ..Default::default() }.write();
    let headers = signed(&body, &client_key, &signing_key, "AdvanceEncrypt");
    let claim = Claim::read(&Method::POST, &headers).unwrap();
    let id = OperationId::InstanceAdvanceEncrypt;
    let origin = Origin { gateway: Gateway::Dedicated(INSTANCE), ..Origin::local("r") };
    let caller = engine.authenticate_client_key(&client_key, &claim.text, &claim.signature).await.unwrap();

    show("headers read", || drop(Claim::read(&Method::POST, &headers).unwrap()));
    show("signature checked, with a prepared key", || {
        assert!(instance::verify(&claim.text, &claim.signature, &signing_key).unwrap());
    });
    show("body hashed", || drop(content_sha256(&body)));
    show("message read", || drop(AdvanceEncryptRequest::read(&body).unwrap()));
    let mut best = [f64::MAX; 3];
    for _ in 0..TRIES {
        best[0] = best[0].min(
            timed(async || {
                drop(
                    engine.authenticate_client_key(&client_key, &claim.text, &claim.signature).await.unwrap(),
                );
            })
            .await,
        );
        best[1] = best[1].min(
            timed(async || {
                let trail = Trail::unrecorded("r");
                drop(engine.call_instance(&caller, id, &body, None, &origin, &trail).await.unwrap());
            })
            .await,
        );
        best[2] = best[2].min(
            timed(async || {
                let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
                let source = Source { address, user_agent: b"cost", host: "localhost" };
                let recording = engine.record("r", &source, Instant::now());
                let trail = recording.trail();
                drop(engine.call_instance(&caller, id, &body, None, &origin, trail).await.unwrap());
                recording.finish(Outcome::GOOD).await.unwrap();
            })
            .await,
        );
    }
    for (what, best) in [
        "authenticated: signature checked, access point found",
        "carried out: message, permission, encryption, answer",
        "the same with its record in the audit log, one request at a time",
    ]
    .iter()
    .zip(best)
    {
        println!("{:9.0} ns  {what}", best * 1e9);
    }
    engine.close().await;
}

fn show(what: &str, mut part: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..TRIES {
        let started = Instant::now();
        for _ in 0..ROUNDS / 10 {
            part();
        }
        best = best.min(started.elapsed().as_secs_f64() / f64::from(ROUNDS / 10));
    }
    println!("{:9.0} ns  {what}", best * 1e9);
}

/// Seconds of one call.
async fn timed(call: impl AsyncFn()) -> f64 {
    let started = Instant::now();
    for _ in 0..ROUNDS / 10 {
        call().await;
    }
    started.elapsed().as_secs_f64() / f64::from(ROUNDS / 10)
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../keystead-auth/tests/data/instance-vectors.json")).unwrap()
}

/// An invented key.
fn private() -> SecretKey {
    SecretKey::new(vectors()["client_key_private_key_pkcs8_base64"].as_str().unwrap().to_owned())
}

fn signed(body: &[u8], client_key: &str, key: &SigningKey, name: &str) -> HeaderMap {
    let hash = content_sha256(body);
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("x-kms-apiversion", "dkms-gcs-0.2"),
        ("x-kms-apiname", name),
        ("x-kms-signaturemethod", "RSA_PKCS1_SHA_256"),
        ("x-kms-acccesskeyid", client_key),
        ("content-type", "application/x-protobuf"),
        ("content-sha256", &hash),
    ] {
        headers
            .insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let text = instance::string_to_sign("POST", &headers).unwrap();
    let authorization = instance::authorization(&text, key).unwrap();
    headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
    headers
}

/// A key in the instance, made by the account itself.
async fn make_key(engine: &Engine) -> String {
    let root = root(engine).await;
    let params = [(Cow::Borrowed("DKMSInstanceId"), Cow::Borrowed(INSTANCE))];
    let (origin, trail) = (Origin::local("r"), Trail::unrecorded("r"));
    let made =
        engine.call(&root, OperationId::CreateKey, Params::new(&params), &origin, &trail).await.unwrap();
    let made: Value = serde_json::from_slice(&made).unwrap();
    made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
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

/// An access point with the right to everything in the instance, and its client key, written as the service writes them.
async fn make_application(engine: &Engine, account: &str) -> String {
    let all = vectors();
    let client_key = all["client_key_id"].as_str().unwrap().to_owned();
    let id = |text: &str| Id::from(text).unwrap();
    let policy = AccessPolicyRecord {
        account: id(account),
        name: "all".to_owned(),
        description: String::new(),
        scope: INSTANCE.to_owned(),
        permissions: vec!["RbacPermission/Template/CryptoServiceKeyUser".to_owned()],
        resources: vec!["key/*".to_owned()],
        network_rules: Vec::new(),
        used_by: vec!["app".to_owned()],
        created: NOW,
    };
    let point = AccessPointRecord {
        account: id(account),
        uid: id("point"),
        name: "app".to_owned(),
        description: String::new(),
        policies: vec!["all".to_owned()],
        client_keys: vec![client_key.clone()],
        created: NOW,
    };
    let pem = all["client_key_public_key_pem"].as_str().unwrap();
    let key = ClientKeyRecord {
        client_key_id: client_key.clone(),
        account: id(account),
        access_point: "app".to_owned(),
        access_point_uid: id("point"),
        certificate_pem: String::new(),
        public_key: pem.lines().filter(|line| !line.starts_with("-----")).collect(),
        not_before: NOW,
        not_after: NOW.plus(86_400),
        created: NOW,
    };
    let mut batch = Batch::new();
    put(&mut batch, path::access_policy(account, "all"), &policy);
    put(&mut batch, path::access_point(account, "app"), &point);
    put(&mut batch, path::client_key(&client_key), &key);
    engine.store().commit(batch).await.unwrap();
    client_key
}

fn put<T: Stored>(batch: &mut Batch, at: String, record: &T) {
    batch.create(at, T::KIND, T::FORMAT, serde_json::to_vec(record).unwrap());
}
