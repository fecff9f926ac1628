//! `keystead quickstart`: the first command that a user runs.

use std::path::Path;

use crate::conformance::Subject;
use crate::scratch::Scratch;
use crate::workspace::{Workspace, ended};

/// What the quickstart tells its user, a word for each step that it shows. Case does not matter.
const WORDS: [&str; 4] = ["key", "encrypt", "decrypt", "secret"];

/// Runs it in a new folder, then again in the same one: a user who tries twice is no special case.
pub(crate) fn check(workspace: &Workspace, subject: &Subject<'_>) -> Result<(), String> {
    let binary = subject.binary()?;
    let folder = Scratch::new("quickstart")?;
    let data = folder.path().join("data");
    for time in ["first", "second"] {
        run(workspace, &binary, &data).map_err(|message| format!("the {time} run {message}"))?;
    }
    Ok(())
}

fn run(workspace: &Workspace, binary: &Path, data: &Path) -> Result<(), String> {
    let mut command = workspace.command(binary);
    command.args(["quickstart", "--exit", "--data-dir"]).arg(data);
    println!("$ keystead quickstart --exit --data-dir TMP");
    let output = command.output().map_err(|error| format!("could not be started: {error}"))?;
    let (printed, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{printed}{complaints}");
    if !output.status.success() {
        return Err(ended(output.status));
    }
    let missing = missing_words(&printed);
    if missing.is_empty() { Ok(()) } else { Err(format!("did not speak of: {}", missing.join(", "))) }
}

fn missing_words(printed: &str) -> Vec<&'static str> {
    let printed = printed.to_lowercase();
    WORDS.into_iter().filter(|word| !printed.contains(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_was_not_shown_is_named() {
        assert!(missing_words("Key made; Encrypted; Decrypted; Secret read").is_empty());
        assert_eq!(missing_words("Key made; Encrypted; Decrypted"), ["secret"]);
    }
}
