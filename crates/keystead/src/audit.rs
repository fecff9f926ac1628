//! `keystead audit`: the public key of the audit log, and whether the log is as it was written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use keystead_service::audit::HeadVerifier;
use keystead_service::audit::verify::{Noted, Report, Wanted, verify};

use crate::AnyError;
use crate::admin::{self, Request};
use crate::data_dir::DataDir;

/// The file in the log's folder that holds its public key.
const PUBLIC_KEY: &str = "public-key.pem";

pub(crate) fn command() -> Command {
    Command::new("audit")
        .about("The audit log")
        .subcommand_required(true)
        .subcommand(
            Command::new("verify")
                .about("Find what was cut, changed or moved in the audit log; also while it is written")
                .arg(admin::data_dir())
                .arg(
                    Arg::new("dir")
                        .long("dir")
                        .value_name("DIR")
                        .help("Folder of the log [default: audit in the data folder]"),
                )
                .arg(Arg::new("key").long("key").value_name("FILE").help(
                    "The log's public key, kept elsewhere [default: the file beside the log, which whoever changes the log \
                     could change too]",
                ))
                .arg(
                    Arg::new("head")
                        .long("head")
                        .value_name("SEQ:HASH")
                        .value_parser(clap::value_parser!(Noted))
                        .help("A head that an earlier run printed: the log has to hold it still"),
                )
                .arg(
                    Arg::new("from")
                        .long("from")
                        .value_name("SEQ")
                        .value_parser(clap::value_parser!(u64))
                        .help("Begin at the file that holds this record"),
                ),
        )
        .subcommand(
            Command::new("key")
                .about("Print the public key that the audit log is signed with")
                .arg(admin::data_dir()),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, AnyError> {
    let mut out = io::stdout().lock();
    match matches.subcommand() {
        Some(("verify", matches)) => {
            let text = |id: &str| matches.get_one::<String>(id).map(String::as_str);
            let dir = match text("dir") {
                Some(dir) => PathBuf::from(dir),
                None => Path::new(text("data_dir").unwrap_or_default()).join("audit"),
            };
            let key = text("key").map_or_else(|| dir.join(PUBLIC_KEY), PathBuf::from);
            let pem = fs::read(&key).map_err(|error| format!("cannot read {}: {error}", key.display()))?;
            let key = HeadVerifier::from_pem(&pem)?;
            let wanted = Wanted {
                head: matches.get_one::<Noted>("head").copied(),
                from: matches.get_one::<u64>("from").copied(),
            };
            let report = verify(&dir, &key, wanted)?;
            print(&report, key.id(), &mut out)?;
        }
        Some((_, matches)) => {
            let data_dir = matches.get_one::<String>("data_dir").map_or("", String::as_str);
            let answer = admin::answer_to(&Request::AuditKey, &DataDir::new(Path::new(data_dir), None)?)?;
            out.write_all(answer["public_key"].as_str().unwrap_or_default().as_bytes())?;
        }
        None => return Ok(ExitCode::FAILURE),
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Report, key_id: &str, out: &mut impl Write) -> io::Result<()> {
    let last = report.first + report.records.saturating_sub(1);
    writeln!(
        out,
        "whole: {} records ({} to {last}) in {} files, {} heads signed by key {key_id}",
        report.records, report.first, report.segments, report.heads
    )?;
    match &report.last_head {
        Some(head) => {
            writeln!(out, "last head: {head}")?;
            writeln!(out, "behind it, not sealed yet: {} records", report.unsealed)?;
        }
        None => writeln!(out, "no head yet: nothing is sealed")?,
    }
    if report.buffered > 0 {
        writeln!(out, "in the buffer, not in a file yet: {} records", report.buffered)?;
    }
    if report.incomplete > 0 {
        writeln!(
            out,
            "the last line has no end: {} bytes, being written or cut off by a crash",
            report.incomplete
        )?;
    }
    if report.recoveries > 0 {
        writeln!(out, "ends that a crash left half written, put apart: {}", report.recoveries)?;
    }
    if report.removed > 0 {
        writeln!(
            out,
            "removed because of their age, as the log itself says: records 1 to {}",
            report.removed
        )?;
    }
    Ok(())
}
