//! Encrypting and decrypting, and what else reads and writes the same ciphertexts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_service::{Gateway, Origin};

use super::*;
use crate::harness::{World, client, text};

const HEAD: &[u8] = &[0x24, 0x00, 0x02];

fn encrypt(key: &str, plaintext: &[u8]) -> EncryptRequest {
    EncryptRequest {
        key_id: key.to_owned(),
        plaintext: plaintext.to_vec(),
        aad: b"bound".to_vec(),
        ..EncryptRequest::default()
    }
}

#[tokio::test]
async fn what_encrypt_made_decrypt_opens_with_key_iv_and_aad() {
    let desk = Desk::new(client().await).await;
    for (spec, algorithm) in [
        ("Aliyun_AES_256", "AES_GCM"),
        ("Aliyun_AES_192", "AES_GCM"),
        ("Aliyun_AES_128", "AES_GCM"),
        ("Aliyun_SM4", "SM4_GCM"),
    ] {
        let key = desk.key(spec, "").await;
        let described = desk.root.ok("DescribeKey", &[("KeyId", &key)]).await;
        let version = text(&described["KeyMetadata"]["PrimaryKeyVersion"]);
        let (sealed, used) = desk.ok::<ops::Encrypt>(encrypt(&key, b"text")).await;
        assert_eq!((sealed.key_id.as_str(), used.as_deref()), (key.as_str(), Some(version.as_str())));
        assert_eq!(
            (sealed.iv.len(), sealed.algorithm.as_str(), sealed.padding_mode.as_str()),
            (12, algorithm, "")
        );
        // Salt, ciphertext, tag.
        assert_eq!(sealed.ciphertext_blob.len(), 12 + 4 + 16);
        let decrypt = DecryptRequest {
            ciphertext_blob: sealed.ciphertext_blob.clone(),
            key_id: key.clone(),
            algorithm: algorithm.to_owned(),
            aad: b"bound".to_vec(),
            iv: sealed.iv.clone(),
            ..DecryptRequest::default()
        };
        let (opened, used) = desk.ok::<ops::Decrypt>(decrypt.clone()).await;
        assert_eq!(opened.plaintext, b"text");
        assert_eq!((opened.key_id.as_str(), used.as_deref()), (key.as_str(), Some(version.as_str())));
        assert_eq!(opened.algorithm, algorithm);
        // As clients do that were moved over from the OpenAPI: without a key, with its version.
        let by_version =
            DecryptRequest { key_id: String::new(), algorithm: String::new(), ..decrypt.clone() };
        let (opened, _) = desk.call_with::<ops::Decrypt>(by_version.clone(), Some(&version)).await.unwrap();
        assert_eq!(opened.plaintext, b"text");
        let missing = "400 MissingParameter: Parameter KeyId does not exist in http header or body.";
        assert_eq!(desk.refused::<ops::Decrypt>(by_version).await, missing);
        // Both forms read it.
        let advance = AdvanceDecryptRequest {
            ciphertext_blob: sealed.ciphertext_blob.clone(),
            key_id: key.clone(),
            aad: b"bound".to_vec(),
            iv: sealed.iv.clone(),
            ..AdvanceDecryptRequest::default()
        };
        assert_eq!(desk.ok::<ops::AdvanceDecrypt>(advance).await.0.plaintext, b"text");
        let other = desk.key(spec, "").await;
        let mut changed = sealed.ciphertext_blob.clone();
        changed[13] ^= 1;
        for (wrong, parameter) in [
            (DecryptRequest { aad: b"other".to_vec(), ..decrypt.clone() }, "CiphertextBlob"),
            (DecryptRequest { aad: Vec::new(), ..decrypt.clone() }, "CiphertextBlob"),
            (DecryptRequest { iv: vec![0; 12], ..decrypt.clone() }, "CiphertextBlob"),
            (DecryptRequest { iv: vec![0; 16], ..decrypt.clone() }, "Iv"),
            (DecryptRequest { ciphertext_blob: changed, ..decrypt.clone() }, "CiphertextBlob"),
            (DecryptRequest { ciphertext_blob: vec![1], ..decrypt.clone() }, "CiphertextBlob"),
            (DecryptRequest { key_id: other, ..decrypt.clone() }, "CiphertextBlob"),
            (DecryptRequest { algorithm: "AES_XTS".to_owned(), ..decrypt.clone() }, "Algorithm"),
            (DecryptRequest { padding_mode: "ZERO".to_owned(), ..decrypt.clone() }, "PaddingMode"),
        ] {
            assert_eq!(desk.refused::<ops::Decrypt>(wrong.clone()).await, invalid(parameter), "{wrong:?}");
        }
    }
}

#[tokio::test]
async fn an_iv_of_the_callers_is_used_and_does_no_harm_when_it_comes_twice() {
    let desk = Desk::new(client().await).await;
    let key = desk.aes().await;
    let request = || EncryptRequest { iv: vec![7; 12], ..encrypt(&key, b"text") };
    let (one, _) = desk.ok::<ops::Encrypt>(request()).await;
    let (two, _) = desk.ok::<ops::Encrypt>(request()).await;
    assert_eq!((one.iv.as_slice(), two.iv.as_slice()), (&[7; 12][..], &[7; 12][..]));
    assert_ne!(one.ciphertext_blob[..12], two.ciphertext_blob[..12], "the salt differs");
    assert_ne!(one.ciphertext_blob[12..16], two.ciphertext_blob[12..16], "and with it the key stream");
    let advance = AdvanceEncryptRequest {
        key_id: key.clone(),
        plaintext: b"text".to_vec(),
        iv: vec![9; 12],
        ..AdvanceEncryptRequest::default()
    };
    let (sealed, _) = desk.ok::<ops::AdvanceEncrypt>(advance.clone()).await;
    assert_eq!(sealed.iv, [9; 12]);
    assert_eq!(sealed.ciphertext_blob[39..51], [9; 12]);
    for iv in [1, 11, 13, 16] {
        let request = EncryptRequest { iv: vec![0; iv], ..encrypt(&key, b"text") };
        assert_eq!(desk.refused::<ops::Encrypt>(request).await, invalid("Iv"), "{iv}");
        let request = AdvanceEncryptRequest { iv: vec![0; iv], ..advance.clone() };
        assert_eq!(desk.refused::<ops::AdvanceEncrypt>(request).await, invalid("Iv"), "{iv}");
    }
    let long = EncryptRequest { aad: vec![0; 8193], ..encrypt(&key, b"text") };
    assert_eq!(desk.refused::<ops::Encrypt>(long).await, invalid("Aad"));
    let just = EncryptRequest { aad: vec![0; 8192], ..encrypt(&key, b"text") };
    desk.ok::<ops::Encrypt>(just).await;
}

#[tokio::test]
async fn bare_modes() {
    let desk = Desk::new(client().await).await;
    for (spec, cbc, ecb) in [
        ("Aliyun_AES_256", "AES_CBC", "AES_ECB"),
        ("Aliyun_AES_128", "AES_CBC", "AES_ECB"),
        ("Aliyun_SM4", "SM4_CBC", "SM4_ECB"),
    ] {
        let key = desk.key(spec, "").await;
        for (algorithm, padding, plaintext, iv) in [
            (cbc, "", &b"five."[..], vec![]),
            (cbc, "PKCS7_PADDING", b"sixteen bytes 16", vec![3; 16]),
            (cbc, "NO_PADDING", b"sixteen bytes 16", vec![]),
            (ecb, "", b"five.", vec![]),
            (ecb, "NO_PADDING", b"sixteen bytes 16", vec![]),
        ] {
            let request = EncryptRequest {
                key_id: key.clone(),
                plaintext: plaintext.to_vec(),
                algorithm: algorithm.to_owned(),
                padding_mode: padding.to_owned(),
                iv: iv.clone(),
                ..EncryptRequest::default()
            };
            let (sealed, _) = desk.ok::<ops::Encrypt>(request.clone()).await;
            assert_eq!(sealed.iv.len(), if algorithm == cbc { 16 } else { 0 });
            assert!(iv.is_empty() || sealed.iv == iv);
            let named = if padding.is_empty() { "PKCS7_PADDING" } else { padding };
            assert_eq!((sealed.algorithm.as_str(), sealed.padding_mode.as_str()), (algorithm, named));
            let decrypt = DecryptRequest {
                ciphertext_blob: sealed.ciphertext_blob,
                key_id: key.clone(),
                algorithm: algorithm.to_owned(),
                padding_mode: padding.to_owned(),
                iv: sealed.iv,
                ..DecryptRequest::default()
            };
            assert_eq!(desk.ok::<ops::Decrypt>(decrypt.clone()).await.0.plaintext, plaintext);
            // What these modes do not bind is not taken, rather than left out without a word.
            let bound = EncryptRequest { aad: b"x".to_vec(), ..request.clone() };
            assert_eq!(desk.refused::<ops::Encrypt>(bound).await, invalid("Aad"));
            let short = DecryptRequest { ciphertext_blob: vec![0; 15], ..decrypt.clone() };
            assert_eq!(desk.refused::<ops::Decrypt>(short).await, invalid("CiphertextBlob"));
            if algorithm == ecb {
                let with_iv = EncryptRequest { iv: vec![0; 16], ..request };
                assert_eq!(desk.refused::<ops::Encrypt>(with_iv).await, invalid("Iv"));
            } else {
                let without = DecryptRequest { iv: Vec::new(), ..decrypt };
                let missing = "400 MissingParameter: Parameter Iv does not exist in http header or body.";
                assert_eq!(desk.refused::<ops::Decrypt>(without).await, missing);
            }
        }
        let odd = EncryptRequest {
            algorithm: cbc.to_owned(),
            padding_mode: "NO_PADDING".to_owned(),
            aad: Vec::new(),
            ..encrypt(&key, b"odd")
        };
        assert_eq!(desk.refused::<ops::Encrypt>(odd).await, invalid("Plaintext"));
    }
    // How ciphertexts of these would name their version is not known.
    let key = desk.aes().await;
    let advance = AdvanceEncryptRequest {
        key_id: key.clone(),
        plaintext: b"x".to_vec(),
        algorithm: "AES_CBC".to_owned(),
        ..AdvanceEncryptRequest::default()
    };
    assert_eq!(desk.refused::<ops::AdvanceEncrypt>(advance).await, invalid("Algorithm"));
}

#[tokio::test]
async fn plain_forms_stay_with_the_first_version_and_advance_forms_follow_the_primary_one() {
    let world = World::new().await;
    let desk = Desk::new(world.client().await).await;
    let key = desk.aes().await;
    let (old, first) = desk.ok::<ops::Encrypt>(encrypt(&key, b"old")).await;
    let advance = |plaintext: &[u8]| AdvanceEncryptRequest {
        key_id: key.clone(),
        plaintext: plaintext.to_vec(),
        ..AdvanceEncryptRequest::default()
    };
    let (old_advance, _) = desk.ok::<ops::AdvanceEncrypt>(advance(b"old")).await;
    let made = desk.root.ok("CreateKeyVersion", &[("KeyId", &key)]).await;
    let second = text(&made["KeyVersion"]["KeyVersionId"]);
    let first = first.unwrap();
    assert_ne!(first, second);

    let (_, used) = desk.ok::<ops::Encrypt>(encrypt(&key, b"new")).await;
    assert_eq!(used.as_deref(), Some(first.as_str()));
    let (sealed, used) = desk.ok::<ops::AdvanceEncrypt>(advance(b"new")).await;
    assert_eq!(used.as_deref(), Some(second.as_str()));
    assert_eq!(sealed.key_version_id, second);
    assert_eq!(&sealed.ciphertext_blob[..3], HEAD);
    assert_eq!(&sealed.ciphertext_blob[3..39], second.as_bytes());
    assert_eq!(sealed.ciphertext_blob[39..51], sealed.iv);
    for (blob, plaintext, version) in
        [(&old_advance.ciphertext_blob, b"old", &first), (&sealed.ciphertext_blob, b"new", &second)]
    {
        // An IV beside it does not matter, whatever it is.
        let request = AdvanceDecryptRequest {
            ciphertext_blob: blob.clone(),
            iv: vec![1; 48],
            ..AdvanceDecryptRequest::default()
        };
        let (opened, used) = desk.ok::<ops::AdvanceDecrypt>(request).await;
        assert_eq!(
            (opened.plaintext.as_slice(), opened.key_version_id.as_str()),
            (&plaintext[..], version.as_str())
        );
        assert_eq!((used.as_deref(), opened.key_id.as_str()), (Some(version.as_str()), key.as_str()));
    }
    let request = DecryptRequest {
        ciphertext_blob: old.ciphertext_blob,
        key_id: key.clone(),
        aad: b"bound".to_vec(),
        iv: old.iv,
        ..DecryptRequest::default()
    };
    assert_eq!(desk.ok::<ops::Decrypt>(request.clone()).await.0.plaintext, b"old");
    // The header's version is the one that is used.
    let (sealed, used) =
        desk.call_with::<ops::Encrypt>(encrypt(&key, b"named"), Some(&second)).await.unwrap();
    assert_eq!(used.as_deref(), Some(second.as_str()));
    let named = DecryptRequest { ciphertext_blob: sealed.ciphertext_blob, iv: sealed.iv, ..request };
    assert_eq!(desk.refused::<ops::Decrypt>(named.clone()).await, invalid("CiphertextBlob"));
    assert_eq!(
        desk.call_with::<ops::Decrypt>(named.clone(), Some(&second)).await.unwrap().0.plaintext,
        b"named"
    );
    let other = desk.aes().await;
    let of_other = DecryptRequest { key_id: other.clone(), ..named };
    let got = desk.call_with::<ops::Decrypt>(of_other, Some(&second)).await;
    assert_eq!(outcome(got), no_key(&other, &desk));
}

#[tokio::test]
async fn ciphertexts_go_between_the_two_apis() {
    let desk = Desk::new(client().await).await;
    let key = desk.aes().await;
    let origin = Origin { gateway: Gateway::Dedicated(&desk.instance), ..Origin::local("request-id") };
    let shared = Origin::local("request-id");

    // As the transfer clients do it: the head is put in front of what the OpenAPI made, and taken from what it is to open.
    for origin in [&origin, &shared] {
        let sealed = desk.root.call_from(origin, "Encrypt", &[("KeyId", &key), ("Plaintext", "text")]).await;
        let classic = STANDARD.decode(text(&sealed.unwrap()["CiphertextBlob"])).unwrap();
        let blob = [HEAD, &classic].concat();
        let request = AdvanceDecryptRequest { ciphertext_blob: blob, ..AdvanceDecryptRequest::default() };
        assert_eq!(desk.ok::<ops::AdvanceDecrypt>(request).await.0.plaintext, b"text");
        let request = KmsDecryptRequest { ciphertext_blob: classic.clone(), aad: Vec::new() };
        assert_eq!(desk.ok::<ops::KmsDecrypt>(request).await.0.plaintext, b"text");
        // And the older ones: version, IV and the rest apart.
        let request = DecryptRequest {
            iv: classic[36..48].to_vec(),
            ciphertext_blob: classic[48..].to_vec(),
            ..DecryptRequest::default()
        };
        let version = std::str::from_utf8(&classic[..36]).unwrap();
        let (opened, _) = desk.call_with::<ops::Decrypt>(request, Some(version)).await.unwrap();
        assert_eq!(opened.plaintext, b"text");

        let advance = AdvanceEncryptRequest {
            key_id: key.clone(),
            plaintext: b"other".to_vec(),
            ..AdvanceEncryptRequest::default()
        };
        let (sealed, _) = desk.ok::<ops::AdvanceEncrypt>(advance).await;
        let kms = KmsEncryptRequest { key_id: key.clone(), plaintext: b"other".to_vec(), aad: Vec::new() };
        let (of_kms, used) = desk.ok::<ops::KmsEncrypt>(kms).await;
        assert!(used.is_some() && of_kms.key_id == key);
        let plain = EncryptRequest { aad: Vec::new(), ..encrypt(&key, b"other") };
        let (plain, version) = desk.ok::<ops::Encrypt>(plain).await;
        let joined = [version.unwrap().as_bytes(), &plain.iv, &plain.ciphertext_blob].concat();
        for classic in [&sealed.ciphertext_blob[3..], &of_kms.ciphertext_blob, &joined] {
            let blob = STANDARD.encode(classic);
            let opened = desk.root.call_from(origin, "Decrypt", &[("CiphertextBlob", &blob)]).await.unwrap();
            assert_eq!((text(&opened["Plaintext"]), text(&opened["KeyId"])), ("other".into(), key.clone()));
        }
    }
    // The context of the OpenAPI is 32 bytes here.
    let params =
        [("KeyId", key.as_str()), ("Plaintext", "text"), ("EncryptionContext", r#"{"b":"2","a":"1"}"#)];
    let sealed = desk.root.call_from(&origin, "Encrypt", &params).await.unwrap();
    let classic = STANDARD.decode(text(&sealed["CiphertextBlob"])).unwrap();
    let aad = hex::decode("8e85be58c1c372ac29fe7bfa80d8ddcbd04a4032c7b51c1c026d67c55b1ab23f").unwrap();
    let request = KmsDecryptRequest { ciphertext_blob: classic.clone(), aad };
    assert_eq!(desk.ok::<ops::KmsDecrypt>(request).await.0.plaintext, b"text");
    let request = KmsDecryptRequest { ciphertext_blob: classic, aad: Vec::new() };
    assert_eq!(desk.refused::<ops::KmsDecrypt>(request).await, invalid("CiphertextBlob"));
}

#[tokio::test]
async fn what_names_no_version_here() {
    let desk = Desk::new(client().await).await;
    let key = desk.aes().await;
    let unknown = [HEAD, &[b'x'; 36], &[0; 60]].concat();
    let request =
        AdvanceDecryptRequest { ciphertext_blob: unknown.clone(), ..AdvanceDecryptRequest::default() };
    let gone = "404 Forbidden.KeyNotFound: The specified key does not exist.";
    assert_eq!(desk.refused::<ops::AdvanceDecrypt>(request.clone()).await, gone);
    // With a key it may be a plain one that begins so by chance.
    let request = AdvanceDecryptRequest { key_id: key.clone(), iv: vec![0; 12], ..request };
    assert_eq!(desk.refused::<ops::AdvanceDecrypt>(request).await, invalid("CiphertextBlob"));
    let request = KmsDecryptRequest { ciphertext_blob: unknown[3..].to_vec(), aad: Vec::new() };
    assert_eq!(desk.refused::<ops::KmsDecrypt>(request).await, gone);
    for blob in [vec![1], vec![b'x'; 48], vec![0; 100]] {
        let request = KmsDecryptRequest { ciphertext_blob: blob, aad: Vec::new() };
        assert_eq!(desk.refused::<ops::KmsDecrypt>(request).await, invalid("CiphertextBlob"));
    }
    // A key outside the instance is none, by id and by its ciphertexts.
    let outside = text(&desk.root.ok("CreateKey", &[]).await["KeyMetadata"]["KeyId"]);
    assert_eq!(desk.refused::<ops::Encrypt>(encrypt(&outside, b"x")).await, no_key(&outside, &desk));
    let sealed = desk.root.ok("Encrypt", &[("KeyId", &outside), ("Plaintext", "text")]).await;
    let classic = STANDARD.decode(text(&sealed["CiphertextBlob"])).unwrap();
    let request = KmsDecryptRequest { ciphertext_blob: classic.clone(), aad: Vec::new() };
    assert_eq!(desk.refused::<ops::KmsDecrypt>(request).await, gone);
    let request = AdvanceDecryptRequest {
        ciphertext_blob: [HEAD, &classic].concat(),
        ..AdvanceDecryptRequest::default()
    };
    assert_eq!(desk.refused::<ops::AdvanceDecrypt>(request).await, gone);
}

#[tokio::test]
async fn long_texts() {
    let desk = Desk::new(client().await).await;
    for spec in ["Aliyun_AES_256", "Aliyun_SM4"] {
        let key = desk.key(spec, "").await;
        let plaintext = vec![b'l'; 1 << 20];
        let (sealed, _) = desk.ok::<ops::Encrypt>(encrypt(&key, &plaintext)).await;
        let request = DecryptRequest {
            ciphertext_blob: sealed.ciphertext_blob,
            key_id: key,
            aad: b"bound".to_vec(),
            iv: sealed.iv,
            ..DecryptRequest::default()
        };
        assert_eq!(desk.ok::<ops::Decrypt>(request).await.0.plaintext, plaintext);
    }
}
