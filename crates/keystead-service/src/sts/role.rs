//! Whether somebody may take a role.

use std::sync::Arc;

use keystead_api::ApiError;
use keystead_auth::policy::{
    Caller as PolicyCaller, Context, Decision, IdentityPolicy, Resource, Target, TrustPolicy, decide_role,
};

use super::request::IdentityName;
use crate::access::IdentityPolicies;
use crate::engine::Engine;
use crate::image::{ImageError, Versioned};
use crate::origin::Origin;
use crate::records::{RoleRecord, path};

/// The action of all who take roles.
pub(super) const ACTION: &str = "sts:AssumeRole";
/// Stands in for the trust policy of a role that is not there: it names somebody who never calls.
const NOBODY: &str = r#"{"Version":"1","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"Service":["none.invalid"]}}]}"#;

/// Somebody who wants to take a role.
pub(crate) struct Candidate<'a> {
    /// As policies see it.
    pub(crate) caller: PolicyCaller<'a>,
    /// Its own policies; only users and sessions need any.
    pub(crate) identity: Option<&'a IdentityPolicies>,
    /// The policy of the session that it is in.
    pub(crate) session: Option<&'a IdentityPolicy>,
    /// What conditions may ask about beside the usual facts, such as `sts:ExternalId`.
    pub(crate) facts: &'a [(&'a str, &'a str)],
}

impl Engine {
    /// A role, when there is one of this name.
    pub(crate) async fn role(
        &self,
        name: IdentityName<'_>,
    ) -> Result<Option<Arc<Versioned<RoleRecord>>>, ApiError> {
        let role = self.image.get::<RoleRecord>(&path::role(name.account, name.name)).await?;
        Ok(role.filter(|role| role.value.account == name.account))
    }

    /// Whether the candidate may take the role. For a role that is not there: whether its own policies would let it.
    pub(crate) fn decide_role(
        &self,
        candidate: &Candidate<'_>,
        name: IdentityName<'_>,
        role: Option<&RoleRecord>,
        origin: &Origin<'_>,
    ) -> Result<Decision, ApiError> {
        let document = role.map_or(NOBODY, |role| &role.trust_policy);
        // Parsed on each call: taking a role is rare, and says nothing that is worth a cache.
        let trust = TrustPolicy::parse(document).map_err(|error| ImageError::Unreadable {
            key: path::role(name.account, name.name),
            reason: format!("its trust policy is not read: {error}"),
        })?;
        let stored = role.map_or(name.name, |role| &role.name);
        let at = format!("role/{stored}");
        let resource = Resource { service: "ram", region: "", account: name.account, path: &at };
        let target = Target::new(ACTION, resource, &());
        let context = Context {
            caller: candidate.caller,
            now: self.clock.now().0,
            source: Some(origin.source),
            secure_transport: origin.secure,
            mfa: false,
            source_vpc: None,
            vpc_source: None,
            extra: candidate.facts,
        };
        let identity = candidate.identity.into_iter().flat_map(IdentityPolicies::policies);
        Ok(decide_role(identity, candidate.session, &trust, &target, &context))
    }
}
