//! Why there are no credentials.

use std::fmt;
use std::io;

use super::effects::{HttpFault, ProcessFault};

/// Why a source gave no credentials, with what the sources below it said.
///
/// Its texts name variables, files, profiles, statuses and codes. They never hold a secret, nor anything that a file, a
/// command or an answer has beyond those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError {
    provider: String,
    fault: Fault,
    causes: Vec<ProviderError>,
}

/// What was wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing asks for this source: a variable or setting that it needs is not there.
    #[error("{0} is not set")]
    NotSet(String),
    /// A variable turns the source off.
    #[error("turned off by {0}")]
    Disabled(&'static str),
    /// A setting has a value that cannot be used.
    #[error("{0}")]
    Setting(String),
    /// A file cannot be read.
    #[error("the file {path} cannot be read: {kind}")]
    File {
        /// The file.
        path: String,
        /// Why.
        kind: io::ErrorKind,
    },
    /// A file, an output or an answer has another form than it should. The text says which, and where.
    #[error("{0}")]
    Malformed(String),
    /// There is no answer from the service.
    #[error(transparent)]
    Http(#[from] HttpFault),
    /// The service refused.
    #[error("refused with status {status}{}{}", shown(" and code ", code.as_deref()), shown(", request id ", request_id.as_deref()))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The service's code, if the answer has one.
        code: Option<String>,
        /// The request's id, if the answer has one.
        request_id: Option<String>,
    },
    /// The command of the profile gave nothing.
    #[error(transparent)]
    Command(#[from] ProcessFault),
    /// What was found has expired already.
    #[error("{0} has expired")]
    Expired(&'static str),
    /// The request to the service cannot be made.
    #[error("the request cannot be made: {0}")]
    Request(String),
    /// A source that this one stands on gave none.
    #[error("{0}")]
    Below(String),
    /// No source of the chain has credentials.
    #[error("none of the sources has credentials")]
    NoneWorked,
    /// The fetching took longer than any fetching may, or could not be done in this place.
    #[error("{0}")]
    Aborted(&'static str),
}

impl ProviderError {
    /// An error of the source with this name.
    pub fn new(provider: impl Into<String>, fault: Fault) -> Self {
        Self { provider: provider.into(), fault, causes: Vec::new() }
    }

    /// Adds what the sources below said.
    #[must_use]
    pub fn because(mut self, causes: impl IntoIterator<Item = ProviderError>) -> Self {
        self.causes.extend(causes);
        self
    }

    /// The name of the source, such as `ram_role_arn`.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// What was wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// What the sources below said, in the order in which they were asked.
    #[must_use]
    pub fn causes(&self) -> &[ProviderError] {
        &self.causes
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.provider, self.fault)?;
        for (at, cause) in self.causes.iter().enumerate() {
            write!(f, "{}{cause}", if at == 0 { " [" } else { "; " })?;
        }
        if self.causes.is_empty() { Ok(()) } else { f.write_str("]") }
    }
}

impl std::error::Error for ProviderError {}

fn shown(before: &str, text: Option<&str>) -> String {
    text.map(|text| format!("{before}{text}")).unwrap_or_default()
}
