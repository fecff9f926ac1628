use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_client::Client;
use keystead_client::operations::*;
use keystead_client::types::{EncryptionAlgorithm, KeySpec, KeyUsage, MacAlgorithm, SigningAlgorithm};

use super::{TEXT, World, refused};

/// The public key's DER, as anybody gets it.
async fn public_key(by: &Client, key: &str, version: &str) -> Vec<u8> {
    let answer = by.get_public_key(GetPublicKeyRequest::new(key, version)).await.unwrap();
    assert_eq!((answer.key_id.as_deref(), answer.key_version_id.as_deref()), (Some(key), Some(version)));
    let pem = answer.public_key.unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

/// Signs; the signature is good for aws-lc and for the service, and only over what was signed.
async fn signs(
    by: &Client,
    key: &str,
    version: &str,
    algorithm: SigningAlgorithm,
    with: &'static dyn VerificationAlgorithm,
) {
    let hash = |text: &[u8]| digest(&SHA256, text).as_ref().to_vec();
    let request = AsymmetricSignRequest::new(algorithm.clone(), hash(TEXT), key, version);
    let signature = by.asymmetric_sign(request).await.unwrap().value.unwrap();
    let public = UnparsedPublicKey::new(with, public_key(by, key, version).await);
    public.verify(TEXT, &signature.bytes().unwrap()).unwrap();
    for (text, good) in [(TEXT, true), (&TEXT[1..], false)] {
        let request =
            AsymmetricVerifyRequest::new(algorithm.clone(), hash(text), key, version, signature.clone());
        let verified = by.asymmetric_verify(request).await.unwrap();
        assert_eq!((verified.value, verified.key_id.as_deref()), (Some(good), Some(key)));
    }
    let short = AsymmetricSignRequest::new(algorithm, b"short", key, version);
    refused(by.asymmetric_sign(short).await, 400, "InvalidParameter");
}

pub async fn rsa(world: &World) {
    let (key, version) = world.key(KeySpec::RSA_2048, KeyUsage::ENCRYPT_DECRYPT).await;
    for by in world.gateways() {
        let algorithm = || EncryptionAlgorithm::RSAES_OAEP_SHA_256;
        let request = AsymmetricEncryptRequest::new(algorithm(), &*key, &*version, TEXT);
        let by_service = by.asymmetric_encrypt(request).await.unwrap().ciphertext_blob.unwrap();
        let public = PublicEncryptingKey::from_der(&public_key(by, &key, &version).await).unwrap();
        let public = OaepPublicEncryptingKey::new(public).unwrap();
        let mut sealed = vec![0; public.ciphertext_size()];
        let by_hand = public.encrypt(&OAEP_SHA256_MGF1SHA256, TEXT, &mut sealed, None).unwrap();
        for blob in [by_service, (&*by_hand).into()] {
            let request = AsymmetricDecryptRequest::new(algorithm(), blob, &*key, &*version);
            let opened = by.asymmetric_decrypt(request).await.unwrap().plaintext.unwrap();
            assert_eq!(opened.bytes().unwrap().expose(), TEXT);
        }
    }
    let (key, version) = world.key(KeySpec::RSA_2048, KeyUsage::SIGN_VERIFY).await;
    for by in world.gateways() {
        for (algorithm, with) in [
            (SigningAlgorithm::RSA_PKCS1_SHA_256, &RSA_PKCS1_2048_8192_SHA256),
            (SigningAlgorithm::RSA_PSS_SHA_256, &RSA_PSS_2048_8192_SHA256),
        ] {
            signs(by, &key, &version, algorithm, with).await;
        }
    }
}

pub async fn curve(world: &World) {
    let (key, version) = world.key(KeySpec::EC_P256, KeyUsage::SIGN_VERIFY).await;
    for by in world.gateways() {
        signs(by, &key, &version, SigningAlgorithm::ECDSA_SHA_256, &ECDSA_P256_SHA256_ASN1).await;
        let request = GetPublicKeyRequest::new(&*key, "none");
        refused(by.get_public_key(request).await, 404, "Forbidden.KeyVersionNotFound");
    }
}

pub async fn macs(world: &World) {
    let (key, _) = world.key(KeySpec::HMAC_SHA256, KeyUsage::GENERATE_VERIFY_MAC).await;
    for by in world.gateways() {
        let algorithm = || MacAlgorithm::HMAC_SHA_256;
        let made = by.generate_mac(GenerateMacRequest::new(algorithm(), &*key, TEXT)).await.unwrap();
        let mac = made.mac.unwrap();
        assert_eq!((mac.bytes().unwrap().len(), made.algorithm), (32, Some(algorithm())));
        for (text, good) in [(TEXT, true), (&TEXT[1..], false)] {
            let request = VerifyMacRequest::new(algorithm(), &*key, mac.clone(), text);
            assert_eq!(by.verify_mac(request).await.unwrap().value, Some(good));
        }
        let other = GenerateMacRequest::new(MacAlgorithm::HMAC_SHA_512, &*key, TEXT);
        let error = by.generate_mac(other).await.unwrap_err();
        assert_eq!(error.status(), Some(400), "{error}");
    }
}
