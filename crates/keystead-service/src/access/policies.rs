//! The policies of a caller's own side: those of a user with its groups', those of a role.

use std::sync::Arc;

use keystead_api::ApiError;
use keystead_auth::policy::{IdentityPolicy, MAX_CUSTOM_POLICY_CHARS, SystemPolicy};

use crate::access::{Caller, Principal};
use crate::engine::Engine;
use crate::image::ImageError;
use crate::records::{Attachment, GroupRecord, PolicyKind, PolicyRecord, path};

/// The policies of a user with those of its groups, or those of a role, as they stand now.
pub(crate) struct IdentityPolicies(Vec<Arc<IdentityPolicy>>);

impl IdentityPolicies {
    /// The policies, in their order.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &IdentityPolicy> {
        self.0.iter().map(Arc::as_ref)
    }
}

impl Engine {
    /// The policies of the caller's identity; none for the account itself, which needs none.
    pub(crate) async fn identity_policies(
        &self,
        caller: &Caller,
    ) -> Result<Option<Arc<IdentityPolicies>>, ApiError> {
        let account = caller.account();
        let mut policies = Vec::new();
        match caller.principal() {
            Principal::Root(_) | Principal::Anonymous => {}
            Principal::User { user, .. } => {
                self.attached(account, &user.value.policies, &mut policies).await?;
                for membership in &user.value.groups {
                    let group = self.image.get::<GroupRecord>(&path::group(account, &membership.group)).await?;
                    if let Some(group) = group {
                        self.attached(account, &group.value.policies, &mut policies).await?;
                    }
                }
            }
            Principal::Session(session) => {
                self.attached(account, &session.role.value.policies, &mut policies).await?;
            }
        }
        Ok(Some(Arc::new(IdentityPolicies(policies))))
    }

    async fn attached(
        &self,
        account: &str,
        attachments: &[Attachment],
        policies: &mut Vec<Arc<IdentityPolicy>>,
    ) -> Result<(), ApiError> {
        for attachment in attachments {
            match attachment.kind {
                PolicyKind::System => policies.extend(
                    SystemPolicy::find(&attachment.policy).map(|policy| Arc::new(policy.policy().clone())),
                ),
                PolicyKind::Custom => {
                    let at = path::policy(account, &attachment.policy);
                    let Some(policy) = self.image.get::<PolicyRecord>(&at).await? else { continue };
                    let version = policy.value.default_version;
                    let version = policy.value.versions.iter().find(|each| each.number == version);
                    let parsed = version
                        .and_then(|version| {
                            IdentityPolicy::parse(&version.document, MAX_CUSTOM_POLICY_CHARS).ok()
                        })
                        // It may have denied something: without it nobody can say what is allowed.
                        .ok_or_else(|| ImageError::Unreadable { key: at, reason: "its document is not read".into() })?;
                    policies.push(Arc::new(parsed));
                }
            }
        }
        Ok(())
    }
}
