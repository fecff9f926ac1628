//! What the ways to take a role have in common: how they name it and what they ask for.

use keystead_api::{ApiError, ErrorCode};
use keystead_auth::policy::{IdentityPolicy, MAX_SESSION_POLICY_CHARS};

use super::{MAX_SESSION, MIN_SESSION};

/// A role, or another identity, as its ARN names it: `acs:ram::<account>:<kind>/<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdentityName<'a> {
    pub(crate) account: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> IdentityName<'a> {
    /// Reads the ARN of such a kind of identity.
    pub(crate) fn parse(text: &'a str, kind: &str) -> Option<Self> {
        let rest = text.strip_prefix("acs:ram:")?;
        let (region, rest) = rest.split_once(':')?;
        let (account, resource) = rest.split_once(':')?;
        let name = resource.strip_prefix(kind)?.strip_prefix('/')?;
        // RAM has no regions; some write `*` for it.
        let well = (region.is_empty() || region == "*")
            && !account.is_empty()
            && account.len() <= 32
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=128).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        well.then_some(Self { account, name })
    }
}

/// What is asked for beside the role.
pub(crate) struct Wanted<'a> {
    pub(crate) session_name: &'a str,
    /// As it was asked for; none means the usual time.
    pub(crate) duration: Option<i64>,
    /// As it was written, and found good.
    pub(crate) policy: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    /// Checks what can be checked without knowing the role.
    pub(crate) fn new(
        session_name: &'a str,
        duration: Option<i64>,
        policy: Option<&'a str>,
    ) -> Result<Self, ApiError> {
        if !is_text(session_name, 2..=64, b".@-_") {
            return Err(ErrorCode::InvalidParameterRoleSessionName.into());
        }
        if duration.is_some_and(|seconds| !(MIN_SESSION..=MAX_SESSION).contains(&seconds)) {
            return Err(ErrorCode::InvalidParameterDurationSeconds.into());
        }
        let policy = policy.filter(|text| !text.is_empty());
        if let Some(text) = policy {
            if text.chars().count() > MAX_SESSION_POLICY_CHARS {
                return Err(ErrorCode::InvalidParameterPolicySize.into());
            }
            IdentityPolicy::parse(text, MAX_SESSION_POLICY_CHARS).map_err(|error| {
                let message = format!("The parameter Policy has not passed grammar check. ({error})");
                ApiError::with_message(ErrorCode::InvalidParameterPolicyGrammar, message)
            })?;
        }
        Ok(Self { session_name, duration, policy })
    }
}

/// The external id, when it is well formed.
pub(crate) fn external_id(text: Option<&str>) -> Result<Option<&str>, ApiError> {
    match text {
        Some(text) if !is_text(text, 2..=1224, b"+=,.@:/-_") => {
            Err(ErrorCode::InvalidParameterExternalId.into())
        }
        other => Ok(other),
    }
}

/// The source identity, when it is well formed.
pub(crate) fn source_identity(text: Option<&str>) -> Result<Option<&str>, ApiError> {
    match text {
        Some(text) if !is_text(text, 2..=64, b"+=,.@-_") => {
            Err(ApiError::invalid_parameter("SourceIdentity"))
        }
        other => Ok(other),
    }
}

fn is_text(text: &str, length: std::ops::RangeInclusive<usize>, beside: &[u8]) -> bool {
    length.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || beside.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::IdentityName;

    #[test]
    fn arns_of_roles() {
        for text in ["acs:ram::1234567890123456:role/ops", "acs:ram:*:1234567890123456:role/ops"] {
            let expected = IdentityName { account: "1234567890123456", name: "ops" };
            assert_eq!(IdentityName::parse(text, "role"), Some(expected), "{text}");
        }
        for text in [
            "",
            "ops",
            "acs:ram::1:role/",
            "acs:ram::1:user/ops",
            "acs:ram:::role/ops",
            "acs:ram::x:role/ops",
            "acs:ram:cn-hangzhou:1:role/ops",
            "acs:kms::1:role/ops",
            "acs:ram::1:role/ops/other",
            "acs:ram::1:role/o ps",
            "acs:ram::1:roles/ops",
            "arn:aws:iam::1:role/ops",
        ] {
            assert_eq!(IdentityName::parse(text, "role"), None, "{text}");
        }
    }
}
