//! CreateKey for every spec: its usages, its default usage, its origin; and that a key of one kind does nothing of another.

use keystead_service::records::{KeyKind, KeySpec, KeyUsage};
use serde_json::json;

use crate::harness::{Row, check, client, text};

/// A cheap spec of every kind beside those that are made anyway: RSA of 4,096 bits takes seconds.
fn specs() -> impl Iterator<Item = KeySpec> {
    KeySpec::ALL.iter().copied().filter(|spec| !matches!(spec, KeySpec::Rsa3072 | KeySpec::Rsa4096))
}

#[tokio::test]
async fn every_spec_is_made_for_its_default_usage_and_shown_as_asked_for() {
    let client = client().await;
    for spec in KeySpec::ALL {
        let (usage, is_pair) = match spec.kind() {
            KeyKind::Symmetric(_) => ("ENCRYPT/DECRYPT", false),
            KeyKind::Pair(_) => ("SIGN/VERIFY", true),
            KeyKind::Mac(_) => ("GENERATE/VERIFY_MAC", false),
        };
        let made = client.ok("CreateKey", &[("KeySpec", spec.as_str())]).await;
        let metadata = &made["KeyMetadata"];
        assert_eq!(metadata["KeySpec"], json!(spec.as_str()));
        assert_eq!(metadata["KeyUsage"], json!(usage), "{}", spec.as_str());
        assert_eq!(metadata["KeyState"], "Enabled");
        assert_eq!(metadata["Origin"], "Aliyun_KMS");
        assert_eq!(metadata["LastRotationDate"], metadata["CreationDate"]);
        // Callers of a key pair name the version that they mean.
        assert_eq!(metadata.get("PrimaryKeyVersion").is_none(), is_pair, "{}", spec.as_str());

        let id = text(&metadata["KeyId"]);
        let described = client.ok("DescribeKey", &[("KeyId", &id)]).await;
        for field in ["KeySpec", "KeyUsage", "KeyState", "Origin", "PrimaryKeyVersion"] {
            assert_eq!(described["KeyMetadata"].get(field), metadata.get(field), "{field}");
        }
    }
}

#[tokio::test]
async fn a_usage_is_refused_where_the_spec_does_not_have_it() {
    let client = client().await;
    for spec in specs() {
        for (usage, spelling) in [
            (KeyUsage::EncryptDecrypt, "ENCRYPT/DECRYPT"),
            (KeyUsage::SignVerify, "SIGN/VERIFY"),
            (KeyUsage::GenerateVerifyMac, "GENERATE/VERIFY_MAC"),
            (KeyUsage::GenerateVerifyMac, "GENERATE_VERIFY_MAC"),
            (KeyUsage::GenerateVerifyMac, "GENERATE/VERIFY"),
        ] {
            let possible = match spec.kind() {
                KeyKind::Symmetric(_) => usage == KeyUsage::EncryptDecrypt,
                KeyKind::Mac(_) => usage == KeyUsage::GenerateVerifyMac,
                KeyKind::Pair(_) if matches!(spec, KeySpec::EcP256 | KeySpec::EcP256k) => {
                    usage == KeyUsage::SignVerify
                }
                KeyKind::Pair(_) => usage != KeyUsage::GenerateVerifyMac,
            };
            let params = [("KeySpec", spec.as_str()), ("KeyUsage", spelling)];
            if possible {
                let made = client.ok("CreateKey", &params).await;
                assert_eq!(made["KeyMetadata"]["KeyUsage"], json!(usage.as_str()), "{params:?}");
            } else {
                check(&client, &[("CreateKey", &params, "400 InvalidParameter KeyUsage")]).await;
            }
        }
        let params = [("KeySpec", spec.as_str()), ("KeyUsage", "generate/verify_mac")];
        check(&client, &[("CreateKey", &params, "400 InvalidParameter KeyUsage")]).await;
    }
}

#[tokio::test]
async fn material_can_be_brought_along_for_symmetric_keys() {
    let client = client().await;
    for spec in KeySpec::ALL {
        let params = [("KeySpec", spec.as_str()), ("Origin", "EXTERNAL")];
        if !matches!(spec.kind(), KeyKind::Symmetric(_)) {
            check(&client, &[("CreateKey", &params, "400 UnsupportedOperation")]).await;
            continue;
        }
        let made = client.ok("CreateKey", &params).await;
        let metadata = &made["KeyMetadata"];
        assert_eq!(metadata["Origin"], "EXTERNAL");
        assert_eq!(metadata["KeyState"], "PendingImport");
        assert_eq!(metadata["MaterialExpireTime"], "");
        // Its version is there from the start, and stays when the material comes.
        assert_eq!(text(&metadata["PrimaryKeyVersion"]).len(), 36);
        let id = text(&metadata["KeyId"]);
        let waiting = "409 Rejected.PendingImport";
        let rows: [Row<'_>; 3] = [
            ("Encrypt", &[("KeyId", &id), ("Plaintext", "x")], waiting),
            ("GenerateDataKey", &[("KeyId", &id)], waiting),
            ("EnableKey", &[("KeyId", &id)], "409 Rejected.StateModifiedFailed"),
        ];
        check(&client, &rows).await;
    }
    let wrong = [("Origin", "external")];
    check(&client, &[("CreateKey", &wrong, "400 InvalidParameter Origin")]).await;
}

#[tokio::test]
async fn every_symmetric_spec_encrypts() {
    let client = client().await;
    for spec in ["Aliyun_AES_128", "Aliyun_AES_192", "Aliyun_AES_256", "Aliyun_SM4"] {
        let (id, version) = client.key_of(spec, "").await;
        let context = ("EncryptionContext", r#"{"a":"b"}"#);
        let sealed = client.ok("Encrypt", &[("KeyId", &id), ("Plaintext", spec), context]).await;
        assert_eq!(sealed["KeyVersionId"], json!(version));
        let blob = text(&sealed["CiphertextBlob"]);
        let opened = client.ok("Decrypt", &[("CiphertextBlob", &blob), context]).await;
        assert_eq!(opened["Plaintext"], json!(spec));
        check(&client, &[("Decrypt", &[("CiphertextBlob", &blob)], "400 InvalidParameter CiphertextBlob")])
            .await;
        let data_key = client.ok("GenerateDataKey", &[("KeyId", &id)]).await;
        let blob = text(&data_key["CiphertextBlob"]);
        assert_eq!(
            client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"],
            data_key["Plaintext"]
        );
        let params =
            [("SecretName", spec), ("VersionId", "1"), ("SecretData", "x"), ("EncryptionKeyId", &id)];
        client.ok("CreateSecret", &params).await;
        assert_eq!(client.ok("GetSecretValue", &[("SecretName", spec)]).await["SecretData"], "x");
    }
}

/// Each operation meets a key of each other kind, and one of the right kind made for another use.
#[tokio::test]
async fn a_key_does_only_what_it_was_made_for() {
    let client = client().await;
    let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let (symmetric, other) = ("400 UnsupportedOperation", "400 Rejected.UnsupportedOperation");
    for (spec, usage) in [
        ("Aliyun_AES_256", ""),
        ("Aliyun_SM4", ""),
        ("HMAC_SHA_256", ""),
        ("EC_P256", ""),
        ("RSA_2048", "SIGN/VERIFY"),
        ("RSA_2048", "ENCRYPT/DECRYPT"),
        ("EC_SM2", "SIGN/VERIFY"),
        ("EC_SM2", "ENCRYPT/DECRYPT"),
    ] {
        let (id, version) = client.key_of(spec, usage).await;
        let key = ("KeyId", id.as_str());
        let pair = [key, ("KeyVersionId", version.as_str()), ("Algorithm", "")];
        let with = |more: &[(&'static str, &'static str)]| [pair.as_slice(), more].concat();
        let is_symmetric = spec.starts_with("Aliyun");
        if !is_symmetric {
            let secret =
                [("SecretName", "s"), ("VersionId", "1"), ("SecretData", "x"), ("EncryptionKeyId", &*id)];
            check(
                &client,
                &[
                    ("Encrypt", &[key, ("Plaintext", "x")], symmetric),
                    ("GenerateDataKey", &[key], symmetric),
                    ("GenerateDataKeyWithoutPlaintext", &[key], symmetric),
                    ("CreateSecret", &secret, symmetric),
                ],
            )
            .await;
        }
        if spec != "HMAC_SHA_256" {
            check(
                &client,
                &[
                    ("GenerateMac", &with(&[("Message", "eA==")]), other),
                    ("VerifyMac", &with(&[("Message", "eA=="), ("Mac", "eA==")]), other),
                ],
            )
            .await;
        }
        let signs = usage == "SIGN/VERIFY" || spec == "EC_P256";
        if !signs {
            check(
                &client,
                &[
                    ("AsymmetricSign", &with(&[("Digest", digest)]), other),
                    ("AsymmetricVerify", &with(&[("Digest", digest), ("Value", "eA==")]), other),
                ],
            )
            .await;
        }
        if usage != "ENCRYPT/DECRYPT" {
            check(
                &client,
                &[
                    ("AsymmetricEncrypt", &with(&[("Plaintext", "eA==")]), other),
                    ("AsymmetricDecrypt", &with(&[("CiphertextBlob", "eA==")]), other),
                ],
            )
            .await;
        }
        let has_public_key = !is_symmetric && spec != "HMAC_SHA_256";
        let expected = if has_public_key { "ok" } else { other };
        check(&client, &[("GetPublicKey", &pair[..2], expected)]).await;
    }
}
