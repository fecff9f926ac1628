//! When credentials are renewed. Pure: times and dice are handed in.

use std::time::Duration;

use super::source::Fetched;

/// The last part of the credentials' life, in which callers wait for a renewal under way.
const URGENT: i64 = 60;

/// The longest pause after a failed fetch, in seconds.
pub(super) const MAX_PAUSE: i64 = 10;

/// The points in time, in Unix seconds, at which a fetched value changes its standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Schedule {
    /// From here on the value is served and renewed beside.
    pub(super) renew_at: i64,
    /// From here on callers wait for the renewal, and get the old value only if it fails.
    pub(super) urgent_at: i64,
    /// From here on the value is not served.
    pub(super) ends_at: i64,
}

impl Schedule {
    /// The schedule of what was fetched at `now`.
    ///
    /// Renewal begins `lead` before the end, or when half of what is left is over if that is later: keys that live shorter
    /// than the lead are not fetched for every call. It is moved forward by up to a fifth of the lead, so that many
    /// processes that started together do not come back together.
    pub(super) fn new(fetched: &Fetched, now: i64, dice: u64) -> Self {
        let mut schedule = Self { renew_at: i64::MAX, urgent_at: i64::MAX, ends_at: i64::MAX };
        if let Some(end) = fetched.provided.expiration {
            let left = end.saturating_sub(now).max(0);
            let lead = seconds(fetched.lead);
            let early = lead.saturating_add(part(lead / 5, dice)).min(left / 2);
            schedule.renew_at = end.saturating_sub(early);
            schedule.urgent_at = end.saturating_sub(URGENT.min(left / 4));
            schedule.ends_at = end;
        }
        if let Some(after) = fetched.renew_after {
            let after = seconds(after);
            let at = now.saturating_add(after - part(after / 10, dice));
            schedule.renew_at = schedule.renew_at.min(at);
        }
        schedule
    }
}

/// How many seconds to wait after the `failures`-th failed fetch in a row (from 1): at least 1, at most a bound that doubles
/// from 2 to 10, by chance.
pub(super) fn pause(failures: u32, dice: u64) -> i64 {
    let bound = 2_i64.checked_pow(failures.max(1)).map_or(MAX_PAUSE, |bound| bound.min(MAX_PAUSE));
    1 + part(bound - 1, dice)
}

/// The share of `whole` that the dice give: 0 for 0, all of it for the largest.
fn part(whole: i64, dice: u64) -> i64 {
    i64::try_from(i128::from(whole) * i128::from(dice) / i128::from(u64::MAX)).unwrap_or(0)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Credentials;

    fn of(life: Option<i64>, lead: u64, renew_after: Option<u64>, dice: u64) -> Schedule {
        let mut fetched = Fetched::new("x", Credentials::access_key("a", "b"), life.map(|life| 1_000 + life));
        fetched.lead = Duration::from_secs(lead);
        fetched.renew_after = renew_after.map(Duration::from_secs);
        Schedule::new(&fetched, 1_000, dice)
    }

    #[test]
    fn renewal_begins_before_the_end() {
        let hour = of(Some(3_600), 900, None, 0);
        assert_eq!(hour, Schedule { renew_at: 3_700, urgent_at: 4_540, ends_at: 4_600 });
        assert_eq!(of(Some(3_600), 900, None, u64::MAX).renew_at, 3_700 - 180);
        // Short lives: half of them.
        assert_eq!(of(Some(900), 900, None, 0).renew_at, 1_450);
        assert_eq!(
            of(Some(10), 900, None, 0),
            Schedule { renew_at: 1_005, urgent_at: 1_008, ends_at: 1_010 }
        );
        assert_eq!(of(Some(0), 900, None, 0).renew_at, 1_000);
    }

    #[test]
    fn some_are_renewed_by_age() {
        assert_eq!(of(Some(6 * 3_600), 900, Some(3_600), 0).renew_at, 4_600);
        assert_eq!(of(Some(6 * 3_600), 900, Some(3_600), u64::MAX).renew_at, 4_600 - 360);
        let lasting = of(None, 900, Some(300), 0);
        assert_eq!(lasting, Schedule { renew_at: 1_300, urgent_at: i64::MAX, ends_at: i64::MAX });
        assert_eq!(of(None, 900, None, 0).renew_at, i64::MAX);
    }

    #[test]
    fn pauses_grow() {
        let longest: Vec<_> = [0, 1, 2, 3, 4, 5, 99].map(|failures| pause(failures, u64::MAX)).into();
        assert_eq!(longest, [2, 2, 4, 8, 10, 10, 10]);
        assert_eq!(pause(50, 0), 1);
    }
}
