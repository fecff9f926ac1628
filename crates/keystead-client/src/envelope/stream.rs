use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::format::{FIXED_LEN, Frames, Header, TAG_LEN};
use crate::envelope::EnvelopeError;

/// Reads the header of an envelope.
pub(super) async fn header(from: &mut (impl AsyncRead + Unpin + ?Sized)) -> Result<Header, EnvelopeError> {
    let cut = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => EnvelopeError::Format("it ends in its header"),
        _ => error.into(),
    };
    let mut fixed = [0; FIXED_LEN];
    from.read_exact(&mut fixed).await.map_err(cut)?;
    let mut rest = vec![0; Header::rest_len(&fixed)?];
    from.read_exact(&mut rest).await.map_err(cut)?;
    Header::read(&fixed, &rest)
}

/// Writes the header and the frames of all that is read.
pub(super) async fn encrypt(
    from: &mut (impl AsyncRead + Unpin + ?Sized),
    to: &mut (impl AsyncWrite + Unpin + ?Sized),
    header: &[u8],
    mut frames: Frames,
    size: usize,
) -> Result<u64, EnvelopeError> {
    to.write_all(header).await?;
    let mut bytes = 0;
    each(from, size, async |frame, last| {
        bytes += frame.len() as u64;
        frames.seal(frame, last)?;
        Ok(to.write_all(frame).await?)
    })
    .await?;
    to.flush().await?;
    Ok(bytes)
}

/// Writes what is in the frames.
pub(super) async fn decrypt(
    from: &mut (impl AsyncRead + Unpin + ?Sized),
    to: &mut (impl AsyncWrite + Unpin + ?Sized),
    mut frames: Frames,
    size: usize,
) -> Result<u64, EnvelopeError> {
    let mut bytes = 0;
    each(from, size + TAG_LEN, async |frame, last| {
        frames.open(frame, last)?;
        bytes += frame.len() as u64;
        Ok(to.write_all(frame).await?)
    })
    .await?;
    to.flush().await?;
    Ok(bytes)
}

/// Takes what is read in parts of `size` bytes. Whether one is the last shows only when the next one is tried.
async fn each(
    from: &mut (impl AsyncRead + Unpin + ?Sized),
    size: usize,
    mut take: impl AsyncFnMut(&mut Vec<u8>, bool) -> Result<(), EnvelopeError>,
) -> Result<(), EnvelopeError> {
    // With room for a tag: a vector that grows would leave a copy behind.
    let room = || Zeroizing::new(Vec::with_capacity(size + TAG_LEN));
    let (mut now, mut next) = (room(), room());
    fill(from, &mut now, size).await?;
    loop {
        next.clear();
        if now.len() == size {
            fill(from, &mut next, size).await?;
        }
        let last = next.is_empty();
        take(&mut now, last).await?;
        if last {
            return Ok(());
        }
        std::mem::swap(&mut now, &mut next);
    }
}

/// Reads up to `size` bytes; fewer only at the end.
async fn fill(
    from: &mut (impl AsyncRead + Unpin + ?Sized),
    buffer: &mut Vec<u8>,
    size: usize,
) -> Result<(), EnvelopeError> {
    let mut limited = from.take(size as u64);
    while buffer.len() < size && limited.read_buf(buffer).await? > 0 {}
    Ok(())
}
