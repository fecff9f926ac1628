use keystead_api::operations::{CreateKeyMetadata, CreateKeyRequest, CreateKeyResponse};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_crypto::{KeyMaterial, Random, SealError};
use keystead_store::Batch;

use crate::call::Call;
use crate::compat::Place;
use crate::due;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::ImageError;
use crate::instances::{self, UseChange};
use crate::keys::material::new_material;
use crate::keys::{key_metadata, policy, rotation};
use crate::records::{Id, KeyKind, KeyRecord, KeySpec, KeyState, KeyUsage, KeyVersionRecord, path};
use crate::tags;
use crate::vault::{AccountKeys, VaultError};

/// Characters in a key's description at most (KMS API reference, CreateKey).
pub(crate) const MAX_DESCRIPTION: usize = 8192;
/// Origin of keys whose material the service made.
pub(crate) const ORIGIN_SERVICE: &str = "Aliyun_KMS";
/// Origin of keys whose material is imported.
pub(crate) const ORIGIN_EXTERNAL: &str = "EXTERNAL";

/// `CreateKey`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateKeyRequest,
) -> Result<CreateKeyResponse, ApiError> {
    call.container("key")?;
    let spec = spec(request.key_spec.as_deref())?;
    let usage = usage(spec, request.key_usage.as_deref())?;
    let external = external(spec, request.origin.as_deref())?;
    let protection_level = match request.protection_level.as_deref() {
        None | Some("") => "SOFTWARE",
        Some(level @ ("SOFTWARE" | "HSM")) => level,
        Some(_) => return Err(ApiError::invalid_parameter("ProtectionLevel")),
    };
    let instance = instances::of_new(call, request.dkms_instance_id.as_deref()).await?;
    // The kind of the instance decides, and all of them are software instances.
    let protection_level = if instance.is_some() { "SOFTWARE" } else { protection_level };
    let place = Place { instance: instance.is_some(), hsm: protection_level == "HSM" };
    match request.key_storage_mechanism.as_deref() {
        // About keys of hardware instances only.
        None | Some("" | "HsmInternal" | "HsmEncryptedDatabase") => {}
        Some(_) => return Err(ApiError::invalid_parameter("KeyStorageMechanism")),
    }
    let compat = call.engine.config.compat;
    compat.check_spec(spec, place)?;
    let policy = request.policy.as_deref().filter(|text| !text.is_empty());
    policy.map_or(Ok(()), |_| compat.check_policy(place.instance))?;
    let policy = policy.map(policy::of_new_key).transpose()?;
    let rotation_interval = rotation::interval_of_new_key(
        (compat, place),
        request.enable_automatic_rotation,
        request.rotation_interval.as_deref(),
        spec,
        if external { ORIGIN_EXTERNAL } else { ORIGIN_SERVICE },
    )?;
    let description = request.description.unwrap_or_default();
    if description.chars().count() > MAX_DESCRIPTION {
        return Err(ApiError::invalid_parameter("Description"));
    }
    let tags = request.tags.as_deref().filter(|text| !text.is_empty()).map(tags::parse).transpose()?;

    let engine = call.engine;
    // Made once, also when the commit has to be tried again: a key pair takes a while.
    let material = if external { None } else { Some(new_material(engine, spec).await?) };
    let keys = engine.vault.keys_of(&engine.image, call.account(), instance.as_ref()).await?;
    let key = retrying!({
        let new = NewKey { spec, usage, material: material.as_ref() };
        let made = new_key(&*engine.random, &keys, call.account(), engine.region(), call.now, &new);
        let (mut key, version) = made.map_err(|error| {
            tracing::error!(%error, "a key cannot be made");
            ApiError::new(ErrorCode::InternalFailure)
        })?;
        key.instance = instance;
        protection_level.clone_into(&mut key.protection_level);
        key.description.clone_from(&description);
        key.policy.clone_from(&policy);
        key.tags = tags.clone().unwrap_or_default();
        key.rotation_interval = rotation_interval;
        let mut batch = Batch::new();
        put_new(&mut batch, path::key(&key.account, &key.key_id), &key)?;
        put_new(&mut batch, path::key_version(&version.version_id), &version)?;
        due::reschedule_key(&mut batch, None, Some(&key));
        UseChange::of_keys(instance.as_ref(), 1).enter(engine, &mut batch).await?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(key)
    })?;

    let key_metadata = key_metadata!(CreateKeyMetadata, call, &key);
    Ok(CreateKeyResponse { key_metadata, ..CreateKeyResponse::default() })
}

/// The spec that a parameter names; AES-256 by default.
fn spec(text: Option<&str>) -> Result<KeySpec, ApiError> {
    match text {
        None | Some("") => Ok(KeySpec::Aes256),
        Some(text) => KeySpec::find(text).ok_or_else(|| ApiError::invalid_parameter("KeySpec")),
    }
}

/// The usage that a parameter names, if the spec has it; else the spec's default. How the MAC usage is spelt is published
/// nowhere, so the spellings that suggest themselves are all taken.
fn usage(spec: KeySpec, text: Option<&str>) -> Result<KeyUsage, ApiError> {
    let usages = spec.usages();
    let usage = match text {
        None | Some("") => return Ok(usages[0]),
        Some("GENERATE_VERIFY_MAC" | "GENERATE/VERIFY") => Some(KeyUsage::GenerateVerifyMac),
        Some(text) => KeyUsage::find(text),
    };
    usage.filter(|usage| usages.contains(usage)).ok_or_else(|| ApiError::invalid_parameter("KeyUsage"))
}

/// Whether the material is to be imported, which symmetric keys alone allow.
fn external(spec: KeySpec, origin: Option<&str>) -> Result<bool, ApiError> {
    match (origin, spec.kind()) {
        (None | Some("" | ORIGIN_SERVICE), _) => Ok(false),
        (Some(ORIGIN_EXTERNAL), KeyKind::Symmetric(_)) => Ok(true),
        (Some(ORIGIN_EXTERNAL), _) => Err(ErrorCode::UnsupportedOperation.into()),
        (Some(_), _) => Err(ApiError::invalid_parameter("Origin")),
    }
}

/// What a new key is to be.
pub(crate) struct NewKey<'a> {
    /// Its spec.
    pub(crate) spec: KeySpec,
    /// What it may be used for.
    pub(crate) usage: KeyUsage,
    /// Its material; none is imported later.
    pub(crate) material: Option<&'a KeyMaterial>,
}

/// A key and its first version: enabled, or waiting for its material.
pub(crate) fn new_key(
    random: &dyn Random,
    keys: &AccountKeys,
    account: &str,
    region: &str,
    now: Timestamp,
    new: &NewKey<'_>,
) -> Result<(KeyRecord, KeyVersionRecord), SealError> {
    let key_id = ids::key_id(random, region, now)?;
    let version_id = ids::version_id(random, &key_id)?;
    let seal = |material| keys.seal_material(random, (account, &key_id, &version_id), material);
    let version = KeyVersionRecord {
        sealed_material: new.material.map(seal).transpose()?,
        version_id: version_id.as_str().to_owned(),
        key_id: key_id.as_str().to_owned(),
        account: account.to_owned(),
        created: now,
    };
    let key = KeyRecord {
        key_id,
        // Account ids are made here too, with 16 digits.
        account: Id::from(account).map_err(|_| SealError::TooLong)?,
        instance: None,
        spec: new.spec,
        usage: new.usage,
        state: if new.material.is_some() { KeyState::Enabled } else { KeyState::PendingImport },
        state_epoch: 0,
        origin: if new.material.is_some() { ORIGIN_SERVICE } else { ORIGIN_EXTERNAL }.to_owned(),
        protection_level: "SOFTWARE".to_owned(),
        description: String::new(),
        primary_version: version_id,
        initial_version: Some(version_id),
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
