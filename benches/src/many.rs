//! A store of many records: filled while its server stood still, started, and each record used once.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::AnyError;
use crate::options::Options;
use crate::series::{Round, Spread};
use crate::server::{Folder, Server};
use crate::subject::{Subject, first_start, folder_mib, measured_starts, resident_mib};
use crate::workload::Workload;

/// What the start may take, in seconds.
pub(crate) const START_BAR: f64 = 2.0;
/// What the server may have resident, in MiB.
pub(crate) const MEMORY_BAR: f64 = 300.0;

/// Requests that are made at once while every record is used: they take memory.
const CHUNK: usize = 100_000;

/// The figures of a store of many records, whatever they are.
#[derive(Debug, Serialize)]
pub(crate) struct ManyFigures {
    pub(crate) count: usize,
    /// Size of the data folder, in MiB.
    pub(crate) folder_mib: f64,
    /// From starting the process until its ready file was there, in seconds.
    pub(crate) start_seconds: Spread,
    /// Resident memory once ready, in MiB.
    pub(crate) ready_mib: f64,
    /// Resident memory once every record was used, in MiB.
    pub(crate) used_mib: f64,
    /// Resident memory after all rounds, in MiB.
    pub(crate) end_mib: f64,
    /// Each record for the first time: nothing is in memory yet.
    pub(crate) first_use: Round,
}

impl ManyFigures {
    /// The most that was resident, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        self.ready_mib.max(self.used_mib).max(self.end_mib)
    }
}

/// A server whose store holds many records, each of them used once; and what was measured on the way.
pub(crate) struct Many<W> {
    pub(crate) folder: Folder,
    pub(crate) all: Subject<Server, W>,
    figures: ManyFigures,
}

/// What there is many of.
#[derive(Clone, Copy)]
pub(crate) struct What {
    /// One of them.
    pub(crate) one: &'static str,
    pub(crate) count: usize,
}

/// A folder whose store was made by a first start and filled by `load` afterwards.
pub(crate) fn filled<L>(
    options: &Options,
    binary: &Path,
    dir: &Path,
    load: impl FnOnce(&Path) -> Result<L, AnyError>,
) -> Result<(Folder, L), AnyError> {
    let (server, folder) = first_start(options, binary, dir)?;
    server.stop()?;
    let loaded = load(&folder.data())?;
    Ok((folder, loaded))
}

impl<W: Workload> Many<W> {
    /// Loads them, starts the server some times and uses each record once. `workload` draws from all records, and takes
    /// each once before. No other connection may be open meanwhile: it takes minutes, and servers close idle ones.
    pub(crate) fn prepare<L>(
        options: &Options,
        (binary, dir): (&Path, &Path),
        What { one, count }: What,
        load: impl FnOnce(&Path) -> Result<L, AnyError>,
        workload: impl FnOnce(L) -> W,
    ) -> Result<(Self, L), AnyError>
    where
        L: Clone,
    {
        let loading = Instant::now();
        let (folder, loaded) = filled(options, binary, dir, load)?;
        println!("\n{one}s: {count} loaded in {:.1} s", loading.elapsed().as_secs_f64());
        let (server, start_seconds) = measured_starts(options, &folder)?;
        let ready_mib = resident_mib(&server)?;
        println!("  started in {:.3} s (median), {ready_mib:.0} MiB resident", start_seconds.median);

        let name = format!("all {one}s, evenly");
        let mut all = Subject::new(&name, server, &folder, workload(loaded.clone()), options)?;
        let mut first = Vec::new();
        for start in (0..count).step_by(CHUNK) {
            first.push(all.warm_up(CHUNK.min(count - start))?);
        }
        let first_use = Round::sum(&first);
        let used_mib = resident_mib(&all.server)?;
        println!("  every {one} once: {:.2} µs CPU each, then {used_mib:.0} MiB resident", first_use.cpu_us);
        let figures = ManyFigures {
            count,
            folder_mib: folder_mib(&folder.data())?,
            start_seconds,
            ready_mib,
            used_mib,
            end_mib: used_mib,
            first_use,
        };
        Ok((Self { folder, all, figures }, loaded))
    }

    /// After all rounds.
    pub(crate) fn figures(&self) -> Result<ManyFigures, AnyError> {
        let (end_mib, folder_mib) = (resident_mib(&self.all.server)?, folder_mib(&self.folder.data())?);
        Ok(ManyFigures { end_mib, folder_mib, ..self.figures })
    }
}
