//! Requests without a caller: anybody can send them, as many as the line carries. Of each source so many a second are
//! recorded; the rest is counted, and the count is recorded.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::event::Fields;
use crate::clock::Clock;

/// Records of each source and second.
const RECORDED: u32 = 100;
/// Sources that are told apart in a second; all others share one count.
const SOURCES: usize = 1024;

/// Who sent what in this second.
pub(super) struct Failures {
    clock: Arc<dyn Clock>,
    window: Mutex<Window>,
    counted: AtomicU64,
}

#[derive(Default)]
struct Window {
    second: i64,
    /// None stands for all sources beyond those that have a place.
    sources: HashMap<Option<IpAddr>, Seen>,
    /// Summaries of seconds that are over.
    summaries: Vec<Vec<u8>>,
}

#[derive(Default)]
struct Seen {
    recorded: u32,
    /// How many were only counted, by their error.
    counted: BTreeMap<String, u64>,
}

impl Failures {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, window: Mutex::default(), counted: AtomicU64::new(0) }
    }

    /// Whether a request from there is to be recorded by itself; if not, it has been counted.
    pub(super) fn is_recorded(&self, source: IpAddr, error_code: &str) -> bool {
        let source = network(source);
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.move_to(self.clock.now().0);
        let has_place = window.sources.len() < SOURCES || window.sources.contains_key(&Some(source));
        let seen = window.sources.entry(has_place.then_some(source)).or_default();
        if seen.recorded < RECORDED {
            seen.recorded += 1;
            return true;
        }
        *seen.counted.entry(error_code.to_owned()).or_default() += 1;
        self.counted.fetch_add(1, Ordering::Relaxed);
        false
    }

    pub(super) fn counted(&self) -> u64 {
        self.counted.load(Ordering::Relaxed)
    }

    /// Records about what was only counted and was not told of yet.
    pub(super) fn take_summaries(&self) -> Vec<Vec<u8>> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.move_to(self.clock.now().0);
        // The second that is under way too: it goes on with what it has recorded.
        window.summarise();
        std::mem::take(&mut window.summaries)
    }
}

impl Window {
    fn move_to(&mut self, second: i64) {
        if self.second != second {
            self.summarise();
            self.sources.clear();
            self.second = second;
        }
    }

    fn summarise(&mut self) {
        for (source, seen) in &mut self.sources {
            if seen.counted.is_empty() {
                continue;
            }
            let counted = std::mem::take(&mut seen.counted);
            let mut fields = Fields::own("AuditSummary", keystead_api::Timestamp(self.second));
            match source {
                Some(source) => fields.json("sourceIpAddress", source),
                None => fields.json("sourceIpAddress", "other"),
            }
            fields.json("count", &counted.values().sum::<u64>());
            fields.json("errorCodes", &counted);
            self.summaries.push(fields.into_bytes());
        }
    }
}

/// One who has IPv6 has a whole network of it.
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use keystead_api::Timestamp;
    use serde_json::Value;

    use super::*;
    use crate::clock::ManualClock;

    fn summaries(failures: &Failures) -> Vec<Value> {
        let parsed = |fields: Vec<u8>| serde_json::from_slice(&[b"{", &fields[..], b"}"].concat()).unwrap();
        failures.take_summaries().into_iter().map(parsed).collect()
    }

    #[test]
    fn so_many_of_a_source_and_second_are_recorded_and_the_rest_is_counted() {
        let clock = Arc::new(ManualClock::at(Timestamp(1_800_000_000)));
        let failures = Failures::new(clock.clone());
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let recorded = (0..250).filter(|_| failures.is_recorded(here, "SignatureDoesNotMatch")).count();
        assert_eq!(recorded, 100);
        assert!(failures.is_recorded("192.0.2.2".parse().unwrap(), "SignatureDoesNotMatch"));
        assert!(!failures.is_recorded(here, "SignatureNonceUsed"));
        let told = summaries(&failures);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["count"], 151);
        assert_eq!(told[0]["sourceIpAddress"], "192.0.2.1");
        assert_eq!(told[0]["errorCodes"]["SignatureDoesNotMatch"], 150);
        assert_eq!(failures.counted(), 151);
        assert!(summaries(&failures).is_empty(), "told once");
        assert!(!failures.is_recorded(here, "SignatureNonceUsed"), "the second is not over");
        clock.advance(1);
        assert!(failures.is_recorded(here, "SignatureNonceUsed"));
        assert_eq!(summaries(&failures)[0]["count"], 1);
    }

    #[test]
    fn memory_is_bounded_and_a_network_of_ipv6_is_one_source() {
        let failures = Failures::new(Arc::new(ManualClock::at(Timestamp(1))));
        let many = |at: u128| IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8 << 96 | at));
        assert_eq!((0..200).filter(|at| failures.is_recorded(many(*at), "x")).count(), 100);
        for at in 0..100_000 {
            failures.is_recorded(many(at << 64), "x");
        }
        assert_eq!(failures.window.lock().unwrap().sources.len(), SOURCES + 1);
        let others =
            summaries(&failures).into_iter().find(|told| told["sourceIpAddress"] == "other").unwrap();
        assert_eq!(others["count"], 100_000 - SOURCES as u64 - 100);
    }
}
