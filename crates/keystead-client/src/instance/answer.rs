//! What a call gives, and the reading of it.

use std::fmt;
use std::ops::{Deref, DerefMut};

use http::{HeaderMap, StatusCode};
use keystead_api::instance::{ErrorBody, Guarded, HEADER_KEY_VERSION_ID, InstanceMessage};
use prost::Message as _;

use crate::error::Error;

/// The answer of an operation. It dereferences to the message; secrets in it are wiped when it is dropped.
pub struct Answer<M: InstanceMessage> {
    message: Guarded<M>,
    version: Option<String>,
}

impl<M: InstanceMessage> Answer<M> {
    /// The id of the key version that was used, from the answer's header `x-kms-migrationkeyversionid`. The plain forms of
    /// the operations give it only here.
    #[must_use]
    pub fn key_version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

impl<M: InstanceMessage> Deref for Answer<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.message
    }
}

/// So that fields can be taken out with [`std::mem::take`]; what was taken out is not wiped any more.
impl<M: InstanceMessage> DerefMut for Answer<M> {
    fn deref_mut(&mut self) -> &mut M {
        &mut self.message
    }
}

impl<M: InstanceMessage> fmt::Debug for Answer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("message", &self.message).field("key_version", &self.version).finish()
    }
}

/// Reads an answer: the message for a success, the service's error for a status of 400 and more.
///
/// The official SDKs take any other status for a success, so that a redirection gives them a message of empty fields. Here
/// only 2xx is one.
pub(super) fn read<M: InstanceMessage>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answer<M>, Error> {
    let unreadable = Error::Unreadable { status: status.as_u16() };
    if status.is_success() {
        // Merged into a guarded message, so that what was read before a fault is wiped as well.
        let mut message = Guarded::<M>::default();
        message.merge(body).map_err(|_| unreadable)?;
        let version = headers.get(HEADER_KEY_VERSION_ID).and_then(|value| value.to_str().ok());
        return Ok(Answer { message, version: version.map(|value| value.trim().to_owned()) });
    }
    match ErrorBody::decode(body) {
        Ok(error) if status.as_u16() >= 400 && !error.error_code.is_empty() => Err(Error::Service {
            status: status.as_u16(),
            code: error.error_code,
            message: error.error_message,
            request_id: error.request_id,
            retry_after: None,
        }),
        _ => Err(unreadable),
    }
}
