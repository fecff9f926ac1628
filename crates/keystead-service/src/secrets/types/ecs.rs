use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::{ApiError, SecretText};
use serde::{Deserialize, Serialize};

use super::{Fields, FirstValues, invalid_data, is_name, parse, render};

/// Settings of an ECS secret.
#[derive(Clone, Debug)]
pub(crate) struct EcsSettings {
    /// The login is a key pair; else a password.
    pub(crate) ssh_key: bool,
    /// The host.
    pub(crate) instance_id: String,
}

impl EcsSettings {
    pub(super) fn read(fields: Fields<'_>) -> Result<Self, ApiError> {
        // Needed, and shown again; the target is found by its id alone.
        fields.name("RegionId")?;
        Ok(Self {
            ssh_key: fields.word("SecretSubType", &[("Password", false), ("SSHKey", true)])?,
            instance_id: fields.name("InstanceId")?,
        })
    }

    /// The login as it is on the host.
    pub(super) fn first_values(&self, data: &SecretText) -> Result<FirstValues, ApiError> {
        let login = HostLogin::parse(data)?;
        if self.ssh_key != matches!(login, HostLogin::Key { .. }) {
            return Err(invalid_data());
        }
        Ok(FirstValues { current: login.to_value()?, previous: None, to_be_made: false })
    }
}

/// The value of an ECS secret.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum HostLogin {
    Password {
        #[serde(rename = "UserName")]
        user_name: String,
        #[serde(rename = "Password")]
        password: SecretText,
    },
    Key {
        #[serde(rename = "UserName")]
        user_name: String,
        /// One line in the form of OpenSSH.
        #[serde(rename = "PublicKey")]
        public_key: String,
        /// PEM.
        #[serde(rename = "PrivateKey")]
        private_key: SecretText,
    },
}

/// Either kind as it is read. An untagged enum would do the same and leave a copy of the secret behind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(rename = "UserName")]
    user_name: String,
    #[serde(rename = "Password")]
    password: Option<SecretText>,
    #[serde(rename = "PublicKey")]
    public_key: Option<String>,
    #[serde(rename = "PrivateKey")]
    private_key: Option<SecretText>,
}

impl HostLogin {
    /// Reads a value.
    ///
    /// # Errors
    /// 400 `InvalidParameter` for anything else.
    pub(crate) fn parse(data: &SecretText) -> Result<Self, ApiError> {
        let Sent { user_name, password, public_key, private_key } = parse(data)?;
        if !is_name(&user_name) {
            return Err(invalid_data());
        }
        match (password, public_key, private_key) {
            (Some(password), None, None) if !password.is_empty() => {
                Ok(Self::Password { user_name, password })
            }
            (None, Some(public_key), Some(private_key))
                if is_public_key(&public_key) && is_private_key(&private_key) =>
            {
                Ok(Self::Key { user_name, public_key, private_key })
            }
            _ => Err(invalid_data()),
        }
    }

    /// As a secret's value.
    ///
    /// # Errors
    /// When it would be too long.
    pub(crate) fn to_value(&self) -> Result<SecretText, ApiError> {
        render(self)
    }
}

/// `<algorithm> <base64> [comment]`, where the base64 begins with the algorithm's name and its length (RFC 4253, 6.6).
fn is_public_key(text: &str) -> bool {
    let text = text.trim_end_matches(['\r', '\n']);
    let mut words = text.split(' ');
    let (Some(algorithm), Some(blob)) = (words.next(), words.next()) else { return false };
    let Ok(blob) = STANDARD.decode(blob) else { return false };
    let Ok(len) = u32::try_from(algorithm.len()) else { return false };
    let head = [&len.to_be_bytes()[..], algorithm.as_bytes()].concat();
    !algorithm.is_empty()
        && blob.len() > head.len()
        && blob.starts_with(&head)
        && !text.contains(['\r', '\n'])
}

/// Whether it is in PEM and says that it is a private key; which kind of key the host takes, only the host knows.
fn is_private_key(text: &SecretText) -> bool {
    let text = text.expose().trim();
    let label = text.strip_prefix("-----BEGIN ").and_then(|rest| rest.split_once("-----"));
    label.is_some_and(|(label, rest)| {
        label.ends_with("PRIVATE KEY") && rest.ends_with(&format!("-----END {label}-----"))
    })
}
