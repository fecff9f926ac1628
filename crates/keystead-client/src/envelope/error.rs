use std::io;

use crate::Error;

/// Why data was not encrypted or decrypted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The service gave no data key, or did not open one.
    #[error("no data key: {0}")]
    Service(#[from] Error),
    /// What the service gave is no data key of 32 bytes.
    #[error("the service's answer is no data key of 32 bytes")]
    DataKey,
    /// It does not begin as an envelope does, or is one of a later version.
    #[error("this is no envelope that can be read: {0}")]
    Format(&'static str),
    /// It was changed, cut off or put together from others, or the context is another one. Which of these is not told.
    #[error("the envelope cannot be opened: it was changed, or the context is another one")]
    Refused,
    /// A message is longer than 2^32 frames.
    #[error("the message is too long")]
    TooLong,
    /// There is no randomness.
    #[error("there is no randomness")]
    Random,
    /// A stream could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}
