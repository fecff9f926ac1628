//! A store of many secrets: an engine reads what it is asked for and no more, and keeps what its image may hold.

use keystead_crypto::SystemRandom;
use keystead_service::EngineConfig;
use keystead_service::bulk::{BulkError, load_secrets};
use keystead_store::Range;
use keystead_store::faulty::FaultyStore;

use crate::harness::{PATIENT, START, World, root_key};
use crate::secrets::{expected, read};

const SECRETS: usize = 50_000;
/// A hundredth of what the records take.
const IMAGE: u64 = 1 << 20;

fn name(number: usize) -> String {
    format!("load/{number:06}")
}

#[tokio::test]
async fn fifty_thousand_secrets() {
    let world = World::new().await;
    let all = (0..SECRETS).map(|number| (name(number), format!("value {number}").into()));
    let made = load_secrets(&*world.store, &root_key(), all, START, &SystemRandom).await.unwrap();
    assert_eq!(made, SECRETS);
    assert_eq!(world.store.count(Range::prefix("secret/")).await.unwrap(), SECRETS as u64);

    // Opening and the first answer take the same few reads, however many secrets there are.
    let store = FaultyStore::new(world.store.clone());
    let config = EngineConfig { image_bytes: IMAGE, patience: PATIENT, ..EngineConfig::default() };
    let client = world.client_with(store.clone(), config).await;
    let opened = store.reads();
    assert!(opened <= 10, "{opened} reads to open");
    let one = name(SECRETS / 2);
    let value = format!("value {}", SECRETS / 2);
    assert_eq!(read(&client, &[("SecretName", &one)]).await, expected("v1", &value, &["ACSCurrent"]));
    let first = store.reads() - opened;
    assert!(first <= 5, "{first} reads for the first answer");
    // A second one of the same takes none.
    let before = store.reads();
    read(&client, &[("SecretName", &one)]).await;
    assert_eq!(store.reads(), before);

    // Every secret once: two reads each at most, and the image stays within its bound.
    let before = store.reads();
    for number in 0..SECRETS {
        let (name, value) = (name(number), format!("value {number}"));
        let answer = client.ok("GetSecretValue", &[("SecretName", &name)]).await;
        assert_eq!(answer["SecretData"], value);
        assert!(number % 1000 != 0 || client.engine.image_bytes() <= IMAGE);
    }
    assert!(store.reads() - before <= 2 * SECRETS as u64 + 10);
    assert!(client.engine.image_bytes() > IMAGE / 2);
}

#[tokio::test]
async fn what_is_loaded_is_checked() {
    let world = World::new().await;
    let load = async |name: &str, value: &str| {
        let all = [(name.to_owned(), value.into())];
        load_secrets(&*world.store, &root_key(), all, START, &SystemRandom).await
    };
    for (name, value) in [("acs/x", "x"), ("", "x"), ("a b", "x"), ("s", "")] {
        assert!(matches!(load(name, value).await, Err(BulkError::Refused(0))), "{name}");
    }
    assert_eq!(load("s", "x").await.unwrap(), 1);
    assert!(matches!(load("s", "y").await, Err(BulkError::Store(_))));
    assert_eq!(read(&world.client().await, &[("SecretName", "s")]).await.1, "x");
}
