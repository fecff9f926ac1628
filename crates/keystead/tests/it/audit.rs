//! The audit log of the real binary: every request is in it before its answer, also around `kill -9` and a full disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::mpsc;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::Value;

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};
use crate::signed::{Call, Scheme};
use crate::wire::tcp;

fn segments(home: &Home) -> Vec<PathBuf> {
    let files = fs::read_dir(home.data().join("audit")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect();
    files.sort();
    files
}

/// Every record that is with the kernel, in a file or in the buffer; a last line without an end is being written.
fn records(home: &Home) -> Vec<Value> {
    let mut records = BTreeMap::new();
    for path in segments(home) {
        let text = fs::read_to_string(path).unwrap();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        records.extend(whole.lines().map(|line| numbered(line.as_bytes()).unwrap()));
    }
    for name in ["pending-0", "pending-1"] {
        let half = fs::read(home.data().join("audit").join(name)).unwrap_or_default();
        records.extend(half.split(|byte| *byte == b'\n').map_while(numbered));
    }
    records.into_values().collect()
}

fn numbered(line: &[u8]) -> Option<(u64, Value)> {
    let record: Value = serde_json::from_slice(line).ok()?;
    Some((record["seq"].as_u64()?, record))
}

fn by_request(home: &Home) -> BTreeMap<String, Vec<Value>> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for record in records(home) {
        if let Some(id) = record["requestId"].as_str() {
            found.entry(id.to_owned()).or_default().push(record);
        }
    }
    found
}

fn verify(home: &Home, more: &[&str]) -> Output {
    home.run(home.command("audit").arg("verify").arg("--data-dir").arg(home.data()).args(more))
}

/// Sees that the log is whole; gives what was printed.
#[track_caller]
fn whole(home: &Home, more: &[&str]) -> String {
    let output = verify(home, more);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_request_is_in_the_log_before_its_answer() {
    let home = Home::new();
    let server = home.start();
    let named = |id: &str| by_request(&home).remove(id).unwrap_or_else(|| panic!("{id} is not recorded"));
    let made = Call::new("CreateKey").header("user-agent", "it/1").send(&server).good();
    let key = made.json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let record = &named(&made.field("RequestId"))[0];
    assert_eq!((&record["userAgent"], &record["sourceIpAddress"]), (&"it/1".into(), &"127.0.0.1".into()));
    assert_eq!(record["userIdentity"]["accessKeyId"], ACCESS_KEY_ID);
    assert_eq!(record["eventSource"], server.http().to_string());
    for (call, name, code) in [
        (Call::new("Encrypt").query("KeyId", &key).query("Plaintext", "x"), "Encrypt", None),
        (Call::new("Encrypt").scheme(Scheme::V1).query("KeyId", &key), "Encrypt", Some("MissingPlaintext")),
        (Call::new("DescribeKey").query("KeyId", "none"), "DescribeKey", Some("Forbidden.KeyNotFound")),
        (Call::new("Encrypt").wrongly_signed(), "Encrypt", Some("SignatureDoesNotMatch")),
        (Call::new("Encrypt").key("LTAIunknown", "x"), "Encrypt", Some("InvalidAccessKeyId.NotFound")),
        (Call::new("NoSuchThing"), "NoSuchThing", Some("InvalidAction.NotFound")),
    ] {
        let known = !matches!(
            code,
            Some("SignatureDoesNotMatch" | "InvalidAccessKeyId.NotFound" | "InvalidAction.NotFound")
        );
        let answer = call.send(&server);
        let record = &named(&answer.field("RequestId"))[0];
        assert_eq!(
            (&record["eventName"], &record["errorCode"]),
            (&name.into(), &Value::from(code)),
            "{record}"
        );
        let kind = if known { "root-account" } else { "anonymous" };
        assert_eq!(record["userIdentity"]["type"], kind, "{record}");
        assert_eq!(record["additionalEventData"]["httpStatus"], answer.status);
    }
    // What is no call at all is recorded as well.
    let nothing = tcp(server.http()).send(b"GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n").answer();
    assert_eq!(named(&nothing.field("RequestId"))[0]["additionalEventData"]["httpStatus"], nothing.status);

    // While it is served, and after.
    whole(&home, &[]);
    let key = home.run(home.command("audit").arg("key").arg("--data-dir").arg(home.data()));
    assert!(key.status.success());
    let metrics = tcp(server.ops()).send(b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").answer().text();
    assert!(metrics.contains("\nkeystead_audit_broken 0\n"), "{metrics}");
    server.stop();
    let printed = whole(&home, &[]);
    let head = printed.lines().find_map(|line| line.strip_prefix("last head: ")).unwrap().to_owned();
    assert!(printed.contains("not sealed yet: 0 records"), "{printed}");
    let public = home.path("audit.pem");
    fs::write(&public, &key.stdout).unwrap();
    whole(&home, &["--head", &head, "--key", public.to_str().unwrap()]);

    // One byte is changed.
    let path = segments(&home).remove(0);
    let text = fs::read_to_string(&path).unwrap();
    let line = text.lines().position(|line| line.contains("it/1")).unwrap() + 1;
    fs::write(&path, text.replacen("it/1", "it/2", 1)).unwrap();
    let output = verify(&home, &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = format!("{}:{line}: record {line} was changed", path.display());
    assert!(error.contains(&told), "{error}");
}

/// Rounds of the kill test, and acknowledged writes after which each is ended.
const ROUNDS: [usize; 5] = [3, 20, 57, 90, 150];
const WRITERS: usize = 4;

#[test]
fn around_kill_9_no_change_is_without_its_record_and_no_record_without_its_change() {
    let home = Home::new();
    let mut answered = BTreeSet::new();
    for (round, writes) in ROUNDS.into_iter().enumerate() {
        answered.extend(write_until_killed(home.start(), round, writes));
    }
    let server = home.start();
    server.assert_well();
    let found = by_request(&home);
    let mut recovered = 0;
    let mut created = BTreeSet::new();
    for (id, records) in &found {
        assert_eq!(records.len(), 1, "{id} is recorded twice");
        let record = &records[0];
        recovered += usize::from(record["recovered"] == true);
        let changes = record["additionalEventData"]["changedRecords"].as_array();
        for change in changes.into_iter().flatten().filter_map(Value::as_str) {
            if ["+key/", "+secret/"].iter().any(|prefix| change.starts_with(prefix)) {
                created.insert(change[1..].to_owned());
            }
        }
    }
    for id in &answered {
        assert!(found.contains_key(id), "{id} was answered and is not recorded");
    }
    whole(&home, &[]);
    server.stop();
    whole(&home, &[]);
    // The store itself says what there is.
    let store = home.data();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut stored = BTreeSet::new();
    runtime.block_on(async {
        use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
        use keystead_store::{Range, Store as _};
        let store = EmbeddedStore::open(&store, EmbeddedOptions::default()).unwrap();
        for kind in ["key/", "secret/"] {
            let mut after = None;
            loop {
                let records = store.scan(Range::prefix(kind), after, 500).await.unwrap();
                let Some(last) = records.last() else { break };
                after = Some(last.key.clone());
                stored.extend(records.into_iter().map(|record| record.key));
            }
        }
        let left = store.scan(Range::prefix("audit-outbox/"), None, 10).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    });
    assert!(stored.len() > 200, "{}", stored.len());
    assert_eq!(created, stored, "left is what is recorded, right what is stored; {recovered} were recovered");
}

/// Several clients write at once until the server dies under them. Gives the requests that were answered.
fn write_until_killed(server: Server, round: usize, writes: usize) -> Vec<String> {
    let address = server.http();
    let (sender, receiver) = mpsc::channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut connection = tcp(address);
                let host = address.to_string();
                for number in 0.. {
                    let call = if number % 2 == 0 {
                        Call::new("CreateKey")
                    } else {
                        let name = format!("s-{round}-{writer}-{number}");
                        let call = Call::new("CreateSecret").query("SecretName", name);
                        call.query("VersionId", "1").form("SecretData", "value")
                    };
                    if connection.stream.write_all(&call.bytes(&host)).is_err() {
                        return;
                    }
                    let Ok(Some(answer)) = connection.next() else { return };
                    let _ = sender.send(answer.good().field("RequestId"));
                }
            })
        })
        .collect();
    drop(sender);
    let mut answered: Vec<String> = receiver.iter().take(writes).collect();
    server.kill();
    answered.extend(receiver.iter());
    for writer in writers {
        writer.join().unwrap();
    }
    answered
}

/// Bytes that a file may have in the test of a full disk.
const FULL: u64 = 512 << 10;

#[test]
fn when_the_log_cannot_be_written_requests_fail_and_work_again_when_it_can() {
    let home = Home::new();
    let server = home.start();
    let key = Call::new("CreateKey").send(&server).good().json()["KeyMetadata"]["KeyId"]
        .as_str()
        .unwrap()
        .to_owned();
    server.stop();
    // A limit on the size of files stands for the full disk; its signal is ignored, so that writes answer EFBIG.
    let plain = home.serve();
    let mut command = Command::new("/bin/sh");
    home.prepare(&mut command);
    command.arg("-c").arg("trap '' XFSZ; exec \"$0\" serve").arg(plain.get_program());
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.env("KEYSTEAD_LOG", "info");
    let server = home.start_with(&mut command);
    let limit = |bytes| {
        let pid = Pid::from_raw(i32::try_from(server.pid()).unwrap());
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(pid, Resource::Fsize, limit).unwrap();
    };
    limit(Some(FULL));
    let mut connection = tcp(server.http());
    let host = server.http().to_string();
    let encrypt = || Call::new("Encrypt").query("KeyId", &key).query("Plaintext", "x");
    let mut good = 0;
    let refused = loop {
        let answer = connection.send(&encrypt().bytes(&host)).answer();
        if answer.status != 200 {
            break answer;
        }
        good += 1;
        assert!(good < 10_000, "the log does not get full");
    };
    refused.refused(503, "ServiceUnavailableTemporary");
    assert!(good > 100);
    // Nothing is changed of which nobody would know.
    connection
        .send(&Call::new("CreateKey").bytes(&host))
        .answer()
        .refused(503, "ServiceUnavailableTemporary");
    connection.send(&Call::new("ListKeys").bytes(&host)).answer().refused(503, "ServiceUnavailableTemporary");
    let metrics = tcp(server.ops()).send(b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").answer().text();
    assert!(metrics.contains("\nkeystead_audit_broken 1\n"), "{metrics}");
    limit(None);
    connection.send(&encrypt().bytes(&host)).answer().good();
    let keys = connection.send(&Call::new("ListKeys").bytes(&host)).answer().good();
    assert_eq!(keys.json()["TotalCount"], 1);
    connection.send(&Call::new("CreateKey").bytes(&host)).answer().good();
    server.stop();
    let printed = whole(&home, &[]);
    assert!(!printed.contains("half written"), "{printed}");
    assert!(home.log().contains("the audit log can be written again"));
    assert!(!home.log().contains(ACCESS_KEY_SECRET));
}

#[test]
fn the_log_is_where_the_configuration_says_or_nowhere() {
    let home = Home::new();
    let elsewhere = home.path("elsewhere");
    let mut command = home.serve();
    command.arg("--audit-dir").arg(&elsewhere).args(["--audit-sync", "always"]);
    let server = home.start_with(&mut command);
    Call::new("ListKeys").send(&server).good();
    server.stop();
    assert!(!home.data().join("audit").exists());
    whole(&home, &["--dir", elsewhere.to_str().unwrap()]);
    let server = home.start_with(home.serve().arg("--audit-enabled=false"));
    Call::new("ListKeys").send(&server).good();
    server.stop();
    assert!(!home.data().join("audit").exists());
    let error = home.refused(home.serve().args(["--audit-segment-mib", "0"]));
    assert!(error.contains("audit.segment_mib"), "{error}");
    // A folder that cannot be used: no server without its log.
    let error = home.refused(home.serve().arg("--audit-dir").arg(home.path("log").join("x")));
    assert!(error.contains("audit"), "{error}");
}

#[test]
fn what_is_done_on_a_closed_folder_is_in_the_log_of_its_last_server() {
    let home = Home::new();
    let dir = home.path("elsewhere");
    let serve = || {
        let mut serve = home.serve();
        serve.arg("--audit-dir").arg(&dir).args(["--region", "cn-beijing"]);
        serve
    };
    home.start_with(&mut serve()).stop();
    let account = home.run(
        home.command("account")
            .arg("create")
            .arg("--data-dir")
            .arg(home.data())
            .arg("--access-key-file")
            .arg(home.path("a.ini")),
    );
    let account: Value = serde_json::from_slice(&account.stdout).unwrap();
    let instance = home.run(home.command("instance").arg("create").arg("--data-dir").arg(home.data()));
    let instance: Value = serde_json::from_slice(&instance.stdout).unwrap();
    assert!(instance["instance_id"].as_str().unwrap().starts_with("kst-bjj"), "{instance}");
    let server = home.start_with(&mut serve());
    let role = Call::new("CreateRole")
        .version("2015-05-01")
        .query("RoleName", "app")
        .query("AssumeRolePolicyDocument", r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ecs.aliyuncs.com"]}}]}"#)
        .send(&server)
        .good();
    let arn = role.json()["Role"]["Arn"].as_str().unwrap().to_owned();
    server.stop();
    let revoked =
        home.run(home.command("revoke-sessions").arg("--data-dir").arg(home.data()).args(["--role", &arn]));
    assert!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));

    assert!(!home.data().join("audit").exists(), "another log was begun");
    let mut text = String::new();
    for entry in fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_some_and(|extension| extension == "jsonl") {
            text.push_str(&fs::read_to_string(entry).unwrap());
        }
    }
    for (name, resource) in [
        ("CreateAccount", account["account_id"].as_str().unwrap()),
        ("CreateKmsInstance", instance["instance_id"].as_str().unwrap()),
        ("RevokeSessions", "app"),
    ] {
        let record = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .find(|record| record["eventName"] == name)
            .unwrap_or_else(|| panic!("{name} is not recorded"));
        assert_eq!(record["resourceName"], resource, "{record}");
    }
    whole(&home, &["--dir", dir.to_str().unwrap()]);
}
