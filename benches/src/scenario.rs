//! An operation beside the bare handler.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde::Serialize;

use crate::AnyError;
use crate::api::Api;
use crate::bare;
use crate::driver::{Driver, body_of};
use crate::instance::AdvanceEncrypt;
use crate::options::Options;
use crate::pool::Pool;
use crate::series::{Round, Series, Spread, measured};
use crate::server::{Folder, Server, serve_bare};
use crate::signer::Signer;
use crate::workload::{Encrypt, GetSecretValue, Workload};

/// Requests before the first round, which warm both sides and tell how many fit into a round.
pub(crate) const WARM_UP: usize = 20_000;
/// Within a round ours and bare take turns in slices of about so many seconds.
const SLICE_SECONDS: f64 = 0.15;
/// Keys that Encrypt draws from.
pub(crate) const FEW_KEYS: usize = 10;

/// The figures of one operation beside the bare handler.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) operation: &'static str,
    pub(crate) bare: Series,
    pub(crate) ours: Series,
    /// CPU time of bare for each request, divided by ours; the median of each round's pairs.
    pub(crate) ratio: Spread,
    /// Throughput of ours, divided by that of bare; likewise.
    pub(crate) wall_ratio: Spread,
    /// Answers whose content was checked.
    pub(crate) checked: usize,
    /// What the ratio's median has to reach.
    pub(crate) bar: Option<f64>,
    /// Where the operation's primitive is no small part of it.
    pub(crate) added: Option<Added>,
}

/// What a service adds to a primitive. Medians of the pairs of each round, and how far they go.
#[derive(Debug, Serialize)]
pub(crate) struct Added {
    /// What the primitive takes in bare, in microseconds.
    pub(crate) primitive_us: Spread,
    /// What a bare exchange takes at this pace, in microseconds.
    pub(crate) exchange_us: Spread,
    /// What the service adds to both, in such exchanges.
    pub(crate) exchanges: Spread,
}

/// A slice of ours and the slices of bare before and after it. A processor's clock drifts by more than an exchange takes, but
/// not within a fraction of a second; what drift there is goes with the mean of the two.
struct Pair {
    ours: Round,
    bare: [Bare; 2],
}

/// A slice of bare.
#[derive(Clone, Copy)]
struct Bare {
    round: Round,
    /// What the primitive took of each request, in microseconds.
    primitive_us: f64,
}

impl Pair {
    fn bare(&self, of: fn(&Bare) -> f64) -> f64 {
        (of(&self.bare[0]) + of(&self.bare[1])) / 2.0
    }

    fn ratio(&self) -> f64 {
        self.bare(|bare| bare.round.cpu_us) / self.ours.cpu_us
    }

    fn wall_ratio(&self) -> f64 {
        self.ours.per_second / self.bare(|bare| bare.round.per_second)
    }

    fn primitive_us(&self) -> f64 {
        self.bare(|bare| bare.primitive_us)
    }

    fn exchange_us(&self) -> f64 {
        self.bare(|bare| bare.round.cpu_us - bare.primitive_us)
    }

    fn added_us(&self) -> f64 {
        self.ours.cpu_us - self.bare(|bare| bare.round.cpu_us)
    }
}

/// The median of each round's pairs, over the rounds.
fn over_rounds(rounds: &[Vec<Pair>], of: impl Fn(&Pair) -> f64) -> Spread {
    Spread::of(rounds.iter().map(|pairs| Spread::of(pairs.iter().map(&of)).median))
}

/// A primitive without a service around it.
pub(crate) type Primitive = Box<dyn FnMut() -> Result<(), AnyError> + Send>;

/// Encrypt of 32 bytes; the bar is half of bare.
pub(crate) fn encrypt(options: &Options, binary: &Path) -> Result<Comparison, AnyError> {
    compare(options, binary, Some(0.5), None, &[], |api, _| {
        Ok(Box::new(Encrypt::new(api.create_keys(FEW_KEYS)?)))
    })
}

/// AdvanceEncrypt of 32 bytes through the gateway of an instance, signed by a client key.
pub(crate) fn instance(options: &Options, binary: &Path) -> Result<Comparison, AnyError> {
    let flags = ["--instance", "auto", "--dedicated-loopback-http", "true"];
    compare(options, binary, None, None, &flags, |api, server| {
        let instance = server.instance.as_ref().ok_or("the server has no instance")?;
        Ok(Box::new(AdvanceEncrypt::create(api, instance)?))
    })
}

/// GetSecretValue of 32 bytes.
pub(crate) fn secret(options: &Options, binary: &Path) -> Result<Comparison, AnyError> {
    compare(options, binary, None, None, &[], |api, _| Ok(Box::new(GetSecretValue::create(api)?)))
}

/// Measures an operation and bare in turns. When the operation's `primitive` is named, bare computes it for each request
/// and tells how long that took.
pub(crate) fn compare(
    options: &Options,
    binary: &Path,
    bar: Option<f64>,
    primitive: Option<&str>,
    flags: &[&str],
    prepare: impl FnOnce(&mut Api, &Server) -> Result<Box<dyn Workload>, AnyError>,
) -> Result<Comparison, AnyError> {
    let dir = tempfile::tempdir()?;
    let folder = Folder::new(binary, dir.path().to_owned());
    let ours = folder.serve_with(options, flags)?;
    let mut api = Api::connect(ours.address, folder.credentials()?)?;
    let mut signer = Signer::new(ours.address, folder.credentials()?)?;
    let mut workload = prepare(&mut api, &ours)?;
    let address = ours.instance.as_ref().map_or(ours.address, |instance| instance.address);
    let operation = workload.label();
    println!("\n{operation}: ours and bare take turns, {} rounds", options.rounds);

    let mut to_ours = Driver::connect(address, options.connections)?;
    let warm_up = if primitive.is_some() { WARM_UP / 20 } else { WARM_UP };
    let pool = Pool::fill(warm_up, &mut signer, &mut *workload)?;
    let (warm, run) = measured(&ours, &mut to_ours, &pool, 0..warm_up)?;
    workload.check(&mut api, &run.kept)?;
    let count = slice_of(&warm);

    let bare = serve_bare(dir.path(), run.body_bytes, primitive, false, options)?;
    let mut to_bare = Driver::connect(bare.address, options.connections)?;
    let (warm, bare_run) = measured(&bare, &mut to_bare, &pool, 0..warm_up)?;
    if bare_run.body_bytes != run.body_bytes {
        return Err("the bare handler's answer is of another size".into());
    }
    let bare_count = slice_of(&warm);
    drop(pool);

    let (mut our_series, mut bare_series) = (Series::new(operation), Series::new("bare"));
    let mut checked = 0;
    let mut rounds = Vec::new();
    let slices = slices_of(options);
    for round in 0..options.rounds {
        // The bare handler gets the very same requests; it looks at no nonce, so it may get them more than once.
        let pool = Pool::fill(slices * count, &mut signer, &mut *workload)?;
        let mut bare_slice = || {
            let before = computed(&bare)?;
            let (round, _) = measured(&bare, &mut to_bare, &pool, 0..bare_count)?;
            let nanoseconds = computed(&bare)? - before;
            Ok::<_, AnyError>(Bare { round, primitive_us: nanoseconds / 1e3 / bare_count as f64 })
        };
        let mut bares = vec![bare_slice()?];
        let (mut own, mut kept) = (Vec::new(), Vec::new());
        for slice in 0..slices {
            let (round, run) = measured(&ours, &mut to_ours, &pool, slice * count..(slice + 1) * count)?;
            own.push(round);
            kept.extend(run.kept);
            our_series.body_bytes = run.body_bytes;
            bares.push(bare_slice()?);
        }
        workload.check(&mut api, &kept)?;
        checked += kept.len();
        our_series.request_bytes = pool.request_bytes();
        our_series.rounds.push(Round::sum(&own));
        bare_series.rounds.push(Round::sum(&bares.iter().map(|bare| bare.round).collect::<Vec<_>>()));
        let pairs = own.iter().zip(bares.windows(2));
        rounds.push(pairs.map(|(ours, bare)| Pair { ours: *ours, bare: [bare[0], bare[1]] }).collect());
        show_round(round, &[&bare_series, &our_series]);
    }
    drop((to_ours, to_bare, api));
    stop([ours, bare])?;
    let added = primitive.map(|_| {
        let exchange_us = over_rounds(&rounds, Pair::exchange_us);
        Added {
            primitive_us: over_rounds(&rounds, Pair::primitive_us),
            exchange_us,
            exchanges: over_rounds(&rounds, |pair| pair.added_us() / exchange_us.median),
        }
    });
    Ok(Comparison {
        operation,
        ratio: over_rounds(&rounds, Pair::ratio),
        wall_ratio: over_rounds(&rounds, Pair::wall_ratio),
        bare: bare_series,
        ours: our_series,
        checked,
        bar,
        added,
    })
}

/// Slices of a round.
pub(crate) fn slices_of(options: &Options) -> usize {
    ((options.seconds / SLICE_SECONDS).ceil() as usize).max(1)
}

/// Requests of a slice.
pub(crate) fn slice_of(warm: &Round) -> usize {
    // Positive and far below 2^53.
    (warm.per_second * SLICE_SECONDS).max(200.0) as usize
}

/// How long a bare server has computed its primitive so far, in nanoseconds.
fn computed(bare: &Server) -> Result<f64, AnyError> {
    let mut stream = TcpStream::connect(bare.address)?;
    write!(stream, "GET {} HTTP/1.1\r\nhost: bare\r\nconnection: close\r\n\r\n", bare::COMPUTED)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let body = body_of(&answer)?.ok_or("half an answer")?;
    Ok(std::str::from_utf8(&answer[body])?.parse()?)
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
