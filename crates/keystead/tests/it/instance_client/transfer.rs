//! Calls of the OpenAPI served from the instance.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_client::instance::{InstanceClient, TransferClient};
use keystead_client::{EncryptionContext, operations};

use super::{TEXT, World, refused};

const RSA: &str = "RSA_PKCS1_SHA_256";
const OAEP: &str = "RSAES_OAEP_SHA_256";

/// Ciphertexts go both ways between the transfer client, in both its forms, and the OpenAPI.
pub async fn both_ways(world: &World, client: &InstanceClient) {
    let context = EncryptionContext::new().with("b", "2").with("a", "1");
    let version = operations::CreateKeyVersionRequest::new(&*world.aes);
    world.shared.create_key_version(version).await.unwrap();
    for low in [false, true] {
        let transfer =
            TransferClient::new(client.clone()).openapi(world.dedicated.clone()).low_version_crypto(low);
        let request =
            operations::EncryptRequest::new(&*world.aes, b"hello").encryption_context(context.clone());
        let here = transfer.encrypt(request.clone()).await.unwrap();
        let there = world.dedicated.encrypt(request).await.unwrap();
        assert_eq!(here.key_version_id == there.key_version_id, !low);
        for blob in [here.ciphertext_blob, there.ciphertext_blob] {
            let request = operations::DecryptRequest::new(blob).encryption_context(context.clone());
            assert_eq!(transfer.decrypt(request.clone()).await.unwrap().plaintext.expose(), "aGVsbG8=");
            assert_eq!(
                world.dedicated.decrypt(request.clone()).await.unwrap().plaintext.expose(),
                "aGVsbG8="
            );
            let bare = operations::DecryptRequest::new(request.ciphertext_blob);
            refused(transfer.decrypt(bare).await, 400, "InvalidParameter");
        }
        let request = operations::GenerateDataKeyRequest::new(&*world.aes).number_of_bytes(24);
        let made = transfer.generate_data_key(request).await.unwrap();
        let opened = operations::DecryptRequest::new(made.ciphertext_blob);
        let opened = world.dedicated.decrypt(opened).await.unwrap();
        assert_eq!(opened.plaintext, made.plaintext);
        let request = operations::GenerateDataKeyWithoutPlaintextRequest::new(&*world.aes);
        let made = transfer.generate_data_key_without_plaintext(request).await.unwrap();
        let opened = operations::DecryptRequest::new(made.ciphertext_blob);
        let opened = world.dedicated.decrypt(opened).await.unwrap();
        assert_eq!(STANDARD.decode(opened.plaintext.expose()).unwrap().len(), 32);
        let request = operations::GetSecretValueRequest::new("client-test");
        assert_eq!(transfer.get_secret_value(request).await.unwrap().secret_data.expose(), "value é");
    }
}

pub async fn key_pairs(world: &World, client: &InstanceClient) {
    let transfer = TransferClient::new(client.clone()).openapi(world.dedicated.clone());
    let digest = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, TEXT));
    let key = world.key("RSA_2048", "SIGN/VERIFY").await;
    let version = world.version(&key).await;
    let request = operations::AsymmetricSignRequest::new(RSA, &*digest, &*key, &*version);
    let signed = transfer.asymmetric_sign(request).await.unwrap();
    assert_eq!(signed.key_version_id.as_deref(), Some(&*version));
    let request =
        operations::AsymmetricVerifyRequest::new(RSA, &*digest, &*key, &*version, signed.value.unwrap());
    assert_eq!(transfer.asymmetric_verify(request.clone()).await.unwrap().value, Some(true));
    assert_eq!(world.dedicated.asymmetric_verify(request).await.unwrap().value, Some(true));
    let request = operations::GetPublicKeyRequest::new(&*key, &*version);
    assert!(transfer.get_public_key(request).await.unwrap().public_key.is_some());

    let key = world.key("RSA_2048", "ENCRYPT/DECRYPT").await;
    let version = world.version(&key).await;
    let request = operations::AsymmetricEncryptRequest::new(OAEP, &*key, &*version, b"hello");
    let sealed = transfer.asymmetric_encrypt(request).await.unwrap().ciphertext_blob.unwrap();
    let request = operations::AsymmetricDecryptRequest::new(OAEP, sealed, &*key, &*version);
    assert_eq!(
        transfer.asymmetric_decrypt(request.clone()).await.unwrap().plaintext.unwrap().expose(),
        "aGVsbG8="
    );
    let there = world.dedicated.asymmetric_decrypt(request).await.unwrap();
    assert_eq!(there.plaintext.unwrap().expose(), "aGVsbG8=");
}
