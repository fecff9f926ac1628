use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

use super::Text;

/// The label of the value that is in force.
pub(crate) const CURRENT: &str = "ACSCurrent";
/// The label of the value that was in force before.
pub(crate) const PREVIOUS: &str = "ACSPrevious";

/// A stage label of a secret's version. The service's own two are no texts, because nearly every version has one of them and
/// no other.
#[derive(Clone, PartialEq, Eq)]
pub enum Label {
    /// `ACSCurrent`
    Current,
    /// `ACSPrevious`
    Previous,
    /// One of its owner's.
    Own(Box<str>),
}

/// The stage labels of a version.
pub type Labels = SmallVec<[Label; 2]>;

impl Label {
    /// The label itself.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Current => CURRENT,
            Self::Previous => PREVIOUS,
            Self::Own(label) => label,
        }
    }
}

impl Deref for Label {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Label {
    fn from(label: &str) -> Self {
        match label {
            CURRENT => Self::Current,
            PREVIOUS => Self::Previous,
            own => Self::Own(own.into()),
        }
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other)
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}
