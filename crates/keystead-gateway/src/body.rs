use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

/// Bytes of a body at most. The longest documented one is a secret value of 30,720 bytes, three times that when every
/// byte is escaped, beside other parameters.
pub(crate) const MAX_BODY: u64 = 256 << 10;
/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// Of a body that is refused, this much is still taken off the line, so that the client gets to read the answer
/// instead of a reset.
const MAX_DISCARD: u64 = 256 << 20;

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than allowed.
    TooLarge,
    /// It did not come in time, or the client went away.
    Broken,
}

/// Reads a body within its limits. The declared length is looked at before a byte is read. What is left of one that is too
/// large is for the caller to [`discard`], when the answer is there: reading it earlier would invite the client to send it.
pub(crate) async fn read(body: &mut Incoming) -> Result<Bytes, BodyError> {
    read_up_to(body, MAX_BODY).await
}

/// The same with another limit, in bytes.
pub(crate) async fn read_up_to(body: &mut Incoming, max: u64) -> Result<Bytes, BodyError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > max {
        return Err(BodyError::TooLarge);
    }
    let mut whole: Option<Bytes> = None;
    let mut joined = BytesMut::new();
    let deadline = tokio::time::Instant::now() + BODY_TIMEOUT;
    loop {
        let frame = match tokio::time::timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => return Err(BodyError::Broken),
        };
        let Ok(data) = frame.into_data() else { continue };
        let so_far = whole.as_ref().map_or(joined.len(), Bytes::len);
        if so_far as u64 + data.len() as u64 > max {
            return Err(BodyError::TooLarge);
        }
        // Nearly every body is one frame and need not be copied.
        match whole.take() {
            None if joined.is_empty() => whole = Some(data),
            first => {
                if let Some(first) = first {
                    joined.extend_from_slice(&first);
                }
                joined.extend_from_slice(&data);
            }
        }
    }
    Ok(whole.unwrap_or_else(|| joined.freeze()))
}

/// Takes the rest of a body off the line beside the answer, within a bound of bytes and time, keeping nothing.
pub(crate) fn discard(mut body: Incoming) {
    tokio::spawn(tokio::time::timeout(BODY_TIMEOUT, async move {
        let mut left = MAX_DISCARD;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len() as u64));
            if left == 0 {
                break;
            }
        }
    }));
}

/// For a handler that reads no bodies.
pub(crate) fn discard_unless_empty(body: Incoming) {
    if !body.is_end_stream() {
        discard(body);
    }
}
