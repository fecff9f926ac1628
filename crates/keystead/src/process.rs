//! What the process does to itself at start.

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use tracing_subscriber::EnvFilter;

/// Leaves no core file, whatever happens: it would hold opened keys. Also keeps other processes of the same user from
/// reading this one's memory.
pub(crate) fn forbid_core_dumps() -> std::io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // A kernel that pipes cores to a program ignores the limit, but not this.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Lets the process have as many connections as the system allows it.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    // Failing leaves the limit as it was, which is what an operator who set it expects.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// What `--log` can be.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// Logs of Keystead's own crates at the given level, on standard error. Libraries are held at warnings whatever is
/// asked for: at finer levels some of them write request heads, and with them plaintexts, into the log.
pub(crate) fn start_logging(level: &str, json: bool) -> Result<(), crate::AnyError> {
    // Exactly a level: a filter's further directives would reach the libraries.
    if !LEVELS.contains(&level) {
        return Err(format!("log: {level:?} is none of {}", LEVELS.join(", ")).into());
    }
    let own = [
        "keystead",
        "keystead_service",
        "keystead_gateway",
        "keystead_store",
        "keystead_client",
        "keystead_auth",
    ];
    let mut filter = String::from("warn");
    for target in own {
        filter.push_str(&format!(",{target}={level}"));
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(filter)?)
        .with_writer(std::io::stderr)
        .with_target(true);
    if json {
        builder.json().init();
    } else {
        builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
    }
    Ok(())
}
