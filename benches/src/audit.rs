//! What the audit log costs: Encrypt on a server with it and on one without, in turns.

use std::path::Path;

use serde::Serialize;

use crate::AnyError;
use crate::cpu::CpuTimes;
use crate::options::Options;
use crate::report::{plain, table};
use crate::scenario::{FEW_KEYS, WARM_UP, show_round, slice_of, slices_of, stop};
use crate::series::{Round, Series, Spread};
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
    /// CPU time of a request without the log, divided by that with it; the median of each round's pairs.
    pub(crate) ratio: Spread,
    /// Throughput with the log, divided by that without; likewise.
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
    let (with_count, without_count) =
        (slice_of(&with.warm_up(WARM_UP)?), slice_of(&without.warm_up(WARM_UP)?));
    let slices = slices_of(options);
    let (mut ratios, mut wall_ratios) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        let (to_with, to_without) =
            (with.pool(slices * with_count)?, without.pool((slices + 1) * without_count)?);
        let mut of_with = Vec::new();
        let mut of_without = vec![without.slice(&to_without, 0..without_count)?];
        for slice in 1..=slices {
            let before = CpuTimes::of(with.server.pid())?;
            let (mut round, run) = with.slice(&to_with, (slice - 1) * with_count..slice * with_count)?;
            of_without.push(without.slice(&to_without, slice * without_count..(slice + 1) * without_count)?);
            // The threads of the log write and sync what is left of a slice while the other server has its turn.
            let cpu = CpuTimes::of(with.server.pid())?.since(&before);
            round.cpu_us = cpu.as_secs_f64() * 1e6 / with_count as f64;
            of_with.push((round, run));
        }
        let median = |of: fn(&Round) -> f64, turn: fn(f64, f64) -> f64| {
            let pairs = of_with.iter().zip(of_without.windows(2)).map(|((with, _), without)| {
                turn(of(with), without.iter().map(|(round, _)| of(round)).sum::<f64>() / 2.0)
            });
            Spread::of(pairs).median
        };
        ratios.push(median(|round| round.cpu_us, |with, without| without / with));
        wall_ratios.push(median(|round| round.per_second, |with, without| with / without));
        with.add(&to_with, of_with)?;
        without.add(&to_without, of_without)?;
        show_round(round, &[&without.series, &with.series]);
    }
    let figures = AuditFigures {
        ratio: Spread::of(ratios.into_iter()),
        wall_ratio: Spread::of(wall_ratios.into_iter()),
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
