//! Sessions that this machine gives to programs on it, as the cloud gives them to an instance.

use std::borrow::Cow;

use keystead_api::{ApiError, ErrorCode, OperationId, Params, SecretText, Timestamp};
use keystead_auth::policy::{Caller as PolicyCaller, CallerKind};

use super::request::{IdentityName, Wanted};
use super::role::Candidate;
use crate::access::Resource;
use crate::audit::{Actor, ActorKind, Trail};
use crate::engine::Engine;
use crate::origin::Origin;

/// The service that the role has to trust.
const SERVICE: &str = "ecs.aliyuncs.com";

/// A session of a role, to be handed to a program.
#[derive(Debug)]
pub struct MachineSession {
    /// The temporary AccessKey's id.
    pub access_key_id: String,
    /// Its secret.
    pub access_key_secret: SecretText,
    /// The session's token.
    pub security_token: SecretText,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

impl Engine {
    /// Issues a session of a role that trusts the service `ecs.aliyuncs.com`, for a program on this machine. It lasts an
    /// hour, or as long as the role's sessions may. What was asked and decided is noted on the trail.
    ///
    /// # Errors
    /// 404 `EntityNotExist.Role`, 403 `NoPermission`, 503 `ServiceUnavailableTemporary`.
    pub async fn machine_session(
        &self,
        account: &str,
        role: &str,
        session_name: &str,
        origin: &Origin<'_>,
        trail: &Trail,
    ) -> Result<MachineSession, ApiError> {
        let arn = format!("acs:ram::{account}:role/{role}");
        let asked = [("RoleArn", arn.as_str()), ("RoleSessionName", session_name)]
            .map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)));
        let actor = Actor { kind: ActorKind::System, account_id: account, ..Actor::default() };
        trail.called(&actor, OperationId::StsAssumeRole.def(), Params::new(&asked));
        self.image.fresh().await?;
        let wanted = Wanted::new(session_name, None, None)?;
        let name = IdentityName { account, name: role };
        let role = self.role(name).await?.ok_or(ErrorCode::EntityNotExistRole)?;
        let candidate = Candidate {
            caller: PolicyCaller { account: "", arn: SERVICE, kind: CallerKind::Service { domain: SERVICE } },
            identity: None,
            session: None,
            facts: &[],
        };
        let allowed = self.decide_role(&candidate, name, Some(&role.value), origin)?.allowed;
        trail.decided("sts:AssumeRole", &Resource::new(account, "role", Some(name.name)), allowed);
        if !allowed {
            return Err(ErrorCode::NoPermission.into());
        }
        let issued_at = self.clock.now();
        let issued = self.issue(&role.value, &wanted, None, None).await?;
        Ok(MachineSession {
            access_key_id: issued.access_key_id,
            access_key_secret: issued.secret,
            security_token: issued.token,
            issued: issued_at,
            expires: issued.expires,
        })
    }
}
