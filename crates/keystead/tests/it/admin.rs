//! `status` and `backup`, through a running server and on a closed folder; the admin socket.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::Command;

use serde_json::Value;

use crate::server::{Home, Server};
use crate::signed::Call;

fn status_command(home: &Home) -> Command {
    let mut command = home.command("status");
    command.arg("--data-dir").arg(home.data());
    command
}

fn backup_command(home: &Home, to: &str) -> Command {
    let mut command = home.command("backup");
    command.arg("--data-dir").arg(home.data()).arg("--to").arg(home.path(to));
    command
}

fn status(home: &Home) -> Value {
    let output = home.run(&mut status_command(home));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn make_secret(server: &Server, name: &str) {
    let call = Call::new("CreateSecret").query("SecretName", name).query("VersionId", "1");
    call.form("SecretData", format!("value of {name}")).send(server).good();
}

#[test]
fn status_of_a_served_and_of_a_closed_folder() {
    let home = Home::new();
    let server = home.start();
    let served = status(&home);
    assert_eq!(served["serving"], true);
    assert_eq!(served["pid"], server.pid());
    assert_eq!(served["region"], "cn-hangzhou");
    assert_eq!(served["account_id"], server.ready["account_id"]);
    assert_eq!(served["version"], env!("CARGO_PKG_VERSION"));
    let before = served["revision"].as_u64().unwrap();
    make_secret(&server, "one");
    assert!(status(&home)["revision"].as_u64().unwrap() > before);
    let last = status(&home)["revision"].clone();
    server.stop();
    let closed = status(&home);
    assert_eq!(closed["serving"], false);
    assert_eq!(closed["pid"], Value::Null);
    // What was written for the audit log goes from the store at the end.
    assert!(closed["revision"].as_u64() >= last.as_u64());
    // A dead server's socket is not mistaken for a server.
    home.start().kill();
    assert!(home.data().join("admin.sock").exists());
    assert_eq!(status(&home)["serving"], false);
    home.start().assert_well();
}

#[test]
fn commands_on_no_folder_make_none() {
    let home = Home::new();
    for mut command in [status_command(&home), backup_command(&home, "copy")] {
        let text = home.refused(&mut command);
        assert!(text.contains("no data folder") && text.contains(home.data().to_str().unwrap()), "{text}");
    }
    assert!(!home.data().exists());
    let missing = home.run(home.command("backup").arg("--data-dir").arg(home.data()));
    assert!(!missing.status.success() && !missing.stderr.is_empty());
}

#[test]
fn a_backup_can_be_served() {
    let home = Home::new();
    let server = home.start();
    make_secret(&server, "before");
    let output = home.run(&mut backup_command(&home, "served.backup"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    make_secret(&server, "after");
    // An existing file is not overwritten.
    let before = fs::read(home.path("served.backup")).unwrap();
    let text = home.refused(&mut backup_command(&home, "served.backup"));
    assert!(text.contains("served.backup"), "{text}");
    assert_eq!(fs::read(home.path("served.backup")).unwrap(), before);
    let text = home.refused(&mut backup_command(&home, "no/such/folder"));
    assert!(text.contains("no/such/folder"), "{text}");
    server.assert_well();
    server.stop();
    let output = home.run(&mut backup_command(&home, "closed.backup"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    for (name, has_after) in [("served.backup", false), ("closed.backup", true)] {
        let mode = fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
        // A folder from the backup and the root key, which lies elsewhere.
        let restored = Home::new();
        let database = database_name(&home);
        fs::create_dir(restored.data()).unwrap();
        fs::copy(home.path(name), restored.data().join(database)).unwrap();
        fs::copy(home.data().join("root.key"), restored.data().join("root.key")).unwrap();
        let server = restored.start();
        let get = |name: &str| Call::new("GetSecretValue").query("SecretName", name).send(&server);
        assert_eq!(get("before").good().field("SecretData"), "value of before");
        if has_after {
            assert_eq!(get("after").good().field("SecretData"), "value of after");
        } else {
            get("after").refused(404, "Forbidden.ResourceNotFound");
        }
        server.stop();
    }
}

/// The store's file: the one that SQLite wrote.
fn database_name(home: &Home) -> String {
    fs::read_dir(home.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3")))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .unwrap()
}

/// What the socket answers to some bytes.
fn ask(home: &Home, bytes: &[u8]) -> Vec<u8> {
    let mut stream = UnixStream::connect(home.data().join("admin.sock")).unwrap();
    stream.set_read_timeout(Some(crate::wire::PATIENCE)).unwrap();
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn the_socket_takes_nothing_else() {
    let home = Home::new();
    let server = home.start();
    let good: Value = serde_json::from_slice(&ask(&home, b"{\"command\":\"status\"}\n")).unwrap();
    assert_eq!(good["serving"], true);
    for bytes in [
        b"".as_slice(),
        b"\n",
        b"status\n",
        b"{\"command\":\"other\"}\n",
        b"{\"command\":\"backup\"}\n",
        b"{\"command\":\"backup\",\"to\":7}\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\n",
        &[b'['; 100_000],
    ] {
        let answer = ask(&home, bytes);
        let text = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || text.starts_with("{\"error\":"), "{text}");
    }
    // Somebody who connects and says nothing holds up nobody.
    let silent: Vec<_> =
        (0..50).map(|_| UnixStream::connect(home.data().join("admin.sock")).unwrap()).collect();
    assert_eq!(status(&home)["serving"], true);
    server.assert_well();
    drop(silent);
    server.stop();
}

/// Other users are kept out by the socket's mode and by the folder's; who gets past both is asked who it is.
#[test]
fn another_user_is_refused() {
    use std::os::unix::process::CommandExt as _;
    if !rustix::process::geteuid().is_root() {
        // Only root can become another user.
        return;
    }
    let home = Home::new();
    let server = home.start();
    let as_nobody = |home: &Home| {
        let mut command = status_command(home);
        command.uid(65_534).gid(65_534).current_dir("/");
        home.refused(&mut command)
    };
    let text = as_nobody(&home);
    assert!(!text.contains("account_id"), "{text}");
    // Opened up on purpose, it still answers only its owner.
    let open =
        |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    open(home.data().parent().unwrap(), 0o755);
    open(&home.data(), 0o755);
    open(&home.data().join("admin.sock"), 0o666);
    let text = as_nobody(&home);
    assert!(text.contains("not allowed"), "{text}");
    assert!(home.log().contains("administration refused"));
    server.assert_well();
}

#[test]
fn a_path_too_long_for_a_socket_is_served_without_it() {
    let home = Home::new();
    let deep = home.path(&"d".repeat(110));
    let mut serve = home.serve();
    serve.arg("--data-dir").arg(&deep);
    let server = home.start_with(&mut serve);
    server.assert_well();
    assert!(home.log().contains("too long for a socket"));
    server.stop();
}

/// A policy that denies everything to everybody in the account.
fn deny_all(account: &str) -> String {
    let principal = format!("acs:ram::{account}:*");
    let statement = serde_json::json!({
        "Sid": "nobody", "Effect": "Deny", "Principal": { "RAM": principal }, "Action": "kms:*", "Resource": "*",
    });
    serde_json::json!({ "Version": "1", "Statement": [statement] }).to_string()
}

#[test]
fn policies_are_asked_in_a_served_and_in_a_closed_folder() {
    let home = Home::new();
    let server = home.start();
    let account = server.ready["account_id"].as_str().unwrap().to_owned();
    let made = Call::new("CreateKey").send(&server).good().json();
    let arn = made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let set = Call::new("SetKeyPolicy").query("KeyId", key.as_str()).query("Policy", deny_all(&account));
    set.send(&server).good();
    let ask = |action: &str, more: &[&str]| {
        let mut command = home.command("policy");
        command.arg("simulate").arg("--data-dir").arg(home.data());
        command.args(["--caller", &format!("acs:ram::{account}:root"), "--action", action]);
        home.run(command.args(["--resource", &arn]).args(more))
    };
    let answer = |action: &str| -> Value {
        let output =
            ask(action, &["--source-ip", "10.1.2.3", "--time", "2027-01-15T08:00:00Z", "--tag", "a=b"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let answers = || {
        let denied = answer("kms:Encrypt");
        assert_eq!(denied["allowed"], false);
        assert_eq!(
            (&denied["policy"]["side"], &denied["policy"]["sid"]),
            (&"resource".into(), &"nobody".into())
        );
        let allowed = answer("kms:SetKeyPolicy");
        assert_eq!((&allowed["allowed"], &allowed["policy"]), (&true.into(), &Value::Null));
        for more in [["--time", "noon"], ["--source-ip", "x"], ["--tag", "a"]] {
            assert!(!ask("kms:Encrypt", &more).status.success(), "{more:?}");
        }
    };
    answers();
    server.stop();
    answers();
}

#[test]
fn a_denial_says_why_in_both_forms() {
    let server = Home::new().start_here();
    let account = server.ready["account_id"].as_str().unwrap().to_owned();
    let made = Call::new("CreateKey").send(&server).good().json();
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let set = Call::new("SetKeyPolicy").query("KeyId", key.as_str()).query("Policy", deny_all(&account));
    set.send(&server).good();
    let denied = Call::new("DescribeKey").query("KeyId", key.as_str());
    let answer = denied.clone().send(&server);
    assert_eq!((answer.status, answer.field("Code")), (403, "Forbidden.NoPermission".to_owned()));
    let detail = &answer.json()["AccessDeniedDetail"];
    assert_eq!(
        *detail,
        serde_json::json!({
            "AuthAction": "kms:DescribeKey",
            "AuthPrincipalType": "Account",
            "AuthPrincipalOwnerId": account,
            "AuthPrincipalDisplayName": account,
            "PolicyType": "ResourceBasedPolicy",
            "NoPermissionType": "ExplicitDeny",
        })
    );
    let xml = denied.format("XML").send(&server).text();
    assert!(
        xml.contains("<AccessDeniedDetail>") && xml.contains("<AuthAction>kms:DescribeKey</AuthAction>"),
        "{xml}"
    );
    let other = Call::new("DescribeKey").query("KeyId", "none").send(&server);
    assert!(!other.text().contains("AccessDeniedDetail"));
}
