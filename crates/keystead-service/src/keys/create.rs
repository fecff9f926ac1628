use keystead_api::operations::{CreateKeyMetadata, CreateKeyRequest, CreateKeyResponse};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::{KeyMaterial, Random, SealError};
use keystead_store::Batch;

use crate::call::Call;
use crate::due;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::ImageError;
use crate::keys::{key_metadata, rotation};
use crate::records::{Id, KeyRecord, KeySpec, KeyState, KeyUsage, KeyVersionRecord, path};
use crate::tags;
use crate::vault::{AccountKeys, VaultError};

/// Characters in a key's description at most (KMS API reference, CreateKey).
pub(crate) const MAX_DESCRIPTION: usize = 8192;
/// AES-256 material, in bytes.
const MATERIAL_LEN: usize = 32;

/// Specs that the service knows and this version does not make.
const OTHER_SPECS: &[&str] = &[
    "Aliyun_AES_128",
    "Aliyun_AES_192",
    "Aliyun_SM4",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_P256",
    "EC_P256K",
    "EC_SM2",
    "HMAC_SHA224",
    "HMAC_SHA256",
    "HMAC_SHA384",
    "HMAC_SHA512",
    "HMAC_SM3",
    "HMAC_SHA_224",
    "HMAC_SHA_256",
    "HMAC_SHA_384",
    "HMAC_SHA_512",
];

/// `CreateKey`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateKeyRequest,
) -> Result<CreateKeyResponse, ApiError> {
    call.container("key")?;
    match request.key_spec.as_deref() {
        None | Some("" | "Aliyun_AES_256") => {}
        Some(other) if OTHER_SPECS.contains(&other) => return Err(ErrorCode::UnsupportedOperation.into()),
        Some(_) => return Err(ApiError::invalid_parameter("KeySpec")),
    }
    match request.key_usage.as_deref() {
        None | Some("" | "ENCRYPT/DECRYPT") => {}
        Some(_) => return Err(ApiError::invalid_parameter("KeyUsage")),
    }
    match request.origin.as_deref() {
        None | Some("" | "Aliyun_KMS") => {}
        Some("EXTERNAL") => return Err(ErrorCode::UnsupportedOperation.into()),
        Some(_) => return Err(ApiError::invalid_parameter("Origin")),
    }
    let protection_level = match request.protection_level.as_deref() {
        None | Some("") => "SOFTWARE",
        Some(level @ ("SOFTWARE" | "HSM")) => level,
        Some(_) => return Err(ApiError::invalid_parameter("ProtectionLevel")),
    };
    if request.dkms_instance_id.as_deref().is_some_and(|id| !id.is_empty()) {
        return Err(ErrorCode::ForbiddenDkmsInstanceNotFound.into());
    }
    if request.policy.as_deref().is_some_and(|policy| !policy.is_empty()) {
        // Only keys in an instance have policies, and no key is in one.
        return Err(ErrorCode::ForbiddenKeyPolicyUnSupported.into());
    }
    let rotation_interval = rotation::interval_of_new_key(
        request.enable_automatic_rotation,
        request.rotation_interval.as_deref(),
        KeySpec::Aes256,
        "Aliyun_KMS",
    )?;
    let description = request.description.unwrap_or_default();
    if description.chars().count() > MAX_DESCRIPTION {
        return Err(ApiError::invalid_parameter("Description"));
    }
    let tags = request.tags.as_deref().filter(|text| !text.is_empty()).map(tags::parse).transpose()?;

    let engine = call.engine;
    let account_keys = engine.vault.account(&engine.image, call.account()).await?;
    let key = retrying!({
        let made = new_key(&*engine.random, &account_keys, call.account(), engine.region(), call.now);
        let (mut key, version) = made.map_err(|error| {
            tracing::error!(%error, "a key cannot be made");
            ApiError::new(ErrorCode::InternalFailure)
        })?;
        protection_level.clone_into(&mut key.protection_level);
        key.description.clone_from(&description);
        key.tags = tags.clone().unwrap_or_default();
        key.rotation_interval = rotation_interval;
        let mut batch = Batch::new();
        put_new(&mut batch, path::key(&key.account, &key.key_id), &key)?;
        put_new(&mut batch, path::key_version(&version.version_id), &version)?;
        due::reschedule_key(&mut batch, None, Some(&key));
        engine.commit(batch).await?;
        Ok::<_, CommitError>(key)
    })?;

    let key_metadata = key_metadata!(CreateKeyMetadata, call, &key);
    Ok(CreateKeyResponse { key_metadata, ..CreateKeyResponse::default() })
}

/// An enabled AES-256 key with material of its own and its first version.
pub(crate) fn new_key(
    random: &dyn Random,
    account_keys: &AccountKeys,
    account: &str,
    region: &str,
    now: Timestamp,
) -> Result<(KeyRecord, KeyVersionRecord), SealError> {
    let key_id = ids::key_id(random, region, now)?;
    let version_id = ids::version_id(random, &key_id)?;
    let material = KeyMaterial::generate(random, MATERIAL_LEN)?;
    let version = KeyVersionRecord {
        sealed_material: Some(account_keys.seal_material(
            random,
            (account, &key_id, &version_id),
            &material,
        )?),
        version_id: version_id.as_str().to_owned(),
        key_id: key_id.as_str().to_owned(),
        account: account.to_owned(),
        created: now,
    };
    let key = KeyRecord {
        key_id,
        // Account ids are made here too, with 16 digits.
        account: Id::from(account).map_err(|_| SealError::TooLong)?,
        spec: KeySpec::Aes256,
        usage: KeyUsage::EncryptDecrypt,
        state: KeyState::Enabled,
        state_epoch: 0,
        origin: "Aliyun_KMS".to_owned(),
        protection_level: "SOFTWARE".to_owned(),
        description: String::new(),
        primary_version: version_id,
        created: now,
        last_rotation: now,
        deletion_protection: false,
        deletion_protection_description: String::new(),
        rotation_interval: None,
        delete_date: None,
        material_expires: None,
        material_fingerprint: None,
        policy: None,
        tags: Vec::new(),
    };
    Ok((key, version))
}

/// Adds a record that must not be there yet.
pub(crate) fn put_new<T: crate::records::Stored>(
    batch: &mut Batch,
    key: String,
    record: &T,
) -> Result<(), ApiError> {
    batch.create(key, T::KIND, T::FORMAT, encode(record)?);
    Ok(())
}

/// A record's stored form.
pub(crate) fn encode<T: crate::records::Stored>(record: &T) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(record).map_err(|_| {
        let reason = "it cannot be encoded".to_owned();
        ImageError::Unreadable { key: T::KIND.to_owned(), reason }.into()
    })
}

/// Without randomness nothing may be sealed.
pub(crate) fn no_randomness(_: keystead_crypto::RandomError) -> ApiError {
    VaultError::Unopened("system's random generator").into()
}
