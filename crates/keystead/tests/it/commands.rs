//! The quickstart and the commands of operations: they work, and print no secret that was not asked for.

use std::fs;
use std::process::{Command, Output};

use keystead_api::reference::{command_name, flag_name};
use keystead_api::{OPERATIONS, OperationDef, ParamShape};
use keystead_auth::credentials::ini;

use crate::at_rest::{files, find};
use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home};

const MARK: &str = "cAnArY~8Wr4Jd2Pn";

fn quickstart(home: &Home) -> Command {
    let mut command = home.command("quickstart");
    command.arg("--data-dir").arg(home.data()).args(["--http", "127.0.0.1:0", "--https", "127.0.0.1:0"]);
    command
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_quickstart_does_the_main_job_and_says_so() {
    let home = Home::new();
    // The second run meets what the first one made.
    for _ in 0..2 {
        let output = home.run(quickstart(&home).arg("--exit"));
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{out}{err}");
        for step in ["start", "key", "encrypt", "decrypt", "data key", "secret"] {
            assert!(out.contains(&format!("  ok  {step}")), "{step} is missing: {out}");
        }
        assert_eq!(err, "");
        let profile = fs::read_to_string(home.data().join("root-access-key.ini")).unwrap();
        let secret = ini::read(&profile, "default").unwrap().secret.expose().to_owned();
        let root_key = fs::read_to_string(home.data().join("root.key")).unwrap();
        let root_key = hex::decode(root_key.lines().nth(1).unwrap()).unwrap();
        for marker in [secret.as_bytes(), &root_key] {
            assert_eq!(find(out.as_bytes(), marker), None);
        }
        for (name, bytes) in files(&home.data(), &["root.key", "root-access-key.ini"]) {
            for marker in [secret.as_bytes(), &root_key, b"hello, keystead", b"hello from the vault"] {
                assert_eq!(find(&bytes, marker), None, "{name}");
            }
        }
    }
    for empty in ["home", "cwd"] {
        assert_eq!(fs::read_dir(home.path(empty)).unwrap().count(), 0, "something was left in {empty}");
    }
}

#[test]
fn the_quickstart_on_a_folder_in_use_fails() {
    let home = Home::new();
    let server = home.start();
    let output = home.run(quickstart(&home).arg("--exit"));
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(err.contains("in use by process"), "{err}");
    server.assert_well();
}

#[test]
fn commands_work_against_a_server() {
    let home = Home::new();
    let server = home.start_with(&mut home.serve_with_own_key());
    let run = |arguments: &[&str]| {
        let output = home
            .run(home.command(arguments[0]).arg("--ready-file").arg(home.ready_file()).args(&arguments[1..]));
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{arguments:?}: {err}");
        out.trim_end().to_owned()
    };
    let key = run(&["create-key", "--query", "KeyMetadata.KeyId"]);
    run(&["create-alias", "--alias-name", "alias/cli", "--key-id", &key]);
    let plaintext = home.path("plaintext");
    fs::write(&plaintext, MARK).unwrap();
    let plaintext = plaintext.to_str().unwrap();
    let blob = run(&[
        "encrypt",
        "--key-id",
        "alias/cli",
        "--plaintext-file",
        plaintext,
        "--query",
        "CiphertextBlob",
    ]);
    assert_eq!(run(&["decrypt", "--ciphertext-blob", &blob, "--query", "Plaintext"]), MARK);
    run(&["create-secret", "--secret-name", "cli", "--version-id", "1", "--secret-data-file", plaintext]);
    assert_eq!(run(&["get-secret-value", "--secret-name", "cli", "--query", "SecretData"]), MARK);
    // Without an AccessKey, and with a wrong one.
    let refused = home.refused(
        home.command("list-keys")
            .args(["--endpoint", &server.https().to_string()])
            .arg("--ca-file")
            .arg(server.ca_file())
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ACCESS_KEY_SECRET),
    );
    assert!(refused.contains("InvalidAccessKeyId.NotFound"), "{refused}");
    let output = home.run(home.command("list-keys").args(["--endpoint", &server.https().to_string()]));
    assert!(!output.status.success() && output.stdout.is_empty());
    server.stop();
}

/// A command line with a planted text wherever one can stand.
fn marked(home: &Home, def: &'static OperationDef) -> Command {
    let mut command = home.command(&command_name(def));
    for (number, parameter) in def.parameters.iter().enumerate() {
        let text = format!("{MARK} {} {number}", def.name);
        let value = match parameter.shape {
            ParamShape::Integer => "1".to_owned(),
            ParamShape::Boolean => "true".to_owned(),
            ParamShape::JsonMap => format!("{{\"k\":\"{text}\"}}"),
            ParamShape::ObjectList(fields) => format!("{{\"{}\":\"{text}\"}}", fields[0]),
            ParamShape::JsonList(fields) => format!("[{{\"{}\":\"{text}\"}}]", fields[0]),
            ParamShape::FlatObject(fields) => format!("{{\"{}\":{{\"k\":\"{text}\"}}}}", fields[0]),
            _ => text,
        };
        command.arg(format!("--{}", flag_name(parameter))).arg(value);
    }
    command
}

#[test]
fn no_command_prints_what_it_was_given() {
    let home = Home::new();
    let server = home.start();
    let mut called = 0;
    for (number, def) in OPERATIONS.iter().copied().enumerate() {
        let mut ways = vec![
            (ACCESS_KEY_SECRET, server.https().to_string()),
            ("another secret 4hTq8Lm2", server.https().to_string()),
        ];
        if number % 30 == 0 {
            // Nobody is there; the client tries for a while, so not with every operation.
            ways.push((ACCESS_KEY_SECRET, "127.0.0.1:1".to_owned()));
        }
        for (secret, endpoint) in ways {
            let mut command = marked(&home, def);
            command
                .args(["--endpoint", &endpoint])
                .arg("--ca-file")
                .arg(server.ca_file())
                .env("ALIBABA_CLOUD_ACCESS_KEY_ID", ACCESS_KEY_ID)
                .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret);
            let output = home.run(&mut command);
            let (out, err) = texts(&output);
            assert_ne!(output.status.code(), Some(101), "{err}");
            for marker in [ACCESS_KEY_SECRET, secret] {
                assert_eq!(find(format!("{out}{err}").as_bytes(), marker.as_bytes()), None, "{}", def.name);
            }
            // A good answer, of a list for example, may name what was made before; an error names nothing.
            if !output.status.success() {
                assert_eq!(out, "", "{}", def.name);
                assert_eq!(find(err.as_bytes(), MARK.as_bytes()), None, "{}: {err}", def.name);
            }
            called += usize::from(output.status.code() != Some(2));
        }
    }
    assert!(called > 91, "only {called} calls were made");
    // A slip in the command line: what is quoted back is names, not values.
    for arguments in [
        ["encrypt", "--key-id=x", &format!("--plaintext={MARK}"), "--output=loud"],
        ["encrypt", "--key-id=x", &format!("--plaintext={MARK}"), "--query=NoSuchField"],
    ] {
        let (out, err) = texts(&home.run(home.command(arguments[0]).args(&arguments[1..])));
        assert_eq!(find(format!("{out}{err}").as_bytes(), MARK.as_bytes()), None, "{err}");
    }
    assert_eq!(find(home.log().as_bytes(), MARK.as_bytes()), None, "in the server's log");
    server.assert_well();
}
