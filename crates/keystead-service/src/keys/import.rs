use keystead_api::operations::{
    DeleteKeyMaterialRequest, DeleteKeyMaterialResponse, GetParametersForImportRequest,
    GetParametersForImportResponse, ImportKeyMaterialRequest, ImportKeyMaterialResponse,
};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::{
    KeyMaterial, KeyPairError, KeyPairSpec, PrivateKey, WrappingAlgorithm, constant_time_eq,
};
use keystead_store::{Batch, Record};
use smallvec::SmallVec;

use crate::audit::Author;
use crate::call::Call;
use crate::compat::Place;
use crate::due::{self, Due};
use crate::engine::{CommitError, retrying};
use crate::image::{ImageError, decode};
use crate::keys::create::{ORIGIN_EXTERNAL, encode, no_randomness};
use crate::keys::import_token::{Token, wrapping_spec};
use crate::keys::{base64, read_key, replace_key};
use crate::records::{KeyKind, KeyRecord, KeyState, KeyVersionRecord, Sealed, path};

/// Seconds for which a token is valid (KMS API reference, GetParametersForImport).
const TOKEN_SECONDS: i64 = 86_400;
/// The last second that has a spelling on the wire, 9999-12-30T22:00:00Z.
const LAST_SECOND: i64 = 253_402_207_200;

/// `GetParametersForImport`
pub(crate) async fn parameters(
    call: &Call<'_>,
    request: GetParametersForImportRequest,
) -> Result<GetParametersForImportResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    let key = &key.value;
    let algorithm = wrapping(&request.wrapping_key_spec, &request.wrapping_algorithm)?;
    check_external(key)?;
    call.engine.config.compat.check_wrapping(algorithm, Place::of(key))?;

    let random = call.engine.random.clone();
    let make = move || {
        let pair = PrivateKey::generate(wrapping_spec(algorithm), &*random)?;
        Ok::<_, KeyPairError>((pair.to_material()?, base64::encode(pair.public_key().spki())))
    };
    let (wrapping_key, public_key) = call.engine.heavy.key_pair(make).await?.map_err(|error| {
        tracing::error!(%error, "a wrapping key cannot be made");
        ApiError::new(ErrorCode::InternalFailure)
    })?;
    let expires = call.now.plus(TOKEN_SECONDS);
    let token = Token::new(call, key, algorithm, expires, wrapping_key)?;
    Ok(GetParametersForImportResponse {
        import_token: Some(token.seal(call).await?.into()),
        key_id: Some(key.key_id.as_str().to_owned()),
        public_key: Some(public_key.into()),
        token_expire_time: Some(expires.to_string()),
        ..GetParametersForImportResponse::default()
    })
}

/// `ImportKeyMaterial`
pub(crate) async fn import(
    call: &Call<'_>,
    request: ImportKeyMaterialRequest,
) -> Result<ImportKeyMaterialResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    let wrapped = base64::decode("EncryptedKeyMaterial", &request.encrypted_key_material)?;
    let expires = expiry(request.key_material_expire_unix, call.now)?;
    check_external(&key.value)?;
    check_importable(&key.value)?;
    let token = Token::open(call, &key.value, &request.import_token).await?;

    let tries = token.take(call).await?;
    let imported = bind(call, &key.value, token, wrapped, expires).await;
    match &imported {
        Err(error) if error.code() == ErrorCode::InvalidKeyMaterial => {}
        _ => tries.give_back(call.author()).await,
    }
    imported?;
    Ok(ImportKeyMaterialResponse::default())
}

/// Unwraps material and gives it to the key. The same steps are taken whether the material could be unwrapped or not, so
/// that what is wrong shows neither in the answer nor in its time.
async fn bind(
    call: &Call<'_>,
    key: &KeyRecord,
    token: Token,
    wrapped: Vec<u8>,
    expires: Option<Timestamp>,
) -> Result<(), ApiError> {
    let engine = call.engine;
    let len = material_len(key)?;
    let stand_in = KeyMaterial::generate(&*engine.random, len).map_err(no_randomness)?;
    let random = engine.random.clone();
    let unwrapped = engine.heavy.operation(move || token.unwrap(&*random, &wrapped, len)).await?;
    let is_whole = unwrapped.is_ok();
    let material = unwrapped.unwrap_or(stand_in);

    let keys = engine.vault.keys_of(&engine.image, &key.account, key.instance.as_ref()).await?;
    let fingerprint = keys.fingerprint((&key.account, &key.key_id), &material);
    let place = (key.account.as_str(), key.key_id.as_str(), key.primary_version.as_str());
    let sealed = keys.seal_material(&*engine.random, place, &material).map_err(|error| {
        tracing::error!(%error, "imported material cannot be sealed");
        ApiError::new(ErrorCode::InternalFailure)
    })?;
    retrying!({
        let (record, before) = read_key(engine, call.account(), &key.key_id, call.now).await?;
        check_importable(&before)?;
        let known =
            before.material_fingerprint.as_ref().map_or(fingerprint.as_slice(), |known| known.0.as_slice());
        let is_same = constant_time_eq(known, &fingerprint);
        if !(is_whole & is_same) {
            return Err(ApiError::new(ErrorCode::InvalidKeyMaterial).into());
        }
        let mut after = before.clone();
        if before.state_at(call.now) == KeyState::PendingImport {
            after.state = KeyState::Enabled;
        }
        after.state_epoch += 1;
        after.material_expires = expires;
        after.material_fingerprint = Some(Box::new(Sealed(SmallVec::from_slice(&fingerprint))));
        commit(call.author(), &record, &before, &after, Some(&sealed)).await
    })
}

/// `DeleteKeyMaterial`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteKeyMaterialRequest,
) -> Result<DeleteKeyMaterialResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    check_external(&key.value)?;
    retrying!({
        let (record, before) = read_key(call.engine, call.account(), &key.value.key_id, call.now).await?;
        take_away(call.author(), &record, &before).await
    })?;
    Ok(DeleteKeyMaterialResponse::default())
}

/// Removes material that has expired. It cannot be used from that second on, whether it was removed or not.
pub(crate) async fn expire(author: Author<'_>, due: &Due, now: Timestamp) -> Result<(), ApiError> {
    retrying!({
        match due::key_of(author, due).await? {
            Some((record, key)) if key.material_expires.is_some_and(|expires| expires.0 <= now.0) => {
                take_away(author, &record, &key).await
            }
            // Not by this node's clock, or borne out no more.
            _ => Ok(()),
        }
    })
}

/// Removes a key's material. What it is known again by stays.
async fn take_away(author: Author<'_>, record: &Record, before: &KeyRecord) -> Result<(), CommitError> {
    let mut after = before.clone();
    if before.state != KeyState::PendingDeletion {
        after.state = KeyState::PendingImport;
    }
    after.state_epoch += 1;
    after.material_expires = None;
    commit(author, record, before, &after, None).await?;
    author.engine.scrub_soon();
    Ok(())
}

/// Writes a key and the material of its one version.
async fn commit(
    author: Author<'_>,
    record: &Record,
    before: &KeyRecord,
    after: &KeyRecord,
    material: Option<&Sealed>,
) -> Result<(), CommitError> {
    let stored = author.engine.store.get(&path::key_version(&before.primary_version)).await;
    let stored = stored.map_err(|error| ApiError::from(ImageError::from(error)))?;
    // A key has its version for as long as it has its record.
    let stored = stored.ok_or(CommitError::Conflict)?;
    let mut version = decode::<KeyVersionRecord>(&stored).map_err(ApiError::from)?.value;
    version.sealed_material = material.cloned();
    let mut batch = Batch::new();
    replace_key(&mut batch, record, before, after)?;
    batch.replace(&stored, encode(&version)?);
    author.commit(batch).await?;
    Ok(())
}

fn check_external(key: &KeyRecord) -> Result<(), ApiError> {
    if key.origin == ORIGIN_EXTERNAL { Ok(()) } else { Err(ErrorCode::UnsupportedOrigin.into()) }
}

fn check_importable(key: &KeyRecord) -> Result<(), ApiError> {
    match key.state {
        KeyState::PendingDeletion => Err(ErrorCode::RejectedStateModifiedFailed.into()),
        KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport => Ok(()),
    }
}

/// Bytes of a key's material.
fn material_len(key: &KeyRecord) -> Result<usize, ApiError> {
    match key.spec.kind() {
        KeyKind::Symmetric(cipher) => Ok(cipher.key_len()),
        // CreateKey makes no other key of origin EXTERNAL.
        KeyKind::Pair(_) | KeyKind::Mac(_) => Err(ErrorCode::UnsupportedOrigin.into()),
    }
}

/// The algorithm that two parameters name together.
fn wrapping(spec: &str, algorithm: &str) -> Result<WrappingAlgorithm, ApiError> {
    let spec = match spec {
        "RSA_2048" => KeyPairSpec::Rsa2048,
        "EC_SM2" => KeyPairSpec::Sm2,
        _ => return Err(ApiError::invalid_parameter("WrappingKeySpec")),
    };
    WrappingAlgorithm::find(algorithm)
        .filter(|algorithm| wrapping_spec(*algorithm) == spec)
        .ok_or_else(|| ApiError::invalid_parameter("WrappingAlgorithm"))
}

/// When material expires; 0 means never.
fn expiry(seconds: i64, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
    match seconds {
        0 => Ok(None),
        seconds if (now.0 + 1..=LAST_SECOND).contains(&seconds) => Ok(Some(Timestamp(seconds))),
        _ => Err(ApiError::invalid_parameter("KeyMaterialExpireUnix")),
    }
}
