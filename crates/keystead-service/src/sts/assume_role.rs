use keystead_api::operations::sts::{
    AssumeRoleAssumedRoleUser, AssumeRoleCredentials, AssumeRoleRequest, AssumeRoleResponse,
};
use keystead_api::{ApiError, ErrorCode, ResourceRule};
use keystead_auth::policy::{Caller as PolicyCaller, CallerKind};

use super::USUAL_SESSION;
use super::request::{IdentityName, Wanted, external_id, source_identity};
use super::role::{ACTION, Candidate};
use crate::access::{Principal, Resource};
use crate::call::Call;

/// AssumeRole.
pub(crate) async fn assume(
    call: &Call<'_>,
    request: AssumeRoleRequest,
) -> Result<AssumeRoleResponse, ApiError> {
    let name = IdentityName::parse(&request.role_arn, "role").ok_or(ErrorCode::InvalidParameterRoleArn)?;
    let wanted =
        Wanted::new(&request.role_session_name, request.duration_seconds, request.policy.as_deref())?;
    let external_id = external_id(request.external_id.as_deref())?;
    let source_identity = source_identity(request.source_identity.as_deref())?;

    let (caller, engine) = (call.caller, call.engine);
    let (arn, session_arn);
    let (kind, session) = match caller.principal() {
        Principal::User { user, .. } => {
            arn = caller.arn();
            (CallerKind::User { name: &user.value.name }, None)
        }
        Principal::Session(session) => {
            let role = &session.role.value;
            arn = format!("acs:ram::{}:role/{}", role.account, role.name);
            session_arn = caller.arn();
            (CallerKind::Role { name: &role.name, session_arn: &session_arn }, Some(session))
        }
        Principal::Root(_) => {
            let message = "Roles may not be assumed by root accounts.";
            return Err(ApiError::with_message(ErrorCode::NoPermission, message));
        }
        Principal::ClientKey(_) | Principal::Anonymous => return Err(ErrorCode::NoPermission.into()),
    };

    let identity = engine.identity_policies(caller).await?;
    let role = engine.role(name).await?;
    let facts: Vec<_> = external_id.iter().map(|id| ("sts:ExternalId", *id)).collect();
    let candidate = Candidate {
        caller: PolicyCaller { account: caller.account(), arn: &arn, kind },
        identity: identity.as_deref(),
        session: session.and_then(|session| session.policy.as_deref()),
        facts: &facts,
    };
    let decision =
        engine.decide_role(&candidate, name, role.as_ref().map(|role| &role.value), call.origin)?;
    let resource = Resource::new(name.account, "role", Some(name.name));
    call.trail.decided(ACTION, &resource, decision.allowed);
    let Some(role) = role else {
        // Whether another account has a role of this name is nobody's business; of the own account's it is told to
        // those who could take it.
        let own = name.account == caller.account() && own_side_allows(&decision);
        return Err(if own { ErrorCode::EntityNotExistRole.into() } else { ErrorCode::NoPermission.into() });
    };
    if !decision.allowed {
        // Of another account's role nothing is told, not even whose policy it was.
        let own = name.account == caller.account();
        return Err(if own { call.denied(ACTION, decision) } else { ErrorCode::NoPermission.into() });
    }
    call.note_checked(ResourceRule::RoleOfArn("RoleArn"));

    // Who began a chain of sessions stays the same to its end.
    let begun_by = session.and_then(|session| session.source_identity.as_deref());
    let source_identity = match (begun_by, source_identity) {
        (Some(begun_by), Some(other)) if begun_by != other => {
            let message = "The session's source identity cannot be changed.";
            return Err(ApiError::with_message(ErrorCode::NoPermission, message));
        }
        (begun_by, new) => begun_by.or(new),
    };
    let at_most = session.map(|_| USUAL_SESSION);
    let issued = engine.issue(&role.value, &wanted, at_most, source_identity).await?;
    Ok(AssumeRoleResponse {
        assumed_role_user: AssumeRoleAssumedRoleUser { arn: issued.arn, assumed_role_id: issued.id },
        credentials: AssumeRoleCredentials {
            access_key_id: issued.access_key_id,
            access_key_secret: issued.secret,
            expiration: issued.expires.to_string(),
            security_token: issued.token,
        },
        source_identity: source_identity.map(str::to_owned),
        ..AssumeRoleResponse::default()
    })
}

/// Whether only the missing role stood in the way.
fn own_side_allows(decision: &keystead_auth::policy::Decision) -> bool {
    use keystead_auth::policy::{Decider, Side};
    decision.by == Decider::Nothing(Side::Trust)
}
