//! Starting, stopping, and starting again.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use keystead_auth::credentials::ini;
use rustix::process::Signal;
use serde_json::Value;

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home};
use crate::signed::Call;
use crate::wire::tcp;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_second_process_on_one_folder_is_refused() {
    let home = Home::new();
    let server = home.start();
    let mut second = home.serve();
    second.args(["--ready-file", home.path("second.json").to_str().unwrap()]);
    let text = home.refused(&mut second);
    assert!(text.contains("in use by process") && text.contains(&server.pid().to_string()), "{text}");
    assert!(text.contains(home.data().to_str().unwrap()), "{text}");
    assert!(!home.path("second.json").exists());
    // The first one noticed nothing, and its socket is still its own.
    server.assert_well();
    let status = home.run(home.command("status").arg("--data-dir").arg(home.data()));
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!((&status["serving"], &status["pid"]), (&Value::from(true), &Value::from(server.pid())));
    // Once it is gone, also by force, the folder is free.
    server.kill();
    home.start().stop();
}

#[test]
fn a_restart_finds_everything() {
    let home = Home::new();
    let server = home.start_with(&mut home.serve_with_own_key());
    let profile_file = home.data().join("root-access-key.ini");
    let profile_text = fs::read_to_string(&profile_file).unwrap();
    let profile = ini::read(&profile_text, "default").unwrap();
    let call = |action: &str| Call::new(action).key(&profile.access_key_id, profile.secret.expose());
    let key =
        call("CreateKey").send(&server).good().json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    call("CreateAlias").query("AliasName", "alias/kept").query("KeyId", &key).send(&server).good();
    let sealed = call("Encrypt").query("KeyId", &key).query("Plaintext", "kept").send(&server).good();
    let secret = call("CreateSecret").query("SecretName", "kept").query("VersionId", "1");
    secret.form("SecretData", "kept value").send(&server).good();
    call("DisableKey").query("KeyId", &key).send(&server).good();
    let account = server.ready["account_id"].clone();
    let files = ["ca.pem", "root.key", "root-access-key.ini"].map(|name| home.data().join(name));
    let before = files.each_ref().map(|file| fs::read(file).unwrap());
    server.stop();

    for end in ["stop", "kill"] {
        let server = home.start_with(&mut home.serve_with_own_key());
        assert_eq!(files.each_ref().map(|file| fs::read(file).unwrap()), before);
        assert_eq!(server.ready["account_id"], account);
        let described = call("DescribeKey").query("KeyId", "alias/kept").send(&server).good().json();
        assert_eq!(described["KeyMetadata"]["KeyId"], key.as_str());
        assert_eq!(described["KeyMetadata"]["KeyState"], "Disabled");
        let decrypt = || call("Decrypt").query("CiphertextBlob", sealed.field("CiphertextBlob"));
        decrypt().send(&server).refused(409, "Rejected.Disabled");
        call("EnableKey").query("KeyId", &key).send(&server).good();
        assert_eq!(decrypt().send(&server).good().field("Plaintext"), "kept");
        call("DisableKey").query("KeyId", &key).send(&server).good();
        let value = call("GetSecretValue").query("SecretName", "kept").send(&server).good();
        assert_eq!(value.field("SecretData"), "kept value");
        if end == "stop" {
            server.stop();
        } else {
            server.kill();
        }
    }
}

#[test]
fn the_access_key_of_the_environment_is_for_the_first_start() {
    let home = Home::new();
    let server = home.start();
    assert!(!home.data().join("root-access-key.ini").exists());
    assert_eq!(server.ready["access_key_file"], Value::Null);
    server.stop();
    // A later start takes no other.
    let mut other = home.serve();
    other.env("KEYSTEAD_ROOT_ACCESS_KEY_ID", "LTAIother").env("KEYSTEAD_ROOT_ACCESS_KEY_SECRET", "other");
    let server = home.start_with(&mut other);
    Call::new("ListKeys").key("LTAIother", "other").send(&server).refused(404, "InvalidAccessKeyId.NotFound");
    Call::new("ListKeys").key(ACCESS_KEY_ID, ACCESS_KEY_SECRET).send(&server).good();
    server.stop();
    // Half of a pair, or an id that no header can carry, is refused before anything is made.
    for (id, secret) in [("LTAIx", ""), ("", "secret"), ("has space", "secret"), ("new\nline", "secret")] {
        let home = Home::new();
        let mut serve = home.serve();
        serve.env("KEYSTEAD_ROOT_ACCESS_KEY_ID", id).env("KEYSTEAD_ROOT_ACCESS_KEY_SECRET", secret);
        let text = home.refused(&mut serve);
        assert!(text.contains("KEYSTEAD_ROOT_ACCESS_KEY_ID"), "{text}");
        assert!(!home.data().join("root.key").exists());
    }
}

#[test]
fn without_its_root_key_a_folder_stays_closed() {
    let home = Home::new();
    home.start().stop();
    let root_key = home.data().join("root.key");
    let key = fs::read(&root_key).unwrap();
    let path = root_key.to_str().unwrap();

    fs::remove_file(&root_key).unwrap();
    let text = home.refused(&mut home.serve());
    assert!(text.contains(path) && text.contains("missing") && text.contains("--root-key-file"), "{text}");
    assert!(!root_key.exists(), "a new root key was made");

    let write = |bytes: &[u8], mode: u32| {
        let _ = fs::remove_file(&root_key);
        fs::write(&root_key, bytes).unwrap();
        fs::set_permissions(&root_key, fs::Permissions::from_mode(mode)).unwrap();
    };
    for open in [0o644, 0o640, 0o604, 0o620] {
        write(&key, open);
        let text = home.refused(&mut home.serve());
        assert!(text.contains(path) && text.contains("chmod 600"), "{text}");
    }
    for malformed in
        [b"".as_slice(), b"keystead-root-key-v1\n", b"keystead-root-key-v1\nabcd\n", b"\xff\xfe\n", &key[1..]]
    {
        write(malformed, 0o600);
        let text = home.refused(&mut home.serve());
        assert!(text.contains(path), "{text}");
    }
    // Another installation's.
    let other = Home::new();
    other.start().stop();
    write(&fs::read(other.data().join("root.key")).unwrap(), 0o600);
    let text = home.refused(&mut home.serve());
    assert!(text.contains("root key is not the one"), "{text}");
    let hex = String::from_utf8(key.clone()).unwrap();
    assert!(!text.contains(hex.lines().nth(1).unwrap()), "{text}");
    // One digit changed.
    let mut changed = key.clone();
    let last = changed.len() - 2;
    changed[last] = if changed[last] == b'0' { b'1' } else { b'0' };
    write(&changed, 0o600);
    assert!(home.refused(&mut home.serve()).contains("root key is not the one"));

    write(&key, 0o400);
    let server = home.start();
    server.assert_well();
}

#[test]
fn the_root_key_may_lie_elsewhere() {
    let home = Home::new();
    let elsewhere = home.path("elsewhere.key");
    let mut serve = home.serve();
    serve.arg("--root-key-file").arg(&elsewhere);
    home.start_with(&mut serve).stop();
    assert_eq!(mode(&elsewhere), 0o600);
    assert!(!home.data().join("root.key").exists());
    // Without its place named it is missing.
    assert!(home.refused(&mut home.serve()).contains("missing"));
    let mut serve = home.serve();
    serve.env("KEYSTEAD_ROOT_KEY_FILE", &elsewhere);
    home.start_with(&mut serve).assert_well();
    // A folder that is not there is told, not made.
    let fresh = Home::new();
    let mut serve = fresh.serve();
    serve.arg("--root-key-file").arg(fresh.path("no/such/folder.key"));
    assert!(fresh.refused(&mut serve).contains("no/such/folder.key"));
}

#[test]
fn files_are_for_their_owner_alone_and_nothing_lies_in_home() {
    let home = Home::new();
    let mut serve = home.serve_with_own_key();
    let server = home.start_with(&mut serve);
    let data = home.data();
    assert_eq!(mode(&data), 0o700);
    for name in ["root.key", "root-access-key.ini", "admin.sock"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        // The CA's certificate is public.
        if path.file_name().unwrap() != "ca.pem" {
            assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
        }
    }
    assert_eq!(mode(&home.ready_file()), 0o600);
    let text = fs::read_to_string(data.join("root-access-key.ini")).unwrap();
    let profile = ini::read(&text, "default").unwrap();
    Call::new("ListKeys").key(&profile.access_key_id, profile.secret.expose()).send(&server).good();
    server.stop();
    for empty in ["home", "cwd"] {
        assert_eq!(fs::read_dir(home.path(empty)).unwrap().count(), 0, "something was left in {empty}");
    }
}

#[test]
fn the_ready_file_says_where_everything_is() {
    let home = Home::new();
    let server = home.start_with(&mut home.serve_with_own_key());
    let ready = &server.ready;
    let mut fields: Vec<&str> = ready.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["access_key_file", "account_id", "ca_file", "endpoints", "pid", "region"]);
    assert_eq!(ready["pid"], server.pid());
    assert_eq!(ready["region"], "cn-hangzhou");
    let account = ready["account_id"].as_str().unwrap();
    assert!(account.len() == 16 && account.bytes().all(|digit| digit.is_ascii_digit()), "{account}");
    assert_eq!(ready["ca_file"], home.data().join("ca.pem").to_str().unwrap());
    assert_eq!(ready["access_key_file"], home.data().join("root-access-key.ini").to_str().unwrap());
    for (pointer, address) in
        [("shared/http", server.http()), ("shared/https", server.https()), ("ops", server.ops())]
    {
        assert!(address.ip().is_loopback() && address.port() != 0, "{pointer}");
    }
    server.stop();
    assert!(!home.ready_file().exists(), "a ready file without a server");
    assert!(!home.data().join("admin.sock").exists());

    let mut serve = home.serve_with_own_key();
    serve.args(["--http", "off", "--ops", "off", "--region", "eu-central-1"]);
    let server = home.start_with(&mut serve);
    assert_eq!(server.ready["endpoints"]["shared"]["http"], Value::Null);
    assert_eq!(server.ready["endpoints"]["ops"], Value::Null);
    assert_eq!(server.ready["region"], "eu-central-1");
}

#[test]
fn sigterm_lets_the_request_under_way_end() {
    for signal in [Signal::TERM, Signal::INT] {
        let home = Home::new();
        let server = home.start();
        let host = server.http().to_string();
        let bytes = Call::new("CreateSecret")
            .query("SecretName", "drained")
            .query("VersionId", "1")
            .form("SecretData", "x".repeat(2_000))
            .header("expect", "100-continue")
            .bytes(&host);
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let (first, rest) = bytes.split_at(bytes.len() - 1_000);
        let mut connection = tcp(server.http());
        // That the body is asked for shows that the request is being worked on.
        assert_eq!(connection.send(&first[..head]).answer().status, 100);
        connection.send(&first[head..]);
        // An idle connection, which is closed at once.
        let mut idle = tcp(server.http());
        idle.send(&Call::new("ListKeys").bytes(&host)).answer().good();
        server.signal(signal);
        assert!(idle.is_closed());
        let refused = std::net::TcpStream::connect_timeout(&server.http(), Duration::from_secs(5));
        assert!(refused.is_err(), "a new connection is taken after the end has begun");
        assert!(!home.ready_file().exists());
        let answer = connection.send(rest).answer().good();
        assert_eq!(answer.field("SecretName"), "drained");
        let status = server.wait(Duration::from_secs(10));
        assert_eq!(status.code(), Some(0));
        let server = home.start();
        let value = Call::new("GetSecretValue").query("SecretName", "drained").send(&server).good();
        assert_eq!(value.field("SecretData"), "x".repeat(2_000));
    }
}

#[test]
fn sigterm_waits_for_nobody_forever() {
    let home = Home::new();
    let server = home.start();
    let host = server.http().to_string();
    let bytes = Call::new("ListKeys").form("A", "x".repeat(2_000)).bytes(&host);
    let mut stuck = tcp(server.http());
    stuck.send(&bytes[..bytes.len() - 10]);
    let mut half_a_head = tcp(server.http());
    half_a_head.send(&bytes[..50]);
    let mut half_a_handshake = tcp(server.https());
    half_a_handshake.send(&[0x16, 3, 1]);
    server.assert_well();
    let started = Instant::now();
    server.signal(Signal::TERM);
    let status = server.wait(Duration::from_secs(30));
    assert_eq!(status.code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(stuck.is_closed());
}

#[test]
fn a_port_in_use_is_told() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for listener in ["--http", "--https", "--ops"] {
        let mut serve = home.serve();
        serve.args([listener, &address]);
        let text = home.refused(&mut serve);
        assert!(text.contains(&format!("cannot listen on {address}")), "{text}");
        assert!(!home.ready_file().exists());
    }
    // What the failed starts left behind is good.
    home.start().assert_well();
}

#[test]
fn plain_http_beyond_loopback_has_to_be_insisted_on() {
    let home = Home::new();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let mut serve = home.serve();
        serve.args(["--http", address]);
        let text = home.refused(&mut serve);
        assert!(text.contains("--allow-plain-http") && text.contains(address), "{text}");
        assert!(!home.data().exists(), "something was made before the refusal");
    }
    let mut serve = home.serve();
    serve.args(["--http", "0.0.0.0:0", "--allow-plain-http"]);
    let server = home.start_with(&mut serve);
    let port = server.http().port();
    let local = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    Call::new("ListKeys").parts(&local.to_string()).send(local).good();
    server.stop();
    // TLS may listen anywhere.
    let mut serve = home.serve();
    serve.args(["--https", "0.0.0.0:0"]);
    home.start_with(&mut serve).stop();
}

#[test]
fn folders_that_cannot_be_used_are_told() {
    let home = Home::new();
    fs::write(home.data(), "a file").unwrap();
    let text = home.refused(&mut home.serve());
    assert!(text.contains(home.data().to_str().unwrap()), "{text}");
    // A folder with something else in it that is called like the store.
    let home = Home::new();
    home.start().stop();
    let database = fs::read_dir(home.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3")))
        .unwrap();
    fs::write(&database, vec![b'x'; 8192]).unwrap();
    let text = home.refused(&mut home.serve());
    assert!(!text.is_empty() && !home.ready_file().exists(), "{text}");
}
