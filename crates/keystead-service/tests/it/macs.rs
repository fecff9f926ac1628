//! GenerateMac and VerifyMac.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::harness::{check, client, text};

/// Spellings of the specs, and the algorithm and length of a code of each.
const SPECS: [(&[&str], &str, usize); 5] = [
    (&["HMAC_SHA224", "HMAC_SHA_224"], "HMAC_SHA_224", 28),
    (&["HMAC_SHA256", "HMAC_SHA_256"], "HMAC_SHA_256", 32),
    (&["HMAC_SHA384", "HMAC_SHA_384"], "HMAC_SHA_384", 48),
    (&["HMAC_SHA512", "HMAC_SHA_512"], "HMAC_SHA_512", 64),
    (&["HMAC_SM3"], "HMAC_SM3", 32),
];

#[tokio::test]
async fn every_spec_computes_and_verifies() {
    let client = client().await;
    let message = STANDARD.encode("what do ya want for nothing?");
    for (spellings, algorithm, len) in SPECS {
        for spec in spellings {
            let (id, _) = client.key_of(spec, "").await;
            let call = [("KeyId", id.as_str()), ("Algorithm", algorithm), ("Message", &message)];
            let answer = client.ok("GenerateMac", &call).await;
            assert_eq!((&answer["KeyId"], &answer["Algorithm"]), (&json!(id), &json!(algorithm)));
            let mac = text(&answer["Mac"]);
            let bytes = STANDARD.decode(&mac).unwrap();
            assert_eq!(bytes.len(), len, "{spec}");
            let default = [("KeyId", id.as_str()), ("Algorithm", ""), ("Message", &message)];
            assert_eq!(client.ok("GenerateMac", &default).await, answer, "the algorithm is the key's own");

            let mut changed = bytes.clone();
            changed[0] ^= 1;
            let other = STANDARD.encode("another message");
            for (message, mac, right) in [
                (&message, mac.clone(), true),
                (&message, STANDARD.encode(&changed), false),
                (&message, STANDARD.encode(&bytes[1..]), false),
                (&message, STANDARD.encode(&bytes[..bytes.len() - 1]), false),
                (&message, String::new(), false),
                (&other, mac, false),
            ] {
                let params = [&call[..2], &[("Message", message), ("Mac", &mac)]].concat();
                let answer = client.ok("VerifyMac", &params).await;
                assert_eq!(answer["Value"], json!(right), "{spec} {mac}");
                assert_eq!((&answer["KeyId"], &answer["Algorithm"]), (&json!(id), &json!(algorithm)));
            }
        }
    }
}

/// RFC 4231, test case 2.
#[tokio::test]
async fn known_answers() {
    let client = client().await;
    let message = STANDARD.encode("what do ya want for nothing?");
    for (spec, expected) in [
        ("HMAC_SHA_224", "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"),
        ("HMAC_SHA_256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            "HMAC_SHA_384",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
        ),
        (
            "HMAC_SHA_512",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ] {
        let (id, version) = client.key_of(spec, "").await;
        client.plant_material(&version, b"Jefe").await;
        let params = [("KeyId", id.as_str()), ("Algorithm", spec), ("Message", &message)];
        let mac = text(&client.ok("GenerateMac", &params).await["Mac"]);
        assert_eq!(hex::encode(STANDARD.decode(mac).unwrap()), expected, "{spec}");
    }
}

#[tokio::test]
async fn rules() {
    let client = client().await;
    let (id, _) = client.key_of("HMAC_SHA_256", "").await;
    let of_len = |len: usize| STANDARD.encode(vec![7; len]);
    let (longest, too_long) = (of_len(6144), of_len(6145));
    let algorithm = "400 InvalidParameter Algorithm";
    let message = "400 InvalidParameter Message";
    for (key, algorithm, message, expected) in [
        ("none", "HMAC_SHA_256", "eA==", "404 Forbidden.KeyNotFound"),
        ("alias/none", "HMAC_SHA_256", "eA==", "404 Forbidden.AliasNotFound"),
        (&id, "HMAC_SHA_512", "eA==", algorithm),
        (&id, "HMAC_SM3", "eA==", algorithm),
        (&id, "hmac_sha_256", "eA==", algorithm),
        (&id, "ECDSA_SHA_256", "eA==", algorithm),
        (&id, "HMAC_SHA_256", "no base64", message),
        (&id, "HMAC_SHA_256", &too_long, message),
        (&id, "HMAC_SHA_256", &longest, "ok"),
        (&id, "HMAC_SHA_256", "", "ok"),
    ] {
        let params = [("KeyId", key), ("Algorithm", algorithm), ("Message", message)];
        let verify = [&params[..], &[("Mac", "AAAA")]].concat();
        check(&client, &[("GenerateMac", &params, expected), ("VerifyMac", &verify, expected)]).await;
    }
    let params = [("KeyId", id.as_str()), ("Algorithm", ""), ("Message", "eA=="), ("Mac", "no base64")];
    check(&client, &[("VerifyMac", &params, "400 InvalidParameter Mac")]).await;
}
