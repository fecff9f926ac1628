//! Who is a member of which group.

use keystead_api::operations::ram::{
    AddUserToGroupRequest, AddUserToGroupResponse, ListGroupsForUserGroups, ListGroupsForUserGroupsGroup,
    ListGroupsForUserRequest, ListGroupsForUserResponse, ListUsersForGroupRequest, ListUsersForGroupResponse,
    ListUsersForGroupUsers, ListUsersForGroupUsersUser, RemoveUserFromGroupRequest,
    RemoveUserFromGroupResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::Batch;

use super::paging::{self, Page};
use super::{commit, groups, limits, users};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::keys::create::put_new;
use crate::records::{GroupMemberRecord, GroupRecord, Membership, UserRecord, path};

/// `AddUserToGroup`
pub(crate) async fn add(
    call: &Call<'_>,
    request: AddUserToGroupRequest,
) -> Result<AddUserToGroupResponse, ApiError> {
    let seen_user = users::named(call, "UserName", &request.user_name).await?;
    let seen_group = groups::named(call, "GroupName", &request.group_name).await?;
    let name = seen_group.value.name.to_ascii_lowercase();
    retrying!({
        let mut user = users::to_change(call, &seen_user.value).await?;
        let group = groups::to_change(call, &seen_group.value).await?;
        if user.value.groups.iter().any(|membership| membership.group == name) {
            return Err(ApiError::new(ErrorCode::EntityAlreadyExistsUserGroup).into());
        }
        if user.value.groups.len() >= limits::GROUPS_OF_USER {
            return Err(ApiError::new(ErrorCode::LimitExceededUserGroup).into());
        }
        user.value.groups.push(Membership { group: name.clone(), joined: call.now });
        let mut batch = Batch::new();
        user.write(&mut batch)?;
        group.write(&mut batch)?;
        let place = path::group_member(call.account(), &name, &user.value.name);
        put_new(&mut batch, place, &GroupMemberRecord {})?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(AddUserToGroupResponse::default())
}

/// `RemoveUserFromGroup`
pub(crate) async fn remove(
    call: &Call<'_>,
    request: RemoveUserFromGroupRequest,
) -> Result<RemoveUserFromGroupResponse, ApiError> {
    let seen_user = users::named(call, "UserName", &request.user_name).await?;
    let seen_group = groups::named(call, "GroupName", &request.group_name).await?;
    retrying!({
        let mut user = users::to_change(call, &seen_user.value).await?;
        let group = groups::to_change(call, &seen_group.value).await?;
        let name = group.value.name.to_ascii_lowercase();
        let before = user.value.groups.len();
        user.value.groups.retain(|membership| membership.group != name);
        if user.value.groups.len() == before {
            return Err(ApiError::new(ErrorCode::EntityNotExistUserGroup).into());
        }
        let mut batch = Batch::new();
        user.write(&mut batch)?;
        batch.delete(path::group_member(call.account(), &name, &user.value.name));
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(RemoveUserFromGroupResponse::default())
}

/// `ListGroupsForUser`
pub(crate) async fn groups_of_user(
    call: &Call<'_>,
    request: ListGroupsForUserRequest,
) -> Result<ListGroupsForUserResponse, ApiError> {
    let user = users::named(call, "UserName", &request.user_name).await?;
    let mut group = Vec::with_capacity(user.value.groups.len());
    for membership in &user.value.groups {
        let place = path::group(call.account(), &membership.group);
        // It may have got another name since the user was read.
        let Some(found) = call.engine.image.get::<GroupRecord>(&place).await? else { continue };
        group.push(ListGroupsForUserGroupsGroup {
            comments: found.value.comments.clone(),
            group_id: found.value.group_id.clone(),
            group_name: found.value.name.clone(),
            join_date: membership.joined.to_string(),
        });
    }
    Ok(ListGroupsForUserResponse {
        groups: ListGroupsForUserGroups { group },
        ..ListGroupsForUserResponse::default()
    })
}

/// `ListUsersForGroup`
pub(crate) async fn users_of_group(
    call: &Call<'_>,
    request: ListUsersForGroupRequest,
) -> Result<ListUsersForGroupResponse, ApiError> {
    let group = groups::named(call, "GroupName", &request.group_name).await?;
    let page = Page::new(request.marker.as_deref(), request.max_items, paging::MOST)?;
    let prefix = path::group_members(call.account(), &group.value.name);
    let listed = page.read::<GroupMemberRecord>(call, &prefix, |_| true).await?;
    let name = group.value.name.to_ascii_lowercase();
    let mut user = Vec::with_capacity(listed.found.len());
    for (member, _) in &listed.found {
        let place = path::user(call.account(), member);
        let Some(found) = call.engine.image.get::<UserRecord>(&place).await? else { continue };
        let joined = found.value.groups.iter().find(|membership| membership.group == name);
        let Some(membership) = joined else { continue };
        user.push(ListUsersForGroupUsersUser {
            display_name: found.value.display_name.clone(),
            join_date: membership.joined.to_string(),
            user_name: found.value.name.clone(),
        });
    }
    Ok(ListUsersForGroupResponse {
        is_truncated: listed.marker.is_some(),
        marker: listed.marker,
        users: ListUsersForGroupUsers { user },
        ..ListUsersForGroupResponse::default()
    })
}
