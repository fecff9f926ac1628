//! Policy documents of keys and secrets: what they say, read into types and checked.
//!
//! A document is read whole or refused with the place of its first mistake. What could be read in two ways is refused:
//! a name that stands twice, an element or a condition key that is not known. Nothing here decides about a call; an
//! evaluator finds every value in the type that its operator compares.

mod condition;
mod json;
mod parse;
mod place;

use std::fmt;

use thiserror::Error;

pub use condition::{Condition, ConditionKey, Network, Operands, Operator};

/// Bytes of a document at most (KMS API reference, SetKeyPolicy).
pub const MAX_POLICY_BYTES: usize = 32_768;

/// The policy of a key or a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyDocument {
    /// Its statements, at least one, in their order.
    pub statements: Vec<Statement>,
}

impl PolicyDocument {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is too long, is no JSON, or breaks the grammar; the error names the place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        parse::document(text)
    }
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

/// What a statement does when it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
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
}

/// A text in which `*` stands for any run of characters, none included, and `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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
