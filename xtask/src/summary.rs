//! How each step ended, and the table at the end.

use std::fmt;
use std::time::Duration;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Passed,
    /// Something is wrong; says what.
    Failed(String),
    /// The machine lacks something; says what.
    Skipped(String),
    /// An earlier step failed.
    NotRun,
}

impl Outcome {
    /// Under `--require-all`, what is skipped or lacks a tool has failed.
    pub(crate) fn judge(self, require_all: bool, missing: &[String]) -> Self {
        match self {
            Self::Skipped(reason) if require_all => {
                Self::Failed(format!("it was skipped, which --require-all forbids: {reason}"))
            }
            Self::Passed if require_all && !missing.is_empty() => Self::Failed(format!(
                "it ran without what it needs, which --require-all forbids: {}",
                missing.join("; ")
            )),
            other => other,
        }
    }

    /// The word in the table.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "FAILED",
            Self::Skipped(_) => "skipped",
            Self::NotRun => "not run",
        }
    }

    /// Whether the run as a whole has failed with it.
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Passed)
    }
}

/// All steps so far. Its `Display` is the end of the run: table, failures, skips, closing line.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    rows: Vec<(&'static str, Option<Duration>, Outcome)>,
    skips: Vec<String>,
}

impl Summary {
    /// Adds a step; `took` is absent for one that did not start.
    pub(crate) fn add(&mut self, name: &'static str, took: Option<Duration>, outcome: Outcome) {
        if let Outcome::Skipped(reason) = &outcome {
            self.skips.push(format!("{name}: {reason}"));
        }
        self.rows.push((name, took, outcome));
    }

    /// Adds a line to the list of what was left out.
    pub(crate) fn skip(&mut self, line: String) {
        self.skips.push(line);
    }

    /// The number of failed steps.
    pub(crate) fn failed(&self) -> usize {
        self.count(Outcome::is_failure)
    }

    fn count(&self, wanted: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|(_, _, outcome)| wanted(outcome)).count()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{:<19} {:>8}  result", "step", "seconds")?;
        for (name, took, outcome) in &self.rows {
            let seconds = took.map_or_else(|| "-".to_owned(), |took| format!("{:.1}", took.as_secs_f64()));
            writeln!(out, "{name:<19} {seconds:>8}  {}", outcome.word())?;
        }
        let failures: Vec<String> = (self.rows.iter())
            .filter_map(|(name, _, outcome)| match outcome {
                Outcome::Failed(reason) => Some(format!("{name}: {reason}")),
                _ => None,
            })
            .collect();
        for (title, lines) in [("Failed", &failures), ("Skipped", &self.skips)] {
            if !lines.is_empty() {
                writeln!(out, "\n{title}:")?;
                for line in lines {
                    writeln!(out, "  {line}")?;
                }
            }
        }
        write!(out, "\n{} passed, {} failed", self.count(|o| *o == Outcome::Passed), self.failed())?;
        let skipped = self.count(|outcome| matches!(outcome, Outcome::Skipped(_) | Outcome::NotRun));
        if skipped > 0 {
            write!(out, ", {skipped} skipped")?;
        }
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_passed() {
        let mut summary = Summary::default();
        summary.add("fmt", Some(Duration::from_millis(1240)), Outcome::Passed);
        summary.add("clippy", Some(Duration::from_secs(61)), Outcome::Passed);
        let wanted = "\
step                 seconds  result
fmt                      1.2  passed
clippy                  61.0  passed

2 passed, 0 failed
";
        assert_eq!(summary.to_string(), wanted);
        assert_eq!(summary.failed(), 0);
    }

    #[test]
    fn failures_and_skips_are_told_in_words_and_the_counts_come_last() {
        let mut summary = Summary::default();
        summary.add("fmt", Some(Duration::ZERO), Outcome::Passed);
        summary.add("clippy", Some(Duration::ZERO), Outcome::Failed("it exited with 1".into()));
        summary.add("test", None, Outcome::NotRun);
        summary.add("conformance:go", Some(Duration::ZERO), Outcome::Skipped("Go is missing".into()));
        let text = summary.to_string();
        assert!(text.contains("\nFailed:\n  clippy: it exited with 1\n"), "{text}");
        assert!(text.contains("\nSkipped:\n  conformance:go: Go is missing\n"), "{text}");
        assert!(text.contains("test                       -  not run\n"), "{text}");
        assert!(text.ends_with("\n1 passed, 1 failed, 2 skipped\n"), "{text}");
    }

    #[test]
    fn require_all_turns_a_skip_into_a_failure() {
        let skipped = Outcome::Skipped("Go is missing".into());
        assert_eq!(skipped.clone().judge(false, &[]), skipped);
        assert!(skipped.judge(true, &[]).is_failure());
        let missing = ["`strings` is missing".to_owned()];
        assert_eq!(Outcome::Passed.judge(false, &missing), Outcome::Passed);
        assert!(Outcome::Passed.judge(true, &missing).is_failure());
        assert_eq!(Outcome::Passed.judge(true, &[]), Outcome::Passed);
    }
}
