//! Which policy is attached to which user, group or role.

use keystead_api::operations::ram::{
    AttachPolicyToGroupRequest, AttachPolicyToGroupResponse, AttachPolicyToRoleRequest,
    AttachPolicyToRoleResponse, AttachPolicyToUserRequest, AttachPolicyToUserResponse,
    DetachPolicyFromGroupRequest, DetachPolicyFromGroupResponse, DetachPolicyFromRoleRequest,
    DetachPolicyFromRoleResponse, DetachPolicyFromUserRequest, DetachPolicyFromUserResponse,
    ListEntitiesForPolicyGroups, ListEntitiesForPolicyGroupsGroup, ListEntitiesForPolicyRequest,
    ListEntitiesForPolicyResponse, ListEntitiesForPolicyRoles, ListEntitiesForPolicyRolesRole,
    ListEntitiesForPolicyUsers, ListEntitiesForPolicyUsersUser, ListPoliciesForGroupPolicies,
    ListPoliciesForGroupPoliciesPolicy, ListPoliciesForGroupRequest, ListPoliciesForGroupResponse,
    ListPoliciesForRolePolicies, ListPoliciesForRolePoliciesPolicy, ListPoliciesForRoleRequest,
    ListPoliciesForRoleResponse, ListPoliciesForUserPolicies, ListPoliciesForUserPoliciesPolicy,
    ListPoliciesForUserRequest, ListPoliciesForUserResponse,
};
use keystead_api::{ApiError, ErrorCode, Flaw, Timestamp};
use keystead_store::{Batch, Range};

use super::policies::{self, Policy};
use super::{Current, commit, groups, limits, names, renames, roles, users};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::image::ImageError;
use crate::keys::create::put_new;
use crate::records::{
    Attachment, GroupRecord, HolderKind, PolicyAttachmentRecord, PolicyKind, RoleRecord, Stored, UserRecord,
    path,
};

/// What policies are attached to.
trait Holder: Stored {
    const HOLDER: HolderKind;
    /// The policy is attached already.
    const PRESENT: ErrorCode;
    /// The policy is not attached.
    const ABSENT: ErrorCode;
    /// No more can be attached.
    const FULL: ErrorCode;

    fn name(&self) -> &str;
    fn policies(&self) -> &[Attachment];
    fn policies_mut(&mut self) -> &mut Vec<Attachment>;
}

macro_rules! holder {
    ($record:ident $kind:ident $present:ident $absent:ident $full:ident) => {
        impl Holder for $record {
            const HOLDER: HolderKind = HolderKind::$kind;
            const PRESENT: ErrorCode = ErrorCode::$present;
            const ABSENT: ErrorCode = ErrorCode::$absent;
            const FULL: ErrorCode = ErrorCode::$full;

            fn name(&self) -> &str {
                &self.name
            }

            fn policies(&self) -> &[Attachment] {
                &self.policies
            }

            fn policies_mut(&mut self) -> &mut Vec<Attachment> {
                &mut self.policies
            }
        }
    };
}

holder!(UserRecord User EntityAlreadyExistsUserPolicy EntityNotExistUserPolicy LimitExceededUserPolicy);
holder!(GroupRecord Group EntityAlreadyExistsGroupPolicy EntityNotExistGroupPolicy LimitExceededGroupPolicy);
holder!(RoleRecord Role EntityAlreadyExistsRolePolicy EntityNotExistRolePolicy LimitExceededRolePolicy);

/// Enters into a batch that a policy is attached.
async fn attach<T: Holder>(
    call: &Call<'_>,
    batch: &mut Batch,
    mut holder: Current<T>,
    policy: &Policy,
) -> Result<(), ApiError> {
    let (kind, reference) = (policy.kind(), policy.reference());
    let of_kind = || holder.value.policies().iter().filter(|attachment| attachment.kind == kind);
    if of_kind().any(|attachment| attachment.policy == reference) {
        return Err(T::PRESENT.into());
    }
    let most = match kind {
        PolicyKind::System => limits::SYSTEM_POLICIES,
        PolicyKind::Custom => limits::CUSTOM_POLICIES,
    };
    if of_kind().count() >= most {
        return Err(T::FULL.into());
    }
    let place = path::policy_attachment(call.account(), kind, &reference, T::HOLDER, holder.value.name());
    put_new(batch, place, &PolicyAttachmentRecord {})?;
    if let Some(seen) = policy.custom() {
        policies::to_change(call, seen).await?.write(batch)?;
    }
    let attachment = Attachment { kind, policy: reference, attached: call.now };
    holder.value.policies_mut().push(attachment);
    holder.write(batch)
}

/// Enters into a batch that a policy is not attached any more.
fn detach<T: Holder>(
    call: &Call<'_>,
    batch: &mut Batch,
    mut holder: Current<T>,
    policy: &Policy,
) -> Result<(), ApiError> {
    let (kind, reference) = (policy.kind(), policy.reference());
    let attachments = holder.value.policies_mut();
    let at = attachments.iter().position(|found| found.kind == kind && found.policy == reference);
    attachments.remove(at.ok_or(T::ABSENT)?);
    batch.delete(path::policy_attachment(call.account(), kind, &reference, T::HOLDER, holder.value.name()));
    holder.write(batch)
}

/// Resource groups are not offered: a policy that is to hold in one alone must not hold everywhere.
fn check_resource_group(id: Option<&str>) -> Result<(), ApiError> {
    match id {
        None | Some("") => Ok(()),
        Some(_) => Err(names::invalid("ResourceGroupId", Flaw::Value)),
    }
}

macro_rules! attaching {
    ($($name:ident $request:ident $response:ident $find:path, $change:path, $param:literal $field:ident;)*) => {
        $(
            #[doc = concat!("`", stringify!($request), "`")]
            pub(crate) async fn $name(call: &Call<'_>, request: $request) -> Result<$response, ApiError> {
                check_resource_group(request.resource_group_id.as_deref())?;
                let policy = policies::named(call, &request.policy_name, &request.policy_type).await?;
                let seen = $find(call, $param, &request.$field).await?;
                retrying!({
                    let holder = $change(call, &seen.value).await?;
                    let mut batch = Batch::new();
                    attach(call, &mut batch, holder, &policy).await?;
                    commit(call, batch).await?;
                    Ok::<_, CommitError>(())
                })?;
                Ok($response::default())
            }
        )*
    };
}

attaching! {
    to_user AttachPolicyToUserRequest AttachPolicyToUserResponse
        users::named, users::to_change, "UserName" user_name;
    to_group AttachPolicyToGroupRequest AttachPolicyToGroupResponse
        groups::named, groups::to_change, "GroupName" group_name;
    to_role AttachPolicyToRoleRequest AttachPolicyToRoleResponse
        roles::named, roles::to_change, "RoleName" role_name;
}

macro_rules! detaching {
    ($($name:ident $request:ident $response:ident $find:path, $change:path, $param:literal $field:ident;)*) => {
        $(
            #[doc = concat!("`", stringify!($request), "`")]
            pub(crate) async fn $name(call: &Call<'_>, request: $request) -> Result<$response, ApiError> {
                check_resource_group(request.resource_group_id.as_deref())?;
                let policy = policies::named(call, &request.policy_name, &request.policy_type).await?;
                let seen = $find(call, $param, &request.$field).await?;
                retrying!({
                    let holder = $change(call, &seen.value).await?;
                    let mut batch = Batch::new();
                    detach(call, &mut batch, holder, &policy)?;
                    commit(call, batch).await?;
                    Ok::<_, CommitError>(())
                })?;
                Ok($response::default())
            }
        )*
    };
}

detaching! {
    from_user DetachPolicyFromUserRequest DetachPolicyFromUserResponse
        users::named, users::to_change, "UserName" user_name;
    from_group DetachPolicyFromGroupRequest DetachPolicyFromGroupResponse
        groups::named, groups::to_change, "GroupName" group_name;
    from_role DetachPolicyFromRoleRequest DetachPolicyFromRoleResponse
        roles::named, roles::to_change, "RoleName" role_name;
}

/// The policies behind attachments.
async fn policies_of(
    call: &Call<'_>,
    attachments: &[Attachment],
) -> Result<Vec<(Policy, Timestamp)>, ApiError> {
    let mut found = Vec::with_capacity(attachments.len());
    for Attachment { kind, policy, attached } in attachments {
        let policy = policies::attached(call, *kind, policy).await?;
        found.push((policy.ok_or_else(|| renames::dangling("an attached policy"))?, *attached));
    }
    Ok(found)
}

macro_rules! listing {
    ($($name:ident $request:ident $response:ident $list:ident $item:ident $find:path, $param:literal $field:ident;)*) => {
        $(
            #[doc = concat!("`", stringify!($request), "`")]
            pub(crate) async fn $name(call: &Call<'_>, request: $request) -> Result<$response, ApiError> {
                let holder = $find(call, $param, &request.$field).await?;
                let policies = policies_of(call, &holder.value.policies).await?;
                let item = |(policy, attached): (Policy, Timestamp)| $item {
                    attach_date: attached.to_string(),
                    default_version: policy.default_version(),
                    description: policy.description().to_owned(),
                    policy_name: policy.name().to_owned(),
                    policy_type: policy.kind().as_str().into(),
                };
                let policies = $list { policy: policies.into_iter().map(item).collect() };
                Ok($response { policies, ..$response::default() })
            }
        )*
    };
}

listing! {
    of_user ListPoliciesForUserRequest ListPoliciesForUserResponse
        ListPoliciesForUserPolicies ListPoliciesForUserPoliciesPolicy
        users::named, "UserName" user_name;
    of_group ListPoliciesForGroupRequest ListPoliciesForGroupResponse
        ListPoliciesForGroupPolicies ListPoliciesForGroupPoliciesPolicy
        groups::named, "GroupName" group_name;
    of_role ListPoliciesForRoleRequest ListPoliciesForRoleResponse
        ListPoliciesForRolePolicies ListPoliciesForRolePoliciesPolicy
        roles::named, "RoleName" role_name;
}

/// `ListEntitiesForPolicy`
pub(crate) async fn entities(
    call: &Call<'_>,
    request: ListEntitiesForPolicyRequest,
) -> Result<ListEntitiesForPolicyResponse, ApiError> {
    let policy = policies::named(call, &request.policy_name, &request.policy_type).await?;
    let (mut user, mut group, mut role) = (Vec::new(), Vec::new(), Vec::new());
    let (account, image) = (call.account(), &call.engine.image);
    for (holder, name) in holders(call, &policy).await? {
        // One that meanwhile has another name, or the policy no more, is left out.
        match holder {
            HolderKind::User => {
                let Some(found) = image.get::<UserRecord>(&path::user(account, &name)).await? else {
                    continue;
                };
                let Some(attached) = attached_at(&found.value, &policy) else { continue };
                user.push(ListEntitiesForPolicyUsersUser {
                    attach_date: attached.to_string(),
                    display_name: found.value.display_name.clone(),
                    user_id: found.value.user_id.clone(),
                    user_name: found.value.name.clone(),
                });
            }
            HolderKind::Group => {
                let Some(found) = image.get::<GroupRecord>(&path::group(account, &name)).await? else {
                    continue;
                };
                let Some(attached) = attached_at(&found.value, &policy) else { continue };
                group.push(ListEntitiesForPolicyGroupsGroup {
                    attach_date: attached.to_string(),
                    comments: found.value.comments.clone(),
                    group_name: found.value.name.clone(),
                });
            }
            HolderKind::Role => {
                let Some(found) = image.get::<RoleRecord>(&path::role(account, &name)).await? else {
                    continue;
                };
                let Some(attached) = attached_at(&found.value, &policy) else { continue };
                role.push(ListEntitiesForPolicyRolesRole {
                    arn: roles::arn(&found.value),
                    attach_date: attached.to_string(),
                    description: found.value.description.clone(),
                    role_id: found.value.role_id.clone(),
                    role_name: found.value.name.clone(),
                });
            }
        }
    }
    Ok(ListEntitiesForPolicyResponse {
        groups: ListEntitiesForPolicyGroups { group },
        roles: ListEntitiesForPolicyRoles { role },
        users: ListEntitiesForPolicyUsers { user },
        ..ListEntitiesForPolicyResponse::default()
    })
}

fn attached_at(holder: &impl Holder, policy: &Policy) -> Option<Timestamp> {
    let (kind, reference) = (policy.kind(), policy.reference());
    let found = holder.policies().iter().find(|found| found.kind == kind && found.policy == reference);
    found.map(|attachment| attachment.attached)
}

/// What a policy is attached to: kind and name in lower case.
async fn holders(call: &Call<'_>, policy: &Policy) -> Result<Vec<(HolderKind, String)>, ApiError> {
    const CHUNK: usize = 500;
    let prefix = path::policy_attachments(call.account(), policy.kind(), policy.name());
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let range = Range::prefix(prefix.as_str());
        let records = call.engine.store.scan(range, after, CHUNK).await.map_err(ImageError::from)?;
        let entries = records.iter().filter_map(|record| {
            let (kind, name) = record.key[prefix.len()..].split_once('/')?;
            Some((HolderKind::find(kind)?, name.to_owned()))
        });
        found.extend(entries);
        if records.len() < CHUNK {
            return Ok(found);
        }
        after = records.last().map(|record| record.key.clone());
    }
}
