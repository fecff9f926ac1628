use crate::{object, operation};

operation! {
    /// Adds a RAM user to a group.
    AddUserToGroup ("add_user_to_group"), AddUserToGroupRequest -> AddUserToGroupResponse;
    product: Ram as RamAddUserToGroup;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: [
        "ram:AddUserToGroup" on Named("user", "UserName"),
        "ram:AddUserToGroup" on Named("group", "GroupName"),
    ];
    errors: [
        InvalidParameter, EntityNotExistUser, EntityNotExistGroup, EntityAlreadyExistsUserGroup,
        LimitExceededUserGroup,
    ];
    required {
        /// The name of the RAM user group.
        "GroupName" group_name: String,
        /// The name of the RAM user.
        "UserName" user_name: String,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Creates a group of RAM users.
    CreateGroup ("create_group"), CreateGroupRequest -> CreateGroupResponse;
    product: Ram as RamCreateGroup;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreateGroup" on Named("group", "GroupName")];
    errors: [InvalidParameter, EntityAlreadyExistsGroup, LimitExceededGroup];
    required {
        /// The name of the user group. The name must be 1 to 64 characters in length and can contain letters,
        /// digits, periods (.), hyphens (-), and underscores (_).
        "GroupName" group_name: String,
    }
    optional {
        /// The description. The value can be up to 128 characters in length.
        "Comments" comments: String,
    }
    response {
        /// The information about the group.
        "Group" group: CreateGroupGroup,
    }
}

object! {
    /// Part of the answer of `CreateGroup`.
    CreateGroupGroup {
        /// The description.
        "Comments" comments: String,
        /// The creation time.
        "CreateDate" create_date: String,
        /// The ID of the user group.
        "GroupId" group_id: String,
        /// The name of the user group.
        "GroupName" group_name: String,
    }
}

operation! {
    /// Deletes a group that has no members and no policies.
    DeleteGroup ("delete_group"), DeleteGroupRequest -> DeleteGroupResponse;
    product: Ram as RamDeleteGroup;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:DeleteGroup" on Named("group", "GroupName")];
    errors: [InvalidParameter, EntityNotExistGroup, DeleteConflictGroupUser, DeleteConflictGroupPolicy];
    required {
        /// The name of the RAM user group.
        "GroupName" group_name: String,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Shows a group.
    GetGroup ("get_group"), GetGroupRequest -> GetGroupResponse;
    product: Ram as RamGetGroup;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:GetGroup" on Named("group", "GroupName")];
    errors: [InvalidParameter, EntityNotExistGroup];
    required {
        /// The name of the user group.
        "GroupName" group_name: String,
    }
    optional {
    }
    response {
        /// The user group information.
        "Group" group: GetGroupGroup,
    }
}

object! {
    /// Part of the answer of `GetGroup`.
    GetGroupGroup {
        /// The remarks.
        "Comments" comments: String,
        /// The creation time in UTC. The time is displayed in the `YYYY-MM-DDThh:mm:ssZ` format.
        "CreateDate" create_date: String,
        /// The ID of the user group.
        "GroupId" group_id: String,
        /// The name of the user group.
        "GroupName" group_name: String,
        /// The update time in UTC. The time is displayed in the `YYYY-MM-DDThh:mm:ssZ` format.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Lists the groups of the account, sorted by name.
    ListGroups ("list_groups"), ListGroupsRequest -> ListGroupsResponse;
    product: Ram as RamListGroups;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListGroups" on Container("group")];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// The token for querying the next page of results. You do not need to specify `Marker` for the first API
        /// call.
        "Marker" marker: String,
        /// The maximum number of entries per page. Valid values: 1 to 100.
        "MaxItems" max_items: i64,
    }
    response {
        /// Groups.
        "Groups" groups: ListGroupsGroups,
        /// Indicates whether the returned results are truncated. Valid values: - `true` - `false`.
        "IsTruncated" is_truncated: bool,
        /// The token for querying the next page of results.
        "Marker" marker: Option<String>,
    }
}

object! {
    /// Part of the answer of `ListGroups`.
    ListGroupsGroupsGroup {
        /// Free text.
        "Comments" comments: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// GroupId.
        "GroupId" group_id: String,
        /// Name of the group.
        "GroupName" group_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
    }
}

object! {
    /// Part of the answer of `ListGroups`.
    ListGroupsGroups {
        /// The members of the list.
        "Group" group: Vec<ListGroupsGroupsGroup>,
    }
}

operation! {
    /// Lists the groups that a RAM user is a member of.
    ListGroupsForUser ("list_groups_for_user"), ListGroupsForUserRequest -> ListGroupsForUserResponse;
    product: Ram as RamListGroupsForUser;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListGroupsForUser" on Named("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser];
    required {
        /// The username of the Resource Access Management (RAM) user.
        "UserName" user_name: String,
    }
    optional {
    }
    response {
        /// Groups.
        "Groups" groups: ListGroupsForUserGroups,
    }
}

object! {
    /// Part of the answer of `ListGroupsForUser`.
    ListGroupsForUserGroupsGroup {
        /// Free text.
        "Comments" comments: String,
        /// GroupId.
        "GroupId" group_id: String,
        /// Name of the group.
        "GroupName" group_name: String,
        /// JoinDate.
        "JoinDate" join_date: String,
    }
}

object! {
    /// Part of the answer of `ListGroupsForUser`.
    ListGroupsForUserGroups {
        /// The members of the list.
        "Group" group: Vec<ListGroupsForUserGroupsGroup>,
    }
}

operation! {
    /// Lists the members of a group.
    ListUsersForGroup ("list_users_for_group"), ListUsersForGroupRequest -> ListUsersForGroupResponse;
    product: Ram as RamListUsersForGroup;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListUsersForGroup" on Named("group", "GroupName")];
    errors: [InvalidParameter, EntityNotExistGroup];
    required {
        /// The name of the user group.
        "GroupName" group_name: String,
    }
    optional {
        /// The marker. If the response is truncated, you can use this parameter to obtain the content that starts
        /// from the position after the truncation.
        "Marker" marker: String,
        /// The maximum number of entries to return. If the response is truncated because it reaches the `MaxItems`
        /// limit, the `IsTruncated` response parameter is set to `true`.
        "MaxItems" max_items: i64,
    }
    response {
        /// Indicates whether the response is truncated.
        "IsTruncated" is_truncated: bool,
        /// This parameter is returned only when `IsTruncated` is `true`. If `true` is returned, call this operation
        /// again and use `Marker` to obtain the truncated content.
        "Marker" marker: Option<String>,
        /// Users.
        "Users" users: ListUsersForGroupUsers,
    }
}

object! {
    /// Part of the answer of `ListUsersForGroup`.
    ListUsersForGroupUsersUser {
        /// Name shown to people.
        "DisplayName" display_name: String,
        /// JoinDate.
        "JoinDate" join_date: String,
        /// Name of the RAM user.
        "UserName" user_name: String,
    }
}

object! {
    /// Part of the answer of `ListUsersForGroup`.
    ListUsersForGroupUsers {
        /// The members of the list.
        "User" user: Vec<ListUsersForGroupUsersUser>,
    }
}

operation! {
    /// Takes a RAM user out of a group.
    RemoveUserFromGroup ("remove_user_from_group"), RemoveUserFromGroupRequest -> RemoveUserFromGroupResponse;
    product: Ram as RamRemoveUserFromGroup;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: [
        "ram:RemoveUserFromGroup" on Named("user", "UserName"),
        "ram:RemoveUserFromGroup" on Named("group", "GroupName"),
    ];
    errors: [InvalidParameter, EntityNotExistUser, EntityNotExistGroup, EntityNotExistUserGroup];
    required {
        /// The name of the RAM user group.
        "GroupName" group_name: String,
        /// The name of the RAM user.
        "UserName" user_name: String,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Changes a group; `NewGroupName` renames it.
    UpdateGroup ("update_group"), UpdateGroupRequest -> UpdateGroupResponse;
    product: Ram as RamUpdateGroup;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:UpdateGroup" on Named("group", "GroupName")];
    errors: [InvalidParameter, EntityNotExistGroup, EntityAlreadyExistsGroup];
    required {
        /// The name of the RAM user group.
        "GroupName" group_name: String,
    }
    optional {
        /// The new description of the RAM user group. The new description must be 1 to 128 characters in length.
        "NewComments" new_comments: String,
        /// The new name of the RAM user group. The name must be 1 to 64 characters in length and can contain
        /// letters, digits, periods (.), hyphens (-), and underscores (_).
        "NewGroupName" new_group_name: String,
    }
    response {
        /// The information about the RAM user group.
        "Group" group: UpdateGroupGroup,
    }
}

object! {
    /// Part of the answer of `UpdateGroup`.
    UpdateGroupGroup {
        /// The description.
        "Comments" comments: String,
        /// The creation time.
        "CreateDate" create_date: String,
        /// The ID of the RAM user group.
        "GroupId" group_id: String,
        /// The name of the RAM user group.
        "GroupName" group_name: String,
        /// The modification time.
        "UpdateDate" update_date: String,
    }
}
