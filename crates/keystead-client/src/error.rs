//! Why a call failed.

use std::time::Duration;

use keystead_api::types::{NotBase64, NotJson};
use keystead_auth::credentials::providers::{ProviderError, RandomFault};

use crate::transport::TransportError;

/// An error of a library below, which is only shown.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call failed. After retries it is what the last attempt met.
///
/// No variant holds a parameter or an answer; the texts can be logged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The service refused the call.
    #[error("{code}: {message} (request id {})", if request_id.is_empty() { "unknown" } else { request_id })]
    Service {
        /// The HTTP status.
        status: u16,
        /// The code for programs, such as `Forbidden.KeyNotFound`.
        code: String,
        /// The text for people.
        message: String,
        /// The request's id, for support; empty when the answer had none.
        request_id: String,
        /// How long the service asks to wait (`x-acs-retry-after`).
        retry_after: Option<Duration>,
    },
    /// The answer is not the JSON that the operation gives. Often something between client and service answered.
    #[error("the answer with status {status} is not one of the service")]
    Unreadable {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is one of the service, but lacks something or is not what was asked for; the text says what.
    #[error("the answer cannot be used: {0}")]
    Answer(&'static str),
    /// There is no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// One attempt took longer than [`attempt_timeout`](crate::ClientBuilder::attempt_timeout).
    #[error("no answer within {0:?}")]
    AttemptTimeout(Duration),
    /// The call with all its attempts took longer than [`call_timeout`](crate::ClientBuilder::call_timeout).
    #[error("the call was not done within {0:?}")]
    CallTimeout(Duration),
    /// The request cannot be sent: a value does not fit into a URL or header.
    #[error("the request cannot be sent: {0}")]
    Request(&'static str),
    /// A parameter has a value that the service would refuse; nothing was sent. [`Error::code`] is `InvalidParameter`.
    #[error("InvalidParameter: {0}")]
    InvalidParameter(&'static str),
    /// The request cannot be signed.
    #[error("the request cannot be signed")]
    Sign(#[from] keystead_auth::SignError),
    /// There are no credentials to sign with.
    #[error("no credentials: {0}")]
    Credentials(#[from] ProviderError),
    /// There was no randomness for the nonce.
    #[error(transparent)]
    Random(#[from] RandomFault),
}

impl From<NotBase64> for Error {
    fn from(_: NotBase64) -> Self {
        Self::Answer("a field is no base64")
    }
}

impl From<NotJson> for Error {
    fn from(_: NotJson) -> Self {
        Self::Answer("a field is not the JSON that was expected")
    }
}

impl Error {
    /// The service's code, when the service refused the call; also for what it would refuse.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Service { code, .. } => Some(code),
            Self::InvalidParameter(_) => Some("InvalidParameter"),
            _ => None,
        }
    }

    /// The service's text for people, when the service refused the call.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Service { message, .. } => Some(message),
            _ => None,
        }
    }

    /// The request's id, when the service gave one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Service { request_id, .. } if !request_id.is_empty() => Some(request_id),
            _ => None,
        }
    }

    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Service { status, .. } | Self::Unreadable { status } => Some(*status),
            _ => None,
        }
    }

    /// Whether the cause may pass by itself: throttling, status 5xx, a fault of the connection, a time limit.
    ///
    /// It does not say that repeating the call is harmless: an operation that is not safe to repeat may have been done.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Service { status, .. } | Self::Unreadable { status } => {
                *status >= 500 || self.is_throttling()
            }
            Self::Transport(TransportError::Connect(_) | TransportError::Broken(_))
            | Self::AttemptTimeout(_)
            | Self::CallTimeout(_) => true,
            _ => false,
        }
    }

    /// Whether the service turned the call away because there were too many.
    pub fn is_throttling(&self) -> bool {
        match self {
            Self::Service { status, code, .. } => {
                *status == 429 || code == "Rejected.Throttling" || code.starts_with("Throttling")
            }
            Self::Unreadable { status } => *status == 429,
            _ => false,
        }
    }

    /// Whether the service refuses the credentials themselves, so that others may be taken.
    pub(crate) fn is_of_credentials(&self) -> bool {
        const CODES: [&str; 2] = ["InvalidSecurityToken", "InvalidAccessKeyId"];
        self.code().is_some_and(|code| CODES.contains(&code.split('.').next().unwrap_or_default()))
    }

    /// Whether the request was surely not processed, so that sending it again cannot do it twice.
    pub(crate) fn is_surely_undone(&self) -> bool {
        match self {
            Self::Transport(TransportError::Connect(_)) => true,
            Self::Service { code, .. } => self.is_throttling() || code == "ServiceUnavailableTemporary",
            Self::Unreadable { .. } => self.is_throttling(),
            _ => false,
        }
    }

    /// How long the service asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Service { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
