use std::fmt;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use zeroize::Zeroizing;

use super::cache::{Cache, Limits, count};
use super::format::{FIXED_LEN, FrameSize, Frames, Header, SALT_LEN, TAG_LEN, USUAL_FRAME_SIZE};
use super::source::{DataKey, DataKeySource, WrappedDataKey};
use super::stream;
use crate::envelope::EnvelopeError;
use crate::{EncryptionContext, Random, SystemRandom};

/// Encrypts and decrypts data of any length under a KMS key. Clones are cheap and share the data keys.
///
/// See the [module's page](crate::envelope).
#[derive(Clone)]
pub struct EnvelopeCipher {
    parts: Arc<Parts>,
}

struct Parts {
    source: Box<dyn DataKeySource>,
    key_id: String,
    limits: Limits,
    frame_size: FrameSize,
    random: Box<dyn Random>,
    to_encrypt: Cache<WrappedDataKey>,
    to_decrypt: Cache<DataKey>,
}

impl EnvelopeCipher {
    /// With data keys of a KMS key, named by id, alias or ARN, within the default [`Limits`].
    pub fn new(source: impl DataKeySource, key_id: impl Into<String>) -> Self {
        Self::with_limits(source, key_id, Limits::default())
    }

    /// The same with other limits.
    pub fn with_limits(source: impl DataKeySource, key_id: impl Into<String>, limits: Limits) -> Self {
        let parts = Parts {
            source: Box::new(source),
            key_id: key_id.into(),
            limits,
            frame_size: FrameSize::new(USUAL_FRAME_SIZE)
                .unwrap_or_else(|| unreachable!("it is one of the sizes")),
            random: Box::new(SystemRandom),
            to_encrypt: Cache::new(),
            to_decrypt: Cache::new(),
        };
        Self { parts: Arc::new(parts) }
    }

    /// Encrypts a message that is in memory: it gets longer by some 300 bytes, and 16 for each 64 KiB.
    ///
    /// # Errors
    /// [`EnvelopeError::Service`] when the service gives no data key.
    pub async fn encrypt(
        &self,
        plaintext: &[u8],
        context: &EncryptionContext,
    ) -> Result<Vec<u8>, EnvelopeError> {
        let size = self.parts.frame_size.bytes();
        let (mut out, mut frames) = self.begin(plaintext.len() as u64, context).await?;
        out.reserve_exact(plaintext.len() + (plaintext.len() / size + 1) * TAG_LEN);
        let mut frame = Vec::with_capacity(size.min(plaintext.len()) + TAG_LEN);
        let mut rest = plaintext;
        loop {
            let (now, later) = rest.split_at(rest.len().min(size));
            frame.clear();
            frame.extend_from_slice(now);
            frames.seal(&mut frame, later.is_empty())?;
            out.extend_from_slice(&frame);
            if later.is_empty() {
                return Ok(out);
            }
            rest = later;
        }
    }

    /// Decrypts what [`EnvelopeCipher::encrypt`] or [`EnvelopeCipher::encrypt_stream`] made, with the same context. The KMS key is
    /// the one that the envelope names, which need not be this cipher's own.
    ///
    /// # Errors
    /// [`EnvelopeError::Refused`] when it was changed or the context is another one; [`EnvelopeError::Service`], with the service's
    /// code, when the service opens no data key.
    pub async fn decrypt(
        &self,
        envelope: &[u8],
        context: &EncryptionContext,
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let cut = || EnvelopeError::Format("it ends in its header");
        let (fixed, rest) = envelope.split_first_chunk::<FIXED_LEN>().ok_or_else(cut)?;
        let (rest, mut body) = rest.split_at_checked(Header::rest_len(fixed)?).ok_or_else(cut)?;
        let header = Header::read(fixed, rest)?;
        let mut frames = self.frames(&header, context).await?;
        let size = header.frame_size.bytes() + TAG_LEN;
        // Room first: a vector that grows would leave a copy behind.
        let mut out = Zeroizing::new(Vec::with_capacity(body.len()));
        let mut frame = Zeroizing::new(Vec::with_capacity(size.min(body.len())));
        loop {
            let (now, later) = body.split_at(body.len().min(size));
            frame.clear();
            frame.extend_from_slice(now);
            frames.open(&mut frame, later.is_empty())?;
            out.extend_from_slice(&frame);
            if later.is_empty() {
                return Ok(out);
            }
            body = later;
        }
    }

    /// Encrypts what a reader gives until its end, frame by frame; tells how many bytes that were.
    ///
    /// # Errors
    /// As [`EnvelopeCipher::encrypt`], and [`EnvelopeError::Io`]. What was written until then is no whole envelope.
    pub async fn encrypt_stream(
        &self,
        from: &mut (impl AsyncRead + Unpin + ?Sized),
        to: &mut (impl AsyncWrite + Unpin + ?Sized),
        context: &EncryptionContext,
    ) -> Result<u64, EnvelopeError> {
        let (key, slot) = self.key(context).await?;
        let (header, frames) = self.header(&key, context)?;
        let bytes = stream::encrypt(from, to, &header, frames, self.parts.frame_size.bytes()).await?;
        count(&slot, &key, bytes).await;
        Ok(bytes)
    }

    /// Decrypts what a reader gives, frame by frame; tells how many bytes that gave. Each frame is checked before it is written,
    /// but only the end tells that nothing was cut off: what was written is to be trusted when this returns `Ok`, and not before.
    ///
    /// # Errors
    /// As [`EnvelopeCipher::decrypt`], and [`EnvelopeError::Io`].
    pub async fn decrypt_stream(
        &self,
        from: &mut (impl AsyncRead + Unpin + ?Sized),
        to: &mut (impl AsyncWrite + Unpin + ?Sized),
        context: &EncryptionContext,
    ) -> Result<u64, EnvelopeError> {
        let header = stream::header(from).await?;
        let frames = self.frames(&header, context).await?;
        stream::decrypt(from, to, frames, header.frame_size.bytes()).await
    }

    async fn begin(
        &self,
        bytes: u64,
        context: &EncryptionContext,
    ) -> Result<(Vec<u8>, Frames), EnvelopeError> {
        let (key, slot) = self.key(context).await?;
        count(&slot, &key, bytes).await;
        self.header(&key, context)
    }

    async fn key(
        &self,
        context: &EncryptionContext,
    ) -> Result<(Arc<WrappedDataKey>, Arc<super::cache::Slot<WrappedDataKey>>), EnvelopeError> {
        let Parts { source, key_id, limits, to_encrypt, .. } = &*self.parts;
        to_encrypt.to_encrypt(context, limits, async || source.generate(key_id, context).await).await
    }

    fn header(
        &self,
        key: &WrappedDataKey,
        context: &EncryptionContext,
    ) -> Result<(Vec<u8>, Frames), EnvelopeError> {
        let mut salt = [0; SALT_LEN];
        self.parts.random.fill(&mut salt).map_err(|_| EnvelopeError::Random)?;
        Header::begin(&key.key, &key.wrapped, self.parts.frame_size, salt, context)
    }

    async fn frames(&self, header: &Header, context: &EncryptionContext) -> Result<Frames, EnvelopeError> {
        let Parts { source, limits, to_decrypt, .. } = &*self.parts;
        let wrapped = header.wrapped.as_str();
        let key = to_decrypt
            .to_decrypt(wrapped, context, limits, async || source.open(wrapped, context).await)
            .await?;
        header.frames(&key, context)
    }
}

impl fmt::Debug for EnvelopeCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvelopeCipher")
            .field("key_id", &self.parts.key_id)
            .field("limits", &self.parts.limits)
            .finish_non_exhaustive()
    }
}
