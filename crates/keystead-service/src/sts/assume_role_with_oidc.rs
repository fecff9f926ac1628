use std::sync::Arc;

use keystead_api::operations::sts::{
    AssumeRoleWithOIDCAssumedRoleUser, AssumeRoleWithOIDCCredentials, AssumeRoleWithOIDCOIDCTokenInfo,
    AssumeRoleWithOIDCRequest, AssumeRoleWithOIDCResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_auth::policy::{Caller as PolicyCaller, CallerKind};

use super::issuers::{Issuer, KeysError};
use super::jwt::{Expected, Refused, Verified, verify};
use super::request::{IdentityName, Wanted};
use super::role::Candidate;
use crate::access::Resource;
use crate::call::Call;
use crate::image::Versioned;
use crate::records::{OidcProviderRecord, path};

/// What the role's trust policy has to allow.
const ACTION: &str = "sts:AssumeRoleWithOIDC";
/// Characters of a token.
const TOKEN: std::ops::RangeInclusive<usize> = 4..=20_000;
/// When a provider's record has no limit of its own: 12 hours, the default of the vendor's.
const USUAL_LIMIT_HOURS: i64 = 12;

/// AssumeRoleWithOIDC. Nobody is known before the token was found good, so little is told before.
pub(crate) async fn assume(
    call: &Call<'_>,
    request: AssumeRoleWithOIDCRequest,
) -> Result<AssumeRoleWithOIDCResponse, ApiError> {
    let provider_name = IdentityName::parse(&request.oidc_provider_arn, "oidc-provider")
        .ok_or_else(|| ApiError::invalid_parameter("OIDCProviderArn"))?;
    let name = IdentityName::parse(&request.role_arn, "role").ok_or(ErrorCode::InvalidParameterRoleArn)?;
    let wanted =
        Wanted::new(&request.role_session_name, request.duration_seconds, request.policy.as_deref())?;
    if !TOKEN.contains(&request.oidc_token.len()) {
        return Err(ErrorCode::AuthenticationFailOidcTokenInvalid.into());
    }

    let engine = call.engine;
    let provider = engine
        .image
        .get::<OidcProviderRecord>(&path::oidc_provider(provider_name.account, provider_name.name))
        .await?
        .filter(|provider| provider.value.account == provider_name.account)
        .ok_or_else(|| {
            let message = "No such OIDC Provider registered.";
            ApiError::with_message(ErrorCode::AuthenticationFailNoPermission, message)
        })?;
    let verified = verified(call, &provider, request.oidc_token.expose()).await?;
    let provider = &provider.value;

    let role = engine.role(name).await?;
    let provider_arn = format!("acs:ram::{}:oidc-provider/{}", provider.account, provider.name);
    let mut facts = vec![("oidc:iss", provider.issuer_url.as_str()), ("oidc:sub", verified.subject.as_str())];
    facts.extend(verified.audiences.iter().map(|audience| ("oidc:aud", audience.as_str())));
    let candidate = Candidate {
        caller: PolicyCaller {
            account: &provider.account,
            arn: &provider_arn,
            kind: CallerKind::Federated { provider_arn: &provider_arn },
        },
        identity: None,
        session: None,
        facts: &facts,
    };
    let decision =
        engine.decide_role(&candidate, name, role.as_ref().map(|role| &role.value), call.origin)?;
    let allowed = decision.allowed && role.is_some() && name.account == provider.account;
    call.trail.decided(ACTION, &Resource::new(name.account, "role", Some(name.name)), allowed);
    // A provider speaks for its own account only.
    let own = name.account == provider.account;
    let Some(role) = role else {
        return Err(match own {
            true => ErrorCode::EntityNotExistRole.into(),
            false => ErrorCode::AuthenticationFailNoPermission.into(),
        });
    };
    if !own || !decision.allowed {
        return Err(ErrorCode::AuthenticationFailNoPermission.into());
    }

    let issued = engine.issue(&role.value, &wanted, None, None).await?;
    Ok(AssumeRoleWithOIDCResponse {
        assumed_role_user: AssumeRoleWithOIDCAssumedRoleUser { arn: issued.arn, assumed_role_id: issued.id },
        credentials: AssumeRoleWithOIDCCredentials {
            access_key_id: issued.access_key_id,
            access_key_secret: issued.secret,
            expiration: issued.expires.to_string(),
            security_token: issued.token,
        },
        oidc_token_info: AssumeRoleWithOIDCOIDCTokenInfo {
            client_ids: verified.audiences.join(",").into(),
            expiration_time: verified.expires.to_string(),
            issuance_time: verified.issued.to_string(),
            issuer: provider.issuer_url.clone(),
            subject: verified.subject.clone(),
            verification_info: "Success".to_owned(),
        },
        ..AssumeRoleWithOIDCResponse::default()
    })
}

/// What a token says, when it is a good one of the provider's.
async fn verified(
    call: &Call<'_>,
    provider: &Versioned<OidcProviderRecord>,
    token: &str,
) -> Result<Verified, ApiError> {
    let provider = &provider.value;
    let hours = match provider.issuance_limit_hours {
        hours if hours > 0 => hours,
        _ => USUAL_LIMIT_HOURS,
    };
    let expected = Expected {
        issuer: &provider.issuer_url,
        audiences: &provider.client_ids,
        issued_within: hours.saturating_mul(3_600),
        now: call.now,
    };
    let issuers = &call.engine.config.issuers;
    let issuer = Issuer { url: &provider.issuer_url, fingerprints: &provider.fingerprints };
    let keys = issuers.keys(issuer).await.map_err(|error| no_keys(issuer, &error))?;
    let mut result = verify(token, &keys, &expected);
    if result.as_ref().err() == Some(&Refused::UnknownKey) {
        // The issuer may have begun to use a new one.
        let newer = issuers.newer(issuer, &keys).await.map_err(|error| no_keys(issuer, &error))?;
        if !Arc::ptr_eq(&newer, &keys) {
            result = verify(token, &newer, &expected);
        }
    }
    result.map_err(|refused| {
        tracing::info!(issuer = provider.issuer_url, ?refused, "an OIDC token is refused");
        let code = match refused {
            Refused::Malformed(reason) => {
                let message = format!("The OIDC token is invalid: {reason}.");
                return ApiError::with_message(ErrorCode::AuthenticationFailOidcTokenInvalid, message);
            }
            Refused::Issuer => {
                let message = "The OIDC token is invalid: it is not of the provider's issuer.";
                return ApiError::with_message(ErrorCode::AuthenticationFailOidcTokenInvalid, message);
            }
            Refused::UnknownKey | Refused::Signature => {
                ErrorCode::AuthenticationFailOidcTokenInvalidSignature
            }
            Refused::Audience => ErrorCode::AuthenticationFailOidcTokenAudienceNotMatch,
            Refused::Expired => ErrorCode::AuthenticationFailOidcTokenExpired,
        };
        code.into()
    })
}

/// Without the issuer's keys nothing is believed.
fn no_keys(issuer: Issuer<'_>, error: &KeysError) -> ApiError {
    tracing::warn!(issuer = issuer.url, %error, "the keys of an OIDC issuer cannot be had");
    match error {
        KeysError::Unavailable(_) => ErrorCode::AuthenticationFailOidcTokenHttpsUrlInvalid.into(),
        KeysError::Fingerprint => ErrorCode::AuthenticationFailOidcTokenPublicKeyFingerprintMismatch.into(),
    }
}
