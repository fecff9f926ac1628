use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use keystead_api::{ApiError, ErrorCode, OperationId, Params, Timestamp};
use keystead_crypto::{KeyMaterial, Random};
use keystead_store::{Batch, Revision, Store, StoreError};
use thiserror::Error;

use crate::access::replay::NonceMemory;
use crate::access::{Caller, PolicyCache};
use crate::audit::{Actor, Audit, AuditError, ServiceWork, Settings, Stats, Trail};
use crate::call::Call;
use crate::clock::Clock;
use crate::compat::Compat;
use crate::dispatch;
use crate::heavy::Heavy;
use crate::image::{Image, ImageError, decode};
use crate::install::{self, InstallError, RootAccessKey};
use crate::instance_api::{InitialVersions, PairsUnderWay};
use crate::origin::Origin;
use crate::records::{AccountRecord, InstallationRecord, Stored, path};
use crate::secrets::rotation::Rotations;
use crate::secrets::rotation::driver::{NoDrivers, RotationDrivers};
use crate::sts::Sessions;
use crate::sts::issuers::{IssuerKeys, NoIssuers};
use crate::vault::{RootKeys, Vault, VaultError};

/// How an engine is sized.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Region id that stands in every ARN.
    pub region: String,
    /// Memory for the image of the store, in bytes.
    pub image_bytes: u64,
    /// How many opened keys are kept.
    pub opened_keys: usize,
    /// Memory for remembered nonces, in bytes.
    pub nonce_bytes: usize,
    /// How long a request waits for the image to catch up with the store before it is refused.
    pub patience: Duration,
    /// What changes the logins that rotating secrets hold.
    pub drivers: Arc<dyn RotationDrivers>,
    /// Where the keys of OIDC providers' tokens come from.
    pub issuers: Arc<dyn IssuerKeys>,
    /// How closely it keeps to the vendor's refusals.
    pub compat: Compat,
    /// How the audit log is kept; none means that there is none.
    pub audit: Option<Settings>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            region: "cn-hangzhou".to_owned(),
            image_bytes: 104 << 20,
            opened_keys: 131_072,
            nonce_bytes: 64 << 20,
            patience: Duration::from_secs(2),
            drivers: Arc::new(NoDrivers),
            issuers: Arc::new(NoIssuers),
            compat: Compat::default(),
            audit: None,
        }
    }
}

/// The service without HTTP.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) image: Arc<Image>,
    pub(crate) vault: Vault,
    pub(crate) policies: PolicyCache,
    pub(crate) nonces: NonceMemory,
    pub(crate) heavy: Heavy,
    pub(crate) initial_versions: InitialVersions,
    pub(crate) data_key_pairs: PairsUnderWay,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) config: EngineConfig,
    pub(crate) rotations: Rotations,
    pub(crate) audit: Option<Arc<Audit>>,
    pub(crate) sessions: Sessions,
    installation: InstallationRecord,
    /// Itself, for work that goes on when the call that began it is given up.
    me: Weak<Self>,
    /// Whether material was deleted since the store was scrubbed.
    unscrubbed: AtomicBool,
}

impl Engine {
    /// Opens an installed store and starts to follow its change feed. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the store is not installed, cannot be read, or the root key is not the one that it was installed with.
    pub async fn open(
        store: Arc<dyn Store>,
        root_key: &KeyMaterial,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        config: EngineConfig,
    ) -> Result<Arc<Self>, OpenError> {
        let installation = read::<InstallationRecord>(&*store, path::INSTALLATION).await?;
        let account = read::<AccountRecord>(&*store, &path::account(&installation.account)).await?;
        let root = RootKeys::new(root_key);
        root.open_account_key(&account).map_err(|_| OpenError::WrongRootKey)?;

        let audit = match config.audit.clone() {
            None => None,
            Some(settings) => {
                let (region, store) = (config.region.as_str(), store.clone());
                Some(Audit::open(settings, region, store, &root, clock.clone(), random.clone()).await?)
            }
        };
        let image = Arc::new(Image::new(store.clone(), config.image_bytes, config.patience));
        tokio::spawn(image.clone().follow());
        Ok(Arc::new_cyclic(|me| Self {
            vault: Vault::new(root, config.opened_keys),
            policies: PolicyCache::new(),
            nonces: NonceMemory::new(config.nonce_bytes),
            heavy: Heavy::new(),
            initial_versions: InitialVersions::new(),
            data_key_pairs: PairsUnderWay::default(),
            store,
            image,
            clock,
            random,
            config,
            rotations: Rotations::default(),
            audit,
            sessions: Sessions::new(),
            installation,
            me: me.clone(),
            unscrubbed: AtomicBool::new(false),
        }))
    }

    /// Carries out an operation for a verified caller; the answer is JSON. The request id goes into it, and what
    /// is decided and done is noted on the trail.
    ///
    /// # Errors
    /// What the caller is to see. Causes inside are logged, not told.
    pub async fn call(
        &self,
        caller: &Caller,
        operation: OperationId,
        params: Params<'_>,
        origin: &Origin<'_>,
        trail: &Trail,
    ) -> Result<Vec<u8>, ApiError> {
        trail.called(&Actor::from(caller), operation.def(), params);
        caller.may_call(operation, origin.gateway)?;
        self.image.fresh().await?;
        let def = operation.def();
        let rights = match def.access {
            [] => None,
            _ => self.identity_policies(caller).await?,
        };
        let call = Call::new(self, caller, def, origin, trail, self.clock.now(), rights);
        dispatch::run(call, params).await
    }

    /// Whether requests can be served: the store answers and the image is current.
    ///
    /// # Errors
    /// 503 `ServiceUnavailableTemporary`.
    pub async fn ready(&self) -> Result<(), ApiError> {
        Ok(self.image.fresh().await?)
    }

    /// Ends the audit log in good order: what waits is written, a head is signed, and all of it is durable. Requests that come
    /// later are refused.
    pub async fn close(&self) {
        if let Some(audit) = &self.audit {
            audit.close().await;
        }
    }

    /// Counters of the audit log, when there is one.
    pub fn audit_stats(&self) -> Option<Stats> {
        self.audit.as_ref().map(|audit| audit.stats())
    }

    /// What the image takes now, in bytes: at most [`EngineConfig::image_bytes`].
    pub fn image_bytes(&self) -> u64 {
        self.image.bytes()
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.config.region
    }

    /// Makes a further account with its root AccessKey, and returns its id.
    ///
    /// # Errors
    /// When there is no randomness, or the store or the audit log refuses.
    pub async fn create_account(&self, access_key: &RootAccessKey) -> Result<String, InstallError> {
        let mut batch = Batch::new();
        let (random, now) = (&*self.random, self.clock.now());
        let account = install::new_account(&mut batch, self.vault.root(), access_key, random, now)?;
        let work = ServiceWork::administration(self, "CreateAccount", "", &account, &account);
        let result = work.author(self).commit(batch).await.map(drop).map_err(|error| match error {
            CommitError::Failed(error) => error,
            CommitError::Conflict => ErrorCode::InternalFailure.into(),
        });
        work.finish(self, &result).await;
        result.map(|()| account).map_err(InstallError::Refused)
    }

    /// What the first start made.
    pub fn installation(&self) -> &InstallationRecord {
        &self.installation
    }

    /// Now, by the engine's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The store's head revision, for the operator.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Says that material was deleted: it is to go from the store's files too, and not only from its records.
    pub(crate) fn scrub_soon(&self) {
        self.unscrubbed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn wants_scrub(&self) -> bool {
        self.unscrubbed.load(Ordering::Relaxed)
    }

    /// Scrubs the store if that is wanted.
    pub(crate) async fn scrub_if_wanted(&self) {
        if self.unscrubbed.swap(false, Ordering::Relaxed)
            && let Err(error) = self.store.scrub().await
        {
            tracing::warn!(%error, "remains of deleted material stay in the store's files; this is tried again");
            self.scrub_soon();
        }
    }

    /// Itself, to be kept by a task.
    pub(crate) fn shared(&self) -> Result<Arc<Self>, ApiError> {
        self.me.upgrade().ok_or_else(|| ErrorCode::InternalFailure.into())
    }

    /// Commits and waits until this engine's own image has applied it, so that whoever is told of the success
    /// also sees it on the next request. Everybody but [`Author::commit`](crate::audit::Author::commit) goes through that.
    pub(crate) async fn commit(&self, trail: &Trail, mut batch: Batch) -> Result<Revision, CommitError> {
        // Clients repeat what answers ServiceUnavailableTemporary, whatever the operation: that code says that nothing was
        // done. Where that is not known, or the commit stands and only this node is late, the answer is another one.
        let unknown = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "the outcome of a commit cannot be told to its caller");
            CommitError::Failed(ErrorCode::InternalFailure.into())
        };
        if let Some(audit) = &self.audit {
            audit.attach(trail, &mut batch)?;
        }
        let committed = self.store.commit(batch).await;
        trail.settle(&committed);
        let revision = committed.map_err(|error| match error {
            StoreError::Conflict { .. } => CommitError::Conflict,
            StoreError::Busy(_) => CommitError::Failed(ImageError::from(error).into()),
            other => unknown(&other),
        })?;
        self.image.reached(revision).await.map_err(|error| unknown(&error))?;
        Ok(revision)
    }
}

/// A commit that did not happen, or of which this node cannot say so.
pub(crate) enum CommitError {
    /// A precondition did not hold: read again and decide again.
    Conflict,
    /// Everything else.
    Failed(ApiError),
}

/// How often an operation starts over when others change the same records: each time somebody else succeeded.
pub(crate) const MAX_TRIES: usize = 64;

/// Carries out a block that ends in a commit, again while it meets conflicts. A macro, because the borrows of an async
/// closure cannot be shown to be `Send` yet.
macro_rules! retrying {
    ($attempt:block) => {{
        let mut tries = 0;
        loop {
            let attempt: Result<_, $crate::engine::CommitError> = async { $attempt }.await;
            match attempt {
                Ok(done) => break Ok(done),
                Err($crate::engine::CommitError::Failed(error)) => break Err(error),
                Err($crate::engine::CommitError::Conflict) if tries < $crate::engine::MAX_TRIES => tries += 1,
                Err($crate::engine::CommitError::Conflict) => {
                    break Err(keystead_api::ApiError::from(
                        keystead_api::ErrorCode::ServiceUnavailableTemporary,
                    ));
                }
            }
        }
    }};
}
pub(crate) use retrying;

impl From<ApiError> for CommitError {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

async fn read<T: Stored>(store: &dyn Store, key: &str) -> Result<T, OpenError> {
    let record = store.get(key).await?.ok_or(OpenError::NotInstalled)?;
    Ok(decode::<T>(&record)?.value)
}

/// Inside errors become what the caller may know; the cause is logged here, the one place where it is dropped.
impl From<ImageError> for ApiError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Stale => {
                tracing::warn!("refused: this node's image is behind the store");
                ErrorCode::ServiceUnavailableTemporary.into()
            }
            ImageError::Store(error) => {
                tracing::error!(%error, "the store failed");
                ErrorCode::ServiceUnavailableTemporary.into()
            }
            ImageError::Unreadable { .. } => {
                tracing::error!(%error, "a record cannot be read");
                ErrorCode::InternalFailure.into()
            }
        }
    }
}

impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Image(error) => error.into(),
            VaultError::Refused(error) => error,
            VaultError::Released => ErrorCode::ForbiddenDkmsInstanceNotFound.into(),
            VaultError::Missing(_) | VaultError::Unopened(_) => {
                tracing::error!(%error, "a key cannot be opened");
                ErrorCode::InternalFailure.into()
            }
        }
    }
}

/// An engine cannot start.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The store is empty.
    #[error("the store holds no installation")]
    NotInstalled,
    /// The root key is another one.
    #[error("the root key is not the one that this store was made with")]
    WrongRootKey,
    /// The audit log cannot be opened.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A record cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}
