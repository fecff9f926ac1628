//! One permission on one resource, as a call asks for it.

use keystead_api::{AccessDeniedDetail, ApiError, ErrorCode, Product, Timestamp};
use keystead_auth::policy::{
    self, CallerKind, Context, Decider, Decision, PolicyDocument, Side, Tags, Target,
};

use crate::access::policies::{IdentityPolicies, Unreadable, deny_all};
use crate::access::principal::{Caller, Principal};
use crate::image::Versioned;
use crate::origin::Origin;
use crate::records::{KeyRecord, SecretRecord};
use crate::tags::Tag;

/// A resource that a permission is about.
pub(crate) struct Resource<'a> {
    /// The account that owns it.
    pub(crate) account: &'a str,
    /// Such as `key`, `alias`, `user`; `*` for none.
    pub(crate) kind: &'static str,
    /// Its id or name; none means the container.
    pub(crate) id: Option<&'a str>,
    policy: Result<Option<&'a PolicyDocument>, Unreadable>,
    tags: TagList<'a>,
    /// What is answered when there is none; also to callers of other accounts who may not use it.
    unknown: ErrorCode,
}

#[derive(Clone, Copy)]
struct TagList<'a>(&'a [Tag]);

impl Tags for TagList<'_> {
    fn each<'t>(&'t self, visit: &mut dyn FnMut(&'t str, &'t str)) {
        self.0.iter().for_each(|tag| visit(&tag.key, &tag.value));
    }
}

impl<'a> Resource<'a> {
    /// A resource without a policy and tags.
    pub(crate) fn new(account: &'a str, kind: &'static str, id: Option<&'a str>) -> Self {
        let unknown = ErrorCode::ForbiddenResourceNotFound;
        Self { account, kind, id, policy: Ok(None), tags: TagList(&[]), unknown }
    }

    /// A key.
    pub(crate) fn key(key: &'a Versioned<KeyRecord>) -> Self {
        Self {
            policy: key.resource_policy(),
            tags: TagList(&key.value.tags),
            unknown: ErrorCode::ForbiddenKeyNotFound,
            ..Self::new(&key.value.account, "key", Some(&key.value.key_id))
        }
    }

    /// A secret.
    pub(crate) fn secret(secret: &'a Versioned<SecretRecord>) -> Self {
        Self {
            policy: secret.resource_policy(),
            tags: TagList(&secret.value.tags),
            ..Self::new(&secret.value.account, "secret", Some(&secret.value.name))
        }
    }

    /// With another answer when there is none.
    pub(crate) fn unknown_as(self, unknown: ErrorCode) -> Self {
        Self { unknown, ..self }
    }

    /// The end of its ARN.
    pub(crate) fn path(&self) -> String {
        match self.id {
            Some(id) => [self.kind, "/", id].concat(),
            None => self.kind.to_owned(),
        }
    }
}

/// What is the same for each permission that a call needs.
pub(crate) struct Facts<'a> {
    pub(crate) caller: &'a Caller,
    /// The policies of its identity; none for the account itself.
    pub(crate) rights: Option<&'a IdentityPolicies>,
    pub(crate) origin: &'a Origin<'a>,
    pub(crate) now: Timestamp,
    pub(crate) product: Product,
    pub(crate) region: &'a str,
}

impl Facts<'_> {
    /// Lets the call go on when it has the permission.
    ///
    /// # Errors
    /// 403 `Forbidden.NoPermission`, or `NoPermission` where the product is not KMS, with the reason. About a resource of
    /// another account exactly what is answered when it does not exist.
    pub(crate) fn check(&self, action: &'static str, resource: &Resource<'_>) -> Result<(), ApiError> {
        let own = resource.account == self.caller.account();
        if own && self.caller.is_root() && matches!(resource.policy, Ok(None)) {
            // What `decide` would say, without writing down what it is about.
            return Ok(());
        }
        if let Principal::ClientKey(holder) = self.caller.principal() {
            return match holder.allows(action, (resource.kind, resource.id), self.origin) {
                _ if !own => Err(resource.unknown.into()),
                true => Ok(()),
                false => Err(self.denied(action, None)),
            };
        }
        match self.decide(action, resource) {
            Some(Decision { allowed: true, .. }) => Ok(()),
            _ if !own => Err(resource.unknown.into()),
            decision => Err(self.denied(action, decision)),
        }
    }

    /// None for nobody, who may do nothing that a permission is needed for, and for applications.
    fn decide(&self, action: &'static str, resource: &Resource<'_>) -> Option<Decision> {
        let caller = self.caller;
        let account = caller.account();
        let own_arn;
        let (kind, arn, session) = match (caller.principal(), self.rights) {
            (Principal::Root(_), _) => {
                own_arn = caller.arn();
                (CallerKind::Root, own_arn.as_str(), None)
            }
            (Principal::User { user, .. }, Some(rights)) => {
                (CallerKind::User { name: &user.value.name }, rights.arn.as_str(), None)
            }
            (Principal::Session(session), Some(rights)) => {
                own_arn = caller.arn();
                let kind = CallerKind::Role { name: &session.role.value.name, session_arn: &own_arn };
                (kind, rights.arn.as_str(), session.policy.as_deref())
            }
            _ => return None,
        };
        let context = Context {
            caller: policy::Caller { account, arn, kind },
            now: self.now.0,
            source: Some(self.origin.source),
            secure_transport: self.origin.secure,
            mfa: false,
            source_vpc: None,
            vpc_source: None,
            extra: &[],
        };
        let path = resource.path();
        let region = match self.product {
            Product::Kms | Product::Instance => self.region,
            Product::Ram | Product::Ims | Product::Sts => "",
        };
        let named = policy::Resource {
            service: self.product.arn_service(),
            region,
            account: resource.account,
            path: &path,
        };
        let target = Target::new(action, named, &resource.tags);
        let closed;
        let document = match &resource.policy {
            Ok(document) => *document,
            Err(Unreadable) => {
                tracing::error!(resource = target.arn(), "a policy cannot be read: everybody is refused");
                closed = deny_all(account);
                Some(&closed)
            }
        };
        let rights = self.rights.into_iter().flat_map(IdentityPolicies::policies);
        Some(policy::decide(rights, session, document, &target, &context))
    }

    /// The refusal, with the reason.
    pub(crate) fn denied(&self, action: &'static str, decision: Option<Decision>) -> ApiError {
        let code = match self.product {
            Product::Kms | Product::Instance => ErrorCode::ForbiddenNoPermission,
            Product::Ram | Product::Ims | Product::Sts => ErrorCode::NoPermission,
        };
        let error = ApiError::new(code);
        match (decision, self.caller.principal_type()) {
            (Some(decision), Some(principal_type)) => error.with_denied(AccessDeniedDetail {
                auth_action: action,
                auth_principal_type: principal_type,
                auth_principal_owner_id: self.caller.account().to_owned(),
                auth_principal_display_name: self.caller.display_name(),
                policy_type: policy_type(decision.by),
                no_permission_type: if decision.is_explicit_deny() { "ExplicitDeny" } else { "ImplicitDeny" },
            }),
            _ => error,
        }
    }
}

/// Whose policy decided, as the vendor calls it.
fn policy_type(by: Decider) -> &'static str {
    match by {
        Decider::Session { .. } | Decider::Nothing(Side::Session) => "SessionPolicy",
        Decider::Resource { .. } | Decider::Nothing(Side::Resource) | Decider::NotForOtherAccounts => {
            "ResourceBasedPolicy"
        }
        Decider::Trust { .. } | Decider::Nothing(Side::Trust) => "AssumeRolePolicy",
        Decider::Root | Decider::Identity { .. } | Decider::Nothing(Side::Identity) => {
            "AccountLevelIdentityBasedPolicy"
        }
    }
}
