use keystead_client::operations::ram;
use keystead_client::operations::*;
use keystead_client::types::{RotationStatus, SecretType, VersionStage};
use keystead_client::{Client, Credentials, JsonObject, RetryPolicy, SecretText};
use serde_json::{Value, json};

use super::{World, refused};

const NAME: &str = "acs/ram/user/typed";

/// The AccessKey under a label.
async fn login(world: &World, stage: VersionStage) -> (String, String) {
    let request = GetSecretValueRequest::new(NAME).version_stage(stage);
    let value = world.shared.get_secret_value(request).await.unwrap();
    let value: Value = serde_json::from_str(value.secret_data.expose()).unwrap();
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    (text("AccessKeyId"), text("AccessKeySecret"))
}

/// Who an AccessKey is.
async fn arn(world: &World, (id, secret): (String, String)) -> String {
    let client = Client::builder()
        .endpoint(world.server.https().to_string())
        .ca_file(world.server.ca_file())
        .credentials(Credentials::access_key(id, secret))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    client.sts().get_caller_identity(sts::GetCallerIdentityRequest::new()).await.unwrap().arn
}

/// A secret of a RAM user's AccessKeys, which the service rotates itself.
pub async fn of_a_ram_user(world: &World) {
    let by = &world.shared;
    by.ram().create_user(ram::CreateUserRequest::new("typed")).await.unwrap();
    let made =
        by.ram().create_access_key(ram::CreateAccessKeyRequest::new().user_name("typed")).await.unwrap();
    let first = made.access_key;
    let data = json!({ "AccessKeys": [
        { "AccessKeyId": first.access_key_id, "AccessKeySecret": first.access_key_secret.expose() }
    ] });
    let config: JsonObject =
        [("SecretSubType", "RamUserAccessKey"), ("UserName", "typed")].into_iter().collect();
    let request = CreateSecretRequest::new("$Auto", "v1", SecretText::new(data.to_string()))
        .secret_type(SecretType::RAM_CREDENTIALS)
        .extended_config(config);
    let secret = by.create_secret(request).await.unwrap();
    assert_eq!((secret.secret_name.as_str(), &secret.secret_type), (NAME, &SecretType::RAM_CREDENTIALS));

    let policy = UpdateSecretRotationPolicyRequest::new(true, NAME).rotation_interval("7d");
    by.update_secret_rotation_policy(policy).await.unwrap();
    let shown = by.describe_secret(DescribeSecretRequest::new(NAME)).await.unwrap();
    assert_eq!(shown.automatic_rotation, Some(RotationStatus::ENABLED));
    assert_eq!(shown.rotation_interval.as_deref(), Some("604800s"));

    let rotated = by.rotate_secret(RotateSecretRequest::new(NAME, "v2")).await.unwrap();
    assert_eq!((rotated.arn, rotated.version_id.as_deref()), (Some(secret.arn), Some("v2")));
    let (new, old) =
        (login(world, VersionStage::ACS_CURRENT).await, login(world, VersionStage::ACS_PREVIOUS).await);
    assert_eq!(old.0, first.access_key_id);
    assert_ne!(new.0, old.0);
    for login in [new, old] {
        assert!(arn(world, login).await.ends_with(":user/typed"));
    }
    let none = RotateSecretRequest::new("typed/none", "v2");
    refused(by.rotate_secret(none).await, 404, "Forbidden.ResourceNotFound");
}
