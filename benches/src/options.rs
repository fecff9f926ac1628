use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "keystead-bench",
    about = "Measures what signed requests cost the server, beside a bare handler in the same run",
    after_help = "Exit codes: 0 every bar met, 1 it could not be measured, 2 usage, 3 void: the driver was too busy, \
                  4 a bar was missed."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// What to measure.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Encrypt of 32 bytes beside a bare handler
    Encrypt,
    /// Encrypt with and without the audit log
    Audit,
    /// Encrypt through the Rust client beside a bare HTTP client
    Client,
    /// AdvanceEncrypt of 32 bytes through an instance's gateway beside a bare handler
    Instance,
    /// GetSecretValue of 32 bytes beside a bare handler
    Secret,
    /// Many keys in the store: start, memory, and Encrypt beside a store of 10 keys
    Keys,
    /// Signing, verifying, OAEP and SM4 beside their primitives and a bare handler
    Pairs,
    /// How long Encrypt takes while RSA_4096 keys sign
    Load,
    /// Many secrets in the store: start, memory, and GetSecretValue beside a store of 10 secrets
    Secrets,
    /// All of them
    All,
    /// The bare handler; started by the driver
    #[command(hide = true)]
    BareServer {
        /// Bytes of the answer's body.
        #[arg(long)]
        body_bytes: usize,
        /// What it computes for each request: the primitive of this operation.
        #[arg(long)]
        primitive: Option<String>,
        /// Whether it never sleeps.
        #[arg(long)]
        awake: bool,
        /// Where to write its address.
        #[arg(long)]
        ready_file: PathBuf,
    },
}

/// How to measure.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Measured rounds of each subject; subjects take turns
    #[arg(long, global = true, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) rounds: u32,
    /// Length of a round, in seconds
    #[arg(long, global = true, default_value_t = 3.0)]
    pub(crate) seconds: f64,
    /// Keep-alive connections, each with one request under way
    #[arg(long, global = true, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) connections: u32,
    /// Keys in the large store
    #[arg(long, global = true, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1000..=1_000_000))]
    pub(crate) keys: u32,
    /// Secrets in the large store
    #[arg(long, global = true, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1000..=2_000_000))]
    pub(crate) secrets: u32,
    /// Core of the servers
    #[arg(long, global = true, default_value_t = 0)]
    pub(crate) server_core: usize,
    /// Core of the driver
    #[arg(long, global = true, default_value_t = 1)]
    pub(crate) driver_core: usize,
    /// Use this server binary and build nothing
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// Write all figures, each round's too, as JSON
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Put the figures between the markers of this page (docs/performance.md)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) update: Option<PathBuf>,
}
