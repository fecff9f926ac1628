//! Policies: what documents say, read into types and checked, and what they decide about a call.
//!
//! There are three kinds: [`IdentityPolicy`] of users, groups, roles and sessions, [`PolicyDocument`] of keys and secrets,
//! [`TrustPolicy`] of roles. A document is read whole or refused with the place of its first mistake; a name that stands
//! twice is one. Reading makes everything ready: [`decide`] allocates nothing and does no I/O, the same facts give the same
//! decision.

mod call;
mod condition;
mod decide;
mod fields;
mod holds;
mod identity;
mod json;
mod key;
mod network;
mod parse;
mod pattern;
mod place;
mod principals;
mod resource;
mod statement;
mod system;
mod trust;
mod words;

use std::fmt;

use thiserror::Error;

pub use call::{Caller, CallerKind, Context, Resource, Tags, Target};
pub use condition::{Condition, Operands, Operator};
pub use decide::{Decider, Decision, Side, Verdict, decide, decide_role, open_to_other_accounts};
pub use identity::IdentityPolicy;
pub use key::ConditionKey;
pub use network::Network;
pub use pattern::Pattern;
pub use resource::{PolicyDocument, Principal, Statement};
pub use statement::Effect;
pub use system::SystemPolicy;
pub use trust::{TrustPolicy, TrustedPrincipal};

/// Bytes of a key's or secret's policy at most (KMS API reference, SetKeyPolicy).
pub const MAX_POLICY_BYTES: usize = 32_768;
/// Characters of a custom policy at most (RAM, limits).
pub const MAX_CUSTOM_POLICY_CHARS: usize = 6_144;
/// Characters of a session's policy at most (STS API reference, AssumeRole).
pub const MAX_SESSION_POLICY_CHARS: usize = 2_048;
/// Characters of a trust policy at most.
pub const MAX_TRUST_POLICY_CHARS: usize = 4_096;

/// A document that is refused: where, and why.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct PolicyError {
    place: String,
    reason: String,
}

impl PolicyError {
    /// The place: a path such as `Statement[0].Effect`, or line and column where it is no JSON; empty for the whole.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What is wrong there.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.place, self.reason)
        }
    }
}
