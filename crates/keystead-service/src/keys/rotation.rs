use keystead_api::operations::{UpdateRotationPolicyRequest, UpdateRotationPolicyResponse};
use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::Batch;

use crate::audit::Author;
use crate::call::Call;
use crate::compat::{Compat, Place};
use crate::due::{self, Due};
use crate::engine::{CommitError, retrying};
use crate::instances::UseChange;
use crate::interval::{self, DAY};
use crate::keys::create::ORIGIN_SERVICE;
use crate::keys::material::new_material;
use crate::keys::{check_usable, replace_key, update_key, version};
use crate::records::{KeyKind, KeyRecord, KeySpec, KeyState};

/// Seconds between two rotations, 7 to 730 days (KMS API reference, UpdateRotationPolicy).
const INTERVAL: std::ops::RangeInclusive<i64> = 7 * DAY..=730 * DAY;

/// `UpdateRotationPolicy`
pub(crate) async fn update_policy(
    call: &Call<'_>,
    request: UpdateRotationPolicyRequest,
) -> Result<UpdateRotationPolicyResponse, ApiError> {
    let key = call.key_by_id("KeyId", &request.key_id).await?;
    check_rotates(key.value.spec, &key.value.origin)?;
    let interval = interval(request.enable_automatic_rotation, request.rotation_interval.as_deref())?;
    call.engine.config.compat.check_rotation(interval, Place::of(&key.value))?;
    update_key(call.author(), call.account(), &key.value.key_id, call.now, |key, _| {
        check_usable(key, call.now)?;
        let changed = key.rotation_interval != interval;
        key.rotation_interval = interval;
        Ok(changed)
    })
    .await?;
    Ok(UpdateRotationPolicyResponse::default())
}

/// Seconds between the rotations of a key that is about to be made, as `CreateKey`'s two parameters say.
///
/// # Errors
/// 400 `Rejected.UnsupportedOperation` for a key that cannot be rotated, `MissingParameter` for rotation without an
/// interval, `InvalidParameter` for a malformed one.
pub(crate) fn interval_of_new_key(
    (compat, place): (Compat, Place),
    enabled: Option<bool>,
    text: Option<&str>,
    spec: KeySpec,
    origin: &str,
) -> Result<Option<i64>, ApiError> {
    if enabled == Some(true) {
        check_rotates(spec, origin)?;
    }
    let interval = interval(enabled == Some(true), text)?;
    compat.check_rotation(interval, place)?;
    Ok(interval)
}

/// What DescribeKey calls a key's automatic rotation.
pub(crate) fn status(key: &KeyRecord, now: Timestamp) -> &'static str {
    match key.rotation_interval {
        None => "Disabled",
        Some(_) if key.state_at(now) == KeyState::Enabled => "Enabled",
        Some(_) => "Suspended",
    }
}

/// When a key is to be rotated; none while its state suspends that.
pub(crate) fn due_at(key: &KeyRecord) -> Option<Timestamp> {
    key.next_rotation().filter(|_| key.state == KeyState::Enabled)
}

/// Gives a key the version that is due. However many intervals have passed, it gets one, and the next interval begins now.
pub(crate) async fn carry_out(author: Author<'_>, due: &Due, now: Timestamp) -> Result<(), ApiError> {
    let engine = author.engine;
    retrying!({
        let Some((record, before)) = due::key_of(author, due).await? else { return Ok(()) };
        if due.at.0 > now.0 {
            return Ok(());
        }
        let mut key = before.clone();
        let mut batch = Batch::new();
        let keys = engine.vault.keys_of(&engine.image, &key.account, key.instance.as_ref()).await;
        let (keys, material) = (keys.map_err(ApiError::from)?, new_material(engine, key.spec).await?);
        version::add(&mut batch, &mut key, &*engine.random, &keys, &material, now)?;
        UseChange::of_keys(key.instance.as_ref(), 1).enter(engine, &mut batch).await?;
        // The precondition on the key's record keeps another node from rotating it too.
        replace_key(&mut batch, &record, &before, &key)?;
        author.commit(batch).await?;
        Ok::<_, CommitError>(())
    })
}

/// Only symmetric keys whose material was made here are rotated.
fn check_rotates(spec: KeySpec, origin: &str) -> Result<(), ApiError> {
    match spec.kind() {
        KeyKind::Symmetric(_) if origin == ORIGIN_SERVICE => Ok(()),
        _ => Err(ErrorCode::RejectedUnsupportedOperation.into()),
    }
}

/// Seconds between rotations; none when they are off, and then what the interval says does not matter.
fn interval(enabled: bool, text: Option<&str>) -> Result<Option<i64>, ApiError> {
    match text.filter(|text| !text.is_empty()) {
        _ if !enabled => Ok(None),
        None => Err(ErrorCode::MissingParameter.into()),
        Some(text) => interval::parse(text, INTERVAL).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, interval};

    #[test]
    fn intervals() {
        for (text, days) in
            [("7d", 7), ("730d", 730), ("168h", 7), ("10080m", 7), ("604800s", 7), ("0007d", 7)]
        {
            assert_eq!(interval(true, Some(text)).ok().flatten(), Some(days * DAY), "{text}");
        }
        for bad in [
            "6d",
            "731d",
            "604799s",
            "63072001s",
            "7",
            "d",
            "7D",
            "7 d",
            " 7d",
            "+7d",
            "-7d",
            "7.5d",
            "7dd",
            "7w",
            "0d",
            "99999999999d",
            "\u{667}d",
            "7\u{e9}",
        ] {
            assert!(interval(true, Some(bad)).is_err(), "{bad}");
            assert_eq!(interval(false, Some(bad)).ok(), Some(None), "{bad}");
        }
        assert!(interval(true, None).is_err() && interval(true, Some("")).is_err());
    }
}
