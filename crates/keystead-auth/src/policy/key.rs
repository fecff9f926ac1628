//! Condition keys.

/// Characters of a condition key at most.
const MAX_KEY: usize = 256;

/// What of a call a condition looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionKey {
    /// `acs:SourceIp`: the address that the call came from.
    SourceIp,
    /// `acs:SourceVpc`
    SourceVpc,
    /// `acs:VpcSourceIp`
    VpcSourceIp,
    /// `acs:CurrentTime`
    CurrentTime,
    /// `acs:SecureTransport`: whether it came over TLS.
    SecureTransport,
    /// `acs:MFAPresent`
    MfaPresent,
    /// `acs:PrincipalARN`
    PrincipalArn,
    /// `acs:PrincipalRDId`
    PrincipalRdId,
    /// `acs:PrincipalRDPath`
    PrincipalRdPath,
    /// `kms:tag/<tag key>` or `acs:ResourceTag/<tag key>`: the value of a tag of the resource.
    Tag(String),
    /// `kms:tag`: the values of all tags of the resource.
    AnyTag,
    /// A key that only calls of STS have, such as `sts:ExternalId`.
    OfSts(&'static str),
    /// A key that is not known. A statement that looks at it never allows, and its denial does not depend on it.
    Unknown(String),
}

const PLAIN_KEYS: &[(&str, ConditionKey)] = &[
    ("acs:SourceIp", ConditionKey::SourceIp),
    ("acs:SourceVpc", ConditionKey::SourceVpc),
    ("acs:VpcSourceIp", ConditionKey::VpcSourceIp),
    ("acs:CurrentTime", ConditionKey::CurrentTime),
    ("acs:SecureTransport", ConditionKey::SecureTransport),
    ("acs:MFAPresent", ConditionKey::MfaPresent),
    ("acs:PrincipalARN", ConditionKey::PrincipalArn),
    ("acs:PrincipalRDId", ConditionKey::PrincipalRdId),
    ("acs:PrincipalRDPath", ConditionKey::PrincipalRdPath),
    ("kms:tag", ConditionKey::AnyTag),
    ("sts:ExternalId", ConditionKey::OfSts("sts:ExternalId")),
    ("oidc:iss", ConditionKey::OfSts("oidc:iss")),
    ("oidc:aud", ConditionKey::OfSts("oidc:aud")),
    ("oidc:sub", ConditionKey::OfSts("oidc:sub")),
    ("saml:recipient", ConditionKey::OfSts("saml:recipient")),
];

impl ConditionKey {
    /// Reads a key. Its name is compared without regard to case, as documents in use write it in several ways; the key of a
    /// tag is taken as it stands.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((_, key)) = PLAIN_KEYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return Some(key.clone());
        }
        let (service, name) = text.split_once(':')?;
        let printable = |byte: u8| byte.is_ascii_graphic();
        match text.split_once('/') {
            Some((start, key))
                if start.eq_ignore_ascii_case("kms:tag") || start.eq_ignore_ascii_case("acs:ResourceTag") =>
            {
                (!key.is_empty()).then(|| Self::Tag(key.to_owned()))
            }
            _ if service.is_empty() || name.is_empty() || text.len() > MAX_KEY => None,
            _ => text.bytes().all(printable).then(|| Self::Unknown(text.to_owned())),
        }
    }
}
