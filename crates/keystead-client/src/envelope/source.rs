use std::fmt;
use std::pin::Pin;

use zeroize::{Zeroize as _, Zeroizing};

use crate::envelope::EnvelopeError;
use crate::operations::{DecryptRequest, GenerateDataKeyRequest};
use crate::types::{DataKeySpec, SecretBase64};
use crate::{Client, EncryptionContext};

/// Bytes of a data key.
pub(super) const KEY_LEN: usize = 32;

/// A data key in the clear; wiped when it is dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; KEY_LEN]>);

impl DataKey {
    /// A key of 32 bytes. Whoever calls this wipes the copy that stays behind.
    pub fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key itself.
    pub(super) fn expose(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Reads what the service gives for a data key.
    fn read(text: &SecretBase64) -> Result<Self, EnvelopeError> {
        let bytes = text.bytes().map_err(|_| EnvelopeError::DataKey)?;
        let mut key = <[u8; KEY_LEN]>::try_from(bytes.expose()).map_err(|_| EnvelopeError::DataKey)?;
        let data_key = Self::new(key);
        key.zeroize();
        Ok(data_key)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(redacted)")
    }
}

/// A data key and what the service made of it.
#[derive(Clone, Debug)]
pub struct WrappedDataKey {
    /// In the clear.
    pub key: DataKey,
    /// The service's `CiphertextBlob`, at most 65,535 bytes.
    pub wrapped: String,
}

/// What a [`DataKeySource`] returns.
pub type DataKeyFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, EnvelopeError>> + Send + 'a>>;

/// Where data keys come from: a [`Client`], or something else that wraps keys.
pub trait DataKeySource: Send + Sync + 'static {
    /// Makes a data key that is bound to a context.
    fn generate<'a>(
        &'a self,
        key_id: &'a str,
        context: &'a EncryptionContext,
    ) -> DataKeyFuture<'a, WrappedDataKey>;

    /// Opens a wrapped data key.
    fn open<'a>(&'a self, wrapped: &'a str, context: &'a EncryptionContext) -> DataKeyFuture<'a, DataKey>;
}

impl DataKeySource for Client {
    fn generate<'a>(
        &'a self,
        key_id: &'a str,
        context: &'a EncryptionContext,
    ) -> DataKeyFuture<'a, WrappedDataKey> {
        Box::pin(async move {
            let mut request = GenerateDataKeyRequest::new(key_id).key_spec(DataKeySpec::AES_256);
            if !context.is_empty() {
                request = request.encryption_context(context.clone());
            }
            let answer = self.generate_data_key(request).await?;
            Ok(WrappedDataKey {
                key: DataKey::read(&answer.plaintext)?,
                wrapped: answer.ciphertext_blob.into(),
            })
        })
    }

    fn open<'a>(&'a self, wrapped: &'a str, context: &'a EncryptionContext) -> DataKeyFuture<'a, DataKey> {
        Box::pin(async move {
            let mut request = DecryptRequest::new(wrapped);
            if !context.is_empty() {
                request = request.encryption_context(context.clone());
            }
            DataKey::read(&self.decrypt(request).await?.plaintext)
        })
    }
}
