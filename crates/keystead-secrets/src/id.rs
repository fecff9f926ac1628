//! Which value of which secret.

use std::fmt;

/// A secret's name (or its ARN, for a secret of another account), and which of its versions is meant.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretId {
    pub(crate) name: Box<str>,
    pub(crate) which: Which,
}

/// Which version of a secret.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Which {
    /// The one that has this stage label now.
    Stage(Box<str>),
    /// The one with this id; its value never changes.
    Version(Box<str>),
}

/// The stage label of the version that is in use.
pub const CURRENT: &str = "ACSCurrent";

/// The stage label of the version that was in use before.
pub const PREVIOUS: &str = "ACSPrevious";

impl SecretId {
    /// The version with a stage label, such as [`CURRENT`].
    pub fn stage(name: impl Into<String>, stage: impl Into<String>) -> Self {
        Self { name: boxed(name), which: Which::Stage(boxed(stage)) }
    }

    /// The version with this id. The service ignores ids of secrets that rotate.
    pub fn version(name: impl Into<String>, id: impl Into<String>) -> Self {
        Self { name: boxed(name), which: Which::Version(boxed(id)) }
    }

    /// The secret's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stage label or the version's id, and whether it is the latter.
    pub(crate) fn which(&self) -> (&str, bool) {
        match &self.which {
            Which::Stage(stage) => (stage, false),
            Which::Version(id) => (id, true),
        }
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.which {
            Which::Stage(stage) if &**stage == CURRENT => f.write_str(&self.name),
            Which::Stage(stage) => write!(f, "{} at {stage}", self.name),
            Which::Version(id) => write!(f, "{} version {id}", self.name),
        }
    }
}

impl fmt::Debug for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn boxed(text: impl Into<String>) -> Box<str> {
    text.into().into_boxed_str()
}
