use keystead_client::EncryptionContext;
use keystead_client::operations::*;
use keystead_client::types::{KeySpec, KeyUsage};

use super::{TEXT, World, refused};

pub async fn round_trips(world: &World) {
    let (key, version) = world.key(KeySpec::ALIYUN_AES_256, KeyUsage::ENCRYPT_DECRYPT).await;
    let context = || EncryptionContext::new().with("tenant", "a&b").with("é", "=");
    for by in world.gateways() {
        let sealed =
            by.encrypt(EncryptRequest::new(&*key, TEXT).encryption_context(context())).await.unwrap();
        assert_eq!((&sealed.key_id, &sealed.key_version_id), (&key, &version));
        let open = DecryptRequest::new(sealed.ciphertext_blob.clone());
        refused(by.decrypt(open.clone()).await, 400, "InvalidParameter");
        // What one gateway encrypted, both decrypt.
        for by in world.gateways() {
            let opened = by.decrypt(open.clone().encryption_context(context())).await.unwrap();
            assert_eq!(opened.plaintext.bytes().unwrap().expose(), TEXT);
            assert_eq!((opened.key_id, opened.key_version_id), (key.clone(), version.clone()));
        }
        let dry = EncryptRequest::new(&*key, TEXT).dry_run(true);
        refused(by.encrypt(dry).await, 400, "DryRunOperationError");
        refused(by.encrypt(EncryptRequest::new("none", TEXT)).await, 404, "Forbidden.KeyNotFound");
    }
}

pub async fn under_another_key(world: &World) {
    let (from, to) = (world.aes().await, world.aes().await);
    let context = EncryptionContext::new().with("for", "the other");
    let sealed = world.shared.encrypt(EncryptRequest::new(&*from, TEXT)).await.unwrap().ciphertext_blob;
    let request = ReEncryptRequest::new(sealed, &*to).destination_encryption_context(context.clone());
    let moved = world.shared.re_encrypt(request.clone()).await.unwrap();
    assert_eq!(moved.key_id.as_deref(), Some(&*from), "the one that opened it");
    let open = DecryptRequest::new(moved.ciphertext_blob.unwrap()).encryption_context(context);
    let opened = world.dedicated.decrypt(open).await.unwrap();
    assert_eq!((opened.plaintext.bytes().unwrap().expose(), opened.key_id), (TEXT, to));
    refused(world.dedicated.re_encrypt(request).await, 400, "UnsupportedOperation");
}
