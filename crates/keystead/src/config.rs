//! The configuration: defaults, under one TOML file, under environment variables, under flags.

mod dedicated;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Arg, ArgAction, ArgMatches, Command};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use keystead_auth::policy::Network;
use keystead_oidc::IssuerSettings;
use keystead_rotation::TargetSettings;
use keystead_service::audit;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::AnyError;

pub(crate) use dedicated::DedicatedSettings;

/// Every setting. Each is a key of the file, a variable `KEYSTEAD_<KEY>` and a flag `--<key>`; a key of a table has the
/// table's name in front.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) data_dir: PathBuf,
    pub(crate) root_key_file: Option<PathBuf>,
    pub(crate) http: Listen,
    pub(crate) https: Listen,
    pub(crate) ops: Listen,
    pub(crate) region: String,
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) tls_name: Vec<String>,
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) instance: Vec<String>,
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) allow_plain_http: bool,
    pub(crate) workers: usize,
    pub(crate) image_mib: u64,
    pub(crate) opened_keys: usize,
    pub(crate) nonce_mib: usize,
    pub(crate) max_connections: usize,
    pub(crate) log: String,
    pub(crate) log_json: bool,
    pub(crate) compat: CompatSettings,
    pub(crate) audit: AuditSettings,
    pub(crate) gateway: GatewaySettings,
    pub(crate) quotas: QuotaSettings,
    pub(crate) oidc: OidcSettings,
    pub(crate) metadata: MetadataSettings,
    pub(crate) credentials_uri: CredentialsUriSettings,
    pub(crate) dedicated: DedicatedSettings,
    /// `[rotation.…]`: only in the file, for it has a table for each system.
    #[serde(default)]
    pub(crate) rotation: Rotation,
}

/// The table `[compat]`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CompatSettings {
    pub(crate) strict: bool,
}

/// The table `[audit]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditSettings {
    pub(crate) enabled: bool,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) sync: Sync,
    pub(crate) segment_mib: u64,
    pub(crate) segment_hours: u32,
    pub(crate) keep_days: u32,
    pub(crate) keep_mib: u64,
}

/// When records are made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sync {
    /// Within 100 ms.
    Interval,
    /// Before the request is answered.
    Always,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            dir: None,
            sync: Sync::Interval,
            segment_mib: 128,
            segment_hours: 24,
            keep_days: 180,
            keep_mib: 32_768,
        }
    }
}

/// The table `[gateway]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GatewaySettings {
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) trusted_proxies: Vec<String>,
}

impl GatewaySettings {
    /// The networks of trusted proxies.
    pub(crate) fn proxies(&self) -> Result<Vec<Network>, String> {
        let network = |text: &String| {
            Network::parse(text).ok_or_else(|| {
                format!("gateway.trusted_proxies: {text:?} is no address and no network such as 10.0.0.0/8")
            })
        };
        self.trusted_proxies.iter().map(network).collect()
    }
}

/// The table `[quotas]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct QuotaSettings {
    pub(crate) enabled: bool,
    /// By the group's name: only in the file.
    pub(crate) limits: BTreeMap<String, u32>,
}

/// The table `[oidc]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OidcSettings {
    pub(crate) any_issuer: bool,
    /// By the issuer's URL: only in the file, for it has a table for each issuer.
    pub(crate) issuers: BTreeMap<String, IssuerSettings>,
}

impl Default for OidcSettings {
    fn default() -> Self {
        Self { any_issuer: true, issuers: BTreeMap::new() }
    }
}

/// The table `[metadata]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MetadataSettings {
    pub(crate) listen: Listen,
    pub(crate) role: String,
    #[serde(deserialize_with = "digits")]
    pub(crate) account: Option<String>,
    pub(crate) session_name: String,
    pub(crate) token_required: bool,
    pub(crate) beyond_loopback: bool,
}

impl Default for MetadataSettings {
    fn default() -> Self {
        Self {
            listen: Listen::Off,
            role: String::new(),
            account: None,
            session_name: "metadata".to_owned(),
            token_required: false,
            beyond_loopback: false,
        }
    }
}

impl AuditSettings {
    /// The folder of the log.
    pub(crate) fn dir(&self, data_dir: &Path) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| data_dir.join("audit"))
    }

    /// For the engine; none when there is to be no log.
    pub(crate) fn settings(&self, data_dir: &Path) -> Result<Option<audit::Settings>, AnyError> {
        if !self.enabled {
            return Ok(None);
        }
        if self.segment_mib == 0 || self.segment_hours == 0 {
            return Err("audit.segment_mib and audit.segment_hours are at least 1".into());
        }
        Ok(Some(audit::Settings {
            dir: std::path::absolute(self.dir(data_dir))?,
            sync_always: self.sync == Sync::Always,
            segment_bytes: self.segment_mib.saturating_mul(1 << 20),
            segment_seconds: i64::from(self.segment_hours) * 3600,
            keep_seconds: i64::from(self.keep_days) * 86_400,
            keep_bytes: self.keep_mib.saturating_mul(1 << 20),
        }))
    }
}

/// The table `[credentials_uri]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CredentialsUriSettings {
    pub(crate) listen: Listen,
    pub(crate) role: String,
    #[serde(deserialize_with = "digits")]
    pub(crate) account: Option<String>,
    pub(crate) session_name: String,
    pub(crate) path: String,
    pub(crate) beyond_loopback: bool,
}

impl Default for CredentialsUriSettings {
    fn default() -> Self {
        Self {
            listen: Listen::Off,
            role: String::new(),
            account: None,
            session_name: "credentials-uri".to_owned(),
            path: "/credentials".to_owned(),
            beyond_loopback: false,
        }
    }
}

/// What rotates the logins in secrets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// The systems, by the id that secrets call them by.
    #[serde(default)]
    pub(crate) targets: BTreeMap<String, TargetSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("keystead-data"),
            root_key_file: None,
            http: Listen::At(SocketAddr::from(([127, 0, 0, 1], 8300))),
            https: Listen::At(SocketAddr::from(([127, 0, 0, 1], 8343))),
            ops: Listen::Off,
            region: "cn-hangzhou".to_owned(),
            tls_name: Vec::new(),
            instance: Vec::new(),
            ready_file: None,
            allow_plain_http: false,
            workers: 0,
            image_mib: 104,
            opened_keys: 131_072,
            nonce_mib: 64,
            max_connections: 16_384,
            log: "info".to_owned(),
            log_json: false,
            compat: CompatSettings::default(),
            audit: AuditSettings::default(),
            gateway: GatewaySettings::default(),
            quotas: QuotaSettings::default(),
            oidc: OidcSettings::default(),
            metadata: MetadataSettings::default(),
            credentials_uri: CredentialsUriSettings::default(),
            dedicated: DedicatedSettings::default(),
            rotation: Rotation::default(),
        }
    }
}

/// One setting, as flags and pages show it.
struct Key {
    name: &'static str,
    value_name: &'static str,
    help: &'static str,
}

const KEYS: &[Key] = &[
    Key {
        name: "data_dir",
        value_name: "DIR",
        help: "Folder of the store, the keys and the admin socket; made on the first start",
    },
    Key {
        name: "root_key_file",
        value_name: "PATH",
        help: "File of the root key, when it is not to lie in the data folder",
    },
    Key {
        name: "http",
        value_name: "ADDR:PORT|off",
        help: "Where plain HTTP is served; port 0 picks a free one",
    },
    Key {
        name: "https",
        value_name: "ADDR:PORT|off",
        help: "Where HTTPS is served; port 0 picks a free one",
    },
    Key { name: "ops", value_name: "ADDR:PORT|off", help: "Where /livez, /readyz and /metrics are served" },
    Key { name: "region", value_name: "ID", help: "Region id that stands in ARNs" },
    Key {
        name: "tls_name",
        value_name: "NAME",
        help: "A further name or address in the certificate; may be repeated",
    },
    Key {
        name: "instance",
        value_name: "ID|auto",
        help: "A KMS instance of the first account, made if it is not there; auto: one if there is none; may be repeated",
    },
    Key {
        name: "ready_file",
        value_name: "PATH",
        help: "File written (owner-only) once requests are served",
    },
    Key { name: "allow_plain_http", value_name: "BOOL", help: "Serve plain HTTP beyond loopback addresses" },
    Key { name: "workers", value_name: "N", help: "Worker threads; 0 means one per core" },
    Key { name: "image_mib", value_name: "MIB", help: "Memory for the image of the store, in MiB" },
    Key {
        name: "opened_keys",
        value_name: "N",
        help: "How many opened keys are kept; RSA keys count for many",
    },
    Key { name: "nonce_mib", value_name: "MIB", help: "Memory for remembered nonces, in MiB" },
    Key { name: "max_connections", value_name: "N", help: "Connections at once, for each listener" },
    Key { name: "log", value_name: "LEVEL", help: "error, warn, info, debug or trace" },
    Key { name: "log_json", value_name: "BOOL", help: "Write logs as JSON lines" },
    Key {
        name: "compat.strict",
        value_name: "BOOL",
        help: "Refuse what the vendor's own service refuses for keys and secrets outside instances",
    },
    Key { name: "audit.enabled", value_name: "BOOL", help: "Keep an audit log; on by default" },
    Key {
        name: "audit.dir",
        value_name: "DIR",
        help: "Folder of the audit log, when it is not to lie in the data folder",
    },
    Key {
        name: "audit.sync",
        value_name: "interval|always",
        help: "When records are durable: within 100 ms, or before each answer",
    },
    Key {
        name: "audit.segment_mib",
        value_name: "MIB",
        help: "Size at which a file of the audit log is closed",
    },
    Key {
        name: "audit.segment_hours",
        value_name: "H",
        help: "Age at which a file of the audit log is closed",
    },
    Key {
        name: "audit.keep_days",
        value_name: "DAYS",
        help: "Age at which closed files of the audit log are removed; 0 means never",
    },
    Key {
        name: "audit.keep_mib",
        value_name: "MIB",
        help: "Size of the audit log at which its oldest files are removed; 0 means never",
    },
    Key {
        name: "gateway.trusted_proxies",
        value_name: "NETWORK",
        help: "A proxy's address or network, such as 10.0.0.0/8, whose X-Forwarded-For is believed; may be repeated",
    },
    Key {
        name: "quotas.enabled",
        value_name: "BOOL",
        help: "Refuse accounts that call more often than the vendor allows",
    },
    Key {
        name: "oidc.any_issuer",
        value_name: "BOOL",
        help: "Fetch the keys of OIDC issuers that have no table [oidc.issuers]; true by default",
    },
    Key {
        name: "metadata.listen",
        value_name: "ADDR:PORT|off",
        help: "Where sessions of a role are given away as by an instance's metadata; off by default",
    },
    Key { name: "metadata.role", value_name: "NAME", help: "The role; it trusts ecs.aliyuncs.com" },
    Key {
        name: "metadata.account",
        value_name: "ID",
        help: "The role's account; by default that of the first start",
    },
    Key { name: "metadata.session_name", value_name: "NAME", help: "What its sessions are called" },
    Key {
        name: "metadata.token_required",
        value_name: "BOOL",
        help: "Refuse calls without a token, as an instance in hardened mode does",
    },
    Key {
        name: "metadata.beyond_loopback",
        value_name: "BOOL",
        help: "Allow an address other than loopback, such as 100.100.100.200:80",
    },
    Key {
        name: "credentials_uri.listen",
        value_name: "ADDR:PORT|off",
        help: "Where sessions of a role are given away for ALIBABA_CLOUD_CREDENTIALS_URI; off by default",
    },
    Key { name: "credentials_uri.role", value_name: "NAME", help: "The role; it trusts ecs.aliyuncs.com" },
    Key {
        name: "credentials_uri.account",
        value_name: "ID",
        help: "The role's account; by default that of the first start",
    },
    Key { name: "credentials_uri.session_name", value_name: "NAME", help: "What its sessions are called" },
    Key {
        name: "credentials_uri.path",
        value_name: "PATH",
        help: "The path that clients call; whoever knows it gets sessions",
    },
    Key {
        name: "credentials_uri.beyond_loopback",
        value_name: "BOOL",
        help: "Allow an address other than loopback",
    },
    Key {
        name: "dedicated.listen",
        value_name: "ADDR:PORT|off",
        help: "Where the gateways of all instances are served, told apart by their names; off by default",
    },
    Key {
        name: "dedicated.domain",
        value_name: "DOMAIN",
        help: "Instances are called <id>.cryptoservice.kms.<domain>; aliyuncs.com by default",
    },
    Key {
        name: "dedicated.loopback",
        value_name: "BOOL",
        help: "Give each instance a free port of its own on 127.0.0.1; true by default",
    },
    Key {
        name: "dedicated.loopback_http",
        value_name: "BOOL",
        help: "Give each instance one more port on 127.0.0.1, without TLS",
    },
];

/// Settings that take several values.
const LISTS: &[&str] = &["tls_name", "instance", "gateway.trusted_proxies"];
/// Settings that are true or false.
const SWITCHES: &[&str] = &[
    "allow_plain_http",
    "log_json",
    "compat.strict",
    "audit.enabled",
    "quotas.enabled",
    "oidc.any_issuer",
    "metadata.token_required",
    "metadata.beyond_loopback",
    "credentials_uri.beyond_loopback",
    "dedicated.loopback",
    "dedicated.loopback_http",
];

/// Adds the flags to a command.
pub(crate) fn arguments(mut command: Command) -> Command {
    command = command.arg(
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .env("KEYSTEAD_CONFIG")
            .help("Configuration file (TOML)"),
    );
    for key in KEYS {
        let flag = key.name.replace(['_', '.'], "-");
        let mut arg = Arg::new(key.name).long(flag).value_name(key.value_name).help(key.help);
        arg = match key.name {
            name if LISTS.contains(&name) => arg.action(ArgAction::Append),
            name if SWITCHES.contains(&name) => arg.num_args(0..=1).default_missing_value("true"),
            _ => arg,
        };
        command = command.arg(arg);
    }
    command
}

impl Settings {
    /// Reads all layers.
    ///
    /// # Errors
    /// When a value is malformed or a file key is unknown; the message names the value and where it comes from.
    pub(crate) fn load(matches: &ArgMatches) -> Result<Self, Box<figment::Error>> {
        figment(matches).extract().map_err(Box::new)
    }
}

/// Prints every setting with its origin, one a line.
pub(crate) fn print(matches: &ArgMatches, out: &mut impl Write) -> Result<(), AnyError> {
    let figment = figment(matches);
    let settings = figment.extract::<Settings>()?;
    for key in KEYS {
        let value = figment.find_value(key.name).ok();
        let origin =
            figment.find_metadata(key.name).map_or("default".to_owned(), |metadata| match &metadata.source {
                Some(figment::Source::File(path)) => path.display().to_string(),
                Some(figment::Source::Code(_)) => "default".to_owned(),
                _ => metadata.name.to_string(),
            });
        let shown = match value {
            None | Some(Value::Empty(..)) => "(not set)".to_owned(),
            Some(value) => serde_json::to_string(&value)?,
        };
        writeln!(out, "{} = {shown}  # {origin}", key.name)?;
    }
    keystead_rotation::Targets::new(&settings.rotation.targets)?;
    let file = matches.get_one::<String>("config").map_or("default", String::as_str);
    for (id, target) in &settings.rotation.targets {
        // The names of secrets stand in it, never a secret.
        writeln!(out, "rotation.targets.{id:?} = {}  # {file}", serde_json::to_string(target)?)?;
    }
    keystead_oidc::Issuers::new(&settings.oidc.issuers, true)?;
    for (issuer, source) in &settings.oidc.issuers {
        writeln!(out, "oidc.issuers.{issuer:?} = {}  # {file}", serde_json::to_string(source)?)?;
    }
    settings.gateway.proxies()?;
    settings.dedicated.domain()?;
    keystead_gateway::Quotas::new(&settings.quotas.limits)?;
    for (group, calls) in &settings.quotas.limits {
        writeln!(out, "quotas.limits.{group} = {calls}  # {file}")?;
    }
    Ok(())
}

fn figment(matches: &ArgMatches) -> Figment {
    // Variables have no dots: `compat.strict` is KEYSTEAD_COMPAT_STRICT.
    let variables: Vec<String> = KEYS.iter().map(|key| key.name.replace('.', "_")).collect();
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let setting = |variable: &str| {
        let key = KEYS.iter().find(|key| key.name.replace('.', "_").eq_ignore_ascii_case(variable));
        key.map_or(variable, |key| key.name).to_owned()
    };
    let mut figment = Figment::from(Serialized::defaults(Settings::default()));
    if let Some(path) = matches.get_one::<String>("config") {
        figment = figment.merge(Toml::file_exact(path));
    }
    figment
        .merge(Env::prefixed("KEYSTEAD_").only(&variables).map(move |key| setting(key.as_str()).into()))
        .merge(Flags(flags(matches)))
}

fn flags(matches: &ArgMatches) -> Dict {
    let mut dict = Dict::new();
    for key in KEYS {
        if let Some(values) = matches.get_many::<String>(key.name) {
            let mut values: Vec<Value> = values.map(|text| parse(key.name, text)).collect();
            let value = match (key.name, values.pop()) {
                (name, Some(last)) if LISTS.contains(&name) => {
                    values.push(last);
                    Value::from(values)
                }
                (_, Some(last)) => last,
                (_, None) => continue,
            };
            match key.name.split_once('.') {
                Some((table, name)) => {
                    let table = dict.entry(table.to_owned()).or_insert_with(|| Dict::new().into());
                    if let Value::Dict(_, table) = table {
                        table.insert(name.to_owned(), value);
                    }
                }
                None => {
                    dict.insert(key.name.to_owned(), value);
                }
            }
        }
    }
    dict
}

/// Numbers and switches become what they are; everything else, ids and names that look like numbers too, stays text.
fn parse(name: &str, text: &str) -> Value {
    match name {
        "workers"
        | "image_mib"
        | "opened_keys"
        | "nonce_mib"
        | "max_connections"
        | "audit.segment_mib"
        | "audit.segment_hours"
        | "audit.keep_days"
        | "audit.keep_mib" => text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from),
        name if SWITCHES.contains(&name) => {
            text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from)
        }
        _ => Value::from(text),
    }
}

struct Flags(Dict);

impl figment::Provider for Flags {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named("flag")
    }

    fn data(&self) -> Result<Map<figment::Profile, Dict>, figment::Error> {
        Ok(Map::from([(figment::Profile::Default, self.0.clone())]))
    }
}

/// An account's id: a text of digits, which variables take for a number.
fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Digits {
        Text(String),
        Number(u64),
    }
    Ok(Option::<Digits>::deserialize(deserializer)?.map(|digits| match digits {
        Digits::Text(text) => text,
        Digits::Number(number) => number.to_string(),
    }))
}

/// A list, or one item without brackets.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// Where a listener listens, if at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    Off,
    At(SocketAddr),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let localhost = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        localhost
            .as_deref()
            .unwrap_or(text)
            .parse()
            .map(Self::At)
            .map_err(|_| format!("{text:?} is no ADDR:PORT (such as 127.0.0.1:8343) and not \"off\""))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(address) => address.fmt(f),
        }
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
