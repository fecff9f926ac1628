//! What stands in the audit log, and that no change of state is without its record.

use std::sync::Arc;

use keystead_api::ErrorCode;
use keystead_service::audit::Outcome;
use keystead_service::rotation::DriverError;
use keystead_store::Range;
use keystead_store::faulty::{FaultyStore, Moment};
use serde_json::{Value, json};

use crate::actors;
use crate::audited::{Audited, SOURCE, end};
use crate::harness::{REGION, START_TEXT, World, in_time, text};
use crate::system::{ADMIN, Fault, ID, Place, System};

/// Events that the store still has.
async fn outboxed(world: &World) -> Vec<Value> {
    let records = world.store.scan(Range::prefix("audit-outbox/"), None, 100).await.unwrap();
    let parse = |value: Vec<u8>| serde_json::from_slice(&[b"{", &value[..], b"}"].concat()).unwrap();
    records.into_iter().map(|record| parse(record.value)).collect()
}

#[tokio::test]
async fn a_record_says_who_did_what_to_which_resource_and_how_it_ended() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let account = audited.client.account().to_owned();
    let made = audited.call("CreateKey", &[("Description", "for\n\"tests\"")]).await.unwrap();
    let key = text(&made["KeyMetadata"]["KeyId"]);
    let context =
        [("KeyId", key.as_str()), ("Plaintext", "attack at dawn"), ("EncryptionContext", r#"{"a":"b"}"#)];
    audited.call("Encrypt", &context).await.unwrap();
    let error = audited.call("DescribeKey", &[("KeyId", "key-none")]).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ForbiddenKeyNotFound);
    audited.close().await;

    let records = audited.named("Encrypt");
    let [record] = &records[..] else { panic!("{records:?}") };
    let id = text(&record["requestId"]);
    let latency = &record["additionalEventData"]["latencyMicros"];
    assert!(latency.is_u64(), "{record}");
    assert_eq!(
        *record,
        json!({
            "seq": record["seq"],
            "prev": record["prev"],
            "eventVersion": 1,
            "eventId": id,
            "requestId": id,
            "eventType": "ApiCall",
            "eventTime": START_TEXT,
            "eventName": "Encrypt",
            "eventRW": "Read",
            "eventSource": "kms.example.com",
            "serviceName": "Kms",
            "apiVersion": "2016-01-20",
            "acsRegion": REGION,
            "sourceIpAddress": SOURCE,
            "userAgent": "tests/1.0",
            "userIdentity": {
                "type": "root-account",
                "accountId": account,
                "principalId": account,
                "userName": "root",
                "accessKeyId": world.access_key_id,
            },
            "requestParameters": {"KeyId": key, "EncryptionContext": r#"{"a":"b"}"#},
            "referencedResources": {"ACS::KMS::Key": [key]},
            "additionalEventData": {
                "decision": "Allow",
                "httpStatus": 200,
                "latencyMicros": latency,
            },
            "hash": record["hash"],
        })
    );
    let created = &audited.named("CreateKey")[0];
    assert_eq!(created["eventRW"], "Write");
    assert_eq!(created["requestParameters"]["Description"], "for\n\"tests\"");
    let changes = created["additionalEventData"]["changedRecords"].as_array().unwrap();
    assert!(changes.contains(&json!(format!("+key/{account}/{key}"))), "{created}");
    assert_eq!(created["referencedResources"]["ACS::KMS::Key"], json!([key]));
    let refused = &audited.named("DescribeKey")[0];
    assert_eq!(refused["errorCode"], "Forbidden.KeyNotFound");
    assert_eq!(refused["additionalEventData"]["httpStatus"], 404);
    assert_eq!(audited.verify().unwrap().unsealed, 0);
}

#[tokio::test]
async fn decisions_that_do_not_follow_from_the_rest_are_told_each_for_itself() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let account = audited.client.account().to_owned();
    let key = text(&audited.call("CreateKey", &[]).await.unwrap()["KeyMetadata"]["KeyId"]);
    let secret =
        [("SecretName", "s"), ("VersionId", "1"), ("SecretData", "value"), ("EncryptionKeyId", key.as_str())];
    audited.call("CreateSecret", &secret).await.unwrap();
    audited.call("GetSecretValue", &[("SecretName", "s")]).await.unwrap();
    let user = actors::user(&audited.client, "alice", &[]).await;
    let audited = audited.for_caller(actors::sign_in(&audited.client, &user).await.unwrap());
    audited.call("GetSecretValue", &[("SecretName", "s")]).await.unwrap_err();
    audited.close().await;

    let records = audited.named("GetSecretValue");
    let arn = |resource: &str| format!("acs:kms:{REGION}:{account}:{resource}");
    let [allowed, denied] = [0, 1].map(|index| &records[index]["additionalEventData"]);
    assert_eq!(allowed["decision"], "Allow");
    assert_eq!(
        allowed["decisions"],
        json!([{"action": "kms:Decrypt", "resource": arn(&format!("key/{key}")), "effect": "Allow"}])
    );
    assert_eq!(denied["decision"], "Deny");
    assert_eq!(
        denied["decisions"],
        json!([{"action": "kms:GetSecretValue", "resource": arn("secret/s"), "effect": "Deny"}])
    );
}

#[tokio::test]
async fn what_is_long_is_cut_and_what_is_secret_is_left_out() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let long = "ä".repeat(2_000);
    let params =
        [("SecretName", "s"), ("VersionId", "1"), ("SecretData", "the-value-itself"), ("Description", &long)];
    audited.call("CreateSecret", &params).await.unwrap();
    let names: Vec<String> = (1..=30).map(|number| format!("Tag.{number}.Key")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "k")).collect();
    let _ = audited.call("TagResources", &many).await;
    audited.close().await;
    let record = &audited.named("CreateSecret")[0];
    let shown = text(&record["requestParameters"]["Description"]);
    assert_eq!(shown, "ä".repeat(128));
    assert_eq!(record["requestParameters"].get("SecretData"), None);
    let whole: String = audited.records().iter().map(Value::to_string).collect();
    assert!(!whole.contains("the-value-itself"));
    let tags = audited.named("TagResources")[0]["requestParameters"].as_object().unwrap().len();
    assert!(tags <= 20, "{tags}");
}

#[tokio::test]
async fn an_event_is_part_of_the_commit_and_leaves_the_store_when_it_is_in_the_log() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let recording = audited.begin();
    let id = recording.trail().request_id().to_owned();
    let result = audited.run(&recording, "CreateKey", &[]).await;
    let key = text(&result.as_ref().unwrap()["KeyMetadata"]["KeyId"]);
    let waiting = outboxed(&world).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["eventId"], id);
    assert_eq!(waiting[0]["referencedResources"]["ACS::KMS::Key"], json!([key]));

    // The crash before the record was written: another log gets it from the store.
    let other = audited.beside(&world).await;
    let recovered = other.named("CreateKey");
    assert_eq!(recovered.len(), 1);
    assert_eq!((&recovered[0]["recovered"], &recovered[0]["eventId"]), (&json!(true), &json!(id)));
    assert!(outboxed(&world).await.is_empty(), "it is in a log now");
    other.verify().unwrap();

    end(recording, &result).await.unwrap();
    audited.close().await;
    assert_eq!(audited.named("CreateKey").len(), 1);
}

#[tokio::test]
async fn what_is_in_the_log_already_is_not_written_twice() {
    let world = World::new().await;
    // Its view of the store loses the removal of events, as if the crash had come before it.
    let faulty = FaultyStore::new(world.store.clone());
    let audited = Audited::with(&world, faulty.clone(), |_| {}).await;
    for _ in 0..5 {
        audited.call("CreateKey", &[]).await.unwrap();
        audited.call("ListKeys", &[]).await.unwrap();
    }
    let recording = audited.begin();
    let unfinished = audited.run(&recording, "CreateKey", &[]).await;
    let waiting = outboxed(&world).await.len();
    assert!(waiting >= 1);
    let after = audited.after_a_crash(&world).await;
    let created = after.named("CreateKey");
    assert_eq!(created.len(), 6, "five from the log, one from the store");
    assert_eq!(created.iter().filter(|record| record["recovered"] == true).count(), 1);
    assert!(outboxed(&world).await.is_empty());
    after.verify().unwrap();
    end(recording, &unfinished).await.unwrap();
}

#[tokio::test]
async fn a_commit_of_which_nothing_is_known_is_recorded_with_what_it_may_have_changed() {
    for moment in [Moment::Before, Moment::After] {
        let world = World::new().await;
        let faulty = FaultyStore::new(world.store.clone());
        let audited = Audited::with(&world, faulty.clone(), |_| {}).await;
        faulty.fail_commit(1, moment);
        let error = audited.call("CreateKey", &[]).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InternalFailure);
        let keys = world.store.scan(Range::prefix("key/"), None, 10).await.unwrap();
        assert_eq!(keys.len(), usize::from(moment == Moment::After));
        audited.close().await;
        let record = &audited.named("CreateKey")[0];
        assert_eq!(record["errorCode"], "InternalFailure");
        for key in keys {
            let changes = record["additionalEventData"]["changedRecords"].as_array().unwrap();
            assert!(changes.contains(&json!(format!("+{}", key.key))), "{record}");
        }
        assert!(outboxed(&world).await.is_empty());
    }
}

#[tokio::test]
async fn a_conflict_leaves_no_event() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let secret = [("SecretName", "s"), ("VersionId", "1"), ("SecretData", "x")];
    let (first, second) =
        tokio::join!(audited.call("CreateSecret", &secret), audited.call("CreateSecret", &secret));
    assert!(first.is_ok() != second.is_ok());
    audited.close().await;
    let records = audited.named("CreateSecret");
    let refused: Vec<_> = records.iter().filter(|record| record.get("errorCode").is_some()).collect();
    assert_eq!((records.len(), refused.len()), (2, 1));
    let changes = &refused[0]["additionalEventData"].get("changedRecords");
    assert_eq!(*changes, None, "what was tried and did not happen is no change");
    assert!(outboxed(&world).await.is_empty());
}

#[tokio::test]
async fn a_request_whose_client_leaves_is_recorded() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let recording = audited.begin();
    audited.run(&recording, "CreateKey", &[]).await.unwrap();
    drop(recording);
    // One that is still at its commit.
    let recording = audited.begin();
    {
        let mut call = std::pin::pin!(audited.run(&recording, "CreateKey", &[]));
        std::future::poll_fn(|context| {
            let _ = call.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
    }
    drop(recording);
    in_time(async {
        while audited.named("CreateKey").len() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    audited.close().await;
    for record in audited.named("CreateKey") {
        assert_eq!(record["errorCode"], "ClientClosedRequest");
        assert_eq!(record["additionalEventData"]["httpStatus"], 499);
    }
}

#[tokio::test]
async fn requests_without_a_caller_are_recorded_up_to_a_number_and_then_counted() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    let refused = Outcome { status: 400, error_code: Some("SignatureDoesNotMatch") };
    for _ in 0..130 {
        let recording = audited.begin();
        recording.trail().claimed("Encrypt", "LTAIsomebody");
        recording.finish(refused).await.unwrap();
    }
    // A caller's own requests are recorded, however many there are.
    audited.call("ListKeys", &[]).await.unwrap();
    audited.close().await;
    let recorded = audited.named("Encrypt");
    assert_eq!(recorded.len(), 100);
    assert_eq!(recorded[0]["userIdentity"], json!({"type": "anonymous"}));
    assert_eq!(recorded[0]["additionalEventData"]["claimedAccessKeyId"], "LTAIsomebody");
    let summaries = audited.named("AuditSummary");
    let counted: u64 = summaries.iter().map(|summary| summary["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, 30);
    assert_eq!(summaries[0]["sourceIpAddress"], SOURCE);
    assert_eq!(audited.client.engine.audit_stats().unwrap().counted, 30);
    assert_eq!(audited.named("ListKeys").len(), 1);
    audited.verify().unwrap();
}

#[tokio::test]
async fn what_the_service_does_by_itself_is_recorded() {
    let world = World::new().await;
    let system = System::new(&[("app", "password-of-app")]);
    let audited = Audited::rotating(&world, Arc::new(system.clone())).await;
    let made = audited.call("CreateKey", &[]).await.unwrap();
    let key = text(&made["KeyMetadata"]["KeyId"]);
    let params = [("KeyId", key.as_str()), ("PendingWindowInDays", "7")];
    audited.call("ScheduleKeyDeletion", &params).await.unwrap();
    world.clock.advance(7 * 86_400);
    audited.client.engine.carry_out_due().await.unwrap();
    let deleted = audited.named("DeleteKey");
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["eventType"], "AliyunServiceEvent");
    assert_eq!(deleted[0]["userIdentity"], json!({"type": "system", "accountId": audited.client.account()}));
    assert_eq!(deleted[0]["resourceName"], key);
    assert_eq!(deleted[0].get("errorCode"), None);

    let admin = [("SecretName", ADMIN), ("VersionId", "1"), ("SecretData", "let-me-in")];
    audited.call("CreateSecret", &admin).await.unwrap();
    let data = r#"{"Accounts":[{"AccountName":"app","AccountPassword":"password-of-app"}]}"#;
    let config = format!(r#"{{"SecretSubType":"SingleUser","DBInstanceId":"{ID}"}}"#);
    let secret = [
        ("SecretName", "db/app"),
        ("VersionId", "1"),
        ("SecretType", "Rds"),
        ("SecretData", data),
        ("ExtendedConfig", &config),
        ("EnableAutomaticRotation", "true"),
        ("RotationInterval", "7d"),
    ];
    audited.call("CreateSecret", &secret).await.unwrap();
    world.clock.advance(7 * 86_400);
    system.fault(Place::Set, Fault::Fails(DriverError::refused("not today")));
    audited.client.engine.carry_out_due().await.unwrap();
    let rotations = audited.named("RotateSecret");
    assert_eq!(rotations.len(), 1, "{rotations:?}");
    assert!(rotations[0]["errorCode"].is_string(), "{}", rotations[0]);
    assert_eq!(rotations[0]["resourceName"], "db/app");
    // One that is asked for is two: the call, and the service's own work that it caused.
    system.mend();
    audited.call("RotateSecret", &[("SecretName", "db/app"), ("VersionId", "asked")]).await.unwrap();
    let rotations = audited.named("RotateSecret");
    let [_, work, call] = &rotations[..] else { panic!("{rotations:?}") };
    assert_eq!(call["eventType"], "ApiCall");
    assert_eq!((&work["eventType"], &work["causedBy"]), (&json!("AliyunServiceEvent"), &call["requestId"]));
    audited.close().await;
    assert!(outboxed(&world).await.is_empty());
    audited.verify().unwrap();
    let whole: String = audited.records().iter().map(Value::to_string).collect();
    assert!(!whole.contains("password-of-app") && !whole.contains("let-me-in"));
}
