use clap::{ArgMatches, Command};
pub(crate) fn command() -> Command {
    Command::new("quickstart")
}
pub(crate) fn run(_: &ArgMatches) -> Result<std::process::ExitCode, crate::AnyError> {
    Err("".into())
}
