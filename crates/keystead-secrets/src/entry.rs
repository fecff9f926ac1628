//! What is kept of one secret, and how a refresh changes it.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::age::Ages;
use crate::cache_file::{Change, Record};
use crate::counters::Counters;
use crate::error::{SecretError, SecretErrorKind};
use crate::fetch::{Fetched, backoff, fetch};
use crate::id::SecretId;
use crate::order::Endpoints;
use crate::value::SecretValue;

/// How long the service's refusal of a secret is remembered; it doubles with each one in a row, up to the greatest.
const REFUSAL: Duration = Duration::from_secs(5);
const LAST_REFUSAL: Duration = Duration::from_secs(60);
/// How long it is remembered that nobody was asked.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Who is told of each refresh.
pub(crate) type Hook = Box<dyn Fn(&SecretId, &Result<SecretValue, SecretError>) + Send + Sync>;

/// Where values come from, how old they may be, and what has happened.
pub(crate) struct Supply {
    pub(crate) endpoints: Endpoints,
    pub(crate) ages: Ages,
    /// How long beyond its age a value stands in.
    pub(crate) stale: Duration,
    pub(crate) hook: Option<Hook>,
    pub(crate) counters: Counters,
}

/// The outcome that callers get until a moment.
pub(crate) struct Snapshot {
    outcome: Result<SecretValue, SecretError>,
    until: Instant,
    is_stale: bool,
    /// The service was asked for it; else it is out of the cache file.
    was_asked: bool,
}

/// What may be given without a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// What the service said, or an old value when it could not be asked.
    Asked,
    /// The same, and what is out of the cache file.
    Any,
}

pub(crate) struct Entry {
    pub(crate) id: SecretId,
    snapshot: ArcSwapOption<Snapshot>,
    /// The last value as long as it is of use to anybody: what the entry weighs.
    pub(crate) updates: watch::Sender<Option<SecretValue>>,
    pub(crate) started: AtomicBool,
    /// Asked for since the last time that one was looked for that can go.
    pub(crate) used: AtomicBool,
    /// No longer among the others. This and the weight change only under the lock of the totals.
    pub(crate) gone: AtomicBool,
    /// The bytes that are counted for it.
    pub(crate) weight: AtomicUsize,
    /// Fetches that came to an end: who waited for one takes its outcome.
    done: AtomicU64,
    /// Held by the one that fetches; readers of a snapshot never need it.
    pub(crate) gate: tokio::sync::Mutex<()>,
    plan: Mutex<Plan>,
}

struct Plan {
    next: Instant,
    failures: u32,
    refusals: u32,
    polls: u32,
    good: Option<Good>,
}

/// The last value, and how long it serves.
#[derive(Clone)]
struct Good {
    value: SecretValue,
    /// When its age ends.
    since: SystemTime,
    fresh_until: Instant,
    stale_until: Instant,
}

impl Entry {
    pub(crate) fn new(id: SecretId) -> Self {
        Self {
            id,
            snapshot: ArcSwapOption::empty(),
            updates: watch::Sender::new(None),
            started: AtomicBool::new(false),
            used: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            weight: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            gate: tokio::sync::Mutex::new(()),
            plan: Mutex::new(Plan { next: Instant::now(), failures: 0, refusals: 0, polls: 0, good: None }),
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When it is to be refreshed in the background.
    pub(crate) fn next(&self) -> Instant {
        self.plan().next
    }

    /// What callers get now without a request.
    pub(crate) fn kept(&self, kept: Kept, counters: &Counters) -> Option<Result<SecretValue, SecretError>> {
        let snapshot = self.snapshot.load();
        let may = |snapshot: &&Arc<Snapshot>| {
            (snapshot.was_asked || kept == Kept::Any) && Instant::now() < snapshot.until
        };
        let snapshot = snapshot.as_ref().filter(may)?;
        counters.hit(snapshot.is_stale);
        // Looked at first, so that processors need not take the line from each other.
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
        Some(snapshot.outcome.clone())
    }

    /// The bytes of the value that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.updates.borrow().as_ref().map_or(0, SecretValue::bytes_held)
    }

    pub(crate) fn forget(&self) -> Change {
        let change = self.drop_good(&mut self.plan());
        self.snapshot.store(None);
        change
    }

    /// Wipes the last value, unless somebody watches it.
    fn drop_good(&self, plan: &mut Plan) -> Change {
        let change = if plan.good.take().is_some() { Change::Content } else { Change::None };
        if self.updates.receiver_count() == 0 {
            self.updates.send_replace(None);
        }
        change
    }

    /// Whether there is no value that can stand in, and no failure just before.
    fn is_unknown(&self) -> bool {
        let plan = self.plan();
        let stands_in = plan.good.as_ref().is_some_and(|good| Instant::now() < good.stale_until);
        !stands_in && plan.failures == 0
    }

    /// What the cache file keeps of it.
    pub(crate) fn record(&self) -> Option<Record> {
        let good = self.plan().good.clone().filter(|good| Instant::now() < good.stale_until)?;
        Some(Record { id: self.id.clone(), value: good.value })
    }

    /// Takes a value out of the cache file, whose age has ended or not: it stands in until the service was asked.
    pub(crate) fn load(&self, value: SecretValue, supply: &Supply) {
        let (age, now) = (supply.ages.of_value(&self.id, &value), SystemTime::now());
        let since = (value.fetched_at() + age).min(now);
        let Ok(left) = (value.fetched_at() + age + supply.stale).duration_since(now) else { return };
        let (from, until) = (Instant::now(), Instant::now() + left);
        let why = "the value is out of the cache file, and the service has not answered yet";
        let why = SecretError::new(SecretErrorKind::Unavailable, self.id.name(), why);
        let stale = value.stale(since, why);
        let mut plan = self.plan();
        plan.good = Some(Good { value, since, fresh_until: from, stale_until: until });
        self.updates.send_replace(Some(stale.clone()));
        let snapshot = Snapshot { outcome: Ok(stale), until, is_stale: true, was_asked: false };
        self.snapshot.store(Some(snapshot.into()));
    }

    /// The value out of the cache file, as long as the service has not answered.
    pub(crate) fn loaded(&self) -> Option<SecretValue> {
        let snapshot = self.snapshot.load_full()?;
        let may = !snapshot.was_asked && Instant::now() < snapshot.until;
        snapshot.outcome.clone().ok().filter(|_| may)
    }

    /// The service does not answer soon: from now on, nobody waits for that.
    pub(crate) fn no_answer(&self) {
        let _plan = self.plan();
        if let Some(snapshot) = self.snapshot.load_full().filter(|snapshot| !snapshot.was_asked) {
            let (outcome, until) = (snapshot.outcome.clone(), snapshot.until);
            let snapshot = Snapshot { outcome, until, is_stale: snapshot.is_stale, was_asked: true };
            self.snapshot.store(Some(snapshot.into()));
        }
    }

    /// Fetches; or waits for the fetch that is under way, unless `anew`. The outcome of the fetch itself when `anew`, else
    /// what callers get after it.
    pub(crate) async fn refresh(
        &self,
        supply: &Supply,
        anew: bool,
    ) -> (Result<SecretValue, SecretError>, Change) {
        let before = self.done.load(Ordering::Acquire);
        let _gate = self.gate.lock().await;
        let fetched_meanwhile = !anew && self.done.load(Ordering::Acquire) != before;
        if let Some(snapshot) = self.snapshot.load_full().filter(|_| fetched_meanwhile) {
            return (snapshot.outcome.clone(), Change::None);
        }
        // The first one who asks is told what is now; who failed lately waits for those who find out.
        let needs = anew || self.is_unknown();
        let Fetched { outcome, was_asked } = fetch(&supply.endpoints, &self.id, needs).await;
        if was_asked {
            supply.counters.fetches.fetch_add(1, Ordering::Relaxed);
            supply.counters.failures.fetch_add(u64::from(outcome.is_err()), Ordering::Relaxed);
        }
        let (given, change) = self.settle(outcome.clone(), was_asked, supply);
        if let Some(hook) = &supply.hook {
            hook(&self.id, &given);
        }
        self.done.fetch_add(1, Ordering::Release);
        (if anew { outcome } else { given }, change)
    }

    fn settle(
        &self,
        outcome: Result<SecretValue, SecretError>,
        was_asked: bool,
        supply: &Supply,
    ) -> (Result<SecretValue, SecretError>, Change) {
        let now = Instant::now();
        let mut plan = self.plan();
        let (outcome, until, change) = match outcome {
            Ok(value) => {
                (plan.failures, plan.refusals) = (0, 0);
                let age = supply.ages.of_value(&self.id, &value);
                // Refreshed between 80 and 90 % of the age, so that the secrets of a program spread.
                plan.next = now + age.mul_f64(0.8 + 0.1 * dice());
                plan.follow_rotation(&value, now);
                let (since, fresh_until) = (value.fetched_at() + age, now + age);
                let stale_until = fresh_until + supply.stale;
                let before =
                    plan.good.replace(Good { value: value.clone(), since, fresh_until, stale_until });
                let change = match before {
                    Some(before) if before.value.is_same_version(&value) => Change::Younger,
                    _ => Change::Content,
                };
                self.updates.send_if_modified(|seen| {
                    let is_new = seen.as_ref().is_none_or(|seen| !seen.is_same_version(&value));
                    // In any case, so that the memory is not taken twice.
                    *seen = Some(value.clone());
                    is_new
                });
                (Ok(value), fresh_until, change)
            }
            Err(error) if error.kind() == SecretErrorKind::Unavailable => {
                plan.failures = plan.failures.saturating_add(1);
                let pause = backoff(plan.failures);
                plan.next = now + pause;
                match plan.good.clone() {
                    Some(good) if now < good.fresh_until => {
                        plan.next = plan.next.min(good.fresh_until);
                        (Ok(good.value), good.fresh_until, Change::None)
                    }
                    Some(good) if now < good.stale_until => {
                        (Ok(good.value.stale(good.since, error)), good.stale_until, Change::None)
                    }
                    _ => {
                        let change = self.drop_good(&mut plan);
                        // To look again whether somebody found out costs no request.
                        let remembered = if was_asked { pause } else { pause.min(LOOK_AGAIN) };
                        (Err(error), now + remembered, change)
                    }
                }
            }
            Err(error) => {
                let change = self.drop_good(&mut plan);
                plan.failures = 0;
                plan.next = now + supply.ages.of(&self.id);
                let remembered = (REFUSAL * (1 << plan.refusals.min(4))).min(LAST_REFUSAL);
                plan.refusals = plan.refusals.saturating_add(1);
                (Err(error), now + remembered, change)
            }
        };
        let is_stale = outcome.as_ref().is_ok_and(SecretValue::is_stale);
        let snapshot = Snapshot { outcome: outcome.clone(), until, is_stale, was_asked: true };
        // Still under the plan's lock: so it cannot be undone by what was known before.
        self.snapshot.store(Some(snapshot.into()));
        (outcome, change)
    }
}

impl Plan {
    /// A rotation brings a new version: asked for 2 s after its date, and then after 5, 10, 20 s and so on.
    fn follow_rotation(&mut self, value: &SecretValue, now: Instant) {
        let Some(date) = value.next_rotation() else {
            self.polls = 0;
            return;
        };
        let wait = match date.duration_since(SystemTime::now()) {
            Ok(left) => {
                self.polls = 0;
                left + Duration::from_secs(2)
            }
            Err(_) => {
                self.polls = self.polls.saturating_add(1);
                Duration::from_secs(5 << (self.polls - 1).min(10))
            }
        };
        // A date far away would not even fit into an instant.
        self.next = now.checked_add(wait).map_or(self.next, |date| date.min(self.next));
    }
}

/// Random between 0 and 1.
fn dice() -> f64 {
    f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX)
}
