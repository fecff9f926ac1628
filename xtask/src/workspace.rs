//! Where the project is, and how its commands are run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a child is asked whether it has ended.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// The project's root, its target folder and its cargo.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    cargo: OsString,
}

impl Workspace {
    /// Finds the project from what `cargo run` says, so that a moved checkout works too.
    pub(crate) fn locate() -> Self {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here.parent().unwrap_or(&here).to_path_buf();
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        // Cargo takes a relative folder from where it was called; below, everything is called from the root.
        let target = match std::env::current_dir() {
            Ok(current) if std::env::var_os("CARGO_TARGET_DIR").is_some() => current.join(target),
            _ => root.join(target),
        };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self { root, target, cargo }
    }

    /// The project's root folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The debug binary of that name; it may not be built yet.
    pub(crate) fn debug_binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A command in the project's root. It has no standard input and none of the caller's `KEYSTEAD_` variables,
    /// which would configure the server under test. It stays in the terminal's process group, so that Ctrl-C ends
    /// it together with this program.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KEYSTEAD_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// A cargo command.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&self.cargo);
        command.args(arguments).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// Shows the command, runs it with this program's output, and wants success.
    pub(crate) fn run(&self, command: &mut Command) -> Result<(), String> {
        let line = shown(command);
        println!("$ {line}");
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{line}` {}", ended(status))),
            Err(error) => Err(format!("`{line}` could not be started: {error}")),
        }
    }
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

/// How a child ended, as the end of a sentence.
pub(crate) fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exited with code {code}"),
        None => format!("was ended by a signal ({status})"),
    }
}

/// Waits for a child until the deadline; `None` when it still runs then.
pub(crate) fn wait_until(child: &mut Child, deadline: Instant) -> Result<Option<ExitStatus>, String> {
    loop {
        match child.try_wait() {
            Err(error) => return Err(format!("waiting for a child failed: {error}")),
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) if Instant::now() >= deadline => return Ok(None),
            Ok(None) => thread::sleep(POLL),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_command_is_shown_without_the_folder_of_its_program() {
        let mut command = Command::new("/some/where/cargo");
        command.args(["fmt", "--check"]);
        assert_eq!(shown(&command), "cargo fmt --check");
    }

    #[test]
    fn a_failing_command_is_named_with_its_code() {
        let workspace = Workspace::locate();
        assert_eq!(workspace.run(workspace.command("sh").args(["-c", "exit 0"])), Ok(()));
        let message = workspace.run(workspace.command("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(message, "`sh -c exit 3` exited with code 3");
        assert!(workspace.run(&mut workspace.command("there-is-no-such-program")).is_err());
    }

    #[test]
    fn children_get_no_standard_input() {
        let workspace = Workspace::locate();
        let read = workspace.command("cat").output().unwrap();
        assert!(read.status.success() && read.stdout.is_empty());
    }

    #[test]
    fn waiting_ends_at_the_deadline() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        assert_eq!(wait_until(&mut child, Instant::now()).unwrap(), None);
        drop(child.stdin.take());
        let status = wait_until(&mut child, Instant::now() + Duration::from_secs(30)).unwrap();
        assert!(status.is_some_and(|status| status.success()));
    }
}
