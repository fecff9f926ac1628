use keystead_api::operations::{
    CreateKeyVersionKeyVersion, CreateKeyVersionRequest, CreateKeyVersionResponse,
    DescribeKeyVersionKeyVersion, DescribeKeyVersionRequest, DescribeKeyVersionResponse,
    ListKeyVersionsKeyVersions, ListKeyVersionsKeyVersionsItem, ListKeyVersionsRequest,
    ListKeyVersionsResponse,
};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::{KeyMaterial, Random};
use keystead_store::{Batch, Range};

use crate::call::Call;
use crate::engine::{CommitError, Engine, retrying};
use crate::ids;
use crate::image::ImageError;
use crate::instances::UseChange;
use crate::keys::create::{ORIGIN_SERVICE, no_randomness, put_new};
use crate::keys::list::read_all;
use crate::keys::material::new_material;
use crate::keys::{check_usable, read_key, replace_key};
use crate::paging::Page;
use crate::records::{KeyKind, KeyRecord, KeyVersionRecord, path};
use crate::vault::AccountKeys;

/// Seconds between two versions of a key pair at least (KMS API reference, CreateKeyVersion).
const BETWEEN_PAIRS: i64 = 7 * 86_400;
/// Versions of a key pair at most (the same).
const MAX_PAIRS: u64 = 50;

/// `CreateKeyVersion`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateKeyVersionRequest,
) -> Result<CreateKeyVersionResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    // Looked at before the work of making a key pair; what decides is the record that is read after it.
    check_takes_version(call.engine, &key.value, call.now).await?;
    let engine = call.engine;
    let in_force = &key.value;
    let keys = engine.vault.keys_of(&engine.image, &in_force.account, in_force.instance.as_ref()).await?;
    let material = new_material(engine, key.value.spec).await?;
    let version = retrying!({
        let (record, before) = read_key(engine, call.account(), &key.value.key_id, call.now).await?;
        check_takes_version(engine, &before, call.now).await?;
        let mut key = before.clone();
        let mut batch = Batch::new();
        let version = add(&mut batch, &mut key, &*engine.random, &keys, &material, call.now)?;
        UseChange::of_keys(key.instance.as_ref(), 1).enter(engine, &mut batch).await?;
        replace_key(&mut batch, &record, &before, &key)?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(version)
    })?;
    let key_version = CreateKeyVersionKeyVersion {
        creation_date: Some(version.created.to_string()),
        key_id: Some(version.key_id),
        key_version_id: Some(version.version_id),
    };
    Ok(CreateKeyVersionResponse { key_version: Some(key_version), ..CreateKeyVersionResponse::default() })
}

/// `DescribeKeyVersion`
pub(crate) async fn describe(
    call: &Call<'_>,
    request: DescribeKeyVersionRequest,
) -> Result<DescribeKeyVersionResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let version = call.version_of(&key.value, &request.key_version_id).await?;
    let key_version = DescribeKeyVersionKeyVersion {
        creation_date: Some(version.value.created.to_string()),
        key_id: Some(version.value.key_id.clone()),
        key_version_id: Some(version.value.version_id.clone()),
    };
    Ok(DescribeKeyVersionResponse { key_version: Some(key_version), ..DescribeKeyVersionResponse::default() })
}

/// `ListKeyVersions`: the oldest version first.
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListKeyVersionsRequest,
) -> Result<ListKeyVersionsResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let page = Page::new(request.page_number, request.page_size, 10)?;
    let range = Range::prefix(path::key_versions(&key.value.key_id));
    let mut versions: Vec<KeyVersionRecord> = read_all(call, range).await?;
    let total = i64::try_from(versions.len()).unwrap_or(i64::MAX);
    // Ids are drawn, so they do not tell the order.
    versions.sort_by(|a, b| (a.created, &a.version_id).cmp(&(b.created, &b.version_id)));
    let positions = page.positions();
    let key_version = (0u64..)
        .zip(versions)
        .filter(|(position, _)| positions.contains(position))
        .map(|(_, version)| ListKeyVersionsKeyVersionsItem {
            creation_date: Some(version.created.to_string()),
            key_id: Some(version.key_id),
            key_version_id: Some(version.version_id),
        })
        .collect();
    Ok(ListKeyVersionsResponse {
        key_versions: Some(ListKeyVersionsKeyVersions { key_version }),
        page_number: Some(page.number),
        page_size: Some(page.size),
        total_count: Some(total),
        ..ListKeyVersionsResponse::default()
    })
}

/// Adds a version to a key, which becomes the one that encrypts, and its record to the batch.
pub(crate) fn add(
    batch: &mut Batch,
    key: &mut KeyRecord,
    random: &dyn Random,
    keys: &AccountKeys,
    material: &KeyMaterial,
    now: Timestamp,
) -> Result<KeyVersionRecord, ApiError> {
    let version_id = ids::version_id(random, &key.key_id).map_err(no_randomness)?;
    let place = (key.account.as_str(), key.key_id.as_str(), version_id.as_str());
    let sealed = keys.seal_material(random, place, material).map_err(|error| {
        tracing::error!(%error, "a key version cannot be made");
        ApiError::new(ErrorCode::InternalFailure)
    })?;
    let version = KeyVersionRecord {
        version_id: version_id.as_str().to_owned(),
        key_id: key.key_id.as_str().to_owned(),
        account: key.account.as_str().to_owned(),
        sealed_material: Some(sealed),
        created: now,
    };
    put_new(batch, path::key_version(&version_id), &version)?;
    key.primary_version = version_id;
    key.last_rotation = now;
    key.state_epoch += 1;
    Ok(version)
}

/// Lets keys through that may get another version now.
async fn check_takes_version(engine: &Engine, key: &KeyRecord, now: Timestamp) -> Result<(), ApiError> {
    engine.config.compat.check_version(key)?;
    let unsupported = Err(ErrorCode::RejectedUnsupportedOperation.into());
    match key.spec.kind() {
        // An imported key has the one material that was imported; codes name no version, so that with a second key
        // nobody could tell which one they were made with.
        _ if key.origin != ORIGIN_SERVICE => unsupported,
        KeyKind::Mac(_) => unsupported,
        KeyKind::Symmetric(_) => check_usable(key, now),
        KeyKind::Pair(_) => {
            check_usable(key, now)?;
            if now < key.last_rotation.plus(BETWEEN_PAIRS) {
                return unsupported;
            }
            let versions = Range::prefix(path::key_versions(&key.key_id));
            let versions = engine.store.count(versions).await.map_err(ImageError::from)?;
            if versions < MAX_PAIRS { Ok(()) } else { Err(ErrorCode::RejectedLimitExceeded.into()) }
        }
    }
}
