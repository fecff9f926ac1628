//! `keystead instance`: the instances of a data folder.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use keystead_service::{Engine, NewInstance, instances};
use keystead_store::Store;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::AnyError;
use crate::admin::{self, Request};
use crate::data_dir::DataDir;

/// What `instance create` asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct New {
    id: Option<String>,
    name: Option<String>,
    /// The installation's own when it is left out.
    account: Option<String>,
    keys: Option<u32>,
    secrets: Option<u32>,
    unconnected: bool,
}

pub(crate) fn command() -> Command {
    let arg = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name.replace('_', "-")).value_name(value).help(help)
    };
    let quota = |name, help| arg(name, "N", help).value_parser(value_parser!(u32).range(1..));
    Command::new("instance")
        .about("KMS instances of a data folder, also while it is served")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("create")
                .about("Make an instance, with a key and a certificate authority of its own")
                .arg(admin::data_dir())
                .arg(admin::root_key_file())
                .arg(arg("id", "ID", "kst- and 1 to 32 lower-case letters, digits or dashes; one that is there is left as it is [default: a new one]"))
                .arg(arg("name", "NAME", "A name for people [default: the id]"))
                .arg(arg("account", "ID", "The account that owns it [default: the first one]"))
                .arg(quota("keys", "Keys that it holds, each version counting as one [default: 1000]"))
                .arg(quota("secrets", "Secrets that it holds [default: 1000]"))
                .arg(
                    Arg::new("unconnected")
                        .long("unconnected")
                        .action(ArgAction::SetTrue)
                        .help("Leave it to ConnectKmsInstance to make it usable"),
                ),
        )
        .subcommand(Command::new("list").about("List the instances").arg(admin::data_dir()))
        .subcommand(
            Command::new("ca")
                .about("Print the certificate of an instance's authority, which its clients are given (PEM)")
                .arg(admin::data_dir())
                .arg(arg("id", "ID", "Id of the instance").required(true)),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, AnyError> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(ExitCode::FAILURE) };
    let text = |id: &str| matches.get_one::<String>(id).cloned();
    let data_dir = text("data_dir").unwrap_or_default();
    let root_key_file = if name == "create" { text("root_key_file") } else { None };
    let data = DataDir::new(Path::new(&data_dir), root_key_file.as_deref().map(Path::new))?;
    match name {
        "create" => {
            let new = New {
                id: text("id"),
                name: text("name"),
                account: text("account"),
                keys: matches.get_one("keys").copied(),
                secrets: matches.get_one("secrets").copied(),
                unconnected: matches.get_flag("unconnected"),
            };
            admin::carry_out(&data, &Request::InstanceCreate(Box::new(new)))
        }
        "list" => admin::carry_out(&data, &Request::InstanceList),
        _ => {
            let answer =
                admin::answer_to(&Request::InstanceCa { id: text("id").unwrap_or_default() }, &data)?;
            io::stdout().lock().write_all(answer["ca"].as_str().unwrap_or_default().as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Makes an instance.
pub(crate) async fn create(new: &New, engine: &Engine) -> Result<Value, AnyError> {
    let account = new.account.as_deref().unwrap_or(&engine.installation().account);
    let wanted = NewInstance {
        id: new.id.as_deref(),
        name: new.name.as_deref(),
        keys: new.keys,
        secrets: new.secrets,
        unconnected: new.unconnected,
    };
    let id = engine.make_instance(account, wanted).await?;
    Ok(json!({"instance_id": id, "account_id": account}))
}

/// Lists the instances.
pub(crate) async fn list(store: &dyn Store) -> Result<Value, AnyError> {
    let instances = instances(store).await?;
    let instances: Vec<_> = instances
        .into_iter()
        .map(|instance| {
            json!({
                "instance_id": instance.instance_id.as_str(),
                "name": instance.name,
                "account_id": instance.account.as_str(),
                "status": instance.status.as_str(),
                "created": instance.created.to_string(),
                "keys": instance.key_quota,
                "secrets": instance.secret_quota,
            })
        })
        .collect();
    Ok(json!({"instances": instances}))
}

/// The certificate of an instance's CA.
pub(crate) async fn ca(id: &str, store: &dyn Store) -> Result<Value, AnyError> {
    let found = instances(store).await?.into_iter().find(|instance| *instance.instance_id == *id);
    let instance = found.ok_or_else(|| format!("there is no instance {id}"))?;
    Ok(json!({"ca": instance.ca_certificate_pem}))
}
