//! Key pairs: what each can do, what it refuses, and that it comes back from its stored form.
#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{
    EncryptionAlgorithm, KeyMaterial, KeyPairError, KeyPairSpec, MacAlgorithm, MacKey, OpenError, PrivateKey,
    PublicKey, SignatureAlgorithm, SystemRandom, WrappingAlgorithm,
};

mod common;

const SPECS: [KeyPairSpec; 4] =
    [KeyPairSpec::Rsa2048, KeyPairSpec::EcP256, KeyPairSpec::EcP256k, KeyPairSpec::Sm2];

#[test]
fn every_kind_signs_or_encrypts_and_comes_back_from_its_stored_form() {
    for spec in SPECS {
        let key = PrivateKey::generate(spec, &SystemRandom).unwrap();
        let again = PrivateKey::from_material(spec, &key.to_material().unwrap()).unwrap();
        assert_eq!(key.public_key().spki(), again.public_key().spki());
        let public = PublicKey::from_spki(spec, key.public_key().spki()).unwrap();
        let mut done = 0;
        for algorithm in SignatureAlgorithm::ALL {
            let Ok(signature) = again.sign(&SystemRandom, *algorithm, &[7; 32]) else { continue };
            assert!(public.verify(*algorithm, &[7; 32], &signature).unwrap(), "{spec:?} {algorithm:?}");
            assert!(!public.verify(*algorithm, &[8; 32], &signature).unwrap(), "{spec:?} {algorithm:?}");
            done += 1;
        }
        for algorithm in EncryptionAlgorithm::ALL {
            let Ok(ciphertext) = public.encrypt(&SystemRandom, *algorithm, b"text") else { continue };
            assert_eq!(again.decrypt(*algorithm, &ciphertext).unwrap().as_slice(), b"text");
            done += 1;
        }
        assert_eq!(
            done,
            if spec == KeyPairSpec::Rsa2048 {
                4
            } else if spec == KeyPairSpec::Sm2 {
                2
            } else {
                1
            }
        );
    }
}

const ALL_SPECS: [KeyPairSpec; 6] = [
    KeyPairSpec::Rsa2048,
    KeyPairSpec::Rsa3072,
    KeyPairSpec::Rsa4096,
    KeyPairSpec::EcP256,
    KeyPairSpec::EcP256k,
    KeyPairSpec::Sm2,
];

#[test]
fn a_key_is_read_as_what_it_is_and_nothing_else() {
    for spec in ALL_SPECS {
        let key = PrivateKey::generate(spec, &SystemRandom).unwrap();
        let material = key.to_material().unwrap();
        for other in ALL_SPECS {
            assert_eq!(
                PrivateKey::from_material(other, &material).is_ok(),
                other == spec,
                "{spec:?} {other:?}"
            );
            assert_eq!(PublicKey::from_spki(other, key.public_key().spki()).is_ok(), other == spec);
        }
        let more = [key.public_key().spki(), &[0]].concat();
        assert_eq!(PublicKey::from_spki(spec, &more).err(), Some(KeyPairError::Malformed));

        for algorithm in SignatureAlgorithm::ALL {
            let signed = key.sign(&SystemRandom, *algorithm, &[7; 31]);
            let verified = key.public_key().verify(*algorithm, &[7; 31], &[]);
            let expected = if key.sign(&SystemRandom, *algorithm, &[7; 32]).is_ok() {
                KeyPairError::Digest
            } else {
                KeyPairError::Algorithm
            };
            assert_eq!(signed, Err(expected));
            assert_eq!(verified, Err(expected));
        }
    }
}

#[test]
fn plaintexts_are_as_long_as_the_algorithm_allows() {
    use EncryptionAlgorithm::{RsaesOaepSha1, RsaesOaepSha256, Sm2Pke};
    for (spec, sha_256, sha_1, sm2) in [
        (KeyPairSpec::Rsa2048, Some(190), Some(214), None),
        (KeyPairSpec::Rsa3072, Some(318), Some(342), None),
        (KeyPairSpec::Rsa4096, Some(446), Some(470), None),
        (KeyPairSpec::EcP256, None, None, None),
        (KeyPairSpec::EcP256k, None, None, None),
        (KeyPairSpec::Sm2, None, None, Some(6_047)),
    ] {
        let key = PrivateKey::generate(spec, &SystemRandom).unwrap();
        for (algorithm, max) in [(RsaesOaepSha256, sha_256), (RsaesOaepSha1, sha_1), (Sm2Pke, sm2)] {
            let public = key.public_key();
            assert_eq!(public.max_plaintext(algorithm), max, "{spec:?} {algorithm:?}");
            let Some(max) = max else {
                assert_eq!(public.encrypt(&SystemRandom, algorithm, b"x"), Err(KeyPairError::Algorithm));
                assert_eq!(key.decrypt(algorithm, &[0; 256]), Err(OpenError));
                continue;
            };
            let ciphertext = public.encrypt(&SystemRandom, algorithm, &vec![3; max]).unwrap();
            assert_eq!(key.decrypt(algorithm, &ciphertext).unwrap().as_slice(), vec![3; max]);
            let longer = vec![3; max + 1];
            assert_eq!(public.encrypt(&SystemRandom, algorithm, &longer), Err(KeyPairError::TooLong));
        }
    }
}

#[test]
fn a_public_key_in_pem_has_lines_of_64() {
    let key = PrivateKey::generate(KeyPairSpec::Rsa2048, &SystemRandom).unwrap();
    let pem = key.public_key().pem();
    let lines: Vec<&str> = pem.strip_suffix('\n').unwrap().split('\n').collect();
    assert_eq!(lines[0], "-----BEGIN PUBLIC KEY-----");
    assert_eq!(*lines.last().unwrap(), "-----END PUBLIC KEY-----");
    assert!(lines[1..lines.len() - 2].iter().all(|line| line.len() == 64));
    let private = key.to_pem().unwrap();
    let lines: Vec<&str> = private.strip_suffix('\n').unwrap().split('\n').collect();
    assert_eq!(lines[0], "-----BEGIN PRIVATE KEY-----");
    assert_eq!(*lines.last().unwrap(), "-----END PRIVATE KEY-----");
    let der = STANDARD.decode(lines[1..lines.len() - 1].concat()).unwrap();
    assert_eq!(der, key.to_material().unwrap().expose());
}

#[test]
fn secp256k1_takes_either_s() {
    let order = hex::decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
    let key = PrivateKey::generate(KeyPairSpec::EcP256k, &SystemRandom).unwrap();
    let der = key.sign(&SystemRandom, SignatureAlgorithm::EcdsaSha256, &[7; 32]).unwrap();
    let signature = k256::ecdsa::Signature::from_der(&der).unwrap();
    // n - s, byte by byte from the end.
    let (r, s) = signature.split_bytes();
    let mut higher = [0; 32];
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(order[at]) - i16::from(s[at]) - borrow;
        borrow = i16::from(difference < 0);
        higher[at] = difference.rem_euclid(256) as u8;
    }
    let other = common::der_of_integers(&r, &higher);
    assert_ne!(other, der);
    for signature in [der, other] {
        assert_eq!(key.public_key().verify(SignatureAlgorithm::EcdsaSha256, &[7; 32], &signature), Ok(true));
    }
}

#[test]
fn wrapped_material_of_the_right_length_comes_out() {
    for (spec, encryption, wrapping) in [
        (KeyPairSpec::Sm2, EncryptionAlgorithm::Sm2Pke, WrappingAlgorithm::Sm2Pke),
        (KeyPairSpec::Rsa2048, EncryptionAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaesOaepSha1),
        (KeyPairSpec::Rsa2048, EncryptionAlgorithm::RsaesOaepSha256, WrappingAlgorithm::RsaesOaepSha256),
    ] {
        let key = PrivateKey::generate(spec, &SystemRandom).unwrap();
        let wrapped = key.public_key().encrypt(&SystemRandom, encryption, &[5; 16]).unwrap();
        let unwrapped = key.unwrap_material(&SystemRandom, wrapping, &wrapped, 16).unwrap();
        assert_eq!(unwrapped.expose(), [5; 16]);
        for other in WrappingAlgorithm::ALL {
            for len in [0, 15, 16, 17, 32, 300] {
                let right = *other == wrapping && len == 16;
                assert_eq!(key.unwrap_material(&SystemRandom, *other, &wrapped, len).is_ok(), right);
            }
        }
        for wrong in [&[][..], &[0; 256], &wrapped[1..]] {
            for other in WrappingAlgorithm::ALL {
                assert!(key.unwrap_material(&SystemRandom, *other, wrong, 16).is_err());
            }
        }
    }
}

#[test]
fn every_mac_has_its_length_and_verifies() {
    for algorithm in MacAlgorithm::ALL {
        let key = MacKey::new(*algorithm, &KeyMaterial::generate(&SystemRandom, algorithm.len()).unwrap());
        let mac = key.sign(b"message");
        assert_eq!(mac.len(), algorithm.len());
        assert!(key.verify(b"message", &mac));
        assert!(!key.verify(b"massage", &mac));
        assert!(!key.verify(b"message", &mac[..mac.len() - 1]));
    }
}
