//! Where the service is and who calls it: flags, environment, and the file that `keystead serve` writes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use keystead_auth::credentials::CredentialsError;
use keystead_client::providers::{Cached, DefaultChain, Effects, Env, SystemEnv};
use keystead_client::{Client, Credentials, CredentialsHttp};
use serde::Deserialize;

use super::CliError;

/// Flags with the environment variables that stand in for them, the first one set wins.
const SETTINGS: &[Setting] = &[
    Setting {
        id: "endpoint",
        variables: &["KEYSTEAD_ENDPOINT"],
        value: "HOST:PORT",
        help: "Address of the service, with https:// or http:// in front if wanted; TLS is the default",
    },
    Setting {
        id: "region",
        variables: &["KEYSTEAD_REGION", "ALIBABA_CLOUD_REGION_ID"],
        value: "REGION",
        help: "Region of Alibaba Cloud to call when no endpoint is known",
    },
    Setting {
        id: "ca-file",
        variables: &["KEYSTEAD_CA_FILE"],
        value: "PATH",
        help: "Certificate authority to trust instead of the platform's, PEM",
    },
    Setting {
        id: "ready-file",
        variables: &["KEYSTEAD_READY_FILE"],
        value: "PATH",
        help: "The file that `keystead serve` wrote; gives endpoint, authority and AccessKey unless they are set otherwise",
    },
];

struct Setting {
    id: &'static str,
    variables: &'static [&'static str],
    value: &'static str,
    help: &'static str,
}

impl Setting {
    fn find(id: &str, matches: &ArgMatches, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let given = matches.get_one::<String>(id).cloned();
        let variables =
            SETTINGS.iter().filter(|setting| setting.id == id).flat_map(|setting| setting.variables);
        given.or_else(|| variables.filter_map(|name| env(name)).find(|value| !value.is_empty()))
    }
}

/// What is taken from the file that `keystead serve` writes when it is ready.
#[derive(Debug, Deserialize)]
struct ReadyFile {
    endpoints: Endpoints,
    ca_file: Option<PathBuf>,
    access_key_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Endpoints {
    shared: Shared,
}

#[derive(Debug, Deserialize)]
struct Shared {
    http: Option<String>,
    https: Option<String>,
}

/// Adds the flags of the connection.
pub(crate) fn flags(command: Command) -> Command {
    let flag = |setting: &Setting| {
        let variables = setting.variables.join(" or ");
        Arg::new(setting.id)
            .long(setting.id)
            .value_name(setting.value)
            .help(format!("{} [env: {variables}]", setting.help))
    };
    command
        .args(SETTINGS.iter().map(flag))
        .arg(
            Arg::new("plain-http")
                .long("plain-http")
                .action(ArgAction::SetTrue)
                .help("Call without TLS; parameters and answers travel in the clear"),
        )
        .after_help(
            "The AccessKey is never a flag. It comes from ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET (with \
             ALIBABA_CLOUD_SECURITY_TOKEN), else from the profile ALIBABA_CLOUD_PROFILE of the file \
             ALIBABA_CLOUD_CREDENTIALS_FILE, else from the ready file, else from ~/.alibabacloud/credentials.ini.",
        )
}

/// Who calls when no AccessKey is found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// Nobody: a person forgot something.
    None,
    /// What the default chain finds, such as the role of the ECS instance: a program's command runs where programs do. Without
    /// the profile of the command line, whose `process_command` this very command is.
    DefaultChain,
}

/// The process's environment, in which the profile of the command line is turned off.
struct NoCliProfile;

impl Env for NoCliProfile {
    fn var(&self, name: &str) -> Option<String> {
        match name {
            "ALIBABA_CLOUD_CLI_PROFILE_DISABLED" => Some("true".to_owned()),
            name => SystemEnv.var(name),
        }
    }

    fn home(&self) -> Option<String> {
        SystemEnv.home()
    }
}

/// The client that flags, environment and ready file describe.
pub(crate) fn client(
    matches: &ArgMatches,
    env: &dyn Fn(&str) -> Option<String>,
    fallback: Fallback,
) -> Result<Client, CliError> {
    let setting = |id| Setting::find(id, matches, env);
    let ready = setting("ready-file").map(|path| ReadyFile::read(Path::new(&path))).transpose()?;
    let mut builder = Client::builder()
        .plain_http(matches.get_flag("plain-http"))
        .user_agent_suffix(concat!("keystead/", env!("CARGO_PKG_VERSION")));
    builder = match credentials(ready.as_ref(), env) {
        Ok(credentials) => builder.credentials(credentials),
        Err(CredentialsError::NotFound) if fallback == Fallback::DefaultChain => {
            let http = Arc::new(CredentialsHttp::new());
            let effects = Effects { env: Arc::new(NoCliProfile), ..Effects::system(http) };
            builder.credentials_provider(Arc::new(Cached::new(DefaultChain::new(), effects)))
        }
        Err(error) => return Err(CliError::Usage(error.to_string())),
    };
    let ready_endpoint = || ready.as_ref().and_then(|ready| ready.endpoint(matches.get_flag("plain-http")));
    match (setting("endpoint").or_else(ready_endpoint), setting("region")) {
        (Some(endpoint), _) => builder = builder.endpoint(endpoint),
        (None, Some(region)) => builder = builder.region(region),
        (None, None) => {
            let text = "where is the service? Set --endpoint, --region or --ready-file, or KEYSTEAD_ENDPOINT, \
                        ALIBABA_CLOUD_REGION_ID or KEYSTEAD_READY_FILE";
            return Err(CliError::Usage(text.to_owned()));
        }
    }
    let ca_file = setting("ca-file").map(PathBuf::from).or_else(|| ready.and_then(|ready| ready.ca_file));
    if let Some(path) = ca_file {
        builder = builder.ca_file(path);
    }
    builder.build().map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        CliError::Usage(format!("{error}{cause}"))
    })
}

fn credentials(
    ready: Option<&ReadyFile>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Credentials, CredentialsError> {
    let is_set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    let in_env = (is_set("ALIBABA_CLOUD_ACCESS_KEY_ID") && is_set("ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
        || is_set("ALIBABA_CLOUD_CREDENTIALS_FILE");
    let of_ready = ready.and_then(|ready| ready.access_key_file.as_deref()).filter(|_| !in_env);
    // The same reading as for a file named in the environment, which is what the official SDKs do with it as well.
    let get = |name: &str| match (name, of_ready) {
        ("ALIBABA_CLOUD_CREDENTIALS_FILE", Some(path)) => path.to_str().map(str::to_owned),
        _ => env(name),
    };
    keystead_auth::credentials::from_env(get, |path| std::fs::read_to_string(path))
}

impl ReadyFile {
    fn read(path: &Path) -> Result<Self, CliError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| CliError::Usage(format!("the ready file {shown} cannot be read: {error}")))?;
        let mut ready: Self = serde_json::from_str(&text)
            .map_err(|error| CliError::Usage(format!("the ready file {shown} is malformed: {error}")))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in [&mut ready.ca_file, &mut ready.access_key_file].into_iter().flatten() {
            *file = folder.join(&*file);
        }
        Ok(ready)
    }

    /// HTTPS, unless the server has none or HTTP is asked for.
    fn endpoint(&self, plain_http: bool) -> Option<String> {
        let Shared { http, https } = &self.endpoints.shared;
        let plain = || {
            let http = http.as_deref()?;
            Some(if http.contains("://") { http.to_owned() } else { format!("http://{http}") })
        };
        if plain_http { plain() } else { https.clone().or_else(plain) }
    }
}
