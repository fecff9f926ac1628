//! Settings of a client.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use keystead_auth::credentials::providers::{
    Cached, Clock, CredentialsProvider, DefaultChain, Effects, Fixed, Random, SystemClock, SystemRandom,
};
use keystead_auth::{Credentials, CredentialsError, credentials};

use crate::budget::Budget;
use crate::client::{Client, Parts, Signer};
use crate::clock_skew::ClockSkew;
use crate::connecting::Connecting;
use crate::connector::Resolver;
use crate::credentials_http::CredentialsHttp;
use crate::endpoint::{Endpoint, of_instance, of_region};
use crate::error::Cause;
use crate::nonces::Nonces;
use crate::observer::Observer;
use crate::retry::RetryPolicy;
use crate::route::{Route, Routes};
use crate::transport::Transport;

/// Collects the settings of a [`Client`]. Needed are an endpoint or a region, and credentials.
pub struct ClientBuilder {
    region: Option<String>,
    vpc: bool,
    endpoint: Option<String>,
    failover: Vec<String>,
    dedicated: Option<Dedicated>,
    plain_http: bool,
    credentials: Option<CredentialsFrom>,
    connecting: Connecting,
    attempt_timeout: Duration,
    call_timeout: Option<Duration>,
    retry: RetryPolicy,
    hedge: Option<Duration>,
    observer: Option<Arc<dyn Observer>>,
    user_agent_suffix: Option<String>,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// The gateway of an instance.
struct Dedicated {
    /// An address, or an instance's id.
    at: String,
    ca_pem: Vec<u8>,
}

enum CredentialsFrom {
    Given(Credentials),
    Environment,
    Provider(Arc<dyn CredentialsProvider>),
    DefaultChain,
    #[cfg(feature = "instance")]
    ClientKey(crate::instance::ClientKey),
}

/// Settings that make no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Neither endpoint nor region is set.
    #[error("neither an endpoint nor a region is set")]
    NoEndpoint,
    /// The region is not made of lower-case letters, digits and dashes.
    #[error("the region is not a region id such as cn-hangzhou")]
    Region,
    /// What is given as an instance's id is none.
    #[error("the instance is not an id such as kst-hzz…")]
    Instance,
    /// The endpoint has another form, or its scheme contradicts [`ClientBuilder::plain_http`].
    #[error("the endpoint is not host, host:port, or either behind https:// or http://")]
    Endpoint,
    /// An `http://` endpoint on another machine, without [`ClientBuilder::plain_http`].
    #[error("the endpoint is plain HTTP on another machine, which has to be allowed explicitly")]
    PlainHttp,
    /// No credentials are set.
    #[error("no credentials are set")]
    NoCredentials,
    /// No client key is set for an instance.
    #[error("no client key is set")]
    NoClientKey,
    /// The environment has no usable credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// A certificate file cannot be read.
    #[error("the certificate file {} cannot be read", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A certificate authority is no PEM certificate.
    #[error("the certificate authority cannot be used: {0}")]
    Ca(Cause),
    /// The platform's certificate authorities cannot be found, and none were given.
    #[error("the platform's certificate authorities cannot be loaded")]
    NoRoots(#[source] std::io::Error),
    /// The address of a proxy, given or in the environment, is not `http://host:port`. It is not passed over: what must not go
    /// out directly would do so.
    #[error("the proxy is not http://host:port")]
    Proxy,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] Cause),
    /// The addition to the user agent cannot stand in a header.
    #[error("the user agent suffix cannot be sent in a header")]
    UserAgent,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            region: None,
            vpc: false,
            endpoint: None,
            failover: Vec::new(),
            dedicated: None,
            plain_http: false,
            credentials: None,
            connecting: Connecting::default(),
            attempt_timeout: Duration::from_secs(10),
            call_timeout: Some(Duration::from_secs(60)),
            retry: RetryPolicy::default(),
            hedge: None,
            observer: None,
            user_agent_suffix: None,
            transport: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }

    /// The region of Alibaba Cloud, such as `cn-hangzhou`. Its public endpoint `kms.<region>.aliyuncs.com` is used unless
    /// [`ClientBuilder::endpoint`] is set.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Whether the region's endpoint inside its VPCs, `kms-vpc.<region>.aliyuncs.com`, is used in place of the public one.
    #[must_use]
    pub fn vpc(mut self, vpc: bool) -> Self {
        self.vpc = vpc;
        self
    }

    /// Adds an address that has the same data, such as that of a region to which secrets are replicated: a region's id or an
    /// address as for [`ClientBuilder::endpoint`]. When a read (`Get…`, `Describe…`, `List…`, decrypting, verifying) meets a
    /// fault of the connection, a time limit or status 5xx, its next attempt goes there, and so do other reads for 30 s.
    /// Everything else goes to the first address only. With [`ClientBuilder::transport`] all go through that one.
    #[must_use]
    pub fn failover(mut self, at: impl Into<String>) -> Self {
        self.failover.push(at.into());
        self
    }

    /// Sends what the dedicated gateways offer (crypto operations and secret values) to that of an instance: its id, or an
    /// address as for [`ClientBuilder::endpoint`], and the certificate of its own authority (`CaCertificateChainPem`), as PEM
    /// text. Everything else goes to the shared gateway.
    #[must_use]
    pub fn dedicated(mut self, at: impl Into<String>, ca_pem: impl Into<Vec<u8>>) -> Self {
        self.dedicated = Some(Dedicated { at: at.into(), ca_pem: ca_pem.into() });
        self
    }

    /// Sends a second `GetSecretValue` beside the first when that has no answer after this time, and takes what comes first: at
    /// most so much is then lost to a connection or a node that hangs. Counts as a repeat in [`RetryPolicy::budget`].
    #[must_use]
    pub fn hedge_secrets(mut self, after: Duration) -> Self {
        self.hedge = Some(after);
        self
    }

    /// Is told of every attempt.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The service's address: `host`, `host:port`, or either behind `https://` or `http://`. TLS is used unless the scheme
    /// is `http` or [`ClientBuilder::plain_http`] is set.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Whether to use HTTP without TLS: parameters and answers then travel in the clear. An `http://` endpoint on a loopback
    /// address needs no permission; any other does. `false` by default.
    #[must_use]
    pub fn plain_http(mut self, plain_http: bool) -> Self {
        self.plain_http = plain_http;
        self
    }

    /// The AccessKey that signs.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(CredentialsFrom::Given(credentials));
        self
    }

    /// Finds the AccessKey when [`ClientBuilder::build`] is called: in `ALIBABA_CLOUD_ACCESS_KEY_ID` and
    /// `ALIBABA_CLOUD_ACCESS_KEY_SECRET` (with `ALIBABA_CLOUD_SECURITY_TOKEN` for temporary keys), else in the profile
    /// `ALIBABA_CLOUD_PROFILE` (default `default`) of the file `ALIBABA_CLOUD_CREDENTIALS_FILE` (default
    /// `~/.alibabacloud/credentials.ini`).
    #[must_use]
    pub fn credentials_from_env(mut self) -> Self {
        self.credentials = Some(CredentialsFrom::Environment);
        self
    }

    /// Asks `provider` for credentials before each attempt. One provider can serve several clients.
    #[must_use]
    pub fn credentials_provider(mut self, provider: Arc<dyn CredentialsProvider>) -> Self {
        self.credentials = Some(CredentialsFrom::Provider(provider));
        self
    }

    /// Finds credentials where the official SDKs do, in their order: variables, a role by OpenID Connect, the profile of the
    /// `aliyun` command line, the INI profile, the role of the ECS instance, the credentials URI. Temporary ones are renewed
    /// ahead of their end. Nothing is looked up before the first call.
    ///
    /// Services are reached over TLS with the platform's authorities, whatever [`ClientBuilder::ca_pem`] says of KMS; for
    /// another choice see [`CredentialsHttp`] and [`ClientBuilder::credentials_provider`].
    #[must_use]
    pub fn default_credentials(mut self) -> Self {
        self.credentials = Some(CredentialsFrom::DefaultChain);
        self
    }

    /// Signs with the client key of an application access point instead of with an AccessKey (`SHA256withRSA`, signature
    /// version 1.0). The shared gateway lets such a key read secrets and do nothing else.
    #[cfg(feature = "instance")]
    #[must_use]
    pub fn client_key(mut self, key: crate::instance::ClientKey) -> Self {
        self.credentials = Some(CredentialsFrom::ClientKey(key));
        self
    }

    /// Adds certificates of a private authority, as PEM text. With one given, the platform's authorities are not trusted.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.connecting.ca_pem.push(pem.into());
        self
    }

    /// As [`ClientBuilder::ca_pem`], from a file that is read when [`ClientBuilder::build`] is called.
    #[must_use]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.connecting.ca_files.push(path.into());
        self
    }

    /// How long connecting may take, TLS handshake included; 5 s by default.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connecting.timeout = limit;
        self
    }

    /// Sends everything through a proxy: `http://host:port`, with `user:password@` before the host if it wants them
    /// (percent-encoded). Requests in TLS go through a tunnel (`CONNECT`), where the proxy sees the host and nothing else.
    ///
    /// Without this the proxies of the environment are used, `HTTPS_PROXY` or `HTTP_PROXY` by the endpoint's scheme, in upper or
    /// lower case, as by the official SDKs; but never for loopback addresses. The instance metadata are never asked for through a
    /// proxy.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.connecting.proxy.url = Some(url.into());
        self
    }

    /// Hosts that are reached without a proxy, in the form of the variable `NO_PROXY`, whose place this takes: names (with all
    /// names below them), addresses and networks such as `10.0.0.0/8`, separated by commas; `*` for all.
    #[must_use]
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.connecting.proxy.except = Some(hosts.into());
        self
    }

    /// Asks `resolver` for the addresses of hosts, in place of the platform.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.connecting.resolver = Some(resolver);
        self
    }

    /// How long one attempt may take, from connecting to the end of the answer; 10 s by default.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit;
        self
    }

    /// How long a call may take with all attempts and waits; 60 s by default, `None` for no limit. A wait that would reach
    /// beyond it is not begun: the call then ends with the last attempt's error.
    #[must_use]
    pub fn call_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.call_timeout = limit.into();
        self
    }

    /// How failed attempts are repeated.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Text that is added to the `user-agent`, such as `app/1.0`.
    #[must_use]
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Sends requests in another way than over HTTP by hyper and rustls. Settings of certificates, proxies, names and of the
    /// connection time then have no effect.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The clock for the requests' dates; the machine's by default. Time limits and waits follow Tokio's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The source of nonces and jitter; aws-lc's generator by default. Nonces must never repeat.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Makes the client. Certificates and credentials files are read here; no connection is opened yet.
    ///
    /// # Errors
    /// [`BuildError`] for the first setting that is missing or cannot be used.
    pub fn build(self) -> Result<Client, BuildError> {
        let endpoint = match (&self.endpoint, &self.region) {
            (Some(endpoint), _) => Endpoint::parse(endpoint, self.plain_http)?,
            (None, Some(region)) => of_region(region, self.vpc)?,
            (None, None) => return Err(BuildError::NoEndpoint),
        };
        let signer = match self.credentials {
            Some(CredentialsFrom::Given(credentials)) => Signer::of(Fixed::new(credentials)),
            Some(CredentialsFrom::Environment) => Signer::of(Fixed::new(credentials::from_env(
                |name| std::env::var(name).ok(),
                |path| std::fs::read_to_string(path),
            )?)),
            Some(CredentialsFrom::Provider(provider)) => Signer::Credentials(provider),
            #[cfg(feature = "instance")]
            Some(CredentialsFrom::ClientKey(key)) => Signer::ClientKey(Arc::new(key)),
            Some(CredentialsFrom::DefaultChain) => {
                let effects = Effects {
                    clock: Arc::clone(&self.clock),
                    random: Arc::clone(&self.random),
                    ..Effects::system(Arc::new(CredentialsHttp::like(&self.connecting)))
                };
                Signer::of(Cached::new(DefaultChain::new(), effects))
            }
            None => return Err(BuildError::NoCredentials),
        };
        let failover = self.failover.iter().map(|at| match Endpoint::parse(at, self.plain_http) {
            // A region's id has the form of a host's name, but no host of one word is the service.
            Ok(endpoint) if at.contains(['.', ':']) => Ok(endpoint),
            _ => of_region(at, self.vpc),
        });
        let failover = failover.collect::<Result<Vec<_>, _>>()?;
        let dedicated = match &self.dedicated {
            Some(dedicated) if dedicated.at.contains(['.', ':']) => {
                Some(Endpoint::parse(&dedicated.at, self.plain_http)?)
            }
            Some(dedicated) => Some(of_instance(&dedicated.at)?),
            None => None,
        };
        let is_given = self.transport.is_some();
        let uses_tls = endpoint.tls || failover.iter().any(|endpoint| endpoint.tls);
        let attempt_timeout = self.attempt_timeout;
        let own = |connecting: Connecting, uses_tls| -> Result<Arc<dyn Transport>, BuildError> {
            Ok(Arc::new(connecting.transport(uses_tls, attempt_timeout)?))
        };
        let transport = match self.transport {
            Some(given) => given,
            None => own(self.connecting.clone(), uses_tls)?,
        };
        let route = |endpoint| Route::new(endpoint, transport.clone());
        let dedicated = match (dedicated, self.dedicated) {
            // Only its own authority vouches for an instance.
            (Some(endpoint), Some(dedicated)) if endpoint.tls && !is_given => {
                let ca = vec![dedicated.ca_pem];
                let connecting = Connecting { ca_pem: ca, ca_files: Vec::new(), ..self.connecting };
                Some(Route::new(endpoint, own(connecting, true)?))
            }
            (endpoint, _) => endpoint.map(route),
        };
        let routes = Routes::new(route(endpoint), failover.into_iter().map(route).collect(), dedicated);
        Ok(Client::new(Parts {
            routes,
            signer,
            user_agent: user_agent(self.user_agent_suffix.as_deref())?,
            attempt_timeout: self.attempt_timeout,
            call_timeout: self.call_timeout,
            budget: Budget::new(self.retry.repeats()),
            retry: self.retry,
            hedge: self.hedge,
            observer: self.observer,
            skew: ClockSkew::default(),
            clock: self.clock,
            nonces: Nonces::new(Arc::clone(&self.random)),
            random: self.random,
        }))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .field("plain_http", &self.plain_http)
            .finish_non_exhaustive()
    }
}

pub(crate) fn user_agent(suffix: Option<&str>) -> Result<HeaderValue, BuildError> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut text = format!("keystead-client/{} ({os}; {arch})", env!("CARGO_PKG_VERSION"));
    if let Some(suffix) = suffix {
        text.push(' ');
        text.push_str(suffix);
    }
    HeaderValue::from_str(&text).map_err(|_| BuildError::UserAgent)
}
