//! What a hit costs: `cargo run --release -p keystead-secrets --example hit_cost`.
//!
//! Prints nanoseconds for each hit with 1, 2 and 8 threads, for `cached`, `get`, and, to compare with, a plain `HashMap` that
//! nobody changes: wall time, times the cores that the threads have. Ten thousand secrets are kept; asked for in turn are ten of
//! them, and all, which hardly find anything in the processor's caches.
#![allow(clippy::print_stdout, clippy::unwrap_used)] // a command for people

use std::collections::HashMap;
use std::hint::black_box;
use std::num::NonZero;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use keystead_client::{Client, Credentials, Transport, TransportFuture};
use keystead_secrets::{CachedSecretSource as _, SecretClient, SecretValue};
use tokio::runtime::Builder;

const SECRETS: usize = 10_000;
const HITS: usize = 50_000;
/// The best of so many rounds counts: in the others, the machine did something else too.
const ROUNDS: usize = 40;

struct Service;

impl Transport for Service {
    fn send(&self, _: Request<Bytes>) -> TransportFuture<'_> {
        let body = r#"{"SecretName":"s","SecretData":"hush","SecretDataType":"text","VersionId":"v1"}"#;
        Box::pin(async move { Ok(Response::new(body.as_bytes().to_vec().into())) })
    }
}

/// Nanoseconds of a hit, with so many threads at it.
fn measured(threads: usize, names: &[String], hit: impl Fn(&str) + Send + Sync) -> f64 {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(threads);
    let round = |_| {
        let started = Instant::now();
        thread::scope(|scope| {
            for thread in 0..threads {
                let hit = &hit;
                // Each thread elsewhere, so that they do not go in step.
                scope.spawn(move || {
                    names.iter().cycle().skip(thread * 997).take(HITS).for_each(|name| hit(name));
                });
            }
        });
        started.elapsed().as_nanos() as f64 * cores as f64 / (HITS * threads) as f64
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let kms = Client::builder().endpoint("kms.test").credentials(Credentials::access_key("id", "key"));
    let kms = kms.transport(Arc::new(Service)).build().unwrap();
    let secrets = SecretClient::builder().endpoint("one", kms).max_entries(2 * SECRETS).build().unwrap();
    let names: Vec<String> = (0..SECRETS).map(|number| format!("app/secret-{number:05}")).collect();
    let map: HashMap<String, SecretValue> = runtime.block_on(async {
        let mut map = HashMap::new();
        for name in names.iter() {
            map.insert(name.clone(), secrets.get(name).await.unwrap());
        }
        map
    });
    println!("secrets  threads  HashMap  cached     get");
    for asked in [10, SECRETS] {
        for threads in [1, 2, 8] {
            let names = &names[..asked];
            let plain = measured(threads, names, |name| drop(black_box(map[name].clone())));
            let cached =
                measured(threads, names, |name| drop(black_box(secrets.cached(name).unwrap().unwrap())));
            let got = measured(threads, names, |name| {
                let mut future = secrets.get(name);
                let mut context = Context::from_waker(Waker::noop());
                let Poll::Ready(value) = future.as_mut().poll(&mut context) else { panic!("a miss") };
                drop(black_box(value.unwrap()));
            });
            println!("{asked:>7}  {threads:>7}  {plain:>7.0}  {cached:>6.0}  {got:>6.0}");
        }
    }
}
