//! Trust policies of roles: who may take one.

use crate::policy::call::{Caller, CallerKind, Context, Target};
use crate::policy::condition::Condition;
use crate::policy::resource::Principal;
use crate::policy::statement::{Actions, Effect, all_hold, verdict};
use crate::policy::{PolicyError, Verdict, parse};

/// A role's trust policy.
#[derive(Clone, Debug, PartialEq)]
pub struct TrustPolicy {
    pub(super) statements: Vec<TrustStatement>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct TrustStatement {
    pub(super) effect: Effect,
    pub(super) principals: Vec<TrustedPrincipal>,
    pub(super) actions: Actions,
    pub(super) conditions: Vec<Condition>,
}

/// Whom a role trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedPrincipal {
    /// `RAM`: users, roles, whole accounts.
    Ram(Principal),
    /// `Service`: a service's domain, such as `ecs.aliyuncs.com`.
    Service(String),
    /// `Federated`: the ARN of an identity provider.
    Federated(String),
}

impl TrustPolicy {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is too long, is no JSON, or breaks the grammar; the error names the place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        parse::trust_policy(text)
    }

    /// Whom its statements name.
    pub fn principals(&self) -> impl Iterator<Item = &TrustedPrincipal> {
        self.statements.iter().flat_map(|statement| &statement.principals)
    }

    /// What it says about taking the role. Who is trusted as part of an account needs its own policies' permission, too.
    pub fn evaluate(&self, target: &Target<'_>, context: &Context<'_>) -> Verdict {
        verdict(self.statements.iter().map(|statement| statement.applies(target, context)))
    }
}

impl TrustStatement {
    fn applies(&self, target: &Target<'_>, context: &Context<'_>) -> Option<Effect> {
        let applies = self.actions.contain(target.action())
            && self.principals.iter().any(|principal| principal.is(&context.caller))
            && all_hold(&self.conditions, self.effect, target, context);
        applies.then_some(self.effect)
    }
}

impl TrustedPrincipal {
    fn is(&self, caller: &Caller<'_>) -> bool {
        match (self, caller.kind) {
            (Self::Ram(principal), _) => principal.is(caller),
            (Self::Service(trusted), CallerKind::Service { domain }) => trusted.eq_ignore_ascii_case(domain),
            // Not without regard to case: two providers may differ only in it.
            (Self::Federated(trusted), CallerKind::Federated { provider_arn }) => trusted == provider_arn,
            _ => false,
        }
    }
}
