//! The driver for AccessKeys of RAM users, which live in this service itself.
//!
//! A user has at most two AccessKeys. Setting a new one takes the place of the one that the secret does not name as
//! current; the current one keeps working until the next rotation, and is then the one that goes.

use std::sync::Arc;

use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::constant_time_eq;
use keystead_store::Batch;

use super::driver::{
    DriverError, DriverFuture, Left, Login, LoginSecret, NewAccount, RotationDriver, Target,
};
use super::{login, state};
use crate::audit::{ServiceWork, Subject};
use crate::engine::{CommitError, Engine, retrying};
use crate::image::{ImageError, Versioned, decode};
use crate::keys::create::{encode, put_new};
use crate::records::{AccessKeyRecord, DueKind, KeyOwner, SecretRecord, Stored, UserRecord, path};
use crate::secrets::CURRENT;

/// AccessKeys of a user at most.
const MOST: usize = 2;

/// Changes the AccessKeys of one account's users.
pub(super) struct AccessKeys {
    engine: Arc<Engine>,
    account: String,
}

impl std::fmt::Debug for AccessKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKeys").field("account", &self.account).finish_non_exhaustive()
    }
}

impl AccessKeys {
    pub(super) fn new(engine: Arc<Engine>, account: &str) -> Self {
        Self { engine, account: account.to_owned() }
    }

    /// Makes the AccessKey; one that is there already stays.
    async fn make(&self, target: &Target, login: &Login) -> Result<(), DriverError> {
        let LoginSecret::AccessKey(secret) = &login.secret else { return Err(no_access_key()) };
        let engine = &*self.engine;
        let id = &login.account;
        let keys =
            engine.vault.account(&engine.image, &self.account).await.map_err(|error| failed(error.into()))?;
        let sealed = keys.seal_access_key_secret(&*engine.random, (&self.account, id), secret.expose());
        let sealed_secret = sealed.map_err(|_| failed(ErrorCode::InternalFailure.into()))?;
        let now = engine.now();
        let current = self.current(target, now).await?;
        let user_at = path::user(&self.account, &target.id);
        let key_at = path::access_key(id);
        let (kind, account) = (DueKind::SecretRotation, self.account.as_str());
        let subject = Subject { kind, account, id: &target.secret_name, caused_by: None };
        let work = ServiceWork::begin(engine, subject);
        let author = work.author(engine);
        let made: Result<(), ApiError> = retrying!({
            let user = self.read::<UserRecord>(&user_at).await?;
            let mut user = user.ok_or(ApiError::new(ErrorCode::EntityNotExistUser))?;
            if let Some(known) = self.read::<AccessKeyRecord>(&key_at).await? {
                // An earlier attempt made it.
                let ours = known.0.value.owner.is_some_and(|owner| owner.user_id == user.0.value.user_id);
                let code = ErrorCode::RejectedResourceExist;
                return if ours { Ok(()) } else { Err(ApiError::new(code).into()) };
            }
            let mut batch = Batch::new();
            let owned = &mut user.0.value.access_keys;
            while owned.len() >= MOST {
                let leaving = self.leaving(owned, &current).await?;
                let leaving =
                    owned.remove(leaving.ok_or(ApiError::new(ErrorCode::LimitExceededUserAccessKey))?);
                batch.delete(path::access_key(&leaving)).delete(path::access_key_use(&leaving));
                tracing::info!(
                    user = target.id,
                    access_key_id = leaving,
                    "an AccessKey makes room for a new one"
                );
            }
            owned.push(id.clone());
            let owner = KeyOwner {
                name: user.0.value.name.to_ascii_lowercase(),
                user_id: user.0.value.user_id.clone(),
            };
            batch.replace(&user.1, encode(&user.0.value)?);
            let record = AccessKeyRecord {
                access_key_id: id.clone(),
                account: self.account.clone(),
                sealed_secret: sealed_secret.clone(),
                active: true,
                created: now,
                owner: Some(owner),
            };
            put_new(&mut batch, key_at.clone(), &record)?;
            author.commit(batch).await?;
            Ok::<_, CommitError>(())
        });
        work.finish(engine, &made).await;
        made.map_err(failed)
    }

    /// Which of a user's AccessKeys goes: one that is switched off, or else the oldest; never the current one.
    async fn leaving(&self, owned: &[String], current: &str) -> Result<Option<usize>, ApiError> {
        let mut oldest = None;
        for (index, id) in owned.iter().enumerate().filter(|(_, id)| *id != current) {
            let key = self.read::<AccessKeyRecord>(&path::access_key(id)).await?;
            if key.is_none_or(|key| !key.0.value.active) {
                return Ok(Some(index));
            }
            oldest = oldest.or(Some(index));
        }
        Ok(oldest)
    }

    /// The id of the AccessKey that the secret has as its current value.
    async fn current(&self, target: &Target, now: Timestamp) -> Result<String, DriverError> {
        let engine = &*self.engine;
        let place = path::secret(&self.account, &target.secret_name);
        let secret = self.read::<SecretRecord>(&place).await.map_err(failed)?;
        let secret = secret.ok_or_else(|| failed(ErrorCode::ForbiddenResourceNotFound.into()))?.0.value;
        let key = state::key(engine, &secret, now).await.map_err(failed)?;
        let login = login::at_stage(engine, &secret, key.as_ref(), CURRENT, now).await.map_err(failed)?;
        Ok(login.map(|login| login.account).unwrap_or_default())
    }

    /// Whether the AccessKey is the user's, may be used, and has this secret.
    async fn check(&self, target: &Target, login: &Login) -> Result<(), DriverError> {
        let LoginSecret::AccessKey(secret) = &login.secret else { return Err(no_access_key()) };
        let engine = &*self.engine;
        let user = self.read::<UserRecord>(&path::user(&self.account, &target.id)).await.map_err(failed)?;
        let user = user.ok_or_else(|| failed(ErrorCode::EntityNotExistUser.into()))?.0.value;
        let key = self.read::<AccessKeyRecord>(&path::access_key(&login.account)).await.map_err(failed)?;
        let owned = |key: &AccessKeyRecord| {
            key.account == self.account
                && key.owner.as_ref().is_some_and(|owner| owner.user_id == user.user_id)
        };
        let Some(key) = key.map(|key| key.0.value).filter(owned) else {
            return Err(DriverError::refused("the user has no such AccessKey"));
        };
        if !key.active {
            return Err(DriverError::refused("the AccessKey is switched off"));
        }
        let keys =
            engine.vault.account(&engine.image, &self.account).await.map_err(|error| failed(error.into()))?;
        let known = keys.open_access_key_secret(&key);
        let known = known.map_err(|_| failed(ErrorCode::InternalFailure.into()))?;
        match constant_time_eq(&known, secret.expose().as_bytes()) {
            true => Ok(()),
            false => Err(DriverError::refused("the AccessKey has another secret")),
        }
    }

    async fn read<T: Stored>(
        &self,
        key: &str,
    ) -> Result<Option<(Versioned<T>, keystead_store::Record)>, ApiError> {
        let record = self.engine.store.get(key).await.map_err(ImageError::from)?;
        Ok(match record {
            Some(record) => Some((decode::<T>(&record)?, record)),
            None => None,
        })
    }
}

impl RotationDriver for AccessKeys {
    fn owner(&self) -> Option<&str> {
        Some(&self.account)
    }

    fn authority(&self) -> Option<&str> {
        None
    }

    fn serves(&self, secret_type: &str, _: &str) -> bool {
        secret_type == crate::records::SecretType::RamCredentials.as_str()
    }

    fn set<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(self.make(target, login))
    }

    fn log_in<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(self.check(target, login))
    }

    fn create<'a>(&'a self, _: &'a Target, _: &'a NewAccount) -> DriverFuture<'a> {
        Box::pin(async { Err(DriverError::refused("users are made with CreateUser of RAM")) })
    }

    fn remove<'a>(&'a self, _: &'a Target, _: &'a str) -> DriverFuture<'a> {
        Box::pin(async { Err(DriverError::refused("users are deleted with DeleteUser of RAM")) })
    }
}

fn no_access_key() -> DriverError {
    DriverError::refused("the login is no AccessKey")
}

/// What this service's own store answered.
fn failed(error: ApiError) -> DriverError {
    match error.status() {
        // Nothing was done.
        503 => DriverError::unavailable(error.to_string()),
        500.. => DriverError { left: Left::Unknown, lasting: false, message: error.to_string() },
        _ => DriverError::refused(error.to_string()),
    }
}
