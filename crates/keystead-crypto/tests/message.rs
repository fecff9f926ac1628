#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Mutex;

use keystead_crypto::{
    KeyMaterial, MessageBlob, OpenError, Purpose, Random, RandomError, SEAL_OVERHEAD, SealingKey,
    SystemRandom,
};
use proptest::prelude::*;
use serde_json::Value;
use zeroize::Zeroizing;

/// Hands out the bytes that a vector fixes.
struct Fixed(Mutex<Vec<u8>>);

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        out.copy_from_slice(&self.0.lock().unwrap().drain(..out.len()).collect::<Vec<_>>());
        Ok(())
    }
}

fn material(bytes: &[u8]) -> KeyMaterial {
    KeyMaterial::from_bytes(Zeroizing::new(bytes.to_vec()))
}

#[test]
fn vectors_made_by_another_implementation() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/message-vectors.json")).unwrap();
    assert_eq!(cases.len(), 5);
    for case in &cases {
        let bytes = |name: &str| hex::decode(case[name].as_str().unwrap()).unwrap();
        let version_id = case["version_id"].as_str().unwrap();
        let key = SealingKey::derive(&material(&bytes("material")), Purpose::Message, version_id.as_bytes());
        let plaintext = case["plaintext"].as_str().unwrap();
        let random = Fixed(Mutex::new([bytes("iv"), bytes("salt")].concat()));
        let mut blob = MessageBlob::start(version_id, plaintext.len());
        key.seal(&random, &bytes("associated_data"), plaintext.as_bytes(), &mut blob).unwrap();
        assert_eq!(MessageBlob::encode(&blob), case["ciphertext_blob"].as_str().unwrap());

        let blob = MessageBlob::decode(case["ciphertext_blob"].as_str().unwrap()).unwrap();
        assert_eq!(blob.version_id(), version_id);
        let opened = key.open(&bytes("associated_data"), blob.sealed()).unwrap();
        assert_eq!(opened.as_slice(), plaintext.as_bytes());
    }
}

#[test]
fn purposes_and_contexts_are_apart() {
    let material = material(&[7; 32]);
    let key = SealingKey::derive(&material, Purpose::Message, b"version 1");
    let mut sealed = Vec::new();
    key.seal(&SystemRandom, b"", b"text", &mut sealed).unwrap();
    for other in [
        SealingKey::derive(&material, Purpose::Message, b"version 2"),
        SealingKey::derive(&material, Purpose::SecretValue, b"version 1"),
    ] {
        assert_eq!(other.open(b"", &sealed), Err(OpenError));
    }
    assert_eq!(key.open(b"other", &sealed), Err(OpenError));
    assert_eq!(key.open(b"", &sealed).unwrap().as_slice(), b"text");
}

#[test]
fn no_two_messages_share_salt_and_iv() {
    let key = SealingKey::derive(&material(&[7; 32]), Purpose::Message, b"v");
    let mut heads = std::collections::HashSet::new();
    for _ in 0..100_000 {
        let mut sealed = Vec::new();
        key.seal(&SystemRandom, b"", b"x", &mut sealed).unwrap();
        assert!(heads.insert(sealed[..24].to_vec()));
    }
}

proptest! {
    #[test]
    fn any_changed_byte_is_refused(plaintext in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let key = SealingKey::derive(&material(&[7; 32]), Purpose::Message, b"v");
        let mut sealed = Vec::new();
        key.seal(&SystemRandom, b"aad", &plaintext, &mut sealed).unwrap();
        prop_assert_eq!(key.open(b"aad", &sealed).unwrap().to_vec(), plaintext);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert_eq!(key.open(b"aad", &sealed), Err(OpenError));
        sealed[at] ^= 1 << bit;
        prop_assert_eq!(key.open(b"aad", &sealed[..sealed.len() - 1]), Err(OpenError));
    }

    #[test]
    fn no_text_makes_the_blob_reader_panic(text in ".*") {
        if let Some(blob) = MessageBlob::decode(&text) {
            let _ = (blob.version_id(), blob.sealed());
        }
    }
}

#[test]
fn an_iv_that_comes_twice_meets_another_key() {
    let key = SealingKey::derive(&material(&[3; 32]), Purpose::Message, b"version");
    let iv = [7; keystead_crypto::MESSAGE_IV_LEN];
    let seal = || {
        let mut out = b"head".to_vec();
        key.seal_with_iv(&SystemRandom, &iv, b"aad", b"the same text", &mut out).unwrap();
        out
    };
    let (one, two) = (seal(), seal());
    assert_eq!((&one[..4], &one[4..16]), (&b"head"[..], &iv[..]));
    assert_eq!(one.len(), 4 + SEAL_OVERHEAD + 13);
    // Salt, ciphertext and tag all differ.
    for part in [16..28, 28..41, 41..57] {
        assert_ne!(one[part.clone()], two[part]);
    }
    for sealed in [&one, &two] {
        assert_eq!(key.open(b"aad", &sealed[4..]).unwrap().as_slice(), b"the same text");
        assert_eq!(key.open_with_iv(&iv, b"aad", &sealed[16..]).unwrap().as_slice(), b"the same text");
        assert!(key.open_with_iv(&[8; 12], b"aad", &sealed[16..]).is_err());
        assert!(key.open_with_iv(&iv, b"", &sealed[16..]).is_err());
        for short in [0, 11, 12, 27] {
            assert!(key.open_with_iv(&iv, b"aad", &sealed[16..16 + short]).is_err());
        }
    }
}
