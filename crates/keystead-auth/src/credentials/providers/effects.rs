//! What providers do to the world outside, each behind a trait: variables, files, HTTP, commands, time and randomness.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use zeroize::Zeroizing;

use super::system::{SystemClock, SystemEnv, SystemFiles, SystemProcess, SystemRandom};

/// A future on the heap, so that the traits can be used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The largest file, answer or output that is read, in bytes: 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;

/// Everything that providers need from outside.
#[derive(Clone)]
pub struct Effects {
    /// The process's environment.
    pub env: Arc<dyn Env>,
    /// Files to read; none is ever written.
    pub files: Arc<dyn Files>,
    /// HTTP requests, to STS, the instance metadata and the like.
    pub http: Arc<dyn Http>,
    /// The command of a CLI profile with mode `External`.
    pub process: Arc<dyn Process>,
    /// The time, for dates and expirations.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for nonces and jitter.
    pub random: Arc<dyn Random>,
}

impl Effects {
    /// The machine's own, with the way to speak HTTP handed in.
    #[must_use]
    pub fn system(http: Arc<dyn Http>) -> Self {
        Self {
            env: Arc::new(SystemEnv),
            files: Arc::new(SystemFiles),
            http,
            process: Arc::new(SystemProcess),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }

    /// A variable that is set and not empty.
    pub(super) fn var(&self, name: &str) -> Option<String> {
        self.env.var(name).filter(|value| !value.is_empty())
    }

    /// Whether a variable is `true`, in any case.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.var(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// 32 random hex digits.
    pub(super) fn nonce(&self) -> Result<String, RandomFault> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        Ok(hex::encode(bytes))
    }
}

/// The environment of the process.
pub trait Env: Send + Sync {
    /// The variable's value; `None` if it is unset or no Unicode.
    fn var(&self, name: &str) -> Option<String>;

    /// The user's home folder.
    fn home(&self) -> Option<String>;
}

/// Reads files.
pub trait Files: Send + Sync {
    /// The file's bytes.
    ///
    /// # Errors
    /// The file is not there, cannot be read, or is larger than [`MAX_BYTES`].
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, io::Result<Zeroizing<Vec<u8>>>>;
}

/// A request with its time limits.
///
/// URI, headers and body may hold secrets and must not be logged; there is no `Debug`.
pub struct HttpRequest {
    /// The request, with an absolute URI and a `host` header.
    pub request: Request<Zeroizing<Vec<u8>>>,
    /// How long connecting may take, TLS handshake included.
    pub connect_timeout: Duration,
    /// How long all of it may take.
    pub timeout: Duration,
}

/// Makes one HTTP request: no redirects are followed, no attempt is repeated.
pub trait Http: Send + Sync {
    /// Sends the request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// There is no answer.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<Response<Zeroizing<Vec<u8>>>, HttpFault>>;
}

/// Why there is no answer. The texts come from libraries and hold nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpFault {
    /// There was no connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// The TLS handshake failed, for instance because of the certificate.
    #[error("the TLS handshake failed: {0}")]
    Tls(String),
    /// The connection failed later.
    #[error("the connection failed: {0}")]
    Broken(String),
    /// A time limit was reached.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer is larger than [`MAX_BYTES`].
    #[error("the answer is larger than {MAX_BYTES} bytes")]
    TooLarge,
}

/// Runs commands.
pub trait Process: Send + Sync {
    /// Runs a program with its arguments, without a shell, and gives what it wrote to its standard output.
    ///
    /// # Errors
    /// The program cannot be started, fails, writes too much, or is not done within `limit`; it is then killed.
    fn run<'a>(
        &'a self,
        command: &'a [String],
        limit: Duration,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, ProcessFault>>;
}

/// Why a command gave no output. What it wrote to its standard error may hold secrets and is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProcessFault {
    /// It could not be started or read from.
    #[error("the command cannot be run: {0}")]
    Start(io::ErrorKind),
    /// It ended with another status than 0; `None` if a signal ended it.
    #[error("the command failed with {}", .0.map_or_else(|| "a signal".to_owned(), |code| format!("status {code}")))]
    Failed(Option<i32>),
    /// It took too long.
    #[error("the command was not done within {0:?}")]
    Timeout(Duration),
    /// It wrote more than [`MAX_BYTES`].
    #[error("the command wrote more than {MAX_BYTES} bytes")]
    TooLarge,
}

/// Tells the time for the dates of requests, and whether credentials have expired.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00:00Z.
    fn unix_seconds(&self) -> i64;
}

/// Gives the random bytes of nonces, and of the jitter before retries and refreshes.
pub trait Random: Send + Sync {
    /// Fills `out`.
    ///
    /// # Errors
    /// When the source has none to give.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFault>;
}

/// There are no random bytes to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct RandomFault;
