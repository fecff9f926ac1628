//! Secrets: named values with versions and stages.

pub mod batch;
pub mod create;
pub mod deletion;
pub mod describe;
pub mod list;
pub mod password;
pub mod policy;
pub mod rotation;
pub mod stage;
pub mod update;
pub mod value;
mod vault;

use keystead_api::{ApiError, ErrorCode, SecretText};

use crate::records::{SecretRecord, SecretVersion};

/// Bytes of a value at most (KMS API reference, CreateSecret). Binary values are counted as the base64 text they travel in.
const MAX_VALUE: usize = 30_720;
/// Characters of a version id at most.
const MAX_VERSION_ID: usize = 64;
/// Versions of a Generic secret at most.
const MAX_VERSIONS: usize = 10;
/// Stage labels of a secret at most.
const MAX_STAGES: usize = 8;

/// The label of the value that is in force.
const CURRENT: &str = "ACSCurrent";
/// The label of the value that was in force before.
const PREVIOUS: &str = "ACSPrevious";

/// 1 to 192 characters of letters, digits and `_ / + = . - @`; Chinese characters too, then at most 64.
/// Names of Generic secrets do not start with `acs/`.
fn check_name(name: &str) -> Result<(), ApiError> {
    let ascii = |c: char| c.is_ascii_alphanumeric() || "_/+=.-@".contains(c);
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let chars = name.chars().count();
    let max = if name.is_ascii() { 192 } else { 64 };
    let valid = (1..=max).contains(&chars)
        && !name.starts_with("acs/")
        && name.chars().all(|c| ascii(c) || chinese(c));
    if valid { Ok(()) } else { Err(ApiError::invalid_parameter("SecretName")) }
}

fn check_version_id(version_id: &str) -> Result<(), ApiError> {
    let valid = (1..=MAX_VERSION_ID).contains(&version_id.chars().count())
        && !version_id.chars().any(char::is_control);
    if valid { Ok(()) } else { Err(ApiError::invalid_parameter("VersionId")) }
}

fn check_value(value: &SecretText) -> Result<(), ApiError> {
    if (1..=MAX_VALUE).contains(&value.len()) {
        Ok(())
    } else {
        Err(ApiError::invalid_parameter("SecretData"))
    }
}

/// `text` (default) or `binary`.
fn data_type(text: Option<&str>) -> Result<&'static str, ApiError> {
    match text {
        None | Some("" | "text") => Ok("text"),
        Some("binary") => Ok("binary"),
        Some(_) => Err(ApiError::invalid_parameter("SecretDataType")),
    }
}

/// A secret in its deletion window is described and listed, and nothing else.
fn check_not_deleted(secret: &SecretRecord) -> Result<(), ApiError> {
    match secret.planned_delete {
        None => Ok(()),
        Some(_) => Err(ErrorCode::RejectedResourceInDeleteWindow.into()),
    }
}

impl SecretRecord {
    /// The version with this id.
    fn version(&self, version_id: &str) -> Option<&SecretVersion> {
        self.versions.iter().find(|version| version.version_id == version_id)
    }

    /// The version that carries this label.
    fn at_stage(&self, stage: &str) -> Option<&SecretVersion> {
        self.versions.iter().find(|version| version.stages.iter().any(|label| label == stage))
    }

    /// Adds a version that takes the given labels from whoever has them. When `ACSCurrent` moves, its old holder becomes
    /// `ACSPrevious`. The oldest version without a label makes room for an eleventh; its id is returned.
    ///
    /// # Errors
    /// 400 `Rejected.LimitExceeded` when all ten versions carry labels, or there would be more than eight labels.
    fn add_version(&mut self, mut version: SecretVersion) -> Result<Option<String>, ApiError> {
        let previous = version
            .stages
            .iter()
            .any(|label| label == CURRENT)
            .then(|| self.at_stage(CURRENT).map(|holder| holder.version_id.clone()))
            .flatten();
        let gives_previous = previous.is_some() && !version.stages.iter().any(|label| label == PREVIOUS);
        for old in &mut self.versions {
            old.stages
                .retain(|label| !(version.stages.contains(label) || (gives_previous && label == PREVIOUS)));
            if gives_previous && Some(&old.version_id) == previous.as_ref() {
                old.stages.push(PREVIOUS.to_owned());
            }
        }
        version.stages.sort();
        self.versions.push(version);
        if self.versions.iter().map(|version| version.stages.len()).sum::<usize>() > MAX_STAGES {
            return Err(ErrorCode::RejectedLimitExceeded.into());
        }
        if self.versions.len() <= MAX_VERSIONS {
            return Ok(None);
        }
        // The new version is the last one and may itself carry no label; it is not what makes room.
        let oldest = self.versions[..MAX_VERSIONS].iter().position(|version| version.stages.is_empty());
        let oldest = oldest.ok_or(ErrorCode::RejectedLimitExceeded)?;
        Ok(Some(self.versions.remove(oldest).version_id))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use keystead_api::Timestamp;

    fn empty() -> SecretRecord {
        SecretRecord {
            uid: "u".into(),
            name: "n".into(),
            account: "1".into(),
            secret_type: "Generic".into(),
            description: String::new(),
            encryption_key_id: None,
            created: Timestamp(0),
            updated: Timestamp(0),
            planned_delete: None,
            versions: vec![],
            tags: vec![],
        }
    }

    fn version(id: &str, stages: &[&str]) -> SecretVersion {
        SecretVersion {
            version_id: id.into(),
            data_type: "text".into(),
            stages: stages.iter().map(|s| s.to_string()).collect(),
            created: Timestamp(0),
        }
    }

    #[test]
    fn labels_shift() {
        let mut secret = empty();
        for id in ["v1", "v2", "v3"] {
            secret.add_version(version(id, &[CURRENT])).unwrap();
        }
        assert_eq!(secret.at_stage(CURRENT).unwrap().version_id, "v3");
        assert_eq!(secret.at_stage(PREVIOUS).unwrap().version_id, "v2");
        assert!(secret.version("v1").unwrap().stages.is_empty());
        secret.add_version(version("v4", &["mine"])).unwrap();
        assert_eq!(secret.at_stage(CURRENT).unwrap().version_id, "v3");
        secret.add_version(version("v5", &[CURRENT, PREVIOUS])).unwrap();
        assert_eq!(secret.version("v5").unwrap().stages, [CURRENT, PREVIOUS]);
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
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "acs/x", "a b", "a:b", "a\0", "\u{e9}", &"x".repeat(193), &"\u{4e2d}".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
