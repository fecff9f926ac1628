//! The policies of a caller: what its own account gives it, and those that stand in the records of keys and secrets.
//!
//! What a request needs of them is ready in memory: read once, kept under the epoch of identities that it belongs to. A
//! change of any user, group, role or policy moves the epoch before the image counts as current, so the next request
//! collects anew, and what was read before is never met again.

use std::sync::{Arc, OnceLock};

use keystead_api::{ApiError, ErrorCode};
use keystead_auth::policy::{
    Effect, IdentityPolicy, Pattern, PolicyDocument, Principal, Statement, SystemPolicy,
};
use keystead_store::Revision;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::access::principal::{Caller, Principal as Who};
use crate::engine::Engine;
use crate::image::{Image, ImageError, Versioned};
use crate::keyed_hash::KeyedHash;
use crate::records::{
    Attachment, GroupRecord, HolderKind, PolicyKind, PolicyRecord, RoleRecord, Stored, UserRecord, path,
};

/// How often policies are collected anew when others change identities meanwhile; each time somebody succeeded.
const MAX_TRIES: usize = 64;
/// Memory for what is collected, in bytes.
const CACHE_BYTES: u64 = 32 << 20;

/// The policy in a record, read on its first use. Small while there is none.
#[derive(Default)]
pub(crate) struct Compiled(OnceLock<Box<Read>>);

enum Read {
    Identity(Arc<IdentityPolicy>),
    Resource(PolicyDocument),
    /// It was good when it was stored, and is not understood now.
    Unreadable,
}

impl Compiled {
    fn read(&self, read: impl FnOnce() -> Option<Read>) -> &Read {
        self.0.get_or_init(|| Box::new(read().unwrap_or(Read::Unreadable)))
    }
}

/// A policy is of no use to whoever asked.
pub(crate) struct Unreadable;

impl<T: Stored> Versioned<T> {
    /// The policy of a key or secret; none when none was set.
    ///
    /// # Errors
    /// When it is not understood.
    pub(crate) fn resource_policy(&self) -> Result<Option<&PolicyDocument>, Unreadable> {
        let Some(text) = self.value.policy_text() else { return Ok(None) };
        match self.compiled.read(|| PolicyDocument::parse(text).ok().map(Read::Resource)) {
            Read::Resource(policy) => Ok(Some(policy)),
            Read::Identity(_) | Read::Unreadable => Err(Unreadable),
        }
    }
}

impl Versioned<PolicyRecord> {
    fn identity_policy(&self) -> Result<Arc<IdentityPolicy>, Unreadable> {
        let read = || {
            // The limits on size are those of storing it.
            let policy = IdentityPolicy::parse(self.value.document()?, usize::MAX).ok()?;
            Some(Read::Identity(Arc::new(policy)))
        };
        match self.compiled.read(read) {
            Read::Identity(policy) => Ok(policy.clone()),
            Read::Resource(_) | Read::Unreadable => Err(Unreadable),
        }
    }
}

/// What stands for a resource's policy that is not understood: it denies everything to everybody in the caller's account.
/// What the owner's root may always do is decided before.
pub(crate) fn deny_all(account: &str) -> PolicyDocument {
    let statement = Statement {
        sid: None,
        effect: Effect::Deny,
        principals: vec![Principal::Account(account.to_owned())],
        actions: vec![Pattern::new("*")],
        conditions: Vec::new(),
    };
    PolicyDocument { statements: vec![statement] }
}

/// The policies of a user with those of its groups, or those of a role, as they stand now.
pub(crate) struct IdentityPolicies {
    epoch: u64,
    /// What the identity is called in policies.
    pub(crate) arn: String,
    /// In the order in which they are asked.
    pub(crate) attached: Box<[Attached]>,
}

/// A policy and how the caller came by it.
pub(crate) struct Attached {
    /// Whose policy it is.
    pub(crate) kind: PolicyKind,
    /// Its name.
    pub(crate) name: Box<str>,
    /// What it is attached to: kind, and name in lower case.
    pub(crate) holder: (HolderKind, Box<str>),
    policy: Document,
}

enum Document {
    System(&'static IdentityPolicy),
    Custom(Arc<IdentityPolicy>),
}

impl IdentityPolicies {
    /// The policies, in their order.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &IdentityPolicy> {
        self.attached.iter().map(|attached| match &attached.policy {
            Document::System(policy) => *policy,
            Document::Custom(policy) => policy,
        })
    }
}

/// A user or a role.
#[derive(Clone, Copy)]
pub(crate) struct Identity<'a> {
    /// `User` or `Role`.
    pub(crate) kind: HolderKind,
    pub(crate) account: &'a str,
    pub(crate) name: &'a str,
    /// Its id, where it must be that one: names are used again.
    pub(crate) id: Option<&'a str>,
}

/// Collected policies, under their identity. Bounded: what is not in here is collected again.
pub(crate) struct PolicyCache {
    entries: Cache<u128, Arc<IdentityPolicies>, ByDocuments>,
    hasher: KeyedHash,
}

#[derive(Clone)]
struct ByDocuments;

impl Weighter<u128, Arc<IdentityPolicies>> for ByDocuments {
    fn weight(&self, _: &u128, policies: &Arc<IdentityPolicies>) -> u64 {
        // Documents are shared with the image and with other identities; a statement takes some hundred bytes.
        let weight = |attached: &Attached| match &attached.policy {
            Document::System(_) => 128,
            Document::Custom(policy) => 128 + 512 * policy.statement_count() as u64,
        };
        256 + policies.attached.iter().map(weight).sum::<u64>()
    }
}

impl PolicyCache {
    pub(crate) fn new() -> Self {
        Self { entries: Cache::with_weighter(1024, CACHE_BYTES, ByDocuments), hasher: KeyedHash::new() }
    }

    fn hash(&self, kind: HolderKind, account: &str, id: &str) -> u128 {
        // Ids hold no zero, so no two lists give the same bytes.
        self.hasher.of(&[&[kind as u8], account.as_bytes(), &[0], id.as_bytes()])
    }
}

impl Engine {
    /// The policies of the caller's identity; none for the account itself, which needs none. Without storage I/O and without
    /// parsing unless an identity changed.
    ///
    /// # Errors
    /// 404 `InvalidAccessKeyId.NotFound` when the identity is no more, 500 `InternalFailure` when a policy is not understood,
    /// as it may be one that denies.
    pub(crate) async fn identity_policies(
        &self,
        caller: &Caller,
    ) -> Result<Option<Arc<IdentityPolicies>>, ApiError> {
        let (kind, account, name, id) = match caller.principal() {
            // What an application may do comes with its client key.
            Who::Root(_) | Who::ClientKey(_) | Who::Anonymous => return Ok(None),
            Who::User { user, .. } => {
                let user = &user.value;
                (HolderKind::User, &user.account, &user.name, &user.user_id)
            }
            Who::Session(session) => {
                let role = &session.role.value;
                (HolderKind::Role, &role.account, &role.name, &role.role_id)
            }
        };
        let hash = self.policies.hash(kind, account, id);
        if let Some(found) = self.policies.entries.get(&hash)
            && found.epoch == self.image.identity_epoch()
        {
            return Ok(Some(found));
        }
        let identity = Identity { kind, account, name, id: Some(id) };
        let collected = Arc::new(collect(&self.image, identity).await?);
        self.policies.entries.insert(hash, collected.clone());
        Ok(Some(collected))
    }
}

/// Why policies cannot be collected.
pub(crate) enum NotCollected {
    /// There is no such identity.
    Gone,
    /// A policy is not understood, or is missing though it is attached.
    Unreadable(String),
    /// The image cannot answer.
    Image(ImageError),
}

impl From<ImageError> for NotCollected {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl From<NotCollected> for ApiError {
    fn from(error: NotCollected) -> Self {
        match error {
            NotCollected::Gone => ErrorCode::InvalidAccessKeyIdNotFound.into(),
            NotCollected::Image(error) => error.into(),
            NotCollected::Unreadable(what) => {
                tracing::error!(what, "a policy cannot be read: whoever has it is refused");
                ErrorCode::InternalFailure.into()
            }
        }
    }
}

/// Collects the policies of an identity, all as they stood at one moment: what was read counts only when the image has
/// applied all of it and no identity changed meanwhile. Else a user as it was could meet a policy as it was made later.
pub(crate) async fn collect(image: &Image, identity: Identity<'_>) -> Result<IdentityPolicies, NotCollected> {
    for _ in 0..MAX_TRIES {
        let epoch = image.identity_epoch();
        let mut reading = Reading { image, newest: 0, policies: Vec::new() };
        let read = reading.identity(identity).await;
        if read.is_err() {
            // What was missing may have been removed by a change that the image has not applied yet.
            image.fresh().await?;
        }
        image.reached(reading.newest).await?;
        if image.identity_epoch() == epoch {
            let arn = read?;
            return Ok(IdentityPolicies { epoch, arn, attached: reading.policies.into_boxed_slice() });
        }
    }
    Err(ImageError::Stale.into())
}

struct Reading<'a> {
    image: &'a Image,
    /// The revision of the newest record that was read.
    newest: Revision,
    policies: Vec<Attached>,
}

impl Reading<'_> {
    async fn get<T: Stored>(&mut self, key: &str) -> Result<Option<Arc<Versioned<T>>>, NotCollected> {
        let record = self.image.get::<T>(key).await?;
        self.newest = self.newest.max(record.as_ref().map_or(0, |record| record.revision));
        Ok(record)
    }

    /// Reads an identity and its policies; tells its ARN.
    async fn identity(&mut self, identity: Identity<'_>) -> Result<String, NotCollected> {
        let Identity { kind, account, name, id } = identity;
        let is_it = |found: &str| id.is_none_or(|id| id == found);
        match kind {
            HolderKind::User => {
                let user = self.get::<UserRecord>(&path::user(account, name)).await?;
                let user = user.filter(|user| is_it(&user.value.user_id)).ok_or(NotCollected::Gone)?;
                self.add(account, &user.value.policies, (kind, name)).await?;
                for membership in &user.value.groups {
                    let group = self.get::<GroupRecord>(&path::group(account, &membership.group)).await?;
                    let missing = || NotCollected::Unreadable(format!("group {}", membership.group));
                    let group = group.ok_or_else(missing)?;
                    self.add(account, &group.value.policies, (HolderKind::Group, &membership.group)).await?;
                }
                Ok(format!("acs:ram::{account}:user/{}", user.value.name))
            }
            HolderKind::Role => {
                let role = self.get::<RoleRecord>(&path::role(account, name)).await?;
                let role = role.filter(|role| is_it(&role.value.role_id)).ok_or(NotCollected::Gone)?;
                self.add(account, &role.value.policies, (kind, name)).await?;
                Ok(format!("acs:ram::{account}:role/{}", role.value.name))
            }
            HolderKind::Group => Err(NotCollected::Gone),
        }
    }

    async fn add(
        &mut self,
        account: &str,
        attachments: &[Attachment],
        holder: (HolderKind, &str),
    ) -> Result<(), NotCollected> {
        for Attachment { kind, policy: name, .. } in attachments {
            let unreadable = || NotCollected::Unreadable(format!("{} policy {name}", kind.as_str()));
            let policy = match kind {
                PolicyKind::System => {
                    Document::System(SystemPolicy::find(name).ok_or_else(unreadable)?.policy())
                }
                PolicyKind::Custom => {
                    let record = self.get::<PolicyRecord>(&path::policy(account, name)).await?;
                    let record = record.ok_or_else(unreadable)?;
                    Document::Custom(record.identity_policy().map_err(|_| unreadable())?)
                }
            };
            let holder = (holder.0, holder.1.to_ascii_lowercase().into_boxed_str());
            self.policies.push(Attached { kind: *kind, name: name.as_str().into(), holder, policy });
        }
        Ok(())
    }
}
