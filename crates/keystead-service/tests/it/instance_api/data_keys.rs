//! Data keys and data key pairs.

use keystead_crypto::{KeyMaterial, KeyPairSpec, PrivateKey, PublicKey, SignatureAlgorithm, SystemRandom};
use zeroize::Zeroizing;

use super::*;
use crate::harness::client;

#[tokio::test]
async fn data_keys_are_under_the_cipher_as_they_are() {
    let desk = Desk::new(client().await).await;
    let key = desk.aes().await;
    for len in [1, 16, 32, 1024] {
        let request = GenerateDataKeyRequest {
            key_id: key.clone(),
            number_of_bytes: len,
            aad: b"bound".to_vec(),
            ..GenerateDataKeyRequest::default()
        };
        let (made, used) = desk.ok::<ops::GenerateDataKey>(request).await;
        assert_eq!(made.plaintext.len(), usize::try_from(len).unwrap());
        assert_eq!((made.algorithm.as_str(), made.key_id.as_str()), ("AES_GCM", key.as_str()));
        let request = DecryptRequest {
            ciphertext_blob: made.ciphertext_blob,
            iv: made.iv,
            aad: b"bound".to_vec(),
            ..DecryptRequest::default()
        };
        let (opened, _) = desk.call_with::<ops::Decrypt>(request, used.as_deref()).await.unwrap();
        assert_eq!(opened.plaintext, made.plaintext);

        let request = AdvanceGenerateDataKeyRequest {
            key_id: key.clone(),
            number_of_bytes: len,
            aad: b"bound".to_vec(),
        };
        let (made, used) = desk.ok::<ops::AdvanceGenerateDataKey>(request).await;
        assert_eq!(used.as_deref(), Some(made.key_version_id.as_str()));
        assert_eq!(made.ciphertext_blob[39..51], made.iv);
        let request = AdvanceDecryptRequest {
            ciphertext_blob: made.ciphertext_blob,
            aad: b"bound".to_vec(),
            ..AdvanceDecryptRequest::default()
        };
        assert_eq!(desk.ok::<ops::AdvanceDecrypt>(request).await.0.plaintext, made.plaintext);
    }
    for len in [-1, 1025, i32::MAX, i32::MIN] {
        let request = GenerateDataKeyRequest {
            key_id: key.clone(),
            number_of_bytes: len,
            ..GenerateDataKeyRequest::default()
        };
        assert_eq!(desk.refused::<ops::GenerateDataKey>(request).await, invalid("NumberOfBytes"));
        let request =
            AdvanceGenerateDataKeyRequest { key_id: key.clone(), number_of_bytes: len, aad: Vec::new() };
        assert_eq!(desk.refused::<ops::AdvanceGenerateDataKey>(request).await, invalid("NumberOfBytes"));
    }
    let request = GenerateDataKeyRequest {
        key_id: key.clone(),
        number_of_bytes: 16,
        algorithm: "AES_CBC".to_owned(),
        ..GenerateDataKeyRequest::default()
    };
    assert_eq!(desk.refused::<ops::GenerateDataKey>(request).await, invalid("Algorithm"));
}

/// Sees that a private and a public key belong together.
fn check_pair(spec: KeyPairSpec, private: &[u8], public: &[u8]) {
    let private = KeyMaterial::from_bytes(Zeroizing::new(private.to_vec()));
    let private = PrivateKey::from_material(spec, &private).unwrap();
    let public = PublicKey::from_spki(spec, public).unwrap();
    let algorithm = match spec {
        KeyPairSpec::EcP256 | KeyPairSpec::EcP256k => SignatureAlgorithm::EcdsaSha256,
        _ => SignatureAlgorithm::RsaPssSha256,
    };
    let signature = private.sign(&SystemRandom, algorithm, &[1; 32]).unwrap();
    assert!(public.verify(algorithm, &[1; 32], &signature).unwrap());
}

fn der(pem: &[u8], label: &str) -> Vec<u8> {
    use base64::Engine as _;
    let pem = std::str::from_utf8(pem).unwrap();
    let body = pem
        .strip_prefix(&format!("-----BEGIN {label}-----\n"))
        .unwrap()
        .strip_suffix(&format!("-----END {label}-----\n"))
        .unwrap();
    assert!(body.lines().all(|line| line.len() <= 64));
    base64::engine::general_purpose::STANDARD.decode(body.replace('\n', "")).unwrap()
}

#[tokio::test]
async fn data_key_pairs() {
    let desk = Desk::new(client().await).await;
    let key = desk.aes().await;
    for (name, spec) in [
        ("EC_P256", KeyPairSpec::EcP256),
        ("EC_P256K", KeyPairSpec::EcP256k),
        ("RSA_2048", KeyPairSpec::Rsa2048),
    ] {
        let request = GenerateDataKeyPairRequest {
            key_id: key.clone(),
            key_pair_spec: name.to_owned(),
            key_format: "DER".to_owned(),
            aad: b"bound".to_vec(),
            ..GenerateDataKeyPairRequest::default()
        };
        let (made, used) = desk.ok::<ops::GenerateDataKeyPair>(request).await;
        assert_eq!((made.key_pair_spec.as_str(), made.algorithm.as_str()), (name, "AES_GCM"));
        check_pair(spec, &made.private_key_plaintext, &made.public_key);
        let request = DecryptRequest {
            ciphertext_blob: made.private_key_ciphertext_blob,
            iv: made.iv,
            aad: b"bound".to_vec(),
            ..DecryptRequest::default()
        };
        let (opened, _) = desk.call_with::<ops::Decrypt>(request, used.as_deref()).await.unwrap();
        assert_eq!(opened.plaintext, made.private_key_plaintext);
    }
    let request = AdvanceGenerateDataKeyPairRequest {
        key_id: key.clone(),
        key_pair_spec: "EC_P256".to_owned(),
        ..AdvanceGenerateDataKeyPairRequest::default()
    };
    let (made, used) = desk.ok::<ops::AdvanceGenerateDataKeyPair>(request).await;
    let private = der(&made.private_key_plaintext, "PRIVATE KEY");
    check_pair(KeyPairSpec::EcP256, &private, &der(&made.public_key, "PUBLIC KEY"));
    assert_eq!(used.as_deref(), Some(made.key_version_id.as_str()));
    let blob = made.private_key_ciphertext_blob;
    let request = AdvanceDecryptRequest { ciphertext_blob: blob, ..AdvanceDecryptRequest::default() };
    assert_eq!(desk.ok::<ops::AdvanceDecrypt>(request).await.0.plaintext, made.private_key_plaintext);

    let request = GenerateDataKeyPairWithoutPlaintextRequest {
        key_id: key.clone(),
        key_pair_spec: "EC_P256".to_owned(),
        key_format: "DER".to_owned(),
        ..GenerateDataKeyPairWithoutPlaintextRequest::default()
    };
    let (made, used) = desk.ok::<ops::GenerateDataKeyPairWithoutPlaintext>(request).await;
    let request = DecryptRequest {
        ciphertext_blob: made.private_key_ciphertext_blob,
        iv: made.iv,
        ..DecryptRequest::default()
    };
    let (opened, _) = desk.call_with::<ops::Decrypt>(request, used.as_deref()).await.unwrap();
    check_pair(KeyPairSpec::EcP256, &opened.plaintext, &made.public_key);
    let request = AdvanceGenerateDataKeyPairWithoutPlaintextRequest {
        key_id: key.clone(),
        key_pair_spec: "EC_P256".to_owned(),
        key_format: "DER".to_owned(),
        ..AdvanceGenerateDataKeyPairWithoutPlaintextRequest::default()
    };
    let (made, _) = desk.ok::<ops::AdvanceGenerateDataKeyPairWithoutPlaintext>(request).await;
    let blob = made.private_key_ciphertext_blob;
    let request = AdvanceDecryptRequest { ciphertext_blob: blob, ..AdvanceDecryptRequest::default() };
    let (opened, _) = desk.ok::<ops::AdvanceDecrypt>(request).await;
    check_pair(KeyPairSpec::EcP256, &opened.plaintext, &made.public_key);

    for (spec, format, parameter) in
        [("EC_SM2", "DER", "KeyPairSpec"), ("RSA_1024", "", "KeyPairSpec"), ("EC_P256", "JWK", "KeyFormat")]
    {
        let request = GenerateDataKeyPairRequest {
            key_id: key.clone(),
            key_pair_spec: spec.to_owned(),
            key_format: format.to_owned(),
            ..GenerateDataKeyPairRequest::default()
        };
        assert_eq!(desk.refused::<ops::GenerateDataKeyPair>(request).await, invalid(parameter));
    }
}

#[tokio::test]
async fn one_pair_at_a_time_for_an_instance() {
    let desk = Desk::new(client().await).await;
    let key = desk.aes().await;
    let request = GenerateDataKeyPairRequest {
        key_id: key.clone(),
        key_pair_spec: "RSA_2048".to_owned(),
        ..GenerateDataKeyPairRequest::default()
    };
    let calls = [(); 3].map(|()| desk.call::<ops::GenerateDataKeyPair>(request.clone()));
    let [one, two, three] = calls;
    let (one, two, three) = tokio::join!(one, two, three);
    let outcomes = [one, two, three].map(outcome);
    let refused = "429 Rejected.Throttling: Concurrency Limit Exceeded.";
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "ok").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == refused).count(), 2, "{outcomes:?}");
    // The turn was given back.
    desk.ok::<ops::GenerateDataKeyPair>(request).await;
}

#[tokio::test]
async fn only_symmetric_keys_make_data_keys() {
    let desk = Desk::new(client().await).await;
    for (spec, usage) in [("RSA_2048", "ENCRYPT/DECRYPT"), ("EC_P256", "SIGN/VERIFY"), ("HMAC_SHA256", "")] {
        let key = desk.key(spec, usage).await;
        let expected = format!(
            "404 Forbidden.OnlySymmetricKeySupported: The key {key} is not a symmetric key. The API only supports symmetric \
             keys."
        );
        let request = GenerateDataKeyRequest {
            key_id: key.clone(),
            number_of_bytes: 16,
            ..GenerateDataKeyRequest::default()
        };
        assert_eq!(desk.refused::<ops::GenerateDataKey>(request).await, expected);
        let request =
            AdvanceGenerateDataKeyRequest { key_id: key.clone(), number_of_bytes: 16, aad: Vec::new() };
        assert_eq!(desk.refused::<ops::AdvanceGenerateDataKey>(request).await, expected);
        let request = AdvanceEncryptRequest {
            key_id: key.clone(),
            plaintext: b"x".to_vec(),
            ..AdvanceEncryptRequest::default()
        };
        assert_eq!(desk.refused::<ops::AdvanceEncrypt>(request).await, expected);
        let request = KmsEncryptRequest { key_id: key.clone(), plaintext: b"x".to_vec(), aad: Vec::new() };
        assert_eq!(desk.refused::<ops::KmsEncrypt>(request).await, expected);
        let request = AdvanceGenerateDataKeyPairRequest {
            key_id: key.clone(),
            key_pair_spec: "EC_P256".to_owned(),
            ..AdvanceGenerateDataKeyPairRequest::default()
        };
        assert_eq!(desk.refused::<ops::AdvanceGenerateDataKeyPair>(request).await, expected);
    }
    let key = desk.aes().await;
    desk.root.ok("CreateAlias", &[("AliasName", "alias/pair"), ("KeyId", &key)]).await;
    let request = AdvanceEncryptRequest {
        key_id: "alias/pair".to_owned(),
        plaintext: b"x".to_vec(),
        ..AdvanceEncryptRequest::default()
    };
    let (sealed, _) = desk.ok::<ops::AdvanceEncrypt>(request).await;
    assert_eq!(sealed.key_id, key, "the id stands in the answer, not the alias");
}
