//! The first start: what a new store gets, in one commit. Further accounts.

use std::sync::Arc;

use keystead_api::{ApiError, Timestamp};
use keystead_auth::SecretKey;
use keystead_crypto::{KeyMaterial, Random, RandomError, SealError};
use keystead_store::{Batch, Range, Store, StoreError};
use thiserror::Error;

use crate::ca::{CaError, SERVICE_CA, bound_name, new_ca};
use crate::ids;
use crate::image::{ImageError, decode};
use crate::records::{AccessKeyRecord, AccountRecord, InstallationRecord, ServiceCaRecord, Stored, path};
use crate::vault::{AccountKeys, RootKeys};

/// A root key or account key, in bytes.
pub const KEY_LEN: usize = 32;

/// The root AccessKey of a new installation.
pub struct RootAccessKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: SecretKey,
    /// Whether the service made it and wrote it into its file.
    pub in_file: bool,
}

impl RootAccessKey {
    /// Makes one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        let secret = SecretKey::new(ids::access_key_secret(random)?.to_string());
        Ok(Self { id: ids::access_key_id(random)?, secret, in_file: true })
    }
}

/// Whether a store holds an installation.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_installed(store: &dyn Store) -> Result<bool, StoreError> {
    Ok(store.get(path::INSTALLATION).await?.is_some())
}

/// Makes an account, its root AccessKey and the service's CA, all in one commit: a crash leaves either nothing or
/// everything.
///
/// # Errors
/// When there is no randomness, or the store refuses; `Conflict` when somebody else was first.
pub async fn install(
    store: &Arc<dyn Store>,
    root_key: &KeyMaterial,
    access_key: &RootAccessKey,
    random: &dyn Random,
    now: Timestamp,
) -> Result<(), InstallError> {
    let root = RootKeys::new(root_key);
    let ca = new_ca(random, SERVICE_CA, now)?;
    let mut batch = Batch::new();
    let account = new_account(&mut batch, &root, access_key, random, now)?;
    create(
        &mut batch,
        path::INSTALLATION.to_owned(),
        &InstallationRecord {
            account,
            root_access_key_id: access_key.id.clone(),
            access_key_in_file: access_key.in_file,
            created: now,
        },
    )?;
    create(
        &mut batch,
        path::CA.to_owned(),
        &ServiceCaRecord {
            sealed_key: root.seal_service_key(random, &bound_name(&ca.certificate_pem), &ca.key_der)?,
            certificate_pem: ca.certificate_pem,
        },
    )?;
    store.commit(batch).await?;
    Ok(())
}

/// The accounts of an installation: their records, in the order of their ids.
///
/// # Errors
/// When the store cannot be read.
pub async fn accounts(store: &dyn Store) -> Result<Vec<AccountRecord>, InstallError> {
    const CHUNK: usize = 500;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let records = store.scan(Range::prefix(path::account("")), after, CHUNK).await?;
        for record in &records {
            all.push(decode::<AccountRecord>(record)?.value);
        }
        if records.len() < CHUNK {
            return Ok(all);
        }
        after = records.last().map(|record| record.key.clone());
    }
}

/// Enters an account and its root AccessKey into a batch, and returns the account's id.
pub(crate) fn new_account(
    batch: &mut Batch,
    root: &RootKeys,
    access_key: &RootAccessKey,
    random: &dyn Random,
    now: Timestamp,
) -> Result<String, InstallError> {
    let account = ids::account_id(random)?;
    let account_key = KeyMaterial::generate(random, KEY_LEN)?;
    let account_keys = AccountKeys::new(&account_key);
    create(
        batch,
        path::access_key(&access_key.id),
        &AccessKeyRecord {
            access_key_id: access_key.id.clone(),
            account: account.clone(),
            sealed_secret: account_keys.seal_access_key_secret(
                random,
                (&account, &access_key.id),
                access_key.secret.expose(),
            )?,
            active: true,
            created: now,
            owner: None,
        },
    )?;
    create(
        batch,
        path::account(&account),
        &AccountRecord {
            sealed_key: root.seal_account_key(random, &account, &account_key)?,
            account: account.clone(),
            created: now,
            root_access_keys: vec![access_key.id.clone()],
        },
    )?;
    Ok(account)
}

fn create<T: Stored>(batch: &mut Batch, key: String, record: &T) -> Result<(), InstallError> {
    batch.create(key, T::KIND, T::FORMAT, serde_json::to_vec(record).map_err(|_| InstallError::Encode)?);
    Ok(())
}

/// Nothing was made; nothing was stored.
#[derive(Debug, Error)]
pub enum InstallError {
    /// A record cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The CA could not be made.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A record could not be encoded.
    #[error("a record cannot be encoded")]
    Encode,
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be made or recorded.
    #[error("the account is refused: {0}")]
    Refused(ApiError),
}
