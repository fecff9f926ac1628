//! Loading many keys or secrets at once, past the API: for load tests and for moving them in from elsewhere.

use keystead_api::{SecretText, Timestamp};
use keystead_crypto::{Cipher, KeyMaterial, Random, SealError};
use keystead_store::bulk::Loader;
use keystead_store::{Store, StoreError};
use thiserror::Error;

use crate::ids;
use crate::image::{ImageError, decode};
use crate::keys::create::{NewKey, new_key};
use crate::records::{
    AccountRecord, DataType, Id, InstallationRecord, KeySpec, KeyUsage, Label, SecretRecord, SecretType,
    SecretValueRecord, SecretVersion, Stored, path,
};
use crate::secrets;
use crate::secrets::vault::seal_under;
use crate::vault::{AccountKeys, RootKeys};

/// Makes `count` enabled `Aliyun_AES_256` keys in the installation's account, as `CreateKey` without options makes them,
/// each with material of its own. Returns their ids in the order made.
///
/// Records are committed some thousands at a time: after an error those committed before it stay, each key whole or
/// with its version alone, which nothing refers to. An engine that serves the store meanwhile sees the keys as they are
/// committed.
///
/// # Errors
/// When the store is not installed, the root key is another one, there is no randomness, or the store refuses.
pub async fn load_keys(
    store: &dyn Store,
    root_key: &KeyMaterial,
    region: &str,
    count: usize,
    now: Timestamp,
    random: &dyn Random,
) -> Result<Vec<String>, BulkError> {
    let (account, account_keys) = unlock(store, root_key).await?;
    let mut loader = Loader::new(store);
    let mut made = Vec::with_capacity(count);
    for _ in 0..count {
        let material = KeyMaterial::generate(random, Cipher::Aes256.key_len()).map_err(SealError::from)?;
        let (spec, usage) = (KeySpec::Aes256, KeyUsage::EncryptDecrypt);
        let new = NewKey { spec, usage, material: Some(&material) };
        let (key, version) = new_key(random, &account_keys, &account, region, now, &new)?;
        // The version first: a key is only ever seen with its material.
        create(&mut loader, path::key_version(&version.version_id), &version).await?;
        create(&mut loader, path::key(&account, &key.key_id), &key).await?;
        made.push(version.key_id);
    }
    loader.finish().await?;
    Ok(made)
}

/// Makes generic secrets out of names and texts in the installation's account, as `CreateSecret` without options makes
/// them with version id `v1`. Returns how many were made.
///
/// Records are committed some thousands at a time: after an error those committed before it stay, each secret whole or with
/// its value alone, which nothing refers to.
///
/// # Errors
/// As [`load_keys`], and when `CreateSecret` would not take a name or a text; a name that is taken is the store's refusal.
pub async fn load_secrets(
    store: &dyn Store,
    root_key: &KeyMaterial,
    all: impl IntoIterator<Item = (String, SecretText)>,
    now: Timestamp,
    random: &dyn Random,
) -> Result<usize, BulkError> {
    let (account, account_keys) = unlock(store, root_key).await?;
    let account_id = Id::from(&account).map_err(|_| BulkError::Encode)?;
    let mut loader = Loader::new(store);
    let mut made = 0;
    for (name, value) in all {
        let valid =
            secrets::new_name(name, None).and_then(|name| secrets::check_value(&value).map(|()| name));
        let name = valid.map_err(|_| BulkError::Refused(made))?;
        let uid = ids::secret_uid(random).map_err(SealError::from)?;
        let sealed = seal_under(account_keys.secret_values(), random, (&account, &uid, VERSION), &value)?;
        let secret = SecretRecord {
            uid,
            name: name.into(),
            account: account_id,
            instance: None,
            secret_type: SecretType::Generic,
            description: String::new(),
            encryption_key_id: None,
            created: now,
            updated: now,
            planned_delete: None,
            extended_config: None,
            rotation: None,
            policy: None,
            versions: [SecretVersion {
                version_id: VERSION.into(),
                data_type: DataType::Text,
                stages: [Label::Current].into_iter().collect(),
                created: now,
            }]
            .into_iter()
            .collect(),
            tags: Vec::new(),
        };
        let value = SecretValueRecord { key_version: None, sealed_value: sealed };
        // The value first: a secret is only ever seen with it.
        create(&mut loader, path::secret_value(&account, &secret.uid, VERSION), &value).await?;
        create(&mut loader, path::secret(&account, &secret.name), &secret).await?;
        made += 1;
    }
    loader.finish().await?;
    Ok(made)
}

/// The version id of every loaded secret.
const VERSION: &str = "v1";

/// The installation's account and its keys.
async fn unlock(store: &dyn Store, root_key: &KeyMaterial) -> Result<(String, AccountKeys), BulkError> {
    let account = read::<InstallationRecord>(store, path::INSTALLATION).await?.account;
    let record = read::<AccountRecord>(store, &path::account(&account)).await?;
    let account_key =
        RootKeys::new(root_key).open_account_key(&record).map_err(|_| BulkError::WrongRootKey)?;
    Ok((account, AccountKeys::new(&account_key)))
}

async fn read<T: Stored>(store: &dyn Store, key: &str) -> Result<T, BulkError> {
    let record = store.get(key).await?.ok_or(BulkError::NotInstalled)?;
    Ok(decode::<T>(&record)?.value)
}

async fn create<T: Stored>(loader: &mut Loader<'_>, key: String, record: &T) -> Result<(), BulkError> {
    let value = serde_json::to_vec(record).map_err(|_| BulkError::Encode)?;
    Ok(loader.create(key, T::KIND, T::FORMAT, value).await?)
}

/// Keys or secrets were not loaded, or not all.
#[derive(Debug, Error)]
pub enum BulkError {
    /// The store is empty.
    #[error("the store holds no installation")]
    NotInstalled,
    /// The root key is another one.
    #[error("the root key is not the one that this store was made with")]
    WrongRootKey,
    /// A name or a text is none that CreateSecret takes; counted from 0.
    #[error("the name or the value of secret number {0} is not allowed")]
    Refused(usize),
    /// There is no randomness, or sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A record could not be encoded.
    #[error("a record cannot be encoded")]
    Encode,
    /// A record of the installation cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::time::Duration;

    use keystead_crypto::SystemRandom;
    use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};

    use super::*;
    use crate::image::Image;
    use crate::install::{KEY_LEN, RootAccessKey, install};
    use crate::records::KeyRecord;
    use crate::vault::Vault;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    #[tokio::test]
    async fn loaded_keys_open() {
        let dir = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::open(&dir.path().join("data"), EmbeddedOptions::default()).unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let root_key = KeyMaterial::generate(&SystemRandom, KEY_LEN).unwrap();
        let load = |root_key| load_keys(&*store, root_key, "cn-hangzhou", 3, NOW, &SystemRandom);
        assert!(matches!(load(&root_key).await, Err(BulkError::NotInstalled)));

        let access_key = RootAccessKey::generate(&SystemRandom).unwrap();
        install(&store, &root_key, &access_key, &SystemRandom, NOW).await.unwrap();
        let other = KeyMaterial::generate(&SystemRandom, KEY_LEN).unwrap();
        assert!(matches!(load(&other).await, Err(BulkError::WrongRootKey)));

        let made = load(&root_key).await.unwrap();
        assert_eq!(made.len(), 3);
        let account = read::<InstallationRecord>(&*store, path::INSTALLATION).await.unwrap().account;
        let image = Image::new(store.clone(), 1 << 20, Duration::from_secs(1));
        let vault = Vault::new(RootKeys::new(&root_key), 16);
        for key_id in made {
            let key = image.get::<KeyRecord>(&path::key(&account, &key_id)).await.unwrap().unwrap();
            let version = vault.message_key(&image, &key, &key.value.primary_version).await;
            let mut sealed = Vec::new();
            version.unwrap().seal(&SystemRandom, b"", b"text", &mut sealed).unwrap();
        }
    }
}
