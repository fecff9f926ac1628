//! Many keys in the store: start, memory, and Encrypt beside a store of few.

use std::path::Path;
use std::time::Instant;

use keystead_crypto::SystemRandom;
use keystead_service::bulk::load_keys;
use serde::Serialize;

use crate::AnyError;
use crate::api::Api;
use crate::options::Options;
use crate::scenario::{FEW_KEYS, WARM_UP, show_round, stop};
use crate::series::{Round, Series, Spread, count_for};
use crate::subject::{StoppedStore, Subject, first_start, folder_mib, measured_starts, resident_mib};
use crate::workload::Encrypt;

/// Keys of the hot set within the large store.
const HOT_KEYS: usize = 1_000;

/// What the start may take, in seconds.
pub(crate) const START_BAR: f64 = 2.0;
/// What the server may have resident, in MiB.
pub(crate) const MEMORY_BAR: f64 = 300.0;
/// What Encrypt over all keys has to reach of Encrypt in the small store.
pub(crate) const SPREAD_BAR: f64 = 0.9;

/// The figures of a store of many keys.
#[derive(Debug, Serialize)]
pub(crate) struct KeysFigures {
    pub(crate) keys: usize,
    /// Size of the data folder, in MiB.
    pub(crate) folder_mib: f64,
    /// From starting the process until its ready file was there, in seconds.
    pub(crate) start_seconds: Spread,
    /// Resident memory once ready, in MiB.
    pub(crate) ready_mib: f64,
    /// Resident memory once every key was used, in MiB.
    pub(crate) used_mib: f64,
    /// Resident memory after all rounds, in MiB.
    pub(crate) end_mib: f64,
    /// Each key for the first time: nothing is in memory yet.
    pub(crate) first_use: Round,
    /// Ten keys in a store of ten.
    pub(crate) small: Series,
    /// Keys drawn evenly from all.
    pub(crate) all: Series,
    /// Keys drawn from a hot set.
    pub(crate) hot: Series,
    /// Ten keys of the large store.
    pub(crate) few: Series,
    /// CPU time of `small` for each request, divided by that of `all`.
    pub(crate) all_ratio: Spread,
    /// The same for throughput, upside down: `all` divided by `small`.
    pub(crate) all_wall_ratio: Spread,
    /// As `all_ratio`, for the hot set.
    pub(crate) hot_ratio: Spread,
    /// As `all_ratio`, for ten keys of the large store.
    pub(crate) few_ratio: Spread,
    /// Answers whose content was checked.
    pub(crate) checked: usize,
}

impl KeysFigures {
    /// The most that was resident, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        self.ready_mib.max(self.used_mib).max(self.end_mib)
    }
}

pub(crate) fn run(options: &Options, binary: &Path) -> Result<KeysFigures, AnyError> {
    let dir = tempfile::tempdir()?;
    let (small, small_at) = first_start(options, binary, &dir.path().join("small"))?;
    let small_keys = Api::connect(small.address, small_at.credentials()?)?.create_keys(FEW_KEYS)?;

    let count = usize::try_from(options.keys)?;
    let (large, large_at) = first_start(options, binary, &dir.path().join("large"))?;
    large.stop()?;
    let loading = Instant::now();
    let keys = load(&large_at.data(), count)?;
    println!("\nkeys: {count} keys loaded in {:.1} s", loading.elapsed().as_secs_f64());

    let (large, start_seconds) = measured_starts(options, &large_at)?;
    let ready_mib = resident_mib(&large)?;
    println!("  started in {:.3} s (median), {ready_mib:.0} MiB resident", start_seconds.median);

    let hot = keys[..HOT_KEYS.min(count)].to_vec();
    let few = keys[..FEW_KEYS].to_vec();
    let mut small = Subject::new("store of 10 keys", small, &small_at, Encrypt::new(small_keys), options)?;
    let mut all = Subject::new("all keys, evenly", large, &large_at, Encrypt::new(keys), options)?;
    let mut hot = all.sibling("hot set", &large_at, Encrypt::new(hot), options)?;
    let mut few = all.sibling("10 of all keys", &large_at, Encrypt::new(few), options)?;

    all.workload.each_once();
    let first_use = all.warm_up(count)?;
    let used_mib = resident_mib(&all.server)?;
    println!("  every key once: {:.2} µs CPU each, then {used_mib:.0} MiB resident", first_use.cpu_us);
    let small_rate = small.warm_up(WARM_UP)?;
    let all_rate = all.warm_up(WARM_UP)?;
    hot.warm_up_on(&all.server, WARM_UP)?;
    few.warm_up_on(&all.server, WARM_UP)?;
    let small_count = count_for(&small_rate, options.seconds);
    let all_count = count_for(&all_rate, options.seconds);
    for round in 0..options.rounds {
        small.round(small_count)?;
        all.round(all_count)?;
        hot.round_on(&all.server, small_count)?;
        few.round_on(&all.server, small_count)?;
        show_round(round, &[&small.series, &all.series, &hot.series, &few.series]);
    }
    let end_mib = resident_mib(&all.server)?;
    let figures = KeysFigures {
        keys: count,
        folder_mib: folder_mib(&large_at.data())?,
        start_seconds,
        ready_mib,
        used_mib,
        end_mib,
        first_use,
        all_ratio: small.series.cpu_ratio(&all.series),
        all_wall_ratio: small.series.wall_ratio(&all.series),
        hot_ratio: small.series.cpu_ratio(&hot.series),
        few_ratio: small.series.cpu_ratio(&few.series),
        checked: small.checked + all.checked + hot.checked + few.checked,
        small: small.series,
        all: all.series,
        hot: hot.series,
        few: few.series,
    };
    drop((hot.client, few.client, small.client, all.client));
    stop([small.server, all.server])?;
    Ok(figures)
}

/// Loads keys into the store of a stopped server.
fn load(data: &Path, count: usize) -> Result<Vec<String>, AnyError> {
    let store = StoppedStore::open(data)?;
    let load = load_keys(&store.store, &store.root_key, "cn-hangzhou", count, store.now, &SystemRandom);
    Ok(store.runtime.block_on(load)?)
}
