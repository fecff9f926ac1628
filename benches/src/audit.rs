//! What the audit log costs: Encrypt on a server with it and on one without, in turns.

use std::path::Path;

use serde::Serialize;

use crate::AnyError;
use crate::options::Options;
use crate::report::{plain, table};
use crate::scenario::{FEW_KEYS, WARM_UP, show_round, stop};
use crate::series::{Series, Spread, count_for};
use crate::server::Folder;
use crate::subject::Subject;
use crate::workload::Encrypt;

/// What Encrypt with the log has to reach of Encrypt without it, by CPU time.
pub(crate) const BAR: f64 = 0.9;

/// The figures of both.
#[derive(Debug, Serialize)]
pub(crate) struct AuditFigures {
    without: Series,
    with: Series,
    /// CPU time of a request without the log, divided by that with it.
    pub(crate) ratio: Spread,
    /// Throughput with the log, divided by that without.
    wall_ratio: Spread,
    checked: usize,
}

/// Encrypt with the log at its defaults and without it.
pub(crate) fn run(options: &Options, binary: &Path) -> Result<AuditFigures, AnyError> {
    let dirs = (tempfile::tempdir()?, tempfile::tempdir()?);
    println!("\nEncrypt with and without the audit log take turns, {} rounds", options.rounds);
    let folder = Folder::new(binary, dirs.0.path().to_owned());
    let server = folder.serve(options)?;
    let mut api = folder.api(&server)?;
    let mut with =
        Subject::new("with the log", server, &folder, Encrypt::new(api.create_keys(FEW_KEYS)?), options)?;
    let folder = Folder::new(binary, dirs.1.path().to_owned());
    let server = folder.serve_with(options, &["--audit-enabled=false"])?;
    let mut api = folder.api(&server)?;
    let mut without =
        Subject::new("without it", server, &folder, Encrypt::new(api.create_keys(FEW_KEYS)?), options)?;
    let (with_count, without_count) = (
        count_for(&with.warm_up(WARM_UP)?, options.seconds),
        count_for(&without.warm_up(WARM_UP)?, options.seconds),
    );
    for round in 0..options.rounds {
        if round.is_multiple_of(2) {
            with.round(with_count)?;
            without.round(without_count)?;
        } else {
            without.round(without_count)?;
            with.round(with_count)?;
        }
        show_round(round, &[&without.series, &with.series]);
    }
    let figures = AuditFigures {
        ratio: without.series.cpu_ratio(&with.series),
        wall_ratio: without.series.wall_ratio(&with.series),
        without: without.series,
        with: with.series,
        checked: with.checked + without.checked,
    };
    stop([with.server, without.server])?;
    Ok(figures)
}

impl AuditFigures {
    pub(crate) fn series(&self) -> [&Series; 2] {
        [&self.without, &self.with]
    }

    pub(crate) fn write(&self, out: &mut String) -> std::fmt::Result {
        use std::fmt::Write as _;
        writeln!(out, "\n**Encrypt with the audit log: {} of Encrypt without.**", plain(self.ratio, 3))?;
        writeln!(
            out,
            "Throughput by the wall clock: {} of that without. {} answers were decrypted and compared.\n",
            plain(self.wall_ratio, 3),
            self.checked
        )?;
        table(out, &self.series())
    }
}
