//! Long runs that do not belong to the checks of a commit: `cargo xtask soak`.

use std::time::Instant;

use crate::sm2;
use crate::workspace::Workspace;

/// One long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Soak {
    /// SM2 against a second implementation.
    Sm2,
    /// A store of many secrets.
    Secrets,
}

/// Secrets that `soak secrets` loads.
const SECRETS: u64 = 1_000_000;

impl Soak {
    /// All of them, in the order in which they run.
    pub(crate) const ALL: [Self; 2] = [Self::Sm2, Self::Secrets];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sm2 => "sm2",
            Self::Secrets => "secrets",
        }
    }

    /// How many cases it runs unless told otherwise.
    fn cases(self) -> u64 {
        match self {
            Self::Sm2 => sm2::SOAK_CASES,
            Self::Secrets => SECRETS,
        }
    }

    fn run(self, workspace: &Workspace, cases: u64) -> Result<(), String> {
        match self {
            Self::Sm2 => sm2::compare(workspace, cases, "release"),
            Self::Secrets => secrets(workspace, cases),
        }
    }
}

/// Runs the chosen ones, all when none is, to the first that fails.
pub(crate) fn run(workspace: &Workspace, chosen: &[Soak], cases: Option<u64>) -> Result<(), String> {
    for soak in Soak::ALL.into_iter().filter(|soak| chosen.is_empty() || chosen.contains(soak)) {
        let cases = cases.unwrap_or(soak.cases());
        println!("=== soak {}: {cases} cases ===", soak.name());
        let start = Instant::now();
        soak.run(workspace, cases)?;
        println!("=== soak {}: passed in {:.0} s ===", soak.name(), start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The load driver, which holds its figures against the bars that a store of 50,000 has to meet too.
fn secrets(workspace: &Workspace, count: u64) -> Result<(), String> {
    let bench = ["run", "--release", "--locked", "-p", "keystead-bench", "--", "secrets", "--secrets"];
    workspace.run(workspace.cargo(&bench).arg(count.to_string()))
}
