//! Prints what a record in the audit log costs whoever ends its request: an Encrypt by root. Run with `--release`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keystead_api::{OperationId, Params, Timestamp};
use keystead_auth::SecretKey;
use keystead_crypto::{KeyMaterial, SystemRandom};
use keystead_service::audit::{Actor, ActorKind, Outcome, Settings, Source};
use keystead_service::clock::SystemClock;
use keystead_service::install::{RootAccessKey, install};
use keystead_service::{Engine, EngineConfig};
use keystead_store::Store;
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use zeroize::Zeroizing;

const ROUNDS: u32 = 2_000;
const TRIES: usize = 150;
/// Between tries: the disk is not to set the pace.
const PAUSE: Duration = Duration::from_millis(40);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> =
        Arc::new(EmbeddedStore::open(&dir.path().join("data"), EmbeddedOptions::default()).unwrap());
    let root_key = KeyMaterial::from_bytes(Zeroizing::new(vec![7; 32]));
    let key = RootAccessKey { id: "root".into(), secret: SecretKey::new("secret".into()), in_file: false };
    install(&store, &root_key, &key, &SystemRandom, Timestamp(1_767_323_045)).await.unwrap();
    let config =
        EngineConfig { audit: Some(Settings::in_dir(dir.path().join("audit"))), ..EngineConfig::default() };
    let clock = Arc::new(SystemClock);
    let engine = Engine::open(store, &root_key, clock, Arc::new(SystemRandom), config).await.unwrap();

    let actor = Actor {
        kind: ActorKind::RootAccount,
        account_id: "1829108831299264",
        principal_id: "1829108831299264".into(),
        user_name: "root".into(),
        access_key_id: "LTAI5tn8RinG9IevpWCjoZeQ",
    };
    let pairs = [
        (Cow::Borrowed("KeyId"), Cow::Borrowed("key-hzz6b07174edek1cek585")),
        (Cow::Borrowed("Plaintext"), Cow::Borrowed("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")),
    ];
    let user_agent = b"AlibabaCloud (Linux; x86_64) Python/3.11.2 Core/0.4.2 TeaDSL/2";
    let mut best = f64::MAX;
    for _ in 0..TRIES {
        let started = Instant::now();
        for _ in 0..ROUNDS {
            let source = Source {
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                user_agent,
                host: "kms.cn-hangzhou.aliyuncs.com",
            };
            let recording = engine.record("FC1B1E99-D27A-0974-1337-C1C5F2D128E6", &source, Instant::now());
            recording.trail().called(&actor, OperationId::Encrypt.def(), Params::new(&pairs));
            recording.finish(Outcome::GOOD).await.unwrap();
        }
        best = best.min(started.elapsed().as_secs_f64() / f64::from(ROUNDS));
        tokio::time::sleep(PAUSE).await;
    }
    println!("{:9.0} ns  a record", best * 1e9);
    engine.close().await;
}
