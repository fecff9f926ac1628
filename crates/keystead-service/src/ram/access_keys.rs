//! AccessKeys of users and of the account's root.

use std::sync::Arc;

use keystead_api::operations::ram::{
    CreateAccessKeyAccessKey, CreateAccessKeyRequest, CreateAccessKeyResponse, DeleteAccessKeyRequest,
    DeleteAccessKeyResponse, GetAccessKeyLastUsedAccessKeyLastUsed, GetAccessKeyLastUsedRequest,
    GetAccessKeyLastUsedResponse, ListAccessKeysAccessKeys, ListAccessKeysAccessKeysAccessKey,
    ListAccessKeysRequest, ListAccessKeysResponse, UpdateAccessKeyRequest, UpdateAccessKeyResponse,
};
use keystead_api::{ApiError, ErrorCode, Flaw, SecretText};
use keystead_store::Batch;
use zeroize::Zeroizing;

use super::renames::dangling;
use super::{commit, current, limits, names, new_id, root_keys, users};
use crate::access::Principal;
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::Versioned;
use crate::keys::create::put_new;
use crate::records::{AccessKeyRecord, AccountRecord, KeyOwner, UserRecord, path};
use crate::vault::VaultError;

/// `Status` of one that may be used, and of one that may not.
const ACTIVE: &str = "Active";
const INACTIVE: &str = "Inactive";

/// Whose AccessKeys an operation is about.
enum Whose {
    Root,
    User(Arc<Versioned<UserRecord>>),
}

/// The user that `UserName` names, or else the caller.
async fn whose(call: &Call<'_>, user_name: Option<&str>) -> Result<Whose, ApiError> {
    let allowed = |id: Option<&str>| call.named_or_self("user", "UserName", id);
    if let Some(name) = user_name.filter(|name| !name.is_empty()) {
        let found = users::find(call, "UserName", name).await?;
        allowed(Some(found.as_ref().map_or(name, |user| &user.value.name)))?;
        return Ok(Whose::User(found.ok_or(ErrorCode::EntityNotExistUser)?));
    }
    match call.caller.principal() {
        Principal::Root(_) => {
            allowed(None)?;
            Ok(Whose::Root)
        }
        Principal::User { user, .. } => {
            allowed(Some(&user.value.name))?;
            Ok(Whose::User(user.clone()))
        }
        // A role has no AccessKeys.
        Principal::Session(_) | Principal::ClientKey(_) | Principal::Anonymous => {
            Err(ErrorCode::Missing("UserName").into())
        }
    }
}

impl Whose {
    /// The ids of the AccessKeys, oldest first.
    async fn ids(&self, call: &Call<'_>) -> Result<Vec<String>, ApiError> {
        match self {
            Self::User(user) => Ok(user.value.access_keys.clone()),
            Self::Root => {
                let place = path::account(call.account());
                let account = call.engine.image.get::<AccountRecord>(&place).await?;
                let account = account.ok_or_else(|| dangling("an account"))?;
                Ok(root_keys::ids(call.engine, &account.value))
            }
        }
    }

    /// Lets an id through that is one of them.
    async fn check(&self, call: &Call<'_>, id: &str) -> Result<(), ApiError> {
        match self.ids(call).await?.iter().any(|known| known == id) {
            true => Ok(()),
            false => Err(ErrorCode::EntityNotExistUserAccessKey.into()),
        }
    }
}

/// An AccessKey that nobody has yet.
struct New {
    record: AccessKeyRecord,
    secret: Zeroizing<String>,
}

/// Makes an AccessKey.
async fn make(call: &Call<'_>, owner: Option<KeyOwner>) -> Result<New, ApiError> {
    let engine = call.engine;
    let id = new_id(ids::access_key_id(&*engine.random))?;
    let secret = new_id(ids::access_key_secret(&*engine.random))?;
    let keys = engine.vault.account(&engine.image, call.account()).await?;
    let sealed = keys.seal_access_key_secret(&*engine.random, (call.account(), &id), &secret);
    let sealed_secret = sealed.map_err(|error| {
        tracing::error!(%error, "an AccessKey's secret cannot be sealed");
        VaultError::Unopened("AccessKey secret")
    })?;
    let record = AccessKeyRecord {
        access_key_id: id,
        account: call.account().to_owned(),
        sealed_secret,
        active: true,
        created: call.now,
        owner,
    };
    Ok(New { record, secret })
}

/// `CreateAccessKey`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateAccessKeyRequest,
) -> Result<CreateAccessKeyResponse, ApiError> {
    let whose = whose(call, request.user_name.as_deref()).await?;
    let owner = match &whose {
        Whose::Root => None,
        Whose::User(user) => {
            Some(KeyOwner { name: user.value.name.to_ascii_lowercase(), user_id: user.value.user_id.clone() })
        }
    };
    let New { record, secret } = make(call, owner).await?;
    let full = |keys: &Vec<String>| match keys.len() >= limits::ACCESS_KEYS {
        true => Err(ApiError::new(ErrorCode::LimitExceededUserAccessKey)),
        false => Ok(()),
    };
    retrying!({
        let mut batch = Batch::new();
        match &whose {
            Whose::User(seen) => {
                let mut user = users::to_change(call, &seen.value).await?;
                full(&user.value.access_keys)?;
                user.value.access_keys.push(record.access_key_id.clone());
                user.write(&mut batch)?;
            }
            Whose::Root => {
                let mut account = root_keys::account(call).await?;
                full(&account.value.root_access_keys)?;
                account.value.root_access_keys.push(record.access_key_id.clone());
                account.write(&mut batch)?;
            }
        }
        put_new(&mut batch, path::access_key(&record.access_key_id), &record)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    let access_key = CreateAccessKeyAccessKey {
        access_key_id: record.access_key_id,
        access_key_secret: SecretText::from(secret.as_str()),
        create_date: record.created.to_string(),
        status: ACTIVE.into(),
    };
    Ok(CreateAccessKeyResponse { access_key, ..CreateAccessKeyResponse::default() })
}

/// `ListAccessKeys`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse, ApiError> {
    let whose = whose(call, request.user_name.as_deref()).await?;
    let mut access_key = Vec::new();
    for id in whose.ids(call).await? {
        // One that was deleted since the list was read is left out.
        let found = call.engine.image.get::<AccessKeyRecord>(&path::access_key(&id)).await?;
        let Some(found) = found else { continue };
        access_key.push(ListAccessKeysAccessKeysAccessKey {
            access_key_id: id,
            create_date: found.value.created.to_string(),
            status: if found.value.active { ACTIVE } else { INACTIVE }.into(),
        });
    }
    Ok(ListAccessKeysResponse {
        access_keys: ListAccessKeysAccessKeys { access_key },
        ..ListAccessKeysResponse::default()
    })
}

/// `UpdateAccessKey`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateAccessKeyRequest,
) -> Result<UpdateAccessKeyResponse, ApiError> {
    let active = match request.status.as_str() {
        ACTIVE => true,
        INACTIVE => false,
        _ => return Err(names::invalid("Status", Flaw::Value)),
    };
    let whose = whose(call, request.user_name.as_deref()).await?;
    let id = &request.user_access_key_id;
    whose.check(call, id).await?;
    retrying!({
        let key = current::<AccessKeyRecord>(call, &path::access_key(id)).await?;
        let mut key = key.ok_or(ApiError::new(ErrorCode::EntityNotExistUserAccessKey))?;
        if key.value.active == active {
            return Ok(());
        }
        let mut batch = Batch::new();
        if !active && matches!(whose, Whose::Root) {
            let account = root_keys::account(call).await?;
            let other = root_keys::another_active(call, &account.value, id).await?;
            // It must still be active when this one no longer is.
            batch.expect_at(other.read.key.as_str(), other.read.revision);
        }
        key.value.active = active;
        key.write(&mut batch)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(UpdateAccessKeyResponse::default())
}

/// `DeleteAccessKey`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteAccessKeyRequest,
) -> Result<DeleteAccessKeyResponse, ApiError> {
    let whose = whose(call, request.user_name.as_deref()).await?;
    let id = &request.user_access_key_id;
    whose.check(call, id).await?;
    retrying!({
        let key = current::<AccessKeyRecord>(call, &path::access_key(id)).await?;
        let key = key.ok_or(ApiError::new(ErrorCode::EntityNotExistUserAccessKey))?;
        let mut batch = Batch::new();
        match &whose {
            Whose::User(seen) => {
                let mut user = users::to_change(call, &seen.value).await?;
                user.value.access_keys.retain(|known| known != id);
                user.write(&mut batch)?;
            }
            Whose::Root => {
                let mut account = root_keys::account(call).await?;
                let other = root_keys::another_active(call, &account.value, id).await?;
                batch.expect_at(other.read.key.as_str(), other.read.revision);
                account.value.root_access_keys.retain(|known| known != id);
                account.write(&mut batch)?;
            }
        }
        key.remove(&mut batch);
        batch.delete(path::access_key_use(id));
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteAccessKeyResponse::default())
}

/// `GetAccessKeyLastUsed`
pub(crate) async fn last_used(
    call: &Call<'_>,
    request: GetAccessKeyLastUsedRequest,
) -> Result<GetAccessKeyLastUsedResponse, ApiError> {
    let whose = whose(call, request.user_name.as_deref()).await?;
    let id = &request.user_access_key_id;
    whose.check(call, id).await?;
    let used = call.engine.access_key_use(id).await?;
    // Empty for one that was never used.
    let last_used_date = used.map(|used| used.used.to_string()).unwrap_or_default();
    Ok(GetAccessKeyLastUsedResponse {
        access_key_last_used: GetAccessKeyLastUsedAccessKeyLastUsed { last_used_date },
        ..GetAccessKeyLastUsedResponse::default()
    })
}
