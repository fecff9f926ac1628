//! The gateways of instances: one address for all of them, and on loopback a port for each, because stock SDKs send no telling
//! name there. Instances that are made or released while the server runs get or lose theirs.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keystead_crypto::SystemRandom;
use keystead_gateway::{
    InstanceGateways, InstanceNames, InstanceTls, Limits, Listener, Metrics, TlsIdentity, TrustedProxies,
};
use keystead_service::Engine;
use keystead_service::clock::{Clock as _, SystemClock};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::AnyError;
use crate::config::{Listen, Settings};
use crate::data_dir::DataDir;
use crate::ready::{self, Ready};
use crate::server::reachable;

/// How often the certificates' age is looked at.
const RENEWAL_CHECK: Duration = Duration::from_secs(3600);
/// After how long it is tried again when the instances cannot be read.
const RETRY: Duration = Duration::from_secs(1);
/// Asks for an instance if there is none.
const AUTO: &str = "auto";

/// The gateways of all instances.
pub(crate) struct Dedicated {
    engine: Arc<Engine>,
    data: DataDir,
    gateways: Arc<InstanceGateways>,
    names: InstanceNames,
    tls: InstanceTls,
    /// Where all of them are, told apart by name.
    common: Option<SocketAddr>,
    loopback: bool,
    loopback_http: bool,
    /// More names in their certificates.
    further_names: Vec<String>,
    limits: Limits,
    instances: BTreeMap<String, Open>,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
}

/// The gateway of one instance.
struct Open {
    identity: Arc<TlsIdentity>,
    /// Its port on loopback.
    own: Option<SocketAddr>,
    /// The same without TLS.
    http: Option<SocketAddr>,
    stop: watch::Sender<bool>,
}

impl Dedicated {
    /// Makes the instances that are asked for, and opens the gateways of all that there are.
    pub(crate) async fn start(
        settings: &Settings,
        engine: &Arc<Engine>,
        data: &DataDir,
        metrics: &Arc<Metrics>,
        proxies: TrustedProxies,
        limits: &Limits,
    ) -> Result<Self, AnyError> {
        let names = InstanceNames::under(settings.dedicated.domain()?);
        make(&settings.instance, engine).await?;
        let gateways =
            InstanceGateways::new(engine.clone(), metrics.clone(), &SystemRandom, names.clone(), proxies)?;
        let mut dedicated = Self {
            engine: engine.clone(),
            data: data.clone(),
            gateways: Arc::new(gateways),
            tls: InstanceTls::new(names.clone())?,
            names,
            common: None,
            loopback: settings.dedicated.loopback,
            loopback_http: settings.dedicated.loopback_http,
            further_names: settings.tls_name.clone(),
            limits: limits.clone(),
            instances: BTreeMap::new(),
            stop: watch::Sender::new(false),
            listeners: JoinSet::new(),
        };
        if let Listen::At(address) = settings.dedicated.listen {
            let listener = Listener::bind(address, Some(dedicated.tls.acceptor()), limits.clone()).await;
            let listener = listener.map_err(|error| format!("cannot listen on {address}: {error}"))?;
            dedicated.common = Some(listener.address()?);
            let gateway = Arc::new(dedicated.gateways.of_all());
            dedicated.listeners.spawn(listener.serve(gateway, dedicated.stop.subscribe()));
        }
        dedicated.follow().await?;
        Ok(dedicated)
    }

    /// What the ready file says of them.
    pub(crate) fn endpoints(&self) -> BTreeMap<String, ready::Dedicated> {
        let host = |id: &str, open: &Open| match (open.own, self.common) {
            (Some(own), _) => Some(own.to_string()),
            (None, Some(common)) => Some(format!("{}:{}", self.names.of(id), reachable(common).port())),
            (None, None) => None,
        };
        let endpoint = |(id, open): (&String, &Open)| {
            let ca_file = self.data.instance_ca_file(id);
            Some((id.clone(), ready::Dedicated { host: host(id, open)?, http: open.http, ca_file }))
        };
        self.instances.iter().filter_map(endpoint).collect()
    }

    /// Keeps the gateways and certificates as the instances want them until `stop` becomes true; tells of changes in the ready
    /// file.
    pub(crate) async fn run(
        mut self,
        mut ready: Ready,
        ready_file: Option<PathBuf>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut changed = self.engine.instances_changed();
        // What changed before this line is looked at once.
        changed.mark_changed();
        let mut renewal = tokio::time::interval(RENEWAL_CHECK);
        loop {
            tokio::select! {
                _ = stopped(&mut stop) => break,
                _ = renewal.tick() => self.renew(),
                more = changed.changed() => {
                    if more.is_err() {
                        break;
                    }
                    let followed = self.follow().await.map_err(|error| error.to_string());
                    if let Err(error) = followed {
                        tracing::error!(%error, "the gateways of instances cannot be brought up to date");
                        tokio::select! {
                            _ = stopped(&mut stop) => break,
                            () = tokio::time::sleep(RETRY) => changed.mark_changed(),
                        }
                    }
                    let endpoints = self.endpoints();
                    if endpoints != ready.endpoints.dedicated {
                        ready.endpoints.dedicated = endpoints;
                        if let Some(path) = &ready_file
                            && let Err(error) = ready.write(path)
                        {
                            tracing::error!(%error, "the ready file cannot be written");
                        }
                    }
                }
            }
        }
        self.stop.send_replace(true);
        for open in self.instances.values() {
            open.stop.send_replace(true);
        }
        while self.listeners.join_next().await.is_some() {}
    }

    /// Opens what is new and closes what is gone.
    async fn follow(&mut self) -> Result<(), AnyError> {
        let now: Vec<String> = self
            .engine
            .instances()
            .await?
            .iter()
            .map(|instance| instance.instance_id.as_str().to_owned())
            .collect();
        let data = &self.data;
        self.instances.retain(|id, open| {
            let stays = now.contains(id);
            if !stays {
                open.stop.send_replace(true);
                let _ = std::fs::remove_file(data.instance_ca_file(id));
                tracing::info!(instance = id, "the gateway of an instance that is gone is closed");
            }
            stays
        });
        for id in now {
            if !self.instances.contains_key(&id) {
                let open = self.open(&id).await?;
                tracing::info!(
                    instance = id,
                    https = open.own.map(tracing::field::display),
                    name = self.names.of(&id),
                    "the gateway of an instance is open"
                );
                self.instances.insert(id, open);
            }
        }
        let identities: HashMap<_, _> =
            self.instances.iter().map(|(id, open)| (id.clone(), open.identity.clone())).collect();
        self.tls.set(identities);
        Ok(())
    }

    async fn open(&mut self, id: &str) -> Result<Open, AnyError> {
        let ca = self.engine.instance_ca(id).await?;
        self.data.write_instance_ca(id, ca.certificate_pem())?;
        let mut names: Vec<String> = vec![self.names.of(id)];
        names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        names.extend(self.common.map(|address| address.ip().to_string()));
        names.extend(self.further_names.iter().cloned());
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        let identity = Arc::new(TlsIdentity::new(ca, Arc::new(SystemRandom), names, self.engine.now())?);
        let stop = watch::Sender::new(false);
        let (mut own, mut http) = (None, None);
        let wanted =
            [(self.loopback, Some(identity.acceptor()), &mut own), (self.loopback_http, None, &mut http)];
        for (_, acceptor, address) in wanted.into_iter().filter(|(wanted, ..)| *wanted) {
            let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let listener = Listener::bind(free, acceptor, self.limits.clone()).await?;
            *address = Some(listener.address()?);
            self.listeners.spawn(listener.serve(Arc::new(self.gateways.of(id)), stop.subscribe()));
        }
        Ok(Open { identity, own, http, stop })
    }

    fn renew(&self) {
        for (id, open) in &self.instances {
            match open.identity.renew_if_due(SystemClock.now()) {
                Ok(true) => tracing::info!(instance = id, "the certificate of an instance was renewed"),
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(%error, instance = id, "the certificate of an instance cannot be renewed")
                }
            }
        }
    }
}

/// Makes the instances of the first account that are asked for and not there.
async fn make(asked: &[String], engine: &Engine) -> Result<(), AnyError> {
    let account = engine.installation().account.as_str();
    for id in asked {
        let made = match id.as_str() {
            AUTO => {
                let instances = engine.instances().await?;
                if instances.iter().any(|instance| *instance.account == *account) {
                    continue;
                }
                engine.create_instance(account, None).await
            }
            id => engine.create_instance(account, Some(id)).await,
        };
        made.map_err(|error| format!("instance {id:?}: {error}"))?;
    }
    Ok(())
}

/// Waits for the sign to stop; also ends when nobody is left to give it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
