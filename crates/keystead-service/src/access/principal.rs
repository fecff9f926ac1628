use std::sync::Arc;

use keystead_api::Timestamp;
use keystead_auth::policy::IdentityPolicy;

use crate::access::ClientKeyHolder;
use crate::image::Versioned;
use crate::records::{AccessKeyRecord, RoleRecord, UserRecord};

/// A verified caller. Exists only after the request's signature, date and nonce were found good, or, for the one operation
/// that is not signed, as [`Principal::Anonymous`].
pub struct Caller {
    principal: Principal,
}

/// Who a caller is.
pub enum Principal {
    /// The account itself.
    Root(Arc<Versioned<AccessKeyRecord>>),
    /// A RAM user.
    User {
        /// The AccessKey that signed.
        key: Arc<Versioned<AccessKeyRecord>>,
        /// The user.
        user: Arc<Versioned<UserRecord>>,
    },
    /// A session of a role.
    Session(Box<RoleSession>),
    /// An application, by a client key of its access point.
    ClientKey(Box<ClientKeyHolder>),
    /// Nobody: the call is not signed.
    Anonymous,
}

/// A session of a role: what its token says, and the role as it stands now.
pub struct RoleSession {
    /// The id of the temporary AccessKey.
    pub access_key_id: String,
    /// The role.
    pub role: Arc<Versioned<RoleRecord>>,
    /// The name that whoever assumed the role gave the session.
    pub name: String,
    /// What it may do at most, when whoever assumed the role said so.
    pub policy: Option<Arc<IdentityPolicy>>,
    /// Who began the chain of sessions, when that was said.
    pub source_identity: Option<String>,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

impl Caller {
    pub(crate) fn new(principal: Principal) -> Self {
        Self { principal }
    }

    /// The caller of an operation that is not signed.
    pub fn anonymous() -> Self {
        Self::new(Principal::Anonymous)
    }

    /// Who it is.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The account that the caller belongs to; empty for nobody.
    pub fn account(&self) -> &str {
        match &self.principal {
            Principal::Root(key) | Principal::User { key, .. } => &key.value.account,
            Principal::Session(session) => &session.role.value.account,
            Principal::ClientKey(holder) => &holder.key.value.account,
            Principal::Anonymous => "",
        }
    }

    /// The AccessKey or client key that signed; empty for nobody.
    pub fn access_key_id(&self) -> &str {
        match &self.principal {
            Principal::Root(key) | Principal::User { key, .. } => &key.value.access_key_id,
            Principal::Session(session) => &session.access_key_id,
            Principal::ClientKey(holder) => &holder.key.value.client_key_id,
            Principal::Anonymous => "",
        }
    }

    /// Whether it is the account itself.
    pub fn is_root(&self) -> bool {
        matches!(self.principal, Principal::Root(_))
    }

    /// What the caller is called in policies, answers and the audit log.
    pub fn arn(&self) -> String {
        let account = self.account();
        match &self.principal {
            Principal::Root(_) => format!("acs:ram::{account}:root"),
            Principal::User { user, .. } => format!("acs:ram::{account}:user/{}", user.value.name),
            Principal::Session(session) => {
                format!("acs:ram::{account}:assumed-role/{}/{}", session.role.value.name, session.name)
            }
            // Access points are of a region, which a caller does not know: no policy names them as callers.
            Principal::ClientKey(holder) => {
                format!("acs:kms::{account}:applicationaccesspoint/{}", holder.point.value.name)
            }
            Principal::Anonymous => String::new(),
        }
    }

    /// The id that goes with [`Caller::arn`] and is never used again: the account's, the user's, the role's with the session's
    /// name, or the access point's.
    pub fn principal_id(&self) -> String {
        match &self.principal {
            Principal::Root(key) => key.value.account.clone(),
            Principal::User { user, .. } => user.value.user_id.clone(),
            Principal::Session(session) => format!("{}:{}", session.role.value.role_id, session.name),
            Principal::ClientKey(holder) => holder.point.value.uid.as_str().to_owned(),
            Principal::Anonymous => String::new(),
        }
    }

    /// What kind of identity it is, as denials name it; none for nobody, and for an application, which is no identity of RAM.
    pub(crate) fn principal_type(&self) -> Option<&'static str> {
        match &self.principal {
            Principal::Root(_) => Some("Account"),
            Principal::User { .. } => Some("SubUser"),
            Principal::Session(_) => Some("AssumedRoleUser"),
            Principal::ClientKey(_) | Principal::Anonymous => None,
        }
    }

    /// What denials call it: the id of the account or user, or the names of role and session.
    pub(crate) fn display_name(&self) -> String {
        match &self.principal {
            Principal::Session(session) => format!("{}:{}", session.role.value.name, session.name),
            _ => self.principal_id(),
        }
    }
}
