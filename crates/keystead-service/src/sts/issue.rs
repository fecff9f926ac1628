//! Issuing sessions.

use keystead_api::{ApiError, ErrorCode, SecretText, Timestamp};

use super::request::Wanted;
use super::token::{SessionClaims, seal};
use super::{MIN_SESSION, USUAL_SESSION};
use crate::engine::Engine;
use crate::ids;
use crate::records::RoleRecord;

/// A session that was just issued.
pub(crate) struct Issued {
    pub(crate) access_key_id: String,
    pub(crate) secret: SecretText,
    pub(crate) token: SecretText,
    pub(crate) expires: Timestamp,
    /// `acs:ram::<account>:assumed-role/<role>/<session>`
    pub(crate) arn: String,
    /// `<role id>:<session>`
    pub(crate) id: String,
}

impl Engine {
    /// Issues a session of a role to whoever was found to be allowed to take it.
    ///
    /// # Errors
    /// 400 `InvalidParameter.DurationSeconds` when it is to last longer than the role's sessions may, or than `at_most`.
    pub(crate) async fn issue(
        &self,
        role: &RoleRecord,
        wanted: &Wanted<'_>,
        at_most: Option<i64>,
        source_identity: Option<&str>,
    ) -> Result<Issued, ApiError> {
        let longest = role.max_session_seconds.max(MIN_SESSION).min(at_most.unwrap_or(i64::MAX));
        // Who asks for no time gets the usual one, or what the role allows.
        let duration = wanted.duration.unwrap_or(USUAL_SESSION.min(longest));
        if duration > longest {
            return Err(ErrorCode::InvalidParameterDurationSeconds.into());
        }
        let no_session = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "no session can be issued");
            ApiError::from(ErrorCode::InternalFailure)
        };
        let random = &*self.random;
        let issued = self.clock.now();
        let claims = SessionClaims {
            access_key_id: ids::session_key_id(random).map_err(|error| no_session(&error))?,
            secret: SecretText::new(
                ids::session_key_secret(random).map_err(|error| no_session(&error))?.as_str(),
            ),
            account: role.account.clone(),
            role_id: role.role_id.clone(),
            role: role.name.clone(),
            name: wanted.session_name.to_owned(),
            issued,
            expires: issued.plus(duration),
            policy: wanted.policy.map(str::to_owned),
            source_identity: source_identity.map(str::to_owned),
        };
        let key = self.sealing_token_key(issued).await?;
        let token = seal(&claims, (key.id, &key.key), random).map_err(|error| no_session(&error))?;
        Ok(Issued {
            arn: format!("acs:ram::{}:assumed-role/{}/{}", role.account, role.name, claims.name),
            id: format!("{}:{}", role.role_id, claims.name),
            access_key_id: claims.access_key_id,
            secret: claims.secret,
            token,
            expires: claims.expires,
        })
    }
}
