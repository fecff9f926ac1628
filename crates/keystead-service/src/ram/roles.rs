use std::sync::Arc;

use keystead_api::operations::ram::{
    CreateRoleRequest, CreateRoleResponse, CreateRoleRole, DeleteRoleRequest, DeleteRoleResponse,
    GetRoleRequest, GetRoleResponse, GetRoleRole, ListRolesRequest, ListRolesResponse, ListRolesRoles,
    ListRolesRolesRole, ListRolesRolesRoleTags, ListRolesRolesRoleTagsTag, UpdateRoleRequest,
    UpdateRoleResponse, UpdateRoleRole,
};
use keystead_api::{ApiError, ErrorCode, Flaw};
use keystead_store::Batch;

use super::paging::{self, Page};
use super::{Current, commit, current, documents, limits, names, new_id, tags};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::Versioned;
use crate::keys::create::put_new;
use crate::records::{RoleRecord, path};

/// How long a session lasts at most, in seconds: the least and the most that a role can say (RAM API reference, CreateRole).
/// The least is also the usual.
const SESSION_SECONDS: std::ops::RangeInclusive<i64> = 3600..=43_200;

/// The role that a parameter names, which the caller may use this operation on.
pub(super) async fn named(
    call: &Call<'_>,
    param: &'static str,
    name: &str,
) -> Result<Arc<Versioned<RoleRecord>>, ApiError> {
    names::role(param, name)?;
    let found = call.engine.image.get::<RoleRecord>(&path::role(call.account(), name)).await?;
    call.named("role", param, found.as_ref().map_or(name, |role| &role.value.name))?;
    found.ok_or_else(|| ErrorCode::EntityNotExistRole.into())
}

/// The role as the store has it now; another one of that name is another role.
pub(super) async fn to_change(call: &Call<'_>, seen: &RoleRecord) -> Result<Current<RoleRecord>, ApiError> {
    let role = current::<RoleRecord>(call, &path::role(call.account(), &seen.name)).await?;
    let same = role.filter(|role| role.value.role_id == seen.role_id);
    same.ok_or_else(|| ErrorCode::EntityNotExistRole.into())
}

/// A role's ARN.
pub(super) fn arn(role: &RoleRecord) -> String {
    format!("acs:ram::{}:role/{}", role.account, role.name)
}

fn session_seconds(param: &'static str, seconds: Option<i64>) -> Result<Option<i64>, ApiError> {
    match seconds {
        Some(seconds) if !SESSION_SECONDS.contains(&seconds) => Err(names::invalid(param, Flaw::Value)),
        given => Ok(given),
    }
}

/// `CreateRole`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateRoleRequest,
) -> Result<CreateRoleResponse, ApiError> {
    names::role("RoleName", &request.role_name)?;
    let description = request.description.unwrap_or_default();
    names::description("Description", &description)?;
    documents::check_trust_policy("AssumeRolePolicyDocument", &request.assume_role_policy_document)?;
    let longest = session_seconds("MaxSessionDuration", request.max_session_duration)?;
    let tags = tags::to_set(request.tag.as_deref())?;
    call.named("role", "RoleName", &request.role_name)?;
    let role = RoleRecord {
        role_id: new_id(ids::role_id(&*call.engine.random))?,
        account: call.account().to_owned(),
        name: request.role_name,
        description,
        trust_policy: request.assume_role_policy_document.into(),
        max_session_seconds: longest.unwrap_or(*SESSION_SECONDS.start()),
        sessions_valid_from: None,
        created: call.now,
        updated: call.now,
        policies: Vec::new(),
        tags,
    };
    let place = path::role(call.account(), &role.name);
    retrying!({
        if current::<RoleRecord>(call, &place).await?.is_some() {
            return Err(ApiError::new(ErrorCode::EntityAlreadyExistsRole).into());
        }
        let mut batch = Batch::new();
        limits::one_more(call, &mut batch, path::role(call.account(), ""), limits::ROLES).await?;
        put_new(&mut batch, place.clone(), &role)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    let role = CreateRoleRole {
        // There is no console.
        allow_console_login: false,
        arn: arn(&role),
        assume_role_policy_document: role.trust_policy.into(),
        create_date: role.created.to_string(),
        description: role.description,
        max_session_duration: role.max_session_seconds,
        role_id: role.role_id,
        role_name: role.name,
    };
    Ok(CreateRoleResponse { role, ..CreateRoleResponse::default() })
}

/// `GetRole`
pub(crate) async fn get(call: &Call<'_>, request: GetRoleRequest) -> Result<GetRoleResponse, ApiError> {
    let role = &named(call, "RoleName", &request.role_name).await?.value;
    let role = GetRoleRole {
        allow_console_login: false,
        arn: arn(role),
        assume_role_policy_document: role.trust_policy.clone().into(),
        create_date: role.created.to_string(),
        description: role.description.clone(),
        is_service_linked_role: false,
        latest_deletion_task: None,
        max_session_duration: role.max_session_seconds,
        role_id: role.role_id.clone(),
        role_name: role.name.clone(),
        role_principal_name: format!("{}@role.{}.onaliyunservice.com", role.name, role.account),
        update_date: role.updated.to_string(),
    };
    Ok(GetRoleResponse { role, ..GetRoleResponse::default() })
}

/// `ListRoles`
pub(crate) async fn list(call: &Call<'_>, request: ListRolesRequest) -> Result<ListRolesResponse, ApiError> {
    call.container("role")?;
    let page = Page::new(request.marker.as_deref(), request.max_items, paging::MOST)?;
    let wanted = tags::Wanted::read(request.tag.as_deref())?;
    let prefix = path::role(call.account(), "");
    let listed = page.read::<RoleRecord>(call, &prefix, |role| wanted.all_in(&role.tags)).await?;
    let role = listed
        .found
        .into_iter()
        .map(|(_, role)| ListRolesRolesRole {
            allow_console_login: false,
            arn: arn(&role),
            create_date: role.created.to_string(),
            description: role.description,
            max_session_duration: role.max_session_seconds,
            role_id: role.role_id,
            role_name: role.name,
            tags: ListRolesRolesRoleTags {
                tag: role
                    .tags
                    .into_iter()
                    .map(|tag| ListRolesRolesRoleTagsTag { tag_key: tag.key, tag_value: tag.value })
                    .collect(),
            },
            update_date: role.updated.to_string(),
        })
        .collect();
    Ok(ListRolesResponse {
        is_truncated: listed.marker.is_some(),
        marker: listed.marker,
        roles: ListRolesRoles { role },
        ..ListRolesResponse::default()
    })
}

/// `UpdateRole`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateRoleRequest,
) -> Result<UpdateRoleResponse, ApiError> {
    let document = request.new_assume_role_policy_document.as_deref();
    document.map_or(Ok(()), |text| documents::check_trust_policy("NewAssumeRolePolicyDocument", text))?;
    request.new_description.as_deref().map_or(Ok(()), |text| names::description("NewDescription", text))?;
    let longest = session_seconds("NewMaxSessionDuration", request.new_max_session_duration)?;
    let seen = named(call, "RoleName", &request.role_name).await?;
    let role = retrying!({
        let mut role = to_change(call, &seen.value).await?;
        if let Some(document) = document {
            document.clone_into(&mut role.value.trust_policy);
        }
        if let Some(description) = &request.new_description {
            role.value.description.clone_from(description);
        }
        if let Some(longest) = longest {
            role.value.max_session_seconds = longest;
        }
        role.value.updated = call.now;
        let mut batch = Batch::new();
        role.write(&mut batch)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(role.value)
    })?;
    let role = UpdateRoleRole {
        allow_console_login: false,
        arn: arn(&role),
        assume_role_policy_document: role.trust_policy.into(),
        create_date: role.created.to_string(),
        description: role.description,
        max_session_duration: role.max_session_seconds,
        role_id: role.role_id,
        role_name: role.name,
        update_date: role.updated.to_string(),
    };
    Ok(UpdateRoleResponse { role, ..UpdateRoleResponse::default() })
}

/// `DeleteRole`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteRoleRequest,
) -> Result<DeleteRoleResponse, ApiError> {
    let seen = named(call, "RoleName", &request.role_name).await?;
    retrying!({
        let role = to_change(call, &seen.value).await?;
        if !role.value.policies.is_empty() {
            return Err(ApiError::new(ErrorCode::DeleteConflictRolePolicy).into());
        }
        let mut batch = Batch::new();
        role.remove(&mut batch);
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteRoleResponse::default())
}
