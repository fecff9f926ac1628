//! What the statements of all kinds of policies have in common.

use crate::policy::Verdict;
use crate::policy::call::{Context, Target};
use crate::policy::condition::Condition;
use crate::policy::pattern::Pattern;

/// What a statement does when it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

/// `Action` or `NotAction`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Actions {
    pub(super) patterns: Vec<Pattern>,
    /// Whether it is all but these.
    pub(super) except: bool,
}

impl Actions {
    pub(super) fn contain(&self, action: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches_ignoring_case(action)) != self.except
    }
}

pub(super) fn all_hold(
    conditions: &[Condition],
    effect: Effect,
    target: &Target<'_>,
    context: &Context<'_>,
) -> bool {
    conditions.iter().all(|condition| condition.holds(effect, target, context))
}

/// One statement's denial goes before all that others allow.
pub(super) fn verdict(statements: impl Iterator<Item = Option<Effect>>) -> Verdict {
    let mut verdict = Verdict::Silent;
    for (index, applies) in statements.enumerate() {
        match applies {
            Some(Effect::Deny) => return Verdict::Deny(index),
            Some(Effect::Allow) if verdict == Verdict::Silent => verdict = Verdict::Allow(index),
            _ => {}
        }
    }
    verdict
}
