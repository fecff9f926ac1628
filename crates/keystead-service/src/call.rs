//! One call under way: it resolves what the request names and authorises it in the same step.
//!
//! Handlers get keys, secrets and containers only from here, and each of these methods checks the permission that the
//! operation's definition asks for. What a definition does not name cannot be reached; what it names and a handler
//! forgets is found by [`Call::all_checked`].
//!
//! Ids, names and aliases are looked up in the caller's own account, unless an ARN names another one or a ciphertext is of
//! another one's key. Handlers take the account from the resource, not from the caller. What another account's resource
//! does not let the caller do ends as if there were no such resource.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use keystead_api::{ApiError, Arn, ErrorCode, OperationDef, OperationId, ResourceRule, Timestamp};
use keystead_auth::policy::{Decision, open_to_other_accounts};
use keystead_store::{Batch, Revision};

use crate::access::{Caller, Facts, IdentityPolicies, Principal, Resource};
use crate::audit::{Author, Trail};
use crate::engine::{CommitError, Engine};
use crate::image::Versioned;
use crate::origin::{Gateway, Origin};
use crate::records::{AliasRecord, Id, KeyRecord, KeyVersionRecord, SecretRecord, path};

/// A call under way.
pub struct Call<'a> {
    /// The engine that carries it out.
    pub engine: &'a Engine,
    /// Who calls.
    pub caller: &'a Caller,
    /// What is called.
    pub def: &'static OperationDef,
    /// Where from.
    pub origin: &'a Origin<'a>,
    /// Where it is noted what was decided and done.
    pub trail: &'a Trail,
    /// When; the same moment throughout the call.
    pub now: Timestamp,
    /// Whether it is only a rehearsal, of which nothing but its outcome is told.
    pub(crate) dry_run: bool,
    /// The policies of the caller's identity; none for the account itself.
    rights: Option<Arc<IdentityPolicies>>,
    /// One bit for each rule of the definition that was checked.
    checked: AtomicU32,
    /// The first instance that was looked at, and whether it is connected.
    instance: OnceLock<(Id, bool)>,
}

/// A key as its record stands now.
pub type Key = Arc<Versioned<KeyRecord>>;

impl<'a> Call<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        caller: &'a Caller,
        def: &'static OperationDef,
        origin: &'a Origin<'a>,
        trail: &'a Trail,
        now: Timestamp,
        rights: Option<Arc<IdentityPolicies>>,
    ) -> Self {
        let (checked, instance) = (AtomicU32::new(0), OnceLock::new());
        Self { engine, caller, def, origin, trail, now, dry_run: false, rights, checked, instance }
    }

    /// On whose behalf the store is changed.
    pub(crate) fn author(&self) -> Author<'a> {
        Author { engine: self.engine, trail: self.trail }
    }

    /// Commits what the call changes, noted on its trail, and waits until this engine's own image has applied it.
    pub(crate) async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        self.author().commit(batch).await
    }

    /// The caller's account, in which ids and names are looked up. What was found may be another account's.
    pub fn account(&self) -> &'a str {
        self.caller.account()
    }

    /// The ARN of a resource of an account.
    pub fn arn(&self, account: &str, resource: &str) -> String {
        Arn { region: self.engine.region(), account, resource }.to_string()
    }

    /// Checks the permission on a container: `key`, `alias`, `secret`.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn container(&self, kind: &'static str) -> Result<(), ApiError> {
        self.authorise(ResourceRule::Container(kind), Resource::new(self.account(), kind, None))
    }

    /// Checks a permission that is about no resource.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn anything(&self) -> Result<(), ApiError> {
        self.authorise(ResourceRule::Any, Resource::new(self.account(), "*", None))
    }

    /// The key that a parameter names by id, alias or ARN.
    ///
    /// # Errors
    /// 404 `Forbidden.KeyNotFound` or `Forbidden.AliasNotFound`, 403 `Forbidden.NoPermission`.
    pub async fn key(&self, param: &'static str, text: &str) -> Result<Key, ApiError> {
        self.key_under(ResourceRule::Key(param), param, text).await
    }

    /// The same for a parameter that may be left out.
    ///
    /// # Errors
    /// As [`Call::key`].
    pub async fn key_if_given(&self, param: &'static str, text: &str) -> Result<Key, ApiError> {
        self.key_under(ResourceRule::KeyIfGiven(param), param, text).await
    }

    /// The key that a parameter names by id or ARN only.
    ///
    /// # Errors
    /// As [`Call::key`], and 400 `Unsupported.Alias`.
    pub async fn key_by_id(&self, param: &'static str, text: &str) -> Result<Key, ApiError> {
        self.refuse_alias(param, text)?;
        self.key(param, text).await
    }

    /// The same for a parameter that may be left out.
    ///
    /// # Errors
    /// As [`Call::key_by_id`].
    pub async fn key_by_id_if_given(&self, param: &'static str, text: &str) -> Result<Key, ApiError> {
        self.refuse_alias(param, text)?;
        self.key_if_given(param, text).await
    }

    fn refuse_alias(&self, param: &'static str, text: &str) -> Result<(), ApiError> {
        match self.key_name(param, text)? {
            Some(KeyName { is_alias: true, .. }) => Err(ErrorCode::UnsupportedAlias.into()),
            _ => Ok(()),
        }
    }

    async fn key_under(&self, rule: ResourceRule, param: &'static str, text: &str) -> Result<Key, ApiError> {
        let name = self.key_name(param, text)?.ok_or(ErrorCode::ForbiddenKeyNotFound)?;
        // An alias goes with its key, also while its record still waits to be removed.
        let unknown =
            if name.is_alias { ErrorCode::ForbiddenAliasNotFound } else { ErrorCode::ForbiddenKeyNotFound };
        let key = if name.is_alias {
            let alias = self.engine.image.get::<AliasRecord>(&path::alias(name.account, name.name)).await?;
            self.key_of(name.account, &alias.ok_or(unknown)?.value.key_id).await?
        } else {
            self.key_of(name.account, name.name).await?
        };
        let key = key.ok_or(unknown)?;
        self.authorise(rule, Resource::key(&key).unknown_as(unknown))?;
        self.connected(key.value.instance.as_ref()).await?;
        Ok(key)
    }

    /// The key that stands under an account and an id, and belongs there.
    async fn key_of(&self, account: &str, key_id: &str) -> Result<Option<Key>, ApiError> {
        let key = self.engine.image.get::<KeyRecord>(&path::key(account, key_id)).await?;
        let key = key.filter(|key| {
            let key = &key.value;
            *key.account == *account && *key.key_id == *key_id && !key.is_gone(self.now)
        });
        match key {
            Some(key) if self.reaches(account, key.value.instance.as_ref()).await? => Ok(Some(key)),
            _ => Ok(None),
        }
    }

    /// Whether what belongs to an account and is in an instance, or in none, exists for this call: through the gateway of an
    /// instance only what is in that one does, and with a released instance all that was in it is gone.
    ///
    /// # Errors
    /// When the instance's record cannot be read.
    async fn reaches(&self, account: &str, instance: Option<&Id>) -> Result<bool, ApiError> {
        if let Gateway::Dedicated(gateway) = self.origin.gateway
            && instance.is_none_or(|instance| **instance != *gateway)
        {
            return Ok(false);
        }
        let Some(instance) = instance else { return Ok(true) };
        let record = self.engine.instance(instance).await?;
        let record = record.filter(|record| *record.value.account == *account);
        if let Some(record) = &record {
            // A further one is looked up again; calls about several are rare.
            let _ = self.instance.set((*instance, record.value.is_connected()));
        }
        Ok(record.is_some())
    }

    /// Lets through what is in an instance that can be used, and what is in none. Asked after the permission, so that nobody
    /// learns of the state of what is not theirs.
    ///
    /// # Errors
    /// 403 `Forbidden.DKMSInstanceStateInvalid`, `Forbidden.DKMSInstanceNotFound`.
    pub(crate) async fn connected(&self, instance: Option<&Id>) -> Result<(), ApiError> {
        let Some(instance) = instance else { return Ok(()) };
        let known =
            self.instance.get().filter(|(known, _)| known == instance).map(|(_, connected)| *connected);
        let connected = match known {
            Some(connected) => Some(connected),
            None => self.engine.instance(instance).await?.map(|record| record.value.is_connected()),
        };
        match connected {
            Some(true) => Ok(()),
            Some(false) => Err(ErrorCode::ForbiddenDkmsInstanceStateInvalid.into()),
            None => Err(ErrorCode::ForbiddenDkmsInstanceNotFound.into()),
        }
    }

    /// The key and version that made a ciphertext, by the version id in it. It may be any account's.
    ///
    /// # Errors
    /// 404 `Forbidden.KeyNotFound`, 403 `Forbidden.NoPermission`.
    pub async fn key_of_version(
        &self,
        param: &'static str,
        version_id: &str,
    ) -> Result<(Key, Arc<Versioned<KeyVersionRecord>>), ApiError> {
        let not_found = || ApiError::new(ErrorCode::ForbiddenKeyNotFound);
        let version = self
            .engine
            .image
            .get::<KeyVersionRecord>(&path::key_version(version_id))
            .await?
            // The record must be of the version that was asked for: one that was put under another's id opens nothing.
            .filter(|version| version.value.version_id == version_id)
            .filter(|version| *version.value.account == *self.account() || self.is_open_to_others())
            .ok_or_else(not_found)?;
        let key = self.key_of(&version.value.account, &version.value.key_id).await?.ok_or_else(not_found)?;
        self.authorise(ResourceRule::KeyOfCiphertext(param), Resource::key(&key))?;
        self.connected(key.value.instance.as_ref()).await?;
        Ok((key, version))
    }

    /// The version of a key that a parameter names by its id.
    ///
    /// # Errors
    /// 404 `Forbidden.KeyVersionNotFound`, also for a version of another key.
    pub async fn version_of(
        &self,
        key: &KeyRecord,
        version_id: &str,
    ) -> Result<Arc<Versioned<KeyVersionRecord>>, ApiError> {
        let version = self.engine.image.get::<KeyVersionRecord>(&path::key_version(version_id)).await?;
        version
            .filter(|version| {
                let version = &version.value;
                version.version_id == version_id
                    && *version.key_id == *key.key_id
                    && *version.account == *key.account
            })
            .ok_or_else(|| ErrorCode::ForbiddenKeyVersionNotFound.into())
    }

    /// Checks the permission on the alias that a parameter names; whether it exists is the caller's question.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn alias(&self, param: &'static str, name: &str) -> Result<(), ApiError> {
        self.authorise(ResourceRule::Alias(param), Resource::new(self.account(), "alias", Some(name)))
    }

    /// Checks the permission on the key to which an alias points now.
    ///
    /// # Errors
    /// 404 `Forbidden.AliasNotFound` when it is gone, 403 `Forbidden.NoPermission`.
    pub async fn key_of_alias(&self, param: &'static str, key_id: &str) -> Result<(), ApiError> {
        let key = self.key_of(self.account(), key_id).await?.ok_or(ErrorCode::ForbiddenAliasNotFound)?;
        self.authorise(ResourceRule::KeyOfAlias(param), Resource::key(&key))?;
        self.connected(key.value.instance.as_ref()).await
    }

    /// Account and name of the secret that a parameter gives by name or ARN.
    ///
    /// # Errors
    /// 400 `InvalidParameter` for a malformed ARN; 404 `Forbidden.ResourceNotFound` for one of something else, of another
    /// region, and of another account where the operation is not open to others.
    pub fn secret_name<'t>(&'t self, param: &'static str, text: &'t str) -> Result<SecretName<'t>, ApiError> {
        if !Arn::looks_like(text) {
            return Ok(SecretName { account: self.account(), name: text });
        }
        let named = self.resource_of_arn(param, text)?;
        let named = named.and_then(|(account, path)| Some((account, path.strip_prefix("secret/")?)));
        let (account, name) = named.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
        Ok(SecretName { account, name })
    }

    /// The secret that a parameter names by name or ARN.
    ///
    /// # Errors
    /// 404 `Forbidden.ResourceNotFound`, 403 `Forbidden.NoPermission`.
    pub async fn secret(
        &self,
        param: &'static str,
        text: &str,
    ) -> Result<Arc<Versioned<SecretRecord>>, ApiError> {
        self.secret_under(ResourceRule::Secret(param), param, text).await
    }

    /// A secret that an entry of a list names by name or ARN.
    ///
    /// # Errors
    /// As [`Call::secret`].
    pub async fn secret_of_list(
        &self,
        param: &'static str,
        text: &str,
    ) -> Result<Arc<Versioned<SecretRecord>>, ApiError> {
        self.secret_under(ResourceRule::EachSecret(param), param, text).await
    }

    async fn secret_under(
        &self,
        rule: ResourceRule,
        param: &'static str,
        text: &str,
    ) -> Result<Arc<Versioned<SecretRecord>>, ApiError> {
        let SecretName { account, name } = self.secret_name(param, text)?;
        let secret = self.secret_of(account, name).await?.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
        self.authorise(rule, Resource::secret(&secret))?;
        self.connected(secret.value.instance.as_ref()).await?;
        Ok(secret)
    }

    /// The secret that stands under an account and a name, and belongs there.
    async fn secret_of(
        &self,
        account: &str,
        name: &str,
    ) -> Result<Option<Arc<Versioned<SecretRecord>>>, ApiError> {
        let secret = self.engine.image.get::<SecretRecord>(&path::secret(account, name)).await?;
        let secret = secret.filter(|secret| {
            let secret = &secret.value;
            *secret.account == *account && *secret.name == *name && !secret.is_gone(self.now)
        });
        match secret {
            Some(secret) if self.reaches(account, secret.value.instance.as_ref()).await? => Ok(Some(secret)),
            _ => Ok(None),
        }
    }

    /// The key that protects a secret, when its owner chose one.
    ///
    /// # Errors
    /// 404 `Forbidden.KeyNotFound` when it is gone, 403 `Forbidden.NoPermission`.
    pub async fn key_of_secret(
        &self,
        param: &'static str,
        secret: &SecretRecord,
    ) -> Result<Option<Key>, ApiError> {
        let Some(key_id) = &secret.encryption_key_id else { return Ok(None) };
        let key = self.key_of(&secret.account, key_id).await?.ok_or(ErrorCode::ForbiddenKeyNotFound)?;
        if !self.secret_is_enough(&secret.account) {
            self.authorise(ResourceRule::KeyOfSecret(param), Resource::key(&key))?;
        }
        Ok(Some(key))
    }

    /// Whether the call reads values of its own account's secrets with a token or a client key: then the secret's permission is
    /// enough (KMS documentation, access control of GetSecretValue, and the templates of access points).
    fn secret_is_enough(&self, owner: &str) -> bool {
        let reads = match self.caller.principal() {
            // On the gateway of an instance both permissions are needed.
            Principal::Session(_) => {
                self.origin.gateway == Gateway::Shared
                    && matches!(self.def.id, OperationId::GetSecretValue | OperationId::BatchGetSecretValue)
            }
            Principal::ClientKey(_) => {
                matches!(self.def.id, OperationId::GetSecretValue | OperationId::InstanceGetSecretValue)
            }
            Principal::Root(_) | Principal::User { .. } | Principal::Anonymous => false,
        };
        reads && owner == self.account()
    }

    /// The same for a parameter that may be left out.
    ///
    /// # Errors
    /// As [`Call::secret`].
    pub async fn secret_if_given(
        &self,
        param: &'static str,
        text: &str,
    ) -> Result<Arc<Versioned<SecretRecord>>, ApiError> {
        self.secret_under(ResourceRule::SecretIfGiven(param), param, text).await
    }

    /// Checks the permission on a key that a tag operation names by its id; says whether there is one.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub async fn tagged_key(&self, param: &'static str, key_id: &str) -> Result<bool, ApiError> {
        let Some(key) = self.key_of(self.account(), key_id).await? else { return Ok(false) };
        self.authorise(ResourceRule::EachTagged(param), Resource::key(&key))?;
        self.connected(key.value.instance.as_ref()).await?;
        Ok(true)
    }

    /// The same for a secret.
    ///
    /// # Errors
    /// As [`Call::tagged_key`].
    pub async fn tagged_secret(&self, param: &'static str, name: &str) -> Result<bool, ApiError> {
        let Some(secret) = self.secret_of(self.account(), name).await? else { return Ok(false) };
        self.authorise(ResourceRule::EachTagged(param), Resource::secret(&secret))?;
        self.connected(secret.value.instance.as_ref()).await?;
        Ok(true)
    }

    /// Checks the permission on an identity that a tag operation names. Whether there is one is the caller's question.
    ///
    /// # Errors
    /// 403 `NoPermission`.
    pub fn tagged_identity(
        &self,
        param: &'static str,
        kind: &'static str,
        name: &str,
    ) -> Result<(), ApiError> {
        self.authorise(ResourceRule::EachTagged(param), Resource::new(self.account(), kind, Some(name)))
    }

    /// Checks the permission of a tag operation on all resources of a kind.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn tagged_all(&self, param: &'static str, kind: &'static str) -> Result<(), ApiError> {
        self.authorise(ResourceRule::EachTagged(param), Resource::new(self.account(), kind, None))
    }

    /// Checks the permission on another resource, `<kind>/<id>`, that a parameter names.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn named(&self, kind: &'static str, param: &'static str, id: &str) -> Result<(), ApiError> {
        self.authorise(ResourceRule::Named(kind, param), Resource::new(self.account(), kind, Some(id)))
    }

    /// The same for an operation on a RAM user that a parameter names, or else on the caller itself: `id` is the user's name
    /// in either case, and none for the account's root.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn named_or_self(
        &self,
        kind: &'static str,
        param: &'static str,
        id: Option<&str>,
    ) -> Result<(), ApiError> {
        self.authorise(ResourceRule::NamedOrSelf(kind, param), Resource::new(self.account(), kind, id))
    }

    /// Whether every permission of the definition that always applies was checked. Those that do not are about a resource
    /// that need not be there, or about the secrets of a list, none of which need exist.
    pub(crate) fn all_checked(&self) -> bool {
        let checked = self.checked.load(Ordering::Relaxed);
        let rules = || self.def.access.iter().enumerate();
        let is_checked = |index: usize| checked & 1 << index != 0;
        rules().all(|(index, rule)| match rule.resource {
            _ if is_checked(index) => true,
            ResourceRule::KeyIfGiven(_)
            | ResourceRule::SecretIfGiven(_)
            | ResourceRule::KeyOfSecret(_)
            | ResourceRule::EachSecret(_) => true,
            // A ciphertext's key may be named by a parameter instead, which then stands under the same action.
            ResourceRule::KeyOfCiphertext(_) => rules().any(|(other, named)| {
                is_checked(other)
                    && named.action == rule.action
                    && matches!(named.resource, ResourceRule::KeyIfGiven(_))
            }),
            ResourceRule::Named(_, param) => !self.needs(param),
            _ => false,
        })
    }

    /// Whether a request without this parameter is refused.
    fn needs(&self, param: &str) -> bool {
        self.def.parameters.iter().any(|parameter| parameter.name == param && parameter.required)
    }

    fn authorise(&self, rule: ResourceRule, resource: Resource<'_>) -> Result<(), ApiError> {
        let Some(index) = self.def.access.iter().position(|access| access.resource == rule) else {
            // A handler asks for what its operation does not declare: refused, whoever calls.
            tracing::error!(operation = self.def.name, ?rule, "no access rule is declared for this");
            return Err(ErrorCode::InternalFailure.into());
        };
        let action = self.def.access[index].action;
        let checked = self.facts().check(action, &resource);
        self.trail.decided(action, &resource, checked.is_ok());
        checked?;
        self.checked.fetch_or(1 << index, Ordering::Relaxed);
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            caller: self.caller,
            rights: self.rights.as_deref(),
            origin: self.origin,
            now: self.now,
            product: self.def.product,
            region: self.engine.region(),
        }
    }

    /// The refusal of a permission on a resource of the caller's own account, with the reason.
    pub(crate) fn denied(&self, action: &'static str, decision: Decision) -> ApiError {
        self.facts().denied(action, Some(decision))
    }

    /// Notes that a permission was checked which other policies decide about too: that on a role.
    pub(crate) fn note_checked(&self, rule: ResourceRule) {
        if let Some(index) = self.def.access.iter().position(|access| access.resource == rule) {
            self.checked.fetch_or(1 << index, Ordering::Relaxed);
        }
    }

    /// What a parameter calls a key; `None` when it is an ARN of something else, of another region, or of an account whose
    /// resources the operation does not reach.
    fn key_name<'t>(&'t self, param: &'static str, text: &'t str) -> Result<Option<KeyName<'t>>, ApiError> {
        let (account, name) = if Arn::looks_like(text) {
            let Some((account, path)) = self.resource_of_arn(param, text)? else { return Ok(None) };
            match path.strip_prefix("key/") {
                Some(name) => return Ok(Some(KeyName { account, name, is_alias: false })),
                None if path.starts_with("alias/") => (account, path),
                None => return Ok(None),
            }
        } else {
            (self.account(), text)
        };
        let alias = name.strip_prefix("alias/");
        Ok(Some(KeyName { account, name: alias.unwrap_or(name), is_alias: alias.is_some() }))
    }

    /// Takes an ARN down to account and resource; `None` when it is of another region, or of an account whose resources the
    /// operation does not reach.
    fn resource_of_arn<'t>(
        &self,
        param: &'static str,
        text: &'t str,
    ) -> Result<Option<(&'t str, &'t str)>, ApiError> {
        let arn = Arn::parse(text).map_err(|_| ApiError::invalid_parameter(param))?;
        let reaches = || {
            arn.account == self.account()
                // Accounts are numbers: no other text gets into a place of the store.
                || (arn.account.bytes().all(|byte| byte.is_ascii_digit()) && self.is_open_to_others())
        };
        Ok((arn.region == self.engine.region() && reaches()).then_some((arn.account, arn.resource)))
    }

    /// Whether the operation can be about resources of other accounts: when all that it needs can be allowed to others.
    fn is_open_to_others(&self) -> bool {
        self.def.access.iter().all(|rule| open_to_other_accounts(rule.action))
    }
}

/// How a parameter names a key.
#[derive(Clone, Copy)]
struct KeyName<'a> {
    account: &'a str,
    /// An id, or an alias without `alias/`.
    name: &'a str,
    is_alias: bool,
}

/// How a parameter names a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretName<'a> {
    /// The account that owns it.
    pub account: &'a str,
    /// Its name there.
    pub name: &'a str,
}
