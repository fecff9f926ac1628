//! Prints what the permission of a call costs: DescribeKey by the account itself and by a user. Run with `--release`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use http::{HeaderMap, HeaderValue};
use keystead_api::{OperationId, Params, Product, Timestamp};
use keystead_auth::{Algorithm, Credentials, HeaderPolicy, Presented, RequestView, SecretKey, ToSign, v3};
use keystead_crypto::{KeyMaterial, Purpose, SealingKey, SystemRandom};
use keystead_service::audit::Trail;
use keystead_service::clock::ManualClock;
use keystead_service::install::{RootAccessKey, install};
use keystead_service::records::{
    AccessKeyRecord, AccountRecord, Attachment, KeyOwner, PolicyKind, PolicyRecord, PolicyVersion, Sealed,
    Stored, UserRecord, path,
};
use keystead_service::{Caller, Engine, EngineConfig, Origin};
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Batch, Store};
use serde_json::json;
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp(1_800_000_000);
const SECRET: &str = "secret";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> =
        Arc::new(EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap());
    let root_key = KeyMaterial::from_bytes(Zeroizing::new(vec![7; 32]));
    let key = RootAccessKey { id: "root".into(), secret: SecretKey::new(SECRET.into()), in_file: false };
    install(&store, &root_key, &key, &SystemRandom, NOW).await.unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let engine =
        Engine::open(store, &root_key, clock, Arc::new(SystemRandom), EngineConfig::default()).await.unwrap();
    let account = engine.installation().account.clone();
    let root = authenticate(&engine, "root").await;
    make_user(&engine, &root_key, &account).await;
    let user = authenticate(&engine, "user").await;

    let made = call(&engine, &root, "CreateKey", &[]).await;
    let made: serde_json::Value = serde_json::from_slice(&made).unwrap();
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    let describe = [("KeyId", key)];
    measure("the account itself", &engine, &root, &describe).await;
    let arn = format!("acs:kms:*:{account}:key/{key}");
    for others in [0, 10, 100] {
        let other = |number: usize| {
            json!({ "Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt", "kms:Describe*"],
                    "Resource": format!("acs:kms:*:{account}:key/key-hzz6b49d200{number:010}") })
        };
        let last = json!({ "Effect": "Allow", "Action": "kms:DescribeKey", "Resource": arn });
        let statements: Vec<_> = (0..others).map(other).chain([last]).collect();
        put_policy(&engine, &account, &json!({ "Version": "1", "Statement": statements }).to_string()).await;
        measure(&format!("a user, {} statements, the last allows", others + 1), &engine, &user, &describe)
            .await;
    }
    let policy = json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "RAM": format!("acs:ram::{account}:*") } }] });
    let set = [("KeyId", key), ("Policy", &policy.to_string())];
    call(&engine, &root, "SetKeyPolicy", &set).await;
    measure("the account itself, the key with a policy", &engine, &root, &describe).await;
    measure("the user, the key with a policy", &engine, &user, &describe).await;
}

async fn measure(what: &str, engine: &Engine, caller: &Caller, params: &[(&str, &str)]) {
    const ROUNDS: u32 = 20_000;
    let mut best = f64::MAX;
    for _ in 0..9 {
        let started = Instant::now();
        for _ in 0..ROUNDS {
            call(engine, caller, "DescribeKey", params).await;
        }
        best = best.min(started.elapsed().as_secs_f64() / f64::from(ROUNDS));
    }
    println!("{:8.0} ns  DescribeKey by {what}", best * 1e9);
}

async fn call(engine: &Engine, caller: &Caller, operation: &str, params: &[(&str, &str)]) -> Vec<u8> {
    let id = OperationId::find(Product::Kms, operation).unwrap();
    let pairs: Vec<_> =
        params.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect();
    engine.call(caller, id, Params::new(&pairs), &Origin::local("r"), &Trail::unrecorded("r")).await.unwrap()
}

async fn put<T: Stored>(engine: &Engine, at: String, record: &T) {
    let mut batch = Batch::new();
    batch.put(at, T::KIND, T::FORMAT, serde_json::to_vec(record).unwrap());
    engine.store().commit(batch).await.unwrap();
}

async fn put_policy(engine: &Engine, account: &str, document: &str) {
    let version = PolicyVersion { number: 1, document: document.to_owned(), created: NOW };
    let policy = PolicyRecord {
        account: account.to_owned(),
        name: "p".to_owned(),
        description: String::new(),
        created: NOW,
        updated: NOW,
        default_version: 1,
        next_version: 2,
        versions: vec![version],
        tags: Vec::new(),
    };
    put(engine, path::policy(account, "p"), &policy).await;
}

/// A user with one policy, written as the service writes it.
async fn make_user(engine: &Engine, root_key: &KeyMaterial, account: &str) {
    put_policy(engine, account, "{}").await;
    let stored = engine.store().get(&path::account(account)).await.unwrap().unwrap();
    let stored: AccountRecord = serde_json::from_slice(&stored.value).unwrap();
    let under_root = SealingKey::derive(root_key, Purpose::WrapAccountKey, b"");
    let account_key =
        KeyMaterial::from_bytes(under_root.open(account.as_bytes(), &stored.sealed_key.0).unwrap());
    let wrap = SealingKey::derive(&account_key, Purpose::WrapAccessKeySecret, b"");
    let mut aad = Vec::new();
    for part in [account, "user"] {
        aad.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    let mut sealed = Vec::new();
    wrap.seal(&SystemRandom, &aad, SECRET.as_bytes(), &mut sealed).unwrap();
    let owner = KeyOwner { name: "alice".to_owned(), user_id: "2".to_owned() };
    let key = AccessKeyRecord {
        access_key_id: "user".to_owned(),
        account: account.to_owned(),
        sealed_secret: Sealed(sealed.into()),
        active: true,
        created: NOW,
        owner: Some(owner),
    };
    let attached = Attachment { kind: PolicyKind::Custom, policy: "p".to_owned(), attached: NOW };
    let user = UserRecord {
        user_id: "2".to_owned(),
        account: account.to_owned(),
        name: "alice".to_owned(),
        display_name: String::new(),
        mobile_phone: String::new(),
        email: String::new(),
        comments: String::new(),
        created: NOW,
        updated: NOW,
        access_keys: vec!["user".to_owned()],
        groups: Vec::new(),
        policies: vec![attached],
        tags: Vec::new(),
    };
    put(engine, path::user(account, "alice"), &user).await;
    put(engine, path::access_key("user"), &key).await;
}

async fn authenticate(engine: &Engine, id: &str) -> Caller {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("localhost"));
    headers.insert("x-acs-action", HeaderValue::from_static("DescribeRegions"));
    headers.insert("x-acs-version", HeaderValue::from_static("2016-01-20"));
    let date = keystead_auth::format_date(NOW.0).unwrap();
    let request =
        ToSign { method: "POST", path: "/", query: &[], form: &[], body: b"", date: &date, nonce: id };
    let credentials = Credentials::access_key(id, SECRET);
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
