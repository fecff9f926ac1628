//! Instances: keys and secrets of their own under a key of their own, behind an address and a CA of their own.

mod account;
mod change;
mod describe;
mod make;
mod release;
mod usage;

use std::collections::BTreeSet;
use std::sync::Arc;

use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Range, Store};
use tokio::sync::watch;

use crate::ca::{CaError, PrivateCa};
use crate::call::Call;
use crate::engine::Engine;
use crate::ids;
use crate::image::{ImageError, Versioned, decode};
use crate::records::{Id, InstanceRecord, path};
use crate::vault::VaultError;

pub(crate) use account::{default, open, status};
pub(crate) use change::{bind_vpc, connect, protect};
pub(crate) use describe::{get, list, quotas};
pub use make::{InstanceError, NewInstance};
pub(crate) use release::{keys_in, release, remove_contents};
pub(crate) use usage::UseChange;

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
        // Whatever a caller sends comes here; a place of the store is made only of what can be an id.
        if !ids::is_instance_id(instance_id) {
            return Ok(None);
        }
        let record = self.image.get::<InstanceRecord>(&path::instance(instance_id)).await?;
        Ok(record.filter(|record| *record.value.instance_id == *instance_id))
    }

    /// Whether what is in this instance is gone with it.
    pub(crate) async fn is_lost(&self, instance: Option<&Id>) -> Result<bool, ImageError> {
        match instance {
            Some(instance) => Ok(self.instance(instance).await?.is_none()),
            None => Ok(false),
        }
    }

    /// All instances of all accounts, in the order of their ids.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn instances(&self) -> Result<Vec<InstanceRecord>, ImageError> {
        instances(&*self.store).await
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

/// All instances of all accounts of an installation, in the order of their ids.
///
/// # Errors
/// When the store cannot be read.
pub async fn instances(store: &dyn Store) -> Result<Vec<InstanceRecord>, ImageError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let records = store.scan(Range::prefix(path::INSTANCES), after, CHUNK).await?;
        for record in &records {
            all.push(decode::<InstanceRecord>(record)?.value);
        }
        if records.len() < CHUNK {
            return Ok(all);
        }
        after = records.last().map(|record| record.key.clone());
    }
}

/// The instance that a request names, which is the caller's. Whoever calls this has checked the permission on it.
///
/// # Errors
/// 403 `Forbidden.DKMSInstanceNotFound`, also for another account's.
async fn own(call: &Call<'_>, instance_id: &str) -> Result<Arc<Versioned<InstanceRecord>>, ApiError> {
    let found = call.engine.instance(instance_id).await?;
    let found = found.filter(|found| *found.value.account == *call.account());
    found.ok_or_else(|| ErrorCode::ForbiddenDkmsInstanceNotFound.into())
}

/// The instance that a new key or secret is to be made in, as `DKMSInstanceId` says; none when it says nothing.
///
/// # Errors
/// 403 `Forbidden.DKMSInstanceNotFound`, `Forbidden.DKMSInstanceStateInvalid`.
pub(crate) async fn of_new(call: &Call<'_>, instance_id: Option<&str>) -> Result<Option<Id>, ApiError> {
    let Some(instance_id) = instance_id.filter(|id| !id.is_empty()) else { return Ok(None) };
    let instance = own(call, instance_id).await?;
    if !instance.value.is_connected() {
        return Err(ErrorCode::ForbiddenDkmsInstanceStateInvalid.into());
    }
    Ok(Some(instance.value.instance_id))
}

/// The instances of an account as they stand in the store, for whoever lists what may be in one.
pub(crate) struct Live(BTreeSet<String>);

impl Live {
    /// Those of the caller's account.
    pub(crate) async fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        let prefix = path::instance_of(call.account(), "");
        let (mut live, mut after) = (BTreeSet::new(), None);
        loop {
            let range = Range::prefix(prefix.as_str());
            let entries = call.engine.store.scan(range, after, CHUNK).await.map_err(ImageError::from)?;
            live.extend(
                entries.iter().filter_map(|entry| entry.key.strip_prefix(&prefix)).map(str::to_owned),
            );
            if entries.len() < CHUNK {
                return Ok(Self(live));
            }
            after = entries.last().map(|entry| entry.key.clone());
        }
    }

    /// Their ids, in order.
    fn into_ids(self) -> BTreeSet<String> {
        self.0
    }

    /// Whether what is in this instance, or in none, is there.
    pub(crate) fn holds(&self, instance: Option<&Id>) -> bool {
        instance.is_none_or(|instance| self.0.contains(instance.as_str()))
    }
}
