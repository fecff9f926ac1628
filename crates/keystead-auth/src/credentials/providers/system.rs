//! The machine's own environment, files, processes, clock and randomness.

use std::io;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

use super::effects::{BoxFuture, Clock, Env, Files, MAX_BYTES, Process, ProcessFault, Random, RandomFault};

/// The process's environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEnv;

impl Env for SystemEnv {
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// `HOME`, then `HOMEPATH`, then what the system knows of the user: the order of the official libraries.
    fn home(&self) -> Option<String> {
        let named = |name| self.var(name).filter(|home| !home.is_empty());
        let of_system = || std::env::home_dir()?.into_os_string().into_string().ok();
        named("HOME").or_else(|| named("HOMEPATH")).or_else(of_system)
    }
}

/// The machine's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemFiles;

impl Files for SystemFiles {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, io::Result<Zeroizing<Vec<u8>>>> {
        Box::pin(async move { read_all(tokio::fs::File::open(path).await?).await })
    }
}

/// Reads to the end into memory that is wiped, also where it had to grow.
async fn read_all(mut from: impl AsyncRead + Unpin) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(8 << 10));
    loop {
        if out.len() == out.capacity() {
            if out.len() >= MAX_BYTES {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            let mut larger = Zeroizing::new(Vec::with_capacity(out.len() * 2));
            larger.extend_from_slice(&out);
            out = larger;
        }
        if from.read_buf(&mut *out).await? == 0 {
            return Ok(out);
        }
    }
}

/// Starts programs of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemProcess;

impl Process for SystemProcess {
    fn run<'a>(
        &'a self,
        command: &'a [String],
        limit: Duration,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, ProcessFault>> {
        Box::pin(async move {
            tokio::time::timeout(limit, run(command)).await.map_err(|_| ProcessFault::Timeout(limit))?
        })
    }
}

async fn run(command: &[String]) -> Result<Zeroizing<Vec<u8>>, ProcessFault> {
    let start = |error: io::Error| ProcessFault::Start(error.kind());
    let (program, arguments) =
        command.split_first().ok_or(ProcessFault::Start(io::ErrorKind::InvalidInput))?;
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(start)?;
    let output = child.stdout.take().ok_or(ProcessFault::Start(io::ErrorKind::BrokenPipe))?;
    let output = read_all(output).await.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => ProcessFault::TooLarge,
        kind => ProcessFault::Start(kind),
    })?;
    let status = child.wait().await.map_err(start)?;
    if status.success() { Ok(output) } else { Err(ProcessFault::Failed(status.code())) }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_seconds(&self) -> i64 {
        // A clock before 1970 or beyond the year 292 billion is refused by the service, not here.
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// The random generator of aws-lc, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFault> {
        aws_lc_rs::rand::fill(out).map_err(|_| RandomFault)
    }
}
