//! An operation beside the bare handler.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::AnyError;
use crate::api::Api;
use crate::cpu::CpuTimes;
use crate::driver::Driver;
use crate::options::Options;
use crate::pairs;
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
    /// CPU time of the primitive alone in each round, in microseconds, where that is no small part.
    pub(crate) primitive_us: Vec<f64>,
}

impl Comparison {
    /// What a bare exchange takes at this pace, in microseconds: bare computes the primitive for each request. Round by round,
    /// since a processor's clock drifts by more than an exchange takes.
    pub(crate) fn exchange_us(&self) -> Option<f64> {
        let rounds = self.bare.rounds.iter().zip(&self.primitive_us);
        let exchanges = rounds.map(|(bare, primitive)| bare.cpu_us - primitive);
        (!self.primitive_us.is_empty()).then(|| Spread::of(exchanges).median)
    }

    /// What the service adds to the primitive and one bare exchange, in such exchanges; round by round.
    pub(crate) fn added(&self) -> Option<Spread> {
        let exchange = self.exchange_us()?;
        let rounds = self.ours.rounds.iter().zip(&self.bare.rounds);
        Some(Spread::of(rounds.map(|(ours, bare)| (ours.cpu_us - bare.cpu_us) / exchange)))
    }
}

/// A primitive without a service around it.
pub(crate) type Primitive = Box<dyn FnMut() -> Result<(), AnyError> + Send>;

/// Encrypt of 32 bytes; the bar is half of bare.
pub(crate) fn encrypt(options: &Options, binary: &Path) -> Result<Comparison, AnyError> {
    compare(options, binary, Some(0.5), None, |api| Ok(Box::new(Encrypt::new(api.create_keys(FEW_KEYS)?))))
}

/// GetSecretValue of 32 bytes.
pub(crate) fn secret(options: &Options, binary: &Path) -> Result<Comparison, AnyError> {
    compare(options, binary, None, None, |api| Ok(Box::new(GetSecretValue::create(api)?)))
}

/// Measures an operation and bare in turns. When the operation's `primitive` is named, bare computes it for each request,
/// and what it takes alone is measured in between.
pub(crate) fn compare(
    options: &Options,
    binary: &Path,
    bar: Option<f64>,
    primitive: Option<&str>,
    prepare: impl FnOnce(&mut Api) -> Result<Box<dyn Workload>, AnyError>,
) -> Result<Comparison, AnyError> {
    let dir = tempfile::tempdir()?;
    let folder = Folder::new(binary, dir.path().to_owned());
    let ours = folder.serve(options)?;
    let mut api = Api::connect(ours.address, folder.credentials()?)?;
    let mut signer = Signer::new(ours.address, folder.credentials()?)?;
    let mut workload = prepare(&mut api)?;
    let operation = workload.label();
    println!("\n{operation}: ours and bare take turns, {} rounds", options.rounds);

    let mut to_ours = Driver::connect(ours.address, options.connections)?;
    let warm_up = if primitive.is_some() { WARM_UP / 20 } else { WARM_UP };
    let pool = Pool::fill(warm_up, &mut signer, &mut *workload)?;
    let (warm, run) = measured(&ours, &mut to_ours, &pool, warm_up)?;
    workload.check(&mut api, &run.kept)?;
    let count = count_for(&warm, options.seconds);

    let bare = serve_bare(dir.path(), run.body_bytes, primitive, options)?;
    let mut to_bare = Driver::connect(bare.address, options.connections)?;
    let (warm, bare_run) = measured(&bare, &mut to_bare, &pool, warm_up)?;
    if bare_run.body_bytes != run.body_bytes {
        return Err("the bare handler's answer is of another size".into());
    }
    let bare_count = count_for(&warm, options.seconds);
    drop(pool);

    let (mut our_series, mut bare_series) = (Series::new(operation), Series::new("bare"));
    let mut checked = 0;
    let mut alone = primitive.map(pairs::primitive).transpose()?;
    let mut primitives = Vec::new();
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
        if let Some(alone) = &mut alone {
            primitives.push(cpu_of(alone)?);
        }
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
        primitive_us: primitives,
    })
}

/// CPU time of a primitive, in microseconds, over about a third of a second.
fn cpu_of(primitive: &mut Primitive) -> Result<f64, AnyError> {
    let own = std::process::id();
    let started = Instant::now();
    let before = CpuTimes::of(own)?;
    let mut count = 0_u32;
    while started.elapsed() < Duration::from_millis(300) {
        primitive()?;
        count += 1;
    }
    Ok(CpuTimes::of(own)?.since(&before).as_secs_f64() * 1e6 / f64::from(count))
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
