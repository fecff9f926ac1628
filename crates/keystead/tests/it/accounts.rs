//! `account create` and `account list`, through a running server and on a closed folder; the commands of RAM.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use crate::server::{Home, Server};

fn account(home: &Home, words: &[&str]) -> Command {
    let mut command = home.command("account");
    command.args(words).arg("--data-dir").arg(home.data());
    command
}

fn create(home: &Home, file: &str) -> Command {
    let mut command = account(home, &["create"]);
    command.arg("--access-key-file").arg(home.path(file));
    command
}

fn good(home: &Home, mut command: Command) -> Value {
    let output = home.run(&mut command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Id and secret in an AccessKey file.
fn read(home: &Home, file: &str) -> (String, String) {
    let path = home.path(file);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(path).unwrap();
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
        line.unwrap_or_else(|| panic!("no {name}")).to_owned()
    };
    (value("access_key_id"), value("access_key_secret"))
}

/// A command of an operation, as somebody with this AccessKey.
fn call(home: &Home, server: &Server, (id, secret): &(String, String), words: &[&str]) -> Command {
    let mut command = home.command(words[0]);
    command
        .args(&words[1..])
        .args(["--endpoint", &server.https().to_string()])
        .arg("--ca-file")
        .arg(server.ca_file())
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", id)
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret);
    command
}

#[test]
fn a_second_account_while_the_folder_is_served_and_a_third_while_not() {
    let home = Home::new();
    let server = home.start();
    let made = good(&home, create(&home, "second.ini"));
    let second = read(&home, "second.ini");
    assert_eq!(made["access_key_id"], second.0.as_str());
    let output = home.run(&mut create(&home, "second.ini"));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("second.ini"), "{text}");
    assert_eq!(read(&home, "second.ini"), second, "a file that is there is left alone");

    let caller = good(&home, call(&home, &server, &second, &["sts", "get-caller-identity"]));
    assert_eq!(caller["AccountId"], made["account_id"]);
    let user = good(&home, call(&home, &server, &second, &["ram", "create-user", "--user-name", "alice"]));
    assert_eq!(user["User"]["UserName"], "alice");
    let missing = home.run(&mut call(&home, &server, &second, &["ram", "get-user", "--user-name", "bob"]));
    let text = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(text.contains("EntityNotExist.User"), "{text}");
    let providers = good(&home, call(&home, &server, &second, &["ims", "list-oidc-providers"]));
    assert_eq!(providers["OIDCProviders"]["OIDCProvider"], serde_json::json!([]));

    let log = home.log();
    assert!(!log.contains(&second.1), "the secret is in the log");
    server.stop();
    let third = good(&home, create(&home, "third.ini"));
    let third_key = read(&home, "third.ini");
    let listed = good(&home, account(&home, &["list"]));
    let ids: Vec<_> = listed["accounts"].as_array().unwrap().iter().map(|one| &one["account_id"]).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.contains(&&made["account_id"]) && ids.contains(&&third["account_id"]));
    let server = home.start();
    let caller = good(&home, call(&home, &server, &third_key, &["sts", "get-caller-identity"]));
    assert_eq!(caller["AccountId"], third["account_id"]);
    server.assert_well();
}

#[test]
fn what_the_sdks_have_and_is_not_offered_is_told_apart_from_a_wrong_name() {
    let server = Home::new().start_here();
    for (version, action, code) in [
        ("2015-05-01", "GetPasswordPolicy", "UnsupportedOperation"),
        ("2019-08-15", "GetAccountSummary", "UnsupportedOperation"),
        ("2015-04-01", "AssumeRoleWithSAML", "UnsupportedOperation"),
        ("2015-05-01", "Encrypt", "InvalidAction.NotFound"),
        ("2015-05-01", "NoSuchOperation", "InvalidAction.NotFound"),
    ] {
        let answer = crate::signed::Call::new(action).version(version).send(&server);
        assert_eq!(answer.refusal().1, code, "{action}");
    }
    server.assert_well();
}
