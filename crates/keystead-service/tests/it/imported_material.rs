//! GetParametersForImport, ImportKeyMaterial, DeleteKeyMaterial.

use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{EncryptionAlgorithm, KeyPairSpec, PublicKey, SystemRandom};
use keystead_service::records::{KeyRecord, KeyVersionRecord, path};
use serde_json::{Value, json};

use crate::harness::{Client, START, World, check, client, text};

const ALGORITHMS: [&str; 4] = ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];
const DAY: i64 = 86_400;
const INVALID: &str = "400 InvalidKeyMaterial";
const BAD_TOKEN: &str = "400 InvalidImportToken";

/// What GetParametersForImport answered.
pub struct Parameters {
    algorithm: String,
    public_key: Vec<u8>,
    token: String,
}

/// What ImportKeyMaterial is sent.
#[derive(Clone)]
pub struct Sent {
    wrapped: String,
    token: String,
}

impl Parameters {
    pub async fn get(client: &Client, key: &str, algorithm: &str) -> Self {
        let spec = if algorithm == "SM2PKE" { "EC_SM2" } else { "RSA_2048" };
        let params = [("KeyId", key), ("WrappingAlgorithm", algorithm), ("WrappingKeySpec", spec)];
        let answer = client.ok("GetParametersForImport", &params).await;
        assert_eq!(answer["KeyId"], json!(key));
        Self {
            algorithm: algorithm.to_owned(),
            public_key: STANDARD.decode(text(&answer["PublicKey"])).unwrap(),
            token: text(&answer["ImportToken"]),
        }
    }

    /// Wraps material, as a client does.
    pub fn wrap(&self, material: &[u8]) -> Sent {
        let wrapped = match EncryptionAlgorithm::find(&self.algorithm) {
            Some(algorithm) => {
                let spec = if self.algorithm == "SM2PKE" { KeyPairSpec::Sm2 } else { KeyPairSpec::Rsa2048 };
                let key = PublicKey::from_spki(spec, &self.public_key).unwrap();
                key.encrypt(&SystemRandom, algorithm, material).unwrap()
            }
            None => {
                let key = PublicEncryptingKey::from_der(&self.public_key).unwrap();
                let key = Pkcs1PublicEncryptingKey::new(key).unwrap();
                let mut wrapped = vec![0; key.ciphertext_size()];
                key.encrypt(material, &mut wrapped).unwrap();
                wrapped
            }
        };
        Sent { wrapped: STANDARD.encode(wrapped), token: self.token.clone() }
    }
}

impl Sent {
    pub fn params(&self) -> [(&'static str, &str); 2] {
        [("EncryptedKeyMaterial", &self.wrapped), ("ImportToken", &self.token)]
    }

    async fn import(&self, client: &Client, key: &str, expires: i64) -> String {
        let expires = expires.to_string();
        let params = [&self.params()[..], &[("KeyId", key), ("KeyMaterialExpireUnix", &expires)]].concat();
        client.outcome("ImportKeyMaterial", &params).await
    }
}

async fn external(client: &Client, spec: &str) -> String {
    let made = client.ok("CreateKey", &[("Origin", "EXTERNAL"), ("KeySpec", spec)]).await;
    assert_eq!(made["KeyMetadata"]["KeyState"], "PendingImport");
    text(&made["KeyMetadata"]["KeyId"])
}

/// A key with material of 32 times 7, which never expires, and parameters to import more.
async fn imported(client: &Client) -> (String, Parameters) {
    let key = external(client, "Aliyun_AES_256").await;
    let parameters = Parameters::get(client, &key, "RSAES_OAEP_SHA_256").await;
    assert_eq!(parameters.wrap(&[7; 32]).import(client, &key, 0).await, "ok");
    (key, parameters)
}

async fn metadata(client: &Client, key: &str) -> Value {
    client.ok("DescribeKey", &[("KeyId", key)]).await["KeyMetadata"].take()
}

async fn state(client: &Client, key: &str) -> String {
    text(&metadata(client, key).await["KeyState"])
}

async fn record(client: &Client, key: &str) -> (KeyRecord, KeyVersionRecord) {
    let store = client.engine.store();
    let record = store.get(&path::key(client.account(), key)).await.unwrap().unwrap();
    let record: KeyRecord = serde_json::from_slice(&record.value).unwrap();
    let version = store.get(&path::key_version(&record.primary_version)).await.unwrap().unwrap();
    (record, serde_json::from_slice(&version.value).unwrap())
}

#[tokio::test]
async fn every_way_of_wrapping() {
    let client = client().await;
    for (algorithm, (spec, len)) in ALGORITHMS.into_iter().zip(
        [("Aliyun_AES_256", 32), ("Aliyun_SM4", 16), ("Aliyun_AES_128", 16), ("Aliyun_AES_192", 24)]
            .into_iter(),
    ) {
        let key = external(&client, spec).await;
        check(&client, &[("Encrypt", &[("KeyId", &key), ("Plaintext", "x")], "409 Rejected.PendingImport")])
            .await;
        let parameters = Parameters::get(&client, &key, algorithm).await;
        let material = vec![9; len];
        for wrong in [len - 1, len + 1, 1, 64] {
            assert_eq!(
                parameters.wrap(&vec![9; wrong]).import(&client, &key, 0).await,
                INVALID,
                "{algorithm} {wrong}"
            );
        }
        assert_eq!(parameters.wrap(&material).import(&client, &key, 0).await, "ok", "{algorithm}");
        assert_eq!(state(&client, &key).await, "Enabled");
        let blob = client.encrypt(&key, "x").await;
        assert_eq!(client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"], "x");
        // The token can be used again.
        assert_eq!(parameters.wrap(&material).import(&client, &key, 0).await, "ok", "{algorithm}");
    }
}

fn ask<'a>(key: &'a str, spec: &'a str, algorithm: &'a str) -> [(&'a str, &'a str); 3] {
    [("KeyId", key), ("WrappingKeySpec", spec), ("WrappingAlgorithm", algorithm)]
}

#[tokio::test]
async fn parameters_that_are_refused() {
    let client = client().await;
    let (own, key) = (client.key().await, external(&client, "Aliyun_AES_256").await);
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let (rsa, oaep) = ("RSA_2048", "RSAES_OAEP_SHA_256");
    let (no_spec, no_algorithm) =
        ("400 InvalidParameter WrappingKeySpec", "400 InvalidParameter WrappingAlgorithm");
    check(
        &client,
        &[
            ("GetParametersForImport", &ask(&own, rsa, oaep), "400 Unsupported.Origin"),
            ("GetParametersForImport", &ask("alias/a", rsa, oaep), "400 Unsupported.Alias"),
            ("GetParametersForImport", &ask("none", rsa, oaep), "404 Forbidden.KeyNotFound"),
            ("GetParametersForImport", &ask(&key, "RSA_4096", oaep), no_spec),
            ("GetParametersForImport", &ask(&key, "", oaep), no_spec),
            ("GetParametersForImport", &ask(&key, rsa, "SM2PKE"), no_algorithm),
            ("GetParametersForImport", &ask(&key, "EC_SM2", oaep), no_algorithm),
            ("GetParametersForImport", &ask(&key, rsa, "rsaes_oaep_sha_256"), no_algorithm),
            ("DeleteKeyMaterial", &[("KeyId", &own)], "400 Unsupported.Origin"),
            ("DeleteKeyMaterial", &[("KeyId", "alias/a")], "400 Unsupported.Alias"),
        ],
    )
    .await;
    let parameters = Parameters::get(&client, &key, oaep).await;
    let sent = parameters.wrap(&[7; 32]);
    assert_eq!(sent.import(&client, &own, 0).await, "400 Unsupported.Origin");
    assert_eq!(sent.import(&client, "alias/a", 0).await, "400 Unsupported.Alias");
    for expires in [-1, 1, START.0 - 1, START.0, i64::MAX, 253_402_300_800] {
        assert_eq!(sent.import(&client, &key, expires).await, "400 InvalidParameter", "{expires}");
    }
    let other = Sent { wrapped: "!".into(), ..sent.clone() };
    assert_eq!(other.import(&client, &key, 0).await, "400 InvalidParameter");
    for token in ["", "!", "AAAA", &sent.token[4..], &sent.token.replacen('A', "B", 1)] {
        let other = Sent { token: token.to_owned(), ..sent.clone() };
        assert_eq!(other.import(&client, &key, 0).await, BAD_TOKEN, "{token}");
    }
    // None of that was a failure of the token.
    assert_eq!(sent.import(&client, &key, START.0 + 1).await, "ok");
}

#[tokio::test]
async fn each_call_gives_a_pair_of_its_own_for_its_key() {
    let client = client().await;
    let (one, two) = (external(&client, "Aliyun_AES_256").await, external(&client, "Aliyun_AES_256").await);
    let first = Parameters::get(&client, &one, "RSAES_OAEP_SHA_256").await;
    let second = Parameters::get(&client, &one, "RSAES_OAEP_SHA_256").await;
    assert!(first.public_key != second.public_key && first.token != second.token);
    let mixed = Sent { token: second.token.clone(), ..first.wrap(&[7; 32]) };
    assert_eq!(mixed.import(&client, &one, 0).await, INVALID);
    // A token of another key is no token here.
    assert_eq!(first.wrap(&[7; 32]).import(&client, &two, 0).await, BAD_TOKEN);
    assert_eq!(first.wrap(&[7; 32]).import(&client, &one, 0).await, "ok");
    assert_eq!(second.wrap(&[7; 32]).import(&client, &one, 0).await, "ok");
}

#[tokio::test]
async fn a_token_lives_for_24_hours() {
    let world = World::new().await;
    let client = world.client().await;
    let key = external(&client, "Aliyun_AES_256").await;
    let params = [("KeyId", key.as_str()), ("WrappingKeySpec", "EC_SM2"), ("WrappingAlgorithm", "SM2PKE")];
    let answer = client.ok("GetParametersForImport", &params).await;
    assert_eq!(answer["TokenExpireTime"], json!(START.plus(DAY).to_string()));
    let parameters = Parameters::get(&client, &key, "SM2PKE").await;
    let sent = parameters.wrap(&[7; 32]);
    world.clock.advance(DAY - 1);
    assert_eq!(sent.import(&client, &key, 0).await, "ok");
    world.clock.advance(1);
    assert_eq!(sent.import(&client, &key, 0).await, "400 ExpiredImportToken");
}

#[tokio::test]
async fn five_failures_kill_a_token_on_every_node_and_for_good() {
    let world = World::new().await;
    let (a, b) = (world.client().await, world.client().await);
    let key = external(&a, "Aliyun_AES_256").await;
    let parameters = Parameters::get(&a, &key, "RSAES_PKCS1_V1_5").await;
    let good = parameters.wrap(&[7; 32]);
    let garbage = Sent { wrapped: STANDARD.encode([1; 256]), ..good.clone() };
    let short = Sent { wrapped: STANDARD.encode([1; 255]), ..good.clone() };
    // Whatever is wrong, it is the same error. Successes between do not count.
    for (client, sent) in [(&a, &garbage), (&b, &short), (&a, &parameters.wrap(&[7; 31])), (&b, &garbage)] {
        assert_eq!(sent.import(client, &key, 0).await, INVALID);
        assert_eq!(good.import(client, &key, 0).await, "ok");
    }
    // Other material than the key's is a failure too.
    assert_eq!(parameters.wrap(&[8; 32]).import(&a, &key, 0).await, INVALID);
    for client in [&a, &b, &world.client().await] {
        assert_eq!(good.import(client, &key, 0).await, BAD_TOKEN);
    }
    // Only that token: another one works. And nothing of the dead one stays once it would have expired anyway.
    let fresh = Parameters::get(&b, &key, "RSAES_PKCS1_V1_5").await;
    assert_eq!(fresh.wrap(&[7; 32]).import(&b, &key, 0).await, "ok");
    let left = async || {
        let range = keystead_store::Range::prefix("import-token/");
        world.store.scan(range, None, 100).await.unwrap().len()
    };
    assert_ne!(left().await, 0);
    world.clock.advance(DAY + 3600);
    a.engine.carry_out_due().await.unwrap();
    assert_eq!(left().await, 0);
    assert_eq!(good.import(&a, &key, 0).await, "400 ExpiredImportToken");
}

/// Tries are counted before the material is looked at, so that many at once get no more of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_five_of_many_tries_at_once_are_looked_at() {
    let client = client().await;
    let key = external(&client, "Aliyun_AES_256").await;
    let parameters = Parameters::get(&client, &key, "RSAES_PKCS1_V1_5").await;
    let garbage = Sent { wrapped: STANDARD.encode([1; 256]), token: parameters.token.clone() };
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let (client, key, sent) = (client.clone(), key.clone(), garbage.clone());
            tokio::spawn(async move { sent.import(&client, &key, 0).await })
        })
        .collect();
    let mut looked_at = 0;
    for task in tasks {
        match task.await.unwrap().as_str() {
            INVALID => looked_at += 1,
            seen => assert_eq!(seen, BAD_TOKEN),
        }
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn a_key_takes_only_its_own_material_again() {
    let client = client().await;
    let (key, parameters) = imported(&client).await;
    let blob = client.encrypt(&key, "x").await;
    let before = record(&client, &key).await;
    assert_eq!(parameters.wrap(&[8; 32]).import(&client, &key, START.0 + DAY).await, INVALID);
    let after = record(&client, &key).await;
    assert_eq!(before.0.state_epoch, after.0.state_epoch, "a refusal changes nothing");
    assert_eq!(metadata(&client, &key).await["MaterialExpireTime"], "");

    for _ in 0..2 {
        client.ok("DeleteKeyMaterial", &[("KeyId", &key)]).await;
        assert_eq!(state(&client, &key).await, "PendingImport");
        let (stored, version) = record(&client, &key).await;
        assert!(version.sealed_material.is_none(), "only the fingerprint stays");
        assert_eq!(stored.material_fingerprint.map(|mac| mac.0.len()), Some(32));
    }
    check(&client, &[("Decrypt", &[("CiphertextBlob", &blob)], "409 Rejected.PendingImport")]).await;
    assert_eq!(parameters.wrap(&[8; 32]).import(&client, &key, 0).await, INVALID);
    assert_eq!(state(&client, &key).await, "PendingImport");
    assert_eq!(parameters.wrap(&[7; 32]).import(&client, &key, 0).await, "ok");
    assert_eq!(client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"], "x");

    // Two keys with the same material: neither fingerprints nor ciphertexts agree.
    let (other, _) = imported(&client).await;
    let (one, two) = (record(&client, &key).await.0, record(&client, &other).await.0);
    assert_ne!(one.material_fingerprint, two.material_fingerprint);
}

#[tokio::test]
async fn material_expires_at_once_and_is_removed_when_that_is_carried_out() {
    let world = World::new().await;
    let client = world.client().await;
    let (key, parameters) = imported(&client).await;
    let sent = parameters.wrap(&[7; 32]);
    let blob = client.encrypt(&key, "x").await;
    // The expiry is changed by the same material, to a time and back to never.
    assert_eq!(sent.import(&client, &key, START.0 + 60).await, "ok");
    assert_eq!(metadata(&client, &key).await["MaterialExpireTime"], json!(START.plus(60).to_string()));
    assert_eq!(sent.import(&client, &key, 0).await, "ok");
    world.clock.advance(100);
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 0);
    client.encrypt(&key, "x").await;

    assert_eq!(sent.import(&client, &key, START.0 + 200).await, "ok");
    world.clock.advance(99);
    client.encrypt(&key, "x").await;
    world.clock.advance(1);
    // Nothing has been carried out yet.
    check(
        &client,
        &[
            ("Decrypt", &[("CiphertextBlob", &blob)], "409 Rejected.PendingImport"),
            ("EnableKey", &[("KeyId", &key)], "409 Rejected.StateModifiedFailed"),
        ],
    )
    .await;
    assert_eq!(state(&client, &key).await, "PendingImport");
    assert!(record(&client, &key).await.1.sealed_material.is_some());
    client.engine.carry_out_due().await.unwrap();
    assert!(record(&client, &key).await.1.sealed_material.is_none());
    assert_eq!(state(&client, &key).await, "PendingImport");
    assert_eq!(client.engine.carry_out_due().await.unwrap(), 0);
    assert_eq!(sent.import(&client, &key, 0).await, "ok");
    assert_eq!(client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"], "x");
}

#[tokio::test]
async fn states() {
    let client = client().await;
    let (key, parameters) = imported(&client).await;
    let sent = parameters.wrap(&[7; 32]);
    let named = [("KeyId", key.as_str())];
    // A disabled key stays disabled when its material only gets another expiry.
    client.ok("DisableKey", &named).await;
    assert_eq!(sent.import(&client, &key, START.0 + DAY).await, "ok");
    assert_eq!(state(&client, &key).await, "Disabled");
    client.ok("DeleteKeyMaterial", &named).await;
    assert_eq!(state(&client, &key).await, "PendingImport");
    assert_eq!(sent.import(&client, &key, 0).await, "ok");
    assert_eq!(state(&client, &key).await, "Enabled");

    client.ok("ScheduleKeyDeletion", &[named[0], ("PendingWindowInDays", "7")]).await;
    assert_eq!(sent.import(&client, &key, 0).await, "409 Rejected.StateModifiedFailed");
    Parameters::get(&client, &key, "SM2PKE").await;
    client.ok("DeleteKeyMaterial", &named).await;
    assert_eq!(state(&client, &key).await, "PendingDeletion");
    client.ok("CancelKeyDeletion", &named).await;
    assert_eq!(state(&client, &key).await, "PendingImport");
    assert_eq!(sent.import(&client, &key, 0).await, "ok");
    client.encrypt(&key, "x").await;
}
