//! Instances: keys and secrets of their own under a key of their own, behind an address and a CA of their own.

mod make;

use std::sync::Arc;

use keystead_store::Range;
use tokio::sync::watch;

use crate::ca::{CaError, PrivateCa};
use crate::engine::Engine;
use crate::image::{ImageError, Versioned, decode};
use crate::records::{InstanceRecord, path};
use crate::vault::VaultError;

pub use make::{InstanceError, NewInstance};

/// Records read at once.
const CHUNK: usize = 500;

impl Engine {
    /// The instance with this id, out of the image. None: there is none, or it was released.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub async fn instance(
        &self,
        instance_id: &str,
    ) -> Result<Option<Arc<Versioned<InstanceRecord>>>, ImageError> {
        let record = self.image.get::<InstanceRecord>(&path::instance(instance_id)).await?;
        Ok(record.filter(|record| *record.value.instance_id == *instance_id))
    }

    /// All instances of all accounts, in the order of their ids.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn instances(&self) -> Result<Vec<InstanceRecord>, ImageError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let records = self.store.scan(Range::prefix(path::INSTANCES), after, CHUNK).await?;
            for record in &records {
                all.push(decode::<InstanceRecord>(record)?.value);
            }
            if records.len() < CHUNK {
                return Ok(all);
            }
            after = records.last().map(|record| record.key.clone());
        }
    }

    /// Moves on whenever instances were made, changed or released, here or by another node; by then the image has applied it.
    pub fn instances_changed(&self) -> watch::Receiver<u64> {
        self.image.instances_changed()
    }

    /// Opens the CA of an instance.
    ///
    /// # Errors
    /// [`CaError::NoInstance`]; else when its record cannot be read or opened.
    pub async fn instance_ca(&self, instance_id: &str) -> Result<PrivateCa, CaError> {
        let record = self.instance(instance_id).await?.ok_or(CaError::NoInstance)?;
        let keys = self.vault.instance_of(&self.image, &record).await?;
        let key_der = keys.open_instance_ca_key(&record.value);
        let key_der = key_der.map_err(|_| VaultError::Unopened("key of an instance's CA"))?;
        PrivateCa::of(record.value.ca_certificate_pem.clone(), &key_der)
    }
}
