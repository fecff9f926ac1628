//! The order of policies: what decides when several have their say.

use crate::policy::call::{CallerKind, Context, Target};
use crate::policy::{IdentityPolicy, PolicyDocument, TrustPolicy};

/// What one policy says about a permission. The number is that of the deciding statement, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This statement allows it, and none denies it.
    Allow(usize),
    /// This statement denies it, whatever others allow.
    Deny(usize),
    /// No statement is about it.
    Silent,
}

/// Whether a permission is given, and what decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is given.
    pub allowed: bool,
    /// What decided.
    pub by: Decider,
}

/// What decided. Statements and policies are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decider {
    /// The caller is the account that owns the resource.
    Root,
    /// A statement of one of the identity's policies.
    Identity {
        /// Which policy, in the order in which they were handed in.
        policy: usize,
        /// Which of its statements.
        statement: usize,
    },
    /// A statement of the resource's policy.
    Resource {
        /// Which one.
        statement: usize,
    },
    /// A statement of the session's policy.
    Session {
        /// Which one.
        statement: usize,
    },
    /// A statement of the role's trust policy.
    Trust {
        /// Which one.
        statement: usize,
    },
    /// None of these allows it, and all that must allow would have to.
    Nothing(Side),
    /// Callers of other accounts may use keys and secrets, and not manage them.
    NotForOtherAccounts,
}

/// Whose policies are silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The identity's.
    Identity,
    /// The resource's.
    Resource,
    /// The session's.
    Session,
    /// The role's trust policy.
    Trust,
}

impl Decision {
    fn allowed(by: Decider) -> Self {
        Self { allowed: true, by }
    }

    fn denied(by: Decider) -> Self {
        Self { allowed: false, by }
    }

    /// Whether a statement denies it, other than that none allows it.
    pub fn is_explicit_deny(&self) -> bool {
        !self.allowed && !matches!(self.by, Decider::Nothing(_) | Decider::NotForOtherAccounts)
    }
}

/// What the owner's account itself may always do, whatever its policies say, so that nothing is locked for good.
const ALWAYS_ROOT: &[&str] =
    &["kms:GetKeyPolicy", "kms:SetKeyPolicy", "kms:GetSecretPolicy", "kms:SetSecretPolicy"];

/// What callers of other accounts can be allowed: to use keys and secrets.
const FOR_OTHER_ACCOUNTS: &[&str] = &[
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateAndExportDataKey",
    "kms:ExportDataKey",
    "kms:AsymmetricEncrypt",
    "kms:AsymmetricDecrypt",
    "kms:AsymmetricSign",
    "kms:AsymmetricVerify",
    "kms:GenerateMac",
    "kms:VerifyMac",
    "kms:GetPublicKey",
    "kms:DescribeKey",
    "kms:DescribeKeyVersion",
    "kms:ListKeyVersions",
    "kms:ListAliasesByKeyId",
    "kms:GetSecretValue",
    "kms:DescribeSecret",
    "kms:ListSecretVersionIds",
];

/// Whether callers of other accounts can be allowed an action at all.
pub fn open_to_other_accounts(action: &str) -> bool {
    contains(FOR_OTHER_ACCOUNTS, action)
}

/// Decides about a permission on a resource.
///
/// `identity` are the policies of the user with those of its groups, or those of the role; `session` is the policy that a
/// session was narrowed with; `resource` that of the key or secret, none where there is none.
pub fn decide<'p>(
    identity: impl IntoIterator<Item = &'p IdentityPolicy>,
    session: Option<&IdentityPolicy>,
    resource: Option<&PolicyDocument>,
    target: &Target<'_>,
    context: &Context<'_>,
) -> Decision {
    let caller = &context.caller;
    let owner = caller.account == target.account();
    let root = caller.kind == CallerKind::Root;
    if owner && root && contains(ALWAYS_ROOT, target.action()) {
        return Decision::allowed(Decider::Root);
    }
    let by_identity = match identity_side(identity, root, target, context) {
        Ok(by) => by,
        Err(denied) => return denied,
    };
    let by_resource = match resource.map(|policy| policy.evaluate(target, context)) {
        Some(Verdict::Deny(statement)) => return Decision::denied(Decider::Resource { statement }),
        Some(Verdict::Allow(statement)) => Some(Decider::Resource { statement }),
        Some(Verdict::Silent) | None => None,
    };
    if let Err(denied) = session_side(session, target, context) {
        return denied;
    }
    if owner {
        return match by_identity.or(by_resource) {
            Some(by) => Decision::allowed(by),
            None => Decision::denied(Decider::Nothing(Side::Identity)),
        };
    }
    match (by_identity, by_resource) {
        _ if !contains(FOR_OTHER_ACCOUNTS, target.action()) => Decision::denied(Decider::NotForOtherAccounts),
        (Some(_), Some(by)) => Decision::allowed(by),
        (None, _) => Decision::denied(Decider::Nothing(Side::Identity)),
        (_, None) => Decision::denied(Decider::Nothing(Side::Resource)),
    }
}

/// Decides whether a caller may take a role: the trust policy must allow it, and, for users, roles and accounts, their own
/// policies too. `target` is the action on the role.
pub fn decide_role<'p>(
    identity: impl IntoIterator<Item = &'p IdentityPolicy>,
    session: Option<&IdentityPolicy>,
    trust: &TrustPolicy,
    target: &Target<'_>,
    context: &Context<'_>,
) -> Decision {
    // Services and identity providers have no policies of their own; nor has the account.
    let free = !matches!(context.caller.kind, CallerKind::User { .. } | CallerKind::Role { .. });
    let by_identity = match identity_side(identity, free, target, context) {
        Ok(by) => by,
        Err(denied) => return denied,
    };
    let by_trust = match trust.evaluate(target, context) {
        Verdict::Deny(statement) => return Decision::denied(Decider::Trust { statement }),
        Verdict::Allow(statement) => Some(Decider::Trust { statement }),
        Verdict::Silent => None,
    };
    if let Err(denied) = session_side(session, target, context) {
        return denied;
    }
    match (by_identity, by_trust) {
        (Some(_), Some(by)) => Decision::allowed(by),
        (None, _) => Decision::denied(Decider::Nothing(Side::Identity)),
        (_, None) => Decision::denied(Decider::Nothing(Side::Trust)),
    }
}

/// What lets the caller act as far as its own account is concerned, where `free` needs no statement; an error when one
/// denies it.
fn identity_side<'p>(
    policies: impl IntoIterator<Item = &'p IdentityPolicy>,
    free: bool,
    target: &Target<'_>,
    context: &Context<'_>,
) -> Result<Option<Decider>, Decision> {
    let mut found = free.then_some(Decider::Root);
    for (policy, document) in policies.into_iter().enumerate() {
        match document.evaluate(target, context) {
            Verdict::Deny(statement) => {
                return Err(Decision::denied(Decider::Identity { policy, statement }));
            }
            Verdict::Allow(statement) => found = found.or(Some(Decider::Identity { policy, statement })),
            Verdict::Silent => {}
        }
    }
    Ok(found)
}

fn session_side(
    session: Option<&IdentityPolicy>,
    target: &Target<'_>,
    context: &Context<'_>,
) -> Result<(), Decision> {
    match session.map(|policy| policy.evaluate(target, context)) {
        None | Some(Verdict::Allow(_)) => Ok(()),
        Some(Verdict::Deny(statement)) => Err(Decision::denied(Decider::Session { statement })),
        Some(Verdict::Silent) => Err(Decision::denied(Decider::Nothing(Side::Session))),
    }
}

fn contains(actions: &[&str], action: &str) -> bool {
    actions.iter().any(|known| known.eq_ignore_ascii_case(action))
}
