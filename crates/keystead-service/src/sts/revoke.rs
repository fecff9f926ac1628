//! Making the sessions of a role void before their time.

use keystead_api::{ApiError, ErrorCode, Timestamp};
use keystead_store::{Batch, Store, StoreError};
use thiserror::Error;

use super::request::IdentityName;
use crate::audit::ServiceWork;
use crate::engine::{CommitError, Engine, MAX_TRIES};
use crate::image::{ImageError, decode};
use crate::records::{RoleRecord, path};

/// Why no session became void.
#[derive(Debug, Error)]
pub enum RevokeError {
    /// The ARN is none of a role.
    #[error("{0} is no acs:ram::<account>:role/<name>")]
    NoArn(String),
    /// There is no such role.
    #[error("there is no role {0}")]
    NoRole(String),
    /// Others change the role all the time.
    #[error("the role changes all the time; try again")]
    Busy,
    /// A record cannot be read.
    #[error(transparent)]
    Record(#[from] ImageError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The change could not be made or recorded.
    #[error("the change is refused: {0}")]
    Refused(ApiError),
    /// The record cannot be written.
    #[error("the role cannot be written")]
    Encode,
}

impl Engine {
    /// Makes all sessions of a role void that were issued up to now; gives the time from which sessions are good. That is the
    /// next second: sessions say in which second they were issued, and all of this one's end.
    ///
    /// # Errors
    /// See [`RevokeError`]; nothing was changed then.
    pub async fn revoke_sessions(&self, role_arn: &str) -> Result<Timestamp, RevokeError> {
        let name =
            IdentityName::parse(role_arn, "role").ok_or_else(|| RevokeError::NoArn(role_arn.to_owned()))?;
        let work = ServiceWork::administration(self, "RevokeSessions", "role", name.account, name.name);
        let mut result = Err(RevokeError::Busy);
        for _ in 0..MAX_TRIES {
            let (batch, valid_from) = revocation(&*self.store, role_arn, self.now()).await?;
            match work.author(self).commit(batch).await {
                Ok(_) => {
                    result = Ok(valid_from);
                    break;
                }
                Err(CommitError::Conflict) => {}
                Err(CommitError::Failed(error)) => {
                    result = Err(RevokeError::Refused(error));
                    break;
                }
            }
        }
        let told = match &result {
            Ok(_) => Ok(()),
            Err(RevokeError::Refused(error)) => Err(error.clone()),
            Err(_) => Err(ErrorCode::ServiceUnavailableTemporary.into()),
        };
        work.finish(self, &told).await;
        result
    }
}

/// The change that makes the sessions void, and the time from which sessions are good then.
async fn revocation(
    store: &dyn Store,
    role_arn: &str,
    now: Timestamp,
) -> Result<(Batch, Timestamp), RevokeError> {
    let name =
        IdentityName::parse(role_arn, "role").ok_or_else(|| RevokeError::NoArn(role_arn.to_owned()))?;
    let record = store.get(&path::role(name.account, name.name)).await?;
    let record = record.ok_or_else(|| RevokeError::NoRole(role_arn.to_owned()))?;
    let mut role = decode::<RoleRecord>(&record)?.value;
    // A clock that was set back does not bring sessions back.
    let valid_from = now.plus(1);
    let valid_from = role.sessions_valid_from.map_or(valid_from, |before| before.max(valid_from));
    role.sessions_valid_from = Some(valid_from);
    let mut batch = Batch::new();
    batch.replace(&record, serde_json::to_vec(&role).map_err(|_| RevokeError::Encode)?);
    Ok((batch, valid_from))
}
