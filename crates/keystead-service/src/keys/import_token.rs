//! Import tokens: what GetParametersForImport hands out, and how often each of them has failed.
//!
//! A token holds everything, sealed under the key of the account or instance, so that nothing is stored until one fails. Failures are counted
//! before the material is unwrapped, not after: whoever sends many tries at once gets no more of them.

use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::{KeyMaterial, KeyPairSpec, OpenError, PrivateKey, Random, WrappingAlgorithm};
use keystead_store::Batch;
use zeroize::Zeroizing;

use crate::audit::Author;
use crate::call::Call;
use crate::due::{self, Due};
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::{ImageError, decode};
use crate::keys::base64;
use crate::keys::create::{encode, no_randomness, put_new};
use crate::records::{DueKind, Id, ImportTokenRecord, KeyRecord, path};

/// Failures that kill a token: with RSAES-PKCS1-v1_5 each of them could tell something about the wrapped material.
const MAX_FAILURES: u32 = 5;
/// Seconds for which failures are remembered after the token's end, because of nodes whose clocks are late.
const REMEMBERED: i64 = 3600;
/// Characters of a token's id, as `ids::internal_id` makes it.
const ID_LEN: usize = 20;
/// What the sealed bytes begin with.
const FORMAT: u8 = 1;

/// A token, opened.
pub(crate) struct Token {
    id: String,
    key_id: Id,
    instance: Option<Id>,
    algorithm: WrappingAlgorithm,
    expires: Timestamp,
    wrapping_key: KeyMaterial,
}

impl Token {
    /// A token for a key and a new wrapping key.
    pub(crate) fn new(
        call: &Call<'_>,
        key: &KeyRecord,
        algorithm: WrappingAlgorithm,
        expires: Timestamp,
        wrapping_key: KeyMaterial,
    ) -> Result<Self, ApiError> {
        let id = ids::internal_id(&*call.engine.random).map_err(no_randomness)?;
        Ok(Self { id, key_id: key.key_id, instance: key.instance, algorithm, expires, wrapping_key })
    }

    /// Seals it for the caller.
    pub(crate) async fn seal(&self, call: &Call<'_>) -> Result<String, ApiError> {
        let engine = call.engine;
        let name = self.algorithm.name().as_bytes();
        let material = self.wrapping_key.expose();
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + 8 + ID_LEN + 1 + name.len() + material.len()));
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.expires.0.to_be_bytes());
        bytes.extend_from_slice(self.id.as_bytes());
        // Names have some twenty characters.
        bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(material);
        let instance = self.instance.as_ref();
        let keys = engine.vault.keys_of(&engine.image, call.account(), instance).await?;
        let sealed = keys.seal_import_token(&*engine.random, (call.account(), &self.key_id), &bytes);
        let sealed = sealed.map_err(|error| {
            tracing::error!(%error, "an import token cannot be sealed");
            ApiError::new(ErrorCode::InternalFailure)
        })?;
        Ok(base64::encode(&sealed))
    }

    /// Opens what a caller sends.
    ///
    /// # Errors
    /// 400 `InvalidImportToken` when it is not one of this key's, `ExpiredImportToken`.
    pub(crate) async fn open(call: &Call<'_>, key: &KeyRecord, text: &str) -> Result<Self, ApiError> {
        let engine = call.engine;
        let invalid = || ApiError::new(ErrorCode::InvalidImportToken);
        let sealed = base64::decode("ImportToken", text).map_err(|_| invalid())?;
        let keys = engine.vault.keys_of(&engine.image, call.account(), key.instance.as_ref()).await?;
        let bytes = keys.open_import_token((call.account(), &key.key_id), &sealed);
        let token = Self::parse(key, &bytes.map_err(|_| invalid())?).ok_or_else(invalid)?;
        if token.expires.0 <= call.now.0 {
            return Err(ErrorCode::ExpiredImportToken.into());
        }
        Ok(token)
    }

    fn parse(key: &KeyRecord, bytes: &[u8]) -> Option<Self> {
        let (&[FORMAT], rest) = bytes.split_first_chunk()? else { return None };
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let (id, rest) = rest.split_at_checked(ID_LEN)?;
        let (&len, rest) = rest.split_first()?;
        let (name, material) = rest.split_at_checked(len.into())?;
        Some(Self {
            id: std::str::from_utf8(id).ok()?.to_owned(),
            key_id: key.key_id,
            instance: key.instance,
            algorithm: WrappingAlgorithm::find(std::str::from_utf8(name).ok()?)?,
            expires: Timestamp(i64::from_be_bytes(*expires)),
            wrapping_key: KeyMaterial::from_bytes(Zeroizing::new(material.to_vec())),
        })
    }

    /// Unwraps material of `len` bytes. For a thread where it may take a while.
    pub(crate) fn unwrap(
        &self,
        random: &dyn Random,
        wrapped: &[u8],
        len: usize,
    ) -> Result<KeyMaterial, OpenError> {
        let key = PrivateKey::from_material(wrapping_spec(self.algorithm), &self.wrapping_key);
        key.map_err(|_| OpenError)?.unwrap_material(random, self.algorithm, wrapped, len)
    }

    /// Counts a try as failed, until [`Tries::give_back`] says otherwise.
    ///
    /// # Errors
    /// 400 `InvalidImportToken` when it has failed too often already.
    pub(crate) async fn take(&self, call: &Call<'_>) -> Result<Tries, ApiError> {
        let tries = Tries {
            account: call.account().to_owned(),
            key_id: self.key_id,
            id: self.id.clone(),
            forgotten: self.expires.plus(REMEMBERED),
        };
        tries.add(call.author()).await?;
        Ok(tries)
    }
}

/// The wrapping key that goes with an algorithm.
pub(crate) fn wrapping_spec(algorithm: WrappingAlgorithm) -> KeyPairSpec {
    match algorithm {
        WrappingAlgorithm::Sm2Pke => KeyPairSpec::Sm2,
        WrappingAlgorithm::RsaesPkcs1V15
        | WrappingAlgorithm::RsaesOaepSha1
        | WrappingAlgorithm::RsaesOaepSha256 => KeyPairSpec::Rsa2048,
    }
}

/// A token's tries, one of which is under way.
pub(crate) struct Tries {
    account: String,
    key_id: Id,
    id: String,
    forgotten: Timestamp,
}

impl Tries {
    fn path(&self) -> String {
        path::import_token(&self.account, &self.key_id, &self.id)
    }

    async fn add(&self, author: Author<'_>) -> Result<(), ApiError> {
        retrying!({
            let record = author.engine.store.get(&self.path()).await;
            let record = record.map_err(|error| ApiError::from(ImageError::from(error)))?;
            let mut batch = Batch::new();
            match record {
                None => {
                    put_new(&mut batch, self.path(), &ImportTokenRecord { failures: 1 })?;
                    let id = format!("{}/{}", self.key_id, self.id);
                    due::schedule(&mut batch, self.forgotten, DueKind::ImportToken, &self.account, &id);
                }
                Some(record) => {
                    let failures =
                        decode::<ImportTokenRecord>(&record).map_err(ApiError::from)?.value.failures;
                    if failures >= MAX_FAILURES {
                        return Err(ApiError::new(ErrorCode::InvalidImportToken).into());
                    }
                    batch.replace(&record, encode(&ImportTokenRecord { failures: failures + 1 })?);
                }
            }
            author.commit(batch).await?;
            Ok::<_, CommitError>(())
        })
    }

    /// The try has not failed because of what was sent. Should this itself fail, the token has one try less.
    pub(crate) async fn give_back(self, author: Author<'_>) {
        let given: Result<(), ApiError> = retrying!({
            let record = author.engine.store.get(&self.path()).await;
            let record = record.map_err(|error| ApiError::from(ImageError::from(error)))?;
            let Some(record) = record else { return Ok(()) };
            let failures = decode::<ImportTokenRecord>(&record).map_err(ApiError::from)?.value.failures;
            let mut batch = Batch::new();
            batch.replace(&record, encode(&ImportTokenRecord { failures: failures.saturating_sub(1) })?);
            author.commit(batch).await?;
            Ok::<_, CommitError>(())
        });
        if let Err(error) = given {
            tracing::warn!(%error, "an import token has lost a try");
        }
    }
}

/// Forgets the failures of a token that has expired.
pub(crate) async fn forget(author: Author<'_>, due: &Due) -> Result<(), ApiError> {
    let mut batch = Batch::new();
    if let Some((key_id, token_id)) = due.id.split_once('/') {
        batch.delete(path::import_token(&due.account, key_id, token_id));
    }
    batch.delete(due.path());
    match author.commit(batch).await {
        Ok(_) | Err(CommitError::Conflict) => Ok(()),
        Err(CommitError::Failed(error)) => Err(error),
    }
}
