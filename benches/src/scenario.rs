//! An operation beside the bare handler.

use std::path::Path;

use serde::Serialize;

use crate::AnyError;
use crate::api::Api;
use crate::driver::Driver;
use crate::options::Options;
use crate::pool::Pool;
use crate::series::{Series, Spread, count_for, measured};
use crate::server::{Folder, Server, serve_bare};
use crate::signer::Signer;
use crate::workload::{Encrypt, GetSecretValue, Workload};

/// Requests before the first round, which warm both sides and tell how many fit into a round.
pub(crate) const WARM_UP: usize = 20_000;
/// Keys that Encrypt draws from.
pub(crate) const FEW_KEYS: usize = 10;

/// The figures of one operation beside the bare handler.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) operation: &'static str,
    pub(crate) bare: Series,
    pub(crate) ours: Series,
    /// CPU time of bare for each request, divided by ours.
    pub(crate) ratio: Spread,
    /// Throughput of ours, divided by that of bare.
    pub(crate) wall_ratio: Spread,
    /// Answers whose content was checked.
    pub(crate) checked: usize,
    /// What the ratio's median has to reach.
    pub(crate) bar: Option<f64>,
}

/// Encrypt of 32 bytes; the bar is half of bare.
pub(crate) fn encrypt(options: &Options, binary: &Path) -> Result<Comparison, AnyError> {
    compare(options, binary, Some(0.5), |api| Ok(Box::new(Encrypt::new(api.create_keys(FEW_KEYS)?))))
}

/// GetSecretValue of 32 bytes.
pub(crate) fn secret(options: &Options, binary: &Path) -> Result<Comparison, AnyError> {
    compare(options, binary, None, |api| Ok(Box::new(GetSecretValue::create(api)?)))
}

fn compare(
    options: &Options,
    binary: &Path,
    bar: Option<f64>,
    prepare: impl FnOnce(&mut Api) -> Result<Box<dyn Workload>, AnyError>,
) -> Result<Comparison, AnyError> {
    let dir = tempfile::tempdir()?;
    let folder = Folder::new(binary, dir.path().to_owned());
    let ours = folder.serve(options)?;
    let mut api = Api::connect(ours.address, folder.credentials()?)?;
    let mut signer = Signer::new(ours.address, folder.credentials()?)?;
    let mut workload = prepare(&mut api)?;
    let operation = workload.action();
    println!("\n{operation}: ours and bare take turns, {} rounds", options.rounds);

    let mut to_ours = Driver::connect(ours.address, options.connections)?;
    let pool = Pool::fill(WARM_UP, &mut signer, &mut *workload)?;
    let (warm, run) = measured(&ours, &mut to_ours, &pool, WARM_UP)?;
    workload.check(&mut api, &run.kept)?;
    let count = count_for(&warm, options.seconds);

    let bare = serve_bare(dir.path(), run.body_bytes, options)?;
    let mut to_bare = Driver::connect(bare.address, options.connections)?;
    let (warm, bare_run) = measured(&bare, &mut to_bare, &pool, WARM_UP)?;
    if bare_run.body_bytes != run.body_bytes {
        return Err("the bare handler's answer is of another size".into());
    }
    let bare_count = count_for(&warm, options.seconds);
    drop(pool);

    let (mut our_series, mut bare_series) = (Series::new(operation), Series::new("bare"));
    let mut checked = 0;
    for round in 0..options.rounds {
        // The bare handler gets the very same requests; it looks at no nonce, so it may get them more than once.
        let pool = Pool::fill(count, &mut signer, &mut *workload)?;
        let bare_first = round.is_multiple_of(2);
        if bare_first {
            bare_series.round(&bare, &mut to_bare, &pool, bare_count)?;
        }
        let run = our_series.round(&ours, &mut to_ours, &pool, count)?;
        if !bare_first {
            bare_series.round(&bare, &mut to_bare, &pool, bare_count)?;
        }
        workload.check(&mut api, &run.kept)?;
        checked += run.kept.len();
        show_round(round, &[&bare_series, &our_series]);
    }
    drop((to_ours, to_bare, api));
    stop([ours, bare])?;
    Ok(Comparison {
        operation,
        ratio: bare_series.cpu_ratio(&our_series),
        wall_ratio: bare_series.wall_ratio(&our_series),
        bare: bare_series,
        ours: our_series,
        checked,
        bar,
    })
}

/// One line on what a round gave, so that a long run is seen to go on.
pub(crate) fn show_round(round: u32, series: &[&Series]) {
    let parts: Vec<String> = series
        .iter()
        .filter_map(|series| {
            let last = series.rounds.last()?;
            let (cpu, rate, driver) = (last.cpu_us, last.per_second, last.driver_busy * 100.0);
            Some(format!("{} {cpu:.2} µs CPU, {rate:.0}/s, driver {driver:.0} %", series.name))
        })
        .collect();
    println!("  round {}: {}", round + 1, parts.join("; "));
}

pub(crate) fn stop<const N: usize>(servers: [Server; N]) -> Result<(), AnyError> {
    servers.into_iter().try_for_each(Server::stop)
}
