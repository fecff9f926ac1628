//! What keys do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{KeyPairSpec, PrivateKey, SystemRandom};

use crate::harness::{Client, text};
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, client: &Client) -> Succeeded {
    let (signing, signing_version) = client.key_of("EC_P256", "").await;
    let (pair, pair_version) = client.key_of("EC_SM2", "ENCRYPT/DECRYPT").await;
    let (mac_key, _) = client.key_of("HMAC_SHA256", "").await;
    let key = client.key().await;
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
    let source = [("SourceKeyId", pair.as_str()), ("SourceKeyVersionId", &pair_version)];
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("AsymmetricDecrypt", &[&encrypts[..], &[("CiphertextBlob", sealed.as_str())]].concat()),
        ("AsymmetricEncrypt", &[&encrypts[..], &[("Plaintext", "eA==")]].concat()),
        ("AsymmetricSign", &signs),
        ("AsymmetricVerify", &[&signs[..], &[("Value", "eA==")]].concat()),
        ("ExportDataKey", &[&wrapping[..], &[("CiphertextBlob", blob.as_str())]].concat()),
        ("GenerateAndExportDataKey", &[&wrapping[..], &[("KeyId", key.as_str())]].concat()),
        ("GenerateMac", &macs),
        ("GetPublicKey", &signs[..2]),
        // From a symmetric key and from a key pair: other access rules apply.
        ("ReEncrypt", &[("CiphertextBlob", &blob), ("DestinationKeyId", &key)]),
        ("ReEncrypt", &[&source[..], &[("CiphertextBlob", &sealed), ("DestinationKeyId", &key)]].concat()),
        ("VerifyMac", &[&macs[..], &[("Mac", "eA==")]].concat()),
    ];
    walk(visitor, client, rows).await
}
