//! Work that falls due is done by a server that runs, also when it fell due while none did.

use std::time::{Duration, Instant};

use keystead_service::records::{DueKind, KeyRecord, path};
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Batch, Range, Store as _};
use serde_json::Value;

use crate::server::{Home, Server};
use crate::signed::Call;
use crate::wire::tcp;

const DAY: i64 = 86_400;

fn metrics(server: &Server) -> String {
    tcp(server.ops()).send(b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").answer().good().text()
}

fn described(server: &Server, key: &str) -> Value {
    Call::new("DescribeKey").query("KeyId", key).send(server).good().json()["KeyMetadata"].clone()
}

/// Lets a key become so much older, while no server runs: its dates and the work that they make due.
fn make_older(home: &Home, key: &str, seconds: i64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = EmbeddedStore::open(&home.data(), EmbeddedOptions::default()).unwrap();
        let mut batch = Batch::new();
        for entry in store.scan(Range::prefix(path::DUE), None, 100).await.unwrap() {
            let Some(kind) = DueKind::find(entry.key.split('/').nth(2).unwrap()) else {
                panic!("{}", entry.key)
            };
            if entry.key.ends_with(key) {
                let at: i64 = entry.key.split('/').nth(1).unwrap().parse().unwrap();
                let account = entry.key.split('/').nth(3).unwrap();
                let at = keystead_api::Timestamp(at - seconds);
                batch.delete(entry.key.as_str()).put(path::due(at, kind, account, key), "due", 1, *b"{}");
            }
        }
        let keys = store.scan(Range::prefix("key/"), None, 100).await.unwrap();
        let record = keys.iter().find(|record| record.key.ends_with(key)).unwrap();
        let mut value: KeyRecord = serde_json::from_slice(&record.value).unwrap();
        value.last_rotation.0 -= seconds;
        value.delete_date = value.delete_date.map(|date| date.plus(-seconds));
        batch.replace(record, serde_json::to_vec(&value).unwrap());
        store.commit(batch).await.unwrap();
    });
}

#[test]
fn what_fell_due_while_no_server_ran_is_done_after_the_start() {
    let home = Home::new();
    let server = home.start();
    let rotating = Call::new("CreateKey")
        .query("EnableAutomaticRotation", "true")
        .query("RotationInterval", "7d")
        .send(&server)
        .good();
    let rotating = rotating.json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let going = Call::new("CreateKey").send(&server).good().json()["KeyMetadata"]["KeyId"]
        .as_str()
        .unwrap()
        .to_owned();
    let sealed =
        Call::new("Encrypt").query("KeyId", &rotating).query("Plaintext", "kept").send(&server).good();
    Call::new("ScheduleKeyDeletion")
        .query("KeyId", &going)
        .query("PendingWindowInDays", "7")
        .send(&server)
        .good();
    let first = described(&server, &rotating)["PrimaryKeyVersion"].clone();
    assert!(metrics(&server).contains("keystead_due_work_total{kind=\"key-rotation\"} 0"));
    server.stop();
    make_older(&home, &rotating, 30 * DAY);
    make_older(&home, &going, 30 * DAY);

    let server = home.start();
    let deadline = Instant::now() + Duration::from_secs(60);
    let done =
        ["key-rotation", "key-deletion"].map(|kind| format!("keystead_due_work_total{{kind=\"{kind}\"}} 1"));
    while !done.iter().all(|line| metrics(&server).contains(line.as_str())) {
        assert!(Instant::now() < deadline, "{}", home.log());
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_ne!(described(&server, &rotating)["PrimaryKeyVersion"], first);
    let blob = sealed.json()["CiphertextBlob"].as_str().unwrap().to_owned();
    let opened = Call::new("Decrypt").query("CiphertextBlob", &blob).send(&server).good();
    assert_eq!(opened.json()["Plaintext"], "kept");
    Call::new("DescribeKey").query("KeyId", &going).send(&server).refused(404, "Forbidden.KeyNotFound");
    let last = described(&server, &rotating)["PrimaryKeyVersion"].clone();
    server.assert_well();
    server.stop();

    // Once: the next start finds nothing to do.
    let server = home.start();
    assert_eq!(described(&server, &rotating)["PrimaryKeyVersion"], last);
    assert!(metrics(&server).contains("keystead_due_work_failures_total{kind=\"key-rotation\"} 0"));
    server.stop();
}
