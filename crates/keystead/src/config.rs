//! The configuration: defaults, under one TOML file, under environment variables, under flags.

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
use keystead_rotation::TargetSettings;
use keystead_service::audit;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::AnyError;

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
            ready_file: None,
            allow_plain_http: false,
            workers: 0,
            image_mib: 128,
            opened_keys: 131_072,
            nonce_mib: 64,
            max_connections: 16_384,
            log: "info".to_owned(),
            log_json: false,
            compat: CompatSettings::default(),
            audit: AuditSettings::default(),
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
            "tls_name" => arg.action(ArgAction::Append),
            "allow_plain_http" | "log_json" | "compat.strict" | "audit.enabled" => {
                arg.num_args(0..=1).default_missing_value("true")
            }
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
                ("tls_name", Some(last)) => {
                    values.push(last);
                    Value::from(values)
                }
                (_, Some(last)) => last,
                (_, None) => continue,
            };
            match key.name.split_once('.') {
                Some((table, name)) => {
                    let table = dict.entry(table.to_owned()).or_insert_with(|| Dict::new().into());
                    if let Value::Dict(_, entries) = table {
                        entries.insert(name.to_owned(), value);
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
        "allow_plain_http" | "log_json" | "compat.strict" | "audit.enabled" => {
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
