//! How long Encrypt takes beside computations that take long.

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use keystead_crypto::SignatureAlgorithm;
use serde::Serialize;

use crate::AnyError;
use crate::api::Api;
use crate::driver::Driver;
use crate::options::Options;
use crate::pairs::Sign;
use crate::pool::Pool;
use crate::report::plain;
use crate::scenario::{FEW_KEYS, stop};
use crate::series::Spread;
use crate::server::Folder;
use crate::signer::Signer;
use crate::workload::{Encrypt, Workload as _};

/// Connections of Encrypt: few, so that its requests do not wait for each other.
const FEW_CONNECTIONS: u32 = 4;
/// Connections that sign; each always has a request under way.
const SIGNING_CONNECTIONS: u32 = 16;
/// Requests of each round.
const ENCRYPTS: usize = 20_000;
/// More signatures than a round has time for.
const SIGNATURES: usize = 20_000;

/// Latencies of Encrypt in microseconds, and how many signatures were made meanwhile.
#[derive(Debug, Serialize)]
pub(crate) struct LoadFigures {
    alone: Latency,
    loaded: Latency,
    /// Signatures with RSA_4096 for each second of the loaded rounds.
    signatures_per_second: Spread,
}

#[derive(Debug, Default, Serialize)]
struct Latency {
    p50: Vec<f64>,
    p99: Vec<f64>,
    p999: Vec<f64>,
}

/// Encrypt alone and beside signatures with RSA_4096, in turns.
pub(crate) fn run(options: &Options, binary: &Path) -> Result<LoadFigures, AnyError> {
    let dir = tempfile::tempdir()?;
    let folder = Folder::new(binary, dir.path().to_owned());
    let server = folder.serve(options)?;
    let mut api = Api::connect(server.address, folder.credentials()?)?;
    let mut signer = Signer::new(server.address, folder.credentials()?)?;
    let mut encrypt = Encrypt::new(api.create_keys(FEW_KEYS)?);
    let mut sign = Sign::create(&mut api, "AsymmetricSign", "RSA_4096", SignatureAlgorithm::RsaPssSha256)?;
    let mut encrypting = Driver::connect(server.address, FEW_CONNECTIONS)?;
    let mut signing = Driver::connect(server.address, SIGNING_CONNECTIONS)?;
    println!("\nEncrypt alone and beside AsymmetricSign with RSA_4096, {} rounds", options.rounds);

    let (mut alone, mut loaded) = (Latency::default(), Latency::default());
    let mut signatures = Vec::new();
    for round in 0..options.rounds {
        let pool = Pool::fill(ENCRYPTS, &mut signer, &mut encrypt)?;
        let run = encrypting.run(&pool, 0..ENCRYPTS)?;
        encrypt.check(&mut api, &run.kept)?;
        alone.add(run.latencies);

        let pool = Pool::fill(ENCRYPTS, &mut signer, &mut encrypt)?;
        let signs = Pool::fill(SIGNATURES, &mut signer, &mut sign)?;
        let enough = AtomicBool::new(false);
        let (run, signed) = thread::scope(|scope| {
            let load = scope.spawn(|| {
                signing.run_until(&signs, 0..SIGNATURES, &enough).map_err(|error| error.to_string())
            });
            let run = encrypting.run(&pool, 0..ENCRYPTS);
            enough.store(true, Ordering::Relaxed);
            (run, load.join())
        });
        let run = run?;
        let signed = signed.map_err(|_| "the signing thread panicked")??;
        if signed.latencies.len() == SIGNATURES {
            return Err("the signatures ran out before the round's end".into());
        }
        encrypt.check(&mut api, &run.kept)?;
        sign.check(&mut api, &signed.kept)?;
        loaded.add(run.latencies);
        signatures.push(signed.latencies.len() as f64 / signed.wall.as_secs_f64());
        println!(
            "  round {}: p99 {:?} µs alone, {:?} µs beside",
            round + 1,
            alone.p99.last(),
            loaded.p99.last()
        );
    }
    drop((encrypting, signing, api));
    stop([server])?;
    Ok(LoadFigures { alone, loaded, signatures_per_second: Spread::of(signatures.into_iter()) })
}

impl Latency {
    fn add(&mut self, mut latencies: Vec<Duration>) {
        latencies.sort_unstable();
        let at = |share: f64| {
            // The product is positive and below the length.
            let index = (latencies.len() as f64 * share) as usize;
            latencies.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e6)
        };
        self.p50.push(at(0.5));
        self.p99.push(at(0.99));
        self.p999.push(at(0.999));
    }
}

impl LoadFigures {
    pub(crate) fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n**Encrypt beside AsymmetricSign with RSA_4096**\n")?;
        writeln!(out, "| | p50, µs | p99, µs | p99.9, µs |\n|---|---|---|---|")?;
        for (name, latency) in [("alone", &self.alone), ("beside signatures", &self.loaded)] {
            let spread = |values: &[f64]| plain(Spread::of(values.iter().copied()), 0);
            let Latency { p50, p99, p999 } = latency;
            writeln!(out, "| {name} | {} | {} | {} |", spread(p50), spread(p99), spread(p999))?;
        }
        writeln!(
            out,
            "\n{} signatures were made each second meanwhile.",
            plain(self.signatures_per_second, 0)
        )
    }
}
