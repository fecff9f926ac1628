//! Secrets: named values with versions and stages.

pub mod batch;
pub mod create;
pub mod deletion;
pub mod describe;
pub(crate) mod interval;
pub mod list;
pub mod password;
pub mod policy;
pub mod rotation;
pub mod stage;
pub(crate) mod types;
pub mod update;
pub mod value;
pub(crate) mod vault;

use keystead_api::{ApiError, ErrorCode, SecretText, Timestamp};
use keystead_store::{Batch, Record};

use crate::audit::Author;
use crate::engine::{CommitError, Engine, retrying};
use crate::image::{ImageError, decode};
use crate::keys::create::encode;
use crate::records::{DataType, Label, SecretRecord, SecretType, SecretVersion, Text, path};
use types::Settings;

/// Bytes of a value at most (KMS API reference, CreateSecret). Binary values are counted as the base64 text they travel in.
const MAX_VALUE: usize = 30_720;
/// Characters of a version id at most.
const MAX_VERSION_ID: usize = 64;
/// Versions of a Generic secret at most.
const MAX_VERSIONS: usize = 10;
/// Stage labels of a secret at most.
const MAX_STAGES: usize = 8;

pub(crate) use crate::records::{CURRENT, PREVIOUS};

/// Characters of a description at most.
const MAX_DESCRIPTION: usize = 8192;
/// Characters of a stage label at most.
const MAX_STAGE: usize = 64;

/// How the name of every secret of a RAM user's AccessKeys begins.
const RAM_PREFIX: &str = "acs/ram/user/";
/// How the name of every secret of a host's login begins.
const ECS_PREFIX: &str = "acs/ecs/";

/// The name that a new secret gets: as it was sent, or made out of `$Auto`.
///
/// 1 to 192 characters of letters, digits and `_ / + = . - @`; Chinese characters too, then at most 64. `acs/` is kept for
/// the types whose names begin with a prefix of their own.
pub(crate) fn new_name(name: String, settings: Option<&Settings>) -> Result<String, ApiError> {
    let ascii = |c: char| c.is_ascii_alphanumeric() || "_/+=.-@".contains(c);
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let (name, in_its_place) = match settings {
        Some(Settings::Ram(ram)) => {
            let made = format!("{RAM_PREFIX}{}", ram.user_name);
            let wanted = name == types::AUTO || name == made;
            (made, wanted)
        }
        Some(Settings::Ecs(_)) => {
            let placed = name.len() > ECS_PREFIX.len() && name.starts_with(ECS_PREFIX);
            (name, placed)
        }
        _ => {
            let placed = !name.starts_with("acs/");
            (name, placed)
        }
    };
    let chars = name.chars().count();
    let max = if name.is_ascii() { 192 } else { 64 };
    let valid = (1..=max).contains(&chars) && in_its_place && name.chars().all(|c| ascii(c) || chinese(c));
    if valid { Ok(name) } else { Err(ApiError::invalid_parameter("SecretName")) }
}

fn check_version_id(version_id: &str) -> Result<(), ApiError> {
    let valid = (1..=MAX_VERSION_ID).contains(&version_id.chars().count())
        && !version_id.chars().any(char::is_control);
    if valid { Ok(()) } else { Err(ApiError::invalid_parameter("VersionId")) }
}

fn check_description(description: &str) -> Result<(), ApiError> {
    if description.chars().count() <= MAX_DESCRIPTION {
        Ok(())
    } else {
        Err(ApiError::invalid_parameter("Description"))
    }
}

fn valid_label(label: &str) -> bool {
    (1..=MAX_STAGE).contains(&label.chars().count()) && !label.chars().any(char::is_control)
}

pub(crate) fn check_value(value: &SecretText) -> Result<(), ApiError> {
    if (1..=MAX_VALUE).contains(&value.len()) {
        Ok(())
    } else {
        Err(ApiError::invalid_parameter("SecretData"))
    }
}

/// `text` (default) or `binary`.
fn data_type(text: Option<&str>) -> Result<DataType, ApiError> {
    match text {
        None | Some("") => Ok(DataType::Text),
        Some(text) => DataType::find(text).ok_or_else(|| ApiError::invalid_parameter("SecretDataType")),
    }
}

/// Versions of other types come to be by rotation only.
fn check_generic(secret: &SecretRecord) -> Result<(), ApiError> {
    match secret.secret_type {
        SecretType::Generic => Ok(()),
        _ => Err(ErrorCode::RejectedUnsupportedOperation.into()),
    }
}

/// A secret in its deletion window is described and listed, and nothing else.
pub(crate) fn check_not_deleted(secret: &SecretRecord) -> Result<(), ApiError> {
    match secret.planned_delete {
        None => Ok(()),
        Some(_) => Err(ErrorCode::RejectedResourceInDeleteWindow.into()),
    }
}

/// A secret's record as it stands in the store, with what was read for the precondition of a write.
///
/// # Errors
/// 404 `Forbidden.ResourceNotFound` when it is gone, or when it is another one than `uid` says: deleted and made anew, so
/// that what was checked was checked for the old one.
pub(crate) async fn stored(
    engine: &Engine,
    (account, name, uid): (&str, &str, &str),
    now: Timestamp,
) -> Result<(Record, SecretRecord), ApiError> {
    let missing = || ApiError::new(ErrorCode::ForbiddenResourceNotFound);
    let record = engine.store.get(&path::secret(account, name)).await.map_err(ImageError::from)?;
    let record = record.ok_or_else(missing)?;
    let secret = decode::<SecretRecord>(&record)?.value;
    if secret.is_gone(now) || *secret.uid != *uid { Err(missing()) } else { Ok((record, secret)) }
}

/// Changes a secret's record as it stands in the store. `change` gets the record and the batch in which it will be
/// written, so that what goes with the change can be part of the same commit; it says whether there is anything to write.
/// Returns the record as it now stands.
pub(crate) async fn update_secret(
    author: Author<'_>,
    secret: &SecretRecord,
    now: Timestamp,
    change: impl Fn(&mut SecretRecord, &mut Batch) -> Result<bool, ApiError>,
) -> Result<SecretRecord, ApiError> {
    retrying!({
        let place = (secret.account.as_str(), secret.name.as_str(), secret.uid.as_str());
        let (record, mut secret) = stored(author.engine, place, now).await?;
        let mut batch = Batch::new();
        if change(&mut secret, &mut batch)? {
            batch.replace(&record, encode(&secret)?);
            author.commit(batch).await?;
        }
        Ok::<_, CommitError>(secret)
    })
}

impl SecretRecord {
    /// The version with this id.
    fn version(&self, version_id: &str) -> Option<&SecretVersion> {
        self.versions.iter().find(|version| *version.version_id == *version_id)
    }

    /// The version that carries this label.
    fn at_stage(&self, stage: &str) -> Option<&SecretVersion> {
        self.versions.iter().find(|version| version.has(stage))
    }

    /// Adds a version that takes the given labels from whoever has them. When `ACSCurrent` moves, its old holder becomes
    /// `ACSPrevious`. The oldest version without a label makes room for an eleventh; its id is returned.
    ///
    /// # Errors
    /// 400 `Rejected.LimitExceeded` when all ten versions carry labels, or there would be more than eight labels.
    fn add_version(&mut self, mut version: SecretVersion) -> Result<Option<Text>, ApiError> {
        let (version_id, labels) = (version.version_id.clone(), std::mem::take(&mut version.stages));
        self.versions.push(version);
        self.move_labels(&labels, &version_id)?;
        if self.versions.len() <= MAX_VERSIONS {
            return Ok(None);
        }
        // The new version is the last one and may itself carry no label; it is not what makes room.
        let oldest = self.versions[..MAX_VERSIONS].iter().position(|version| version.stages.is_empty());
        let oldest = oldest.ok_or(ErrorCode::RejectedLimitExceeded)?;
        Ok(Some(self.versions.remove(oldest).version_id))
    }
    /// Moves labels to a version that is there, from whoever has them. When `ACSCurrent` comes from another version, that
    /// one becomes `ACSPrevious`, unless `ACSPrevious` is among the labels that move.
    ///
    /// # Errors
    /// 400 `Rejected.LimitExceeded` when there would be more than eight labels.
    fn move_labels(&mut self, labels: &[Label], to: &str) -> Result<(), ApiError> {
        let holder = self.at_stage(CURRENT).map(|holder| holder.version_id.clone());
        let previous = holder.filter(|holder| {
            labels.contains(&Label::Current) && !labels.contains(&Label::Previous) && **holder != *to
        });
        for version in &mut self.versions {
            version.stages.retain(|label| {
                !(labels.contains(label) || (previous.is_some() && *label == Label::Previous))
            });
            if Some(&version.version_id) == previous.as_ref() {
                version.stages.push(Label::Previous);
            }
            if *version.version_id == *to {
                version.stages.extend(labels.iter().cloned());
                version.stages.sort();
            }
        }
        if self.versions.iter().map(|version| version.stages.len()).sum::<usize>() > MAX_STAGES {
            return Err(ErrorCode::RejectedLimitExceeded.into());
        }
        Ok(())
    }

    /// `AutomaticRotation` in answers; none for generic secrets.
    pub(crate) fn automatic_rotation(&self) -> Option<String> {
        let rotation = self.rotation.as_ref()?;
        let text = match (rotation.invalid, rotation.enabled) {
            (true, _) => "Invalid",
            (false, true) => "Enabled",
            (false, false) => "Disabled",
        };
        Some(text.to_owned())
    }

    /// `RotationInterval` in answers.
    pub(crate) fn rotation_interval(&self) -> Option<String> {
        self.rotation.as_ref()?.interval_seconds.map(interval::text)
    }

    /// `LastRotationDate` in answers.
    pub(crate) fn last_rotation_date(&self) -> Option<String> {
        self.rotation.as_ref()?.last.map(|time| time.to_string())
    }

    /// `NextRotationDate` in answers.
    pub(crate) fn next_rotation_date(&self) -> Option<String> {
        self.rotation.as_ref()?.next.map(|time| time.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::records::{Id, Versions};

    fn empty() -> SecretRecord {
        SecretRecord {
            uid: Id::from("u").unwrap(),
            name: "n".into(),
            account: Id::from("1").unwrap(),
            instance: None,
            secret_type: SecretType::Generic,
            description: String::new(),
            encryption_key_id: None,
            created: Timestamp(0),
            updated: Timestamp(0),
            planned_delete: None,
            extended_config: None,
            rotation: None,
            policy: None,
            versions: Versions::new(),
            tags: vec![],
        }
    }

    fn version(id: &str, stages: &[&str]) -> SecretVersion {
        SecretVersion {
            version_id: id.into(),
            data_type: DataType::Text,
            stages: stages.iter().map(|s| (*s).into()).collect(),
            created: Timestamp(0),
        }
    }

    #[test]
    fn labels_shift() {
        let mut secret = empty();
        for id in ["v1", "v2", "v3"] {
            secret.add_version(version(id, &[CURRENT])).unwrap();
        }
        assert_eq!(*secret.at_stage(CURRENT).unwrap().version_id, *"v3");
        assert_eq!(*secret.at_stage(PREVIOUS).unwrap().version_id, *"v2");
        assert!(secret.version("v1").unwrap().stages.is_empty());
        secret.add_version(version("v4", &["mine"])).unwrap();
        assert_eq!(*secret.at_stage(CURRENT).unwrap().version_id, *"v3");
        secret.add_version(version("v5", &[CURRENT, PREVIOUS])).unwrap();
        assert_eq!(secret.version("v5").unwrap().labels(), [CURRENT, PREVIOUS]);
        assert!(secret.version("v3").unwrap().stages.is_empty());
    }

    #[test]
    fn the_oldest_unlabelled_version_makes_room() {
        let mut secret = empty();
        secret.add_version(version("v0", &["kept"])).unwrap();
        for i in 1..=10 {
            assert_eq!(
                secret.add_version(version(&format!("v{i}"), &[CURRENT])).unwrap().as_deref(),
                (i == 10).then_some("v1")
            );
        }
        assert_eq!(secret.versions.len(), MAX_VERSIONS);
        assert!(secret.version("v0").is_some() && secret.version("v1").is_none());
    }

    #[test]
    fn at_most_eight_labels() {
        let mut secret = empty();
        secret.add_version(version("v0", &["a", "b", "c", "d", "e", "f", "g", "h"])).unwrap();
        assert_eq!(
            secret.add_version(version("v1", &["i"])).unwrap_err().code(),
            ErrorCode::RejectedLimitExceeded
        );
    }

    #[test]
    fn names() {
        for good in ["a", "team/db_1+x=y.z-@", "\u{4e2d}\u{6587}", &"x".repeat(192)] {
            assert_eq!(new_name(good.into(), None).unwrap(), good);
        }
        for bad in ["", "acs/x", "a b", "a:b", "a\0", "\u{e9}", &"x".repeat(193), &"\u{4e2d}".repeat(65)] {
            assert!(new_name(bad.into(), None).is_err(), "{bad}");
        }
    }
}
