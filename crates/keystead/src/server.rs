//! Starting, serving, stopping.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use keystead_auth::SecretKey;
use keystead_crypto::{KeyMaterial, SystemRandom};
use keystead_gateway::{
    CredentialsUriGateway, Limits, Listener, MachineRole, MetadataGateway, Metrics, OpsGateway, Quotas,
    SharedGateway, TlsIdentity, TrustedProxies,
};
use keystead_oidc::Issuers;
use keystead_rotation::Targets;
use keystead_service::ca::PrivateCa;
use keystead_service::clock::{Clock as _, SystemClock};
use keystead_service::compat::Compat;
use keystead_service::due::{DueWorker, Outcome};
use keystead_service::install::{self, RootAccessKey};
use keystead_service::vault::RootKeys;
use keystead_service::{Engine, EngineConfig, write_last_uses};
use keystead_store::Store;
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::closed::Served;
use crate::config::{CredentialsUriSettings, Listen, MetadataSettings, Settings};
use crate::data_dir::DataDir;
use crate::dedicated::Dedicated;
use crate::ready::{Endpoints, Ready, Shared};
use crate::{AnyError, admin, process};

/// How often the certificate's age is looked at.
const RENEWAL_CHECK: Duration = Duration::from_secs(3600);

/// Serves until SIGTERM or SIGINT.
pub(crate) fn serve(settings: Settings) -> Result<ExitCode, AnyError> {
    process::forbid_core_dumps()?;
    process::start_logging(&settings.log, settings.log_json)?;
    let runtime = runtime(settings.workers)?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = Server::start(&settings).await?;
        tracing::info!(
            data_dir = %server.data.path().display(),
            http = server.ready.endpoints.shared.http.map(tracing::field::display),
            https = server.ready.endpoints.shared.https.map(tracing::field::display),
            account = server.ready.account_id,
            ca_file = %server.ready.ca_file.display(),
            access_key_file = server.ready.access_key_file.as_ref().map(|path| tracing::field::display(path.display())),
            "serving"
        );
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        server.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// A runtime with so many worker threads; 0 means one per core.
pub(crate) fn runtime(workers: usize) -> std::io::Result<Runtime> {
    process::raise_file_limit();
    let mut builder = Builder::new_multi_thread();
    if workers > 0 {
        builder.worker_threads(workers);
    }
    builder.enable_all().build()
}

/// A started server.
pub(crate) struct Server {
    pub(crate) data: DataDir,
    pub(crate) ready: Ready,
    ready_file: Option<PathBuf>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    engine: Arc<Engine>,
}

impl Server {
    /// Starts everything; requests are served when this returns.
    pub(crate) async fn start(settings: &Settings) -> Result<Self, AnyError> {
        refuse_plain_beyond_loopback(settings)?;
        let proxies = TrustedProxies::new(settings.gateway.proxies()?);
        let issuers = Arc::new(Issuers::new(&settings.oidc.issuers, settings.oidc.any_issuer)?);
        let quotas = Arc::new(Quotas::new(&settings.quotas.limits)?);
        let quotas = settings.quotas.enabled.then_some(quotas);
        let targets = Arc::new(Targets::new(&settings.rotation.targets)?);
        let data = DataDir::new(&settings.data_dir, settings.root_key_file.as_deref())?;
        let store = EmbeddedStore::open(data.path(), EmbeddedOptions::default())?;
        let store: Arc<dyn Store> = Arc::new(store);
        let root_key = root_key(&data, &store).await?;

        let config = EngineConfig {
            region: settings.region.clone(),
            image_bytes: settings.image_mib << 20,
            opened_keys: settings.opened_keys,
            nonce_bytes: settings.nonce_mib << 20,
            compat: Compat { strict: settings.compat.strict },
            drivers: targets,
            audit: settings.audit.settings(data.path())?,
            issuers,
            ..EngineConfig::default()
        };
        let random = Arc::new(SystemRandom);
        let engine = Engine::open(store, &root_key, Arc::new(SystemClock), random.clone(), config).await?;
        let ca = PrivateCa::open(&engine, &RootKeys::new(&root_key)).await?;
        drop(root_key);
        data.write_ca(ca.certificate_pem())?;
        Served::by(settings, &data)?.write(&data)?;

        let limits = Limits { connections: settings.max_connections, ..Limits::default() };
        let names = certificate_names(settings);
        let tls = Arc::new(TlsIdentity::new(ca, random.clone(), names, engine.now())?);
        let http = bind(settings.http, None, &limits).await?;
        let https = bind(settings.https, Some(tls.clone()), &limits).await?;
        let ops = bind(settings.ops, None, &limits).await?;

        let metrics = Arc::new(Metrics::new()?);
        let dedicated =
            Dedicated::start(settings, &engine, &data, &metrics, proxies.clone(), &limits).await?;
        let shared = SharedGateway::new(engine.clone(), metrics.clone(), &*random)?.behind(proxies);
        let shared = Arc::new(shared.limited(quotas.clone()));
        let probes = Arc::new(OpsGateway::new(engine.clone(), metrics.clone()));
        let stop = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        let address = |listener: &Option<Listener>| listener.as_ref().map(Listener::address).transpose();
        let both = Shared { http: address(&http)?, https: address(&https)? };
        let mut endpoints = Endpoints {
            shared: both,
            sts: both,
            ram: both,
            ims: both,
            ops: address(&ops)?,
            metadata: None,
            credentials_uri: None,
            dedicated: dedicated.endpoints(),
        };
        if let Some((listener, gateway)) = metadata(settings, &engine, &quotas, &limits).await? {
            endpoints.metadata = Some(listener.address()?);
            tasks.spawn(listener.serve(Arc::new(gateway), stop.subscribe()));
        }
        if let Some((listener, gateway)) = credentials_uri(settings, &engine, &quotas, &limits).await? {
            endpoints.credentials_uri = Some(listener.address()?);
            tasks.spawn(listener.serve(Arc::new(gateway), stop.subscribe()));
        }
        for listener in [http, https].into_iter().flatten() {
            tasks.spawn(listener.serve(shared.clone(), stop.subscribe()));
        }
        if let Some(listener) = ops {
            tasks.spawn(listener.serve(probes, stop.subscribe()));
        }
        let mut stopped = stop.subscribe();
        tasks.spawn(async move {
            tokio::select! {
                () = keep_renewed(&tls) => {}
                _ = async { stopped.wait_for(|stop| *stop).await.is_ok() } => {}
            }
        });
        let worker = DueWorker::new(engine.clone(), move |kind, outcome| {
            metrics.due_work(kind, outcome == Outcome::Done)
        });
        tasks.spawn(worker.run(stop.subscribe()));
        tasks.spawn(write_last_uses(engine.clone(), stop.subscribe()));
        tasks.spawn(admin::listen(&data, engine.clone(), stop.subscribe())?);

        let installation = engine.installation();
        let ready = Ready {
            pid: std::process::id(),
            region: engine.region().to_owned(),
            account_id: installation.account.clone(),
            endpoints,
            ca_file: data.ca_file(),
            access_key_file: installation.access_key_in_file.then(|| data.access_key_file()),
        };
        if let Some(path) = &settings.ready_file {
            ready.write(path)?;
        }
        tasks.spawn(dedicated.run(ready.clone(), settings.ready_file.clone(), stop.subscribe()));
        Ok(Self { data, ready, ready_file: settings.ready_file.clone(), stop, tasks, engine })
    }

    /// Lets the requests under way end, then closes the store.
    pub(crate) async fn stop(mut self) {
        if let Some(path) = &self.ready_file {
            // Nobody is to find a server that is going away.
            let _ = std::fs::remove_file(path);
        }
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        if let Some(path) = &self.ready_file {
            // It may have been written anew meanwhile, for an instance.
            let _ = std::fs::remove_file(path);
        }
        let _ = std::fs::remove_file(self.data.admin_socket());
        self.engine.close().await;
        drop(self.engine);
    }
}

/// Reads the root key; on the first start makes it, and everything that a new store needs.
async fn root_key(data: &DataDir, store: &Arc<dyn Store>) -> Result<KeyMaterial, AnyError> {
    let from_environment = root_access_key_from_environment()?;
    if install::is_installed(&**store).await? {
        if from_environment.is_some() {
            tracing::debug!(
                "the root AccessKey in the environment is for the first start only and is not looked at"
            );
        }
        return Ok(data.read_root_key()?);
    }
    let root_key = data.make_root_key(&SystemRandom)?;
    let access_key = match from_environment {
        Some(key) => key,
        None => {
            let key = RootAccessKey::generate(&SystemRandom)?;
            // Before the commit: a key that is in force and stands nowhere would lock its owner out.
            data.write_access_key(&key)?;
            key
        }
    };
    install::install(store, &root_key, &access_key, &SystemRandom, SystemClock.now()).await?;
    tracing::info!(
        data_dir = %data.path().display(),
        root_key_file = %data.root_key_file().display(),
        access_key_id = access_key.id,
        "first start: account, root AccessKey and private CA are made; keep a copy of the root key file elsewhere"
    );
    Ok(root_key)
}

fn root_access_key_from_environment() -> Result<Option<RootAccessKey>, AnyError> {
    let get = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (get("KEYSTEAD_ROOT_ACCESS_KEY_ID"), get("KEYSTEAD_ROOT_ACCESS_KEY_SECRET")) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => {
            let valid = id.len() <= 128
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
            if !valid {
                return Err(
                    "KEYSTEAD_ROOT_ACCESS_KEY_ID has 1 to 128 letters, digits, '.', '_' or '-'".into()
                );
            }
            Ok(Some(RootAccessKey { id, secret: SecretKey::new(secret), in_file: false }))
        }
        _ => {
            Err("set both of KEYSTEAD_ROOT_ACCESS_KEY_ID and KEYSTEAD_ROOT_ACCESS_KEY_SECRET, or neither"
                .into())
        }
    }
}

/// Requests over plain HTTP show plaintexts and secret values to everyone on the way.
fn refuse_plain_beyond_loopback(settings: &Settings) -> Result<(), AnyError> {
    match settings.http {
        Listen::At(address) if !address.ip().is_loopback() && !settings.allow_plain_http => Err(format!(
            "plain HTTP on {address} would show plaintexts to the network: serve it on a loopback address, turn it off \
             (--http off), or insist with --allow-plain-http"
        )
        .into()),
        _ => Ok(()),
    }
}

/// The metadata endpoint, when it is on.
async fn metadata(
    settings: &Settings,
    engine: &Arc<Engine>,
    quotas: &Option<Arc<Quotas>>,
    limits: &Limits,
) -> Result<Option<(Listener, MetadataGateway)>, AnyError> {
    let MetadataSettings { listen, role, account, session_name, token_required, beyond_loopback } =
        &settings.metadata;
    let Some(listener) = bind_for_machine("metadata", *listen, role, *beyond_loopback, limits).await? else {
        return Ok(None);
    };
    let role = machine_role(engine, quotas, account.as_deref(), role, session_name)?;
    Ok(Some((listener, MetadataGateway::new(role, *token_required, &SystemRandom)?)))
}

/// The credentials URI, when it is on.
async fn credentials_uri(
    settings: &Settings,
    engine: &Arc<Engine>,
    quotas: &Option<Arc<Quotas>>,
    limits: &Limits,
) -> Result<Option<(Listener, CredentialsUriGateway)>, AnyError> {
    let CredentialsUriSettings { listen, role, account, session_name, path, beyond_loopback } =
        &settings.credentials_uri;
    let listener = bind_for_machine("credentials_uri", *listen, role, *beyond_loopback, limits).await?;
    let Some(listener) = listener else { return Ok(None) };
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err("credentials_uri.path begins with / and has neither ? nor #".into());
    }
    let role = machine_role(engine, quotas, account.as_deref(), role, session_name)?;
    Ok(Some((listener, CredentialsUriGateway::new(role, path))))
}

fn machine_role(
    engine: &Arc<Engine>,
    quotas: &Option<Arc<Quotas>>,
    account: Option<&str>,
    role: &str,
    session_name: &str,
) -> Result<MachineRole, AnyError> {
    let account = account.unwrap_or(&engine.installation().account);
    let machine = MachineRole::new(engine.clone(), account, role, session_name, &SystemRandom)?;
    Ok(machine.limited(quotas.clone()))
}

/// A listener that gives sessions to whoever reaches it.
async fn bind_for_machine(
    table: &str,
    listen: Listen,
    role: &str,
    beyond_loopback: bool,
    limits: &Limits,
) -> Result<Option<Listener>, AnyError> {
    let Listen::At(address) = listen else { return Ok(None) };
    if role.is_empty() {
        return Err(format!("{table}.role is missing: the role whose sessions are given away").into());
    }
    if !address.ip().is_loopback() && !beyond_loopback {
        return Err(format!(
            "{table}.listen on {address} would give sessions of {role} to whoever reaches it: choose a loopback address, or \
             insist with {table}.beyond_loopback"
        )
        .into());
    }
    bind(listen, None, limits).await
}

async fn bind(
    listen: Listen,
    tls: Option<Arc<TlsIdentity>>,
    limits: &Limits,
) -> Result<Option<Listener>, AnyError> {
    let Listen::At(address) = listen else { return Ok(None) };
    let tls = tls.map(|tls| tls.acceptor());
    let listener = Listener::bind(address, tls, limits.clone()).await;
    Ok(Some(listener.map_err(|error| format!("cannot listen on {address}: {error}"))?))
}

/// What clients may call the server: loopback in all spellings, the host name, the bind address, and what was asked for.
fn certificate_names(settings: &Settings) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    if let Ok(host) = rustix::system::uname().nodename().to_str() {
        names.push(host.to_owned());
    }
    if let Listen::At(address) = settings.https {
        names.push(address.ip().to_string());
    }
    names.extend(settings.tls_name.iter().cloned());
    let usable = |name: &String| name.parse::<IpAddr>().is_ok() || (!name.is_empty() && name.is_ascii());
    names.retain(usable);
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

async fn keep_renewed(tls: &TlsIdentity) {
    let mut ticks = tokio::time::interval(RENEWAL_CHECK);
    loop {
        ticks.tick().await;
        match tls.renew_if_due(SystemClock.now()) {
            Ok(true) => tracing::info!("the server's certificate was renewed"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the server's certificate cannot be renewed"),
        }
    }
}

/// Where a client on this machine reaches a listener: an unspecified address is reached through loopback.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
