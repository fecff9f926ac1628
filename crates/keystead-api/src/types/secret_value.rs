use super::{NotBase64, SecretBase64, SecretBytes, SecretDataType};
use crate::SecretText;

/// The value of a secret's version, as it was put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretValue {
    /// Of type `text`.
    Text(SecretText),
    /// Of type `binary`.
    Binary(SecretBytes),
}

impl SecretValue {
    /// Reads the two fields that an answer has for it.
    pub(crate) fn read(data: &SecretText, data_type: &SecretDataType) -> Result<Self, NotBase64> {
        if *data_type == SecretDataType::BINARY {
            return SecretBase64::from(data.clone()).bytes().map(Self::Binary);
        }
        Ok(Self::Text(data.clone()))
    }

    /// The value's bytes, whatever its type.
    pub fn expose(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.expose().as_bytes(),
            Self::Binary(bytes) => bytes.expose(),
        }
    }
}
