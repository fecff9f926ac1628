use keystead_api::operations::{
    DeleteAliasRequest, DeleteAliasResponse, ListAliasesByKeyIdAliases, ListAliasesByKeyIdAliasesAliasItem,
    ListAliasesByKeyIdRequest, ListAliasesByKeyIdResponse, UpdateAliasRequest, UpdateAliasResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, Range, Record};

use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::image::{ImageError, decode};
use crate::keys::alias::alias_name;
use crate::keys::create::{encode, put_new};
use crate::keys::list::read_places;
use crate::keys::read_key;
use crate::paging::Page;
use crate::records::{AliasRecord, KeyAliasRecord, KeyRecord, KeyState, path};

/// `UpdateAlias`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateAliasRequest,
) -> Result<UpdateAliasResponse, ApiError> {
    let name = alias_name(&request.alias_name)?;
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    call.alias("AliasName", name)?;

    let (engine, account) = (call.engine, call.account());
    retrying!({
        let (record, old) = bound_key(call, name).await?;
        let (new_record, new) = read_key(engine, account, &key.value.key_id, call.now).await?;
        if new.state == KeyState::PendingDeletion {
            return Err(ApiError::new(ErrorCode::RejectedPendingDeletion).into());
        }
        if new.key_id == old.key_id {
            return Ok(());
        }
        let alias = AliasRecord { name: name.to_owned(), key_id: new.key_id.as_str().to_owned() };
        let mut batch = Batch::new();
        // The new key must still be as it was read, or the alias could point to a key that is gone.
        batch.expect_at(new_record.key.as_str(), new_record.revision);
        batch.replace(&record, encode(&alias)?);
        batch.delete(path::key_alias(account, &old.key_id, name));
        put_new(&mut batch, path::key_alias(account, &new.key_id, name), &KeyAliasRecord {})?;
        engine.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(UpdateAliasResponse::default())
}

/// `DeleteAlias`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteAliasRequest,
) -> Result<DeleteAliasResponse, ApiError> {
    let name = alias_name(&request.alias_name)?;
    call.alias("AliasName", name)?;
    retrying!({
        let (record, key) = bound_key(call, name).await?;
        let mut batch = Batch::new();
        batch.remove(&record);
        batch.delete(path::key_alias(call.account(), &key.key_id, name));
        call.engine.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteAliasResponse::default())
}

/// `ListAliasesByKeyId`
pub(crate) async fn list_by_key(
    call: &Call<'_>,
    request: ListAliasesByKeyIdRequest,
) -> Result<ListAliasesByKeyIdResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    let page = Page::new(request.page_number, request.page_size, 10)?;
    let account = &key.value.account;
    let prefix = path::key_alias(account, &key.value.key_id, "");
    let (places, total) = read_places(call, Range::prefix(prefix.as_str()), page).await?;
    let alias = places
        .iter()
        .filter_map(|place| place.strip_prefix(&prefix))
        .map(|name| ListAliasesByKeyIdAliasesAliasItem {
            alias_arn: Some(call.arn(account, &format!("alias/{name}"))),
            alias_name: Some(format!("alias/{name}")),
            key_id: Some(key.value.key_id.as_str().to_owned()),
        })
        .collect();
    Ok(ListAliasesByKeyIdResponse {
        aliases: Some(ListAliasesByKeyIdAliases { alias }),
        page_number: Some(page.number),
        page_size: Some(page.size),
        total_count: Some(total),
        ..ListAliasesByKeyIdResponse::default()
    })
}

/// An alias as it stands in the store and the key to which it points, once the caller may change that binding. An alias is
/// gone with its key, also while its record still waits to be removed.
async fn bound_key(call: &Call<'_>, name: &str) -> Result<(Record, KeyRecord), ApiError> {
    let engine = call.engine;
    let record = engine.store.get(&path::alias(call.account(), name)).await.map_err(ImageError::from)?;
    let record = record.ok_or(ErrorCode::ForbiddenAliasNotFound)?;
    let alias = decode::<AliasRecord>(&record)?.value;
    let key = read_key(engine, call.account(), &alias.key_id, call.now).await;
    let (_, key) = key.map_err(|error| match error.code() {
        ErrorCode::ForbiddenKeyNotFound => ErrorCode::ForbiddenAliasNotFound.into(),
        _ => error,
    })?;
    call.key_of_alias("AliasName", &key.key_id).await?;
    Ok((record, key))
}
