use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::text::wire_text;
use crate::{ApiError, ParamShape, ParamType, Params, Placement, SecretText, Shape, Shaped, WireParams};

/// Bytes that travel as base64: a ciphertext, a digest, a signature.
///
/// Made from bytes, it encodes them; made from text, it takes the text for the base64 that it is. So what an answer held can be
/// stored as text, as users of the official SDKs do, and handed in again.
#[derive(Clone, Default)]
pub struct Base64(Cow<'static, str>);

impl Base64 {
    /// The bytes.
    ///
    /// # Errors
    /// When the text is no base64 (standard alphabet, padded).
    pub fn bytes(&self) -> Result<Vec<u8>, NotBase64> {
        STANDARD.decode(self.as_str()).map_err(|_| NotBase64)
    }

    fn read(text: Cow<'_, str>) -> Self {
        Self(Cow::Owned(text.into_owned()))
    }
}

wire_text!(Base64);

/// Secret bytes that travel as base64: a plaintext, a data key, a message to authenticate.
///
/// Made from bytes, it encodes them. There is no conversion from `&str`, as it would be unclear whether the text is the message
/// or its base64: give `text.as_bytes()` for the one, a [`SecretText`] for the other. It dereferences to the text that travels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretBase64(SecretText);

impl SecretBase64 {
    /// The bytes.
    ///
    /// # Errors
    /// When the text is no base64 (standard alphabet, padded). `Encrypt` takes any text, so other programs may have encrypted
    /// one that is none; it is at hand by `expose()`.
    pub fn bytes(&self) -> Result<SecretBytes, NotBase64> {
        // In a buffer of the full length from the start, so that none is left behind unwiped by growing.
        let mut bytes = Zeroizing::new(vec![0; self.0.len() / 4 * 3 + 3]);
        let len = STANDARD.decode_slice(self.0.expose(), &mut bytes).map_err(|_| NotBase64)?;
        bytes.truncate(len);
        Ok(SecretBytes(bytes))
    }

    /// The text that travels.
    pub fn into_text(self) -> SecretText {
        self.0
    }
}

impl Deref for SecretBase64 {
    type Target = SecretText;

    fn deref(&self) -> &SecretText {
        &self.0
    }
}

impl From<SecretText> for SecretBase64 {
    /// Takes the base64 as it travels.
    fn from(text: SecretText) -> Self {
        Self(text)
    }
}

impl Shaped for SecretBase64 {
    const SHAPE: Shape = Shape::String;
}

impl ParamType for SecretBase64 {
    const SHAPE: ParamShape = ParamShape::String;
    const SECRET: bool = true;

    fn read(params: Params<'_>, name: &'static str) -> Result<Option<Self>, ApiError> {
        Ok(SecretText::read(params, name)?.map(Self))
    }

    fn write(&self, name: &'static str, place: Placement, out: &mut WireParams) {
        self.0.write(name, place, out);
    }
}

/// Bytes that must not appear in logs, errors or panics; they are overwritten when the value is dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes ownership of the bytes; the caller keeps no copy.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes, redacted)", self.0.len())
    }
}

/// Conversions from everything that is bytes.
macro_rules! from_bytes {
    ($name:ident, $encode:expr) => {
        impl From<&[u8]> for $name {
            fn from(bytes: &[u8]) -> Self {
                Self($encode(bytes))
            }
        }

        impl<const N: usize> From<&[u8; N]> for $name {
            fn from(bytes: &[u8; N]) -> Self {
                Self($encode(bytes))
            }
        }

        impl<const N: usize> From<[u8; N]> for $name {
            fn from(bytes: [u8; N]) -> Self {
                Self($encode(Zeroizing::new(bytes).as_slice()))
            }
        }

        impl From<&Vec<u8>> for $name {
            fn from(bytes: &Vec<u8>) -> Self {
                Self($encode(bytes))
            }
        }
    };
    ($name:ident, $encode:expr, owned) => {
        from_bytes!($name, $encode);

        impl From<Vec<u8>> for $name {
            fn from(bytes: Vec<u8>) -> Self {
                Self($encode(&Zeroizing::new(bytes)))
            }
        }

        impl From<SecretBytes> for $name {
            fn from(bytes: SecretBytes) -> Self {
                Self($encode(bytes.expose()))
            }
        }

        impl From<&SecretBytes> for $name {
            fn from(bytes: &SecretBytes) -> Self {
                Self($encode(bytes.expose()))
            }
        }
    };
}

from_bytes!(Base64, |bytes: &[u8]| Cow::Owned(STANDARD.encode(bytes)), owned);
from_bytes!(SecretBase64, |bytes: &[u8]| SecretText::from(STANDARD.encode(bytes)), owned);
from_bytes!(SecretBytes, |bytes: &[u8]| Zeroizing::new(bytes.to_vec()));

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

/// The text is no base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBase64;

impl fmt::Display for NotBase64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is no base64")
    }
}

impl std::error::Error for NotBase64 {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Base64, NotBase64, SecretBase64, SecretBytes};
    use crate::SecretText;

    #[test]
    fn bytes_are_encoded_and_text_is_taken_as_it_is() {
        assert_eq!(Base64::from(b"\xff\xfe"), "//4=");
        assert_eq!(Base64::from("//4=").bytes().unwrap(), b"\xff\xfe");
        assert_eq!(Base64::from("no base64").bytes(), Err(NotBase64));
        for len in 0..50 {
            let bytes: Vec<u8> = (0..len).collect();
            let text = SecretBase64::from(&bytes);
            assert_eq!(text.bytes().unwrap().expose(), bytes);
            assert_eq!(
                SecretBase64::from(SecretText::new(text.expose())),
                SecretBase64::from(SecretBytes::from(bytes))
            );
        }
        assert_eq!(SecretBase64::from(SecretText::from("hello")).bytes(), Err(NotBase64));
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?} {:?}", SecretBase64::from(b"hunter2"), SecretBytes::from(b"hunter2"));
        assert_eq!(shown, "SecretBase64(SecretText(12 bytes, redacted)) SecretBytes(7 bytes, redacted)");
    }
}
