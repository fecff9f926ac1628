use keystead_client::operations::*;
use keystead_client::types::{DataKeySpec, WrappingAlgorithm, WrappingKeySpec};
use keystead_client::{Client, types};
use keystead_crypto::{EncryptionAlgorithm, KeyPairSpec, PrivateKey, SystemRandom};

use super::{World, refused};

async fn open(by: &Client, blob: types::Base64) -> Vec<u8> {
    by.decrypt(DecryptRequest::new(blob)).await.unwrap().plaintext.bytes().unwrap().expose().to_vec()
}

pub async fn made_and_opened(world: &World) {
    let key = world.aes().await;
    for by in world.gateways() {
        let request = GenerateDataKeyRequest::new(&*key);
        for (request, length) in [
            (request.clone(), 32),
            (request.clone().key_spec(DataKeySpec::AES_128), 16),
            (request.number_of_bytes(1000), 1000),
        ] {
            let made = by.generate_data_key(request).await.unwrap();
            let plain = made.plaintext.bytes().unwrap();
            assert_eq!((plain.len(), &made.key_id), (length, &key));
            assert_eq!(open(by, made.ciphertext_blob).await, plain.expose());
        }
        let request = GenerateDataKeyWithoutPlaintextRequest::new(&*key).key_spec(DataKeySpec::AES_128);
        let made = by.generate_data_key_without_plaintext(request).await.unwrap();
        assert_eq!((open(by, made.ciphertext_blob).await.len(), made.key_id), (16, key.clone()));
        let request = GenerateDataKeyRequest::new(&*key).number_of_bytes(1025);
        refused(by.generate_data_key(request).await, 400, "InvalidParameter");
    }
}

/// The data key reaches the holder of a private key that the service never sees.
pub async fn exported(world: &World) {
    let key = world.aes().await;
    for (pair, spec, algorithm, name) in [
        (
            KeyPairSpec::Rsa2048,
            WrappingKeySpec::RSA_2048,
            EncryptionAlgorithm::RsaesOaepSha256,
            WrappingAlgorithm::RSAES_OAEP_SHA_256,
        ),
        (KeyPairSpec::Sm2, WrappingKeySpec::EC_SM2, EncryptionAlgorithm::Sm2Pke, WrappingAlgorithm::SM2PKE),
    ] {
        let private = PrivateKey::generate(pair, &SystemRandom).unwrap();
        let public = types::Base64::from(private.public_key().spki());
        for by in world.gateways() {
            let request =
                GenerateAndExportDataKeyRequest::new(&*key, public.clone(), name.clone(), spec.clone());
            let made = by.generate_and_export_data_key(request).await.unwrap();
            let blob = made.ciphertext_blob.unwrap();
            let data_key = open(by, blob.clone()).await;
            let exported = made.exported_data_key.unwrap().bytes().unwrap();
            assert_eq!(**private.decrypt(algorithm, &exported).unwrap(), *data_key);
            let request = ExportDataKeyRequest::new(blob, public.clone(), name.clone(), spec.clone());
            let exported = by.export_data_key(request).await.unwrap();
            assert_eq!(exported.key_id.as_deref(), Some(&*key));
            let exported = exported.exported_data_key.unwrap().bytes().unwrap();
            assert_eq!(**private.decrypt(algorithm, &exported).unwrap(), *data_key);
        }
    }
}

pub async fn managed(world: &World) {
    let by = &world.shared;
    let mut made = Vec::new();
    for version in ["v1", "v2", "v3"] {
        let data_key = by.generate_data_key(GenerateDataKeyRequest::new(world.aes().await)).await.unwrap();
        let text = data_key.plaintext.clone().into_text();
        if made.is_empty() {
            by.create_secret(CreateSecretRequest::new("typed/dek", version, text)).await.unwrap();
        } else {
            by.put_secret_value(PutSecretValueRequest::new("typed/dek", version, text)).await.unwrap();
        }
        made.push(data_key.plaintext);
    }
    let request = GetManagedDataKeyRequest::new("typed/dek");
    for (request, at) in
        [(request.clone(), 0), (request.clone().use_latest(true), 2), (request.data_key_version_id("v2"), 1)]
    {
        let got = by.get_managed_data_key(request).await.unwrap();
        assert_eq!(got.plaintext.as_ref(), Some(&made[at]));
        assert_eq!(got.data_key_version_id.unwrap(), format!("v{}", at + 1));
    }
    let request = ListManagedDataKeyVersionsRequest::new("typed/dek").page_size(2);
    let mut pages = by.pages::<ListManagedDataKeyVersions>(request);
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        assert_eq!((page.total_count, page.data_key_name.as_deref()), (Some(3), Some("typed/dek")));
        let versions = page.managed_data_key_versions.unwrap().managed_data_key_version;
        ids.push(versions.into_iter().map(|one| one.data_key_version_id.unwrap()).collect::<Vec<_>>());
    }
    assert_eq!(ids, [vec!["v1", "v2"], vec!["v3"]]);
    refused(
        by.get_managed_data_key(GetManagedDataKeyRequest::new("typed/none")).await,
        404,
        "Forbidden.ResourceNotFound",
    );
}
