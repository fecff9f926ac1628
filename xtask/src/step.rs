//! The steps of `cargo xtask test`, in their order.

use std::process::Command;

use crate::conformance::{Language, Subject};
use crate::summary::Outcome;
use crate::tools::Tool;
use crate::workspace::Workspace;
use crate::{deny, hygiene, quickstart, sm2};

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// rustfmt.
    Fmt,
    /// clippy.
    Clippy,
    /// Unit, integration and documentation tests.
    Test,
    /// Generated pages and rustdoc.
    Docs,
    /// The repository itself.
    Hygiene,
    /// Licences, bans and sources of the dependency graph.
    Deny,
    /// SM2 against a second implementation.
    Sm2,
    /// The official SDKs of one language against a running server.
    Conformance(Language),
    /// The first command that a user runs.
    Quickstart,
}

impl Step {
    /// All steps, in the order in which they run.
    pub(crate) const ALL: [Self; 19] = [
        Self::Fmt,
        Self::Clippy,
        Self::Test,
        Self::Docs,
        Self::Hygiene,
        Self::Deny,
        Self::Sm2,
        Self::Conformance(Language::Python),
        Self::Conformance(Language::Node),
        Self::Conformance(Language::Go),
        Self::Conformance(Language::Java),
        Self::Conformance(Language::InstancePython),
        Self::Conformance(Language::InstanceGo),
        Self::Conformance(Language::InstanceJava),
        Self::Conformance(Language::SecretsPython),
        Self::Conformance(Language::SecretsGo),
        Self::Conformance(Language::SecretsJava),
        Self::Conformance(Language::SecretsRust),
        Self::Quickstart,
    ];

    /// The name on the command line and in the summary.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Test => "test",
            Self::Docs => "docs",
            Self::Hygiene => "hygiene",
            Self::Deny => "deny",
            Self::Sm2 => "sm2",
            Self::Conformance(Language::Python) => "conformance:python",
            Self::Conformance(Language::Node) => "conformance:node",
            Self::Conformance(Language::Go) => "conformance:go",
            Self::Conformance(Language::Java) => "conformance:java",
            Self::Conformance(Language::InstancePython) => "conformance:instance-python",
            Self::Conformance(Language::InstanceGo) => "conformance:instance-go",
            Self::Conformance(Language::InstanceJava) => "conformance:instance-java",
            Self::Conformance(Language::SecretsPython) => "conformance:secrets-python",
            Self::Conformance(Language::SecretsGo) => "conformance:secrets-go",
            Self::Conformance(Language::SecretsJava) => "conformance:secrets-java",
            Self::Conformance(Language::SecretsRust) => "conformance:secrets-rust",
            Self::Quickstart => "quickstart",
        }
    }

    /// What the step checks, in one line.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Fmt => "the code is formatted by rustfmt",
            Self::Clippy => "clippy has nothing to say",
            Self::Test => "unit, integration and documentation tests",
            Self::Docs => "the generated pages are current, and rustdoc has nothing to say",
            Self::Hygiene => "what the repository may hold",
            Self::Deny => "licences, banned crates and sources of the dependencies",
            Self::Sm2 => "SM2 against a second implementation, in Go",
            Self::Conformance(Language::Python) => "the official Python SDKs against a running server",
            Self::Conformance(Language::Node) => "the official Node.js SDKs against a running server",
            Self::Conformance(Language::Go) => "the official Go SDKs against a running server",
            Self::Conformance(Language::Java) => "the official Java SDKs against a running server",
            Self::Conformance(Language::InstancePython) => "the official Python SDKs of KMS instances",
            Self::Conformance(Language::InstanceGo) => "the official Go SDKs of KMS instances",
            Self::Conformance(Language::InstanceJava) => "the official Java SDK of KMS instances",
            Self::Conformance(Language::SecretsPython) => "the official Python clients of secrets",
            Self::Conformance(Language::SecretsGo) => "the official Go client of secrets",
            Self::Conformance(Language::SecretsJava) => "the official Java client of secrets",
            Self::Conformance(Language::SecretsRust) => {
                "this project's client of secrets, by the same scenarios"
            }
            Self::Quickstart => "`keystead quickstart` does what it says, also a second time",
        }
    }

    /// The programs that the step needs beside cargo and a C compiler, without which cargo does not link.
    pub(crate) fn tools(self) -> &'static [Tool] {
        match self {
            Self::Test => &[Tool::Openssl, Tool::Strings, Tool::Postgres, Tool::MariaDb, Tool::RedisServer],
            Self::Sm2 => sm2::TOOLS,
            Self::Conformance(language) => language.tools(),
            _ => &[],
        }
    }

    /// The step still runs where a tool is missing: its tests say themselves what they leave out.
    pub(crate) fn copes_without_tools(self) -> bool {
        self == Self::Test
    }

    /// A failure here makes what follows meaningless or a waste of time.
    pub(crate) fn stops_the_run(self) -> bool {
        !matches!(self, Self::Hygiene | Self::Sm2 | Self::Conformance(_) | Self::Quickstart)
    }

    /// Runs the step.
    pub(crate) fn run(self, workspace: &Workspace, subject: &Subject<'_>) -> Outcome {
        let cargo = |arguments: &[&str]| workspace.run(&mut workspace.cargo(arguments));
        match self {
            Self::Fmt => cargo(&["fmt", "--all", "--check"]).into(),
            Self::Clippy => {
                cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]).into()
            }
            Self::Test => cargo(&["test", "--workspace", "--locked"]).into(),
            Self::Docs => docs(workspace).into(),
            Self::Hygiene => hygiene::check(workspace).into(),
            Self::Deny => deny::check(workspace),
            Self::Sm2 => sm2::compare(workspace, sm2::CASES, "dev").into(),
            Self::Conformance(language) => language.check(workspace, subject),
            Self::Quickstart => quickstart::check(workspace, subject).into(),
        }
    }
}

/// The command that compares (`--check`) or writes (`--write`) the generated pages.
pub(crate) fn reference(workspace: &Workspace, mode: &str) -> Command {
    workspace.cargo(&["run", "-q", "--locked", "-p", "keystead", "--", "reference", mode, "docs/operations"])
}

/// Features without which parts of the libraries would have no page.
const DOCUMENTED: &str = "keystead-client/blocking,keystead-client/instance,keystead-secrets/blocking,\
    keystead-secrets/client-key,keystead-secrets/oss,\
    keystead-secrets-db/mssql,keystead-secrets-db/mysql,keystead-secrets-db/postgres";

fn docs(workspace: &Workspace) -> Result<(), String> {
    workspace.run(&mut reference(workspace, "--check")).map_err(|message| {
        format!(
            "{message}; `cargo xtask docs` writes the generated pages again, where they are only out of date"
        )
    })?;
    workspace.run(
        workspace
            .cargo(&["doc", "--workspace", "--features", DOCUMENTED, "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_name_of_its_own() {
        let mut names: Vec<&str> = Step::ALL.iter().map(|step| step.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Step::ALL.len());
    }

    #[test]
    fn every_language_is_a_step() {
        for language in Language::ALL {
            assert!(Step::ALL.contains(&Step::Conformance(language)), "{language:?}");
        }
    }

    #[test]
    fn a_failing_language_does_not_hide_the_next() {
        assert!(
            Step::ALL.iter().filter(|step| matches!(step, Step::Conformance(_))).all(|s| !s.stops_the_run())
        );
        assert!(Step::Test.stops_the_run());
    }
}
