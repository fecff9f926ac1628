//! The reference pages, made from the operations' definitions. Hidden: for the project's own checks.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgGroup, ArgMatches, Command};
use keystead_api::{OperationDef, OperationId, Product};
use keystead_service::BUILT;

use crate::AnyError;

pub(crate) fn command() -> Command {
    Command::new("reference")
        .hide(true)
        .about("Write the reference pages, or check that they are in step")
        .arg(Arg::new("write").long("write").value_name("DIR"))
        .arg(Arg::new("check").long("check").value_name("DIR"))
        .group(ArgGroup::new("what").args(["write", "check"]).required(true))
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, AnyError> {
    let not_built: Vec<_> =
        OperationId::all().filter(|def| !is_built(def)).map(OperationDef::label).collect();
    let not_built: Vec<_> = not_built.iter().map(String::as_str).collect();
    let pages = keystead_api::reference::pages(&not_built);
    if let Some(dir) = matches.get_one::<String>("write") {
        fs::create_dir_all(dir)?;
        for (name, text) in pages {
            let path = Path::new(dir).join(name);
            fs::create_dir_all(path.parent().unwrap_or(Path::new(dir)))?;
            fs::write(path, text)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let dir = Path::new(matches.get_one::<String>("check").map_or(".", String::as_str));
    let mut known = Vec::new();
    for (name, text) in pages {
        let path = dir.join(&name);
        if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            return Err(format!(
                "{} is not in step with the operations: run `cargo xtask docs`",
                path.display()
            )
            .into());
        }
        known.push(name);
    }
    match unknown(dir, "", &known)? {
        None => Ok(ExitCode::SUCCESS),
        Some(name) => Err(format!("{} belongs to no operation: remove it", dir.join(name).display()).into()),
    }
}

/// Those of the instance API are all built: it has no other table than its handlers.
fn is_built(def: &OperationDef) -> bool {
    def.product == Product::Instance || BUILT.contains(&def.id)
}

/// The first file in a folder or one below it that is not known; `prefix` is where the folder stands.
fn unknown(dir: &Path, prefix: &str, known: &[String]) -> Result<Option<String>, AnyError> {
    for entry in fs::read_dir(dir.join(prefix))? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            if let Some(found) = unknown(dir, &format!("{name}/"), known)? {
                return Ok(Some(found));
            }
        } else if !known.contains(&name) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
