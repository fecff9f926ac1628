#![allow(clippy::unwrap_used)]
use std::collections::BTreeSet;

use keystead_api::OperationId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

fn parse(line: &[&str]) -> Result<(&'static OperationDef, ArgMatches), clap::Error> {
    let program = Command::new("keystead").subcommands(commands());
    let matches = program.try_get_matches_from(["keystead"].iter().chain(line))?;
    let (name, matches) = matches.subcommand().unwrap();
    Ok((find(name).unwrap(), matches.clone()))
}

struct Outcome {
    result: Result<(), CliError>,
    stdout: String,
}

async fn run_with(line: &[&str], stdin: &str, terminal: bool, env: &[(&str, &str)]) -> Outcome {
    let (def, matches) = parse(line).unwrap();
    let mut stdout = Vec::new();
    let env = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
    let mut io =
        Io { stdin: &mut stdin.as_bytes(), stdin_is_terminal: terminal, stdout: &mut stdout, env: &env };
    let result = run(def, &matches, &mut io).await;
    Outcome { result, stdout: String::from_utf8(stdout).unwrap() }
}

fn read_params(line: &[&str], stdin: &str, terminal: bool) -> Result<Vec<(String, String)>, CliError> {
    let (def, matches) = parse(line).unwrap();
    let env = |_: &str| None;
    let mut io = Io {
        stdin: &mut stdin.as_bytes(),
        stdin_is_terminal: terminal,
        stdout: &mut std::io::sink(),
        env: &env,
    };
    let params = parameters::read(def, &matches, &mut io)?;
    let all = |place: &str, list: &[(std::borrow::Cow<'static, str>, keystead_api::SecretText)]| {
        list.iter().map(|(n, v)| (format!("{place}{n}"), v.expose().to_owned())).collect::<Vec<_>>()
    };
    Ok([all("", &params.query), all("form:", &params.form)].concat())
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

const ENV: &[(&str, &str)] =
    &[("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush")];

/// Answers one request and gives it back.
async fn serve_once(status: u16, body: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.windows(4).any(|window| window == b"\r\n\r\n") {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
        }
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, serving)
}

/// The operations of RAM, IMS and STS in the order of their commands.
fn sorted_by_product() -> Vec<&'static &'static OperationDef> {
    let of = |product| IDENTITY_OPERATIONS.iter().filter(move |def| def.product == product);
    keystead_api::Product::ALL.into_iter().flat_map(of).collect()
}

#[test]
fn every_operation_has_a_command_and_all_names_are_unique() {
    let commands = commands();
    assert_eq!(commands.len(), OPERATIONS.len() + 3);
    let names: BTreeSet<_> = commands.iter().map(|command| command.get_name().to_owned()).collect();
    assert_eq!(names.len(), commands.len());
    let below: Vec<_> = commands.iter().flat_map(Command::get_subcommands).cloned().collect();
    assert_eq!(below.len(), IDENTITY_OPERATIONS.len());
    for def in IDENTITY_OPERATIONS {
        let line = [product_command(def.product).unwrap(), &command_name(def), "--help"];
        let of_product = Command::new("keystead").subcommands(super::commands());
        let shown = of_product.try_get_matches_from([&["keystead"], &line[..]].concat()).unwrap_err();
        assert_eq!(shown.kind(), clap::error::ErrorKind::DisplayHelp, "{line:?}");
    }
    let all = commands.into_iter().zip(OPERATIONS).chain(below.into_iter().zip(sorted_by_product()));
    for (command, def) in all {
        if def.product == keystead_api::Product::Kms {
            assert_eq!(find(command.get_name()).unwrap().id, def.id);
        }
        let flags: Vec<_> = command.get_arguments().filter_map(Arg::get_long).map(str::to_owned).collect();
        assert_eq!(flags.iter().collect::<BTreeSet<_>>().len(), flags.len(), "{flags:?}");
        for parameter in def.parameters {
            assert!(flags.contains(&flag_name(parameter)), "{} {}", def.name, parameter.name);
        }
        let mut command = command;
        assert!(command.render_long_help().to_string().contains("--endpoint"));
        command.debug_assert();
    }
}

#[test]
fn a_secret_from_standard_input() {
    let line = ["encrypt", "--key-id", "alias/app", "--plaintext-file", "-"];
    let expected = |plaintext| pairs(&[("KeyId", "alias/app"), ("Plaintext", plaintext)]);
    assert_eq!(read_params(&line, "pw\n", false).unwrap(), expected("pw\n"));
    assert_eq!(read_params(&line, "pw\n", true).unwrap(), expected("pw"));
    assert_eq!(read_params(&line, "a\r\n\n", true).unwrap(), expected("a\r\n"));
    let context =
        [&line[..], &["--encryption-context", r#"{ "b": "1", "a": "ä" }"#, "--dry-run", "false"]].concat();
    assert_eq!(
        read_params(&context, "pw", false).unwrap()[2..],
        pairs(&[("DryRun", "false"), ("EncryptionContext", r#"{"a":"ä","b":"1"}"#)])
    );
}

#[test]
fn a_secret_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "from a file\n").unwrap();
    let path = file.to_str().unwrap();
    let line = ["create-secret", "--secret-name", "s", "--version-id", "v1", "--secret-data-file", path];
    let more = ["--enable-automatic-rotation", "true", "--extended-config", r#"{"CustomData":{"a":1}}"#];
    let expected = [
        ("SecretName", "s"),
        ("VersionId", "v1"),
        ("EnableAutomaticRotation", "true"),
        ("ExtendedConfig", r#"{"CustomData":{"a":1}}"#),
        ("form:SecretData", "from a file\n"),
    ];
    assert_eq!(read_params(&[&line[..], &more].concat(), "", false).unwrap(), pairs(&expected));
    std::fs::write(&file, [0xff]).unwrap();
    let error = read_params(&line, "", false).unwrap_err();
    assert!(error.to_string().starts_with("--secret-data-file: the value is not UTF-8"), "{error}");
    assert_eq!(error.exit_code(), 2);
    let line = ["create-secret", "--secret-name", "s", "--version-id-file", "-", "--secret-data-file", "-"];
    let error = read_params(&line, "x", false).unwrap_err();
    assert!(error.to_string().contains("taken by another parameter"), "{error}");
    let missing = ["encrypt", "--key-id", "k", "--plaintext-file", "/nonexistent/file"];
    assert!(matches!(read_params(&missing, "", false), Err(CliError::Usage(_))));
}

#[test]
fn lists() {
    let line = [
        "tag-resources",
        "--region-id",
        "cn-hangzhou",
        "--resource-type",
        "key",
        "--resource-id",
        "key-1",
        "--resource-id",
        "key-2",
        "--tag",
        r#"{"Key":"a","Value":"1"}"#,
        "--tag",
        r#"[{"Key":"b"},{"Key":"c"}]"#,
    ];
    let expected = [
        ("RegionId", "cn-hangzhou"),
        ("ResourceId.1", "key-1"),
        ("ResourceId.2", "key-2"),
        ("ResourceType", "key"),
        ("Tag.1.Key", "a"),
        ("Tag.1.Value", "1"),
        ("Tag.2.Key", "b"),
        ("Tag.3.Key", "c"),
    ];
    assert_eq!(read_params(&line, "", false).unwrap(), pairs(&expected));
    for bad in [r#"{"Nope":"a"}"#, r#"{"Key":1}"#, "[1]", "hush", "1"] {
        let line = [&line[..10], &[bad]].concat();
        let error = read_params(&line, "", false).unwrap_err().to_string();
        assert!(error.starts_with("--tag is not ") && !error.contains("hush"), "{error}");
    }
}

#[test]
fn objects() {
    let line = [
        "update-secret",
        "--secret-name",
        "s",
        "--extended-config",
        r#"{"CustomData":{"a":"1","b":{"c":2}}}"#,
    ];
    let expected = [
        ("SecretName", "s"),
        ("ExtendedConfig.CustomData.a", "1"),
        ("ExtendedConfig.CustomData.b", r#"{"c":2}"#),
    ];
    assert_eq!(read_params(&line, "", false).unwrap(), pairs(&expected));
    let line = ["batch-get-secret-value", "--secrets-list", r#"[ {"SecretName":"a"} ]"#];
    assert_eq!(read_params(&line, "", false).unwrap(), pairs(&[("SecretsList", r#"[{"SecretName":"a"}]"#)]));
    for bad in [
        ["update-secret", "--extended-config", r#"{"CustomData":"x"}"#, "--secret-name", "s"],
        ["update-secret", "--extended-config", r#"{"Other":{}}"#, "--secret-name", "s"],
        ["update-secret", "--extended-config", "x", "--secret-name", "s"],
        ["batch-get-secret-value", "--secrets-list", "{}x", "--region", "s"],
        ["batch-get-secret-value", "--secrets-list", r#"[{"Name":"a"}]"#, "--region", "s"],
    ] {
        assert!(matches!(read_params(&bad, "", false), Err(CliError::Usage(_))), "{bad:?}");
    }
}

#[test]
fn what_is_required() {
    for bad in [
        &["encrypt", "--key-id", "k"][..],
        &["encrypt", "--plaintext", "p"],
        &["encrypt", "--key-id", "k", "--plaintext", "p", "--plaintext-file", "-"],
        &["create-secret", "--enable-automatic-rotation", "maybe"],
        &["list-keys", "--page-number", "x"],
        &["list-keys", "--output", "xml"],
        &["tag-resources", "--region-id", "r", "--resource-type", "key", "--tag", "{}"],
        &["nothing"],
    ] {
        assert_eq!(parse(bad).unwrap_err().exit_code(), 2, "{bad:?}");
    }
    parse(&["encrypt", "--key-id-file", "-", "--plaintext", "p"]).unwrap();
    assert_eq!(read_params(&["list-keys", "--page-number", "-1"], "", false).unwrap()[0].1, "-1");
}

#[tokio::test]
async fn the_answer_is_printed() {
    const BODY: &str = r#"{"CiphertextBlob":"Y2lwaGVy","KeyId":"key-1","RequestId":"r"}"#;
    let line = |address: &str, more: &[&'static str]| -> Vec<String> {
        let head = ["encrypt", "--key-id", "k", "--plaintext-file", "-", "--endpoint", address];
        head.iter().chain(more).map(ToString::to_string).collect()
    };
    for (more, expected) in [
        (
            &[][..],
            "{\n  \"CiphertextBlob\": \"Y2lwaGVy\",\n  \"KeyId\": \"key-1\",\n  \"RequestId\": \"r\"\n}\n",
        ),
        (&["--query", "CiphertextBlob"], "Y2lwaGVy\n"),
        (&["--query", "CiphertextBlob", "--output", "json"], "\"Y2lwaGVy\"\n"),
    ] {
        let (address, serving) = serve_once(200, BODY).await;
        let line = line(&address, more);
        let words: Vec<_> = line.iter().map(String::as_str).collect();
        let outcome = run_with(&words, "p", false, ENV).await;
        outcome.result.unwrap();
        assert_eq!(outcome.stdout, expected);
        let request = serving.await.unwrap();
        assert!(request.starts_with("POST /?KeyId=k&Plaintext=p HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("keystead/"), "{request}");
    }
    let (address, _serving) = serve_once(200, BODY).await;
    let line = line(&address, &["--query", "KeyVersionId"]);
    let words: Vec<_> = line.iter().map(String::as_str).collect();
    let outcome = run_with(&words, "p", false, ENV).await;
    assert!(matches!(outcome.result, Err(CliError::NoField(_))));
}

#[tokio::test]
async fn a_refusal_is_one_line() {
    let body = r#"{"Code":"Forbidden.KeyNotFound","Message":"The specified Key\u001b[2J is not found.","RequestId":"r-1"}"#;
    let (address, _serving) = serve_once(404, body).await;
    let line = ["describe-key", "--key-id", "k"];
    let env = [ENV, &[("KEYSTEAD_ENDPOINT", address.as_str())]].concat();
    let outcome = run_with(&line, "", false, &env).await;
    let error = outcome.result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Forbidden.KeyNotFound: The specified Key [2J is not found. (request id r-1)"
    );
    assert_eq!((error.exit_code(), outcome.stdout.as_str()), (1, ""));
}

#[tokio::test]
async fn slips_are_found_before_the_call() {
    for (line, env, expected) in [
        (&["list-keys"][..], ENV, "where is the service?"),
        (&["list-keys", "--endpoint", "127.0.0.1:1"], &[], "no credentials"),
        (&["list-keys", "--endpoint", "http://kms.example"], ENV, "plain HTTP on another machine"),
        (
            &["list-keys", "--endpoint", "127.0.0.1:1", "--ca-file", "/nonexistent"],
            ENV,
            "/nonexistent cannot be read",
        ),
        (&["list-keys", "--ready-file", "/nonexistent"], ENV, "ready file /nonexistent"),
        (&["list-keys", "--query", "Keyz"], ENV, "ListKeys gives no field Keyz"),
        (&["list-keys", "--query", "Keys.Key.x"], ENV, "ListKeys gives no field"),
        (&["list-keys", "--output", "text"], ENV, "needs --query"),
    ] {
        let error = run_with(line, "", false, env).await.result.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
    assert!(is_in(OperationId::ListKeys.def().response, "Keys.Key.0.KeyId"));
}

#[tokio::test]
async fn the_ready_file_tells_everything() {
    let (address, serving) = serve_once(200, r#"{"RequestId":"r"}"#).await;
    let folder = tempfile::tempdir().unwrap();
    let ini = "[default]\ntype = access_key\naccess_key_id = LTAIready\naccess_key_secret = hush\n";
    std::fs::write(folder.path().join("root.ini"), ini).unwrap();
    let http = address.strip_prefix("http://").unwrap();
    let ready = format!(
        r#"{{"region":"cn-hangzhou","account_id":"1","endpoints":{{"shared":{{"http":"{http}","https":null}}}},"ca_file":null,"access_key_file":"root.ini"}}"#
    );
    let path = folder.path().join("ready.json");
    std::fs::write(&path, ready).unwrap();
    let env = [("KEYSTEAD_READY_FILE", path.to_str().unwrap()), ("HOME", "/nonexistent")];
    run_with(&["list-keys"], "", false, &env).await.result.unwrap();
    let request = serving.await.unwrap();
    assert!(request.contains("Credential=LTAIready,"), "{request}");
}
