pub(crate) fn commands() -> Vec<clap::Command> {
    vec![]
}
pub(crate) fn main(
    _: &'static keystead_api::OperationDef,
    _: &clap::ArgMatches,
) -> Result<std::process::ExitCode, crate::AnyError> {
    Err("".into())
}
