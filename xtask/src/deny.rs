//! cargo-deny: built once into a cached folder, then run on the dependency graph.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::summary::Outcome;
use crate::workspace::Workspace;

const VERSION: &str = "0.20.2";

/// Checks licences, bans and sources as `deny.toml` says. A cargo-deny that cannot be built is a skip, because
/// that mostly means a machine without network.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let Some(tools) = tools_folder(|name| std::env::var_os(name)) else {
        return Outcome::Skipped("cargo-deny has no place: set KEYSTEAD_TOOLS or HOME".to_owned());
    };
    let program = tools.join("bin").join("cargo-deny");
    if !is_right_version(workspace, &program)
        && let Err(message) = install(workspace, &tools)
    {
        return Outcome::Skipped(format!("cargo-deny {VERSION} could not be built: {message}"));
    }
    let mut command = workspace.command(&program);
    command.args(["--workspace", "--locked", "check", "bans", "licenses", "sources"]);
    workspace.run(&mut command).into()
}

/// Where built tools are kept between runs.
fn tools_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // An empty variable counts as not set, as the rules of the XDG variables say.
    let folder = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("KEYSTEAD_TOOLS")
        .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("keystead/tools")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache/keystead/tools")))
}

fn is_right_version(workspace: &Workspace, program: &Path) -> bool {
    let answer = workspace.command(program).arg("--version").output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == format!("cargo-deny {VERSION}").as_bytes())
}

fn install(workspace: &Workspace, tools: &Path) -> Result<(), String> {
    let build = tools.join("build");
    // The default features only serve to fetch the crate index and advisories, which these checks do not read.
    let arguments = ["install", "cargo-deny", "--version", VERSION, "--locked", "--no-default-features"];
    let mut command = workspace.cargo(&arguments);
    command.arg("--root").arg(tools).env("CARGO_TARGET_DIR", &build);
    let built = workspace.run(&mut command);
    // The build takes some hundred megabytes and is never used again.
    if let Err(error) = std::fs::remove_dir_all(&build)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        println!("the folder {} could not be removed: {error}", build.display());
    }
    built
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(set: &[(&str, &str)]) -> Option<PathBuf> {
        tools_folder(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_folder_follows_the_variables_in_their_order() {
        let (tools, cache, home) = (("KEYSTEAD_TOOLS", "/t"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/h"));
        assert_eq!(folder(&[home, cache, tools]), Some("/t".into()));
        assert_eq!(folder(&[home, cache]), Some("/c/keystead/tools".into()));
        assert_eq!(folder(&[home, ("XDG_CACHE_HOME", "")]), Some("/h/.cache/keystead/tools".into()));
        assert_eq!(folder(&[]), None);
    }
}
