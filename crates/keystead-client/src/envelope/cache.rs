use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::source::{DataKey, WrappedDataKey};
use crate::EncryptionContext;
use crate::envelope::EnvelopeError;

/// How long a data key is used, whichever of these is reached first. Where one is zero, each message gets a data key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Since the service gave or opened it. Permissions that are taken away count after this time at the latest.
    pub age: Duration,
    /// Messages that it encrypts.
    pub messages: u64,
    /// Bytes that it encrypts; a message that is under way is not cut off.
    pub bytes: u64,
    /// Data keys that are kept, each way: one for each context to encrypt, one for each envelope's data key to decrypt.
    pub entries: usize,
}

impl Default for Limits {
    /// 5 minutes, 10,000 messages, 1 GiB, 1,000 keys.
    fn default() -> Self {
        Self { age: Duration::from_secs(300), messages: 10_000, bytes: 1 << 30, entries: 1_000 }
    }
}

/// Data keys by what they are asked for by. Whoever asks for the same while it is fetched waits for that.
pub(super) struct Cache<T> {
    slots: Mutex<HashMap<Vec<u8>, Arc<Slot<T>>>>,
}

pub(super) type Slot<T> = tokio::sync::Mutex<Option<Kept<T>>>;

/// A data key with what was done with it.
pub(super) struct Kept<T> {
    pub(super) key: Arc<T>,
    since: Instant,
    messages: u64,
    bytes: u64,
}

impl<T> Cache<T> {
    pub(super) fn new() -> Self {
        Self { slots: Mutex::default() }
    }

    /// The place for a name; when there are too many, the others are forgotten that nobody uses at the moment.
    fn slot(&self, name: Vec<u8>, entries: usize) -> Arc<Slot<T>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= entries.max(1) && !slots.contains_key(&name) {
            let mut room = slots.len() / 8 + 1;
            slots.retain(|_, slot| {
                let keep = room == 0 || Arc::strong_count(slot) > 1;
                room -= usize::from(!keep);
                keep
            });
        }
        slots.entry(name).or_default().clone()
    }
}

impl Cache<WrappedDataKey> {
    /// A data key to encrypt with, for one more message.
    pub(super) async fn to_encrypt(
        &self,
        context: &EncryptionContext,
        limits: &Limits,
        fetch: impl AsyncFnOnce() -> Result<WrappedDataKey, EnvelopeError>,
    ) -> Result<(Arc<WrappedDataKey>, Arc<Slot<WrappedDataKey>>), EnvelopeError> {
        let slot = self.slot(context.to_json().into_bytes(), limits.entries);
        let mut kept = slot.lock().await;
        let usable = kept.as_ref().is_some_and(|kept| {
            kept.since.elapsed() < limits.age && kept.messages < limits.messages && kept.bytes < limits.bytes
        });
        if !usable {
            // One that is over is gone also when the service gives no other.
            *kept = None;
            let since = Instant::now();
            *kept = Some(Kept { key: Arc::new(fetch().await?), since, messages: 0, bytes: 0 });
        }
        let key = kept.as_mut().map(|kept| {
            kept.messages += 1;
            kept.key.clone()
        });
        drop(kept);
        key.map(|key| (key, slot)).ok_or(EnvelopeError::DataKey)
    }
}

/// Counts what was encrypted with a key, if it is still the one that is kept.
pub(super) async fn count(slot: &Slot<WrappedDataKey>, key: &Arc<WrappedDataKey>, bytes: u64) {
    if let Some(kept) = slot.lock().await.as_mut()
        && Arc::ptr_eq(&kept.key, key)
    {
        kept.bytes = kept.bytes.saturating_add(bytes);
    }
}

impl Cache<DataKey> {
    /// The data key of an envelope.
    pub(super) async fn to_decrypt(
        &self,
        wrapped: &str,
        context: &EncryptionContext,
        limits: &Limits,
        fetch: impl AsyncFnOnce() -> Result<DataKey, EnvelopeError>,
    ) -> Result<Arc<DataKey>, EnvelopeError> {
        // A wrapped key has no line break in it.
        let slot =
            self.slot([wrapped.as_bytes(), b"\n", context.to_json().as_bytes()].concat(), limits.entries);
        let mut kept = slot.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.since.elapsed() < limits.age) {
            return Ok(kept.key.clone());
        }
        *kept = None;
        let since = Instant::now();
        let key = Arc::new(fetch().await?);
        *kept = Some(Kept { key: key.clone(), since, messages: 0, bytes: 0 });
        Ok(key)
    }
}
