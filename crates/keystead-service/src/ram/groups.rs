use std::sync::Arc;

use keystead_api::operations::ram::{
    CreateGroupGroup, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest, DeleteGroupResponse,
    GetGroupGroup, GetGroupRequest, GetGroupResponse, ListGroupsGroups, ListGroupsGroupsGroup,
    ListGroupsRequest, ListGroupsResponse, UpdateGroupGroup, UpdateGroupRequest, UpdateGroupResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, Range};

use super::paging::Page;
use super::{Current, commit, current, limits, names, new_id, renames};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::{ImageError, Versioned};
use crate::keys::create::put_new;
use crate::records::{GroupRecord, path};

/// Entries of a page at most (RAM API reference, ListGroups).
const MOST: i64 = 100;

/// The group that a parameter names, which the caller may use this operation on.
pub(super) async fn named(
    call: &Call<'_>,
    param: &'static str,
    name: &str,
) -> Result<Arc<Versioned<GroupRecord>>, ApiError> {
    names::group(param, name)?;
    let found = call.engine.image.get::<GroupRecord>(&path::group(call.account(), name)).await?;
    call.named("group", param, found.as_ref().map_or(name, |group| &group.value.name))?;
    found.ok_or_else(|| ErrorCode::EntityNotExistGroup.into())
}

/// The group as the store has it now; another one of that name is another group.
pub(super) async fn to_change(call: &Call<'_>, seen: &GroupRecord) -> Result<Current<GroupRecord>, ApiError> {
    let group = current::<GroupRecord>(call, &path::group(call.account(), &seen.name)).await?;
    let same = group.filter(|group| group.value.group_id == seen.group_id);
    same.ok_or_else(|| ErrorCode::EntityNotExistGroup.into())
}

/// `CreateGroup`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateGroupRequest,
) -> Result<CreateGroupResponse, ApiError> {
    names::group("GroupName", &request.group_name)?;
    request.comments.as_deref().map_or(Ok(()), |text| names::comments("Comments", text))?;
    call.named("group", "GroupName", &request.group_name)?;
    let group = GroupRecord {
        group_id: new_id(ids::group_id(&*call.engine.random))?,
        account: call.account().to_owned(),
        name: request.group_name,
        comments: request.comments.unwrap_or_default(),
        created: call.now,
        updated: call.now,
        policies: Vec::new(),
    };
    let place = path::group(call.account(), &group.name);
    retrying!({
        if current::<GroupRecord>(call, &place).await?.is_some() {
            return Err(ApiError::new(ErrorCode::EntityAlreadyExistsGroup).into());
        }
        let mut batch = Batch::new();
        limits::one_more(call, &mut batch, path::group(call.account(), ""), limits::GROUPS).await?;
        put_new(&mut batch, place.clone(), &group)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    let group = CreateGroupGroup {
        comments: group.comments,
        create_date: group.created.to_string(),
        group_id: group.group_id,
        group_name: group.name,
    };
    Ok(CreateGroupResponse { group, ..CreateGroupResponse::default() })
}

/// `GetGroup`
pub(crate) async fn get(call: &Call<'_>, request: GetGroupRequest) -> Result<GetGroupResponse, ApiError> {
    let group = &named(call, "GroupName", &request.group_name).await?.value;
    let group = GetGroupGroup {
        comments: group.comments.clone(),
        create_date: group.created.to_string(),
        group_id: group.group_id.clone(),
        group_name: group.name.clone(),
        update_date: group.updated.to_string(),
    };
    Ok(GetGroupResponse { group, ..GetGroupResponse::default() })
}

/// `ListGroups`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListGroupsRequest,
) -> Result<ListGroupsResponse, ApiError> {
    call.container("group")?;
    let page = Page::new(request.marker.as_deref(), request.max_items, MOST)?;
    let listed = page.read::<GroupRecord>(call, &path::group(call.account(), ""), |_| true).await?;
    let group = listed
        .found
        .into_iter()
        .map(|(_, group)| ListGroupsGroupsGroup {
            comments: group.comments,
            create_date: group.created.to_string(),
            group_id: group.group_id,
            group_name: group.name,
            update_date: group.updated.to_string(),
        })
        .collect();
    Ok(ListGroupsResponse {
        groups: ListGroupsGroups { group },
        is_truncated: listed.marker.is_some(),
        marker: listed.marker,
        ..ListGroupsResponse::default()
    })
}

/// `UpdateGroup`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateGroupRequest,
) -> Result<UpdateGroupResponse, ApiError> {
    let new_name = request.new_group_name.as_deref();
    new_name.map_or(Ok(()), |name| names::group("NewGroupName", name))?;
    request.new_comments.as_deref().map_or(Ok(()), |text| names::comments("NewComments", text))?;
    let seen = named(call, "GroupName", &request.group_name).await?;
    let group = retrying!({
        let mut group = to_change(call, &seen.value).await?;
        if let Some(comments) = &request.new_comments {
            group.value.comments.clone_from(comments);
        }
        group.value.updated = call.now;
        let mut batch = Batch::new();
        match new_name {
            Some(name) => renames::group(call, &mut batch, &mut group, name).await?,
            None => group.write(&mut batch)?,
        }
        commit(call, batch).await?;
        Ok::<_, CommitError>(group.value)
    })?;
    let group = UpdateGroupGroup {
        comments: group.comments,
        create_date: group.created.to_string(),
        group_id: group.group_id,
        group_name: group.name,
        update_date: group.updated.to_string(),
    };
    Ok(UpdateGroupResponse { group, ..UpdateGroupResponse::default() })
}

/// `DeleteGroup`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteGroupRequest,
) -> Result<DeleteGroupResponse, ApiError> {
    let seen = named(call, "GroupName", &request.group_name).await?;
    let members = Range::prefix(path::group_members(call.account(), &seen.value.name));
    retrying!({
        let group = to_change(call, &seen.value).await?;
        // Whoever becomes a member after this look writes the group's record too.
        let first = call.engine.store.scan(members.clone(), None, 1).await;
        if !first.map_err(|error| ApiError::from(ImageError::from(error)))?.is_empty() {
            return Err(ApiError::new(ErrorCode::DeleteConflictGroupUser).into());
        }
        if !group.value.policies.is_empty() {
            return Err(ApiError::new(ErrorCode::DeleteConflictGroupPolicy).into());
        }
        let mut batch = Batch::new();
        group.remove(&mut batch);
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteGroupResponse::default())
}
