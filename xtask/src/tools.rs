//! The programs that some steps need, and how a machine without them gets them.

use std::process::Stdio;
use std::time::Instant;

use crate::step::Step;
use crate::workspace::Workspace;

/// One program, or a small set that only makes sense together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Python 3 with the module that makes virtual environments.
    Python,
    /// Node.js.
    Node,
    /// The package manager of Node.js.
    Npm,
    /// The Go toolchain.
    Go,
    /// A Java development kit.
    Java,
    /// The build tool of the Java checks.
    Maven,
    /// The command `openssl`.
    Openssl,
    /// The command `strings`.
    Strings,
    /// The server of PostgreSQL, which tests start.
    Postgres,
    /// The server of MariaDB, which tests start.
    MariaDb,
    /// The server of Redis, which tests start.
    RedisServer,
    /// The command `ping`, by which clients of secrets order regions.
    Ping,
    /// The command `ip`, which gives a network namespace its addresses.
    Ip,
}

impl Tool {
    /// What to call it in a sentence.
    fn title(self) -> &'static str {
        match self {
            Self::Python => "Python 3 with venv",
            Self::Node => "Node.js",
            Self::Npm => "npm",
            Self::Go => "Go",
            Self::Java => "a Java development kit (javac)",
            Self::Maven => "Maven",
            Self::Openssl => "the command `openssl`",
            Self::Strings => "the command `strings`",
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::RedisServer => "Redis",
            Self::Ping => "the command `ping`",
            Self::Ip => "the command `ip`",
        }
    }

    /// A command that succeeds where the tool is there.
    fn probe(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python3", "-c", "import venv, ensurepip"],
            Self::Node => &["node", "--version"],
            Self::Npm => &["npm", "--version"],
            Self::Go => &["go", "version"],
            Self::Java => &["javac", "-version"],
            Self::Maven => &["mvn", "--version"],
            Self::Openssl => &["openssl", "version"],
            Self::Strings => &["strings", "--version"],
            // Debian keeps it out of the search path.
            Self::Postgres => &["sh", "-c", "command -v initdb || ls /usr/lib/postgresql/*/bin/initdb"],
            Self::MariaDb => &["sh", "-c", "command -v mariadbd || test -x /usr/sbin/mariadbd"],
            Self::RedisServer => &["redis-server", "--version"],
            Self::Ping => &["ping", "-V"],
            Self::Ip => &["ip", "-V"],
        }
    }

    /// Its package in Debian and Ubuntu.
    fn package(self) -> &'static str {
        match self {
            Self::Python => "python3-venv",
            Self::Node => "nodejs",
            Self::Npm => "npm",
            Self::Go => "golang-go",
            Self::Java => "default-jdk-headless",
            Self::Maven => "maven",
            Self::Openssl => "openssl",
            Self::Strings => "binutils",
            Self::Postgres => "postgresql",
            Self::MariaDb => "mariadb-server",
            Self::RedisServer => "redis-server",
            Self::Ping => "iputils-ping",
            Self::Ip => "iproute2",
        }
    }

    fn is_there(self, workspace: &Workspace) -> bool {
        let [program, arguments @ ..] = self.probe() else { return false };
        workspace
            .command(program)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// The tools of one run: looked for, and installed where that is possible, once.
#[derive(Debug)]
pub(crate) struct Toolbox {
    needed: Vec<Tool>,
    missing: Vec<Tool>,
    why_not_installed: String,
    prepared: bool,
}

impl Toolbox {
    /// For these steps; looks for nothing yet.
    pub(crate) fn new(steps: &[Step]) -> Self {
        let mut needed = Vec::new();
        for tool in steps.iter().flat_map(|step| step.tools()) {
            if !needed.contains(tool) {
                needed.push(*tool);
            }
        }
        Self { needed, missing: Vec::new(), why_not_installed: String::new(), prepared: false }
    }

    /// Looks for the tools and installs the missing ones through apt-get where this user may. Further calls do
    /// nothing.
    pub(crate) fn prepare(&mut self, workspace: &Workspace) {
        if std::mem::replace(&mut self.prepared, true) {
            return;
        }
        println!("\n=== tools: what the following steps need from this machine ===");
        let start = Instant::now();
        self.missing = absent(&self.needed, workspace);
        if !self.missing.is_empty() {
            let titles: Vec<&str> = self.missing.iter().map(|tool| tool.title()).collect();
            println!("missing: {}", titles.join(", "));
            if let Err(reason) = install(&self.missing, workspace) {
                println!("{reason}");
                self.why_not_installed = reason;
            }
            self.missing = absent(&self.missing, workspace);
        }
        println!(
            "=== tools: {} missing after {:.1} s ===",
            self.missing.len(),
            start.elapsed().as_secs_f64()
        );
    }

    /// What this step lacks, a sentence each.
    pub(crate) fn missing(&self, step: Step) -> Vec<String> {
        let lacking = step.tools().iter().filter(|tool| self.missing.contains(tool));
        let reason = if self.why_not_installed.is_empty() {
            "its package did not bring it".to_owned()
        } else {
            self.why_not_installed.clone()
        };
        lacking.map(|tool| format!("this machine has not {} ({reason})", tool.title())).collect()
    }
}

fn absent(tools: &[Tool], workspace: &Workspace) -> Vec<Tool> {
    tools.iter().copied().filter(|tool| !tool.is_there(workspace)).collect()
}

fn install(tools: &[Tool], workspace: &Workspace) -> Result<(), String> {
    let user = workspace.command("id").arg("-u").output();
    if !user.is_ok_and(|output| output.stdout.trim_ascii() == b"0") {
        return Err("it was not installed, because only root may".to_owned());
    }
    let apt_get = |arguments: &[&str]| {
        let mut command = workspace.command("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        workspace.run(&mut command)
    };
    apt_get(&["update"])?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(tools.iter().map(|tool| tool.package()));
    apt_get(&arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::Language;

    #[test]
    fn each_tool_is_looked_for_once() {
        let toolbox = Toolbox::new(&Step::ALL);
        let mut seen = toolbox.needed.clone();
        seen.dedup();
        assert_eq!(seen, toolbox.needed);
        assert!(toolbox.needed.contains(&Tool::Maven) && toolbox.needed.contains(&Tool::Strings));
        assert!(Toolbox::new(&[Step::Fmt, Step::Deny]).needed.is_empty());
    }

    #[test]
    fn a_step_is_told_of_its_own_tools_only() {
        let mut toolbox = Toolbox::new(&Step::ALL);
        toolbox.missing = vec![Tool::Go];
        toolbox.why_not_installed = "only root may".to_owned();
        assert_eq!(
            toolbox.missing(Step::Conformance(Language::Go)),
            ["this machine has not Go (only root may)"]
        );
        assert!(toolbox.missing(Step::Conformance(Language::Node)).is_empty());
        assert!(toolbox.missing(Step::Test).is_empty());
    }
}
