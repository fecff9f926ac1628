use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::operations::{
    CreateClientKeyRequest, CreateClientKeyResponse, DeleteClientKeyRequest, DeleteClientKeyResponse,
    GetClientKeyRequest, GetClientKeyResponse, ListClientKeysClientKeysItem, ListClientKeysRequest,
    ListClientKeysResponse,
};
use keystead_api::{ApiError, ErrorCode, SecretText, Timestamp};
use keystead_store::{Batch, Range};

use super::points::to_change;
use super::{ACCESS_POINT, CLIENT_KEY, check_name, key_file};
use crate::call::Call;
use crate::current::current;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::Versioned;
use crate::keys::create::{no_randomness, put_new};
use crate::keys::list::read_all;
use crate::records::{AccessPointRecord, ClientKeyRecord, Id, path};

/// The only algorithm.
const ALGORITHM: &str = "RSA_2048";
/// Where key pairs are made.
const ORIGIN: &str = "KMS_PROVIDED";
/// Client keys of an access point at most (KMS documentation, limits).
const MAX_CLIENT_KEYS: usize = 3;
/// A client key is valid for this long, in seconds, unless its maker says otherwise: five years (KMS API reference,
/// CreateClientKey).
const USUAL_VALIDITY: i64 = 5 * 365 * 86_400;
/// Characters of a password beside digits and letters (KMS API reference, CreateClientKey).
const SPECIAL: &[u8] = b"~!@#$%^&*?_-";

/// `CreateClientKey`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateClientKeyRequest,
) -> Result<CreateClientKeyResponse, ApiError> {
    check_name("AapName", &request.aap_name)?;
    call.named(ACCESS_POINT, "AapName", &request.aap_name)?;
    check_password(&request.password)?;
    let (not_before, not_after) =
        validity(call.now, request.not_before.as_deref(), request.not_after.as_deref())?;
    // Before a key pair is made for nothing.
    check_room(&to_change(call, &request.aap_name).await?.value)?;

    let engine = call.engine;
    let id = ids::client_key_id(&*engine.random).map_err(no_randomness)?;
    let random = engine.random.clone();
    let (subject, password) = (id.clone(), request.password);
    let made =
        engine.heavy.key_pair(move || key_file::make(&*random, &subject, &password, (not_before, not_after)));
    let made = made.await?.map_err(|error| {
        tracing::error!(%error, "a client key cannot be made");
        ApiError::new(ErrorCode::InternalFailure)
    })?;
    let mut record = ClientKeyRecord {
        client_key_id: id,
        account: Id::from(call.account()).map_err(|_| ErrorCode::InternalFailure)?,
        access_point: request.aap_name,
        access_point_uid: Id::default(),
        certificate_pem: made.certificate_pem,
        public_key: STANDARD.encode(&made.public_key),
        not_before,
        not_after,
        created: call.now,
    };
    retrying!({
        let mut point = to_change(call, &record.access_point).await?;
        check_room(&point.value)?;
        record.access_point_uid = point.value.uid;
        point.value.client_keys.push(record.client_key_id.clone());
        let mut batch = Batch::new();
        point.write(&mut batch)?;
        put_new(&mut batch, path::client_key(&record.client_key_id), &record)?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(CreateClientKeyResponse {
        client_key_id: Some(record.client_key_id),
        key_algorithm: Some(ALGORITHM.into()),
        not_after: Some(not_after.to_string()),
        not_before: Some(not_before.to_string()),
        private_key_data: Some(SecretText::new(STANDARD.encode(&*made.pkcs12)).into()),
        ..CreateClientKeyResponse::default()
    })
}

fn check_room(point: &AccessPointRecord) -> Result<(), ApiError> {
    match point.client_keys.len() >= MAX_CLIENT_KEYS {
        true => Err(ErrorCode::RejectedLimitExceeded.into()),
        false => Ok(()),
    }
}

/// 8 to 64 digits, letters and special characters, of two of these kinds at least.
fn check_password(password: &SecretText) -> Result<(), ApiError> {
    let bytes = password.expose().as_bytes();
    let kind = |byte: &u8| match byte {
        _ if byte.is_ascii_digit() => Some(1u8),
        _ if byte.is_ascii_alphabetic() => Some(2),
        _ if SPECIAL.contains(byte) => Some(4),
        _ => None,
    };
    let kinds = bytes.iter().try_fold(0, |kinds, byte| Some(kinds | kind(byte)?));
    match (8..=64).contains(&bytes.len()) && kinds.is_some_and(|kinds| kinds.count_ones() >= 2) {
        true => Ok(()),
        false => Err(ApiError::invalid_parameter("Password")),
    }
}

/// From when until when; both are given or none. What has ended already is of no use and taken for a mistake.
fn validity(
    now: Timestamp,
    not_before: Option<&str>,
    not_after: Option<&str>,
) -> Result<(Timestamp, Timestamp), ApiError> {
    let given = |text: Option<&str>, name: &'static str| match text {
        None | Some("") => Ok(None),
        Some(text) => Timestamp::parse(text).map(Some).map_err(|_| ApiError::invalid_parameter(name)),
    };
    match (given(not_before, "NotBefore")?, given(not_after, "NotAfter")?) {
        (None, None) => Ok((now, now.plus(USUAL_VALIDITY))),
        (Some(_), None) => Err(ApiError::invalid_parameter("NotAfter")),
        (None, Some(_)) => Err(ApiError::invalid_parameter("NotBefore")),
        (Some(from), Some(until)) if until > from && until > now => Ok((from, until)),
        (Some(_), Some(_)) => Err(ApiError::invalid_parameter("NotAfter")),
    }
}

/// `GetClientKey`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetClientKeyRequest,
) -> Result<GetClientKeyResponse, ApiError> {
    let id = &request.client_key_id;
    check_id(id)?;
    call.named(CLIENT_KEY, "ClientKeyId", id)?;
    let key = own(call, id).await?.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
    let key = &key.value;
    Ok(GetClientKeyResponse {
        aap_name: Some(key.access_point.clone()),
        client_key_id: Some(key.client_key_id.clone()),
        create_time: Some(key.created.to_string()),
        key_algorithm: Some(ALGORITHM.into()),
        key_origin: Some(ORIGIN.into()),
        not_after: Some(key.not_after.to_string()),
        not_before: Some(key.not_before.to_string()),
        public_key_data: Some(key.certificate_pem.clone()),
        ..GetClientKeyResponse::default()
    })
}

/// `ListClientKeys`: of an access point, or of all.
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListClientKeysRequest,
) -> Result<ListClientKeysResponse, ApiError> {
    call.anything()?;
    let ids = match request.aap_name.filter(|name| !name.is_empty()) {
        Some(name) => {
            check_name("AapName", &name)?;
            to_change(call, &name).await?.value.client_keys
        }
        None => {
            let range = Range::prefix(path::access_point(call.account(), ""));
            let points = read_all::<AccessPointRecord>(call, range).await?;
            points.into_iter().flat_map(|point| point.client_keys).collect()
        }
    };
    let mut client_keys = Vec::with_capacity(ids.len());
    for id in ids {
        // One that was deleted since the list was read is left out.
        let Some(key) = own(call, &id).await? else { continue };
        let key = &key.value;
        client_keys.push(ListClientKeysClientKeysItem {
            aap_name: Some(key.access_point.clone()),
            client_key_id: Some(id),
            create_time: Some(key.created.to_string()),
            key_algorithm: Some(ALGORITHM.into()),
            key_origin: Some(ORIGIN.into()),
            not_after: Some(key.not_after.to_string()),
            not_before: Some(key.not_before.to_string()),
            public_key_data: Some(key.certificate_pem.clone()),
        });
    }
    Ok(ListClientKeysResponse { client_keys, ..ListClientKeysResponse::default() })
}

/// `DeleteClientKey`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteClientKeyRequest,
) -> Result<DeleteClientKeyResponse, ApiError> {
    let id = &request.client_key_id;
    check_id(id)?;
    call.named(CLIENT_KEY, "ClientKeyId", id)?;
    retrying!({
        let key = current::<ClientKeyRecord>(call, &path::client_key(id)).await?;
        let key = key
            .filter(|key| *key.value.account == *call.account())
            .ok_or(ApiError::new(ErrorCode::ForbiddenResourceNotFound))?;
        let mut batch = Batch::new();
        key.remove(&mut batch);
        let at = path::access_point(call.account(), &key.value.access_point);
        let point = current::<AccessPointRecord>(call, &at).await?;
        if let Some(mut point) = point.filter(|point| point.value.uid == key.value.access_point_uid) {
            point.value.client_keys.retain(|known| known != id);
            point.write(&mut batch)?;
        }
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteClientKeyResponse::default())
}

/// Lets through what can be an id, so that nothing else becomes a place of the store.
fn check_id(id: &str) -> Result<(), ApiError> {
    let valid = id.strip_prefix(ids::CLIENT_KEY).is_some_and(|uuid| {
        uuid.len() == 36 && uuid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    });
    if valid { Ok(()) } else { Err(ApiError::invalid_parameter("ClientKeyId")) }
}

/// A client key of the caller's account.
async fn own(call: &Call<'_>, id: &str) -> Result<Option<Arc<Versioned<ClientKeyRecord>>>, ApiError> {
    let key = call.engine.image.get::<ClientKeyRecord>(&path::client_key(id)).await?;
    Ok(key.filter(|key| *key.value.account == *call.account() && key.value.client_key_id == id))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn passwords_have_two_kinds_of_characters_and_a_length() {
        for good in ["abcdefg1", "1234567_", "Aa~!@#$%^&*?_-12", &"aB3_".repeat(16)] {
            assert!(check_password(&good.into()).is_ok(), "{good}");
        }
        let long = "aB3_".repeat(16) + "a";
        for bad in
            ["", "abcde_1", "abcdefgh", "ABCDefgh", "12345678", "________", "abc defg1", "ab1_é___", &long]
        {
            assert!(check_password(&bad.into()).is_err(), "{bad}");
        }
    }

    #[test]
    fn validity_is_given_whole_and_not_over() {
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        let of = |from, until| validity(now, from, until);
        assert_eq!(of(None, Some("")).unwrap(), (now, now.plus(157_680_000)));
        let (early, late) = (Some("2026-01-01T00:00:00Z"), Some("2026-02-01T00:00:00Z"));
        assert!(of(early, late).is_ok());
        for (from, until) in
            [(early, None), (None, late), (late, late), (late, early), (early, Some("2026-01-02T03:04:05Z"))]
        {
            assert!(of(from, until).is_err(), "{from:?} {until:?}");
        }
        assert!(of(Some("2026-01-01"), late).is_err());
    }
}
