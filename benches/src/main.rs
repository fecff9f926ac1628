//! The load driver: what a signed request costs the server, beside a bare handler behind the same listener.
//!
//! - `machine` and `cpu`: where it runs, on which core, and how much CPU time a process took.
//! - `binary`, `server`, `bare`: the servers under load, each a process of its own on one core.
//! - `signer`, `pool`, `driver`: signed requests, made beforehand, and the loop that sends them.
//! - `workload`: what is sent, and how its answers are checked.
//! - `series`, `subject`, `scenario`, `instance`, `audit`, `client`, `pairs`, `load`, `many`, `keys`, `secrets`: rounds, and what is compared with what.
//! - `report`: the figures as a table, as JSON, and in `docs/performance.md`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command for people: it talks on the terminal

mod api;
mod audit;
mod bare;
mod binary;
mod client;
mod cpu;
mod driver;
mod instance;
mod keys;
mod load;
mod machine;
mod many;
mod options;
mod pairs;
mod pool;
mod prng;
mod report;
mod scenario;
mod secrets;
mod series;
mod server;
mod signer;
mod subject;
mod workload;

use std::process::ExitCode;

use clap::Parser as _;

use crate::options::{Cli, Command};
use crate::report::{Report, Verdict};

/// What went wrong, for a person.
type AnyError = Box<dyn std::error::Error>;

/// The run says nothing, because the driver was too busy itself.
const VOID: u8 = 3;
/// A bar was missed.
const MISSED: u8 = 4;

/// The bare server is this program: it gets what the server has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::BareServer { body_bytes, primitive, awake, ready_file } => {
            let primitive = primitive.as_deref().map(pairs::primitive).transpose();
            primitive
                .and_then(|it| bare::serve(*body_bytes, it, *awake, ready_file))
                .map(|()| ExitCode::SUCCESS)
        }
        _ => measure(&cli),
    };
    done.unwrap_or_else(|error| {
        eprintln!("keystead-bench: {error}");
        ExitCode::FAILURE
    })
}

fn measure(cli: &Cli) -> Result<ExitCode, AnyError> {
    let options = &cli.options;
    let binary = binary::locate(options)?;
    let mut report = Report::begin(options)?;
    let wants = |command: Command| cli.command == Command::All || cli.command == command;
    if wants(Command::Encrypt) {
        report.add_comparison(scenario::encrypt(options, &binary)?);
    }
    if wants(Command::Audit) {
        report.audit = Some(audit::run(options, &binary)?);
    }
    if wants(Command::Client) {
        report.client = Some(client::run(options)?);
    }
    if wants(Command::Instance) {
        report.add_comparison(scenario::instance(options, &binary)?);
    }
    if wants(Command::Secret) {
        report.add_comparison(scenario::secret(options, &binary)?);
    }
    if wants(Command::Pairs) {
        for comparison in pairs::run(options, &binary)? {
            report.add_comparison(comparison);
        }
    }
    if wants(Command::Load) {
        report.load = Some(load::run(options, &binary)?);
    }
    if wants(Command::Keys) {
        report.keys = Some(keys::run(options, &binary)?);
    }
    if wants(Command::Secrets) {
        report.secrets = Some(secrets::run(options, &binary)?);
    }
    report.finish();
    println!("\n{}", report.text());
    if let Some(path) = &options.json {
        report.write_json(path)?;
    }
    match report.verdict() {
        Verdict::Void => {
            eprintln!("keystead-bench: the run is void and was not recorded: see above");
            return Ok(ExitCode::from(VOID));
        }
        Verdict::Passed | Verdict::Missed => {
            if let Some(path) = &options.update {
                report.update_page(path)?;
                println!("{} has these figures now", path.display());
            }
        }
    }
    Ok(if report.verdict() == Verdict::Missed { ExitCode::from(MISSED) } else { ExitCode::SUCCESS })
}
