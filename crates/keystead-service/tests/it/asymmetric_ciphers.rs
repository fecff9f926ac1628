//! AsymmetricEncrypt and AsymmetricDecrypt.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::harness::{Row, check, client, text};

/// Spec, algorithm, and the longest plaintext (KMS API reference, AsymmetricEncrypt). Default algorithms come first.
const LIMITS: [(&str, &str, usize); 7] = [
    ("RSA_2048", "RSAES_OAEP_SHA_256", 190),
    ("RSA_2048", "RSAES_OAEP_SHA_1", 214),
    ("RSA_3072", "RSAES_OAEP_SHA_256", 318),
    ("RSA_3072", "RSAES_OAEP_SHA_1", 342),
    ("RSA_4096", "RSAES_OAEP_SHA_256", 446),
    ("RSA_4096", "RSAES_OAEP_SHA_1", 470),
    ("EC_SM2", "SM2PKE", 6047),
];

const INVALID: &str = "400 InvalidParameter CiphertextBlob";

#[tokio::test]
async fn round_trips_and_limits() {
    let client = client().await;
    for spec in ["RSA_2048", "RSA_3072", "RSA_4096", "EC_SM2"] {
        let (id, version) = client.key_of(spec, "ENCRYPT/DECRYPT").await;
        for (index, (_, algorithm, longest)) in LIMITS.iter().filter(|limit| limit.0 == spec).enumerate() {
            let key = [("KeyId", id.as_str()), ("KeyVersionId", &version), ("Algorithm", algorithm)];
            for len in [1, 32, *longest] {
                let plaintext = STANDARD.encode(vec![0xa5; len]);
                let sealed = client
                    .ok("AsymmetricEncrypt", &[&key[..], &[("Plaintext", plaintext.as_str())]].concat())
                    .await;
                assert_eq!((&sealed["KeyId"], &sealed["KeyVersionId"]), (&json!(id), &json!(version)));
                let blob = text(&sealed["CiphertextBlob"]);
                let opened =
                    client.ok("AsymmetricDecrypt", &[&key[..], &[("CiphertextBlob", &blob)]].concat()).await;
                assert_eq!(opened["Plaintext"], json!(plaintext), "{spec} {algorithm} {len}");
                assert_eq!((&opened["KeyId"], &opened["KeyVersionId"]), (&json!(id), &json!(version)));
                if index == 0 {
                    // The default algorithm, for callers whose SDK sends an empty text.
                    let params =
                        [&key[..2], &[("Algorithm", ""), ("CiphertextBlob", blob.as_str())]].concat();
                    check(&client, &[("AsymmetricDecrypt", &params, "ok")]).await;
                } else {
                    let other =
                        [&key[..2], &[("Algorithm", LIMITS[0].1), ("CiphertextBlob", &blob)]].concat();
                    check(&client, &[("AsymmetricDecrypt", &other, INVALID)]).await;
                }
            }
            let too_long = STANDARD.encode(vec![0xa5; longest + 1]);
            let params = [&key[..], &[("Plaintext", too_long.as_str())]].concat();
            check(&client, &[("AsymmetricEncrypt", &params, "400 InvalidParameter Plaintext")]).await;
            let empty = [&key[..], &[("Plaintext", "")]].concat();
            // OAEP can carry nothing, SM2 cannot.
            let expected = if spec == "EC_SM2" { "400 InvalidParameter Plaintext" } else { "ok" };
            check(&client, &[("AsymmetricEncrypt", &empty, expected)]).await;
        }
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_a_ciphertext_the_answer_is_the_same() {
    let client = client().await;
    for (spec, algorithm) in [("RSA_2048", "RSAES_OAEP_SHA_256"), ("EC_SM2", "SM2PKE")] {
        let (id, version) = client.key_of(spec, "ENCRYPT/DECRYPT").await;
        let (other, other_version) = client.key_of(spec, "ENCRYPT/DECRYPT").await;
        let key = [("KeyId", id.as_str()), ("KeyVersionId", &version), ("Algorithm", algorithm)];
        let sealed =
            client.ok("AsymmetricEncrypt", &[&key[..], &[("Plaintext", "cGxhaW50ZXh0")]].concat()).await;
        let blob = text(&sealed["CiphertextBlob"]);
        let bytes = STANDARD.decode(&blob).unwrap();

        let mut wrong = vec![String::new(), "no base64".into(), "AAAA".into()];
        for at in (0..bytes.len()).step_by(13).chain([bytes.len() - 1]) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            wrong.push(STANDARD.encode(&changed));
        }
        for len in [0, 1, bytes.len() - 1] {
            wrong.push(STANDARD.encode(&bytes[..len]));
        }
        wrong.push(STANDARD.encode([&bytes[..], &[0]].concat()));
        wrong.push(STANDARD.encode(vec![0; bytes.len()]));
        wrong.push(STANDARD.encode(vec![0xff; bytes.len()]));
        wrong.push(STANDARD.encode(vec![0x30; 6200]));
        let mut messages = std::collections::BTreeSet::new();
        for wrong in &wrong {
            let params = [&key[..], &[("CiphertextBlob", wrong.as_str())]].concat();
            let error = client.call("AsymmetricDecrypt", &params).await.unwrap_err();
            messages.insert(format!("{} {} {}", error.status(), error.code().name(), error.message()));
        }
        let params = [
            ("KeyId", other.as_str()),
            ("KeyVersionId", &other_version),
            ("Algorithm", algorithm),
            ("CiphertextBlob", &blob),
        ];
        let error = client.call("AsymmetricDecrypt", &params).await.unwrap_err();
        messages.insert(format!("{} {} {}", error.status(), error.code().name(), error.message()));
        assert_eq!(messages.len(), 1, "{messages:?}");
    }
}

#[tokio::test]
async fn rules() {
    let client = client().await;
    let (rsa, rsa_version) = client.key_of("RSA_2048", "ENCRYPT/DECRYPT").await;
    let (sm2, sm2_version) = client.key_of("EC_SM2", "ENCRYPT/DECRYPT").await;
    let sealed = client
        .ok(
            "AsymmetricEncrypt",
            &[
                ("KeyId", &rsa),
                ("KeyVersionId", &rsa_version),
                ("Algorithm", "RSAES_OAEP_SHA_256"),
                ("Plaintext", "eA=="),
            ],
        )
        .await;
    let blob = text(&sealed["CiphertextBlob"]);
    let no_version = "404 Forbidden.KeyVersionNotFound";
    let algorithm = "400 InvalidParameter Algorithm";
    for (key, version, algorithm, expected) in [
        ("none", &*rsa_version, "RSAES_OAEP_SHA_256", "404 Forbidden.KeyNotFound"),
        ("alias/none", &rsa_version, "RSAES_OAEP_SHA_256", "404 Forbidden.AliasNotFound"),
        (&rsa, "", "RSAES_OAEP_SHA_256", no_version),
        (&rsa, &sm2_version, "RSAES_OAEP_SHA_256", no_version),
        (&rsa, &rsa_version, "RSAES_PKCS1_V1_5", algorithm),
        (&rsa, &rsa_version, "RSA_PSS_SHA_256", algorithm),
        (&rsa, &rsa_version, "SM2PKE", algorithm),
        (&sm2, &sm2_version, "RSAES_OAEP_SHA_256", algorithm),
        (&sm2, &sm2_version, "SM2DSA", algorithm),
    ] {
        let params = [("KeyId", key), ("KeyVersionId", version), ("Algorithm", algorithm)];
        check(
            &client,
            &[
                ("AsymmetricEncrypt", &[&params[..], &[("Plaintext", "eA==")]].concat(), expected),
                (
                    "AsymmetricDecrypt",
                    &[&params[..], &[("CiphertextBlob", blob.as_str())]].concat(),
                    expected,
                ),
            ],
        )
        .await;
    }
    let key = [("KeyId", rsa.as_str()), ("KeyVersionId", &rsa_version), ("Algorithm", "RSAES_OAEP_SHA_256")];
    let rows: [Row<'_>; 2] = [
        (
            "AsymmetricEncrypt",
            &[&key[..], &[("Plaintext", "no base64")]].concat(),
            "400 InvalidParameter Plaintext",
        ),
        (
            "AsymmetricDecrypt",
            &[&key[..], &[("CiphertextBlob", blob.as_str()), ("Recipient", "x")]].concat(),
            "400 UnsupportedOperation",
        ),
    ];
    check(&client, &rows).await;
}
