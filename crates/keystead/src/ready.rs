//! The ready file: tells harnesses and operators where a started server is.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::data_dir::write_private;

/// What the file holds. Stable: fields are only ever added.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ready {
    pub(crate) pid: u32,
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) endpoints: Endpoints,
    pub(crate) ca_file: PathBuf,
    /// None when the environment gave the AccessKey.
    pub(crate) access_key_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Endpoints {
    pub(crate) shared: Shared,
    /// The same listeners: products are told apart by their versions.
    pub(crate) sts: Shared,
    pub(crate) ram: Shared,
    pub(crate) ims: Shared,
    pub(crate) ops: Option<SocketAddr>,
    pub(crate) metadata: Option<SocketAddr>,
    /// `ADDR:PORT`; the path is the one that is configured.
    pub(crate) credentials_uri: Option<SocketAddr>,
    /// The gateways of instances, by the instances' ids.
    pub(crate) dedicated: BTreeMap<String, Dedicated>,
}

/// The gateway of an instance, as a stock SDK is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Dedicated {
    /// `HOST:PORT` without a scheme, over TLS.
    pub(crate) host: String,
    /// `ADDR:PORT` on loopback without TLS; null when it is off, as it is by default.
    pub(crate) http: Option<SocketAddr>,
    /// The certificate of the instance's CA.
    pub(crate) ca_file: PathBuf,
}

/// `ADDR:PORT` without a scheme; null for a listener that is off.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Shared {
    pub(crate) http: Option<SocketAddr>,
    pub(crate) https: Option<SocketAddr>,
}

impl Ready {
    /// Writes it, owner-only, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write_private(path, &text)
    }
}
