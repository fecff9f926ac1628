use std::sync::Arc;

use keystead_api::operations::ram::{
    CreateUserRequest, CreateUserResponse, CreateUserUser, DeleteUserRequest, DeleteUserResponse,
    GetUserRequest, GetUserResponse, GetUserUser, ListUsersRequest, ListUsersResponse, ListUsersUsers,
    ListUsersUsersUser, UpdateUserRequest, UpdateUserResponse, UpdateUserUser,
};
use keystead_api::{ApiError, ErrorCode, Flaw};
use keystead_store::Batch;

use super::paging::{self, Page};
use super::{Current, commit, current, limits, names, new_id, renames};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::image::Versioned;
use crate::keys::create::put_new;
use crate::records::{UserRecord, path};

/// The user that a parameter names, if there is one, and its name as policies are to see it.
pub(super) async fn find(
    call: &Call<'_>,
    param: &'static str,
    name: &str,
) -> Result<Option<Arc<Versioned<UserRecord>>>, ApiError> {
    names::user(param, name)?;
    Ok(call.engine.image.get::<UserRecord>(&path::user(call.account(), name)).await?)
}

/// The user that a parameter names, which the caller may use this operation on.
pub(super) async fn named(
    call: &Call<'_>,
    param: &'static str,
    name: &str,
) -> Result<Arc<Versioned<UserRecord>>, ApiError> {
    let found = find(call, param, name).await?;
    call.named("user", param, found.as_ref().map_or(name, |user| &user.value.name))?;
    found.ok_or_else(|| ErrorCode::EntityNotExistUser.into())
}

/// The user as the store has it now; another one of that name is another user.
pub(super) async fn to_change(call: &Call<'_>, seen: &UserRecord) -> Result<Current<UserRecord>, ApiError> {
    let user = current::<UserRecord>(call, &path::user(call.account(), &seen.name)).await?;
    let same = user.filter(|user| user.value.user_id == seen.user_id);
    same.ok_or_else(|| ErrorCode::EntityNotExistUser.into())
}

/// What callers can say of a user.
fn check(
    (display_name, display): (&'static str, Option<&str>),
    (mobile_phone, phone): (&'static str, Option<&str>),
    (email, mail): (&'static str, Option<&str>),
    (comments, text): (&'static str, Option<&str>),
) -> Result<(), ApiError> {
    display.map_or(Ok(()), |text| names::display_name(display_name, text))?;
    phone.map_or(Ok(()), |text| names::mobile_phone(mobile_phone, text))?;
    mail.map_or(Ok(()), |text| names::email(email, text))?;
    text.map_or(Ok(()), |text| names::comments(comments, text))
}

/// `CreateUser`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateUserRequest,
) -> Result<CreateUserResponse, ApiError> {
    names::user("UserName", &request.user_name)?;
    check(
        ("DisplayName", request.display_name.as_deref()),
        ("MobilePhone", request.mobile_phone.as_deref()),
        ("Email", request.email.as_deref()),
        ("Comments", request.comments.as_deref()),
    )?;
    call.named("user", "UserName", &request.user_name)?;
    let user = UserRecord {
        user_id: new_id(ids::user_id(&*call.engine.random))?,
        account: call.account().to_owned(),
        name: request.user_name,
        display_name: request.display_name.unwrap_or_default(),
        mobile_phone: request.mobile_phone.unwrap_or_default(),
        email: request.email.unwrap_or_default(),
        comments: request.comments.unwrap_or_default(),
        created: call.now,
        updated: call.now,
        access_keys: Vec::new(),
        groups: Vec::new(),
        policies: Vec::new(),
        tags: Vec::new(),
    };
    let place = path::user(call.account(), &user.name);
    retrying!({
        if current::<UserRecord>(call, &place).await?.is_some() {
            return Err(ApiError::new(ErrorCode::EntityAlreadyExistsUser).into());
        }
        let mut batch = Batch::new();
        limits::one_more(call, &mut batch, path::user(call.account(), ""), limits::USERS).await?;
        put_new(&mut batch, place.clone(), &user)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    let user = CreateUserUser {
        comments: user.comments,
        create_date: user.created.to_string(),
        display_name: user.display_name,
        email: user.email,
        mobile_phone: user.mobile_phone,
        user_id: user.user_id,
        user_name: user.name,
    };
    Ok(CreateUserResponse { user, ..CreateUserResponse::default() })
}

/// `GetUser`
pub(crate) async fn get(call: &Call<'_>, request: GetUserRequest) -> Result<GetUserResponse, ApiError> {
    let user = &named(call, "UserName", &request.user_name).await?.value;
    let user = GetUserUser {
        comments: user.comments.clone(),
        create_date: user.created.to_string(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        // There are no passwords to log in with.
        last_login_date: String::new(),
        mobile_phone: user.mobile_phone.clone(),
        update_date: user.updated.to_string(),
        user_id: user.user_id.clone(),
        user_name: user.name.clone(),
    };
    Ok(GetUserResponse { user, ..GetUserResponse::default() })
}

/// `ListUsers`
pub(crate) async fn list(call: &Call<'_>, request: ListUsersRequest) -> Result<ListUsersResponse, ApiError> {
    call.container("user")?;
    let page = Page::new(request.marker.as_deref(), request.max_items, paging::MOST)?;
    let listed = page.read::<UserRecord>(call, &path::user(call.account(), ""), |_| true).await?;
    let user = listed
        .found
        .into_iter()
        .map(|(_, user)| ListUsersUsersUser {
            comments: user.comments,
            create_date: user.created.to_string(),
            display_name: user.display_name,
            email: user.email,
            mobile_phone: user.mobile_phone,
            update_date: user.updated.to_string(),
            user_id: user.user_id,
            user_name: user.name,
        })
        .collect();
    Ok(ListUsersResponse {
        is_truncated: listed.marker.is_some(),
        marker: listed.marker,
        users: ListUsersUsers { user },
        ..ListUsersResponse::default()
    })
}

/// `UpdateUser`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateUserRequest,
) -> Result<UpdateUserResponse, ApiError> {
    let new_name = request.new_user_name.as_deref();
    new_name.map_or(Ok(()), |name| names::user("NewUserName", name))?;
    if request.new_display_name.as_deref() == Some("") {
        return Err(names::invalid("NewDisplayName", Flaw::Length));
    }
    check(
        ("NewDisplayName", request.new_display_name.as_deref()),
        ("NewMobilePhone", request.new_mobile_phone.as_deref()),
        ("NewEmail", request.new_email.as_deref()),
        ("NewComments", request.new_comments.as_deref()),
    )?;
    let seen = named(call, "UserName", &request.user_name).await?;
    let user = retrying!({
        let mut user = to_change(call, &seen.value).await?;
        let set = |field: &mut String, new: &Option<String>| {
            if let Some(new) = new {
                field.clone_from(new);
            }
        };
        set(&mut user.value.display_name, &request.new_display_name);
        set(&mut user.value.mobile_phone, &request.new_mobile_phone);
        set(&mut user.value.email, &request.new_email);
        set(&mut user.value.comments, &request.new_comments);
        user.value.updated = call.now;
        let mut batch = Batch::new();
        match new_name {
            Some(name) => renames::user(call, &mut batch, &mut user, name).await?,
            None => user.write(&mut batch)?,
        }
        commit(call, batch).await?;
        Ok::<_, CommitError>(user.value)
    })?;
    let user = UpdateUserUser {
        comments: user.comments,
        create_date: user.created.to_string(),
        display_name: user.display_name,
        email: user.email,
        mobile_phone: user.mobile_phone,
        update_date: user.updated.to_string(),
        user_id: user.user_id,
        user_name: user.name,
    };
    Ok(UpdateUserResponse { user, ..UpdateUserResponse::default() })
}

/// `DeleteUser`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteUserRequest,
) -> Result<DeleteUserResponse, ApiError> {
    let seen = named(call, "UserName", &request.user_name).await?;
    retrying!({
        let user = to_change(call, &seen.value).await?;
        let refused = |code: ErrorCode| Err(ApiError::new(code).into());
        if !user.value.access_keys.is_empty() {
            return refused(ErrorCode::DeleteConflictUserAccessKey);
        }
        if !user.value.policies.is_empty() {
            return refused(ErrorCode::DeleteConflictUserPolicy);
        }
        if !user.value.groups.is_empty() {
            return refused(ErrorCode::DeleteConflictUserGroup);
        }
        let mut batch = Batch::new();
        user.remove(&mut batch);
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteUserResponse::default())
}
