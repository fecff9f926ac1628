//! Administration that is no Alibaba operation: over the socket of a running server, or, without one, on the folder itself.
//!
//! One request is one JSON line, and so is its answer.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use keystead_api::Timestamp;
use keystead_service::access::simulate::{Question, simulate};
use keystead_service::audit::public_key;
use keystead_service::{Engine, Tag};
use keystead_store::embedded::{DATABASE_FILE, EmbeddedOptions, EmbeddedStore};
use keystead_store::{Horizon, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use crate::data_dir::DataDir;
use crate::{AnyError, account, closed, instance};

/// What can be asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "command")]
pub(crate) enum Request {
    Status,
    AuditKey,
    Backup { to: PathBuf },
    Simulate(Box<Question>),
    AccountCreate { access_key_file: PathBuf },
    AccountList,
    InstanceCreate(Box<instance::New>),
    InstanceList,
    InstanceCa { id: String },
    RevokeSessions { role: String },
}

impl Request {
    /// Whether it needs the engine, since it changes something.
    fn changes(&self) -> bool {
        matches!(self, Self::AccountCreate { .. } | Self::InstanceCreate(_) | Self::RevokeSessions { .. })
    }
}

/// Bytes of a request at most.
const MAX_REQUEST: u64 = 64 << 10;
/// Paths of Unix sockets are at most this long on Linux, in bytes.
const MAX_SOCKET_PATH: usize = 107;

pub(crate) fn commands() -> Vec<Command> {
    vec![
        Command::new("status").about("Show the state of a data folder and its server").arg(data_dir()),
        policy_command(data_dir()),
        Command::new("revoke-sessions")
            .about("End all sessions of a role that were issued up to now")
            .arg(data_dir())
            .arg(
                Arg::new("role")
                    .long("role")
                    .value_name("ARN")
                    .required(true)
                    .help("acs:ram::<account>:role/<name>"),
            )
            .arg(root_key_file()),
        Command::new("backup")
            .about("Copy the store, also while it is served; the root key file is not part of it")
            .arg(data_dir())
            .arg(
                Arg::new("to")
                    .long("to")
                    .value_name("FILE")
                    .required(true)
                    .help("Where to; must not exist yet"),
            ),
    ]
}

/// The flag that names the data folder of a server.
pub(crate) fn data_dir() -> Arg {
    Arg::new("data_dir")
        .long("data-dir")
        .value_name("DIR")
        .env("KEYSTEAD_DATA_DIR")
        .default_value("keystead-data")
        .help("The server's data folder")
}

/// The flag that names the root key file, of commands that change something.
pub(crate) fn root_key_file() -> Arg {
    Arg::new("root_key_file")
        .long("root-key-file")
        .value_name("FILE")
        .env("KEYSTEAD_ROOT_KEY_FILE")
        .help("The root key file, where it is not in the data folder; for a folder that is not served")
}

fn policy_command(data_dir: Arg) -> Command {
    let arg = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name.replace('_', "-")).value_name(value).help(help)
    };
    let simulate = Command::new("simulate")
        .about("Say whether somebody may do something, and which statement of which policy decides")
        .arg(data_dir)
        .arg(arg("caller", "ARN", "acs:ram::<account>:root, :user/<name>, :role/<name>").required(true))
        .arg(arg("action", "ACTION", "Such as kms:Decrypt").required(true))
        .arg(arg("resource", "ARN", "Such as acs:kms:<region>:<account>:key/<id>").required(true))
        .arg(
            arg("source_ip", "ADDRESS", "Where the request comes from")
                .value_parser(value_parser!(std::net::IpAddr)),
        )
        .arg(arg("time", "TIME", "When, such as 2027-01-15T08:00:00Z; now by default"))
        .arg(
            arg("tls", "BOOL", "Whether it comes over TLS")
                .value_parser(value_parser!(bool))
                .default_value("true"),
        )
        .arg(
            arg("tag", "KEY=VALUE", "A tag of the resource, in place of those that it has; may be repeated")
                .action(ArgAction::Append),
        )
        .arg(arg("session_policy", "JSON", "The policy that narrows a role's session"));
    Command::new("policy").about("Ask what policies say").subcommand_required(true).subcommand(simulate)
}

/// Reads what `policy simulate` asks.
fn question(matches: &ArgMatches) -> Result<Question, AnyError> {
    let text = |id: &str| matches.get_one::<String>(id).cloned();
    let now = match text("time") {
        Some(time) => Timestamp::parse(&time).map_err(|_| format!("{time} is no time"))?,
        None => Timestamp(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?),
    };
    let tag = |text: &String| {
        let (key, value) = text.split_once('=').ok_or_else(|| format!("{text} is no KEY=VALUE"))?;
        Ok::<_, String>(Tag { key: key.to_owned(), value: value.to_owned() })
    };
    let tags = matches.get_many::<String>("tag").map(|tags| tags.map(tag).collect()).transpose()?;
    Ok(Question {
        caller: text("caller").unwrap_or_default(),
        action: text("action").unwrap_or_default(),
        resource: text("resource").unwrap_or_default(),
        source_ip: matches.get_one("source_ip").copied(),
        now,
        secure_transport: matches.get_one("tls").copied().unwrap_or(true),
        tags,
        session_policy: text("session_policy"),
    })
}

pub(crate) fn is_command(name: &str) -> bool {
    matches!(name, "status" | "backup" | "policy" | "revoke-sessions")
}

/// Carries out a command: through the running server, or on the folder when there is none.
pub(crate) fn run(name: &str, matches: &ArgMatches) -> Result<ExitCode, AnyError> {
    let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
    let text = |id: &str| matches.get_one::<String>(id).map_or("", String::as_str);
    let root_key_file =
        (name == "revoke-sessions").then(|| matches.get_one::<String>("root_key_file")).flatten();
    let data = DataDir::new(Path::new(text("data_dir")), root_key_file.map(Path::new))?;
    let request = match name {
        "backup" => Request::Backup { to: std::path::absolute(text("to"))? },
        "revoke-sessions" => Request::RevokeSessions { role: text("role").to_owned() },
        "policy" => Request::Simulate(Box::new(question(matches)?)),
        _ => Request::Status,
    };
    carry_out(&data, &request)
}

/// Carries out a request: through the running server, or on the folder when there is none. Prints the answer.
pub(crate) fn carry_out(data: &DataDir, request: &Request) -> Result<ExitCode, AnyError> {
    let answer = answer_to(request, data)?;
    let mut out = io::stdout().lock();
    io::Write::write_all(&mut out, format!("{answer:#}\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// What the running server of a data folder answers, or the folder itself when there is none.
pub(crate) fn answer_to(request: &Request, data: &DataDir) -> Result<Value, AnyError> {
    // Opening would make a store in whatever folder this is.
    if !data.path().join(DATABASE_FILE).is_file() {
        return Err(format!("{} is no data folder", data.path().display()).into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        match ask(&data.admin_socket(), request).await {
            Err(error) if nobody_there(&error) => {
                let store: Arc<dyn Store> =
                    Arc::new(EmbeddedStore::open(data.path(), EmbeddedOptions::default())?);
                let engine = match request.changes() {
                    true => Some(closed::engine(&store, data).await?),
                    false => None,
                };
                let answer = execute(request, &store, engine.as_deref()).await;
                if let Some(engine) = engine {
                    engine.close().await;
                }
                Ok(answer)
            }
            result => result.map_err(AnyError::from),
        }
    })?;
    if let Some(error) = answer.get("error").and_then(Value::as_str) {
        return Err(error.into());
    }
    Ok(answer)
}

fn nobody_there(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

async fn ask(socket: &Path, request: &Request) -> io::Result<Value> {
    let mut stream = UnixStream::connect(socket).await?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(serde_json::from_slice(&answer)?)
}

/// Opens the socket; the returned future serves it until `stop` becomes true.
pub(crate) fn listen(
    data: &DataDir,
    engine: Arc<Engine>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let socket = data.admin_socket();
    let listener = if socket.as_os_str().len() > MAX_SOCKET_PATH {
        tracing::warn!(path = %socket.display(), "the path is too long for a socket: no administration while serving");
        None
    } else {
        // The folder is locked by this process, so a socket that is there is a dead one's.
        match std::fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&socket)?;
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600))?;
        Some(listener)
    };
    Ok(async move {
        let Some(listener) = listener else { return };
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = async { stop.wait_for(|stop| *stop).await.is_ok() } => return,
            };
            let Ok((stream, _)) = accepted else { continue };
            let engine = engine.clone();
            tokio::spawn(async move {
                if let Err(error) = answer(stream, &engine).await {
                    tracing::debug!(%error, "an administration request ended early");
                }
            });
        }
    })
}

async fn answer(mut stream: UnixStream, engine: &Engine) -> io::Result<()> {
    let peer = stream.peer_cred()?.uid();
    let own = rustix::process::geteuid().as_raw();
    let (reader, mut writer) = stream.split();
    // Read in any case: closing with a request unread would reset the connection, and the refusal would be lost.
    let mut line = String::new();
    BufReader::new(reader.take(MAX_REQUEST)).read_line(&mut line).await?;
    if peer != own && peer != 0 {
        tracing::warn!(uid = peer, "administration refused");
        return writer.write_all(b"{\"error\":\"not allowed\"}").await;
    }
    let value = match serde_json::from_str(&line) {
        Ok(request) => execute(&request, engine.store(), Some(engine)).await,
        Err(_) => json!({"error": "no such administration request"}),
    };
    writer.write_all(value.to_string().as_bytes()).await
}

/// The engine is the serving one; on a closed folder there is one for what changes something.
async fn execute(request: &Request, store: &Arc<dyn Store>, engine: Option<&Engine>) -> Value {
    let told =
        |result: Result<Value, AnyError>| result.unwrap_or_else(|error| json!({"error": error.to_string()}));
    match request {
        Request::AccountCreate { .. } | Request::InstanceCreate(_) | Request::RevokeSessions { .. } => {
            match engine {
                Some(engine) => told(change(request, engine).await),
                None => json!({"error": "the data folder is not open for changes"}),
            }
        }
        Request::AccountList => told(account::list(&**store).await),
        Request::InstanceList => told(instance::list(&**store).await),
        Request::InstanceCa { id } => told(instance::ca(id, &**store).await),
        Request::Status => {
            let revision = match store.horizon() {
                Horizon::At(revision) => Some(revision),
                Horizon::Lost => None,
            };
            json!({
                "version": env!("CARGO_PKG_VERSION"),
                "serving": engine.is_some(),
                "pid": engine.map(|_| std::process::id()),
                "region": engine.map(Engine::region),
                "account_id": engine.map(|engine| &engine.installation().account),
                "revision": revision,
            })
        }
        Request::AuditKey => match public_key(&**store).await {
            Ok(Some(pem)) => json!({"public_key": pem}),
            Ok(None) => json!({"error": "there is no audit log yet"}),
            Err(error) => json!({"error": error.to_string()}),
        },
        Request::Backup { to } => match store.backup(to.clone()).await {
            Ok(()) => json!({"backup": to}),
            Err(error) => json!({"error": error.to_string()}),
        },
        Request::Simulate(question) => {
            let answer = match engine {
                Some(engine) => engine.simulate(question).await,
                None => simulate(store.clone(), question).await,
            };
            answer.map_or_else(|error| json!({"error": error}), |answer| json!(answer))
        }
    }
}

/// Carries out what changes something, with its record in the audit log.
async fn change(request: &Request, engine: &Engine) -> Result<Value, AnyError> {
    match request {
        Request::AccountCreate { access_key_file } => account::create(access_key_file, engine).await,
        Request::InstanceCreate(new) => instance::create(new, engine).await,
        Request::RevokeSessions { role } => {
            let valid_from = engine.revoke_sessions(role).await?;
            tracing::info!(role, %valid_from, "the sessions of a role are void");
            Ok(json!({"role": role, "sessions_valid_from": valid_from.to_string()}))
        }
        _ => Err("this changes nothing".into()),
    }
}
