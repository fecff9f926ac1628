//! The project's own checks, as one command: `cargo xtask test`.
//!
//! It is compiled first on every clean clone, so it uses the standard library alone.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command for people: it talks on the terminal

mod args;
mod conformance;
mod deny;
mod hygiene;
mod quickstart;
mod scratch;
mod server;
mod sm2;
mod soak;
mod step;
mod summary;
mod tools;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

use crate::args::Request;
use crate::conformance::Subject;
use crate::step::Step;
use crate::summary::{Outcome, Summary};
use crate::tools::Toolbox;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word: OsString| word.to_string_lossy().into_owned()).collect();
    let request = match args::parse(&words) {
        Ok(request) => request,
        Err(message) => {
            eprintln!("xtask: {message}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    let workspace = Workspace::locate();
    let done = match request {
        Request::Help => {
            println!("{}", args::HELP);
            Ok(())
        }
        Request::List => {
            for step in Step::ALL {
                println!("{:<19} {}", step.name(), step.about());
            }
            Ok(())
        }
        Request::Docs => workspace.run(&mut step::reference(&workspace, "--write")),
        Request::Bench(rest) => workspace.run(
            workspace
                .cargo(&["run", "--release", "--locked", "-p", "keystead-bench", "--"])
                .args(if rest.is_empty() { vec!["all".to_owned()] } else { rest }),
        ),
        Request::Soak { chosen, cases } => soak::run(&workspace, &chosen, cases),
        Request::Test { require_all, only } => return test(&workspace, require_all, &only),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the chosen steps in their order and prints the summary.
fn test(workspace: &Workspace, require_all: bool, only: &[Step]) -> ExitCode {
    let chosen: Vec<Step> =
        Step::ALL.iter().copied().filter(|step| only.is_empty() || only.contains(step)).collect();
    let mut summary = Summary::default();
    let mut toolbox = Toolbox::new(&chosen);
    let subject = Subject::new(workspace);
    let mut stopped = false;
    for step in chosen {
        if stopped {
            summary.add(step.name(), None, Outcome::NotRun);
            continue;
        }
        if !step.tools().is_empty() {
            toolbox.prepare(workspace);
        }
        println!("\n=== {}: {} ===", step.name(), step.about());
        let start = Instant::now();
        let missing = toolbox.missing(step);
        let outcome = if missing.is_empty() || step.copes_without_tools() {
            step.run(workspace, &subject)
        } else {
            Outcome::Skipped(missing.join("; "))
        };
        if step.copes_without_tools() {
            for reason in &missing {
                summary.skip(format!("{}, what needs it: {reason}", step.name()));
            }
        }
        let outcome = outcome.judge(require_all, &missing);
        let took = start.elapsed();
        println!("=== {}: {} in {:.1} s ===", step.name(), outcome.word(), took.as_secs_f64());
        stopped = step.stops_the_run() && outcome.is_failure();
        summary.add(step.name(), Some(took), outcome);
    }
    print!("\n{summary}");
    if summary.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
