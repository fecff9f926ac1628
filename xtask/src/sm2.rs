//! SM2 of this project against a second implementation, `conformance/sm2`, which is written in Go.

use crate::tools::Tool;
use crate::workspace::Workspace;

/// What the comparison needs on the machine.
pub(crate) const TOOLS: &[Tool] = &[Tool::Go];
/// How many random cases belong to the checks of a commit.
pub(crate) const CASES: u64 = 5_000;
/// How many belong to a soak.
pub(crate) const SOAK_CASES: u64 = 1_000_000;

/// Builds the other side and feeds it: each case is a key, a signature and a ciphertext, there and back, a changed
/// ciphertext and a point that may be off the curve.
///
/// A release build is for many cases: it takes longer to compile, and less time for each.
pub(crate) fn compare(workspace: &Workspace, cases: u64, profile: &str) -> Result<(), String> {
    let peer = workspace.target().join("sm2-peer");
    workspace.run(
        workspace
            .command("go")
            .args(["build", "-mod=readonly", "-o"])
            .arg(&peer)
            .arg(".")
            .current_dir(workspace.root().join("conformance/sm2"))
            .env("GOWORK", "off"),
    )?;
    workspace.run(
        workspace
            .cargo(&[
                "test",
                "--locked",
                "--profile",
                profile,
                "-p",
                "keystead-crypto",
                "--test",
                "gmsm",
                "--",
                "--ignored",
                "--nocapture",
            ])
            .env("KEYSTEAD_SM2_PEER", &peer)
            .env("KEYSTEAD_SM2_CASES", cases.to_string()),
    )
}
