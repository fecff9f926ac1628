//! `keystead account`: further accounts of an installation.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use keystead_crypto::SystemRandom;
use keystead_service::Engine;
use keystead_service::install::{self, RootAccessKey};
use keystead_store::Store;
use serde_json::{Value, json};

use crate::AnyError;
use crate::admin::{self, Request};
use crate::data_dir::{DataDir, access_key_profile};

pub(crate) fn command() -> Command {
    let access_key_file = Arg::new("access_key_file")
        .long("access-key-file")
        .value_name("FILE")
        .required(true)
        .help("Where the new account's root AccessKey goes, for its owner alone; must not exist yet");
    Command::new("account")
        .about("Accounts of a data folder, also while it is served")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("create")
                .about("Make a further account and write its root AccessKey into a file")
                .arg(admin::data_dir())
                .arg(admin::root_key_file())
                .arg(access_key_file),
        )
        .subcommand(Command::new("list").about("List the accounts").arg(admin::data_dir()))
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, AnyError> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(ExitCode::FAILURE) };
    let text = |id: &str| matches.get_one::<String>(id).map_or("", String::as_str);
    let request = match name {
        "create" => Request::AccountCreate { access_key_file: std::path::absolute(text("access_key_file"))? },
        _ => Request::AccountList,
    };
    let root_key_file = (name == "create").then(|| matches.get_one::<String>("root_key_file")).flatten();
    let data = DataDir::new(Path::new(text("data_dir")), root_key_file.map(Path::new))?;
    admin::carry_out(&data, &request)
}

/// Makes an account.
pub(crate) async fn create(file: &Path, engine: &Engine) -> Result<Value, AnyError> {
    let access_key = RootAccessKey::generate(&SystemRandom)?;
    // Before the commit: a key that is in force and stands nowhere would lock its owner out.
    let written = NewFile::write(file, access_key_profile(&access_key).as_bytes())
        .map_err(|error| format!("the AccessKey file {}: {error}", file.display()))?;
    let account = engine.create_account(&access_key).await?;
    written.keep();
    Ok(json!({"account_id": account, "access_key_id": access_key.id, "access_key_file": file}))
}

/// Lists the accounts.
pub(crate) async fn list(store: &dyn Store) -> Result<Value, AnyError> {
    let accounts = install::accounts(store).await?;
    let accounts: Vec<_> = accounts
        .into_iter()
        .map(|account| json!({"account_id": account.account, "created": account.created.to_string()}))
        .collect();
    Ok(json!({"accounts": accounts}))
}

/// A file that goes again unless it is kept.
struct NewFile(Option<PathBuf>);

impl NewFile {
    /// Writes a file that does not exist yet and that only its owner can read, durably.
    fn write(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let new = Self(Some(path.to_owned()));
        file.write_all(bytes)?;
        file.sync_all()?;
        if let Some(dir) = path.parent() {
            fs::File::open(dir)?.sync_all()?;
        }
        Ok(new)
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}
