//! An engine on a data folder that no server has open, for administration that changes something.

use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, io};

use keystead_crypto::SystemRandom;
use keystead_service::clock::SystemClock;
use keystead_service::{Engine, EngineConfig};
use keystead_store::Store;
use serde::{Deserialize, Serialize};

use crate::AnyError;
use crate::config::{AuditSettings, Settings};
use crate::data_dir::{DataDir, write_private};

/// What the folder's last server was set to: a change goes into the same audit log, whoever makes it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Served {
    region: String,
    audit: AuditSettings,
}

impl Served {
    /// The settings of the server that begins to serve the folder.
    pub(crate) fn by(settings: &Settings, data: &DataDir) -> io::Result<Self> {
        let dir = std::path::absolute(settings.audit.dir(data.path()))?;
        // One that lies in the folder moves with it.
        let dir = Some(dir).filter(|dir| !dir.starts_with(data.path()));
        let audit = AuditSettings { dir, ..settings.audit.clone() };
        Ok(Self { region: settings.region.clone(), audit })
    }

    pub(crate) fn write(&self, data: &DataDir) -> io::Result<()> {
        write_private(&Self::file(data), &serde_json::to_vec_pretty(self)?)
    }

    fn read(data: &DataDir) -> Result<Self, AnyError> {
        let file = Self::file(data);
        let text = match fs::read(&file) {
            // Served by a version that did not write it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::by(&Settings::default(), data)?);
            }
            text => text.map_err(|error| format!("{}: {error}", file.display()))?,
        };
        serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()).into())
    }

    fn file(data: &DataDir) -> PathBuf {
        data.path().join("served.json")
    }
}

/// Opens the engine with its audit log; needs the root key.
pub(crate) async fn engine(store: &Arc<dyn Store>, data: &DataDir) -> Result<Arc<Engine>, AnyError> {
    let served = Served::read(data)?;
    let root_key = data.read_root_key()?;
    let config = EngineConfig {
        audit: served.audit.settings(data.path())?,
        region: served.region,
        ..EngineConfig::default()
    };
    let random = Arc::new(SystemRandom);
    Ok(Engine::open(store.clone(), &root_key, Arc::new(SystemClock), random, config).await?)
}
