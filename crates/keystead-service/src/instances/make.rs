use keystead_api::ApiError;
use keystead_crypto::{KeyMaterial, RandomError, SealError};
use keystead_store::Batch;
use thiserror::Error;

use crate::audit::ServiceWork;
use crate::ca::{CaError, new_ca};
use crate::due::Due;
use crate::engine::{CommitError, Engine, MAX_TRIES};
use crate::ids;
use crate::image::ImageError;
use crate::install::KEY_LEN;
use crate::records::{
    DueKind, Id, InstanceOfRecord, InstanceRecord, InstanceStatus, InstanceUseRecord, ReleasedInstanceRecord,
    Stored, path,
};
use crate::vault::{AccountKeys, VaultError};

/// Keys that a new instance holds, each version counting as one.
const KEY_QUOTA: u32 = 1_000;
/// Secrets that a new instance holds.
const SECRET_QUOTA: u32 = 1_000;
/// The class that a new instance shows, in symmetric operations a second; the smallest that is published.
const SPEC: u32 = 1_000;
/// Characters in the name of an instance at most.
const MAX_NAME: usize = 128;

/// What an instance is to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewInstance<'a> {
    /// Its id. None: one is made.
    pub id: Option<&'a str>,
    /// A name for people. None: its id.
    pub name: Option<&'a str>,
    /// Keys that it holds, each version counting as one. None: 1,000.
    pub keys: Option<u32>,
    /// Secrets that it holds. None: 1,000.
    pub secrets: Option<u32>,
    /// Whether it is left unconnected, as one is that was just bought: only `ConnectKmsInstance` makes it usable.
    pub unconnected: bool,
}

impl Engine {
    /// Makes an instance, connected, with a key and a CA of its own, in one commit; returns its id. One with the given id that
    /// is there already and is the account's is left as it is.
    ///
    /// # Errors
    /// [`InstanceError`].
    pub async fn create_instance(&self, account: &str, id: Option<&str>) -> Result<String, InstanceError> {
        self.make_instance(account, NewInstance { id, ..NewInstance::default() }).await
    }

    /// The same with everything that can be said about a new instance.
    ///
    /// # Errors
    /// [`InstanceError`].
    pub async fn make_instance(&self, account: &str, new: NewInstance<'_>) -> Result<String, InstanceError> {
        if new.id.is_some_and(|id| !ids::is_instance_id(id)) {
            return Err(InstanceError::Id);
        }
        if new.name.is_some_and(|name| name.chars().count() > MAX_NAME || name.chars().any(char::is_control))
        {
            return Err(InstanceError::Name);
        }
        let id = match new.id {
            Some(id) => Id::from(id).map_err(|_| InstanceError::Id)?,
            None => ids::instance_id(&*self.random, self.region(), self.now())?,
        };
        let work = ServiceWork::administration(self, "CreateKmsInstance", "keystore", account, &id);
        for _ in 0..MAX_TRIES {
            self.image.fresh().await?;
            if new.id.is_some() {
                if let Some(there) = self.instance(&id).await? {
                    let own = *there.value.account == *account;
                    return if own { Ok(id.as_str().to_owned()) } else { Err(InstanceError::Taken) };
                }
                let released = path::released_instance(&id);
                if let Some(released) = self.image.get::<ReleasedInstanceRecord>(&released).await? {
                    self.finish_release(&id, &released.value).await.map_err(InstanceError::Refused)?;
                }
            }
            let batch = self.new_instance(account, id, &new).await?;
            let result = match work.author(self).commit(batch).await {
                Err(CommitError::Conflict) => continue,
                Ok(_) => Ok(()),
                Err(CommitError::Failed(error)) => Err(error),
            };
            work.finish(self, &result).await;
            return result.map(|()| id.as_str().to_owned()).map_err(InstanceError::Refused);
        }
        Err(InstanceError::Contended)
    }

    /// Removes what waits to be removed of a released instance, so that its id is free.
    async fn finish_release(&self, id: &Id, released: &ReleasedInstanceRecord) -> Result<(), ApiError> {
        let due = Due {
            at: released.released,
            kind: DueKind::InstanceRemoval,
            account: released.account.as_str().to_owned(),
            id: id.as_str().to_owned(),
        };
        self.carry_out(&due, self.now()).await
    }

    async fn new_instance(
        &self,
        account: &str,
        id: Id,
        new: &NewInstance<'_>,
    ) -> Result<Batch, InstanceError> {
        let (random, now) = (&*self.random, self.now());
        let owner = match self.vault.account(&self.image, account).await {
            Err(VaultError::Missing(_)) => return Err(InstanceError::NoAccount),
            owner => owner?,
        };
        let key = KeyMaterial::generate(random, KEY_LEN)?;
        let ca = new_ca(random, &format!("Keystead instance {id}"), now)?;
        let keys = AccountKeys::new(&key);
        let record = InstanceRecord {
            instance_id: id,
            account: Id::from(account).map_err(|_| InstanceError::NoAccount)?,
            name: new.name.unwrap_or(&id).to_owned(),
            status: if new.unconnected { InstanceStatus::Uninitialized } else { InstanceStatus::Connected },
            sealed_key: owner.seal_instance_key(random, (account, &id), &key)?,
            sealed_ca_key: keys.seal_instance_ca_key(random, (&id, &ca.certificate_pem), &ca.key_der)?,
            ca_certificate_pem: ca.certificate_pem,
            created: now,
            key_quota: new.keys.unwrap_or(KEY_QUOTA),
            secret_quota: new.secrets.unwrap_or(SECRET_QUOTA),
            spec: SPEC,
            vpc_id: String::new(),
            vswitch_ids: Vec::new(),
            zone_ids: Vec::new(),
            bind_vpcs: Vec::new(),
            deletion_protection: false,
            deletion_protection_description: String::new(),
        };
        let mut batch = Batch::new();
        put(&mut batch, path::instance(&id), &record)?;
        put(&mut batch, path::instance_of(account, &id), &InstanceOfRecord {})?;
        put(&mut batch, path::instance_use(&id), &InstanceUseRecord::default())?;
        batch.expect_absent(path::released_instance(&id));
        Ok(batch)
    }
}

fn put<T: Stored>(batch: &mut Batch, key: String, record: &T) -> Result<(), InstanceError> {
    batch.create(key, T::KIND, T::FORMAT, serde_json::to_vec(record).map_err(|_| InstanceError::Encode)?);
    Ok(())
}

/// No instance was made.
#[derive(Debug, Error)]
pub enum InstanceError {
    /// That is no id of an instance.
    #[error("an instance's id is kst- and 1 to 32 lower-case letters, digits or dashes")]
    Id,
    /// That is no name of an instance.
    #[error("an instance's name has at most 128 characters, none of them a control character")]
    Name,
    /// There is no such account.
    #[error("there is no such account")]
    NoAccount,
    /// The id is that of another account's instance.
    #[error("another account has an instance with this id")]
    Taken,
    /// Others changed the same records all the time.
    #[error("others change the same records: try again")]
    Contended,
    /// The CA cannot be made.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The account's keys cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A record cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A record cannot be encoded.
    #[error("a record cannot be encoded")]
    Encode,
    /// It could not be stored or recorded.
    #[error("the instance is refused: {0}")]
    Refused(ApiError),
}
