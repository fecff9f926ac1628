//! The commits of a rotation: it begins, and it ends or fails. Each is one commit on the secret's record.

use std::sync::Arc;

use keystead_api::{ApiError, ErrorCode, SecretText, Timestamp};
use keystead_store::Batch;

use super::access_key::AccessKeys;
use super::attempt::Failure;
use super::driver::{Left, RotationDriver};
use super::{due_at, login, reschedule};
use crate::audit::Author;
use crate::call::Key;
use crate::engine::{CommitError, Engine, retrying};
use crate::ids;
use crate::image::{ImageError, decode};
use crate::keys::create::{encode, no_randomness};
use crate::records::{
    DataType, KeyRecord, Label, PendingRotation, RotationStep, SecretRecord, SecretRotation, SecretType,
    SecretValueRecord, SecretVersion, Stored, path,
};
use crate::secrets::{check_not_deleted, update_secret, vault};

/// Seconds for which a rotation belongs to whoever began it. Every attempt ends before.
pub(super) const LEASE: i64 = 150;
/// Seconds before the second attempt; doubled for each further one.
const FIRST_WAIT: i64 = 60;
/// Seconds between two attempts at most.
const LONGEST_WAIT: i64 = 6 * 3600;
/// After so many failures in a row, also passing ones, the secret shows that its rotation does not work.
const FAILURES_UNTIL_INVALID: u32 = 5;

/// Why a rotation is to begin.
#[derive(Clone, Copy)]
pub(super) enum Why<'a> {
    /// A caller asks for this version.
    Asked(&'a str),
    /// It fell due then.
    Due(Timestamp),
}

/// What came of beginning.
pub(super) enum Begun {
    /// The version is there.
    Done,
    /// Somebody else is at it, or there is nothing to do.
    Nothing,
    /// This attempt is ours.
    Work(Box<Work>),
}

/// An attempt that is ours until its lease ends.
pub(super) struct Work {
    /// The secret as it stood when the attempt began.
    pub(super) secret: SecretRecord,
    pub(super) pending: PendingRotation,
    pub(super) driver: Arc<dyn RotationDriver>,
    /// The id of the system.
    pub(super) target: String,
    /// Whether an earlier attempt may have reached the system.
    pub(super) resumed: bool,
    /// Whether nobody asked for it.
    pub(super) planned: bool,
}

/// Begins a rotation, or takes one up whose holder is gone, when nobody is at it.
///
/// # Errors
/// 404 when the secret is gone; 409 `Rejected.ResourceInUse` while another rotation is under way; 400
/// `Rejected.UnsupportedOperation` when nothing is configured that could do it; what the secret's key answers.
pub(super) async fn begin(
    author: Author<'_>,
    (account, name): (&str, &str),
    uid: &str,
    why: Why<'_>,
    now: Timestamp,
) -> Result<Begun, ApiError> {
    let engine = author.engine;
    let missing = || ApiError::new(ErrorCode::ForbiddenResourceNotFound);
    retrying!({
        let record = engine.store.get(&path::secret(account, name)).await;
        let record = record.map_err(|error| ApiError::from(ImageError::from(error)))?.ok_or_else(missing)?;
        let mut secret = decode::<SecretRecord>(&record).map_err(ApiError::from)?.value;
        if secret.is_gone(now) || *secret.uid != *uid {
            return Err(missing().into());
        }
        check_not_deleted(&secret)?;
        let before = secret
            .rotation
            .as_deref()
            .cloned()
            .ok_or(ApiError::from(ErrorCode::RejectedUnsupportedOperation))?;
        let resumed = match (&before.pending, why) {
            (Some(pending), _) if pending.holder.is_some() && pending.until > now => match why {
                Why::Asked(version_id) if version_id != pending.version_id => return Err(under_way().into()),
                _ => return Ok(Begun::Nothing),
            },
            (Some(pending), Why::Due(at)) if pending.until == at => true,
            (Some(pending), Why::Asked(version_id)) => {
                pending.version_id == version_id || pending.step == RotationStep::Accounts
            }
            (None, Why::Asked(version_id)) if secret.version(version_id).is_some() => return Ok(Begun::Done),
            (None, Why::Asked(_)) => false,
            (None, Why::Due(at)) if before.enabled && before.next == Some(at) => false,
            // Carried out meanwhile, by another node.
            (_, Why::Due(_)) => return Ok(Begun::Nothing),
        };
        let planned = matches!(why, Why::Due(_)) && !resumed;
        let Some((driver, target)) = driver(engine, &secret)? else {
            return Err(unsupported().into());
        };

        let mut batch = Batch::new();
        let holder = ids::internal_id(&*engine.random).map_err(no_randomness)?;
        let mut pending = match before.pending.clone() {
            Some(pending) if resumed => pending,
            superseded => {
                if let Some(old) = superseded {
                    // It waits, and another one was asked for: its value never came into force. What it may have done
                    // to the account, the new rotation does again, for it is about the same account.
                    batch.delete(path::secret_value(&secret.account, &secret.uid, &old.version_id));
                }
                let version_id = match why {
                    Why::Asked(version_id) => version_id.to_owned(),
                    Why::Due(_) => ids::internal_id(&*engine.random).map_err(no_randomness)?,
                };
                let key = key(engine, &secret, now).await?;
                let value = login::next_value(engine, &secret, key.as_ref(), now).await?;
                let sealed = vault::seal((engine, now), key.as_ref(), &secret, &version_id, &value).await?;
                batch.put(
                    path::secret_value(&secret.account, &secret.uid, &version_id),
                    SecretValueRecord::KIND,
                    SecretValueRecord::FORMAT,
                    encode(&sealed)?,
                );
                let step = RotationStep::Prepared;
                PendingRotation { version_id, started: now, step, holder: None, until: now }
            }
        };
        (pending.holder, pending.until) = (Some(holder), now.plus(LEASE));
        let after = SecretRotation { pending: Some(pending.clone()), ..before.clone() };
        reschedule(&mut batch, (account, name), Some(&before), Some(&after));
        secret.rotation = Some(Box::new(after));
        batch.replace(&record, encode(&secret)?);
        author.commit(batch).await?;
        Ok::<_, CommitError>(Begun::Work(Box::new(Work {
            secret,
            pending,
            driver,
            target,
            resumed,
            planned,
        })))
    })
}

/// Ends a rotation whose new login works: one commit moves the labels.
pub(super) async fn finish(
    author: Author<'_>,
    work: &Work,
    shown: Vec<String>,
    now: Timestamp,
) -> Result<(), ApiError> {
    update_secret(author, &work.secret, now, |secret, batch| {
        let before = ours(secret, work)?;
        if work.pending.step == RotationStep::Prepared {
            let dropped = secret.add_version(SecretVersion {
                version_id: work.pending.version_id.as_str().into(),
                data_type: DataType::Text,
                stages: [Label::Current].into_iter().collect(),
                created: now,
            })?;
            if let Some(version_id) = dropped {
                batch.delete(path::secret_value(&secret.account, &secret.uid, &version_id));
            }
        }
        let rotated = work.pending.step == RotationStep::Prepared;
        let next = before.interval_seconds.filter(|_| before.enabled).map(|interval| now.plus(interval));
        let mut after = SecretRotation {
            last: if rotated { Some(now) } else { before.last },
            next: if rotated { next } else { before.next },
            invalid: false,
            failures: 0,
            last_error: None,
            pending: None,
            ..before.clone()
        };
        after.shown.extend(shown.iter().cloned());
        after.shown.sort();
        after.shown.dedup();
        reschedule(batch, (&secret.account, &secret.name), Some(&before), Some(&after));
        secret.rotation = Some(Box::new(after));
        secret.updated = now;
        Ok(true)
    })
    .await
    .map(drop)
}

/// Notes that an attempt failed. What was left as it was is taken back; else the rotation stays, and waits.
pub(super) async fn fail(
    author: Author<'_>,
    work: &Work,
    failure: &Failure,
    now: Timestamp,
) -> Result<(), ApiError> {
    note(author, &work.secret, failure, now, |rotation| {
        rotation.pending.as_ref().is_some_and(|pending| pending.holder == work.pending.holder)
    })
    .await
}

/// Notes that what fell due could not begin.
pub(super) async fn not_begun(
    author: Author<'_>,
    secret: &SecretRecord,
    (at, lasting, message): (Timestamp, bool, String),
    now: Timestamp,
) -> Result<(), ApiError> {
    tracing::warn!(secret = secret.name.as_str(), reason = message, "Secret:RotateSecret:Failure");
    let failure = Failure { left: Left::Unknown, lasting, message };
    note(author, secret, &failure, now, |rotation| due_at(Some(rotation)).contains(&Some(at))).await
}

async fn note(
    author: Author<'_>,
    secret: &SecretRecord,
    failure: &Failure,
    now: Timestamp,
    applies: impl Fn(&SecretRotation) -> bool + Sync,
) -> Result<(), ApiError> {
    update_secret(author, secret, now, |secret, batch| {
        let Some(before) = secret.rotation.as_deref().filter(|rotation| applies(rotation)).cloned() else {
            return Ok(false);
        };
        let mut after = before.clone();
        after.failures = before.failures.saturating_add(1);
        after.invalid = before.invalid || failure.lasting || after.failures >= FAILURES_UNTIL_INVALID;
        after.last_error = Some(failure.message.clone());
        let doubled = FIRST_WAIT.saturating_mul(1 << before.failures.min(16));
        let again = now.plus(doubled.min(LONGEST_WAIT));
        match after.pending.take() {
            Some(pending) if failure.left == Left::Unchanged && pending.step == RotationStep::Prepared => {
                batch.delete(path::secret_value(&secret.account, &secret.uid, &pending.version_id));
            }
            Some(pending) => after.pending = Some(PendingRotation { holder: None, until: again, ..pending }),
            None => {}
        }
        // The plan goes on, not before the wait is over.
        if after.next.is_some_and(|next| next < again) {
            after.next = Some(again);
        }
        reschedule(batch, (&secret.account, &secret.name), Some(&before), Some(&after));
        secret.rotation = Some(Box::new(after));
        Ok(true)
    })
    .await
    .map(drop)
}

/// The rotation as it stands, when it is still this attempt's.
fn ours(secret: &SecretRecord, work: &Work) -> Result<SecretRotation, ApiError> {
    let rotation = secret.rotation.as_deref().cloned();
    rotation
        .filter(|rotation| rotation.pending.as_ref().is_some_and(|p| p.holder == work.pending.holder))
        .ok_or_else(under_way)
}

/// A driver, and the id of the system that it is for.
type Found = (Arc<dyn RotationDriver>, String);

/// The driver for a secret. Nobody reaches the systems of another account.
fn driver(engine: &Engine, secret: &SecretRecord) -> Result<Option<Found>, ApiError> {
    let Some(target) = login::target_id(secret)? else { return Ok(None) };
    if secret.secret_type == SecretType::RamCredentials {
        return Ok(Some((Arc::new(AccessKeys::new(engine.shared()?, &secret.account)), target)));
    }
    let driver = engine.config.drivers.find(&target).filter(|driver| {
        let owner = driver.owner().unwrap_or(&engine.installation().account);
        *owner == *secret.account && driver.serves(secret.secret_type.as_str(), &login::sub_type(secret))
    });
    Ok(driver.map(|driver| (driver, target)))
}

/// The key that protects a secret, for the service's own work on it.
pub(super) async fn key(
    engine: &Engine,
    secret: &SecretRecord,
    now: Timestamp,
) -> Result<Option<Key>, ApiError> {
    let Some(key_id) = &secret.encryption_key_id else { return Ok(None) };
    let key = engine.image.get::<KeyRecord>(&path::key(&secret.account, key_id)).await?;
    let key = key.filter(|key| !key.value.is_gone(now)).ok_or(ErrorCode::ForbiddenKeyNotFound)?;
    Ok(Some(key))
}

/// A value of a secret, opened for the service's own work.
pub(super) async fn value(
    engine: &Engine,
    secret: &SecretRecord,
    key: Option<&Key>,
    version_id: &str,
    now: Timestamp,
) -> Result<SecretText, ApiError> {
    let at = path::secret_value(&secret.account, &secret.uid, version_id);
    let record = engine.image.get::<SecretValueRecord>(&at).await?;
    let record = record.ok_or(ErrorCode::ForbiddenResourceNotFound)?;
    vault::open((engine, now), key, secret, version_id, &record.value).await
}

pub(super) fn under_way() -> ApiError {
    let text = "Another rotation of the secret is under way.";
    ApiError::with_message(ErrorCode::RejectedResourceInUse, text)
}

fn unsupported() -> ApiError {
    let text = "No rotation target is configured for the system that this secret's login is for.";
    ApiError::with_message(ErrorCode::RejectedUnsupportedOperation, text)
}
