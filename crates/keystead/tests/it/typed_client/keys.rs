use std::collections::BTreeSet;

use keystead_client::operations::*;
use keystead_client::types::{
    DeletionProtection, Filter, KeySpec, KeyState, KeyUsage, ProtectionLevel, RotationStatus, Tag,
};
use serde_json::json;

use super::{TEXT, World, refused};

pub async fn life(world: &World) {
    let by = &world.shared;
    let request = CreateKeyRequest::new().description("typed é").tags([Tag::new("team", "a")]);
    let made = by.create_key(request).await.unwrap().key_metadata;
    let key = made.key_id.as_str();
    assert_eq!((&made.key_spec, &made.key_usage), (&KeySpec::ALIYUN_AES_256, &KeyUsage::ENCRYPT_DECRYPT));
    assert!(made.arn.ends_with(&format!(":key/{key}")), "{}", made.arn);
    let described = async || by.describe_key(DescribeKeyRequest::new(key)).await.unwrap().key_metadata;
    let shown = described().await;
    assert_eq!((shown.description.as_str(), &shown.key_state), ("typed é", &KeyState::ENABLED));
    assert_eq!((shown.arn, shown.protection_level), (made.arn.clone(), ProtectionLevel::SOFTWARE));

    by.update_key_description(UpdateKeyDescriptionRequest::new("another", key)).await.unwrap();
    assert_eq!(described().await.description, "another");
    by.disable_key(DisableKeyRequest::new(key)).await.unwrap();
    assert_eq!(described().await.key_state, KeyState::DISABLED);
    refused(by.encrypt(EncryptRequest::new(key, TEXT)).await, 409, "Rejected.Disabled");
    by.enable_key(EnableKeyRequest::new(key)).await.unwrap();
    by.encrypt(EncryptRequest::new(key, TEXT)).await.unwrap();

    let protect = |on: bool| SetDeletionProtectionRequest::new(on).protected_resource_arn(made.arn.as_str());
    by.set_deletion_protection(protect(true).deletion_protection_description("in use")).await.unwrap();
    let shown = described().await;
    assert_eq!(shown.deletion_protection, DeletionProtection::ENABLED);
    assert_eq!(shown.deletion_protection_description.as_deref(), Some("in use"));
    let schedule = ScheduleKeyDeletionRequest::new(key, 7);
    refused(by.schedule_key_deletion(schedule.clone()).await, 400, "Rejected.UnsupportedOperation");
    by.set_deletion_protection(protect(false)).await.unwrap();
    by.schedule_key_deletion(schedule).await.unwrap();
    let shown = described().await;
    assert_eq!(shown.key_state, KeyState::PENDING_DELETION);
    assert!(shown.delete_date.is_some());
    refused(by.encrypt(EncryptRequest::new(key, TEXT)).await, 409, "Rejected.PendingDeletion");
    by.cancel_key_deletion(CancelKeyDeletionRequest::new(key)).await.unwrap();
    assert_eq!(described().await.key_state, KeyState::ENABLED);
    refused(by.describe_key(DescribeKeyRequest::new("none")).await, 404, "Forbidden.KeyNotFound");
}

pub async fn versions(world: &World) {
    let by = &world.shared;
    let (key, first) = world.key(KeySpec::ALIYUN_AES_256, KeyUsage::ENCRYPT_DECRYPT).await;
    let sealed = by.encrypt(EncryptRequest::new(&*key, TEXT)).await.unwrap();
    let made = by.create_key_version(CreateKeyVersionRequest::new(&*key)).await.unwrap().key_version.unwrap();
    let second = made.key_version_id.unwrap();
    let shown = by.describe_key_version(DescribeKeyVersionRequest::new(&*key, &*second)).await.unwrap();
    let shown = shown.key_version.unwrap();
    assert_eq!((shown.key_id.as_deref(), shown.creation_date), (Some(&*key), made.creation_date));
    let newer = by.encrypt(EncryptRequest::new(&*key, TEXT)).await.unwrap();
    assert_eq!((&sealed.key_version_id, &newer.key_version_id), (&first, &second));
    for blob in [sealed.ciphertext_blob, newer.ciphertext_blob] {
        let opened = by.decrypt(DecryptRequest::new(blob)).await.unwrap();
        assert_eq!(opened.plaintext.bytes().unwrap().expose(), TEXT);
    }
    let mut pages = by.pages::<ListKeyVersions>(ListKeyVersionsRequest::new(&*key).page_size(1));
    let mut ids = BTreeSet::new();
    while let Some(page) = pages.next().await.unwrap() {
        assert_eq!(page.total_count, Some(2));
        let versions = page.key_versions.unwrap().key_version;
        ids.extend(versions.into_iter().map(|version| version.key_version_id.unwrap()));
    }
    assert_eq!(ids, BTreeSet::from([first, second]));

    let rotate = UpdateRotationPolicyRequest::new(true, &*key);
    refused(by.update_rotation_policy(rotate.clone()).await, 400, "MissingParameter");
    by.update_rotation_policy(rotate.rotation_interval("7d")).await.unwrap();
    let shown = by.describe_key(DescribeKeyRequest::new(&*key)).await.unwrap().key_metadata;
    assert_eq!(shown.automatic_rotation, RotationStatus::ENABLED);
    assert_eq!(shown.rotation_interval.as_deref(), Some("604800s"));
    assert!(shown.next_rotation_date.is_some());
}

pub async fn policy(world: &World) {
    let by = &world.shared;
    let key = world.aes().await;
    let request = GetKeyPolicyRequest::new(&*key);
    let before = by.get_key_policy(request.clone()).await.unwrap().policy.unwrap().value().unwrap();
    assert_eq!(before["Statement"][0]["Action"], json!(["kms:*"]));
    let mut statement = before.clone();
    statement["Statement"][0]["Sid"] = json!("of the test");
    by.set_key_policy(SetKeyPolicyRequest::new(&*key, statement.clone())).await.unwrap();
    assert_eq!(by.get_key_policy(request).await.unwrap().policy.unwrap().value().unwrap(), statement);
    let nonsense = SetKeyPolicyRequest::new(&*key, json!({}));
    refused(by.set_key_policy(nonsense).await, 400, "InvalidParameter");
}

pub async fn lists(world: &World) {
    let by = &world.shared;
    let mut made = BTreeSet::new();
    for _ in 0..5 {
        let request =
            CreateKeyRequest::new().key_spec(KeySpec::HMAC_SM3).key_usage(KeyUsage::GENERATE_VERIFY_MAC);
        made.insert(by.create_key(request).await.unwrap().key_metadata.key_id);
    }
    let request = ListKeysRequest::new().filters([Filter::new("KeySpec", ["HMAC_SM3"])]).page_size(2);
    let mut pages = by.pages::<ListKeys>(request);
    let (mut listed, mut sizes) = (BTreeSet::new(), Vec::new());
    while let Some(page) = pages.next().await.unwrap() {
        assert_eq!(page.total_count, 5);
        sizes.push(page.keys.key.len());
        listed.extend(page.keys.key.into_iter().map(|key| key.key_id));
    }
    assert_eq!((listed, sizes), (made, vec![2, 2, 1]));
    refused(by.list_keys(ListKeysRequest::new().page_size(101)).await, 400, "InvalidParameter");
    refused(world.dedicated.list_keys(ListKeysRequest::new()).await, 400, "UnsupportedOperation");
}
