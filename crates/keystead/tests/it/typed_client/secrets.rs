use keystead_client::operations::*;
use keystead_client::types::{SecretDataType, SecretType, SecretValue, Tag, VersionStage};
use keystead_client::{JsonList, SecretText};
use serde_json::json;

use super::{World, refused};

/// A secret in the instance, under a key of it.
async fn create(world: &World, name: &str, value: &str) -> CreateSecretResponse {
    let request = CreateSecretRequest::new(name, "v1", value)
        .dkms_instance_id(world.instance.as_str())
        .encryption_key_id(world.aes().await)
        .description("typed")
        .tags([Tag::new("team", "a")]);
    world.shared.create_secret(request).await.unwrap()
}

fn text(value: &str) -> SecretValue {
    SecretValue::Text(SecretText::new(value))
}

pub async fn life(world: &World) {
    let by = &world.shared;
    let made = create(world, "typed/life", "välue").await;
    assert_eq!((made.secret_name.as_str(), &made.secret_type), ("typed/life", &SecretType::GENERIC));
    for by in world.gateways() {
        let got = by.get_secret_value(GetSecretValueRequest::new("typed/life")).await.unwrap();
        assert_eq!((got.value().unwrap(), got.version_id.as_str()), (text("välue"), "v1"));
        assert_eq!(got.version_stages.version_stage, [VersionStage::ACS_CURRENT]);
        let none = GetSecretValueRequest::new("typed/none");
        refused(by.get_secret_value(none).await, 404, "Forbidden.ResourceNotFound");
    }
    by.update_secret(UpdateSecretRequest::new("typed/life").description("another")).await.unwrap();
    let described = async || {
        let request = DescribeSecretRequest::new("typed/life").fetch_tags(true);
        by.describe_secret(request).await.unwrap()
    };
    let shown = described().await;
    assert_eq!((shown.description.as_str(), &shown.arn), ("another", &made.arn));
    assert_eq!(shown.dkms_instance_id.as_ref(), Some(&world.instance));
    assert_eq!(shown.tags.unwrap().tag[0].tag_value, "a");

    let binary =
        CreateSecretRequest::binary("typed/binary", "v1", [0, 255]).dkms_instance_id(&*world.instance);
    let binary = binary.encryption_key_id(world.aes().await);
    by.create_secret(binary).await.unwrap();
    let got = world.dedicated.get_secret_value(GetSecretValueRequest::new("typed/binary")).await.unwrap();
    assert_eq!(
        (got.value().unwrap().expose(), &got.secret_data_type),
        (&[0, 255][..], &SecretDataType::BINARY)
    );

    let gone =
        by.delete_secret(DeleteSecretRequest::new("typed/life").recovery_window_in_days(7)).await.unwrap();
    assert_eq!(gone.planned_delete_time, described().await.planned_delete_time);
    let get = GetSecretValueRequest::new("typed/life");
    refused(by.get_secret_value(get.clone()).await, 409, "Rejected.ResourceInDeleteWindow");
    let mut listed = Vec::new();
    let mut pages = by.pages::<ListSecrets>(ListSecretsRequest::new().page_size(1).fetch_tags(true));
    while let Some(page) = pages.next().await.unwrap() {
        listed.extend(page.secret_list.secret.into_iter().map(|secret| secret.secret_name));
    }
    for name in ["typed/life", "typed/binary"] {
        assert_eq!(listed.iter().filter(|listed| *listed == name).count(), 1, "{listed:?}");
    }
    let back = by.restore_secret(RestoreSecretRequest::new("typed/life")).await.unwrap();
    assert_eq!(back.secret_name.as_deref(), Some("typed/life"));
    by.get_secret_value(get.clone()).await.unwrap();
    let force = DeleteSecretRequest::new("typed/life").force_delete_without_recovery(true);
    by.delete_secret(force).await.unwrap();
    refused(by.get_secret_value(get).await, 404, "Forbidden.ResourceNotFound");
}

pub async fn versions(world: &World) {
    let by = &world.shared;
    create(world, "typed/versions", "one").await;
    let put = PutSecretValueRequest::new("typed/versions", "v2", "two");
    let put = by.put_secret_value(put).await.unwrap();
    assert_eq!(put.version_stages.version_stage, [VersionStage::ACS_CURRENT]);
    let staged = PutSecretValueRequest::new("typed/versions", "v3", "three")
        .version_stages(vec![VersionStage::from("next")]);
    by.put_secret_value(staged).await.unwrap();
    let get = async |stage: VersionStage| {
        let request = GetSecretValueRequest::new("typed/versions").version_stage(stage);
        world.dedicated.get_secret_value(request).await.unwrap().value().unwrap()
    };
    assert_eq!(get(VersionStage::ACS_CURRENT).await, text("two"));
    assert_eq!(get(VersionStage::ACS_PREVIOUS).await, text("one"));
    assert_eq!(get("next".into()).await, text("three"));
    let moved = UpdateSecretVersionStageRequest::new("typed/versions", "next")
        .remove_from_version("v3")
        .move_to_version("v1");
    by.update_secret_version_stage(moved).await.unwrap();
    assert_eq!(get("next".into()).await, text("one"));

    let request = ListSecretVersionIdsRequest::new("typed/versions").include_deprecated(true).page_size(2);
    let mut pages = by.pages::<ListSecretVersionIds>(request);
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        assert_eq!(page.total_count, Some(3));
        ids.extend(page.version_ids.unwrap().version_id.into_iter().map(|one| one.version_id.unwrap()));
    }
    ids.sort();
    assert_eq!(ids, ["v1", "v2", "v3"]);
    let again = PutSecretValueRequest::new("typed/versions", "v1", "other");
    refused(by.put_secret_value(again).await, 409, "Rejected.ResourceExist");
}

pub async fn batch(world: &World) {
    create(world, "typed/one", "1").await;
    create(world, "typed/two", "2").await;
    for by in world.gateways() {
        let wanted = ["typed/one", "typed/two", "typed/none"];
        let wanted =
            wanted.map(|name| SecretsListItem { secret_name: Some(name.into()), ..Default::default() });
        let request = BatchGetSecretValueRequest::new().secrets_list(JsonList(wanted.into()));
        let got = by.batch_get_secret_value(request).await.unwrap();
        let mut values: Vec<_> = got
            .secret_values
            .iter()
            .map(|one| (one.secret_name.as_deref().unwrap(), one.secret_data.as_ref().unwrap().expose()))
            .collect();
        values.sort_unstable();
        assert_eq!(values, [("typed/one", "1"), ("typed/two", "2")]);
        let [error] = &got.errors[..] else { panic!("{:?}", got.errors) };
        assert_eq!(
            (error.code.as_deref(), error.http_status, error.secret_name.as_deref()),
            (Some("Forbidden.ResourceNotFound"), Some(404), Some("typed/none"))
        );
        let empty = BatchGetSecretValueRequest::new();
        refused(by.batch_get_secret_value(empty).await, 400, "MissingParameter");
    }
}

pub async fn policy(world: &World) {
    let by = &world.shared;
    create(world, "typed/policy", "x").await;
    let request = GetSecretPolicyRequest::new("typed/policy");
    let mut policy = by.get_secret_policy(request.clone()).await.unwrap().policy.unwrap().value().unwrap();
    policy["Statement"][0]["Sid"] = json!("of the test");
    by.set_secret_policy(SetSecretPolicyRequest::new(policy.clone(), "typed/policy")).await.unwrap();
    assert_eq!(by.get_secret_policy(request).await.unwrap().policy.unwrap().value().unwrap(), policy);
    let password = by.get_random_password(GetRandomPasswordRequest::new().password_length(24)).await.unwrap();
    assert_eq!(password.random_password.expose().chars().count(), 24);
}
