//! The quickstart: a server, and the main job done through the client, step by step.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use keystead_auth::credentials::{from_env, ini};
use keystead_client::operations::{
    CreateAliasRequest, CreateKeyRequest, CreateSecretRequest, DecryptRequest, DescribeKeyRequest,
    EncryptRequest, GenerateDataKeyRequest, GetSecretValueRequest, PutSecretValueRequest,
};
use keystead_client::{Client, Credentials, EncryptionContext, Error};
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

use crate::config::{self, Listen, Settings};
use crate::ready::Ready;
use crate::server::{Server, reachable, runtime};
use crate::{AnyError, process};

const ALIAS: &str = "alias/quickstart";
const SECRET: &str = "quickstart/greeting";
const PLAINTEXT: &str = "hello, keystead";

pub(crate) fn command() -> Command {
    config::arguments(
        Command::new("quickstart")
            .about(
                "Start on loopback, do the main job through the client, show how to go on, and keep serving",
            )
            .arg(
                Arg::new("exit")
                    .long("exit")
                    .action(ArgAction::SetTrue)
                    .help("Stop after the steps; the exit code says whether all of them worked"),
            ),
    )
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, AnyError> {
    let mut settings = Settings::load(matches)?;
    if !matches.contains_id("log") && std::env::var_os("KEYSTEAD_LOG").is_none() {
        // The steps are the output here.
        "warn".clone_into(&mut settings.log);
    }
    settings.http = free_or_any(settings.http);
    settings.https = free_or_any(settings.https);
    process::forbid_core_dumps()?;
    process::start_logging(&settings.log, settings.log_json)?;
    runtime(settings.workers)?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = Server::start(&settings).await?;
        let done = steps(&server).await;
        if done.is_ok() && !matches.get_flag("exit") {
            go_on(&server.ready)?;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        server.stop().await;
        done.map(|()| ExitCode::SUCCESS)
    })
}

/// The address as asked for; when somebody else listens there, any free port of it.
fn free_or_any(listen: Listen) -> Listen {
    match listen {
        Listen::At(address) if TcpListener::bind(address).is_err() => {
            Listen::At(SocketAddr::new(address.ip(), 0))
        }
        other => other,
    }
}

async fn steps(server: &Server) -> Result<(), AnyError> {
    let ready = &server.ready;
    step("start", format_args!("{}, data in {}", addresses(ready), server.data.path().display()))?;
    let client = client(ready)?;

    let key_id = match client.describe_key(DescribeKeyRequest::new(ALIAS)).await {
        Ok(found) => found.key_metadata.key_id,
        Err(error) if error.code() == Some("Forbidden.AliasNotFound") => {
            let made =
                client.create_key(CreateKeyRequest::new().description("made by the quickstart")).await?;
            let key_id = made.key_metadata.key_id;
            client.create_alias(CreateAliasRequest::new(ALIAS, key_id.clone())).await?;
            key_id
        }
        Err(error) => return Err(error.into()),
    };
    step("key", format_args!("{key_id}, an AES-256 key, also called {ALIAS}"))?;

    let context = EncryptionContext::new().with("app", "quickstart");
    let sealed = client
        .encrypt(EncryptRequest::new(ALIAS, PLAINTEXT.as_bytes()).encryption_context(context.clone()))
        .await?;
    step("encrypt", format_args!("{PLAINTEXT:?} -> {}...", &sealed.ciphertext_blob[..52]))?;
    let opened =
        client.decrypt(DecryptRequest::new(sealed.ciphertext_blob).encryption_context(context)).await?;
    let opened = opened.plaintext.bytes()?;
    check(opened.expose() == PLAINTEXT.as_bytes(), "Decrypt did not give back what was encrypted")?;
    step("decrypt", format_args!("{PLAINTEXT:?}"))?;

    let data_key = client.generate_data_key(GenerateDataKeyRequest::new(ALIAS)).await?;
    let unsealed = client.decrypt(DecryptRequest::new(data_key.ciphertext_blob)).await?;
    check(unsealed.plaintext == data_key.plaintext, "the sealed data key is not the data key")?;
    step("data key", "32 bytes in clear, and the same bytes sealed to keep beside the data")?;

    let version =
        format!("v{}", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos());
    let value = format!("hello from the vault, {version}");
    store_secret(&client, &version, &value).await?;
    let read = client.get_secret_value(GetSecretValueRequest::new(SECRET)).await?;
    check(read.secret_data.expose() == value, "the secret read back is not the one that was stored")?;
    step("secret", format_args!("{SECRET} stored and read back: {:?}", read.secret_data.expose()))
}

async fn store_secret(client: &Client, version: &str, value: &str) -> Result<(), Error> {
    let create = CreateSecretRequest::new(SECRET, version, value);
    match client.create_secret(create).await {
        Err(error) if error.code() == Some("Rejected.ResourceExist") => {
            client.put_secret_value(PutSecretValueRequest::new(SECRET, version, value)).await?;
            Ok(())
        }
        result => result.map(drop),
    }
}

/// The same client that users have, over HTTPS when it is on.
fn client(ready: &Ready) -> Result<Client, AnyError> {
    let shared = &ready.endpoints.shared;
    let (address, plain) = match (shared.https, shared.http) {
        (Some(address), _) => (address, false),
        (None, Some(address)) => (address, true),
        (None, None) => return Err("both listeners are off".into()),
    };
    Ok(Client::builder()
        .region(&ready.region)
        .endpoint(reachable(address).to_string())
        .plain_http(plain)
        .ca_file(&ready.ca_file)
        .credentials(credentials(ready.access_key_file.as_deref())?)
        .build()?)
}

fn credentials(file: Option<&Path>) -> Result<Credentials, AnyError> {
    if let Some(path) = file {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        return Ok(ini::read(&text, "default")?);
    }
    // The AccessKey came from the environment at the first start, so that is where it is now.
    if let (Ok(id), Ok(secret)) =
        (std::env::var("KEYSTEAD_ROOT_ACCESS_KEY_ID"), std::env::var("KEYSTEAD_ROOT_ACCESS_KEY_SECRET"))
    {
        return Ok(Credentials::access_key(id, secret));
    }
    Ok(from_env(|name| std::env::var(name).ok(), |path| fs::read_to_string(path))?)
}

fn check(holds: bool, otherwise: &'static str) -> Result<(), AnyError> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

fn step(name: &str, what: impl Display) -> Result<(), AnyError> {
    let mut out = io::stdout().lock();
    writeln!(out, "  ok  {name:<9} {what}")?;
    out.flush()?;
    Ok(())
}

fn addresses(ready: &Ready) -> String {
    let shared = &ready.endpoints.shared;
    let shown = [("https", shared.https), ("http", shared.http)];
    let shown: Vec<String> = shown
        .into_iter()
        .filter_map(|(scheme, address)| Some(format!("{scheme}://{}", reachable(address?))))
        .collect();
    shown.join(" and ")
}

/// What to paste next.
fn go_on(ready: &Ready) -> Result<(), AnyError> {
    let mut out = io::stdout().lock();
    let ca = ready.ca_file.display();
    writeln!(out, "\nServing until Ctrl-C. The official Python SDK, in another terminal:\n")?;
    writeln!(out, "python3 -m venv /tmp/kms && /tmp/kms/bin/pip install -q alibabacloud-kms20160120==3.3.1")?;
    match &ready.access_key_file {
        Some(path) => {
            writeln!(out, "export ALIBABA_CLOUD_CREDENTIALS_FILE={}", path.display())?;
            writeln!(out, "export ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true")?;
        }
        None => {
            writeln!(out, "export ALIBABA_CLOUD_ACCESS_KEY_ID=\"$KEYSTEAD_ROOT_ACCESS_KEY_ID\"")?;
            writeln!(out, "export ALIBABA_CLOUD_ACCESS_KEY_SECRET=\"$KEYSTEAD_ROOT_ACCESS_KEY_SECRET\"")?;
        }
    }
    let (endpoint, protocol) = match (ready.endpoints.shared.https, ready.endpoints.shared.http) {
        (Some(address), _) => (reachable(address).to_string(), format!("ca=\"{ca}\"")),
        (None, Some(address)) => (reachable(address).to_string(), "protocol=\"HTTP\"".to_owned()),
        (None, None) => return Ok(()),
    };
    writeln!(
        out,
        "/tmp/kms/bin/python - <<'EOF'
from alibabacloud_credentials.client import Client as Credentials
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client
from alibabacloud_tea_openapi.models import Config

kms = Client(Config(credential=Credentials(), endpoint=\"{endpoint}\", {protocol}))
blob = kms.encrypt(models.EncryptRequest(key_id=\"{ALIAS}\", plaintext=\"from Python\")).body.ciphertext_blob
print(kms.decrypt(models.DecryptRequest(ciphertext_blob=blob)).body.plaintext)
print(kms.get_secret_value(models.GetSecretValueRequest(secret_name=\"{SECRET}\")).body.secret_data)
EOF"
    )?;
    out.flush()?;
    Ok(())
}
