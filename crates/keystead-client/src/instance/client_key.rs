//! The client key of an application access point, and its password.

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::SecretText;
use keystead_auth::SigningKey;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use zeroize::Zeroizing;

/// A client key: an id (`KAAP.…`) and an RSA key that signs.
pub struct ClientKey {
    id: String,
    key: SigningKey,
}

/// A client key that cannot be used. No variant shows anything of the key or the password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientKeyError {
    /// The file of the key or of the password cannot be read.
    #[error("the file {} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The environment has no password: the variable is not set or no text.
    #[error("the environment variable {0} is not set or no text")]
    Environment(String),
    /// The text is no JSON object with `KeyId` and `PrivateKeyData`, or the id cannot stand in a header.
    #[error("the client key is not a JSON object with KeyId and PrivateKeyData")]
    Json,
    /// The private key's data is no PKCS#12 file in Base64, or one of a kind that is not read.
    #[error("the client key's data is no PKCS#12 file that can be read")]
    Pkcs12,
    /// The password does not open the PKCS#12 file.
    #[error("the password does not open the client key")]
    Password,
    /// The key inside is no RSA private key of 2048 to 8192 bits.
    #[error("the client key holds no RSA private key of 2048 to 8192 bits")]
    Key,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "KeyId")]
    key_id: String,
    #[serde(rename = "PrivateKeyData")]
    private_key_data: SecretText,
}

impl ClientKey {
    /// Reads the content of a client key's file, as CreateClientKey gives it: a JSON object with `KeyId` and
    /// `PrivateKeyData`, a PKCS#12 file in Base64.
    ///
    /// # Errors
    /// [`ClientKeyError`].
    pub fn from_json(text: &str, password: &ClientKeyPassword) -> Result<Self, ClientKeyError> {
        // The parser's own error could quote the text, so it is dropped.
        let file: File = serde_json::from_str(text).map_err(|_| ClientKeyError::Json)?;
        let data = Zeroizing::new(
            STANDARD.decode(file.private_key_data.expose().trim()).map_err(|_| ClientKeyError::Pkcs12)?,
        );
        // Strict: a key counts only with the certificate that belongs to it.
        let store = KeyStore::from_pkcs12(&data, password.0.expose(), Pkcs12ImportPolicy::Strict).map_err(
            |error| match error {
                p12_keystore::error::Error::MacError(_) => ClientKeyError::Password,
                _ => ClientKeyError::Pkcs12,
            },
        )?;
        let (_, chain) = store.private_key_chain().ok_or(ClientKeyError::Key)?;
        Self::new(file.key_id, SigningKey::rsa_private_der(chain.key().as_der()))
    }

    /// Reads a client key's file.
    ///
    /// # Errors
    /// [`ClientKeyError`].
    pub fn from_file(path: impl AsRef<Path>, password: &ClientKeyPassword) -> Result<Self, ClientKeyError> {
        Self::from_json(&read(path.as_ref())?, password)
    }

    /// A key of its own: the client key's id, and the private key as PEM, `PRIVATE KEY` (PKCS#8) or `RSA PRIVATE KEY`
    /// (PKCS#1), or as the bare Base64 of either's DER, which is what Python's SDK takes.
    ///
    /// # Errors
    /// [`ClientKeyError::Key`]; [`ClientKeyError::Json`] for an id that cannot stand in a header.
    pub fn from_private_key(id: impl Into<String>, pem: &SecretText) -> Result<Self, ClientKeyError> {
        let text = pem.expose().trim();
        if !text.starts_with("-----") {
            let der = Zeroizing::new(STANDARD.decode(text).map_err(|_| ClientKeyError::Key)?);
            return Self::new(id.into(), SigningKey::rsa_private_der(&der));
        }
        let der = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| ClientKeyError::Key)?;
        Self::new(id.into(), SigningKey::rsa_private_der(der.secret_der()))
    }

    fn new<E>(id: String, key: Result<SigningKey, E>) -> Result<Self, ClientKeyError> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ClientKeyError::Json);
        }
        Ok(Self { id, key: key.map_err(|_| ClientKeyError::Key)? })
    }

    /// The id, `KAAP.…`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.key
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey").field("id", &self.id).field("key", &self.key).finish()
    }
}

/// The password that opens a client key's file. It is never sent.
#[derive(Clone, Debug)]
pub struct ClientKeyPassword(SecretText);

impl ClientKeyPassword {
    /// A password that is at hand.
    #[must_use]
    pub fn new(password: impl Into<SecretText>) -> Self {
        Self(password.into())
    }

    /// Reads a file that holds nothing but the password; line ends behind it do not count.
    ///
    /// # Errors
    /// [`ClientKeyError::File`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ClientKeyError> {
        let text = read(path.as_ref())?;
        Ok(Self(text.trim_end_matches(['\r', '\n']).into()))
    }

    /// Reads an environment variable.
    ///
    /// # Errors
    /// [`ClientKeyError::Environment`].
    pub fn from_env(variable: &str) -> Result<Self, ClientKeyError> {
        match std::env::var(variable) {
            Ok(password) => Ok(Self(password.into())),
            Err(_) => Err(ClientKeyError::Environment(variable.to_owned())),
        }
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, ClientKeyError> {
    std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|source| ClientKeyError::File { path: path.to_owned(), source })
}
