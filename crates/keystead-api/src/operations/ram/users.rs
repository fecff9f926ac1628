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
        /// Name of the user: 1 to 64 letters, digits and `.` `-` `_`.
        "UserName" user_name: String,
    }
    optional {
        /// Free text, at most 128 characters.
        "Comments" comments: String,
        /// Name for people, at most 128 characters.
        "DisplayName" display_name: String,
        /// Mail address.
        "Email" email: String,
        /// Telephone number, `<country code>-<number>`.
        "MobilePhone" mobile_phone: String,
    }
    response {
        /// The user.
        "User" user: CreateUserUser,
    }
}

object! {
    /// Part of the answer of `CreateUser`.
    CreateUserUser {
        /// Free text.
        "Comments" comments: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Name for people.
        "DisplayName" display_name: String,
        /// Mail address.
        "Email" email: String,
        /// Telephone number.
        "MobilePhone" mobile_phone: String,
        /// Id of the user.
        "UserId" user_id: String,
        /// Name of the user.
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
        /// Name of the user.
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
        /// Name of the user.
        "UserName" user_name: String,
    }
    optional {
    }
    response {
        /// The user.
        "User" user: GetUserUser,
    }
}

object! {
    /// Part of the answer of `GetUser`.
    GetUserUser {
        /// Free text.
        "Comments" comments: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Name for people.
        "DisplayName" display_name: String,
        /// Mail address.
        "Email" email: String,
        /// Always empty: there are no passwords.
        "LastLoginDate" last_login_date: String,
        /// Telephone number.
        "MobilePhone" mobile_phone: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
        /// Id of the user.
        "UserId" user_id: String,
        /// Name of the user.
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
        /// Where the page begins: the `Marker` of the page before.
        "Marker" marker: String,
        /// Entries of a page, 1 to 1,000; 100 when it is left out.
        "MaxItems" max_items: i64,
    }
    response {
        /// Whether there is another page.
        "IsTruncated" is_truncated: bool,
        /// Where the next page begins; left out on the last one.
        "Marker" marker: Option<String>,
        /// The users.
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
        /// Name for people.
        "DisplayName" display_name: String,
        /// Mail address.
        "Email" email: String,
        /// Telephone number.
        "MobilePhone" mobile_phone: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
        /// Id of the user.
        "UserId" user_id: String,
        /// Name of the user.
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
        /// Name of the user.
        "UserName" user_name: String,
    }
    optional {
        /// Free text, at most 128 characters.
        "NewComments" new_comments: String,
        /// Name for people, 1 to 128 characters.
        "NewDisplayName" new_display_name: String,
        /// Mail address.
        "NewEmail" new_email: String,
        /// Telephone number, `<country code>-<number>`.
        "NewMobilePhone" new_mobile_phone: String,
        /// New name of the user: 1 to 64 letters, digits and `.` `-` `_`.
        "NewUserName" new_user_name: String,
    }
    response {
        /// The user.
        "User" user: UpdateUserUser,
    }
}

object! {
    /// Part of the answer of `UpdateUser`.
    UpdateUserUser {
        /// Free text.
        "Comments" comments: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Name for people.
        "DisplayName" display_name: String,
        /// Mail address.
        "Email" email: String,
        /// Telephone number.
        "MobilePhone" mobile_phone: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
        /// Id of the user.
        "UserId" user_id: String,
        /// Name of the user.
        "UserName" user_name: String,
    }
}
