//! Starts the binary on free ports and ends it again.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// The AccessKey that every test server starts with, unless a test is about the one that a server makes.
pub const ACCESS_KEY_ID: &str = "LTAItestroot0001";
/// Its secret, also a marker: it must be found nowhere.
pub const ACCESS_KEY_SECRET: &str = "markedAccessKeySecret7h3Tq9Zw";

/// Longer than any start, also in a debug build on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A folder with everything that a server leaves behind. Servers can be started on it one after another.
pub struct Home {
    dir: TempDir,
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub ready: Value,
    log: PathBuf,
    /// Its folder, when nobody else keeps that.
    home: Option<Home>,
}

impl Home {
    pub fn new() -> Self {
        let dir = TempDir::with_prefix("keystead-it-").unwrap();
        fs::create_dir(dir.path().join("home")).unwrap();
        fs::create_dir(dir.path().join("cwd")).unwrap();
        Self { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub fn ready_file(&self) -> PathBuf {
        self.path("ready.json")
    }

    /// Everything that servers of this folder wrote to standard error.
    pub fn log(&self) -> String {
        String::from_utf8(fs::read(self.path("log")).unwrap()).unwrap()
    }

    /// The binary with nothing of this process's own settings in its environment.
    pub fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keystead"));
        self.prepare(&mut command);
        command.arg(subcommand);
        command
    }

    /// As [`Home::command`], for a program of the test's choice.
    pub fn prepare(&self, command: &mut Command) {
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("KEYSTEAD_") || name.starts_with("ALIBABA_CLOUD_") {
                command.env_remove(&name);
            }
        }
        command.env("HOME", self.path("home")).current_dir(self.path("cwd")).stdin(Stdio::null());
    }

    /// A server on this folder, all listeners on free ports, logs at the finest level.
    pub fn serve(&self) -> Command {
        let mut command = self.serve_with_own_key();
        command
            .env("KEYSTEAD_ROOT_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("KEYSTEAD_ROOT_ACCESS_KEY_SECRET", ACCESS_KEY_SECRET);
        command
    }

    /// As [`Home::serve`], but the server makes its root AccessKey itself.
    pub fn serve_with_own_key(&self) -> Command {
        let mut command = self.command("serve");
        // In the environment, so that a test can say otherwise with a flag.
        command.env("KEYSTEAD_DATA_DIR", self.data()).env("KEYSTEAD_READY_FILE", self.ready_file());
        for name in ["KEYSTEAD_HTTP", "KEYSTEAD_HTTPS", "KEYSTEAD_OPS"] {
            command.env(name, "127.0.0.1:0");
        }
        command.env("KEYSTEAD_LOG", "trace").env("KEYSTEAD_WORKERS", "2");
        command
    }

    pub fn start(&self) -> Server {
        self.start_with(&mut self.serve())
    }

    /// Starts a server that takes the folder along.
    pub fn start_here(self) -> Server {
        let mut server = self.start();
        server.home = Some(self);
        server
    }

    /// Starts a server and waits until it says that it is ready.
    pub fn start_with(&self, command: &mut Command) -> Server {
        let ready_file = self.ready_file();
        let _ = fs::remove_file(&ready_file);
        let log = self.path("log");
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let child = command.stdout(Stdio::null()).stderr(file).spawn().unwrap();
        let mut server = Server { child, ready: Value::Null, log, home: None };
        let deadline = Instant::now() + START;
        loop {
            // The file comes by renaming, so it is whole when it is there.
            if let Ok(text) = fs::read(&ready_file) {
                server.ready = serde_json::from_slice(&text).unwrap();
                return server;
            }
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("the server ended at its start with {status}:\n{}", self.log());
            }
            assert!(Instant::now() < deadline, "the server does not get ready:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Runs a command that is to end by itself.
    pub fn run(&self, command: &mut Command) -> Output {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let deadline = Instant::now() + START;
        // What these commands print fits into a pipe, so they end without being read.
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                child.kill().unwrap();
                let output = child.wait_with_output().unwrap();
                panic!("{command:?} does not end: {}", String::from_utf8_lossy(&output.stderr));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        child.wait_with_output().unwrap()
    }

    /// Runs a command that is to fail with a message and no panic; gives the message.
    pub fn refused(&self, command: &mut Command) -> String {
        let output = self.run(command);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(!text.contains("panicked"), "{text}");
        text
    }
}

impl Server {
    /// Takes the folder along, so that it stays for as long as the server runs.
    pub fn with_home(mut self, home: Home) -> Self {
        self.home = Some(home);
        self
    }

    /// The folder of [`Home::start_here`].
    pub fn home(&self) -> &Home {
        self.home.as_ref().unwrap()
    }

    pub fn http(&self) -> SocketAddr {
        self.address("/endpoints/shared/http")
    }

    pub fn https(&self) -> SocketAddr {
        self.address("/endpoints/shared/https")
    }

    pub fn ops(&self) -> SocketAddr {
        self.address("/endpoints/ops")
    }

    fn address(&self, pointer: &str) -> SocketAddr {
        self.ready.pointer(pointer).unwrap().as_str().unwrap().parse().unwrap()
    }

    pub fn ca_file(&self) -> &Path {
        Path::new(self.ready["ca_file"].as_str().unwrap())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory of the server, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap(), signal).unwrap();
    }

    /// Ends it as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        assert_eq!(self.child.wait().unwrap().signal(), Some(9));
    }

    /// Asks it to end and sees that it does, with exit code 0.
    pub fn stop(self) {
        self.signal(Signal::TERM);
        let status = self.wait(Duration::from_secs(30));
        assert_eq!(status.code(), Some(0));
    }

    /// Waits for its end.
    pub fn wait(mut self, at_most: Duration) -> ExitStatus {
        let deadline = Instant::now() + at_most;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sees that it is still itself: it answers, and nothing in it has panicked.
    pub fn assert_well(&self) {
        let answer = crate::signed::Call::new("DescribeRegions").send(self);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let log = fs::read_to_string(&self.log).unwrap();
        assert!(!log.contains("panicked"), "{log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
