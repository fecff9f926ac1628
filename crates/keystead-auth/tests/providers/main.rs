//! Credential sources and their renewal, each case in a folder of its own. The README beside the cases says what is in them.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod case;
mod exchange;
mod hostile;
mod log;
mod refresh;
mod shown;
mod system;
mod world;

use std::path::Path;

/// Every secret in the cases has this word in it, and nothing that is shown may have it.
pub const CANARY: &str = "hush";

#[tokio::test]
async fn every_case_gives_what_it_should() {
    log::capture();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/providers/cases");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut wrong = Vec::new();
    for name in &names {
        if let Err(text) = case::run(&folder.join(name)).await {
            wrong.push(format!("{name}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), names.len(), wrong.join("\n"));
    assert!(names.len() >= 60, "only {} cases were found", names.len());
    let log = log::text();
    assert!(log.contains("credentials fetched") && log.contains("credentials cannot be fetched"));
    assert!(!log.contains(CANARY), "{log}");
}
