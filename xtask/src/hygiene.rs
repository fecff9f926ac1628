//! What the repository may hold: checks that no compiler makes.

use std::fs;
use std::path::Path;

use crate::workspace::Workspace;

/// A source file longer than this is worth a second look.
const LONG_FILE: usize = 700;

/// Checks all files that git tracks or would add. Prints every finding; the error is their number.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let listed = workspace
        .command("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .map_err(|error| format!("git could not be started: {error}"))?;
    if !listed.status.success() {
        return Err(format!("git ls-files failed: {}", String::from_utf8_lossy(&listed.stderr).trim()));
    }
    let mut findings = Vec::new();
    let mut files = 0;
    for name in listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = String::from_utf8_lossy(name);
        let path = workspace.root().join(name.as_ref());
        // A deleted file is listed until its deletion is committed; a link has no text of its own.
        if !path.symlink_metadata().is_ok_and(|data| data.is_file()) {
            continue;
        }
        let content = fs::read(&path).map_err(|error| format!("reading {name} failed: {error}"))?;
        let text = String::from_utf8_lossy(&content);
        findings.extend(in_file(&name, &text));
        let lines = text.lines().count();
        if name.ends_with(".rs") && lines > LONG_FILE {
            println!("warning: {name} has {lines} lines; is it still one thing?");
        }
        files += 1;
    }
    for finding in &findings {
        println!("{finding}");
    }
    println!("{files} files read");
    if findings.is_empty() { Ok(()) } else { Err(format!("{} findings, listed above", findings.len())) }
}

/// What is wrong in one file: a line for each.
fn in_file(name: &str, text: &str) -> Vec<String> {
    let file = Path::new(name).file_name().map(|file| file.to_string_lossy()).unwrap_or_default();
    let mut found = Vec::new();
    let mut patterns: Vec<(String, &str)> =
        outside().into_iter().map(|pattern| (pattern, "names a place outside of the project")).collect();
    if name.ends_with(".rs") {
        for word in ["todo", "unimplemented"] {
            patterns.push((format!("{word}!"), "is not finished"));
        }
    }
    if file == "package-lock.json" {
        patterns.push(("\"resolved\": \"http".to_owned(), "names the registry of the machine that wrote it"));
    }
    for (number, line) in text.lines().enumerate() {
        if file == "Cargo.lock" && line.starts_with("source = \"registry+") {
            continue;
        }
        for (pattern, why) in &patterns {
            if line.contains(pattern.as_str()) {
                found.push(format!("{name}:{}: `{pattern}` {why}", number + 1));
            }
        }
    }
    if file == "Cargo.toml" {
        if has_header(text, "[package]") && !setting(text, "[lints]", "workspace", "true") {
            found.push(format!(
                "{name}: the crate does not take the workspace's lints, which forbid unsafe code"
            ));
        }
        if name == "Cargo.toml" && !setting(text, "[workspace.lints.rust]", "unsafe_code", "\"forbid\"") {
            found.push(format!("{name}: the workspace's lints do not forbid unsafe code"));
        }
    }
    found
}

/// Folders of one machine and hosts of registries. In pieces, so that this file does not hold them itself.
fn outside() -> Vec<String> {
    [
        ["/wo", "rk/"],
        ["../sha", "red/"],
        ["/ro", "ot/"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
        ["registry.np", "mjs"],
        ["pypi.org/", "simple"],
        ["repo1.ma", "ven"],
        ["proxy.go", "lang"],
    ]
    .iter()
    .map(|pieces| pieces.concat())
    .collect()
}

fn has_header(manifest: &str, header: &str) -> bool {
    manifest.lines().any(|line| line.trim() == header)
}

/// Whether the table under `header` has the line `key = value`.
fn setting(manifest: &str, header: &str, key: &str, value: &str) -> bool {
    let table = manifest.lines().map(str::trim).skip_while(|line| *line != header).skip(1);
    table
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .any(|(name, content)| name.trim() == key && content.trim() == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_outside_is_found_with_its_line() {
        for pattern in outside() {
            let found = in_file("docs/page.md", &format!("one\ntwo {pattern} three\n"));
            assert_eq!(found.len(), 1, "{pattern}");
            assert!(found[0].starts_with("docs/page.md:2: "), "{found:?}");
        }
    }

    #[test]
    fn ordinary_words_are_left_alone() {
        let text = "the framework/ and how it works/does; https://crates.io/crates/serde; work/ and root/";
        assert!(in_file("docs/page.md", text).is_empty());
    }

    #[test]
    fn the_lock_files_may_name_their_registry_and_nothing_else() {
        let host = format!("index.crates{}", ".io");
        assert!(in_file("Cargo.lock", &format!("source = \"registry+https://{host}/\"")).is_empty());
        assert_eq!(in_file("Cargo.lock", &format!("name = \"https://{host}/\"")).len(), 1);
        let resolved = format!("  {}: \"{}://mirror/a.tgz\"", "\"resolved\"", "http");
        assert_eq!(in_file("conformance/node/package-lock.json", &resolved).len(), 1);
    }

    #[test]
    fn unfinished_code_is_found_in_code_only() {
        let line = format!("    todo{}(\"later\")", "!");
        assert_eq!(in_file("crates/a/src/lib.rs", &line).len(), 1);
        assert!(in_file("CONTRIBUTING.md", &line).is_empty());
    }

    #[test]
    fn every_crate_takes_the_lints() {
        let good = "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n";
        assert!(in_file("crates/a/Cargo.toml", good).is_empty());
        let other_table = "[package]\nname = \"a\"\n\n[lints]\n\n[dependencies]\nworkspace = true\n";
        assert_eq!(in_file("crates/a/Cargo.toml", other_table).len(), 1);
        assert_eq!(in_file("crates/a/Cargo.toml", "[package]\nname = \"a\"\n").len(), 1);
    }

    #[test]
    fn the_workspace_forbids_unsafe() {
        let good = "[workspace]\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
        assert!(in_file("Cargo.toml", good).is_empty());
        assert_eq!(in_file("Cargo.toml", &good.replace("forbid", "warn")).len(), 1);
    }
}
