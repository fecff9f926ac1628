//! Loading many keys at once, past the API: for load tests and for moving keys in from elsewhere.

use keystead_api::Timestamp;
use keystead_crypto::{Cipher, KeyMaterial, Random, SealError};
use keystead_store::bulk::Loader;
use keystead_store::{Store, StoreError};
use thiserror::Error;

use crate::image::{ImageError, decode};
use crate::keys::create::{NewKey, new_key};
use crate::records::{AccountRecord, InstallationRecord, KeySpec, KeyUsage, Stored, path};
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
    let account = read::<InstallationRecord>(store, path::INSTALLATION).await?.account;
    let record = read::<AccountRecord>(store, &path::account(&account)).await?;
    let account_key =
        RootKeys::new(root_key).open_account_key(&record).map_err(|_| BulkError::WrongRootKey)?;
    let account_keys = AccountKeys::new(&account_key);

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

async fn read<T: Stored>(store: &dyn Store, key: &str) -> Result<T, BulkError> {
    let record = store.get(key).await?.ok_or(BulkError::NotInstalled)?;
    Ok(decode::<T>(&record)?.value)
}

async fn create<T: Stored>(loader: &mut Loader<'_>, key: String, record: &T) -> Result<(), BulkError> {
    let value = serde_json::to_vec(record).map_err(|_| BulkError::Encode)?;
    Ok(loader.create(key, T::KIND, T::FORMAT, value).await?)
}

/// Keys were not loaded, or not all.
#[derive(Debug, Error)]
pub enum BulkError {
    /// The store is empty.
    #[error("the store holds no installation")]
    NotInstalled,
    /// The root key is another one.
    #[error("the root key is not the one that this store was made with")]
    WrongRootKey,
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
