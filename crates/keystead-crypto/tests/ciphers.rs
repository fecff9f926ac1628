//! Every cipher's sealing, and the bare modes.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Fixed, material};
use keystead_crypto::{
    Cipher, DirectError, DirectKey, Mode, OpenError, Padding, Purpose, SealingKey, SystemRandom,
};
use proptest::prelude::*;
use serde_json::Value;

const CIPHERS: [Cipher; 4] = [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256, Cipher::Sm4];
const MODES: [Mode; 3] = [Mode::Gcm, Mode::Cbc, Mode::Ecb];

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("data/cipher-vectors.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn bytes(case: &Value, name: &str) -> Vec<u8> {
    hex::decode(case[name].as_str().unwrap()).unwrap()
}

fn cipher(case: &Value) -> Cipher {
    match case["cipher"].as_str().unwrap() {
        "AES_128" => Cipher::Aes128,
        "AES_192" => Cipher::Aes192,
        "AES_256" => Cipher::Aes256,
        "SM4" => Cipher::Sm4,
        other => panic!("{other}"),
    }
}

#[test]
fn sealed_as_another_implementation_does() {
    let cases = vectors("sealed");
    assert_eq!(cases.len(), 12);
    for case in &cases {
        let version_id = case["version_id"].as_str().unwrap().as_bytes();
        let key = SealingKey::derive_for(
            cipher(case),
            &material(&bytes(case, "material")),
            Purpose::Message,
            version_id,
        );
        let random = Fixed::new(&[bytes(case, "iv"), bytes(case, "salt")].concat());
        let mut sealed = Vec::new();
        key.seal(&random, &bytes(case, "associated_data"), &bytes(case, "plaintext"), &mut sealed).unwrap();
        assert_eq!(hex::encode(&sealed), case["sealed"].as_str().unwrap());
        let opened = key.open(&bytes(case, "associated_data"), &sealed).unwrap();
        assert_eq!(opened.to_vec(), bytes(case, "plaintext"));
    }
}

#[test]
fn bare_modes_as_another_implementation_does_them() {
    let cases = vectors("direct");
    assert_eq!(cases.len(), 12);
    for case in &cases {
        let mode = match case["mode"].as_str().unwrap() {
            "GCM" => Mode::Gcm,
            "CBC" => Mode::Cbc,
            _ => Mode::Ecb,
        };
        let version_id = case["version_id"].as_str().unwrap().as_bytes();
        let key = DirectKey::derive(cipher(case), mode, &material(&bytes(case, "material")), version_id);
        let (iv, aad, plaintext) =
            (bytes(case, "iv"), bytes(case, "associated_data"), bytes(case, "plaintext"));
        let ciphertext = bytes(case, "ciphertext");
        if mode == Mode::Gcm {
            let iv: [u8; 12] = iv.try_into().unwrap();
            assert_eq!(key.seal_gcm(iv, &aad, &plaintext).unwrap(), ciphertext);
            assert_eq!(key.open_gcm(iv, &aad, &ciphertext).unwrap().to_vec(), plaintext);
        } else {
            let iv = (mode == Mode::Cbc).then(|| iv.try_into().unwrap());
            assert_eq!(key.encrypt(iv, Padding::Pkcs7, &plaintext).unwrap(), ciphertext);
            assert_eq!(key.decrypt(iv, Padding::Pkcs7, &ciphertext).unwrap().to_vec(), plaintext);
        }
    }
}

#[test]
fn one_material_gives_independent_keys() {
    let material = material(&[7; 16]);
    let mut seen = std::collections::HashSet::new();
    for cipher in CIPHERS {
        let key = SealingKey::derive_for(cipher, &material, Purpose::Message, b"version");
        let mut sealed = Vec::new();
        key.seal(&Fixed::new(&[5; 24]), b"", &[0; 32], &mut sealed).unwrap();
        assert!(seen.insert(sealed[24..56].to_vec()));
        for other in CIPHERS.into_iter().filter(|other| *other != cipher) {
            let key = SealingKey::derive_for(other, &material, Purpose::Message, b"version");
            assert_eq!(key.open(b"", &sealed), Err(OpenError), "{cipher:?} {other:?}");
        }
        // ECB of the zero block would be GCM's secret, were the keys the same.
        for mode in MODES {
            let key = DirectKey::derive(cipher, mode, &material, b"version");
            let output = match mode {
                Mode::Gcm => key.seal_gcm([5; 12], b"", &[0; 32]).unwrap()[..32].to_vec(),
                Mode::Cbc => key.encrypt(Some([0; 16]), Padding::None, &[0; 32]).unwrap(),
                Mode::Ecb => key.encrypt(None, Padding::None, &[0; 32]).unwrap(),
            };
            assert!(seen.insert(output), "{cipher:?} {mode:?}");
        }
    }
}

#[test]
fn a_key_serves_its_own_mode() {
    for cipher in CIPHERS {
        for mode in MODES {
            let key = DirectKey::derive(cipher, mode, &material(&[1; 32]), b"version");
            let wrong = Err(DirectError::Mode);
            if mode != Mode::Gcm {
                assert_eq!(key.seal_gcm([0; 12], b"", b""), wrong);
                assert_eq!(key.open_gcm([0; 12], b"", &[0; 16]), Err(OpenError));
            }
            if mode != Mode::Cbc {
                assert_eq!(key.encrypt(Some([0; 16]), Padding::Pkcs7, b""), wrong);
                assert_eq!(key.decrypt(Some([0; 16]), Padding::None, &[0; 16]), Err(OpenError));
            }
            if mode != Mode::Ecb {
                assert_eq!(key.encrypt(None, Padding::Pkcs7, b""), wrong);
                assert_eq!(key.decrypt(None, Padding::None, &[0; 16]), Err(OpenError));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sealed_opens_and_nothing_else(
        cipher in prop::sample::select(&CIPHERS[..]),
        plaintext in proptest::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let key = SealingKey::derive_for(cipher, &material(&[7; 32]), Purpose::Message, b"v");
        let mut sealed = Vec::new();
        key.seal(&SystemRandom, b"aad", &plaintext, &mut sealed).unwrap();
        prop_assert_eq!(key.open(b"aad", &sealed).unwrap().to_vec(), plaintext);
        prop_assert_eq!(key.open(b"other", &sealed), Err(OpenError));
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert_eq!(key.open(b"aad", &sealed), Err(OpenError));
        prop_assert_eq!(key.open(b"aad", &sealed[..at]), Err(OpenError));
    }

    #[test]
    fn blocks_come_back_and_all_failures_are_one(
        cipher in prop::sample::select(&CIPHERS[..]),
        cbc in any::<bool>(),
        plaintext in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let mode = if cbc { Mode::Cbc } else { Mode::Ecb };
        let iv = cbc.then_some([9; 16]);
        let key = DirectKey::derive(cipher, mode, &material(&[7; 32]), b"v");
        let padded = key.encrypt(iv, Padding::Pkcs7, &plaintext).unwrap();
        prop_assert_eq!(padded.len(), (plaintext.len() / 16 + 1) * 16);
        prop_assert_eq!(key.decrypt(iv, Padding::Pkcs7, &padded).unwrap().to_vec(), plaintext.clone());
        let bare = key.encrypt(iv, Padding::None, &plaintext);
        if plaintext.len() % 16 == 0 {
            prop_assert_eq!(key.decrypt(iv, Padding::None, &bare.unwrap()).unwrap().to_vec(), plaintext);
        } else {
            prop_assert_eq!(bare, Err(DirectError::Length));
        }
        prop_assert_eq!(key.decrypt(iv, Padding::Pkcs7, &padded[1..]), Err(OpenError));
        prop_assert_eq!(key.decrypt(iv, Padding::Pkcs7, &[]), Err(OpenError));
        // Padding of a kind that cannot be: the last block says 0.
        let mut wrong = padded;
        let zero = key.encrypt(iv, Padding::None, &[0; 16]).unwrap();
        if !cbc {
            wrong.extend(zero);
            prop_assert_eq!(key.decrypt(iv, Padding::Pkcs7, &wrong), Err(OpenError));
        }
    }
}
