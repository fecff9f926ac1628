//! Reads secrets for `conformance/secrets`, line by line, as the programs there do with the official clients:
//! `cargo build -p keystead-secrets --features client-key --example scenarios`.
//!
//! The settings come from the official configuration, as a deployment has it. The first line is what it says in code; each
//! further line is a read, and one line answers it. The protocol is that of `conformance/secrets/reader.py`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // its standard output is the protocol

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::{self, BufRead as _};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, SystemTime};

use keystead_secrets::{CacheFile, CachedSecretSource as _, SecretClient, SecretError, SecretValue};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Builder;

/// What a deployment says in code. The official clients' way of waiting between repeats has no counterpart in the official
/// configuration, so that of the client's own default is used.
#[derive(Deserialize)]
struct Options {
    /// Milliseconds by the name of a secret.
    #[serde(default)]
    ttl: HashMap<String, u64>,
    json_ttl: Option<String>,
    stage: Option<String>,
    file: Option<File>,
}

/// The official clients' file has its key in it, and a salt that the program brings; here a salt is not asked for.
#[derive(Deserialize)]
struct File {
    folder: String,
    /// Whether what is there is read at the start. Who does not want that needs no file here.
    reload: bool,
}

/// Of the cache file: a program has it from elsewhere.
const KEY: [u8; 32] = *b"the key of the scenarios' files!";

#[derive(Deserialize)]
struct Request {
    read: String,
    #[serde(default)]
    secret: String,
    /// What `hits` and `cached` take.
    #[serde(default)]
    secrets: Vec<String>,
    #[serde(default)]
    threads: usize,
    #[serde(default)]
    count: usize,
}

fn opened(options: &str) -> Result<SecretClient, Box<dyn Error>> {
    let options: Options = serde_json::from_str(options)?;
    let mut builder = SecretClient::configured()?;
    for (name, age) in options.ttl {
        builder = builder.age_of(name, Duration::from_millis(age));
    }
    if let Some(property) = options.json_ttl {
        builder = builder.age_property(property);
    }
    if let Some(file) = options.file.filter(|file| file.reload) {
        fs::create_dir_all(&file.folder)?;
        builder = builder.cache_file(CacheFile::new(format!("{}/secrets", file.folder), &KEY));
    }
    if let Some(stage) = options.stage {
        builder = builder.stage(stage);
    }
    Ok(builder.build()?)
}

async fn performed(client: &SecretClient, request: &Request) -> Result<Value, SecretError> {
    let name = request.secret.as_str();
    Ok(match request.read.as_str() {
        "text" => json!({"value": client.get(name).await?.text()?}),
        "binary" => json!({"bytes": client.get(name).await?.bytes()?}),
        "refresh" => {
            let refreshed = client.refresh_now(name).await;
            // The protocol knows no error here, as most clients give none.
            if let Err(error) = &refreshed {
                eprintln!("{error}");
            }
            json!({"refreshed": refreshed.is_ok()})
        }
        "info" => json!({"info": info(&client.get(name).await?)}),
        "hits" => json!({"hits": hits(request, |name| {
            let Poll::Ready(value) = client.get(name).as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
                return false;
            };
            value.is_ok_and(|value| black_box(value.text()).is_ok())
        })}),
        "cached" => json!({"hits": hits(request, |name| {
            client.cached(name).is_some_and(|value| value.is_ok_and(|value| black_box(value.text()).is_ok()))
        })}),
        other => json!({"fault": "read", "message": format!("there is no read {other:?}")}),
    })
}

/// Reads the secrets in turn, so many times in each thread; gives how many hits there were.
fn hits(request: &Request, hit: impl Fn(&str) -> bool + Sync) -> usize {
    let reads = || request.secrets.iter().cycle().take(request.count).filter(|name| hit(name)).count();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..request.threads).map(|_| scope.spawn(reads)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(0)).sum()
    })
}

fn info(value: &SecretValue) -> Value {
    let seconds =
        |time: Option<SystemTime>| Some(time?.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs());
    json!({
        "SecretName": value.name(),
        "VersionId": value.version_id(),
        "SecretData": value.wire_text(),
        "SecretDataType": if value.is_binary() { "binary" } else { "text" },
        "SecretType": value.secret_type(),
        "CreateTime": seconds(value.created()),
        "AutomaticRotation": value.automatic_rotation(),
        "RotationInterval": value.rotation_interval().map(|interval| format!("{}s", interval.as_secs())),
        "NextRotationDate": seconds(value.next_rotation()),
        "ExtendedConfig": value.extended_config(),
    })
}

/// A refusal of the service has its code; everything else is a fault.
fn refusal(error: &SecretError) -> Value {
    match error.code() {
        Some(code) => json!({"code": code, "message": error.to_string()}),
        None => json!({"fault": format!("{:?}", error.kind()), "message": error.to_string()}),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut client = None;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = match &client {
            None => match opened(&line) {
                Ok(opened) => {
                    client = Some(opened);
                    json!({"opened": true})
                }
                Err(error) => json!({"fault": "opening", "message": error.to_string()}),
            },
            Some(client) => {
                let request = serde_json::from_str(&line)?;
                runtime.block_on(performed(client, &request)).unwrap_or_else(|error| refusal(&error))
            }
        };
        println!("{answer}");
    }
    if let Some(client) = client {
        runtime.block_on(client.save())?;
    }
    Ok(())
}
