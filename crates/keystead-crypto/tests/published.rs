//! Test vectors of NIST, of the RFCs and of the Chinese standards, through the public API. Where the numbers come from is
//! said in `data/make_published_vectors.py`, and here for those of SM2.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Fixed, material, sm2_pkcs8};
use keystead_crypto::{
    EncryptionAlgorithm, KeyPairSpec, MacAlgorithm, MacKey, PrivateKey, PublicKey, SignatureAlgorithm,
    SystemRandom, sha256, sm3,
};
use serde_json::Value;

fn published(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("data/published-vectors.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn bytes(case: &Value, name: &str) -> Vec<u8> {
    hex::decode(case[name].as_str().unwrap()).unwrap()
}

#[test]
fn hmac_of_rfc_4231() {
    let cases = published("hmac");
    assert_eq!(cases.len(), 24);
    for case in &cases {
        let algorithm = MacAlgorithm::find(case["algorithm"].as_str().unwrap()).unwrap();
        let key = MacKey::new(algorithm, &material(&bytes(case, "key")));
        assert_eq!(key.sign(&bytes(case, "message")), bytes(case, "mac"));
    }
}

#[test]
fn sm3_of_gb_t_32905() {
    let cases = published("sm3");
    assert_eq!(cases.len(), 6);
    for case in &cases {
        assert_eq!(sm3(&bytes(case, "message")).to_vec(), bytes(case, "digest"));
    }
}

#[test]
fn ecdsa_of_nist() {
    let cases = published("ecdsa_p256");
    assert_eq!(cases.len(), 15);
    let mut valid = 0;
    for case in &cases {
        let Ok(key) = PublicKey::from_spki(KeyPairSpec::EcP256, &bytes(case, "spki")) else {
            assert_eq!(case["valid"], false, "a key that was changed");
            continue;
        };
        let signature = common::der_of_integers(&bytes(case, "r"), &bytes(case, "s"));
        let digest = sha256(&bytes(case, "message"));
        assert_eq!(key.verify(SignatureAlgorithm::EcdsaSha256, &digest, &signature).unwrap(), case["valid"]);
        valid += usize::from(case["valid"] == true);
    }
    assert!(valid >= 3, "{valid}");
}

#[test]
fn rsa_pkcs1_of_nist() {
    let cases = published("rsa_pkcs1");
    assert_eq!(cases.len(), 54);
    let mut valid = 0;
    for case in &cases {
        let signature = bytes(case, "signature");
        let spec = match signature.len() {
            256 => KeyPairSpec::Rsa2048,
            384 => KeyPairSpec::Rsa3072,
            _ => KeyPairSpec::Rsa4096,
        };
        let key = PublicKey::from_spki(spec, &bytes(case, "spki")).unwrap();
        let digest = sha256(&bytes(case, "message"));
        assert_eq!(
            key.verify(SignatureAlgorithm::RsaPkcs1Sha256, &digest, &signature).unwrap(),
            case["valid"]
        );
        valid += usize::from(case["valid"] == true);
    }
    assert!(valid >= 9, "{valid}");
}

/// GB/T 32918.5 (GM/T 0003.5), the recommended curve: the key of its examples.
const KEY: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
const X: &str = "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020";
const Y: &str = "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
/// The k of its examples.
const K: &str = "59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21";

fn standard_key() -> PrivateKey {
    PrivateKey::from_material(KeyPairSpec::Sm2, &sm2_pkcs8(&hex::decode(KEY).unwrap())).unwrap()
}

#[test]
fn sm2_signature_of_gb_t_32918() {
    let key = standard_key();
    let point = [vec![4], hex::decode(X).unwrap(), hex::decode(Y).unwrap()].concat();
    assert!(key.public_key().spki().ends_with(&point));

    // Annex A.2: the identity 1234567812345678, the message "message digest".
    let e = key.public_key().sm2_digest("1234567812345678", b"message digest").unwrap();
    assert_eq!(hex::encode(e), "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640");
    let r = hex::decode("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3").unwrap();
    let s = hex::decode("b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa").unwrap();
    let signature = common::der_of_integers(&r, &s);
    assert!(key.public_key().verify(SignatureAlgorithm::Sm2Dsa, &e, &signature).unwrap());
    let swapped = common::der_of_integers(&s, &r);
    assert!(!key.public_key().verify(SignatureAlgorithm::Sm2Dsa, &e, &swapped).unwrap());

    let ours = key.sign(&SystemRandom, SignatureAlgorithm::Sm2Dsa, &e).unwrap();
    assert!(key.public_key().verify(SignatureAlgorithm::Sm2Dsa, &e, &ours).unwrap());
}

#[test]
fn sm2_encryption_of_gb_t_32918() {
    let key = standard_key();
    // Annex C.2: the message "encryption standard".
    let c1 = hex::decode(
        "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d9\
         9283aff767e124df0",
    )
    .unwrap();
    let c2 = hex::decode("21886ca989ca9c7d58087307ca93092d651efa").unwrap();
    let c3 = hex::decode("59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766").unwrap();
    let raw = [c1.clone(), c3.clone(), c2.clone()].concat();
    let opened = key.decrypt(EncryptionAlgorithm::Sm2Pke, &raw).unwrap();
    assert_eq!(opened.as_slice(), b"encryption standard");

    // With the example's k, ours is the example, in the form of GM/T 0009.
    let random = Fixed::new(&hex::decode(K).unwrap());
    let ours =
        key.public_key().encrypt(&random, EncryptionAlgorithm::Sm2Pke, b"encryption standard").unwrap();
    assert_eq!(ours, common::sm2_der(&c1, &c3, &c2));
    assert_eq!(key.decrypt(EncryptionAlgorithm::Sm2Pke, &ours).unwrap().as_slice(), b"encryption standard");
    // The old order is another ciphertext, and a wrong one.
    assert!(key.decrypt(EncryptionAlgorithm::Sm2Pke, &[c1, c2, c3].concat()).is_err());
}
