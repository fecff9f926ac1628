//! Opened keys. Everything that leaves here is either sealed or a key type without `Debug` and serialiser.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::{ApiError, Product, Timestamp};
use keystead_auth::{SecretKey, SigningKey};
use keystead_crypto::{
    DirectKey, KeyMaterial, KeyPairSpec, MacKey, Mode, OpenError, PrivateKey, Purpose, Random, SealError,
    SealingKey,
};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::heavy::Heavy;
use crate::image::{Image, ImageError, Versioned};
use crate::keyed_hash::KeyedHash;
use crate::ram::last_used::{LastUses, UseMark};
use crate::records::{
    AccessKeyRecord, AccountRecord, ClientKeyRecord, Id, InstanceRecord, KeyKind, KeyRecord,
    KeyVersionRecord, Sealed, TokenKey, path,
};

/// The keys under the root key that the service itself uses.
pub struct RootKeys {
    accounts: SealingKey,
    service: SealingKey,
}

impl RootKeys {
    /// Derives them.
    pub fn new(root_key: &KeyMaterial) -> Self {
        Self {
            accounts: SealingKey::derive(root_key, Purpose::WrapAccountKey, b""),
            service: SealingKey::derive(root_key, Purpose::WrapServiceKey, b""),
        }
    }

    /// Seals a new account's key.
    pub(crate) fn seal_account_key(
        &self,
        random: &dyn Random,
        account: &str,
        key: &KeyMaterial,
    ) -> Result<Sealed, SealError> {
        let mut sealed = Vec::new();
        self.accounts.seal(random, account.as_bytes(), key.expose(), &mut sealed)?;
        Ok(Sealed(sealed.into()))
    }

    /// Opens an account's key.
    pub(crate) fn open_account_key(&self, record: &AccountRecord) -> Result<KeyMaterial, OpenError> {
        let key = self.accounts.open(record.account.as_bytes(), &record.sealed_key.0)?;
        Ok(KeyMaterial::from_bytes(key))
    }

    /// Seals a key of the service's own, such as its CA's; `name` is bound.
    pub(crate) fn seal_service_key(
        &self,
        random: &dyn Random,
        name: &str,
        key: &[u8],
    ) -> Result<Sealed, SealError> {
        let mut sealed = Vec::new();
        self.service.seal(random, name.as_bytes(), key, &mut sealed)?;
        Ok(Sealed(sealed.into()))
    }

    /// Opens a key of the service's own.
    pub(crate) fn open_service_key(
        &self,
        name: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.service.open(name.as_bytes(), &sealed.0)
    }
}

/// The keys of one account, or those of one instance.
pub struct AccountKeys {
    material: SealingKey,
    access_keys: SealingKey,
    secret_values: SealingKey,
    import_tokens: SealingKey,
    instances: SealingKey,
    instance_ca: SealingKey,
    /// In a box, because it is large.
    fingerprints: Box<MacKey>,
}

impl AccountKeys {
    /// Derives them from the account's key or the instance's.
    pub(crate) fn new(account_key: &KeyMaterial) -> Self {
        Self {
            material: SealingKey::derive(account_key, Purpose::WrapKeyMaterial, b""),
            access_keys: SealingKey::derive(account_key, Purpose::WrapAccessKeySecret, b""),
            secret_values: SealingKey::derive(account_key, Purpose::AccountSecretValue, b""),
            import_tokens: SealingKey::derive(account_key, Purpose::ImportToken, b""),
            instances: SealingKey::derive(account_key, Purpose::WrapInstanceKey, b""),
            instance_ca: SealingKey::derive(account_key, Purpose::WrapInstanceCaKey, b""),
            fingerprints: Box::new(MacKey::derive(account_key, Purpose::MaterialFingerprint)),
        }
    }

    /// Seals a key version's material; account, key id and version id are bound.
    pub(crate) fn seal_material(
        &self,
        random: &dyn Random,
        (account, key_id, version_id): (&str, &str, &str),
        material: &KeyMaterial,
    ) -> Result<Sealed, SealError> {
        let mut sealed = Vec::new();
        let aad = bound(&[account, key_id, version_id]);
        self.material.seal(random, &aad, material.expose(), &mut sealed)?;
        Ok(Sealed(sealed.into()))
    }

    fn open_material(&self, record: &KeyVersionRecord) -> Result<KeyMaterial, OpenError> {
        let aad = bound(&[&record.account, &record.key_id, &record.version_id]);
        let sealed = record.sealed_material.as_ref().ok_or(OpenError)?;
        Ok(KeyMaterial::from_bytes(self.material.open(&aad, &sealed.0)?))
    }

    /// Seals an AccessKey's secret; account and AccessKey id are bound.
    pub(crate) fn seal_access_key_secret(
        &self,
        random: &dyn Random,
        (account, access_key_id): (&str, &str),
        secret: &str,
    ) -> Result<Sealed, SealError> {
        let mut sealed = Vec::new();
        let aad = bound(&[account, access_key_id]);
        self.access_keys.seal(random, &aad, secret.as_bytes(), &mut sealed)?;
        Ok(Sealed(sealed.into()))
    }

    /// Opens an AccessKey's secret.
    pub(crate) fn open_access_key_secret(
        &self,
        record: &AccessKeyRecord,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.access_keys.open(&bound(&[&record.account, &record.access_key_id]), &record.sealed_secret.0)
    }

    /// Seals the key of one of the account's instances; account and instance id are bound.
    pub(crate) fn seal_instance_key(
        &self,
        random: &dyn Random,
        (account, instance_id): (&str, &str),
        key: &KeyMaterial,
    ) -> Result<Sealed, SealError> {
        let mut sealed = Vec::new();
        self.instances.seal(random, &bound(&[account, instance_id]), key.expose(), &mut sealed)?;
        Ok(Sealed(sealed.into()))
    }

    fn open_instance_key(&self, record: &InstanceRecord) -> Result<KeyMaterial, OpenError> {
        let aad = bound(&[&record.account, &record.instance_id]);
        Ok(KeyMaterial::from_bytes(self.instances.open(&aad, &record.sealed_key.0)?))
    }

    /// Seals the private key of the instance's CA; instance id and certificate are bound.
    pub(crate) fn seal_instance_ca_key(
        &self,
        random: &dyn Random,
        (instance_id, certificate_pem): (&str, &str),
        key_der: &[u8],
    ) -> Result<Sealed, SealError> {
        let mut sealed = Vec::new();
        self.instance_ca.seal(random, &bound(&[instance_id, certificate_pem]), key_der, &mut sealed)?;
        Ok(Sealed(sealed.into()))
    }

    /// Opens the private key of the instance's CA.
    pub(crate) fn open_instance_ca_key(
        &self,
        record: &InstanceRecord,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let aad = bound(&[&record.instance_id, &record.ca_certificate_pem]);
        self.instance_ca.open(&aad, &record.sealed_ca_key.0)
    }

    /// Seals an import token; account and key id are bound.
    pub(crate) fn seal_import_token(
        &self,
        random: &dyn Random,
        (account, key_id): (&str, &str),
        token: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut sealed = Vec::new();
        self.import_tokens.seal(random, &bound(&[account, key_id]), token, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens an import token.
    pub(crate) fn open_import_token(
        &self,
        (account, key_id): (&str, &str),
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.import_tokens.open(&bound(&[account, key_id]), sealed)
    }

    /// By what a key's imported material is known again: it tells nothing of the material, nor whether two keys have the
    /// same.
    pub(crate) fn fingerprint(&self, (account, key_id): (&str, &str), material: &KeyMaterial) -> Vec<u8> {
        let mut message = Zeroizing::new(bound(&[account, key_id]));
        // Room first: a vector that grows would leave a copy behind.
        message.reserve_exact(material.expose().len());
        message.extend_from_slice(material.expose());
        self.fingerprints.sign(&message)
    }

    /// The key for values of secrets whose owner chose no key.
    pub(crate) fn secret_values(&self) -> &SealingKey {
        &self.secret_values
    }
}

/// Associated data of several parts: each with its length in front, so that no two lists give the same bytes.
pub(crate) fn bound(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        // Ids and names are checked to be far shorter than 4 GiB.
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

/// What can be opened.
pub(crate) enum Opened {
    /// An account's or an instance's. Eight keys: apart, so that the others stay small.
    Account(Box<AccountKeys>),
    Version(SealingKey),
    Direct(DirectKey),
    Pair(Box<PrivateKey>),
    /// Prepared, which for SHA-2 takes 1.2 kB: apart, so that the others stay small.
    Mac(Box<MacKey>),
    AccessKey(Box<OpenedAccessKey>),
    /// The public half.
    ClientKey(Box<SigningKey>),
}

/// An AccessKey's secret, ready to verify with, and the place where its use is noted.
pub struct OpenedAccessKey {
    key: SigningKey,
    last_use: Arc<UseMark>,
}

impl OpenedAccessKey {
    /// Notes that a request was authenticated with it.
    pub fn used(&self, now: Timestamp, product: Product) {
        self.last_use.note(now, product);
    }
}

impl std::ops::Deref for OpenedAccessKey {
    type Target = SigningKey;

    fn deref(&self) -> &SigningKey {
        &self.key
    }
}

/// What an opened key counts for in the cache.
#[derive(Clone)]
struct Weigh;

impl Weighter<u128, Arc<Opened>> for Weigh {
    /// In units of some 250 bytes, which most opened keys stay below; the others as they were measured after use.
    fn weight(&self, _: &u128, opened: &Arc<Opened>) -> u64 {
        match &**opened {
            Opened::Account(_) | Opened::Version(_) | Opened::Direct(_) | Opened::AccessKey(_) => 1,
            Opened::Mac(_) => 5,
            Opened::ClientKey(_) => 8,
            Opened::Pair(pair) => match pair.public_key().spec() {
                KeyPairSpec::Rsa2048 => 45,
                KeyPairSpec::Rsa3072 => 58,
                KeyPairSpec::Rsa4096 => 72,
                KeyPairSpec::EcP256 => 6,
                KeyPairSpec::EcP256k | KeyPairSpec::Sm2 => 2,
            },
        }
    }
}

/// What kind of thing an id names, so that ids of two kinds never meet in the cache.
#[derive(Clone, Copy)]
enum Kind {
    Account,
    Instance,
    Message,
    Chained,
    Blockwise,
    SecretValue,
    Pair,
    Mac,
    AccessKey,
    ClientKey,
    TokenKey,
}

/// Under what an opened key stands.
#[derive(Clone, Copy)]
struct OpenedId<'a> {
    kind: Kind,
    epoch: u64,
    id: &'a str,
}

/// The bounded cache of opened keys.
///
/// Entries stand under their id *and* a number that changes with every change of state (a key's state epoch, a record's
/// revision). A request takes that number from the present record, so what was opened before a change is never met again.
pub struct Vault {
    root: RootKeys,
    /// Under a hash of the [`OpenedId`], for the reason that the image has.
    opened: Cache<u128, Arc<Opened>, Weigh>,
    hasher: KeyedHash,
    last_uses: LastUses,
}

impl Vault {
    /// An empty vault that keeps at most `capacity` opened keys, or fewer of the larger kinds.
    pub fn new(root: RootKeys, capacity: usize) -> Self {
        // No key weighs less than 1.
        let weight = u64::try_from(capacity).unwrap_or(u64::MAX);
        let opened = Cache::with_weighter(capacity, weight, Weigh);
        Self { root, opened, hasher: KeyedHash::new(), last_uses: LastUses::default() }
    }

    /// The keys under the root key.
    pub(crate) fn root(&self) -> &RootKeys {
        &self.root
    }

    /// When AccessKeys were last used.
    pub(crate) fn last_uses(&self) -> &LastUses {
        &self.last_uses
    }

    /// The keys of an account.
    pub async fn account(&self, image: &Image, account: &str) -> Result<AccountHandle, VaultError> {
        let record = image
            .get::<AccountRecord>(&path::account(account))
            .await?
            .ok_or(VaultError::Missing("account"))?;
        if let Some(keys) = record.shortcut.get() {
            return Ok(AccountHandle(keys));
        }
        let opened = OpenedId { kind: Kind::Account, epoch: record.revision, id: account };
        let keys = match self.opened.get(&self.hash(opened)) {
            Some(keys) => keys,
            None => {
                let key = self.root.open_account_key(&record.value);
                let key = key.map_err(|_| VaultError::Unopened("account key"))?;
                self.keep(opened, Opened::Account(Box::new(AccountKeys::new(&key))))
            }
        };
        record.shortcut.set(&keys);
        Ok(AccountHandle(keys))
    }

    /// The keys of an instance.
    pub async fn instance(&self, image: &Image, instance_id: &str) -> Result<AccountHandle, VaultError> {
        let record = image
            .get::<InstanceRecord>(&path::instance(instance_id))
            .await?
            .filter(|record| *record.value.instance_id == *instance_id)
            .ok_or(VaultError::Released)?;
        self.instance_of(image, &record).await
    }

    /// The keys of the instance that a record is of.
    pub(crate) async fn instance_of(
        &self,
        image: &Image,
        record: &Versioned<InstanceRecord>,
    ) -> Result<AccountHandle, VaultError> {
        if let Some(keys) = record.shortcut.get() {
            return Ok(AccountHandle(keys));
        }
        let opened = OpenedId { kind: Kind::Instance, epoch: record.revision, id: &record.value.instance_id };
        let keys = match self.opened.get(&self.hash(opened)) {
            Some(keys) => keys,
            None => {
                let account = self.account(image, &record.value.account).await?;
                let key = account.open_instance_key(&record.value);
                let key = key.map_err(|_| VaultError::Unopened("instance key"))?;
                self.keep(opened, Opened::Account(Box::new(AccountKeys::new(&key))))
            }
        };
        record.shortcut.set(&keys);
        Ok(AccountHandle(keys))
    }

    /// The keys above what stands in an instance, or in none: those of the instance, else those of the account.
    pub(crate) async fn keys_of(
        &self,
        image: &Image,
        account: &str,
        instance: Option<&Id>,
    ) -> Result<AccountHandle, VaultError> {
        match instance {
            Some(instance) => self.instance(image, instance).await,
            None => self.account(image, account).await,
        }
    }

    /// Lets go of everything that is opened: what was in an instance that is gone is not to stay in memory. The rest is opened
    /// again when it is used.
    pub(crate) fn forget_all(&self) {
        self.opened.clear();
    }

    /// The key that seals callers' data under a key version.
    pub async fn message_key(
        &self,
        image: &Image,
        key: &Versioned<KeyRecord>,
        version_id: &str,
    ) -> Result<VersionHandle, VaultError> {
        let primary = *version_id == *key.value.primary_version;
        if primary && let Some(opened) = key.shortcut.get() {
            return Ok(VersionHandle(opened));
        }
        let opened = self.version(image, &key.value, version_id, Kind::Message, Purpose::Message).await?;
        if primary {
            key.shortcut.set(&opened.0);
        }
        Ok(opened)
    }

    /// The key that seals secret values under a key version.
    pub async fn secret_value_key(
        &self,
        image: &Image,
        key: &KeyRecord,
        version_id: &str,
    ) -> Result<VersionHandle, VaultError> {
        self.version(image, key, version_id, Kind::SecretValue, Purpose::SecretValue).await
    }

    /// The private key of a version of a key pair. The first use after a start or a change of state parses it, which takes
    /// up to some milliseconds for RSA and is not done on the calling thread.
    pub(crate) async fn private_key(
        &self,
        image: &Image,
        heavy: &Heavy,
        key: &KeyRecord,
        version_id: &str,
    ) -> Result<PrivateKeyHandle, VaultError> {
        let KeyKind::Pair(spec) = key.spec.kind() else { return Err(VaultError::Unopened("private key")) };
        let opened = OpenedId { kind: Kind::Pair, epoch: key.state_epoch, id: version_id };
        if let Some(key) = self.opened.get(&self.hash(opened)) {
            return Ok(PrivateKeyHandle(key));
        }
        let material = self.material(image, key, version_id).await?;
        let parsed = heavy.operation(move || PrivateKey::from_material(spec, &material)).await;
        let private =
            parsed.map_err(VaultError::Refused)?.map_err(|_| VaultError::Unopened("private key"))?;
        Ok(PrivateKeyHandle(self.keep(opened, Opened::Pair(Box::new(private)))))
    }

    /// The key for message authentication codes of a version.
    pub async fn mac_key(
        &self,
        image: &Image,
        key: &KeyRecord,
        version_id: &str,
    ) -> Result<MacHandle, VaultError> {
        let KeyKind::Mac(algorithm) = key.spec.kind() else { return Err(VaultError::Unopened("MAC key")) };
        let open = |material: &KeyMaterial| Opened::Mac(Box::new(MacKey::new(algorithm, material)));
        self.opened_version(image, key, version_id, Kind::Mac, open).await.map(MacHandle)
    }

    /// The key for a bare mode of a version of a symmetric key: CBC or ECB, for callers who ask for these.
    pub(crate) async fn direct_key(
        &self,
        image: &Image,
        key: &KeyRecord,
        version_id: &str,
        mode: Mode,
    ) -> Result<DirectHandle, VaultError> {
        let KeyKind::Symmetric(cipher) = key.spec.kind() else {
            return Err(VaultError::Unopened("key of a bare mode"));
        };
        let kind = match mode {
            Mode::Cbc => Kind::Chained,
            Mode::Ecb => Kind::Blockwise,
            // Under the key of messages, whose salt makes an IV that comes twice harmless.
            Mode::Gcm => return Err(VaultError::Unopened("key of a bare mode")),
        };
        let open = |material: &KeyMaterial| {
            Opened::Direct(DirectKey::derive(cipher, mode, material, version_id.as_bytes()))
        };
        self.opened_version(image, key, version_id, kind, open).await.map(DirectHandle)
    }

    async fn version(
        &self,
        image: &Image,
        key: &KeyRecord,
        version_id: &str,
        kind: Kind,
        purpose: Purpose,
    ) -> Result<VersionHandle, VaultError> {
        let KeyKind::Symmetric(cipher) = key.spec.kind() else {
            return Err(VaultError::Unopened("sealing key"));
        };
        let open = |material: &KeyMaterial| {
            Opened::Version(SealingKey::derive_for(cipher, material, purpose, version_id.as_bytes()))
        };
        self.opened_version(image, key, version_id, kind, open).await.map(VersionHandle)
    }

    /// What stands under a version, or what `open` makes of its material.
    async fn opened_version(
        &self,
        image: &Image,
        key: &KeyRecord,
        version_id: &str,
        kind: Kind,
        open: impl FnOnce(&KeyMaterial) -> Opened,
    ) -> Result<Arc<Opened>, VaultError> {
        let opened = OpenedId { kind, epoch: key.state_epoch, id: version_id };
        if let Some(version) = self.opened.get(&self.hash(opened)) {
            return Ok(version);
        }
        let material = self.material(image, key, version_id).await?;
        Ok(self.keep(opened, open(&material)))
    }

    async fn material(
        &self,
        image: &Image,
        key: &KeyRecord,
        version_id: &str,
    ) -> Result<KeyMaterial, VaultError> {
        // Once it is opened, only who decrypts looks for the version again.
        let record = image
            .get_once::<KeyVersionRecord>(&path::key_version(version_id))
            .await?
            .filter(|record| record.value.version_id == version_id)
            .filter(|record| *record.value.key_id == *key.key_id && *record.value.account == *key.account)
            .ok_or(VaultError::Missing("key version"))?;
        let keys = self.keys_of(image, &key.account, key.instance.as_ref()).await?;
        keys.open_material(&record.value).map_err(|_| VaultError::Unopened("key material"))
    }

    /// The prepared secret of an AccessKey.
    pub async fn signing_key(
        &self,
        image: &Image,
        record: &AccessKeyRecord,
        revision: u64,
    ) -> Result<SigningHandle, VaultError> {
        let opened = OpenedId { kind: Kind::AccessKey, epoch: revision, id: &record.access_key_id };
        if let Some(key) = self.opened.get(&self.hash(opened)) {
            return Ok(SigningHandle(key));
        }
        let unopened = VaultError::Unopened("AccessKey secret");
        let account = self.account(image, &record.account).await?;
        let secret = account.open_access_key_secret(record).map_err(|_| unopened)?;
        let secret = std::str::from_utf8(&secret).map_err(|_| VaultError::Unopened("AccessKey secret"))?;
        let key = SigningKey::new(&SecretKey::new(secret.to_owned()));
        let last_use = self.last_uses.mark(&record.access_key_id);
        Ok(SigningHandle(self.keep(opened, Opened::AccessKey(Box::new(OpenedAccessKey { key, last_use })))))
    }

    /// The public key of a client key, prepared: reading it takes as long as a signature's check.
    pub(crate) fn client_key(
        &self,
        record: &ClientKeyRecord,
        revision: u64,
    ) -> Result<ClientKeyHandle, VaultError> {
        let opened = OpenedId { kind: Kind::ClientKey, epoch: revision, id: &record.client_key_id };
        if let Some(key) = self.opened.get(&self.hash(opened)) {
            return Ok(ClientKeyHandle(key));
        }
        let unopened = || VaultError::Unopened("client key");
        let der = STANDARD.decode(&record.public_key).map_err(|_| unopened())?;
        let key = SigningKey::rsa_public(&der).map_err(|_| unopened())?;
        Ok(ClientKeyHandle(self.keep(opened, Opened::ClientKey(Box::new(key)))))
    }

    /// A key for session tokens, out of the ring that stands under this revision.
    pub(crate) fn token_key(&self, key: &TokenKey, revision: u64) -> Result<VersionHandle, VaultError> {
        let name = token_key_name(key.id);
        let opened = OpenedId { kind: Kind::TokenKey, epoch: revision, id: &name };
        if let Some(key) = self.opened.get(&self.hash(opened)) {
            return Ok(VersionHandle(key));
        }
        let unopened = |_| VaultError::Unopened("key of session tokens");
        let material = self.root.open_service_key(&name, &key.sealed_key).map_err(unopened)?;
        let material = KeyMaterial::from_bytes(material);
        let key = SealingKey::derive(&material, Purpose::SessionToken, name.as_bytes());
        Ok(VersionHandle(self.keep(opened, Opened::Version(key))))
    }

    /// Seals a new key for session tokens; its number is bound.
    pub(crate) fn seal_token_key(
        &self,
        random: &dyn Random,
        id: u32,
        material: &KeyMaterial,
    ) -> Result<Sealed, SealError> {
        self.root.seal_service_key(random, &token_key_name(id), material.expose())
    }

    fn keep(&self, id: OpenedId<'_>, opened: Opened) -> Arc<Opened> {
        let opened = Arc::new(opened);
        self.opened.insert(self.hash(id), opened.clone());
        opened
    }

    fn hash(&self, id: OpenedId<'_>) -> u128 {
        // The first two parts have a fixed length, so no two ids give the same bytes.
        self.hasher.of(&[&[id.kind as u8], &id.epoch.to_be_bytes(), id.id.as_bytes()])
    }
}

fn token_key_name(id: u32) -> String {
    format!("token-key/{id}")
}

macro_rules! handle {
    ($(#[doc = $doc:literal])* $name:ident $variant:ident $target:ty) => {
        $(#[doc = $doc])*
        pub struct $name(Arc<Opened>);

        impl std::ops::Deref for $name {
            type Target = $target;

            fn deref(&self) -> &$target {
                match &*self.0 {
                    Opened::$variant(key) => key,
                    // The kind is part of the cache's key, and each kind is kept with its own variant only.
                    _ => unreachable!("an opened key stands under its own kind"),
                }
            }
        }
    };
}

handle! {
    /// The keys of an account or of an instance, opened.
    AccountHandle Account AccountKeys
}
handle! {
    /// A key version's sealing key, opened.
    VersionHandle Version SealingKey
}
handle! {
    /// A key version's key for a bare mode, opened.
    DirectHandle Direct DirectKey
}
handle! {
    /// A private key, opened.
    PrivateKeyHandle Pair PrivateKey
}
handle! {
    /// A key for message authentication codes, opened.
    MacHandle Mac MacKey
}
handle! {
    /// An AccessKey's secret, ready to verify with.
    SigningHandle AccessKey OpenedAccessKey
}

handle! {
    /// The public half of a client key, ready to verify with.
    ClientKeyHandle ClientKey SigningKey
}

/// A key cannot be opened.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The record is not there.
    #[error("the record of the {0} is missing")]
    Missing(&'static str),
    /// The instance was released since what is in it was looked up.
    #[error("the instance is gone")]
    Released,
    /// The sealed bytes are not what the key above sealed: a wrong root key, or a changed record.
    #[error("the {0} cannot be opened")]
    Unopened(&'static str),
    /// The record could not be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// Too much is being computed.
    #[error("the key cannot be opened now")]
    Refused(ApiError),
}
