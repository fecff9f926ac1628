//! Long runs that do not belong to the checks of a commit: `cargo xtask soak`.

use std::time::Instant;

use crate::sm2;
use crate::workspace::Workspace;

/// One long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Soak {
    /// SM2 against a second implementation.
    Sm2,
}

impl Soak {
    /// All of them, in the order in which they run.
    pub(crate) const ALL: [Self; 1] = [Self::Sm2];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sm2 => "sm2",
        }
    }

    /// How many cases it runs unless told otherwise.
    fn cases(self) -> u64 {
        match self {
            Self::Sm2 => sm2::SOAK_CASES,
        }
    }

    fn run(self, workspace: &Workspace, cases: u64) -> Result<(), String> {
        match self {
            Self::Sm2 => sm2::compare(workspace, cases),
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
