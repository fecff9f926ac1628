//! One call under way: it resolves what the request names and authorises it in the same step.
//!
//! Handlers get keys, secrets and containers only from here, and each of these methods checks the permission that the
//! operation's definition asks for. What a definition does not name cannot be reached; what it names and a handler
//! forgets is found by [`Call::all_checked`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use keystead_api::{ApiError, Arn, ErrorCode, OperationDef, ResourceRule, Timestamp};

use crate::access::{Caller, Resource};
use crate::engine::Engine;
use crate::image::Versioned;
use crate::origin::Origin;
use crate::records::{AliasRecord, KeyRecord, KeyVersionRecord, SecretRecord, path};

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
    /// When; the same moment throughout the call.
    pub now: Timestamp,
    /// Whether it is only a rehearsal, of which nothing but its outcome is told.
    pub(crate) dry_run: bool,
    /// One bit for each rule of the definition that was checked.
    checked: AtomicU32,
}

/// A key as its record stands now.
pub type Key = Arc<Versioned<KeyRecord>>;

impl<'a> Call<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        caller: &'a Caller,
        def: &'static OperationDef,
        origin: &'a Origin<'a>,
        now: Timestamp,
    ) -> Self {
        Self { engine, caller, def, origin, now, dry_run: false, checked: AtomicU32::new(0) }
    }

    /// The account in which ids and names are looked up.
    pub fn account(&self) -> &'a str {
        self.caller.account()
    }

    /// The ARN of a resource of this account.
    pub fn arn(&self, resource: &str) -> String {
        Arn { region: self.engine.region(), account: self.account(), resource }.to_string()
    }

    /// Checks the permission on a container: `key`, `alias`, `secret`.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn container(&self, kind: &'static str) -> Result<(), ApiError> {
        self.authorise(ResourceRule::Container(kind), Resource { account: self.account(), kind, id: None })
    }

    /// Checks a permission that is about no resource.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn anything(&self) -> Result<(), ApiError> {
        self.authorise(ResourceRule::Any, Resource { account: self.account(), kind: "*", id: None })
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
            Some(KeyName::Alias(_)) => Err(ErrorCode::UnsupportedAlias.into()),
            _ => Ok(()),
        }
    }

    async fn key_under(&self, rule: ResourceRule, param: &'static str, text: &str) -> Result<Key, ApiError> {
        let (image, account) = (&self.engine.image, self.account());
        let missing = || ApiError::new(ErrorCode::ForbiddenKeyNotFound);
        let name = self.key_name(param, text)?.ok_or_else(missing)?;
        let alias = match name {
            KeyName::Id(_) => None,
            KeyName::Alias(name) => {
                let alias = image.get::<AliasRecord>(&path::alias(account, name)).await?;
                Some(alias.ok_or(ErrorCode::ForbiddenAliasNotFound)?)
            }
        };
        let key_id = match (&alias, name) {
            (Some(alias), _) => &alias.value.key_id,
            (None, KeyName::Id(id) | KeyName::Alias(id)) => id,
        };
        let key = image.get::<KeyRecord>(&path::key(account, key_id)).await?;
        let key = key.filter(|key| !key.value.is_gone(self.now)).ok_or_else(|| match alias {
            // An alias goes with its key, also while its record still waits to be removed.
            Some(_) => ErrorCode::ForbiddenAliasNotFound.into(),
            None => missing(),
        })?;
        self.authorise(rule, Resource::key(&key.value))?;
        Ok(key)
    }

    /// The key and version that made a ciphertext, by the version id in it.
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
            .filter(|version| {
                version.value.account == self.account() && version.value.version_id == version_id
            })
            .ok_or_else(not_found)?;
        let key = self
            .engine
            .image
            .get::<KeyRecord>(&path::key(&version.value.account, &version.value.key_id))
            .await?
            .filter(|key| !key.value.is_gone(self.now))
            .ok_or_else(not_found)?;
        self.authorise(ResourceRule::KeyOfCiphertext(param), Resource::key(&key.value))?;
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
        let resource = Resource { account: self.account(), kind: "alias", id: Some(name) };
        self.authorise(ResourceRule::Alias(param), resource)
    }

    /// Checks the permission on the key to which an alias points now.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn key_of_alias(&self, param: &'static str, key_id: &str) -> Result<(), ApiError> {
        let resource = Resource { account: self.account(), kind: "key", id: Some(key_id) };
        self.authorise(ResourceRule::KeyOfAlias(param), resource)
    }

    /// The name of the secret that a parameter gives by name or ARN, when it can be one of this account.
    ///
    /// # Errors
    /// 400 `InvalidParameter` for a malformed ARN; 404 `Forbidden.ResourceNotFound` for another account's.
    pub fn secret_name<'t>(&self, param: &'static str, text: &'t str) -> Result<&'t str, ApiError> {
        if !Arn::looks_like(text) {
            return Ok(text);
        }
        self.resource_of_arn(param, text)?
            .and_then(|resource| resource.strip_prefix("secret/"))
            .ok_or_else(|| ErrorCode::ForbiddenResourceNotFound.into())
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
        let name = self.secret_name(param, text)?;
        let secret = self
            .engine
            .image
            .get::<SecretRecord>(&path::secret(self.account(), name))
            .await?
            .filter(|secret| !secret.value.is_gone(self.now))
            .ok_or(ErrorCode::ForbiddenResourceNotFound)?;
        let resource =
            Resource { account: &secret.value.account, kind: "secret", id: Some(&secret.value.name) };
        self.authorise(rule, resource)?;
        Ok(secret)
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
        let key = self
            .engine
            .image
            .get::<KeyRecord>(&path::key(&secret.account, key_id))
            .await?
            .filter(|key| !key.value.is_gone(self.now))
            .ok_or(ErrorCode::ForbiddenKeyNotFound)?;
        self.authorise(ResourceRule::KeyOfSecret(param), Resource::key(&key.value))?;
        Ok(Some(key))
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

    /// Checks the permission on a resource that a tag operation names, or on all of its kind when `id` is none. Whether
    /// there is one is the caller's question.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn tagged(&self, param: &'static str, kind: &'static str, id: Option<&str>) -> Result<(), ApiError> {
        self.authorise(ResourceRule::EachTagged(param), Resource { account: self.account(), kind, id })
    }

    /// Checks the permission on another resource, `<kind>/<id>`, that a parameter names.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`.
    pub fn named(&self, kind: &'static str, param: &'static str, id: &str) -> Result<(), ApiError> {
        let resource = Resource { account: self.account(), kind, id: Some(id) };
        self.authorise(ResourceRule::Named(kind, param), resource)
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
        if !self.caller.may(self.def.access[index].action, resource) {
            return Err(ErrorCode::ForbiddenNoPermission.into());
        }
        self.checked.fetch_or(1 << index, Ordering::Relaxed);
        Ok(())
    }

    /// Notes that a permission was checked which other policies decide about too: that on a role.
    pub(crate) fn note_checked(&self, rule: ResourceRule) {
        if let Some(index) = self.def.access.iter().position(|access| access.resource == rule) {
            self.checked.fetch_or(1 << index, Ordering::Relaxed);
        }
    }

    /// What a parameter calls a key; `None` when it is an ARN of something else, or of another account or region.
    fn key_name<'t>(&self, param: &'static str, text: &'t str) -> Result<Option<KeyName<'t>>, ApiError> {
        let name = if Arn::looks_like(text) {
            let Some(resource) = self.resource_of_arn(param, text)? else { return Ok(None) };
            match resource.strip_prefix("key/") {
                Some(id) => return Ok(Some(KeyName::Id(id))),
                None if resource.starts_with("alias/") => resource,
                None => return Ok(None),
            }
        } else {
            text
        };
        Ok(Some(name.strip_prefix("alias/").map_or(KeyName::Id(name), KeyName::Alias)))
    }

    /// Takes an ARN down to its resource; `None` when it is of another account or region.
    fn resource_of_arn<'t>(&self, param: &'static str, text: &'t str) -> Result<Option<&'t str>, ApiError> {
        let arn = Arn::parse(text).map_err(|_| ApiError::invalid_parameter(param))?;
        let here = arn.account == self.account() && arn.region == self.engine.region();
        Ok(here.then_some(arn.resource))
    }
}

/// How a parameter names a key.
#[derive(Clone, Copy)]
enum KeyName<'a> {
    Id(&'a str),
    /// Without `alias/`.
    Alias(&'a str),
}
