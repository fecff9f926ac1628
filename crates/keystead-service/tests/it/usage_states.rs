//! The operations of key pairs and MAC keys in every state of a key, and as rehearsals.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{KeyPairSpec, PrivateKey, SystemRandom};
use keystead_service::records::KeyState;

use crate::harness::{Client, check, client, text};

/// The calls that use a key, each with parameters with which it succeeds, and the key that it uses.
struct Calls(Vec<(&'static str, String, BTreeMap<&'static str, String>)>);

impl Calls {
    async fn new(client: &Client) -> Self {
        let digest = STANDARD.encode([7; 32]);
        let mut calls = Vec::new();
        for (spec, algorithm) in
            [("RSA_2048", "RSA_PSS_SHA_256"), ("EC_P256", "ECDSA_SHA_256"), ("EC_SM2", "SM2DSA")]
        {
            let (key, version) = client.key_of(spec, "SIGN/VERIFY").await;
            let pair = [("KeyId", key.as_str()), ("KeyVersionId", &version)];
            let sign = [&pair[..], &[("Algorithm", algorithm), ("Digest", &digest)]].concat();
            let value = text(&client.ok("AsymmetricSign", &sign).await["Value"]);
            let verify = [&sign[..], &[("Value", value.as_str())]].concat();
            calls.push(call("AsymmetricSign", &key, &sign));
            calls.push(call("AsymmetricVerify", &key, &verify));
            calls.push(call("GetPublicKey", &key, &pair));
        }
        let destination = client.key().await;
        for (spec, algorithm) in [("RSA_2048", "RSAES_OAEP_SHA_256"), ("EC_SM2", "SM2PKE")] {
            let (key, version) = client.key_of(spec, "ENCRYPT/DECRYPT").await;
            let pair = [("KeyId", key.as_str()), ("KeyVersionId", &version), ("Algorithm", algorithm)];
            let encrypt = [&pair[..], &[("Plaintext", "eA==")]].concat();
            let blob = text(&client.ok("AsymmetricEncrypt", &encrypt).await["CiphertextBlob"]);
            let decrypt = [&pair[..], &[("CiphertextBlob", blob.as_str())]].concat();
            calls.push(call("AsymmetricEncrypt", &key, &encrypt));
            calls.push(call("AsymmetricDecrypt", &key, &decrypt));
            let re_encrypt = [
                ("SourceKeyId", key.as_str()),
                ("SourceKeyVersionId", &version),
                ("CiphertextBlob", &blob),
                ("DestinationKeyId", &destination),
            ];
            calls.push(call("ReEncrypt", &key, &re_encrypt));
        }
        let (key, _) = client.key_of("HMAC_SM3", "").await;
        let generate = [("KeyId", key.as_str()), ("Algorithm", ""), ("Message", "eA==")];
        let mac = text(&client.ok("GenerateMac", &generate).await["Mac"]);
        calls.push(call("GenerateMac", &key, &generate));
        calls.push(call("VerifyMac", &key, &[&generate[..], &[("Mac", &mac)]].concat()));

        let (key, _) = client.key_of("Aliyun_SM4", "").await;
        let recipient = PrivateKey::generate(KeyPairSpec::Sm2, &SystemRandom).unwrap();
        let recipient = STANDARD.encode(recipient.public_key().spki());
        let wrapping =
            [("PublicKeyBlob", &*recipient), ("WrappingKeySpec", "EC_SM2"), ("WrappingAlgorithm", "SM2PKE")];
        let blob = client.encrypt(&key, "eA==").await;
        let export = [&[("CiphertextBlob", blob.as_str())][..], &wrapping].concat();
        let generate = [&[("KeyId", key.as_str())][..], &wrapping].concat();
        calls.push(call("ExportDataKey", &key, &export));
        calls.push(call("GenerateAndExportDataKey", &key, &generate));
        let from = [("CiphertextBlob", blob.as_str()), ("DestinationKeyId", &destination)];
        calls.push(call("ReEncrypt", &key, &from));
        let source = client.encrypt(&destination, "eA==").await;
        let to = [("CiphertextBlob", source.as_str()), ("DestinationKeyId", &key)];
        calls.push(call("ReEncrypt", &key, &to));
        Self(calls)
    }
}

fn call(
    operation: &'static str,
    key: &str,
    params: &[(&'static str, &str)],
) -> (&'static str, String, BTreeMap<&'static str, String>) {
    let params = params.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    (operation, key.to_owned(), params)
}

fn pairs<'a>(params: &'a BTreeMap<&'static str, String>) -> Vec<(&'static str, &'a str)> {
    params.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn what_each_state_allows() {
    let client = client().await;
    let calls = Calls::new(&client).await;
    for (state, expected) in [
        (KeyState::Enabled, "ok"),
        (KeyState::Disabled, "409 Rejected.Disabled"),
        (KeyState::PendingDeletion, "409 Rejected.PendingDeletion"),
        (KeyState::PendingImport, "409 Rejected.PendingImport"),
        (KeyState::Enabled, "ok"),
    ] {
        for (operation, key, params) in &calls.0 {
            client.force_state(key, state).await;
            check(&client, &[(operation, &pairs(params), expected)]).await;
            client.force_state(key, KeyState::Enabled).await;
        }
    }
}

/// DryRun: the outcome is told as an error, and nothing else happens.
#[tokio::test]
async fn a_rehearsal_tells_how_it_would_have_ended() {
    let client = client().await;
    let calls = Calls::new(&client).await;
    let before = client.engine.store().horizon();
    let (good, bad) = ("400 DryRunOperationError", "400 ValidationError");
    for (operation, _, params) in &calls.0 {
        let dry = [pairs(params), vec![("DryRun", "true")]].concat();
        check(&client, &[(operation, &dry, good)]).await;
        let wet = [pairs(params), vec![("DryRun", "false")]].concat();
        check(&client, &[(operation, &wet, "ok")]).await;
        // Without each of its parameters, and with each of them wrong.
        for name in params.keys() {
            let of_source = matches!(*name, "SourceKeyId" | "SourceKeyVersionId");
            let optional = of_source && *operation != "ReEncrypt";
            let mut missing = params.clone();
            missing.remove(name);
            let dry = [pairs(&missing), vec![("DryRun", "true")]].concat();
            check(&client, &[(operation, &dry, if optional { good } else { bad })]).await;
            // Wrong codes and signatures are answers, not errors.
            if !matches!((*operation, *name), ("VerifyMac", "Mac") | ("AsymmetricVerify", "Value")) {
                let mut wrong = params.clone();
                wrong.insert(name, "wrong".to_owned());
                let dry = [pairs(&wrong), vec![("DryRun", "true")]].concat();
                check(&client, &[(operation, &dry, bad)]).await;
            }
        }
        let odd = [pairs(params), vec![("DryRun", "maybe")]].concat();
        check(&client, &[(operation, &odd, "400 InvalidParameter DryRun")]).await;
    }
    assert_eq!(client.engine.store().horizon(), before);
    for (operation, key, params) in &calls.0 {
        client.force_state(key, KeyState::Disabled).await;
        let dry = [pairs(params), vec![("DryRun", "true")]].concat();
        check(&client, &[(operation, &dry, bad)]).await;
        client.force_state(key, KeyState::Enabled).await;
    }
}
