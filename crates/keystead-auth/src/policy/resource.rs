//! Policies of keys and secrets.

use crate::policy::call::{Caller, CallerKind, Context, Target};
use crate::policy::condition::Condition;
use crate::policy::pattern::Pattern;
use crate::policy::statement::{Effect, all_hold, verdict};
use crate::policy::{PolicyError, Verdict, parse};

/// The policy of a key or a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyDocument {
    /// Its statements, at least one, in their order.
    pub statements: Vec<Statement>,
}

/// One statement. Its resource is always the key or secret that has the policy: the grammar has only `*`.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// A name for people.
    pub sid: Option<String>,
    /// What it does when it applies.
    pub effect: Effect,
    /// Whom it is about, at least one.
    pub principals: Vec<Principal>,
    /// What it is about, at least one; patterns over action names such as `kms:Encrypt`.
    pub actions: Vec<Pattern>,
    /// What must hold besides; all of it. May be empty.
    pub conditions: Vec<Condition>,
}

impl PolicyDocument {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is too long, is no JSON, or breaks the grammar; the error names the place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        parse::resource_policy(text)
    }

    /// What it says about a permission on the resource that has it.
    ///
    /// A statement that names all of the owner's account lets the account's own policies decide, and allows none of its
    /// users anything by itself. Its denial is one for everybody in the account.
    pub fn evaluate(&self, target: &Target<'_>, context: &Context<'_>) -> Verdict {
        verdict(self.statements.iter().map(|statement| statement.applies(target, context)))
    }
}

impl Statement {
    fn applies(&self, target: &Target<'_>, context: &Context<'_>) -> Option<Effect> {
        let delegates = self.effect == Effect::Allow && context.caller.account == target.account();
        let named = |principal: &Principal| {
            principal.is(&context.caller) && !(delegates && principal.is_whole_account())
        };
        let applies = self.actions.iter().any(|action| action.matches_ignoring_case(target.action()))
            && self.principals.iter().any(named)
            && all_hold(&self.conditions, self.effect, target, context);
        applies.then_some(self.effect)
    }
}

/// Whom a statement is about, in the account that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// `acs:ram::<account>:*`
    Account(String),
    /// `acs:ram::<account>:root`
    Root(String),
    /// `acs:ram::<account>:user/<name>`
    User {
        /// The account.
        account: String,
        /// The user's name.
        name: String,
    },
    /// `acs:ram::<account>:role/<name>`
    Role {
        /// The account.
        account: String,
        /// The role's name.
        name: String,
    },
}

impl Principal {
    /// The account that it names.
    pub fn account(&self) -> &str {
        match self {
            Self::Account(account) | Self::Root(account) => account,
            Self::User { account, .. } | Self::Role { account, .. } => account,
        }
    }

    /// Whether it names everybody in its account. `root` does, too: it stands for the account.
    pub fn is_whole_account(&self) -> bool {
        matches!(self, Self::Account(_) | Self::Root(_))
    }

    /// Whether the caller is one of those that it names. Names are compared without regard to case, as no two users or
    /// roles of an account differ only in it.
    pub(super) fn is(&self, caller: &Caller<'_>) -> bool {
        let named = match (self, caller.kind) {
            (_, CallerKind::Service { .. } | CallerKind::Federated { .. }) => false,
            (Self::Account(_) | Self::Root(_), _) => true,
            (Self::User { name, .. }, CallerKind::User { name: caller }) => name.eq_ignore_ascii_case(caller),
            (Self::Role { name, .. }, CallerKind::Role { name: role, .. }) => name.eq_ignore_ascii_case(role),
            _ => false,
        };
        named && self.account() == caller.account
    }
}
