//! Key pairs and codes.

use keystead_crypto::{KeyPairSpec, PublicKey, SignatureAlgorithm, sha256};

use super::*;
use crate::harness::client;

fn spki(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    base64::engine::general_purpose::STANDARD.decode(body).unwrap()
}

#[tokio::test]
async fn signatures_of_messages_and_digests() {
    let desk = Desk::new(client().await).await;
    for (spec, pair, algorithms) in [
        ("RSA_2048", KeyPairSpec::Rsa2048, &["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"][..]),
        ("EC_P256", KeyPairSpec::EcP256, &["ECDSA_SHA_256"]),
        ("EC_P256K", KeyPairSpec::EcP256k, &["ECDSA_SHA_256"]),
        ("EC_SM2", KeyPairSpec::Sm2, &["SM2DSA"]),
    ] {
        let key = desk.key(spec, "SIGN/VERIFY").await;
        let (shown, used) = desk.ok::<ops::GetPublicKey>(GetPublicKeyRequest { key_id: key.clone() }).await;
        let version = used.unwrap();
        let public = PublicKey::from_spki(pair, &spki(&shown.public_key)).unwrap();
        let message = b"a message";
        let digest = match pair {
            KeyPairSpec::Sm2 => public.sm2_digest("1234567812345678", message).unwrap(),
            _ => sha256(message),
        };
        let default = algorithms[0];
        for algorithm in algorithms.iter().chain(&[""]) {
            let named = if algorithm.is_empty() { default } else { algorithm };
            let check = SignatureAlgorithm::find(named).unwrap();
            let raw = SignRequest {
                key_id: key.clone(),
                algorithm: (*algorithm).to_owned(),
                message: message.to_vec(),
                ..SignRequest::default()
            };
            let as_digest =
                SignRequest { message: digest.to_vec(), message_type: "DIGEST".to_owned(), ..raw.clone() };
            let of_another_age = SignRequest { message: Vec::new(), digest: digest.to_vec(), ..raw.clone() };
            for (request, kind) in [
                (raw.clone(), "RAW"),
                (SignRequest { message_type: "RAW".to_owned(), ..raw }, "RAW"),
                (as_digest, "DIGEST"),
                (of_another_age, "DIGEST"),
            ] {
                let (signed, used) = desk.ok::<ops::Sign>(request).await;
                assert_eq!((signed.algorithm.as_str(), signed.message_type.as_str()), (named, kind));
                assert_eq!((used.as_deref(), signed.key_id.as_str()), (Some(version.as_str()), key.as_str()));
                assert!(
                    public.verify(check, &digest, &signed.signature).unwrap(),
                    "{spec} {algorithm} {kind}"
                );
                let verify = VerifyRequest {
                    key_id: key.clone(),
                    signature: signed.signature,
                    algorithm: (*algorithm).to_owned(),
                    message: message.to_vec(),
                    ..VerifyRequest::default()
                };
                let digested = VerifyRequest {
                    message: digest.to_vec(),
                    message_type: "DIGEST".to_owned(),
                    ..verify.clone()
                };
                let of_another_age =
                    VerifyRequest { message: Vec::new(), digest: digest.to_vec(), ..verify.clone() };
                let other = VerifyRequest { message: b"another".to_vec(), ..verify.clone() };
                let broken = VerifyRequest { signature: vec![1, 2, 3], ..verify.clone() };
                for (request, right) in [
                    (verify, true),
                    (digested, true),
                    (of_another_age, true),
                    (other, false),
                    (broken, false),
                ] {
                    let (verified, used) = desk.ok::<ops::Verify>(request).await;
                    assert_eq!(verified.value, right);
                    assert_eq!(
                        (used.as_deref(), verified.algorithm.as_str()),
                        (Some(version.as_str()), named)
                    );
                }
            }
        }
        let sign = SignRequest { key_id: key.clone(), message: message.to_vec(), ..SignRequest::default() };
        for (request, parameter) in [
            (SignRequest { algorithm: "SHA256withRSA".to_owned(), ..sign.clone() }, "Algorithm"),
            (SignRequest { message_type: "HASH".to_owned(), ..sign.clone() }, "MessageType"),
            (SignRequest { message_type: "DIGEST".to_owned(), ..sign.clone() }, "Message"),
            (SignRequest { message: vec![0; 4097], ..sign.clone() }, "Message"),
            (SignRequest { message: Vec::new(), digest: vec![0; 31], ..sign.clone() }, "Digest"),
        ] {
            assert_eq!(desk.refused::<ops::Sign>(request).await, invalid(parameter));
        }
        desk.ok::<ops::Sign>(SignRequest { message: vec![0; 4096], ..sign }).await;
        // It is made for signing and does nothing else.
        let request =
            EncryptRequest { key_id: key.clone(), plaintext: b"x".to_vec(), ..EncryptRequest::default() };
        let unsupported = "400 UnsupportedOperation: Rejected.UnsupportedOperation";
        assert_eq!(desk.refused::<ops::Encrypt>(request).await, unsupported);
        let request = HmacRequest { key_id: key, message: b"x".to_vec() };
        assert_eq!(desk.refused::<ops::Hmac>(request).await, unsupported);
    }
}

#[tokio::test]
async fn key_pairs_encrypt() {
    let desk = Desk::new(client().await).await;
    for (spec, algorithms) in
        [("RSA_2048", &["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"][..]), ("EC_SM2", &["SM2PKE"])]
    {
        let key = desk.key(spec, "ENCRYPT/DECRYPT").await;
        for algorithm in algorithms.iter().chain(&[""]) {
            let request = EncryptRequest {
                key_id: key.clone(),
                plaintext: b"text".to_vec(),
                algorithm: (*algorithm).to_owned(),
                ..EncryptRequest::default()
            };
            let (sealed, used) = desk.ok::<ops::Encrypt>(request).await;
            assert!(sealed.iv.is_empty() && sealed.padding_mode.is_empty() && used.is_some());
            let decrypt = DecryptRequest {
                ciphertext_blob: sealed.ciphertext_blob,
                key_id: key.clone(),
                algorithm: sealed.algorithm,
                ..DecryptRequest::default()
            };
            let (opened, _) = desk.ok::<ops::Decrypt>(decrypt.clone()).await;
            assert_eq!(opened.plaintext, b"text");
            let wrong = DecryptRequest { ciphertext_blob: vec![7; 256], ..decrypt.clone() };
            assert_eq!(desk.refused::<ops::Decrypt>(wrong).await, invalid("CiphertextBlob"));
            let bound = DecryptRequest { aad: vec![7], ..decrypt };
            assert_eq!(desk.refused::<ops::Decrypt>(bound).await, invalid("Aad"));
        }
        let long =
            EncryptRequest { key_id: key.clone(), plaintext: vec![0; 7000], ..EncryptRequest::default() };
        assert_eq!(desk.refused::<ops::Encrypt>(long).await, invalid("Plaintext"));
        let sign = SignRequest { key_id: key, message: b"x".to_vec(), ..SignRequest::default() };
        let unsupported = "400 UnsupportedOperation: Rejected.UnsupportedOperation";
        assert_eq!(desk.refused::<ops::Sign>(sign).await, unsupported);
    }
}

#[tokio::test]
async fn codes_hashes_and_random_bytes() {
    let desk = Desk::new(client().await).await;
    let key = desk.key("HMAC_SHA256", "").await;
    let request = HmacRequest { key_id: key.clone(), message: b"a message".to_vec() };
    let (code, used) = desk.ok::<ops::Hmac>(request).await;
    assert!(used.is_some() && code.key_id == key);
    use base64::Engine as _;
    let b64 = base64::engine::general_purpose::STANDARD;
    let params = [
        ("KeyId", key.as_str()),
        ("Message", &b64.encode("a message")),
        ("Mac", &b64.encode(&code.signature)),
        ("Algorithm", "HMAC_SHA_256"),
    ];
    assert_eq!(desk.root.ok("VerifyMac", &params).await["Value"], true);

    for (algorithm, digest) in [
        ("", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("SHA_256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("SM3", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    ] {
        let request = HashRequest { message: b"abc".to_vec(), algorithm: algorithm.to_owned() };
        let (hashed, used) = desk.ok::<ops::Hash>(request).await;
        assert_eq!((hex::encode(hashed.digest).as_str(), used), (digest, None));
    }
    let request = HashRequest { message: b"abc".to_vec(), algorithm: "MD5".to_owned() };
    assert_eq!(desk.refused::<ops::Hash>(request).await, invalid("Algorithm"));
    let long = HashRequest { message: vec![0; 200_000], algorithm: String::new() };
    assert_eq!(desk.ok::<ops::Hash>(long).await.0.digest, sha256(&vec![0; 200_000]));

    for length in [1, 32, 1024] {
        let (drawn, used) = desk.ok::<ops::GenerateRandom>(GenerateRandomRequest { length }).await;
        assert_eq!((drawn.random.len(), used), (usize::try_from(length).unwrap(), None));
    }
    for length in [-1, 1025] {
        let refused = desk.refused::<ops::GenerateRandom>(GenerateRandomRequest { length }).await;
        assert_eq!(refused, invalid("Length"));
    }
}

#[tokio::test]
async fn secrets() {
    let desk = Desk::new(client().await).await;
    let key = desk.aes().await;
    let params = [
        ("SecretName", "db"),
        ("VersionId", "v1"),
        ("SecretData", "hunter2"),
        ("DKMSInstanceId", desk.instance.as_str()),
        ("EncryptionKeyId", &key),
    ];
    desk.root.ok("CreateSecret", &params).await;
    let params = [("SecretName", "db"), ("VersionId", "v2"), ("SecretData", "hunter3")];
    desk.root.ok("PutSecretValue", &params).await;
    let get = |version: &str, stage: &str| GetSecretValueRequest {
        secret_name: "db".to_owned(),
        version_id: version.to_owned(),
        version_stage: stage.to_owned(),
        fetch_extended_config: true,
    };
    for (version, stage, value, id) in [
        ("", "", "hunter3", "v2"),
        ("", "ACSCurrent", "hunter3", "v2"),
        ("", "ACSPrevious", "hunter2", "v1"),
        ("v1", "", "hunter2", "v1"),
    ] {
        let (got, used) = desk.ok::<ops::GetSecretValue>(get(version, stage)).await;
        assert_eq!((got.secret_data.as_str(), got.version_id.as_str(), used), (value, id, None));
        assert_eq!(got.secret_data_type, "text");
        assert_eq!((got.secret_name.as_str(), got.secret_type.as_str()), ("db", "Generic"));
        assert!(!got.create_time.is_empty() && !got.version_stages.is_empty());
    }
    let gone = "404 Forbidden.ResourceNotFound: Resource not found.";
    assert_eq!(desk.refused::<ops::GetSecretValue>(get("v9", "")).await, gone);
    let other = GetSecretValueRequest { secret_name: "none".to_owned(), ..get("", "") };
    assert_eq!(desk.refused::<ops::GetSecretValue>(other).await, gone);
    // One outside the instance is none.
    let params = [("SecretName", "outside"), ("VersionId", "v1"), ("SecretData", "x")];
    desk.root.ok("CreateSecret", &params).await;
    let other = GetSecretValueRequest { secret_name: "outside".to_owned(), ..get("", "") };
    assert_eq!(desk.refused::<ops::GetSecretValue>(other).await, gone);
}
