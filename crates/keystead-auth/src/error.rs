//! Why a request's authentication was refused.

use std::borrow::Cow;
use std::fmt;

/// A refused request. Codes, statuses and messages are those the vendor's gateway answers with.
///
/// [`AuthError::message`] is for the caller's answer; `Display` is for logs and never shows the string to sign, which under
/// V1 holds every parameter of the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// A parameter of the signature itself is not there, or empty.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// The signature's outer form is broken, or something that must be signed is not.
    #[error("incomplete signature: {0}")]
    Incomplete(Cow<'static, str>),
    /// No `x-acs-date` (V3, V4) or `Timestamp` (V1).
    #[error("the request has no date")]
    DateMissing,
    /// A date that is not `YYYY-MM-DDTHH:MM:SSZ`.
    #[error("the request's date is malformed")]
    DateFormat,
    /// An unknown algorithm, or one that does not go with the key registered.
    #[error("the signature method is not supported for this key")]
    Method,
    /// The signature is not the one the key makes over this request.
    #[error("the signature does not match")]
    Mismatch(StringToSign),
    /// The payload hash header is not the hash of the body received.
    #[error("the payload hash does not match the body")]
    PayloadHash {
        /// Hash of the body received, in hex.
        computed: String,
    },
    /// A parameter or header contradicts another, is repeated, or has a value that is not allowed.
    #[error("the parameter {0} is contradictory, repeated or not allowed")]
    Invalid(&'static str),
}

impl AuthError {
    /// The `Code` of the answer.
    #[must_use]
    pub fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Missing(parameter) => return Cow::Owned(format!("Missing{parameter}")),
            Self::Incomplete(_) => "IncompleteSignature",
            Self::DateMissing => "IllegalTimestamp",
            Self::DateFormat => "InvalidTimeStamp.Format",
            Self::Method => "InvalidSignatureMethod",
            Self::Mismatch(_) | Self::PayloadHash { .. } => "SignatureDoesNotMatch",
            Self::Invalid(_) => "InvalidParameter",
        })
    }

    /// The HTTP status of the answer: 400 for each of these.
    #[must_use]
    pub fn status(&self) -> u16 {
        400
    }

    /// The `Message` of the answer.
    ///
    /// For `SignatureDoesNotMatch` it is a text, a colon and the server's string to sign: one official client splits it at
    /// the colon and compares the second piece with its own.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Missing(parameter) => format!("{parameter} is mandatory for this action."),
            Self::Incomplete(reason) => {
                format!("The request signature does not conform to Aliyun standards. ({reason})")
            }
            Self::DateMissing => {
                "The input parameter \"Timestamp\" that is mandatory for processing this request is not supplied.".into()
            }
            Self::DateFormat => "Specified time stamp or date value is not well formatted.".into(),
            Self::Method => "Specified signature method is not valid.".into(),
            Self::Mismatch(text) => format!(
                "Specified signature is not matched with our calculation. server string to sign is:{}",
                text.as_str()
            ),
            Self::PayloadHash { computed } => format!(
                "Specified signature is not matched with our calculation. server payload hash is:{computed}"
            ),
            Self::Invalid(parameter) => format!("The specified parameter {parameter} is not valid."),
        }
    }

    pub(crate) fn incomplete(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Incomplete(reason.into())
    }
}

/// A string to sign. Its `Debug` is redacted: under V1 it holds all parameters of the request, secret values included.
#[derive(Clone, PartialEq, Eq)]
pub struct StringToSign(String);

impl StringToSign {
    /// The text, for the answer to the caller who sent the request.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for StringToSign {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for StringToSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StringToSign(redacted, {} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mismatch_keeps_its_shape_and_its_secrets() {
        let error = AuthError::Mismatch(StringToSign::from("POST&%2F&SecretData%3Dhush".to_owned()));
        assert_eq!(
            error.message(),
            "Specified signature is not matched with our calculation. server string to sign is:POST&%2F&SecretData%3Dhush"
        );
        assert_eq!(error.message().split(':').nth(1), Some("POST&%2F&SecretData%3Dhush"));
        assert!(!format!("{error} {error:?}").contains("hush"));
        assert_eq!((error.code().as_ref(), error.status()), ("SignatureDoesNotMatch", 400));
        assert_eq!(AuthError::Missing("SignatureNonce").code(), "MissingSignatureNonce");
    }
}
