//! `keystead credentials`: the AccessKey in a secret, for programs that run a command for their credentials.
//!
//! What is printed is what the mode `External` of `~/.aliyun/config.json` reads: the `aliyun` command line, and every official
//! SDK of its credentials libraries, can so follow the rotation of a `RAMCredentials` secret.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::{Arg, ArgMatches, Command};
use keystead_auth::format_date;
use keystead_client::Client;
use keystead_client::providers::CredentialsProvider as _;
use keystead_secrets::ram::RamSecretCredentials;
use keystead_secrets::{CachedSecretSource as _, SecretClient};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::operation::{CliError, Io, connection};

/// When the service is late with a rotation, the AccessKey is asked for again after this.
const SOON: Duration = Duration::from_secs(300);

/// The output, as the readers name its fields.
#[derive(Serialize)]
struct Output<'a> {
    mode: &'static str,
    access_key_id: &'a str,
    access_key_secret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
}

pub(crate) fn command() -> Command {
    let secret =
        Arg::new("secret").long("secret").value_name("NAME").required(true).help("Name of the secret");
    let command = Command::new("credentials")
        .about("Print the AccessKey in a RAMCredentials secret, as process_command of ~/.aliyun/config.json")
        .arg(secret);
    connection::flags(command)
}

pub(crate) async fn run(matches: &ArgMatches, io: &mut Io<'_>) -> Result<(), CliError> {
    let client = connection::client(matches, io.env, connection::Fallback::DefaultChain)?;
    let name = matches.get_one::<String>("secret").map_or("", String::as_str);
    let text = output(client, name, SystemTime::now()).await?;
    io.stdout.write_all(text.as_bytes())?;
    Ok(io.stdout.flush()?)
}

async fn output(client: Client, name: &str, now: SystemTime) -> Result<Zeroizing<String>, CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::Credentials(error.to_string());
    let secrets = SecretClient::builder().endpoint("KMS", client).build().map_err(|error| failed(&error))?;
    let value = secrets.get(name).await.map_err(|error| failed(&error))?;
    let provider = RamSecretCredentials::new(Arc::new(secrets), name);
    let provided = provider.provide().await.map_err(|error| failed(&error))?;
    // Until its next rotation the AccessKey is good; the reader runs the command again then.
    let rotation = value.next_rotation().map(|next| if next > now { next } else { now + SOON });
    let end = provided.expiration.or_else(|| {
        let since = rotation?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    });
    let output = Output {
        mode: "AK",
        access_key_id: &provided.credentials.access_key_id,
        access_key_secret: provided.credentials.secret.expose(),
        expiration: end.and_then(format_date),
    };
    let mut text = Zeroizing::new(String::with_capacity(512));
    text.push_str(&Zeroizing::new(serde_json::to_string(&output).map_err(|error| failed(&error))?));
    text.push('\n');
    Ok(text)
}
