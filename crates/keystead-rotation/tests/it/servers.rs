//! Database servers for the time of one test, each in a folder of its own, on a free port of 127.0.0.1.

use std::fs::{File, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The servers refuse to run as root; then they run as this user and group, `nobody`.
const NOBODY: u32 = 65534;
/// A slow machine takes seconds to make a database.
const STARTS_WITHIN: Duration = Duration::from_secs(120);

/// The administrator of each server, and its password.
pub const ADMIN: &str = "kms-admin";
pub const ADMIN_PASSWORD: &str = "administrators-password";

/// A running server; killed when dropped.
pub struct Server {
    pub port: u16,
    process: Child,
    folder: TempDir,
}

impl Server {
    fn start(folder: TempDir, port: u16, mut command: Command) -> Self {
        let log = File::create(folder.path().join("log")).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log).stdin(Stdio::null());
        let process = command.spawn().unwrap();
        let mut server = Self { port, process, folder };
        let deadline = Instant::now() + STARTS_WITHIN;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.process.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "it did not start: {}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A server's certificate and its key, as PEM.
pub type Identity = [String; 2];

/// Makes PostgreSQL with these roles, each with its password.
pub fn postgres(statements: &str) -> Option<Server> {
    postgres_with(statements, None)
}

/// The same, with TLS under this certificate.
pub fn postgres_with(statements: &str, identity: Option<&Identity>) -> Option<Server> {
    let bin = found("PostgreSQL", &["/usr/lib/postgresql/*/bin/initdb"], "initdb")?;
    let bin = bin.parent().unwrap();
    let (folder, port) = (folder(), free_port());
    let data = folder.path().join("data");
    let password = folder.path().join("password");
    std::fs::write(&password, ADMIN_PASSWORD).unwrap();
    give(&password);
    let mut init = unprivileged(&bin.join("initdb"), &folder);
    init.arg("-D").arg(&data).args(["-U", "postgres", "-A", "scram-sha-256", "--no-sync"]);
    init.arg(format!("--pwfile={}", password.display()));
    run(&mut init);
    let mut command = unprivileged(&bin.join("postgres"), &folder);
    command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-F", "-p", &port.to_string()]);
    command.arg("-k").arg(folder.path()).args(["-c", "fsync=off"]);
    if let Some(identity) = identity {
        let [certificate, key] = write_identity(identity, &folder);
        command.args(["-c", "ssl=on", "-c", &format!("ssl_cert_file={certificate}")]);
        command.args(["-c", &format!("ssl_key_file={key}")]);
    }
    let server = Server::start(folder, port, command);
    let admin = format!(
        "CREATE ROLE \"{ADMIN}\" LOGIN CREATEROLE PASSWORD '{ADMIN_PASSWORD}'; CREATE TABLE canary(); {statements}"
    );
    let deadline = Instant::now() + STARTS_WITHIN;
    // It listens before it lets anybody in.
    while !psql(&server, "postgres", ADMIN_PASSWORD, "SELECT 1") {
        assert!(Instant::now() < deadline, "nobody is let in: {}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(psql(&server, "postgres", ADMIN_PASSWORD, &admin), "{}", server.log());
    Some(server)
}

/// Whether the distribution's own client logs in and carries this out.
pub fn psql(server: &Server, user: &str, password: &str, statement: &str) -> bool {
    let mut command = Command::new("psql");
    command.env("PGPASSWORD", password).args(["-h", "127.0.0.1", "-p", &server.port.to_string()]);
    command.args(["-U", user, "-d", "postgres", "-w", "-v", "ON_ERROR_STOP=1", "-c", statement]);
    quiet(&mut command)
}

/// Makes MariaDB and carries these statements out.
pub fn mariadb(statements: &str) -> Option<Server> {
    mariadb_with(statements, None)
}

/// The same, with TLS under this certificate.
pub fn mariadb_with(statements: &str, identity: Option<&Identity>) -> Option<Server> {
    let binary = found("MariaDB", &["/usr/sbin/mariadbd"], "mariadbd")?;
    let (folder, port) = (folder(), free_port());
    let data = folder.path().join("data");
    let mut init = unprivileged(Path::new("mariadb-install-db"), &folder);
    init.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
    init.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    run(&mut init);
    let file = folder.path().join("init.sql");
    let admin = format!(
        "CREATE USER '{ADMIN}'@'%' IDENTIFIED BY '{ADMIN_PASSWORD}';\nGRANT CREATE USER ON *.* TO '{ADMIN}'@'%';\n"
    );
    std::fs::write(&file, format!("CREATE DATABASE shop;\n{admin}{statements}")).unwrap();
    give(&file);
    let mut command = unprivileged(&binary, &folder);
    command.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
    command.arg(format!("--socket={}", folder.path().join("s").display()));
    command.arg(format!("--pid-file={}", folder.path().join("pid").display()));
    command.arg(format!("--init-file={}", file.display()));
    command.args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0"]);
    command.arg(format!("--port={port}"));
    if let Some(identity) = identity {
        let [certificate, key] = write_identity(identity, &folder);
        command.args([format!("--ssl-cert={certificate}"), format!("--ssl-key={key}")]);
    }
    Some(Server::start(folder, port, command))
}

/// Whether the distribution's own client logs in.
pub fn mariadb_client(server: &Server, user: &str, password: &str) -> bool {
    let mut command = Command::new("mariadb");
    command.env("MYSQL_PWD", password).args(["--no-defaults", "-h", "127.0.0.1", "--protocol=tcp"]);
    command.args(["-P", &server.port.to_string(), "-u", user, "-e", "SELECT 1"]);
    quiet(&mut command)
}

/// Makes Redis with these lines in its ACL file.
pub fn redis(accounts: &str) -> Option<Server> {
    let binary = found("Redis", &["/usr/bin/redis-server"], "redis-server")?;
    let (folder, port) = (folder(), free_port());
    let acl = folder.path().join("users.acl");
    let admin = format!("user default off\nuser {ADMIN} on >{ADMIN_PASSWORD} -@all +acl\n");
    std::fs::write(&acl, format!("{admin}{accounts}")).unwrap();
    give(&acl);
    let mut command = unprivileged(&binary, &folder);
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--aclfile"]);
    command.arg(&acl).arg("--dir").arg(folder.path());
    Some(Server::start(folder, port, command))
}

/// What its ACL file says of an account.
pub fn redis_saved(server: &Server, account: &str) -> String {
    let text = std::fs::read_to_string(server.folder.path().join("users.acl")).unwrap();
    let start = format!("user {account} ");
    text.lines().find(|line| line.starts_with(&start)).unwrap_or_default().to_owned()
}

/// Whether the distribution's own client logs in.
pub fn redis_client(server: &Server, user: &str, password: &str) -> bool {
    let mut command = Command::new("redis-cli");
    command.env("REDISCLI_AUTH", password).args(["-h", "127.0.0.1", "-p", &server.port.to_string()]);
    let output = command.args(["--user", user, "ping"]).stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).contains("PONG")
}

/// Puts certificate and key into files that the server reads, and only it.
fn write_identity(identity: &Identity, folder: &TempDir) -> [String; 2] {
    let [certificate, key] = identity;
    [("server.crt", certificate), ("server.key", key)].map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        give(&path);
        path.display().to_string()
    })
}

/// The program, or a line that says what is left out.
fn found(title: &str, places: &[&str], name: &str) -> Option<PathBuf> {
    let shell = format!("command -v {name} || ls -1 {} 2>/dev/null | tail -n 1", places.join(" "));
    let output = Command::new("sh").args(["-c", &shell]).output().unwrap();
    let path = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    if path.is_empty() {
        eprintln!("left out: this machine has no {title} ({name})");
        return None;
    }
    Some(PathBuf::from(path))
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    give(folder.path());
    folder
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

fn give(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn unprivileged(program: &Path, folder: &TempDir) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(folder.path()).env("HOME", folder.path());
    command
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn quiet(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
