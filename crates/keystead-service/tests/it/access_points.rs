//! Network rules, policies, access points and client keys through their operations.

use keystead_service::ClientKeyFailure;

use crate::applications::{Application, Policy, SECRET_USER, make_point, make_policy, make_rule};
use crate::harness::client;

#[tokio::test]
async fn an_application_reads_a_secret_through_the_shared_gateway_and_does_nothing_else() {
    let client = client().await;
    client.ok("CreateSecret", &[("SecretName", "app/db"), ("VersionId", "v1"), ("SecretData", "eA==")]).await;
    make_rule(&client, "inside", &["127.0.0.0/8"]).await;
    let policy = Policy {
        name: "secrets",
        scope: "shared",
        permissions: &[SECRET_USER],
        resources: &["secret/*"],
        rules: &["inside"],
    };
    make_policy(&client, policy).await;
    make_point(&client, "app", &["secrets"]).await;
    let application = Application::new(&client, "app").await;
    let caller = application.client(&client).await.unwrap();
    let got = caller.ok("GetSecretValue", &[("SecretName", "app/db")]).await;
    assert_eq!(got["SecretData"], "eA==");
    let failed = client.engine.authenticate_client_key(&application.id, "another", &[0; 256]).await;
    assert!(matches!(failed, Err(ClientKeyFailure::Signature)));
}
