//! `instance create`, `instance list` and `instance ca`, through a running server and on a closed folder.

use std::process::Command;
use std::time::{Duration, Instant};

use keystead_service::records::path;
use keystead_store::Store as _;
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use serde_json::Value;

use crate::at_rest::{files, find};
use crate::server::{Home, Server};
use crate::signed::Call;

fn instance(home: &Home, words: &[&str]) -> Command {
    let mut command = home.command("instance");
    command.args(words).arg("--data-dir").arg(home.data());
    command
}

fn output(home: &Home, words: &[&str]) -> String {
    let output = home.run(&mut instance(home, words));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn good(home: &Home, words: &[&str]) -> Value {
    serde_json::from_str(&output(home, words)).unwrap()
}

/// What the API says of an instance.
fn shown(server: &Server, id: &str) -> Value {
    let answer = Call::new("GetKmsInstance").query("KmsInstanceId", id).send(server).good();
    answer.json()["KmsInstance"].clone()
}

#[test]
fn instances_are_made_while_the_folder_is_served_and_while_not() {
    let home = Home::new();
    assert!(home.refused(&mut instance(&home, &["list"])).contains("no data folder"));
    let server = home.start();
    let one = good(&home, &["create", "--name", "payments", "--keys", "5"]);
    let one = one["instance_id"].as_str().unwrap().to_owned();
    let of_api = shown(&server, &one);
    assert_eq!((&of_api["InstanceName"], &of_api["KeyNum"]), (&"payments".into(), &5.into()));
    assert_eq!(of_api["CaCertificateChainPem"], output(&home, &["ca", "--id", &one]).as_str());
    let call = Call::new("CreateKey").query("DKMSInstanceId", one.as_str()).send(&server).good();
    let key = call.json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();

    for (words, text) in [
        (&["create", "--id", "KST-1"][..], "kst- and 1 to 32"),
        (&["create", "--account", "1"], "no such account"),
        (&["create", "--name", &"x".repeat(129)], "at most 128 characters"),
        (&["ca", "--id", "kst-none"], "no instance kst-none"),
    ] {
        let told = home.refused(&mut instance(&home, words));
        assert!(told.contains(text), "{told}");
    }

    server.stop();
    let two = good(&home, &["create", "--id", "kst-two", "--unconnected"]);
    assert_eq!(two["instance_id"], "kst-two");
    assert_eq!(good(&home, &["create", "--id", "kst-two"]), two, "it is there and is left as it is");
    let listed = good(&home, &["list"]);
    let listed: Vec<_> =
        listed["instances"].as_array().unwrap().iter().map(|one| &one["instance_id"]).collect();
    assert_eq!(listed, [one.as_str(), "kst-two"]);
    let server = home.start();
    assert_eq!(shown(&server, "kst-two")["Status"], "Uninitialized");
    Call::new("Encrypt").query("KeyId", key.as_str()).query("Plaintext", "x").send(&server).good();
    server.assert_well();
}

/// The key of an instance as it lies in the store of a folder that is not served.
fn sealed_key(home: &Home, id: &str) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = EmbeddedStore::open(&home.data(), EmbeddedOptions::default()).unwrap();
        let record = store.get(&path::instance(id)).await.unwrap().unwrap();
        let record: Value = serde_json::from_slice(&record.value).unwrap();
        record["sealed_key"].as_str().unwrap().as_bytes().to_vec()
    })
}

/// A released instance's key is in no file of the store any more, not even where a record was.
#[test]
fn the_key_of_a_released_instance_leaves_the_files() {
    let home = Home::new();
    let server = home.start();
    let one = good(&home, &["create"])["instance_id"].as_str().unwrap().to_owned();
    let call = Call::new("CreateKey").query("DKMSInstanceId", one.as_str()).send(&server).good();
    let key = call.json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    server.stop();
    let sealed = sealed_key(&home, &one);
    let server = home.start();
    let in_files = || {
        let files = files(&home.data(), &["root.key"]);
        files.iter().any(|(_, bytes)| find(bytes, &sealed).is_some())
    };
    assert!(in_files());
    let release = Call::new("ReleaseKmsInstance").query("KmsInstanceId", one.as_str());
    release.query("ForceDeleteWithoutBackup", "true").send(&server).good();
    Call::new("DescribeKey").query("KeyId", key.as_str()).send(&server).refused(404, "Forbidden.KeyNotFound");
    // The worker removes the rest and scrubs.
    let deadline = Instant::now() + Duration::from_secs(60);
    while in_files() {
        assert!(Instant::now() < deadline, "the sealed key is still in a file");
        std::thread::sleep(Duration::from_millis(200));
    }
    server.assert_well();
}
