use std::ops::Range;
use std::time::Duration;

use serde::Serialize;

use crate::AnyError;
use crate::cpu::CpuTimes;
use crate::driver::{Driver, Run};
use crate::pool::Pool;
use crate::server::Server;

/// One round's figures.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Round {
    pub(crate) requests: usize,
    pub(crate) wall_seconds: f64,
    /// CPU time of the server process for each request, kernel time included, in microseconds.
    pub(crate) cpu_us: f64,
    /// Requests for each second of wall time.
    pub(crate) per_second: f64,
    /// Share of wall time in which the server had its core.
    pub(crate) server_busy: f64,
    /// Share of wall time in which the driver had its core.
    pub(crate) driver_busy: f64,
}

impl Round {
    /// Several rounds as one.
    pub(crate) fn sum(rounds: &[Self]) -> Self {
        let requests: usize = rounds.iter().map(|round| round.requests).sum();
        let wall_seconds: f64 = rounds.iter().map(|round| round.wall_seconds).sum();
        let by_requests = |of: fn(&Self) -> f64| {
            rounds.iter().map(|round| of(round) * round.requests as f64).sum::<f64>() / requests as f64
        };
        let by_time = |of: fn(&Self) -> f64| {
            rounds.iter().map(|round| of(round) * round.wall_seconds).sum::<f64>() / wall_seconds
        };
        Self {
            requests,
            wall_seconds,
            cpu_us: by_requests(|round| round.cpu_us),
            per_second: requests as f64 / wall_seconds,
            server_busy: by_time(|round| round.server_busy),
            driver_busy: by_time(|round| round.driver_busy),
        }
    }
}

/// The rounds of one subject.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) request_bytes: usize,
    pub(crate) body_bytes: usize,
    pub(crate) rounds: Vec<Round>,
}

/// The middle of some values, and how far they go.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (len, at) = (values.len(), |index: usize| values.get(index).copied().unwrap_or(f64::NAN));
        let median = if len.is_multiple_of(2) {
            (at((len / 2).wrapping_sub(1)) + at(len / 2)) / 2.0
        } else {
            at(len / 2)
        };
        Self { median, min: at(0), max: at(len.saturating_sub(1)) }
    }
}

impl Series {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), request_bytes: 0, body_bytes: 0, rounds: Vec::new() }
    }

    /// Runs a round and adds its figures; the kept answers are for the caller to check.
    pub(crate) fn round(
        &mut self,
        server: &Server,
        driver: &mut Driver,
        pool: &Pool,
        count: usize,
    ) -> Result<Run, AnyError> {
        let (round, run) = measured(server, driver, pool, 0..count)?;
        self.request_bytes = pool.request_bytes();
        self.body_bytes = run.body_bytes;
        self.rounds.push(round);
        Ok(run)
    }

    pub(crate) fn cpu_us(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|round| round.cpu_us))
    }

    pub(crate) fn per_second(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|round| round.per_second))
    }

    pub(crate) fn server_busy(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|round| round.server_busy))
    }

    pub(crate) fn driver_busy(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|round| round.driver_busy))
    }

    /// CPU time of `self` for each request, divided by that of `other`, round by round.
    pub(crate) fn cpu_ratio(&self, other: &Self) -> Spread {
        Spread::of(self.rounds.iter().zip(&other.rounds).map(|(own, other)| own.cpu_us / other.cpu_us))
    }

    /// Throughput of `other`, divided by that of `self`, round by round.
    pub(crate) fn wall_ratio(&self, other: &Self) -> Spread {
        Spread::of(
            self.rounds.iter().zip(&other.rounds).map(|(own, other)| other.per_second / own.per_second),
        )
    }
}

/// Runs some requests of a pool and takes the times of both sides.
pub(crate) fn measured(
    server: &Server,
    driver: &mut Driver,
    pool: &Pool,
    range: Range<usize>,
) -> Result<(Round, Run), AnyError> {
    let (own, count) = (std::process::id(), range.len());
    let (server_before, own_before) = (CpuTimes::of(server.pid())?, CpuTimes::of(own)?);
    let run = driver.run(pool, range)?;
    let server_cpu = CpuTimes::of(server.pid())?.since(&server_before);
    let own_cpu = CpuTimes::of(own)?.since(&own_before);
    let share = |cpu: Duration| cpu.as_secs_f64() / run.wall.as_secs_f64();
    let round = Round {
        requests: count,
        wall_seconds: run.wall.as_secs_f64(),
        cpu_us: server_cpu.as_secs_f64() * 1e6 / count as f64,
        per_second: count as f64 / run.wall.as_secs_f64(),
        server_busy: share(server_cpu),
        driver_busy: share(own_cpu),
    };
    Ok((round, run))
}

/// How many requests take about so many seconds.
pub(crate) fn count_for(round: &Round, seconds: f64) -> usize {
    // A count that is not too small to measure; the product is positive and far below 2^53.
    (round.per_second * seconds).max(1_000.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads() {
        let odd = Spread::of([3.0, 1.0, 2.0].into_iter());
        assert!((odd.median, odd.min, odd.max) == (2.0, 1.0, 3.0));
        assert!(Spread::of([1.0, 2.0].into_iter()).median == 1.5);
        assert!(Spread::of(std::iter::empty()).median.is_nan());
    }
}
