//! `keystead`: the service, its quickstart, and a command per operation.

mod account;
mod admin;
mod audit;
mod closed;
mod config;
mod credentials;
mod data_dir;
mod dedicated;
mod instance;
mod operation;
mod process;
mod quickstart;
mod ready;
mod reference;
mod server;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{ArgMatches, Command};

/// A request makes some thirty short-lived allocations; this allocator saves a twentieth of its whole cost.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let matches = command().get_matches();
    match run(&matches) {
        Ok(code) => code,
        Err(error) => {
            let mut text = format!("keystead: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                // A transparent error's text is its cause's text; once is enough.
                let cause_text = cause.to_string();
                if !text.ends_with(&cause_text) {
                    text = format!("{text}: {cause_text}");
                }
                source = cause.source();
            }
            let _ = writeln!(std::io::stderr(), "{text}");
            ExitCode::FAILURE
        }
    }
}

type AnyError = Box<dyn std::error::Error>;

fn command() -> Command {
    Command::new("keystead")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A KMS and secrets service that speaks Alibaba Cloud KMS's wire protocol")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(config::arguments(Command::new("serve").about("Serve until SIGTERM or SIGINT")))
        .subcommand(quickstart::command())
        .subcommand(config::arguments(
            Command::new("config").about("Print the effective configuration and where each value comes from"),
        ))
        .subcommands(admin::commands())
        .subcommand(audit::command())
        .subcommand(account::command())
        .subcommand(instance::command())
        .subcommand(credentials::command())
        .subcommand(reference::command())
        .subcommands(operation::commands())
}

fn run(matches: &ArgMatches) -> Result<ExitCode, AnyError> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(ExitCode::FAILURE) };
    match name {
        "serve" => server::serve(config::Settings::load(matches)?),
        "quickstart" => quickstart::run(matches),
        "config" => {
            let mut out = std::io::stdout().lock();
            config::print(matches, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        "audit" => audit::run(matches),
        "credentials" => with_io(async |io| credentials::run(matches, io).await),
        "reference" => reference::run(matches),
        name if admin::is_command(name) => admin::run(name, matches),
        "account" => account::run(matches),
        "instance" => instance::run(matches),
        name if operation::is_product(name) => match operation::find_in(name, matches) {
            Some((def, matches)) => with_io(async |io| operation::run(def, matches, io).await),
            None => Err(format!("there is no such command under {name}").into()),
        },
        name => match operation::find(name) {
            Some(def) => with_io(async |io| operation::run(def, matches, io).await),
            None => Err(format!("there is no command {name}").into()),
        },
    }
}

/// Runs a command that calls a service.
fn with_io(
    command: impl AsyncFnOnce(&mut operation::Io<'_>) -> Result<(), operation::CliError>,
) -> Result<ExitCode, AnyError> {
    process::start_logging("warn", false)?;
    let mut io = operation::Io {
        stdin: &mut std::io::stdin().lock(),
        stdin_is_terminal: std::io::stdin().is_terminal(),
        stdout: &mut std::io::stdout().lock(),
        env: &|name| std::env::var(name).ok(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(command(&mut io)) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "keystead: {error}");
            Ok(ExitCode::from(error.exit_code()))
        }
    }
}
