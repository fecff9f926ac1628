//! Signature schemes and algorithms.

use std::fmt;

use http::HeaderName;

use crate::hash::Hash;
use crate::header_names;

/// The shape of a signed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// RPC signature version 1.0: everything in the query.
    V1,
    /// `ACS3-…` in the `Authorization` header.
    V3,
    /// `ACS4-…` in the `Authorization` header, with a scoped key.
    V4,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "V1",
            Self::V3 => "V3",
            Self::V4 => "V4",
        })
    }
}

/// `SignatureType` of requests that a private key signs.
const PRIVATE_KEY: &str = "PRIVATEKEY";

/// A signature algorithm as it is named on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm<'a> {
    /// V1 `HMAC-SHA1` with the key `<secret>&`.
    HmacSha1,
    /// V1 `SHA256withRSA` with `SignatureType=PRIVATEKEY`: RSASSA-PKCS1-v1_5 with SHA-256, by a client key.
    Sha256WithRsa,
    /// V3 `ACS3-HMAC-SHA256`, the default of all current SDKs.
    AcsHmacSha256,
    /// V3 `ACS3-HMAC-SM3`.
    AcsHmacSm3,
    /// V3 `ACS3-RSA-SHA256`: RSASSA-PKCS1-v1_5 with SHA-256.
    AcsRsaSha256,
    /// V4 `ACS4-HMAC-SHA256`.
    Acs4HmacSha256,
    /// V4 `ACS4-HMAC-SM3`.
    Acs4HmacSm3,
    /// Any other name. Verifying gives `InvalidSignatureMethod`.
    Unsupported(&'a str),
}

impl<'a> Algorithm<'a> {
    /// The name used on the wire.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::Sha256WithRsa => "SHA256withRSA",
            Self::AcsHmacSha256 => "ACS3-HMAC-SHA256",
            Self::AcsHmacSm3 => "ACS3-HMAC-SM3",
            Self::AcsRsaSha256 => "ACS3-RSA-SHA256",
            Self::Acs4HmacSha256 => "ACS4-HMAC-SHA256",
            Self::Acs4HmacSm3 => "ACS4-HMAC-SM3",
            Self::Unsupported(name) => name,
        }
    }

    /// Reads the first word of an `Authorization` header.
    pub(crate) fn from_authorization(name: &'a str) -> Self {
        match name {
            "ACS3-HMAC-SHA256" => Self::AcsHmacSha256,
            "ACS3-HMAC-SM3" => Self::AcsHmacSm3,
            "ACS3-RSA-SHA256" => Self::AcsRsaSha256,
            "ACS4-HMAC-SHA256" => Self::Acs4HmacSha256,
            "ACS4-HMAC-SM3" => Self::Acs4HmacSm3,
            other => Self::Unsupported(other),
        }
    }

    /// Reads the V1 query parameters `SignatureMethod` and `SignatureType`. A private key signs with RSA and nothing else does.
    pub(crate) fn from_signature_method(name: &'a str, kind: Option<&str>) -> Self {
        match (name, kind == Some(PRIVATE_KEY)) {
            ("HMAC-SHA1", false) => Self::HmacSha1,
            ("SHA256withRSA", true) => Self::Sha256WithRsa,
            _ => Self::Unsupported(name),
        }
    }

    /// What V1 says in `SignatureType`; none where it says nothing.
    pub(crate) fn signature_type(&self) -> Option<&'static str> {
        matches!(self, Self::Sha256WithRsa).then_some(PRIVATE_KEY)
    }

    /// The header that carries the payload hash. Only V4's own signer renamed it for SM3.
    pub(crate) fn payload_hash_header(&self) -> &'static HeaderName {
        if matches!(self, Self::Acs4HmacSm3) {
            &header_names::CONTENT_SM3
        } else {
            &header_names::CONTENT_SHA256
        }
    }

    /// The digest of payload and canonical request; V1 and unknown algorithms have none.
    pub(crate) fn hash(&self) -> Option<Hash> {
        match self {
            Self::AcsHmacSha256 | Self::AcsRsaSha256 | Self::Acs4HmacSha256 => Some(Hash::Sha256),
            Self::AcsHmacSm3 | Self::Acs4HmacSm3 => Some(Hash::Sm3),
            Self::HmacSha1 | Self::Sha256WithRsa | Self::Unsupported(_) => None,
        }
    }

    /// The scheme an algorithm belongs to; an unknown one counts as V3 unless its name says V4.
    pub(crate) fn scheme(&self) -> Scheme {
        match self {
            Self::HmacSha1 | Self::Sha256WithRsa => Scheme::V1,
            Self::Acs4HmacSha256 | Self::Acs4HmacSm3 => Scheme::V4,
            Self::Unsupported(name) if name.starts_with("ACS4") => Scheme::V4,
            Self::AcsHmacSha256 | Self::AcsHmacSm3 | Self::AcsRsaSha256 | Self::Unsupported(_) => Scheme::V3,
        }
    }
}
