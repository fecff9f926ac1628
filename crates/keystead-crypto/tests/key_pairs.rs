//! Key pairs: what each can do, what it refuses, and that it comes back from its stored form.
#![allow(clippy::unwrap_used)]

use keystead_crypto::{
    EncryptionAlgorithm, KeyMaterial, KeyPairSpec, MacAlgorithm, MacKey, PrivateKey, PublicKey,
    SignatureAlgorithm, SystemRandom, WrappingAlgorithm,
};

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

#[test]
fn wrapped_material_of_the_right_length_comes_out() {
    let key = PrivateKey::generate(KeyPairSpec::Sm2, &SystemRandom).unwrap();
    let wrapped = key.public_key().encrypt(&SystemRandom, EncryptionAlgorithm::Sm2Pke, &[5; 16]).unwrap();
    let unwrapped = key.unwrap_material(&SystemRandom, WrappingAlgorithm::Sm2Pke, &wrapped, 16).unwrap();
    assert_eq!(unwrapped.expose(), [5; 16]);
    assert!(key.unwrap_material(&SystemRandom, WrappingAlgorithm::Sm2Pke, &wrapped, 32).is_err());
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
