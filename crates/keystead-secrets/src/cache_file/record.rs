//! A secret in the file.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_client::SecretText;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::id::{SecretId, Which};
use crate::value::{Content, Data, SecretValue};

/// What is kept of one secret: which version was asked for, and its value.
pub(crate) struct Record {
    pub(crate) id: SecretId,
    pub(crate) value: SecretValue,
}

/// A line of the content. What is secret is in Base64: so a reader of JSON makes no copy of it.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Milliseconds since 1970.
    fetched_at: u64,
    secret_name: String,
    version_id: String,
    stages: Vec<String>,
    binary: bool,
    data: &'a str,
    secret_type: String,
    automatic_rotation: Option<String>,
    #[serde(borrow)]
    extended_config: Option<&'a str>,
    create_time: Option<i64>,
    last_rotation: Option<i64>,
    next_rotation: Option<i64>,
    rotation_interval: Option<u64>,
}

impl Record {
    pub(super) fn write(&self, out: &mut impl Write) -> Result<(), serde_json::Error> {
        let content = self.value.content();
        let encoded = |text: &SecretText| Zeroizing::new(STANDARD.encode(text.expose()));
        let (data, config) = (encoded(content.data.wire()), content.extended_config.as_ref().map(encoded));
        let (stage, version) = match &self.id.which {
            Which::Stage(stage) => (Some(stage.to_string()), None),
            Which::Version(version) => (None, Some(version.to_string())),
        };
        let fetched_at = self.value.fetched_at().duration_since(UNIX_EPOCH).unwrap_or_default();
        let line = Line {
            name: self.id.name().to_owned(),
            stage,
            version,
            fetched_at: u64::try_from(fetched_at.as_millis()).unwrap_or(u64::MAX),
            secret_name: content.name.clone(),
            version_id: content.version_id.clone(),
            stages: content.stages.clone(),
            binary: content.data.is_binary(),
            data: &data,
            secret_type: content.secret_type.clone(),
            automatic_rotation: content.automatic_rotation.clone(),
            extended_config: config.as_ref().map(|config| config.as_str()),
            create_time: content.create_time,
            last_rotation: content.last_rotation,
            next_rotation: content.next_rotation,
            rotation_interval: content.rotation_interval.map(|interval| interval.as_secs()),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n").map_err(serde_json::Error::io)
    }

    /// All lines; or nothing, when one of them has another form.
    pub(super) fn read_all(content: &[u8]) -> Result<Vec<Self>, NotRead> {
        let lines = serde_json::Deserializer::from_slice(content).into_iter::<Line<'_>>();
        lines.map(|line| Self::read(line.map_err(|_| NotRead)?)).collect()
    }

    fn read(line: Line<'_>) -> Result<Self, NotRead> {
        let decoded = |text: &str| {
            let text = STANDARD.decode(text).map(String::from_utf8);
            text.map_err(|_| NotRead)?.map(SecretText::new).map_err(|_| NotRead)
        };
        let id = match (line.stage, line.version) {
            (Some(stage), None) => SecretId::stage(line.name, stage),
            (None, Some(version)) => SecretId::version(line.name, version),
            _ => return Err(NotRead),
        };
        let content = Content {
            name: line.secret_name,
            version_id: line.version_id,
            stages: line.stages,
            data: Data::of_wire(line.binary, decoded(line.data)?),
            secret_type: line.secret_type,
            automatic_rotation: line.automatic_rotation,
            extended_config: line.extended_config.map(decoded).transpose()?,
            create_time: line.create_time,
            last_rotation: line.last_rotation,
            next_rotation: line.next_rotation,
            rotation_interval: line.rotation_interval.map(Duration::from_secs),
        };
        let fetched_at = UNIX_EPOCH.checked_add(Duration::from_millis(line.fetched_at)).ok_or(NotRead)?;
        // A clock that was put back must not make a value younger than now.
        Ok(Self { id, value: SecretValue::new(content, fetched_at.min(SystemTime::now())) })
    }
}

/// The content has another form. More is not told: the parser's own text could quote it.
#[derive(Debug)]
pub(super) struct NotRead;
