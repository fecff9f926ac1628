use keystead_api::operations::{
    CreateAliasRequest, CreateAliasResponse, ListAliasesAliases, ListAliasesAliasesAliasItem,
    ListAliasesRequest, ListAliasesResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, Range};

use crate::call::Call;
use crate::due;
use crate::engine::{CommitError, retrying};
use crate::image::{ImageError, decode};
use crate::keys::create::put_new;
use crate::keys::deletion;
use crate::keys::list::read_page;
use crate::paging::Page;
use crate::records::{AliasRecord, KeyAliasRecord, KeyRecord, KeyState, path};

/// Characters after `alias/` at most (KMS API reference, CreateAlias).
const MAX_NAME: usize = 255;

/// `CreateAlias`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateAliasRequest,
) -> Result<CreateAliasResponse, ApiError> {
    let name = alias_name(&request.alias_name)?;
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    call.alias("AliasName", name)?;

    let engine = call.engine;
    let account = call.account();
    let at_key = path::key(account, &key.value.key_id);
    let at_alias = path::alias(account, name);
    retrying!({
        let failed = |error| ApiError::from(ImageError::from(error));
        if let Some(record) = engine.store.get(&at_alias).await.map_err(failed)? {
            let alias = decode::<AliasRecord>(&record).map_err(ApiError::from)?.value;
            if !deletion::finish(engine, account, &alias.key_id, call.now).await? {
                return Err(ApiError::new(ErrorCode::AliasAlreadyExists).into());
            }
        }
        let record = engine.store.get(&at_key).await.map_err(failed)?;
        let record = record.ok_or(ApiError::new(ErrorCode::ForbiddenKeyNotFound))?;
        let key = decode::<KeyRecord>(&record).map_err(ApiError::from)?.value;
        if key.state == KeyState::PendingDeletion {
            return Err(ApiError::new(ErrorCode::RejectedStateModifiedFailed).into());
        }
        let mut batch = Batch::new();
        // The key must still be as it was read, or an alias could point to a key that is gone.
        batch.expect_at(at_key.clone(), record.revision);
        put_new(
            &mut batch,
            at_alias.clone(),
            &AliasRecord { name: name.to_owned(), key_id: key.key_id.as_str().to_owned() },
        )?;
        put_new(&mut batch, path::key_alias(account, &key.key_id, name), &KeyAliasRecord {})?;
        engine.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(CreateAliasResponse::default())
}

/// `ListAliases`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListAliasesRequest,
) -> Result<ListAliasesResponse, ApiError> {
    call.container("alias")?;
    let page = Page::new(request.page_number, request.page_size, 10)?;
    let range = Range::prefix(path::alias(call.account(), ""));
    let gone = due::gone_keys(call.engine, call.account(), call.now).await?;
    let there = |alias: &AliasRecord| !gone.contains(&alias.key_id);
    let (aliases, total) = read_page::<AliasRecord>(call, range, page, there).await?;
    let alias = aliases
        .into_iter()
        .map(|alias| ListAliasesAliasesAliasItem {
            alias_arn: call.arn(call.account(), &format!("alias/{}", alias.name)),
            alias_name: format!("alias/{}", alias.name),
            key_id: alias.key_id,
        })
        .collect();
    Ok(ListAliasesResponse {
        aliases: ListAliasesAliases { alias },
        page_number: page.number,
        page_size: page.size,
        total_count: total,
        ..ListAliasesResponse::default()
    })
}

/// The name without `alias/`: 1 to 255 of letters, digits, `_`, `-` and `/`; `alias/acs` is kept for service keys.
pub(crate) fn alias_name(text: &str) -> Result<&str, ApiError> {
    let invalid = || ApiError::invalid_parameter("AliasName");
    let name = text.strip_prefix("alias/").ok_or_else(invalid)?;
    let valid = (1..=MAX_NAME).contains(&name.len())
        && !name.starts_with("acs")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte));
    if valid { Ok(name) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::alias_name;

    #[test]
    fn names() {
        assert!(alias_name("alias/team/app_1-x").is_ok());
        assert!(alias_name(&format!("alias/{}", "x".repeat(255))).is_ok());
        for bad in ["", "app", "alias/", "alias/acs/oss", "alias/a b", "alias/\u{e9}", "ALIAS/a", "alias/a\0"]
        {
            assert!(alias_name(bad).is_err(), "{bad}");
        }
        assert!(alias_name(&format!("alias/{}", "x".repeat(256))).is_err());
    }
}
