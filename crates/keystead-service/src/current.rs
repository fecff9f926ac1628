//! Records as the store has them now, to be changed.

use keystead_api::ApiError;
use keystead_store::{Batch, Record};

use crate::call::Call;
use crate::image::{ImageError, decode};
use crate::keys::create::encode;
use crate::records::Stored;

/// A record as the store has it now, to be changed.
pub(crate) struct Current<T> {
    pub(crate) read: Record,
    pub(crate) value: T,
}

/// Reads a record that is about to be changed.
pub(crate) async fn current<T: Stored>(call: &Call<'_>, key: &str) -> Result<Option<Current<T>>, ApiError> {
    let Some(read) = call.engine.store.get(key).await.map_err(ImageError::from)? else { return Ok(None) };
    let value = decode::<T>(&read)?.value;
    Ok(Some(Current { read, value }))
}

impl<T: Stored> Current<T> {
    /// Writes the record back, in its place.
    pub(crate) fn write(&self, batch: &mut Batch) -> Result<(), ApiError> {
        batch.replace(&self.read, encode(&self.value)?);
        Ok(())
    }

    /// Takes it away.
    pub(crate) fn remove(&self, batch: &mut Batch) {
        batch.remove(&self.read);
    }
}
