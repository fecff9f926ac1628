//! What operators do, and what is given to this machine's programs, stands in the audit log too.

use keystead_crypto::SystemRandom;
use keystead_service::install::RootAccessKey;
use keystead_service::{Origin, audit::Outcome};
use serde_json::json;

use crate::audited::Audited;
use crate::harness::World;

const TRUST: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ecs.aliyuncs.com"]}}]}"#;

#[tokio::test]
async fn what_operators_do_is_recorded() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let engine = &audited.client.engine;
    let account = engine.create_account(&RootAccessKey::generate(&SystemRandom).unwrap()).await.unwrap();
    let made = &audited.named("CreateAccount")[0];
    assert_eq!(
        (made["userIdentity"]["type"].as_str(), made["resourceName"].as_str()),
        (Some("system"), Some(&*account))
    );
    let changed = made["additionalEventData"]["changedRecords"].to_string();
    assert!(changed.contains(&format!("+account/{account}")), "{changed}");

    audited.client.ok("ram:CreateRole", &[("RoleName", "app"), ("AssumeRolePolicyDocument", TRUST)]).await;
    let arn = format!("acs:ram::{}:role/app", audited.client.account());
    let valid_from = engine.revoke_sessions(&arn).await.unwrap();
    assert!(valid_from > engine.now());
    let revoked = audited.named("RevokeSessions");
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0]["resourceType"], "ACS::RAM::Role");
    assert_eq!(revoked[0]["resourceName"], "app");
    assert!(engine.revoke_sessions(&arn.replace("app", "none")).await.is_err());
    assert_eq!(audited.named("RevokeSessions").len(), 1, "nothing was changed");
    audited.close().await;
    audited.verify().unwrap();
}

#[tokio::test]
async fn a_machines_session_is_recorded_and_so_is_its_refusal() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let engine = &audited.client.engine;
    audited.client.ok("ram:CreateRole", &[("RoleName", "app"), ("AssumeRolePolicyDocument", TRUST)]).await;
    let account = audited.client.account().to_owned();

    let recording = audited.begin();
    let origin = Origin::local("r");
    engine.machine_session(&account, "app", "machine", &origin, recording.trail()).await.unwrap();
    recording.finish(Outcome::GOOD).await.unwrap();
    let recording = audited.begin();
    engine.machine_session(&account, "none", "machine", &origin, recording.trail()).await.unwrap_err();
    let refused = Outcome { status: 404, error_code: Some("EntityNotExist.Role") };
    recording.finish(refused).await.unwrap();
    audited.close().await;

    let records = audited.named("AssumeRole");
    assert_eq!(records.len(), 2);
    let arn = format!("acs:ram::{account}:role/app");
    assert_eq!(records[0]["userIdentity"]["type"], "system");
    assert_eq!(records[0]["requestParameters"]["RoleArn"], arn);
    assert_eq!(records[0]["additionalEventData"]["decision"], "Allow");
    assert_eq!(records[0]["referencedResources"]["ACS::RAM::Role"], json!(["app"]));
    assert_eq!(records[1]["errorCode"], "EntityNotExist.Role");
    // The first session made the ring that its token is sealed under.
    assert_eq!(audited.named("RenewTokenKeys").len(), 1);
    audited.verify().unwrap();
}
