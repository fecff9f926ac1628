use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use keystead_auth::{Credentials, credentials};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::AnyError;
use crate::api::Api;
use crate::options::Options;
use crate::{bare, machine};

/// How long a server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the ready file is looked for; the start time is as exact as this.
const LOOK: Duration = Duration::from_millis(1);

/// A server under load: a process of its own on the servers' core. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it serves plain HTTP.
    pub(crate) address: SocketAddr,
    /// The first instance's gateway, when it is open without TLS.
    pub(crate) instance: Option<Instance>,
    /// From starting the process until its ready file was there.
    pub(crate) start: Duration,
}

/// Where an instance is.
pub(crate) struct Instance {
    pub(crate) id: String,
    /// Without TLS.
    pub(crate) address: SocketAddr,
}

impl Instance {
    fn first(ready: &Value) -> Option<Self> {
        let (id, instance) = ready["endpoints"]["dedicated"].as_object()?.iter().next()?;
        Some(Self { id: id.clone(), address: instance["http"].as_str()?.parse().ok()? })
    }
}

/// The folder of a server.
pub(crate) struct Folder {
    binary: PathBuf,
    dir: PathBuf,
}

impl Folder {
    pub(crate) fn new(binary: &Path, dir: PathBuf) -> Self {
        Self { binary: binary.to_owned(), dir }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Starts the real binary with one worker and everything else as it is by default.
    pub(crate) fn serve(&self, options: &Options) -> Result<Server, AnyError> {
        self.serve_with(options, &[])
    }

    /// The same with further flags.
    pub(crate) fn serve_with(&self, options: &Options, flags: &[&str]) -> Result<Server, AnyError> {
        fs::create_dir_all(&self.dir)?;
        let ready = self.dir.join("ready.json");
        let mut command = Command::new(&self.binary);
        command.args([
            "serve",
            "--http",
            "127.0.0.1:0",
            "--https",
            "127.0.0.1:0",
            "--workers",
            "1",
            "--log",
            "warn",
        ]);
        command.args(flags);
        command.arg("--data-dir").arg(self.data()).arg("--ready-file").arg(&ready);
        Server::start(command, &ready, options)
    }

    /// A client of its server.
    pub(crate) fn api(&self, server: &Server) -> Result<Api, AnyError> {
        Api::connect(server.address, self.credentials()?)
    }

    /// The root AccessKey of its installation.
    pub(crate) fn credentials(&self) -> Result<Credentials, AnyError> {
        let text = fs::read_to_string(self.data().join("root-access-key.ini"))?;
        Ok(credentials::ini::read(&text, "default")?)
    }
}

/// Starts the bare handler, which answers with a body of so many bytes after computing the
/// primitive of an operation, if one is named; one that is `awake` never sleeps.
pub(crate) fn serve_bare(
    dir: &Path,
    body_bytes: usize,
    primitive: Option<&str>,
    awake: bool,
    options: &Options,
) -> Result<Server, AnyError> {
    let ready = dir.join("bare.json");
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(bare::COMMAND)
        .args(["--body-bytes", &body_bytes.to_string()])
        .args(primitive.map(|label| format!("--primitive={label}")))
        .args(awake.then_some("--awake"))
        .arg("--ready-file")
        .arg(&ready);
    Server::start(command, &ready, options)
}

impl Server {
    fn start(mut command: Command, ready: &Path, options: &Options) -> Result<Self, AnyError> {
        for (name, _) in std::env::vars_os() {
            // The caller's own configuration is not what is measured.
            if name.to_string_lossy().starts_with("KEYSTEAD_") {
                command.env_remove(name);
            }
        }
        if let Err(error) = fs::remove_file(ready)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error.into());
        }
        machine::pin(options.server_core)?;
        let started = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        machine::pin(options.driver_core)?;
        let mut child = child
            .map_err(|error| format!("{} cannot be started: {error}", command.get_program().display()))?;
        loop {
            match fs::read_to_string(ready) {
                Ok(text) => {
                    let start = started.elapsed();
                    let value: Value = serde_json::from_str(&text)?;
                    let address = value["endpoints"]["shared"]["http"].as_str();
                    let address = address.ok_or("the ready file names no address")?.parse()?;
                    let instance = Instance::first(&value);
                    return Ok(Self { child, address, instance, start });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(status) = child.try_wait()? {
                return Err(format!("the server ended at its start: {status}").into());
            }
            if started.elapsed() > PATIENCE {
                child.kill()?;
                return Err("the server did not become ready in time".into());
            }
            thread::sleep(LOOK);
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Stops it in good order.
    pub(crate) fn stop(mut self) -> Result<(), AnyError> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).ok_or("no process id")?;
        kill_process(pid, Signal::TERM)?;
        let asked = Instant::now();
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the server ended badly: {status}").into()),
                None if asked.elapsed() > PATIENCE => return Err("the server did not stop in time".into()),
                None => thread::sleep(LOOK),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
