//! Every call of the instance's own API.

use keystead_client::instance::messages::*;
use keystead_client::instance::{CallOptions, InstanceClient, TransferClient};
use keystead_client::{Error, TransportError, operations};

use super::{TEXT, World, refused};

pub async fn symmetric(world: &World, client: &InstanceClient) {
    let plain = EncryptRequest {
        key_id: world.aes.clone(),
        plaintext: TEXT.into(),
        aad: b"bound".into(),
        ..Default::default()
    };
    let sealed = client.encrypt(plain).await.unwrap();
    let version = sealed.key_version().unwrap().to_owned();
    let open = DecryptRequest {
        key_id: world.aes.clone(),
        ciphertext_blob: sealed.ciphertext_blob.clone(),
        iv: sealed.iv.clone(),
        aad: b"bound".into(),
        ..Default::default()
    };
    assert_eq!(client.decrypt(open.clone()).await.unwrap().plaintext, TEXT);
    // The version alone finds the key.
    let named = client.with(CallOptions::new().key_version(&version).unwrap());
    let by_version = DecryptRequest { key_id: String::new(), ..open.clone() };
    assert_eq!(named.decrypt(by_version).await.unwrap().key_id, world.aes);
    let other = DecryptRequest { aad: b"other".into(), ..open };
    refused(client.decrypt(other).await, 400, "InvalidParameter");

    let request =
        AdvanceEncryptRequest { key_id: world.aes.clone(), plaintext: TEXT.into(), ..Default::default() };
    let sealed = client.advance_encrypt(request).await.unwrap();
    assert_eq!(sealed.key_version(), Some(&*sealed.key_version_id));
    let request =
        AdvanceDecryptRequest { ciphertext_blob: sealed.ciphertext_blob.clone(), ..Default::default() };
    let opened = client.advance_decrypt(request.clone()).await.unwrap();
    assert_eq!((&*opened.plaintext, &opened.key_id), (TEXT, &world.aes));
    let mut changed = request;
    *changed.ciphertext_blob.last_mut().unwrap() ^= 1;
    refused(client.advance_decrypt(changed).await, 400, "InvalidParameter");

    let request = KmsEncryptRequest { key_id: world.aes.clone(), plaintext: TEXT.into(), aad: Vec::new() };
    let sealed = client.kms_encrypt(request).await.unwrap();
    let request = KmsDecryptRequest { ciphertext_blob: sealed.ciphertext_blob.clone(), aad: Vec::new() };
    assert_eq!(client.kms_decrypt(request).await.unwrap().plaintext, TEXT);
}

pub async fn data_keys(world: &World, client: &InstanceClient) {
    let key_id = world.aes.clone();
    let request =
        GenerateDataKeyRequest { key_id: key_id.clone(), number_of_bytes: 48, ..Default::default() };
    let made = client.generate_data_key(request).await.unwrap();
    let request = DecryptRequest {
        key_id: key_id.clone(),
        ciphertext_blob: made.ciphertext_blob.clone(),
        iv: made.iv.clone(),
        ..Default::default()
    };
    assert_eq!(client.decrypt(request).await.unwrap().plaintext, made.plaintext);
    let request =
        AdvanceGenerateDataKeyRequest { key_id: key_id.clone(), number_of_bytes: 32, ..Default::default() };
    let made = client.advance_generate_data_key(request).await.unwrap();
    let request =
        AdvanceDecryptRequest { ciphertext_blob: made.ciphertext_blob.clone(), ..Default::default() };
    assert_eq!(client.advance_decrypt(request).await.unwrap().plaintext, made.plaintext);

    let spec = || "EC_P256".to_owned();
    let request =
        GenerateDataKeyPairRequest { key_id: key_id.clone(), key_pair_spec: spec(), ..Default::default() };
    let made = client.generate_data_key_pair(request).await.unwrap();
    let request = DecryptRequest {
        key_id: key_id.clone(),
        ciphertext_blob: made.private_key_ciphertext_blob.clone(),
        iv: made.iv.clone(),
        ..Default::default()
    };
    assert_eq!(client.decrypt(request).await.unwrap().plaintext, made.private_key_plaintext);
    let request = GenerateDataKeyPairWithoutPlaintextRequest {
        key_id: key_id.clone(),
        key_pair_spec: spec(),
        ..Default::default()
    };
    let sealed = client.generate_data_key_pair_without_plaintext(request).await.unwrap();
    assert!(!sealed.public_key.is_empty() && !sealed.private_key_ciphertext_blob.is_empty());
    let request = AdvanceGenerateDataKeyPairRequest {
        key_id: key_id.clone(),
        key_pair_spec: spec(),
        ..Default::default()
    };
    let made = client.advance_generate_data_key_pair(request).await.unwrap();
    let request = AdvanceDecryptRequest {
        ciphertext_blob: made.private_key_ciphertext_blob.clone(),
        ..Default::default()
    };
    assert_eq!(client.advance_decrypt(request).await.unwrap().plaintext, made.private_key_plaintext);
    let request = AdvanceGenerateDataKeyPairWithoutPlaintextRequest {
        key_id,
        key_pair_spec: spec(),
        ..Default::default()
    };
    let sealed = client.advance_generate_data_key_pair_without_plaintext(request).await.unwrap();
    assert_eq!(sealed.key_version(), Some(&*sealed.key_version_id));
}

pub async fn key_pairs(world: &World, client: &InstanceClient) {
    let key_id = world.key("EC_P256", "SIGN/VERIFY").await;
    let request = SignRequest {
        key_id: key_id.clone(),
        algorithm: "ECDSA_SHA_256".into(),
        message: TEXT.into(),
        message_type: "RAW".into(),
        ..Default::default()
    };
    let signed = client.sign(request).await.unwrap();
    for (message, right) in [(TEXT, true), (&TEXT[1..], false)] {
        let request = VerifyRequest {
            key_id: key_id.clone(),
            algorithm: "ECDSA_SHA_256".into(),
            message: message.into(),
            message_type: "RAW".into(),
            signature: signed.signature.clone(),
            ..Default::default()
        };
        let verified = client.verify(request).await.unwrap();
        assert_eq!((verified.value, verified.key_version()), (right, signed.key_version()));
    }
    let public = client.get_public_key(GetPublicKeyRequest { key_id }).await.unwrap();
    assert!(public.public_key.starts_with("-----BEGIN PUBLIC KEY-----"));
    let key_id = world.key("HMAC_SHA256", "GENERATE/VERIFY_MAC").await;
    let mac = client.hmac(HmacRequest { key_id, message: TEXT.into() }).await.unwrap();
    assert_eq!(mac.signature.len(), 32);
}

pub async fn without_a_key(world: &World, client: &InstanceClient) {
    let random = client.generate_random(GenerateRandomRequest { length: 64 }).await.unwrap();
    assert_eq!((random.random.len(), random.key_version()), (64, None));
    let hash = client.hash(HashRequest { message: TEXT.into(), ..Default::default() }).await.unwrap();
    assert_eq!(hash.digest, aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, TEXT).as_ref());
    let secret = operations::CreateSecretRequest::new("client-test", "v1", "value é")
        .dkms_instance_id(world.instance.clone())
        .encryption_key_id(world.aes.clone());
    world.shared.create_secret(secret).await.unwrap();
    let request = GetSecretValueRequest { secret_name: "client-test".into(), ..Default::default() };
    let secret = client.get_secret_value(request).await.unwrap();
    assert_eq!((&*secret.secret_data, &*secret.version_id), ("value é", "v1"));
    let request = GetSecretValueRequest { secret_name: "none".into(), ..Default::default() };
    refused(client.get_secret_value(request).await, 404, "Forbidden.ResourceNotFound");
}

pub async fn denied(world: &World, client: &InstanceClient) {
    let request =
        |key: &str| EncryptRequest { key_id: key.into(), plaintext: TEXT.into(), ..Default::default() };
    refused(client.encrypt(request("alias/none")).await, 404, "Forbidden.KeyNotFound");
    let hidden = world.key("Aliyun_AES_256", "ENCRYPT/DECRYPT").await;
    let permissions = r#"["RbacPermission/Template/CryptoServiceKeyUser"]"#;
    let resources = format!(r#"["key/{}"]"#, world.aes);
    let file = world.access_point("narrow", permissions, &resources).await;
    let narrow = world.client(&file);
    narrow.encrypt(request(&world.aes)).await.unwrap();
    refused(narrow.encrypt(request(&hidden)).await, 403, "Forbidden.NoPermission");
    let id: serde_json::Value = serde_json::from_str(&file).unwrap();
    let gone = operations::DeleteClientKeyRequest::new(id["KeyId"].as_str().unwrap());
    world.shared.delete_client_key(gone).await.unwrap();
    refused(narrow.encrypt(request(&world.aes)).await, 404, "Unauthorized");
    let outcome =
        TransferClient::new(narrow).encrypt(operations::EncryptRequest::new(&*world.aes, b"x")).await;
    refused(outcome, 404, "InvalidAccessKeyId.NotFound");
    // Another private key under a known id.
    let file: serde_json::Value = serde_json::from_str(&world.file).unwrap();
    let foreign = world.access_point("foreign", permissions, &resources).await;
    let mut foreign: serde_json::Value = serde_json::from_str(&foreign).unwrap();
    foreign["KeyId"] = file["KeyId"].clone();
    let foreign = world.client(&foreign.to_string());
    refused(foreign.encrypt(request(&world.aes)).await, 401, "SignatureNotMatch");
    // The authority of the shared gateway is not the instance's.
    let client = world.client_under(&world.file, world.shared_ca.clone());
    let error = client.encrypt(request(&world.aes)).await.unwrap_err();
    assert!(matches!(error, Error::Transport(TransportError::Tls(_))), "{error:?}");
}
