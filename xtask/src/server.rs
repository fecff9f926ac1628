//! A `keystead serve` of this build, for the time of one check.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::scratch::Scratch;
use crate::workspace::{POLL, Workspace, ended, wait_until};

const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
/// Lines of the server's log that a failure shows.
const LOG_LINES: usize = 60;

/// A running server with a new data folder. Dropping it kills the server and removes the folder.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    folder: Scratch,
}

impl Server {
    /// Starts the binary on free loopback ports and waits for its ready file. An error ends with the server's log.
    pub(crate) fn start(workspace: &Workspace, binary: &Path) -> Result<Self, String> {
        let folder = Scratch::new("serve")?;
        let log = File::create(folder.path().join("server.log"))
            .and_then(|log| Ok((log.try_clone()?, log)))
            .map_err(|error| format!("the server's log could not be made: {error}"))?;
        let config = folder.path().join("server.toml");
        let template = workspace.root().join("conformance/server.toml");
        // The keys of the checks' own identity provider come when the checks write them.
        fs::read_to_string(&template)
            .and_then(|text| fs::write(&config, text.replace("@FOLDER@", &folder.path().to_string_lossy())))
            .map_err(|error| format!("{} could not be used: {error}", template.display()))?;
        let mut command = workspace.command(binary);
        command
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .arg("--data-dir")
            .arg(folder.path().join("data"))
            .args(["--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--instance", "auto"])
            .arg("--ready-file")
            .arg(folder.path().join("ready.json"))
            .stdout(log.0)
            .stderr(log.1);
        let process =
            command.spawn().map_err(|error| format!("`keystead serve` could not be started: {error}"))?;
        let mut server = Self { process, folder };
        match server.wait_ready() {
            Ok(()) => Ok(server),
            Err(message) => Err(format!("{message}\n{}", server.log())),
        }
    }

    /// The file in which the server says where it listens and where its credentials lie.
    pub(crate) fn ready_file(&self) -> PathBuf {
        self.folder.path().join("ready.json")
    }

    /// Asks the server to stop, as a service manager does, and wants an orderly end.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        if let Some(status) = self.status()? {
            return Err(format!("`keystead serve` {} while it was used\n{}", ended(status), self.log()));
        }
        // The standard library knows only SIGKILL; every shell has a `kill` that knows the others.
        let asked = Command::new("sh")
            .args(["-c", "kill -TERM \"$1\"", "sh", &self.process.id().to_string()])
            .status()
            .is_ok_and(|status| status.success());
        if !asked {
            return Err("SIGTERM could not be sent to `keystead serve`".to_owned());
        }
        match wait_until(&mut self.process, Instant::now() + STOPPED_WITHIN)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("`keystead serve` {} after SIGTERM\n{}", ended(status), self.log())),
            None => Err(format!(
                "`keystead serve` still ran {} s after SIGTERM\n{}",
                STOPPED_WITHIN.as_secs(),
                self.log()
            )),
        }
    }

    /// The last lines of the server's log, indented.
    pub(crate) fn log(&self) -> String {
        let text = fs::read(self.folder.path().join("server.log")).unwrap_or_default();
        last_lines(&String::from_utf8_lossy(&text), LOG_LINES)
    }

    fn wait_ready(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            if is_whole(&fs::read(self.ready_file()).unwrap_or_default()) {
                return Ok(());
            }
            if let Some(status) = self.status()? {
                return Err(format!("`keystead serve` {} before it was ready", ended(status)));
            }
            if Instant::now() >= deadline {
                return Err(format!("`keystead serve` was not ready within {} s", READY_WITHIN.as_secs()));
            }
            thread::sleep(POLL);
        }
    }

    fn status(&mut self) -> Result<Option<std::process::ExitStatus>, String> {
        self.process.try_wait().map_err(|error| format!("the server's state is unknown: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where the process has ended already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether the ready file was read to its end: it holds one JSON object.
fn is_whole(content: &[u8]) -> bool {
    content.trim_ascii().starts_with(b"{") && content.trim_ascii().ends_with(b"}")
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(count);
    let title = if from > 0 { "the end of the server's log:" } else { "the server's log:" };
    std::iter::once(title.to_owned())
        .chain(lines.iter().skip(from).map(|line| format!("    | {line}")))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A script that stands for the binary: `$READY` is the ready file.
    fn stand_in(folder: &Scratch, body: &str) -> PathBuf {
        let path = folder.path().join("keystead");
        let script = format!("#!/bin/sh\nfor READY; do :; done\n{body}\n");
        // Written by a child: a file that this process had open for writing could still be so in a child that
        // another test starts in that moment, and then it cannot be executed.
        let write = "printf %s \"$1\" > \"$2\" && chmod 700 \"$2\"";
        let status = Command::new("sh").args(["-c", write, "sh", &script]).arg(&path).status().unwrap();
        assert!(status.success());
        path
    }

    /// Becomes ready and then waits for a signal.
    const WAITS: &str = "echo '{}' > \"$READY\"; while :; do sleep 0.05; done";

    #[test]
    fn a_server_that_stops_in_order_is_well() {
        let folder = Scratch::new("test").unwrap();
        let binary = stand_in(&folder, &format!("trap 'exit 0' TERM\n{WAITS}"));
        let server = Server::start(&Workspace::locate(), &binary).unwrap();
        assert!(server.ready_file().exists());
        assert_eq!(server.stop(), Ok(()));
    }

    #[test]
    fn a_server_that_dies_of_the_signal_is_not() {
        let folder = Scratch::new("test").unwrap();
        let server = Server::start(&Workspace::locate(), &stand_in(&folder, WAITS)).unwrap();
        assert!(server.stop().unwrap_err().contains("ended by a signal"));
    }

    #[test]
    fn an_early_end_is_seen_with_its_reason() {
        let folder = Scratch::new("test").unwrap();
        let binary = stand_in(&folder, "echo 'no such option' >&2; exit 2");
        let message = Server::start(&Workspace::locate(), &binary).unwrap_err();
        assert!(message.contains("exited with code 2 before it was ready"), "{message}");
        assert!(message.contains("| no such option"), "{message}");
    }

    #[test]
    fn a_half_written_ready_file_does_not_count() {
        assert!(is_whole(b"{\"http\":\"127.0.0.1:1\"}\n"));
        assert!(!is_whole(b"") && !is_whole(b"{\"http\":") && !is_whole(b"}"));
    }

    #[test]
    fn only_the_end_of_a_long_log_is_shown() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "the end of the server's log:\n    | b\n    | c");
        assert_eq!(last_lines("a\n", 2), "the server's log:\n    | a");
    }
}
