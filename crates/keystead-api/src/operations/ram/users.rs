use crate::{object, operation};

operation! {
    /// Creates a RAM user. It has no AccessKey and no permission yet.
    CreateUser ("create_user"), CreateUserRequest -> CreateUserResponse;
    product: Ram as RamCreateUser;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreateUser" on Named("user", "UserName")];
    errors: [InvalidParameter, EntityAlreadyExistsUser, LimitExceededUser];
    required {
        /// The name of the RAM user. It must be 1 to 64 characters in length, and can contain letters, digits,
        /// periods (.), hyphens (-), and underscores (_).
        "UserName" user_name: String,
    }
    optional {
        /// The description of the RAM user. It must be 1 to 128 characters in length.
        "Comments" comments: String,
        /// The display name of the RAM user. It must be 1 to 128 characters in length.
        "DisplayName" display_name: String,
        /// The email address of the RAM user.
        "Email" email: String,
        /// The mobile phone number of the RAM user. Format: <Country code>-<Phone number>.
        "MobilePhone" mobile_phone: String,
    }
    response {
        /// The information about the RAM user.
        "User" user: CreateUserUser,
    }
}

object! {
    /// Part of the answer of `CreateUser`.
    CreateUserUser {
        /// The description of the RAM user.
        "Comments" comments: String,
        /// The point in time when the RAM user was created. It is displayed in UTC.
        "CreateDate" create_date: String,
        /// The display name of the RAM user.
        "DisplayName" display_name: String,
        /// The email address of the RAM user.
        "Email" email: String,
        /// The mobile phone number of the RAM user.
        "MobilePhone" mobile_phone: String,
        /// The ID of the RAM user.
        "UserId" user_id: String,
        /// The name of the RAM user.
        "UserName" user_name: String,
    }
}

operation! {
    /// Deletes a RAM user that has no AccessKey, no policy and no group.
    DeleteUser ("delete_user"), DeleteUserRequest -> DeleteUserResponse;
    product: Ram as RamDeleteUser;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:DeleteUser" on Named("user", "UserName")];
    errors: [
        InvalidParameter, EntityNotExistUser, DeleteConflictUserAccessKey, DeleteConflictUserPolicy,
        DeleteConflictUserGroup,
    ];
    required {
        /// The name of the RAM user. The name must be 1 to 64 characters in length, and can contain letters,
        /// digits, periods (.), hyphens (-), and underscores (_).
        "UserName" user_name: String,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Shows a RAM user.
    GetUser ("get_user"), GetUserRequest -> GetUserResponse;
    product: Ram as RamGetUser;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:GetUser" on Named("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser];
    required {
        /// The name of the RAM user. The name is 1 to 64 characters in length and can contain letters, digits,
        /// periods (.), hyphens (-), and underscores (_).
        "UserName" user_name: String,
    }
    optional {
    }
    response {
        /// The information about the RAM user.
        "User" user: GetUserUser,
    }
}

object! {
    /// Part of the answer of `GetUser`.
    GetUserUser {
        /// The description.
        "Comments" comments: String,
        /// The time when the RAM user was created. The time is in UTC.
        "CreateDate" create_date: String,
        /// The display name.
        "DisplayName" display_name: String,
        /// The email address of the RAM user.
        "Email" email: String,
        /// The last time the user logged on with a password. The time is in UTC.
        "LastLoginDate" last_login_date: String,
        /// The mobile phone number of the RAM user.
        "MobilePhone" mobile_phone: String,
        /// The time when the RAM user was last updated. The time is in UTC.
        "UpdateDate" update_date: String,
        /// The unique ID of the RAM user.
        "UserId" user_id: String,
        /// The name of the RAM user.
        "UserName" user_name: String,
    }
}

operation! {
    /// Lists the RAM users of the account, sorted by name.
    ListUsers ("list_users"), ListUsersRequest -> ListUsersResponse;
    product: Ram as RamListUsers;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListUsers" on Container("user")];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// The `marker`. If part of a previous response is truncated, you can use this parameter to obtain the
        /// truncated part.
        "Marker" marker: String,
        /// The number of entries per page. If a response is truncated because it reaches the value of MaxItems, the
        /// value of `IsTruncatedg` will be `true`.
        "MaxItems" max_items: i64,
    }
    response {
        /// Indicates whether the response is truncated.
        "IsTruncated" is_truncated: bool,
        /// The marker. This parameter is returned only if the value of `IsTruncated` is `true`.
        "Marker" marker: Option<String>,
        /// Users.
        "Users" users: ListUsersUsers,
    }
}

object! {
    /// Part of the answer of `ListUsers`.
    ListUsersUsersUser {
        /// Free text.
        "Comments" comments: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Name shown to people.
        "DisplayName" display_name: String,
        /// Mail address.
        "Email" email: String,
        /// Telephone number.
        "MobilePhone" mobile_phone: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
        /// Id of the user.
        "UserId" user_id: String,
        /// Name of the RAM user.
        "UserName" user_name: String,
    }
}

object! {
    /// Part of the answer of `ListUsers`.
    ListUsersUsers {
        /// The members of the list.
        "User" user: Vec<ListUsersUsersUser>,
    }
}

operation! {
    /// Changes a RAM user; `NewUserName` renames it.
    UpdateUser ("update_user"), UpdateUserRequest -> UpdateUserResponse;
    product: Ram as RamUpdateUser;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:UpdateUser" on Named("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser, EntityAlreadyExistsUser];
    required {
        /// The username of the RAM user.
        "UserName" user_name: String,
    }
    optional {
        /// The new description of the RAM user. The description must be 1 to 128 characters in length.
        "NewComments" new_comments: String,
        /// The new display name of the RAM user. The name must be 1 to 128 characters in length.
        "NewDisplayName" new_display_name: String,
        /// The new email address of the RAM user.
        "NewEmail" new_email: String,
        /// The new mobile phone number of the RAM user. Format: <Country code>-<Mobile phone number>.
        "NewMobilePhone" new_mobile_phone: String,
        /// The new username of the RAM user. The username must be 1 to 64 characters in length, and can contain
        /// letters, digits, periods (.), hyphens (-), and underscores (_).
        "NewUserName" new_user_name: String,
    }
    response {
        /// The information about the RAM user.
        "User" user: UpdateUserUser,
    }
}

object! {
    /// Part of the answer of `UpdateUser`.
    UpdateUserUser {
        /// The description of the RAM user.
        "Comments" comments: String,
        /// The point in time when the RAM user was created. The time is displayed in UTC.
        "CreateDate" create_date: String,
        /// The display name of the RAM user.
        "DisplayName" display_name: String,
        /// The email address of the RAM user.
        "Email" email: String,
        /// The mobile phone number of the RAM user.
        "MobilePhone" mobile_phone: String,
        /// The point in time when the information about the RAM user was last modified. The time is displayed in
        /// UTC.
        "UpdateDate" update_date: String,
        /// The ID of the RAM user.
        "UserId" user_id: String,
        /// The username of the RAM user.
        "UserName" user_name: String,
    }
}
