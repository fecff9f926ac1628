//! Policies of users, groups, roles and sessions.

use crate::policy::call::{Context, Target};
use crate::policy::condition::Condition;
use crate::policy::pattern::Pattern;
use crate::policy::statement::{Actions, Effect, all_hold, verdict};
use crate::policy::{PolicyError, Verdict, parse};

/// A policy that is attached to a user, a group or a role, or that narrows a session.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentityPolicy {
    pub(super) statements: Vec<IdentityStatement>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct IdentityStatement {
    pub(super) effect: Effect,
    pub(super) actions: Actions,
    /// Patterns over ARNs.
    pub(super) resources: Vec<Pattern>,
    pub(super) conditions: Vec<Condition>,
}

impl IdentityPolicy {
    /// Reads a document of at most so many characters: [`MAX_CUSTOM_POLICY_CHARS`](crate::policy::MAX_CUSTOM_POLICY_CHARS) or
    /// [`MAX_SESSION_POLICY_CHARS`](crate::policy::MAX_SESSION_POLICY_CHARS).
    ///
    /// # Errors
    /// When it is too long, is no JSON, or breaks the grammar; the error names the place.
    pub fn parse(text: &str, max_chars: usize) -> Result<Self, PolicyError> {
        parse::identity_policy(text, max_chars)
    }

    /// How many statements it has.
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// What it says about a permission.
    pub fn evaluate(&self, target: &Target<'_>, context: &Context<'_>) -> Verdict {
        verdict(self.statements.iter().map(|statement| statement.applies(target, context)))
    }
}

impl IdentityStatement {
    fn applies(&self, target: &Target<'_>, context: &Context<'_>) -> Option<Effect> {
        let matches = match (target.is_container(), target.folds()) {
            (false, false) => Pattern::compare::<false>,
            (false, true) => Pattern::compare::<true>,
            (true, false) => Pattern::matches_container::<false>,
            (true, true) => Pattern::matches_container::<true>,
        };
        let applies = self.actions.contain(target.action())
            && self.resources.iter().any(|pattern| matches(pattern, target.arn()))
            && all_hold(&self.conditions, self.effect, target, context);
        applies.then_some(self.effect)
    }
}
