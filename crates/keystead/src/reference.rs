//! The reference pages, made from the operations' definitions. Hidden: for the project's own checks.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgGroup, ArgMatches, Command};

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
    let mut not_built = keystead_service::undone_operations();
    not_built.extend(keystead_service::UNSUPPORTED_FOR_GOOD.iter().map(|operation| operation.def().name));
    let pages = keystead_api::reference::pages(&not_built);
    if let Some(dir) = matches.get_one::<String>("write") {
        fs::create_dir_all(dir)?;
        for (name, text) in pages {
            fs::write(Path::new(dir).join(name), text)?;
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
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !known.contains(&name) {
            return Err(format!("{} belongs to no operation: remove it", dir.join(name).display()).into());
        }
    }
    Ok(ExitCode::SUCCESS)
}
