use std::fmt;

use crate::policy::PolicyError;

/// Where in a document the parser is. A chain on the stack, so that a place costs nothing until there is an error.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Whole,
    Name(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    pub(super) fn name(&'a self, name: &'a str) -> Self {
        Self::Name(self, name)
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }

    /// The error that something is wrong here.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> PolicyError {
        PolicyError { place: self.to_string(), reason: reason.into() }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Name(Place::Whole, name) => f.write_str(name),
            Self::Name(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A text of the document's as an error may show it: quoted, escaped, and not longer than a line.
pub(super) fn shown(text: &str) -> String {
    const MAX: usize = 64;
    match text.char_indices().nth(MAX) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
