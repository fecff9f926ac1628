//! The official SDKs of other languages, each against a server of this build.
//!
//! `conformance/<language>/run.sh READY_FILE` does the work. Its exit code is the result: 0 passed, 77 skipped with
//! the last line that it printed as the reason, anything else failed.

use std::cell::OnceCell;
use std::io::{self, BufRead, BufReader, PipeReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::summary::Outcome;
use crate::tools::Tool;
use crate::workspace::{Workspace, ended, wait_until};

/// The exit code by which a script says that it cannot run here.
const SKIPPED: i32 = 77;
/// Failed checks that are named again at the end.
const MAX_FAILURES: usize = 10;
/// The first run on a machine downloads the SDKs; after this time nothing is expected any more.
const ENDED_WITHIN: Duration = Duration::from_secs(20 * 60);

/// The SDKs of one language, with a folder in `conformance/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Python.
    Python,
    /// Node.js.
    Node,
    /// Go.
    Go,
    /// Java.
    Java,
    /// Python, the SDKs of KMS instances.
    InstancePython,
    /// Go, the SDKs of KMS instances.
    InstanceGo,
    /// Java, the SDK of KMS instances.
    InstanceJava,
    /// Python, the clients of secrets.
    SecretsPython,
    /// Go, the client of secrets.
    SecretsGo,
    /// Java, the client of secrets.
    SecretsJava,
    /// Rust, this project's own client of secrets.
    SecretsRust,
}

impl Language {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 11] = [
        Self::Python,
        Self::Node,
        Self::Go,
        Self::Java,
        Self::InstancePython,
        Self::InstanceGo,
        Self::InstanceJava,
        Self::SecretsPython,
        Self::SecretsGo,
        Self::SecretsJava,
        Self::SecretsRust,
    ];

    /// What its script needs on the machine.
    pub(crate) fn tools(self) -> &'static [Tool] {
        match self {
            Self::Python | Self::InstancePython => &[Tool::Python],
            // Their scenarios are played by a program in Python.
            Self::SecretsPython | Self::SecretsRust => &[Tool::Python, Tool::Ping, Tool::Ip],
            Self::SecretsGo => &[Tool::Go, Tool::Python, Tool::Ping, Tool::Ip],
            Self::SecretsJava => &[Tool::Java, Tool::Maven, Tool::Python, Tool::Ping, Tool::Ip],
            Self::Node => &[Tool::Node, Tool::Npm],
            Self::Go | Self::InstanceGo => &[Tool::Go],
            Self::Java | Self::InstanceJava => &[Tool::Java, Tool::Maven],
        }
    }

    /// Starts a server, runs the script, stops the server.
    pub(crate) fn check(self, workspace: &Workspace, subject: &Subject<'_>) -> Outcome {
        let binary = match subject.binary() {
            Ok(binary) => binary,
            Err(message) => return Outcome::Failed(message),
        };
        let server = match Server::start(workspace, &binary) {
            Ok(server) => server,
            Err(message) => return Outcome::Failed(message),
        };
        let script = format!("conformance/{}/run.sh", self.folder());
        println!("$ {script} READY_FILE");
        let mut command = workspace.command(workspace.root().join(&script));
        command.arg(server.ready_file());
        // Of this project's variables, which `command` takes away, this one is the script's own.
        if let Some(cache) = std::env::var_os("KEYSTEAD_CONFORMANCE_CACHE") {
            command.env("KEYSTEAD_CONFORMANCE_CACHE", cache);
        }
        if let Some((variable, example)) = self.beside() {
            match subject.example(&example) {
                Ok(example) => command.env(variable, example),
                Err(message) => return Outcome::Failed(message),
            };
        }
        let outcome = match run_script(command, Instant::now() + ENDED_WITHIN) {
            Err(message) => Outcome::Failed(format!("{script}: {message}")),
            Ok((status, _)) if status.success() => Outcome::Passed,
            Ok((status, Told { last, .. })) if status.code() == Some(SKIPPED) => {
                Outcome::Skipped(if last.is_empty() { format!("{script} gave no reason") } else { last })
            }
            Ok((status, Told { failures, .. })) => {
                println!("{}", server.log());
                // Once more at the end, where they are found.
                let failures: String = failures.iter().map(|line| format!("\n    {line}")).collect();
                Outcome::Failed(format!("{script} {}{failures}", ended(status)))
            }
        };
        match server.stop() {
            Err(message) if !outcome.is_failure() => Outcome::Failed(message),
            Err(message) => {
                println!("{message}");
                outcome
            }
            Ok(()) => outcome,
        }
    }

    /// The program that makes the same calls with a Rust client, with the variable in which the script looks for it.
    fn beside(self) -> Option<(&'static str, Example)> {
        let of_client = |name| Example { package: "keystead-client", feature: "instance", name };
        match self {
            Self::Python => Some(("KEYSTEAD_REQUESTS_SENT", of_client("requests_sent"))),
            Self::InstancePython => Some(("KEYSTEAD_INSTANCE_ANSWERS", of_client("instance_answers"))),
            Self::SecretsRust => {
                let example =
                    Example { package: "keystead-secrets", feature: "client-key", name: "scenarios" };
                Some(("KEYSTEAD_SCENARIOS", example))
            }
            _ => None,
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
            Self::Go => "go",
            Self::Java => "java",
            Self::InstancePython => "instance-python",
            Self::InstanceGo => "instance-go",
            Self::InstanceJava => "instance-java",
            Self::SecretsPython => "secrets-python",
            Self::SecretsGo => "secrets-go",
            Self::SecretsJava => "secrets-java",
            Self::SecretsRust => "secrets-rust",
        }
    }
}

/// A program that makes calls with a Rust client.
struct Example {
    package: &'static str,
    feature: &'static str,
    name: &'static str,
}

/// The binary under test, built when it is first asked for.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    workspace: &'a Workspace,
    built: OnceCell<Result<PathBuf, String>>,
}

impl<'a> Subject<'a> {
    /// Builds nothing yet.
    pub(crate) fn new(workspace: &'a Workspace) -> Self {
        Self { workspace, built: OnceCell::new() }
    }

    /// The path of the program, built from the current sources.
    fn example(&self, example: &Example) -> Result<PathBuf, String> {
        let Example { package, feature, name } = example;
        let build = ["build", "-p", package, "--locked", "--features", feature, "--example", name];
        self.workspace.run(&mut self.workspace.cargo(&build))?;
        Ok(self.workspace.debug_binary(&format!("examples/{name}")))
    }

    /// The path of the debug binary of the current sources.
    pub(crate) fn binary(&self) -> Result<PathBuf, String> {
        let build = || {
            self.workspace.run(&mut self.workspace.cargo(&["build", "-p", "keystead", "--locked"]))?;
            Ok(self.workspace.debug_binary("keystead"))
        };
        self.built.get_or_init(build).clone()
    }
}

/// What a script printed, as far as the result needs it.
#[derive(Debug, Default)]
struct Told {
    /// The last line that was not empty.
    last: String,
    /// The first of the lines that begin with `FAIL`.
    failures: Vec<String>,
}

/// Runs the script, shows what it prints, and returns its status and what of that is needed.
fn run_script(mut command: Command, deadline: Instant) -> Result<(ExitStatus, Told), String> {
    let not_started = |error: io::Error| format!("could not be started: {error}");
    let (reader, writer) = io::pipe().map_err(not_started)?;
    // One pipe for both, so that the lines stay in their order.
    command.stdout(writer.try_clone().map_err(not_started)?).stderr(writer);
    let mut child = command.spawn().map_err(not_started)?;
    // The command holds this side's ends of the pipe; with them open the reader would never see the end.
    drop(command);
    let told = relay(reader);
    let Some(status) = wait_until(&mut child, deadline)? else {
        // Whatever the script has started loses its server next, and ends by that.
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("still ran after {} minutes", ENDED_WITHIN.as_secs() / 60));
    };
    // A process left behind by the script may hold the pipe open for ever; its words are not waited for.
    Ok((status, told.recv_timeout(Duration::from_secs(5)).unwrap_or_default()))
}

/// Copies lines to the standard output in a thread; at the end of input sends what is needed of them.
fn relay(reader: PipeReader) -> Receiver<Told> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut told = Told::default();
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            if line.starts_with("FAIL") && told.failures.len() < MAX_FAILURES {
                told.failures.push(line.clone());
            }
            if !line.trim().is_empty() {
                told.last = line.trim().to_owned();
            }
        }
        // Nobody listens any more when the wait has timed out.
        let _ = sender.send(told);
    });
    receiver
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn run(script: &str) -> Result<(ExitStatus, Told), String> {
        let mut command = Workspace::locate().command("sh");
        command.args(["-c", script]);
        run_script(command, Instant::now() + Duration::from_secs(60))
    }

    #[test]
    fn the_last_line_is_the_reason_whichever_stream_it_came_from() {
        let (status, Told { last, .. }) =
            run("echo first; echo 'Go 1.24 is too old' >&2; echo; exit 77").unwrap();
        assert_eq!((status.code(), last.as_str()), (Some(77), "Go 1.24 is too old"));
        let (status, told) = run("echo 'FAIL a: b'; echo 'ok   c'; exit 1").unwrap();
        assert_eq!((status.code(), told.failures), (Some(1), vec!["FAIL a: b".to_owned()]));
    }

    #[test]
    fn a_script_that_hangs_is_ended() {
        let mut command = Workspace::locate().command("sh");
        command.args(["-c", "exec sleep 600"]);
        let message = run_script(command, Instant::now()).unwrap_err();
        assert!(message.contains("still ran"), "{message}");
    }

    #[test]
    fn a_script_that_is_not_there_is_an_error() {
        let message = run_script(Workspace::locate().command("./there-is-no-such-script"), Instant::now());
        assert!(message.unwrap_err().contains("could not be started"));
    }
}
