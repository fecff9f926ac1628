//! Managed data keys: Generic secrets whose values are data keys (decision 19).

use keystead_api::operations::{
    GetManagedDataKeyRequest, GetManagedDataKeyResponse, ListManagedDataKeyVersionsManagedDataKeyVersions,
    ListManagedDataKeyVersionsManagedDataKeyVersionsItem, ListManagedDataKeyVersionsRequest,
    ListManagedDataKeyVersionsResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;
use crate::keys::base64;
use crate::keys::data_key::MAX_DATA_KEY;
use crate::paging::Page;
use crate::records::{SecretRecord, SecretType};
use crate::secrets;

/// `GetManagedDataKey`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetManagedDataKeyRequest,
) -> Result<GetManagedDataKeyResponse, ApiError> {
    let found = call.secret("DataKeyName", &request.data_key_name).await?;
    let secret = &found.value;
    let key = call.key_of_secret("DataKeyName", secret).await?;
    check_generic(secret)?;
    // Versions stand in the order in which they were made.
    let version_id = match request.data_key_version_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => Some(id),
        None if request.use_latest == Some(true) => secret.versions.last().map(|v| v.version_id.as_str()),
        None => secret.versions.first().map(|version| version.version_id.as_str()),
    };
    let version_id = version_id.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
    let (version, plaintext) =
        secrets::value::read(call, &found, key.as_ref(), Some(version_id), None).await?;
    // What is no data key is not handed out as one.
    let len = base64::decode_text(plaintext.expose()).map(|bytes| i64::try_from(bytes.len()));
    if !matches!(len, Some(Ok(1..=MAX_DATA_KEY))) {
        return Err(ErrorCode::UnsupportedOperation.into());
    }
    Ok(GetManagedDataKeyResponse {
        data_key_name: Some(secret.name.to_string()),
        data_key_version_id: Some(version.version_id.to_string()),
        data_key_version_name: Some(version_name(secret, &version.version_id)),
        plaintext: Some(plaintext.into()),
        ..GetManagedDataKeyResponse::default()
    })
}

/// `ListManagedDataKeyVersions`
pub(crate) async fn list_versions(
    call: &Call<'_>,
    request: ListManagedDataKeyVersionsRequest,
) -> Result<ListManagedDataKeyVersionsResponse, ApiError> {
    let found = call.secret("DataKeyName", &request.data_key_name).await?;
    let secret = &found.value;
    let page = Page::new(request.page_number, request.page_size, 10)?;
    check_generic(secret)?;
    let positions = page.positions();
    let on_page = (0u64..).zip(&secret.versions).filter(|(position, _)| positions.contains(position));
    let versions = on_page.map(|(_, version)| ListManagedDataKeyVersionsManagedDataKeyVersionsItem {
        data_key_version_id: Some(version.version_id.to_string()),
        data_key_version_name: Some(version_name(secret, &version.version_id)),
    });
    Ok(ListManagedDataKeyVersionsResponse {
        data_key_name: Some(secret.name.to_string()),
        managed_data_key_versions: Some(ListManagedDataKeyVersionsManagedDataKeyVersions {
            managed_data_key_version: versions.collect(),
        }),
        page_number: Some(page.number),
        page_size: Some(page.size),
        total_count: Some(i64::try_from(secret.versions.len()).unwrap_or(i64::MAX)),
        ..ListManagedDataKeyVersionsResponse::default()
    })
}

fn check_generic(secret: &SecretRecord) -> Result<(), ApiError> {
    match secret.secret_type {
        SecretType::Generic => Ok(()),
        _ => Err(ErrorCode::UnsupportedOperation.into()),
    }
}

fn version_name(secret: &SecretRecord, version_id: &str) -> String {
    format!("{}/{version_id}", secret.name)
}
