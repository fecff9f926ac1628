//! Many secrets in the store: start, memory, and GetSecretValue beside a store of few.

use std::path::Path;

use keystead_crypto::SystemRandom;
use keystead_service::bulk::load_secrets;
use serde::Serialize;

use crate::AnyError;
use crate::many::{Many, ManyFigures, What, filled};
use crate::options::Options;
use crate::scenario::{WARM_UP, show_round, stop};
use crate::series::{Series, Spread, count_for};
use crate::subject::{StoppedStore, Subject};
use crate::workload::{GetSecretValues, secret_name, secret_value};

/// Secrets in the small store.
const FEW_SECRETS: usize = 10;
/// Secrets of the hot set within the large store.
const HOT_SECRETS: usize = 10_000;

/// What GetSecretValue over the hot set has to reach of GetSecretValue in the small store.
pub(crate) const HOT_BAR: f64 = 0.9;

/// The figures of a store of many secrets.
#[derive(Debug, Serialize)]
pub(crate) struct SecretsFigures {
    #[serde(flatten)]
    pub(crate) store: ManyFigures,
    /// Secrets of the hot set.
    pub(crate) hot_secrets: usize,
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

pub(crate) fn run(options: &Options, binary: &Path) -> Result<SecretsFigures, AnyError> {
    let dir = tempfile::tempdir()?;
    let what = What { one: "secret", count: usize::try_from(options.secrets)? };
    let large_at = dir.path().join("large");
    let load_all = |data: &Path| load(data, what.count);
    let workload = |()| GetSecretValues::each_once(what.count);
    let (mut many, ()) = Many::prepare(options, (binary, &large_at), what, load_all, workload)?;
    let hot_secrets = HOT_SECRETS.min(what.count);
    let hot = GetSecretValues::each_once(hot_secrets);
    let mut hot = many.all.sibling("hot set", &many.folder, hot, options)?;

    let (small_at, ()) = filled(options, binary, &dir.path().join("small"), |data| load(data, FEW_SECRETS))?;
    let (small, few) = (small_at.serve(options)?, GetSecretValues::new(FEW_SECRETS));
    let mut small = Subject::new("store of 10 secrets", small, &small_at, few, options)?;

    let small_rate = small.warm_up(WARM_UP)?;
    let all_rate = many.all.warm_up(WARM_UP)?;
    hot.warm_up_on(&many.all.server, hot_secrets)?;
    hot.warm_up_on(&many.all.server, WARM_UP)?;
    let small_count = count_for(&small_rate, options.seconds);
    let all_count = count_for(&all_rate, options.seconds);
    for round in 0..options.rounds {
        small.round(small_count)?;
        // The hot set as a server has it that serves it: the last round's other load may have driven it out of the image.
        hot.workload.start_over();
        hot.warm_up_on(&many.all.server, hot_secrets)?;
        hot.round_on(&many.all.server, small_count)?;
        many.all.round(all_count)?;
        show_round(round, &[&small.series, &hot.series, &many.all.series]);
    }
    let store = many.figures()?;
    let all = many.all;
    let figures = SecretsFigures {
        store,
        hot_secrets,
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
