//! What ten thousand secrets cost: `cargo run --release -p keystead-secrets --example refresh_many`.
//!
//! A server of its own process answers on the loopback address, over HTTP/1.1 without TLS. The client gets all secrets, then they
//! are refreshed in the background for three ages of 20 seconds. Prints requests, memory and processor time of the client's
//! process. Needs Linux, for it reads `/proc`.
#![allow(clippy::print_stdout, clippy::unwrap_used)] // a command for people

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use keystead_client::{Client, Credentials};
use keystead_secrets::{SecretClient, Stats};

const SECRETS: usize = 10_000;
/// What is asked for at once: so many connections the server has.
const AT_ONCE: usize = 64;
const VALUE: usize = 256;
const AGE: Duration = Duration::from_secs(20);

/// Answers whatever it is asked on a connection with a secret.
fn answer(mut stream: TcpStream) -> Option<()> {
    let value = "x".repeat(VALUE);
    let body = format!(
        r#"{{"RequestId":"r","SecretName":"s","SecretData":"{value}","SecretDataType":"text","VersionId":"v1","VersionStages":{{"VersionStage":["ACSCurrent"]}},"CreateTime":"2026-01-01T00:00:00Z","SecretType":"Generic"}}"#
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.set_nodelay(true).ok()?;
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            stream.write_all(answer.as_bytes()).ok()?;
        }
    }
}

fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    for stream in listener.incoming().flatten() {
        thread::spawn(move || answer(stream));
    }
}

/// Kilobytes in memory, and seconds of processor time so far.
fn used() -> (u64, f64) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // In ticks, which are hundredths of a second on every Linux.
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    (line.split_whitespace().nth(1).unwrap().parse().unwrap(), ticks / 100.0)
}

struct Row {
    at: Instant,
    memory: u64,
    processor: f64,
    stats: Stats,
}

impl Row {
    fn now(client: &SecretClient) -> Self {
        let (memory, processor) = used();
        Self { at: Instant::now(), memory, processor, stats: client.stats() }
    }

    fn tell(&self, what: &str, before: &Self) {
        println!(
            "{what}: {:.1} s, {} requests ({} failed), {:+.1} MiB, {:.2} s of processor time",
            (self.at - before.at).as_secs_f64(),
            self.stats.fetches - before.stats.fetches,
            self.stats.failures - before.stats.failures,
            (self.memory as f64 - before.memory as f64) / 1024.0,
            self.processor - before.processor
        );
    }
}

fn main() {
    if env::args().nth(1).is_some_and(|argument| argument == "serve") {
        return serve();
    }
    let mut server = Command::new(env::current_exe().unwrap());
    let mut server = server.arg("serve").stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let kms = Client::builder().endpoint(format!("http://{}", address.trim()));
    let kms = kms.credentials(Credentials::access_key("id", "key")).build().unwrap();
    let client = SecretClient::builder().endpoint("here", kms).age(AGE).build().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let names: Vec<String> = (0..SECRETS).map(|number| format!("app/secret-{number:05}")).collect();
        let start = Row::now(&client);
        for names in names.chunks(AT_ONCE) {
            assert!(client.get_all(names).await.iter().all(Result::is_ok));
        }
        let filled = Row::now(&client);
        filled.tell("all secrets got", &start);
        for round in 1..=3 {
            let before = Row::now(&client);
            tokio::time::sleep(AGE).await;
            Row::now(&client).tell(&format!("age {round} in the background"), &before);
        }
        let stats = client.stats();
        println!("kept: {} secrets, {} bytes of values", stats.entries, stats.bytes);
        println!(
            "per secret: {:.0} bytes of memory",
            (used().0 - start.memory) as f64 * 1024.0 / SECRETS as f64
        );
    });
    server.kill().unwrap();
    server.wait().unwrap();
}
