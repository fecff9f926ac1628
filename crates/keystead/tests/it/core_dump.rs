//! A process that dies leaves no image of its memory.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::server::Home;

/// Starts through a shell that lifts the limit first, as a careless operator's would.
fn under_unlimited_core_size(home: &Home) -> Command {
    let serve = home.serve();
    let mut shell = Command::new("sh");
    home.prepare(&mut shell);
    shell.arg("-c").arg("ulimit -c unlimited && exec \"$@\"").arg("sh");
    shell.arg(serve.get_program()).args(serve.get_args());
    for (name, value) in serve.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell
}

#[test]
fn sigabrt_under_an_unlimited_core_size_leaves_no_file() {
    let home = Home::new();
    let server = home.start_with(&mut under_unlimited_core_size(&home));
    server.assert_well();
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let fields: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(fields[4..6], ["0", "0"], "{core}");

    let pid = server.pid();
    server.signal(Signal::ABORT);
    let status = server.wait(Duration::from_secs(30));
    assert_eq!(status.signal(), Some(6));
    assert!(!status.core_dumped());
    let mut places = vec![home.path("cwd"), home.data(), home.path("home")];
    // `|program` pipes cores to a program, which the process's being undumpable keeps it from; a path names a place.
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if let Some(parent) = std::path::Path::new(pattern.trim()).parent().filter(|path| path.is_absolute()) {
        places.push(parent.to_owned());
    }
    for place in places {
        let Ok(entries) = fs::read_dir(&place) else { continue };
        for entry in entries {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            let is_core =
                name == "core" || name.starts_with("core.") || name.contains(&format!("{pid}.core"));
            assert!(!is_core, "{} holds {name}", place.display());
        }
    }
}

/// The test above would pass where no process ever leaves a core; this shows that it can tell.
#[test]
fn another_program_leaves_a_core_here_or_the_system_forbids_it() {
    let home = Home::new();
    let mut shell = Command::new("sh");
    home.prepare(&mut shell);
    let status = shell.arg("-c").arg("ulimit -c unlimited && kill -ABRT $$").status().unwrap();
    assert_eq!(status.signal(), Some(6));
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if pattern.trim() == "core" && status.core_dumped() {
        let entries = fs::read_dir(home.path("cwd")).unwrap();
        assert!(entries.count() > 0, "the system says that it left a core, and there is none");
    }
}
