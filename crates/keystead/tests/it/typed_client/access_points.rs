use keystead_client::SecretText;
use keystead_client::instance::{ClientKey, ClientKeyPassword};
use keystead_client::operations::*;
use keystead_client::types::{ClientKeyAlgorithm, ClientKeyOrigin, NetworkRuleNames, NetworkRuleType};
use keystead_client::{Client, Error, RetryPolicy};

use super::{World, refused};

const PASSWORD: &str = "Typed-Client_2026";
const READ: &str = "RbacPermission/Template/CryptoServiceSecretUser";

async fn rules(world: &World) {
    let by = &world.shared;
    let request = CreateNetworkRuleRequest::new("typed-rule", NetworkRuleType::PRIVATE)
        .source_private_ip(["10.0.0.0/8"])
        .description("before");
    let made = by.create_network_rule(request.clone()).await.unwrap();
    assert_eq!(made.source_private_ip.unwrap().value().unwrap(), ["10.0.0.0/8"]);
    refused(by.create_network_rule(request).await, 409, "Rejected.ResourceExist");
    let request = UpdateNetworkRuleRequest::new("typed-rule").source_private_ip(["127.0.0.0/8"]);
    by.update_network_rule(request.description("after")).await.unwrap();
    let shown = by.describe_network_rule(DescribeNetworkRuleRequest::new("typed-rule")).await.unwrap();
    assert_eq!(shown.source_private_ip.unwrap().value().unwrap(), ["127.0.0.0/8"]);
    assert_eq!((shown.description.as_deref(), shown.arn), (Some("after"), made.arn));
    let mut pages = by.pages::<ListNetworkRules>(ListNetworkRulesRequest::new().page_size(1));
    let page = pages.next().await.unwrap().unwrap();
    let [rule] = &page.network_rules.unwrap().network_rule[..] else { panic!("not one rule") };
    assert_eq!((rule.name.as_deref(), &rule.kind), (Some("typed-rule"), &Some(NetworkRuleType::PRIVATE)));
}

async fn policies(world: &World) {
    let by = &world.shared;
    let request = CreatePolicyRequest::new("typed-policy", [READ], ["secret/other"])
        .kms_instance("shared")
        .access_control_rules(NetworkRuleNames::new(["typed-rule"]));
    let made = by.create_policy(request).await.unwrap();
    assert_eq!(made.kms_instance.as_deref(), Some("shared"));
    by.update_policy(UpdatePolicyRequest::new("typed-policy").resources(["secret/typed/app"])).await.unwrap();
    let shown = by.describe_policy(DescribePolicyRequest::new("typed-policy")).await.unwrap();
    assert_eq!(
        (shown.resources, shown.permissions),
        (vec!["secret/typed/app".to_owned()], vec![READ.to_owned()])
    );
    let rules = shown.access_control_rules.unwrap().value().unwrap();
    assert_eq!(rules, NetworkRuleNames::new(["typed-rule"]));
    let listed = by.list_policies(ListPoliciesRequest::new()).await.unwrap();
    let names: Vec<_> = listed.policies.unwrap().policy.into_iter().map(|one| one.name.unwrap()).collect();
    assert_eq!(names, ["typed-policy"]);
}

async fn points(world: &World) {
    let by = &world.shared;
    let request = CreateApplicationAccessPointRequest::new("typed-app", ["typed-policy"]);
    by.create_application_access_point(request.description("before")).await.unwrap();
    let request = UpdateApplicationAccessPointRequest::new("typed-app").description("after");
    by.update_application_access_point(request).await.unwrap();
    let request = DescribeApplicationAccessPointRequest::new("typed-app");
    let shown = by.describe_application_access_point(request).await.unwrap();
    assert_eq!(shown.policies.unwrap().value().unwrap(), ["typed-policy"]);
    assert_eq!(shown.description.as_deref(), Some("after"));
    let listed = by.list_application_access_points(ListApplicationAccessPointsRequest::new()).await.unwrap();
    let listed = listed.application_access_points.unwrap().application_access_point;
    assert_eq!(listed.iter().map(|one| one.name.as_deref().unwrap()).collect::<Vec<_>>(), ["typed-app"]);
}

/// A client that signs with the key.
fn client(world: &World, id: &str, private: &SecretText) -> Client {
    let file = serde_json::json!({ "KeyId": id, "PrivateKeyData": private.expose() }).to_string();
    Client::builder()
        .endpoint(world.server.https().to_string())
        .ca_file(world.server.ca_file())
        .client_key(ClientKey::from_json(&file, &ClientKeyPassword::new(PASSWORD)).unwrap())
        .retry(RetryPolicy::none())
        .build()
        .unwrap()
}

pub async fn from_rule_to_client_key(world: &World) {
    let by = &world.shared;
    by.create_secret(CreateSecretRequest::new("typed/app", "v1", "for the app")).await.unwrap();
    by.create_secret(CreateSecretRequest::new("typed/other", "v1", "for others")).await.unwrap();
    rules(world).await;
    policies(world).await;
    points(world).await;
    let made = by.create_client_key(CreateClientKeyRequest::new("typed-app", PASSWORD)).await.unwrap();
    let id = made.client_key_id.unwrap();
    assert_eq!(made.key_algorithm, Some(ClientKeyAlgorithm::RSA_2048));
    let shown = by.get_client_key(GetClientKeyRequest::new(&*id)).await.unwrap();
    assert_eq!(
        (shown.aap_name.as_deref(), shown.key_origin),
        (Some("typed-app"), Some(ClientKeyOrigin::KMS_PROVIDED))
    );
    let listed = by.list_client_keys(ListClientKeysRequest::new().aap_name("typed-app")).await.unwrap();
    assert_eq!(listed.client_keys[0].client_key_id.as_ref(), Some(&id));

    let app = client(world, &id, &made.private_key_data.unwrap());
    let get = |name: &str| GetSecretValueRequest::new(name);
    assert_eq!(app.get_secret_value(get("typed/app")).await.unwrap().secret_data.expose(), "for the app");
    refused(app.get_secret_value(get("typed/other")).await, 403, "Forbidden.NoPermission");
    by.delete_client_key(DeleteClientKeyRequest::new(&*id)).await.unwrap();
    let error: Error = app.get_secret_value(get("typed/app")).await.unwrap_err();
    assert!(matches!(error.status(), Some(400..=404)), "{error}");

    let gone = DeleteApplicationAccessPointRequest::new("typed-app");
    by.delete_application_access_point(gone.clone()).await.unwrap();
    refused(by.delete_application_access_point(gone).await, 404, "Forbidden.ResourceNotFound");
    by.delete_policy(DeletePolicyRequest::new("typed-policy")).await.unwrap();
    by.delete_network_rule(DeleteNetworkRuleRequest::new("typed-rule")).await.unwrap();
    let listed = by.list_network_rules(ListNetworkRulesRequest::new()).await.unwrap();
    assert_eq!(listed.total_count, Some(0));
}
