//! `keystead credentials`: the AccessKey in a secret, as programs' `process_command`.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use keystead_client::CredentialsHttp;
use keystead_client::providers::{Cached, CliProfile, CredentialsProvider as _, Effects, Env};
use serde_json::{Value, json};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};
use crate::signed::Call;

fn credentials(home: &Home, server: &Server, secret: &str) -> Command {
    let mut command = home.command("credentials");
    command.args(["--secret", secret, "--endpoint", &server.https().to_string(), "--ca-file"]);
    command.arg(server.ca_file());
    command
}

fn with_key(command: &mut Command) -> &mut Command {
    command
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ACCESS_KEY_SECRET)
}

fn printed(home: &Home, command: &mut Command) -> Value {
    let output = home.run(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn create(server: &Server, name: &str, value: &Value) {
    let call = Call::new("CreateSecret").query("SecretName", name).query("VersionId", "v1");
    call.query("SecretData", value.to_string()).send(server).good();
}

#[test]
fn the_access_key_of_a_secret_is_printed_and_its_next_version_too() {
    let home = Home::new();
    let server = home.start();
    create(&server, "app", &json!({"AccessKeyId": "LTAIone", "AccessKeySecret": "hush-one"}));
    let one = printed(&home, with_key(&mut credentials(&home, &server, "app")));
    assert_eq!(one, json!({"mode": "AK", "access_key_id": "LTAIone", "access_key_secret": "hush-one"}));
    let value = json!({
        "AccessKeyId": "LTAItwo", "AccessKeySecret": "hush-two", "ExpireTimestamp": "2999-01-01T00:00:00Z",
    });
    let put = Call::new("PutSecretValue").query("SecretName", "app").query("VersionId", "v2");
    put.query("SecretData", value.to_string()).send(&server).good();
    let two = printed(&home, with_key(&mut credentials(&home, &server, "app")));
    assert_eq!(
        (&two["access_key_id"], &two["expiration"]),
        (&"LTAItwo".into(), &"2999-01-01T00:00:00Z".into())
    );
    assert!(!home.log().contains("hush"), "a secret is in the log");
    server.assert_well();
}

#[test]
fn what_is_no_access_key_is_an_error_and_nothing_is_printed() {
    let home = Home::new();
    let server = home.start();
    create(&server, "other", &json!({"Password": "hush"}));
    for (name, expected) in
        [("none", "Forbidden.ResourceNotFound"), ("other", "no JSON object with AccessKeyId")]
    {
        let output = home.run(with_key(&mut credentials(&home, &server, name)));
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{text}");
        assert!(text.contains(expected) && !text.contains("hush"), "{text}");
    }
    server.assert_well();
}

/// A machine whose only setting is its user's home folder.
struct HomeOnly(String);

impl Env for HomeOnly {
    fn var(&self, _: &str) -> Option<String> {
        None
    }

    fn home(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// Writes the profile that runs a command line.
fn profile(home: &Home, command: &str) {
    let profile = json!({"current": "default", "profiles": [
        {"name": "default", "mode": "External", "process_command": command, "region_id": "cn-hangzhou"},
    ]});
    let folder = home.path("home").join(".aliyun");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config.json"), profile.to_string()).unwrap();
}

#[tokio::test]
async fn the_profile_of_the_command_line_runs_it() {
    let home = Home::new();
    let server = home.start();
    create(&server, "app", &json!({"AccessKeyId": "LTAIone", "AccessKeySecret": "hush-one"}));
    let command = format!(
        "/usr/bin/env ALIBABA_CLOUD_ACCESS_KEY_ID={ACCESS_KEY_ID} ALIBABA_CLOUD_ACCESS_KEY_SECRET={ACCESS_KEY_SECRET} {} \
         credentials --secret app --endpoint {} --ca-file {}",
        env!("CARGO_BIN_EXE_keystead"),
        server.https(),
        server.ca_file().display(),
    );
    profile(&home, &command);
    let env = Arc::new(HomeOnly(home.path("home").to_str().unwrap().to_owned()));
    let effects = Effects { env, ..Effects::system(Arc::new(CredentialsHttp::new())) };
    let provided = Cached::new(CliProfile::default(), effects).provide().await.unwrap();
    assert_eq!(provided.credentials.access_key_id, "LTAIone");
    server.assert_well();
}

#[test]
fn it_does_not_run_itself() {
    let home = Home::new();
    let server = home.start();
    // Something else in its place, so that a failure of this test does not fill the machine.
    let marker = home.path("ran");
    profile(&home, &format!("/usr/bin/touch {}", marker.display()));
    let mut command = credentials(&home, &server, "app");
    command.env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let text = home.refused(&mut command);
    assert!(text.contains("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") && !marker.exists(), "{text}");
    server.assert_well();
}
