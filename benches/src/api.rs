use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use keystead_auth::Credentials;
use serde_json::Value;

use crate::AnyError;
use crate::driver::body_of;
use crate::signer::{Query, Signer};

/// Single calls, for what comes before and after a round.
pub(crate) struct Api {
    stream: TcpStream,
    signer: Signer,
}

impl Api {
    pub(crate) fn connect(address: SocketAddr, credentials: Credentials) -> Result<Self, AnyError> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, signer: Signer::new(address, credentials)? })
    }

    /// Calls an operation; the answer's JSON.
    pub(crate) fn call(&mut self, action: &'static str, query: &Query) -> Result<Value, AnyError> {
        let mut bytes = Vec::new();
        self.signer.append(&mut bytes, action, query)?;
        self.stream.write_all(&bytes)?;
        let mut answer = Vec::new();
        let mut part = [0; 4096];
        loop {
            let read = self.stream.read(&mut part)?;
            if read == 0 {
                return Err(format!("{action}: the server closed the connection").into());
            }
            answer.extend_from_slice(&part[..read]);
            match body_of(&answer).map_err(|error| format!("{action}: {error}"))? {
                Some(body) if body.end <= answer.len() => return Ok(serde_json::from_slice(&answer[body])?),
                _ => {}
            }
        }
    }

    /// Makes keys; their ids.
    pub(crate) fn create_keys(&mut self, count: usize) -> Result<Vec<String>, AnyError> {
        (0..count).map(|_| self.create_key("", "")).collect()
    }

    /// Makes a key of a spec for a usage, or (left empty) the default ones; its id.
    pub(crate) fn create_key(&mut self, spec: &str, usage: &str) -> Result<String, AnyError> {
        let answer =
            self.call("CreateKey", &vec![("KeySpec", spec.to_owned()), ("KeyUsage", usage.to_owned())])?;
        Ok(answer["KeyMetadata"]["KeyId"].as_str().ok_or("CreateKey gave no KeyId")?.to_owned())
    }

    /// The id of a key's only version.
    pub(crate) fn version_of(&mut self, key_id: &str) -> Result<String, AnyError> {
        let answer = self.call("ListKeyVersions", &vec![("KeyId", key_id.to_owned())])?;
        let version = answer["KeyVersions"]["KeyVersion"][0]["KeyVersionId"].as_str();
        Ok(version.ok_or("ListKeyVersions gave no version")?.to_owned())
    }
}
