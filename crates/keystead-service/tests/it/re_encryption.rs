//! ReEncrypt.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::harness::{Row, check, client, text};

#[tokio::test]
async fn from_one_symmetric_key_to_another() {
    let client = client().await;
    for (from, to) in [("Aliyun_AES_256", "Aliyun_SM4"), ("Aliyun_SM4", "Aliyun_AES_128")] {
        let (source, source_version) = client.key_of(from, "").await;
        let (destination, destination_version) = client.key_of(to, "").await;
        client.ok("CreateAlias", &[("AliasName", &format!("alias/{to}")), ("KeyId", &destination)]).await;
        let blob = client
            .ok(
                "Encrypt",
                &[("KeyId", &source), ("Plaintext", "opaque text"), ("EncryptionContext", r#"{"a":"b"}"#)],
            )
            .await;
        let blob = text(&blob["CiphertextBlob"]);
        let moved = client
            .ok(
                "ReEncrypt",
                &[
                    ("CiphertextBlob", &blob),
                    ("DestinationKeyId", &format!("alias/{to}")),
                    ("SourceEncryptionContext", r#"{"a":"b"}"#),
                    ("DestinationEncryptionContext", r#"{"c":"d"}"#),
                ],
            )
            .await;
        // Of the key that decrypted, as the reference has it.
        assert_eq!((&moved["KeyId"], &moved["KeyVersionId"]), (&json!(source), &json!(source_version)));
        let blob = text(&moved["CiphertextBlob"]);
        let opened =
            client.ok("Decrypt", &[("CiphertextBlob", &blob), ("EncryptionContext", r#"{"c":"d"}"#)]).await;
        assert_eq!(opened["Plaintext"], "opaque text");
        assert_eq!(opened["KeyId"], json!(destination));
        assert_eq!(opened["KeyVersionId"], json!(destination_version));
    }
}

#[tokio::test]
async fn from_a_key_pair_to_a_symmetric_key() {
    let client = client().await;
    let destination = client.key().await;
    for (spec, algorithm) in [
        ("RSA_2048", "RSAES_OAEP_SHA_256"),
        ("RSA_2048", "RSAES_OAEP_SHA_1"),
        ("RSA_2048", ""),
        ("EC_SM2", "SM2PKE"),
        ("EC_SM2", ""),
    ] {
        let (source, version) = client.key_of(spec, "ENCRYPT/DECRYPT").await;
        // Bytes that are no text: what comes out at the end is their base64 text, as AsymmetricDecrypt gives it.
        let plaintext = STANDARD.encode([0xff, 0x00, 0xfe]);
        let sealed = client
            .ok(
                "AsymmetricEncrypt",
                &[
                    ("KeyId", &source),
                    ("KeyVersionId", &version),
                    ("Algorithm", algorithm),
                    ("Plaintext", &plaintext),
                ],
            )
            .await;
        let moved = client
            .ok(
                "ReEncrypt",
                &[
                    ("CiphertextBlob", &text(&sealed["CiphertextBlob"])),
                    ("DestinationKeyId", &destination),
                    ("SourceKeyId", &source),
                    ("SourceKeyVersionId", &version),
                    ("SourceEncryptionAlgorithm", algorithm),
                ],
            )
            .await;
        assert_eq!((&moved["KeyId"], &moved["KeyVersionId"]), (&json!(source), &json!(version)));
        let opened = client.ok("Decrypt", &[("CiphertextBlob", &text(&moved["CiphertextBlob"]))]).await;
        assert_eq!(opened["Plaintext"], json!(plaintext), "{spec} {algorithm}");
    }
}

#[tokio::test]
async fn rules() {
    let client = client().await;
    let destination = client.key().await;
    let source = client.key().await;
    let disabled = client.key().await;
    client.ok("DisableKey", &[("KeyId", &disabled)]).await;
    let blob = client.encrypt(&source, "x").await;
    let (sm2, sm2_version) = client.key_of("EC_SM2", "ENCRYPT/DECRYPT").await;
    let (signing, signing_version) = client.key_of("EC_SM2", "").await;
    let symmetric_version = client.newest_version(&source).await;
    let sealed = client
        .ok(
            "AsymmetricEncrypt",
            &[("KeyId", &sm2), ("KeyVersionId", &sm2_version), ("Algorithm", ""), ("Plaintext", "eA==")],
        )
        .await;
    let asymmetric = text(&sealed["CiphertextBlob"]);
    let invalid = "400 InvalidParameter CiphertextBlob";
    let to = ("DestinationKeyId", destination.as_str());
    let (from, from_pair) = (("CiphertextBlob", blob.as_str()), ("CiphertextBlob", asymmetric.as_str()));
    let (pair, version) = (("SourceKeyId", sm2.as_str()), ("SourceKeyVersionId", sm2_version.as_str()));
    let rows: [Row<'_>; 20] = [
        ("ReEncrypt", &[from, to], "ok"),
        // To the same key again: another ciphertext.
        ("ReEncrypt", &[from, ("DestinationKeyId", &source)], "ok"),
        // Empty parameters are as not given.
        ("ReEncrypt", &[from, to, ("SourceKeyId", ""), ("SourceKeyVersionId", "")], "ok"),
        ("ReEncrypt", &[from, to, ("SourceEncryptionContext", r#"{"a":"b"}"#)], invalid),
        (
            "ReEncrypt",
            &[from, to, ("SourceEncryptionContext", "[]")],
            "400 InvalidParameter SourceEncryptionContext",
        ),
        ("ReEncrypt", &[("CiphertextBlob", "x"), to], invalid),
        ("ReEncrypt", &[from_pair, to], invalid),
        ("ReEncrypt", &[from, ("DestinationKeyId", "none")], "404 Forbidden.KeyNotFound"),
        ("ReEncrypt", &[from, ("DestinationKeyId", "alias/none")], "404 Forbidden.AliasNotFound"),
        ("ReEncrypt", &[from, ("DestinationKeyId", &disabled)], "409 Rejected.Disabled"),
        ("ReEncrypt", &[from, ("DestinationKeyId", &sm2)], "400 UnsupportedOperation"),
        // An asymmetric source needs key and version.
        ("ReEncrypt", &[from_pair, to, pair, version], "ok"),
        ("ReEncrypt", &[from_pair, to, pair], "400 MissingSourceKeyVersionId"),
        ("ReEncrypt", &[from_pair, to, version], "400 MissingSourceKeyId"),
        ("ReEncrypt", &[from_pair, to, ("SourceEncryptionAlgorithm", "SM2PKE")], "400 MissingSourceKeyId"),
        (
            "ReEncrypt",
            &[from_pair, to, pair, version, ("SourceEncryptionAlgorithm", "SM2DSA")],
            "400 InvalidParameter SourceEncryptionAlgorithm",
        ),
        (
            "ReEncrypt",
            &[from_pair, to, pair, ("SourceKeyVersionId", &signing_version)],
            "404 Forbidden.KeyVersionNotFound",
        ),
        ("ReEncrypt", &[from, to, pair, version], invalid),
        (
            "ReEncrypt",
            &[from_pair, to, ("SourceKeyId", &signing), ("SourceKeyVersionId", &signing_version)],
            "400 Rejected.UnsupportedOperation",
        ),
        (
            "ReEncrypt",
            &[from, to, ("SourceKeyId", &source), ("SourceKeyVersionId", &symmetric_version)],
            "400 Rejected.UnsupportedOperation",
        ),
    ];
    check(&client, &rows).await;
    // The state of the source counts too.
    client.ok("DisableKey", &[("KeyId", &source)]).await;
    client.ok("DisableKey", &[("KeyId", &sm2)]).await;
    let rows: [Row<'_>; 2] = [
        ("ReEncrypt", &[from, to], "409 Rejected.Disabled"),
        ("ReEncrypt", &[from_pair, to, pair, version], "409 Rejected.Disabled"),
    ];
    check(&client, &rows).await;
}
