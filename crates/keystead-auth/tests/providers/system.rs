//! The machine's own files and processes.

use std::time::Duration;

use keystead_auth::credentials::providers::{
    Files, MAX_BYTES, Process, ProcessFault, SystemFiles, SystemProcess,
};

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test]
async fn commands() {
    let limit = Duration::from_secs(30);
    let output = SystemProcess.run(&words(&["printf", "%s|%s", "a b", "$HOME"]), limit).await.unwrap();
    assert_eq!(output.as_slice(), b"a b|$HOME");
    for (line, fault) in [
        (&["/nothing/here"][..], ProcessFault::Start(std::io::ErrorKind::NotFound)),
        (&["sh", "-c", "echo hush >&2; exit 3"], ProcessFault::Failed(Some(3))),
        (&["sh", "-c", "kill -9 $$"], ProcessFault::Failed(None)),
        (&["sh", "-c", "cat /dev/zero"], ProcessFault::TooLarge),
        (&[], ProcessFault::Start(std::io::ErrorKind::InvalidInput)),
    ] {
        assert_eq!(SystemProcess.run(&words(line), limit).await.unwrap_err(), fault, "{line:?}");
    }
    assert_eq!(ProcessFault::Failed(Some(3)).to_string(), "the command failed with status 3");
    assert_eq!(ProcessFault::Failed(None).to_string(), "the command failed with a signal");
}

#[tokio::test]
async fn a_command_that_does_not_end_is_killed() {
    let limit = Duration::from_millis(1);
    let fault = SystemProcess.run(&words(&["sleep", "1000"]), limit).await.unwrap_err();
    assert_eq!(fault, ProcessFault::Timeout(limit));
}

#[tokio::test]
async fn files() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    assert_eq!(SystemFiles.read(path).await.unwrap().as_slice(), std::fs::read(path).unwrap());
    assert_eq!(SystemFiles.read("/dev/null").await.unwrap().len(), 0);
    let error = SystemFiles.read("/nothing/here").await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    let error = SystemFiles.read("/dev/zero").await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge, "more than {MAX_BYTES}");
}
