//! Rotation: the login in a secret is changed where it lives, and then in the secret.
//!
//! Two phases. First the new value is stored beside the secret, sealed and without a label, together with the note that a
//! rotation is pending. Then the system that the login is for is told of it, a login with it is tried, and only when that
//! worked one commit moves the labels. So at any moment the store knows every login that may be in force, and whoever
//! finds a pending rotation whose holder is gone can finish it or take it back.

mod attempt;
pub mod driver;
mod login;
mod state;

use std::sync::Arc;
use std::time::Duration;

use keystead_api::operations::{
    RotateSecretRequest, RotateSecretResponse, UpdateSecretRotationPolicyRequest,
    UpdateSecretRotationPolicyResponse,
};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::Batch;
use tokio::sync::Semaphore;

use crate::call::Call;
use crate::due::{self, Due};
use crate::engine::Engine;
use crate::image::{ImageError, decode};
use crate::records::{DueKind, SecretRecord, SecretRotation, SecretType, path};
use crate::secrets::{check_not_deleted, check_version_id, interval, update_secret};
use state::{Begun, Why};

/// Rotations that fell due and are carried out at the same time. Each may wait for a system that hangs, and other due work
/// is not to wait with them.
const AT_ONCE: usize = 4;
/// How often, and how many times, a call looks whether the same rotation, under way elsewhere, has ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: usize = 80;

/// What an engine keeps in mind about rotations.
pub(crate) struct Rotations {
    free: Arc<Semaphore>,
}

impl Default for Rotations {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// `RotateSecret`
pub(crate) async fn rotate(
    call: &Call<'_>,
    request: RotateSecretRequest,
) -> Result<RotateSecretResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    check_version_id(&request.version_id)?;
    let secret = &found.value;
    check_rotates(secret)?;
    rotate_to(call.engine, secret, &request.version_id, call.now).await?;
    Ok(RotateSecretResponse {
        arn: Some(call.arn(&secret.account, &format!("secret/{}", secret.name))),
        secret_name: Some(secret.name.clone()),
        version_id: Some(request.version_id),
        ..RotateSecretResponse::default()
    })
}

/// Rotates until the version is there: an interrupted making of accounts comes first, and the same rotation under way
/// elsewhere is waited for.
async fn rotate_to(
    engine: &Engine,
    secret: &SecretRecord,
    version_id: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let mut looks = 0;
    loop {
        let why = Why::Asked(version_id);
        match state::begin(engine, (&secret.account, &secret.name), &secret.uid, why, now).await? {
            Begun::Done => return Ok(()),
            // It goes on when the caller hangs up: what was begun at a database is better ended than left.
            Begun::Work(work) => carry_on(engine, work).await?,
            Begun::Nothing if looks < LOOKS => {
                looks += 1;
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Begun::Nothing => return Err(state::under_way()),
        }
    }
}

/// Makes the accounts of a new secret, as far as that can be done now.
pub(super) async fn make_accounts(engine: &Engine, secret: &SecretRecord, now: Timestamp) {
    // What fails has been noted in the secret's record, or stays due.
    if let Ok(Begun::Work(work)) = begin_due(engine, secret, now, now).await {
        drop(carry_on(engine, work).await);
    }
}

/// Begins what fell due. That it cannot even begin, for want of a driver or of the secret's key, is a failure like others.
async fn begin_due(
    engine: &Engine,
    secret: &SecretRecord,
    at: Timestamp,
    now: Timestamp,
) -> Result<Begun, ApiError> {
    let place = (secret.account.as_str(), secret.name.as_str());
    let begun = state::begin(engine, place, &secret.uid, Why::Due(at), now).await;
    if let Err(error) = &begun {
        let gone = matches!(
            error.code(),
            ErrorCode::ForbiddenResourceNotFound | ErrorCode::RejectedResourceInDeleteWindow
        );
        if error.status() < 500 && !gone {
            let lasting = error.code() == ErrorCode::RejectedUnsupportedOperation;
            state::not_begun(engine, secret, (at, lasting, error.to_string()), now).await?;
        }
    }
    begun
}

async fn carry_on(engine: &Engine, work: Box<state::Work>) -> Result<(), ApiError> {
    let engine = engine.shared()?;
    let task = tokio::spawn(async move { attempt::carry_on(&engine, &work).await });
    // It panicked; the panic hook has told the log, and the lease runs out.
    task.await.unwrap_or_else(|_| Err(ErrorCode::InternalFailure.into()))
}

/// `UpdateSecretRotationPolicy`
pub(crate) async fn update_policy(
    call: &Call<'_>,
    request: UpdateSecretRotationPolicyRequest,
) -> Result<UpdateSecretRotationPolicyResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    check_rotates(&found.value)?;
    let sent = request.rotation_interval.as_deref().filter(|text| !text.is_empty());
    let sent = sent.map(interval::parse).transpose()?;
    let enabled = request.enable_automatic_rotation;
    if enabled && sent.is_none() {
        let text = "The parameter \"RotationInterval\" is needed but not provided.";
        return Err(ApiError::with_message(ErrorCode::MissingParameter, text));
    }
    let secret = update_secret(call.engine, &found.value, call.now, |secret, batch| {
        check_not_deleted(secret)?;
        let (account, name, created) = (secret.account.clone(), secret.name.clone(), secret.created);
        let rotation = secret.rotation.as_mut().ok_or(ErrorCode::RejectedUnsupportedOperation)?;
        let before = rotation.clone();
        let interval = sent.or(rotation.interval_seconds);
        rotation.enabled = enabled;
        rotation.interval_seconds = interval;
        // A date that is past already is due at once.
        let first = |interval| rotation.last.unwrap_or(created).plus(interval);
        rotation.next = interval.filter(|_| enabled).map(|interval| first(interval).max(call.now));
        // Somebody looks after it: what is wrong shows again when it still is.
        (rotation.invalid, rotation.failures) = (false, 0);
        if *rotation == before {
            return Ok(false);
        }
        reschedule(batch, (&account, &name), Some(&before), Some(rotation));
        secret.updated = call.now;
        Ok(true)
    })
    .await?;
    Ok(UpdateSecretRotationPolicyResponse {
        secret_name: Some(secret.name),
        ..UpdateSecretRotationPolicyResponse::default()
    })
}

/// Carries out what fell due: a rotation by its plan, or the next attempt at one that is pending.
pub(crate) async fn carry_out(engine: &Engine, due: &Due, now: Timestamp) -> Result<(), ApiError> {
    let Ok(_place) = engine.rotations.free.clone().try_acquire_owned() else {
        tracing::warn!(secret = due.id, "a rotation waits: others that are under way take long");
        return Err(ErrorCode::ServiceUnavailableTemporary.into());
    };
    let record = engine.store.get(&path::secret(&due.account, &due.id)).await.map_err(ImageError::from)?;
    let known = record.map(|record| decode::<SecretRecord>(&record)).transpose()?;
    let known = known.filter(|secret| due_at(secret.value.rotation.as_ref()).contains(&Some(due.at)));
    let Some(secret) = known.filter(|secret| secret.value.planned_delete.is_none()) else {
        return engine.drop_due(due).await;
    };
    match begin_due(engine, &secret.value, due.at, now).await? {
        Begun::Work(work) => carry_on(engine, work).await,
        Begun::Done | Begun::Nothing => Ok(()),
    }
}

/// Adds to a batch what changes in the work about a secret's rotation when its record does; `None` stands for no secret.
pub(super) fn reschedule(
    batch: &mut Batch,
    (account, name): (&str, &str),
    before: Option<&SecretRotation>,
    after: Option<&SecretRotation>,
) {
    let (before, after) = (due_at(before), due_at(after));
    for at in before.iter().flatten().filter(|at| !after.contains(&Some(**at))) {
        batch.delete(path::due(*at, DueKind::SecretRotation, account, name));
    }
    for at in after.iter().flatten().filter(|at| !before.contains(&Some(**at))) {
        due::schedule(batch, *at, DueKind::SecretRotation, account, name);
    }
}

/// When something is to be done about a rotation: while one is pending, its own time, and else the plan's.
fn due_at(rotation: Option<&SecretRotation>) -> [Option<Timestamp>; 2] {
    let pending = rotation.and_then(|rotation| rotation.pending.as_ref()).map(|pending| pending.until);
    [rotation.and_then(|rotation| rotation.next), pending]
}

/// Generic secrets are rotated by storing a version.
fn check_rotates(secret: &SecretRecord) -> Result<(), ApiError> {
    check_not_deleted(secret)?;
    match secret.secret_type {
        SecretType::Generic => Err(ErrorCode::RejectedUnsupportedOperation.into()),
        _ => Ok(()),
    }
}
