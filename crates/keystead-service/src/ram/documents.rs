//! Policy documents, read when they are written, so that no bad one is ever stored.

use keystead_api::{ApiError, ErrorCode, Flaw};
use keystead_auth::policy::{
    IdentityPolicy, MAX_CUSTOM_POLICY_CHARS, MAX_TRUST_POLICY_CHARS, PolicyError, TrustPolicy,
};

use super::names::invalid;

/// Lets a document of a custom policy through.
///
/// # Errors
/// 400 `InvalidParameter.PolicyDocument.Length`, `MalformedPolicyDocument` with the place of the mistake.
pub(super) fn check_policy(param: &'static str, text: &str) -> Result<(), ApiError> {
    check_length(param, text, MAX_CUSTOM_POLICY_CHARS)?;
    IdentityPolicy::parse(text, MAX_CUSTOM_POLICY_CHARS).map(drop).map_err(malformed)
}

/// Lets a role's trust policy through.
///
/// # Errors
/// As [`check_policy`].
pub(super) fn check_trust_policy(param: &'static str, text: &str) -> Result<(), ApiError> {
    check_length(param, text, MAX_TRUST_POLICY_CHARS)?;
    TrustPolicy::parse(text).map(drop).map_err(malformed)
}

fn check_length(param: &'static str, text: &str, most: usize) -> Result<(), ApiError> {
    if text.is_empty() || text.chars().nth(most).is_some() {
        return Err(invalid(param, Flaw::Length));
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn malformed(error: PolicyError) -> ApiError {
    let text = format!("The policy document is malformed. {error}.");
    ApiError::with_message(ErrorCode::MalformedPolicyDocument, text)
}
