//! AsymmetricSign, AsymmetricVerify and GetPublicKey.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{KeyPairSpec, PublicKey, SignatureAlgorithm, sha256};
use serde_json::json;

use crate::harness::{Client, Row, check, client, text};

/// Specs with the algorithms that their keys sign with, the default one first.
const ALGORITHMS: [(&str, KeyPairSpec, &[&str]); 6] = [
    ("RSA_2048", KeyPairSpec::Rsa2048, &["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"]),
    ("RSA_3072", KeyPairSpec::Rsa3072, &["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"]),
    ("RSA_4096", KeyPairSpec::Rsa4096, &["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"]),
    ("EC_P256", KeyPairSpec::EcP256, &["ECDSA_SHA_256"]),
    ("EC_P256K", KeyPairSpec::EcP256k, &["ECDSA_SHA_256"]),
    ("EC_SM2", KeyPairSpec::Sm2, &["SM2DSA"]),
];

fn digest(of: &str) -> String {
    STANDARD.encode(sha256(of.as_bytes()))
}

/// What stands between the lines of a PEM text, after a look at its form.
fn der(pem: &str) -> Vec<u8> {
    let inner = pem.strip_prefix("-----BEGIN PUBLIC KEY-----\n").unwrap();
    let inner = inner.strip_suffix("\n-----END PUBLIC KEY-----\n").unwrap();
    let lines: Vec<_> = inner.split('\n').collect();
    let (last, full) = lines.split_last().unwrap();
    assert!(full.iter().all(|line| line.len() == 64) && last.len() <= 64, "{pem}");
    STANDARD.decode(lines.concat()).unwrap()
}

async fn verified(client: &Client, params: &[(&str, &str)]) -> bool {
    client.ok("AsymmetricVerify", params).await["Value"].as_bool().unwrap()
}

#[tokio::test]
async fn every_spec_signs_with_its_algorithms() {
    let client = client().await;
    for (spec, pair, algorithms) in ALGORITHMS {
        let (id, version) = client.key_of(spec, "").await;
        client.ok("CreateAlias", &[("AliasName", &format!("alias/{spec}")), ("KeyId", &id)]).await;
        let answer = client.ok("GetPublicKey", &[("KeyId", &id), ("KeyVersionId", &version)]).await;
        assert_eq!((&answer["KeyId"], &answer["KeyVersionId"]), (&json!(id), &json!(version)));
        let public = PublicKey::from_spki(pair, &der(&text(&answer["PublicKey"]))).unwrap();

        for algorithm in algorithms {
            let by_alias = format!("alias/{spec}");
            let key = [("KeyId", by_alias.as_str()), ("KeyVersionId", &version), ("Algorithm", algorithm)];
            let digest = digest(algorithm);
            let sign = [key.as_slice(), &[("Digest", digest.as_str())]].concat();
            let signed = client.ok("AsymmetricSign", &sign).await;
            assert_eq!((&signed["KeyId"], &signed["KeyVersionId"]), (&json!(id), &json!(version)));
            let value = text(&signed["Value"]);
            let bytes = STANDARD.decode(&value).unwrap();
            let known = SignatureAlgorithm::find(algorithm).unwrap();
            assert!(
                public.verify(known, &sha256(algorithm.as_bytes()), &bytes).unwrap(),
                "{spec} {algorithm}"
            );

            let verify = [sign.as_slice(), &[("Value", value.as_str())]].concat();
            let answer = client.ok("AsymmetricVerify", &verify).await;
            assert_eq!(answer["Value"], json!(true), "{spec} {algorithm}");
            assert_eq!((&answer["KeyId"], &answer["KeyVersionId"]), (&json!(id), &json!(version)));

            // A wrong signature is an answer, not an error: another digest, a changed, a cut, an empty value.
            let other = self::digest("other");
            let mut changed = bytes.clone();
            *changed.last_mut().unwrap() ^= 1;
            let changed = STANDARD.encode(&changed);
            let cut = STANDARD.encode(&bytes[..bytes.len() - 1]);
            for (digest, value) in
                [(&other, &value), (&digest, &changed), (&digest, &cut), (&digest, &String::new())]
            {
                let params = [key.as_slice(), &[("Digest", digest), ("Value", value)]].concat();
                assert!(!verified(&client, &params).await, "{spec} {algorithm} {value}");
            }
        }
        // The default algorithm, for callers whose SDK sends an empty text.
        let key = [("KeyId", id.as_str()), ("KeyVersionId", &version)];
        let digest = digest("default");
        let sign = [&key[..], &[("Algorithm", ""), ("Digest", &digest)]].concat();
        let value = text(&client.ok("AsymmetricSign", &sign).await["Value"]);
        let named =
            [&key[..], &[("Algorithm", algorithms[0]), ("Digest", &digest), ("Value", &value)]].concat();
        assert!(verified(&client, &named).await, "{spec}");
    }
}

#[tokio::test]
async fn rules() {
    let client = client().await;
    let (rsa, rsa_version) = client.key_of("RSA_2048", "").await;
    let (ec, ec_version) = client.key_of("EC_P256", "").await;
    let (sm2, sm2_version) = client.key_of("EC_SM2", "").await;
    let good = digest("x");
    let of_len = |len: usize| STANDARD.encode(vec![7; len]);
    let (short, long) = (of_len(31), of_len(33));
    let no_version = "404 Forbidden.KeyVersionNotFound";
    let algorithm = "400 InvalidParameter Algorithm";
    let bad_digest = "400 InvalidParameter Digest";
    let cases = [
        // Key, version, algorithm, digest, outcome.
        ("none", &*rsa_version, "RSA_PSS_SHA_256", &*good, "404 Forbidden.KeyNotFound"),
        ("alias/none", &rsa_version, "RSA_PSS_SHA_256", &good, "404 Forbidden.AliasNotFound"),
        (&rsa, "", "RSA_PSS_SHA_256", &good, no_version),
        (&rsa, "none", "RSA_PSS_SHA_256", &good, no_version),
        (&rsa, &ec_version, "RSA_PSS_SHA_256", &good, no_version),
        (&ec, &rsa_version, "ECDSA_SHA_256", &good, no_version),
        (&rsa, &rsa_version, "RSA_PSS_SHA_512", &good, algorithm),
        (&rsa, &rsa_version, "rsa_pss_sha_256", &good, algorithm),
        (&rsa, &rsa_version, "ECDSA_SHA_256", &good, algorithm),
        (&rsa, &rsa_version, "RSAES_OAEP_SHA_256", &good, algorithm),
        (&ec, &ec_version, "RSA_PSS_SHA_256", &good, algorithm),
        (&ec, &ec_version, "SM2DSA", &good, algorithm),
        (&sm2, &sm2_version, "ECDSA_SHA_256", &good, algorithm),
        (&rsa, &rsa_version, "RSA_PSS_SHA_256", "", bad_digest),
        (&rsa, &rsa_version, "RSA_PSS_SHA_256", "%%", bad_digest),
        (&rsa, &rsa_version, "RSA_PSS_SHA_256", &short, bad_digest),
        (&rsa, &rsa_version, "RSA_PKCS1_SHA_256", &long, bad_digest),
        (&ec, &ec_version, "ECDSA_SHA_256", &short, bad_digest),
        (&sm2, &sm2_version, "SM2DSA", &long, bad_digest),
    ];
    for (key, version, algorithm, digest, expected) in cases {
        let params =
            [("KeyId", key), ("KeyVersionId", version), ("Algorithm", algorithm), ("Digest", digest)];
        let verify = [&params[..], &[("Value", "AAAA")]].concat();
        check(&client, &[("AsymmetricSign", &params, expected), ("AsymmetricVerify", &verify, expected)])
            .await;
    }
    let rows: [Row<'_>; 4] = [
        (
            "AsymmetricVerify",
            &[
                ("KeyId", &ec),
                ("KeyVersionId", &ec_version),
                ("Algorithm", "ECDSA_SHA_256"),
                ("Digest", &good),
                ("Value", "no base64"),
            ],
            "400 InvalidParameter Value",
        ),
        ("GetPublicKey", &[("KeyId", "none"), ("KeyVersionId", &rsa_version)], "404 Forbidden.KeyNotFound"),
        ("GetPublicKey", &[("KeyId", &rsa), ("KeyVersionId", &ec_version)], no_version),
        ("GetPublicKey", &[("KeyId", &rsa), ("KeyVersionId", "")], no_version),
    ];
    check(&client, &rows).await;
}

#[tokio::test]
async fn a_signature_of_one_key_is_not_one_of_another() {
    let client = client().await;
    let digest = digest("x");
    for (spec, _, algorithms) in ALGORITHMS.iter().filter(|(spec, ..)| !spec.starts_with("RSA")) {
        let mut of_key = Vec::new();
        for _ in 0..2 {
            let (id, version) = client.key_of(spec, "").await;
            let params = [
                ("KeyId", id.as_str()),
                ("KeyVersionId", &version),
                ("Algorithm", algorithms[0]),
                ("Digest", &digest),
            ];
            let value = text(&client.ok("AsymmetricSign", &params).await["Value"]);
            of_key.push((id, version, value));
        }
        for (signer, (.., value)) in of_key.iter().enumerate() {
            for (verifier, (id, version, _)) in of_key.iter().enumerate() {
                let params = [
                    ("KeyId", id.as_str()),
                    ("KeyVersionId", version),
                    ("Algorithm", algorithms[0]),
                    ("Digest", &digest),
                    ("Value", value),
                ];
                assert_eq!(verified(&client, &params).await, signer == verifier, "{spec}");
            }
        }
    }
}
