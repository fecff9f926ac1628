//! Many keys in the store: start, memory, and Encrypt beside a store of few.

use std::path::Path;

use keystead_crypto::SystemRandom;
use keystead_service::bulk::load_keys;
use serde::Serialize;

use crate::AnyError;
use crate::api::Api;
use crate::many::{Many, ManyFigures, What};
use crate::options::Options;
use crate::scenario::{FEW_KEYS, WARM_UP, show_round, stop};
use crate::series::{Series, Spread, count_for};
use crate::subject::{StoppedStore, Subject, first_start};
use crate::workload::Encrypt;

/// Keys of the hot set within the large store.
const HOT_KEYS: usize = 1_000;

/// What Encrypt over all keys has to reach of Encrypt in the small store.
pub(crate) const SPREAD_BAR: f64 = 0.9;

/// The figures of a store of many keys.
#[derive(Debug, Serialize)]
pub(crate) struct KeysFigures {
    #[serde(flatten)]
    pub(crate) store: ManyFigures,
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

pub(crate) fn run(options: &Options, binary: &Path) -> Result<KeysFigures, AnyError> {
    let dir = tempfile::tempdir()?;
    let what = What { one: "key", count: usize::try_from(options.keys)? };
    let large_at = dir.path().join("large");
    let load = |data: &Path| load(data, what.count);
    let (mut many, keys) = Many::prepare(options, (binary, &large_at), what, load, Encrypt::each_once)?;
    let hot = Encrypt::new(keys[..HOT_KEYS.min(keys.len())].to_vec());
    let few = Encrypt::new(keys[..FEW_KEYS].to_vec());
    let mut hot = many.all.sibling("hot set", &many.folder, hot, options)?;
    let mut few = many.all.sibling("10 of all keys", &many.folder, few, options)?;

    let (small, small_at) = first_start(options, binary, &dir.path().join("small"))?;
    let small_keys = Api::connect(small.address, small_at.credentials()?)?.create_keys(FEW_KEYS)?;
    let mut small = Subject::new("store of 10 keys", small, &small_at, Encrypt::new(small_keys), options)?;

    let small_rate = small.warm_up(WARM_UP)?;
    let all_rate = many.all.warm_up(WARM_UP)?;
    hot.warm_up_on(&many.all.server, WARM_UP)?;
    few.warm_up_on(&many.all.server, WARM_UP)?;
    let small_count = count_for(&small_rate, options.seconds);
    let all_count = count_for(&all_rate, options.seconds);
    for round in 0..options.rounds {
        small.round(small_count)?;
        many.all.round(all_count)?;
        hot.round_on(&many.all.server, small_count)?;
        few.round_on(&many.all.server, small_count)?;
        show_round(round, &[&small.series, &many.all.series, &hot.series, &few.series]);
    }
    let store = many.figures()?;
    let all = many.all;
    let figures = KeysFigures {
        store,
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
