use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::AnyError;
use crate::options::Options;

/// The server binary: the one that was named, or a release build of this project as it stands.
pub(crate) fn locate(options: &Options) -> Result<PathBuf, AnyError> {
    if let Some(path) = &options.server {
        return Ok(std::path::absolute(path)?);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the project has no root folder")?;
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => std::path::absolute(dir)?,
        None => root.join("target"),
    };
    println!("$ cargo build --release --locked -p keystead");
    let started = Instant::now();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--locked", "-p", "keystead"])
        .current_dir(root)
        .env("CARGO_TARGET_DIR", &target)
        .status()?;
    if !status.success() {
        return Err("the server could not be built".into());
    }
    let binary = target.join("release").join(format!("keystead{}", std::env::consts::EXE_SUFFIX));
    println!("built in {:.0} s: {}", started.elapsed().as_secs_f64(), binary.display());
    Ok(binary)
}
