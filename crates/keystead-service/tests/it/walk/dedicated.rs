//! What of the OpenAPI is offered at the gateway of an instance too, called there.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::Gateways;
use keystead_crypto::{KeyPairSpec, PrivateKey, SystemRandom};
use keystead_service::BUILT;

use crate::harness::{Client, client, text};
use crate::walk::{Root, Succeeded, Visitor, walk};

/// Walks over every operation that is built and offered there. The client calls through the shared gateway.
pub async fn run(visitor: &impl Visitor, client: &Client) {
    let instance = client.instance().await;
    let mut succeeded = keys(visitor, client, &instance).await;
    succeeded.extend(secrets(visitor, client, &instance).await);
    let offered: BTreeSet<_> = BUILT
        .iter()
        .map(|id| id.def())
        .filter(|def| def.gateways != Gateways::Shared)
        .map(|def| def.name)
        .collect();
    assert_eq!(succeeded, offered, "an operation is offered at the gateways of instances, or no longer");
}

/// A key in an instance: the ids of key and version.
async fn key(client: &Client, instance: &str, spec: &str, usage: &str) -> (String, String) {
    let params = [("DKMSInstanceId", instance), ("KeySpec", spec), ("KeyUsage", usage)];
    let id = text(&client.ok("CreateKey", &params).await["KeyMetadata"]["KeyId"]);
    let version = client.newest_version(&id).await;
    (id, version)
}

async fn keys(visitor: &impl Visitor, client: &Client, instance: &str) -> Succeeded {
    let (signing, signing_version) = key(client, instance, "EC_P256", "").await;
    let (pair, pair_version) = key(client, instance, "EC_SM2", "ENCRYPT/DECRYPT").await;
    let (mac_key, _) = key(client, instance, "HMAC_SHA256", "").await;
    let (key, _) = key(client, instance, "Aliyun_AES_256", "").await;
    client.ok("CreateAlias", &[("AliasName", "alias/there"), ("KeyId", &key)]).await;
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{key}", client.account());
    let blob = client.encrypt(&key, "eA==").await;
    let digest = STANDARD.encode([7; 32]);
    let recipient = PrivateKey::generate(KeyPairSpec::Sm2, &SystemRandom).unwrap();
    let recipient = STANDARD.encode(recipient.public_key().spki());
    let signs = [
        ("KeyId", signing.as_str()),
        ("KeyVersionId", &signing_version),
        ("Algorithm", "ECDSA_SHA_256"),
        ("Digest", &digest),
    ];
    let encrypts = [("KeyId", pair.as_str()), ("KeyVersionId", &pair_version), ("Algorithm", "SM2PKE")];
    let sealed = client.ok("AsymmetricEncrypt", &[&encrypts[..], &[("Plaintext", "eA==")]].concat()).await;
    let sealed = text(&sealed["CiphertextBlob"]);
    let macs = [("KeyId", mac_key.as_str()), ("Algorithm", "HMAC_SHA_256"), ("Message", "eA==")];
    let wrapping =
        [("PublicKeyBlob", &*recipient), ("WrappingKeySpec", "EC_SM2"), ("WrappingAlgorithm", "SM2PKE")];
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("Encrypt", &[("KeyId", &key), ("Plaintext", "eA==")]),
        ("Encrypt", &[("KeyId", "alias/there"), ("Plaintext", "eA==")]),
        ("Encrypt", &[("KeyId", &arn), ("Plaintext", "eA==")]),
        ("Decrypt", &[("CiphertextBlob", &blob)]),
        ("GenerateDataKey", &[("KeyId", &key)]),
        ("GenerateDataKeyWithoutPlaintext", &[("KeyId", &key)]),
        ("AsymmetricDecrypt", &[&encrypts[..], &[("CiphertextBlob", sealed.as_str())]].concat()),
        ("AsymmetricEncrypt", &[&encrypts[..], &[("Plaintext", "eA==")]].concat()),
        ("AsymmetricSign", &signs),
        ("AsymmetricVerify", &[&signs[..], &[("Value", "eA==")]].concat()),
        ("ExportDataKey", &[&wrapping[..], &[("CiphertextBlob", blob.as_str())]].concat()),
        ("GenerateAndExportDataKey", &[&wrapping[..], &[("KeyId", key.as_str())]].concat()),
        ("GenerateMac", &macs),
        ("VerifyMac", &[&macs[..], &[("Mac", "eA==")]].concat()),
        ("GetPublicKey", &signs[..2]),
    ];
    walk(visitor, &client.through(instance), rows).await
}

async fn secrets(visitor: &impl Visitor, client: &Client, instance: &str) -> Succeeded {
    let (key, _) = key(client, instance, "Aliyun_AES_256", "").await;
    let name = ("SecretName", "there/secret");
    let data = [("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", &*key)];
    client.ok("CreateSecret", &[&data[..], &[name, ("DKMSInstanceId", instance)]].concat()).await;
    let arn = format!("acs:kms:cn-hangzhou:{}:secret/{}", client.account(), name.1);
    let list = r#"[{"SecretName":"there/secret"}]"#;
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("GetSecretValue", &[name]),
        ("GetSecretValue", &[("SecretName", &arn)]),
        ("BatchGetSecretValue", &[("SecretsList", list)]),
    ];
    walk(visitor, &client.through(instance), rows).await
}

#[tokio::test]
async fn what_is_offered_at_the_gateway_of_an_instance_succeeds_there() {
    run(&Root, &client().await).await;
}
