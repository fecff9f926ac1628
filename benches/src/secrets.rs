//! Many secrets in the store: start, memory, and GetSecretValue beside a store of few.

use std::path::Path;
use std::time::Instant;

use keystead_crypto::SystemRandom;
use keystead_service::bulk::load_secrets;
use serde::Serialize;

use crate::AnyError;
use crate::options::Options;
use crate::scenario::{WARM_UP, show_round, stop};
use crate::series::{Round, Series, Spread, count_for};
use crate::subject::{StoppedStore, Subject, first_start, folder_mib, measured_starts, resident_mib};
use crate::workload::{GetSecretValues, secret_name, secret_value};

/// Secrets in the small store.
const FEW_SECRETS: usize = 10;
/// Secrets of the hot set within the large store.
const HOT_SECRETS: usize = 10_000;
/// Requests that are made at once while every secret is read: they take memory.
const CHUNK: usize = 100_000;

/// What GetSecretValue over the hot set has to reach of GetSecretValue in the small store.
pub(crate) const HOT_BAR: f64 = 0.9;

/// The figures of a store of many secrets.
#[derive(Debug, Serialize)]
pub(crate) struct SecretsFigures {
    pub(crate) secrets: usize,
    /// Secrets of the hot set.
    pub(crate) hot_secrets: usize,
    /// Size of the data folder, in MiB.
    pub(crate) folder_mib: f64,
    /// From starting the process until its ready file was there, in seconds.
    pub(crate) start_seconds: Spread,
    /// Resident memory once ready, in MiB.
    pub(crate) ready_mib: f64,
    /// Resident memory once every secret was read, in MiB.
    pub(crate) used_mib: f64,
    /// Resident memory after all rounds, in MiB.
    pub(crate) end_mib: f64,
    /// Each secret for the first time: nothing is in memory yet.
    pub(crate) first_use: Round,
    /// Ten secrets in a store of ten.
    pub(crate) small: Series,
    /// Secrets drawn from a hot set.
    pub(crate) hot: Series,
    /// Secrets drawn evenly from all.
    pub(crate) all: Series,
    /// CPU time of `small` for each request, divided by that of `hot`.
    pub(crate) hot_ratio: Spread,
    /// The same for throughput, upside down: `hot` divided by `small`.
    pub(crate) hot_wall_ratio: Spread,
    /// As `hot_ratio`, for all secrets evenly.
    pub(crate) all_ratio: Spread,
    /// Answers whose content was checked.
    pub(crate) checked: usize,
}

impl SecretsFigures {
    /// The most that was resident, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        self.ready_mib.max(self.used_mib).max(self.end_mib)
    }
}

pub(crate) fn run(options: &Options, binary: &Path) -> Result<SecretsFigures, AnyError> {
    let dir = tempfile::tempdir()?;
    let count = usize::try_from(options.secrets)?;
    let filled = |name: &str, count: usize| {
        let (server, folder) = first_start(options, binary, &dir.path().join(name))?;
        server.stop()?;
        load(&folder.data(), count)?;
        Ok::<_, AnyError>(folder)
    };
    let small_at = filled("small", FEW_SECRETS)?;
    let small = small_at.serve(options)?;
    let loading = Instant::now();
    let large_at = filled("large", count)?;
    println!("\nsecrets: {count} secrets loaded in {:.1} s", loading.elapsed().as_secs_f64());

    let (large, start_seconds) = measured_starts(options, &large_at)?;
    let ready_mib = resident_mib(&large)?;
    println!("  started in {:.3} s (median), {ready_mib:.0} MiB resident", start_seconds.median);

    let hot_secrets = HOT_SECRETS.min(count);
    let of = GetSecretValues::new;
    let mut small = Subject::new("store of 10 secrets", small, &small_at, of(FEW_SECRETS), options)?;
    let mut all = Subject::new("all secrets, evenly", large, &large_at, of(count), options)?;
    let mut hot = all.sibling("hot set", &large_at, of(hot_secrets), options)?;

    all.workload.each_once();
    let mut first = Vec::new();
    for start in (0..count).step_by(CHUNK) {
        first.push(all.warm_up(CHUNK.min(count - start))?);
    }
    let first_use = Round::sum(&first);
    let used_mib = resident_mib(&all.server)?;
    println!("  every secret once: {:.2} µs CPU each, then {used_mib:.0} MiB resident", first_use.cpu_us);
    let small_rate = small.warm_up(WARM_UP)?;
    let all_rate = all.warm_up(WARM_UP)?;
    hot.workload.each_once();
    hot.warm_up_on(&all.server, hot_secrets)?;
    hot.warm_up_on(&all.server, WARM_UP)?;
    let small_count = count_for(&small_rate, options.seconds);
    let all_count = count_for(&all_rate, options.seconds);
    for round in 0..options.rounds {
        small.round(small_count)?;
        hot.round_on(&all.server, small_count)?;
        all.round(all_count)?;
        show_round(round, &[&small.series, &hot.series, &all.series]);
    }
    let end_mib = resident_mib(&all.server)?;
    let figures = SecretsFigures {
        secrets: count,
        hot_secrets,
        folder_mib: folder_mib(&large_at.data())?,
        start_seconds,
        ready_mib,
        used_mib,
        end_mib,
        first_use,
        hot_ratio: small.series.cpu_ratio(&hot.series),
        hot_wall_ratio: small.series.wall_ratio(&hot.series),
        all_ratio: small.series.cpu_ratio(&all.series),
        checked: small.checked + hot.checked + all.checked,
        small: small.series,
        hot: hot.series,
        all: all.series,
    };
    drop((hot.client, small.client, all.client));
    stop([small.server, all.server])?;
    Ok(figures)
}

/// Loads secrets into the store of a stopped server.
fn load(data: &Path, count: usize) -> Result<(), AnyError> {
    let store = StoppedStore::open(data)?;
    let all = (0..count).map(|number| (secret_name(number), secret_value(number).into()));
    let made = load_secrets(&store.store, &store.root_key, all, store.now, &SystemRandom);
    store.runtime.block_on(made)?;
    Ok(())
}
