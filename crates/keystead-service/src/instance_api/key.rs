use std::sync::Arc;

use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::Cipher;
use keystead_store::Range;
use quick_cache::sync::Cache;

use super::Request;
use crate::call::Key;
use crate::engine::Engine;
use crate::image::{ImageError, decode};
use crate::keys::check_usable;
use crate::records::{Id, KeyKind, KeyRecord, KeyVersionRecord, path};

/// Keys whose first version is remembered at most, of those whose record does not say it.
const REMEMBERED: usize = 4096;
/// Versions read at once.
const CHUNK: usize = 500;

/// The first versions of keys whose records were written before they said it. What is in here never changes.
pub(crate) struct InitialVersions(Cache<Id, Id>);

impl InitialVersions {
    pub(crate) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

/// Which version is used when the request names none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The first one.
    Plain,
    /// The one that encrypts now.
    Advance,
}

impl Request<'_> {
    /// The key that `KeyId` names, and the version of it that is to be used.
    pub(super) async fn key(&self, key_id: &str, form: Form) -> Result<(Key, Id), ApiError> {
        let key = self.call.key("KeyId", key_id).await?;
        let version = self.version_of(&key, form).await?;
        Ok((key, version))
    }

    /// The version of a key that is to be used.
    pub(super) async fn version_of(&self, key: &Key, form: Form) -> Result<Id, ApiError> {
        if let Some(named) = self.version {
            let version = Id::from(named).map_err(|_| ErrorCode::ForbiddenKeyVersionNotFound)?;
            self.call.version_of(&key.value, &version).await?;
            return Ok(version);
        }
        match form {
            Form::Plain => self.call.engine.initial_version(&key.value).await,
            Form::Advance => Ok(key.value.primary_version),
        }
    }

    /// The same for a key that has to be symmetric and usable.
    pub(super) async fn symmetric_key(&self, key_id: &str, form: Form) -> Result<(Key, Id), ApiError> {
        let (key, version) = self.key(key_id, form).await?;
        check_symmetric(&key.value)?;
        check_usable(&key.value, self.call.now)?;
        Ok((key, version))
    }
}

/// Lets symmetric keys through; tells their cipher.
pub(super) fn check_symmetric(key: &KeyRecord) -> Result<Cipher, ApiError> {
    match key.spec.kind() {
        KeyKind::Symmetric(cipher) => Ok(cipher),
        KeyKind::Pair(_) | KeyKind::Mac(_) => {
            let id = &key.key_id;
            let message =
                format!("The key {id} is not a symmetric key. The API only supports symmetric keys.");
            Err(ApiError::with_message(ErrorCode::ForbiddenOnlySymmetricKeySupported, message))
        }
    }
}

impl Engine {
    /// The first version of a key.
    async fn initial_version(&self, key: &KeyRecord) -> Result<Id, ApiError> {
        if let Some(version) = key.initial_version {
            return Ok(version);
        }
        if let Some(version) = self.initial_versions.0.get(&key.key_id) {
            return Ok(version);
        }
        let mut first: Option<(Timestamp, Id)> = None;
        let mut after = None;
        loop {
            let range = Range::prefix(path::key_versions(&key.key_id));
            let records = self.store.scan(range, after, CHUNK).await.map_err(ImageError::from)?;
            for record in &records {
                let version = decode::<KeyVersionRecord>(record)?.value;
                let id = Id::from(&version.version_id).map_err(|_| ErrorCode::InternalFailure)?;
                // Ids are drawn: of two versions of one second either may be the first, always the same one.
                if first.is_none_or(|first| (version.created, id) < first) {
                    first = Some((version.created, id));
                }
            }
            if records.len() < CHUNK {
                break;
            }
            after = records.last().map(|record| record.key.clone());
        }
        let (_, first) = first.ok_or(ErrorCode::ForbiddenKeyVersionNotFound)?;
        self.initial_versions.0.insert(key.key_id, first);
        Ok(first)
    }
}

/// A key's version by the version's own id.
pub(super) async fn by_version(request: &Request<'_>, version_id: &str) -> Result<(Key, Id), ApiError> {
    let version_id = Id::from(version_id).map_err(|_| ErrorCode::ForbiddenKeyNotFound)?;
    let (key, _): (_, Arc<_>) = request.call.key_of_version("CiphertextBlob", &version_id).await?;
    Ok((key, version_id))
}
