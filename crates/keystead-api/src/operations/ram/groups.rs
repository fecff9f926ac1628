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
        /// Name of the group.
        "GroupName" group_name: String,
        /// Name of the user.
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
        /// Name of the group: 1 to 64 letters, digits and `.` `-` `_`.
        "GroupName" group_name: String,
    }
    optional {
        /// Free text, at most 128 characters.
        "Comments" comments: String,
    }
    response {
        /// The group.
        "Group" group: CreateGroupGroup,
    }
}

object! {
    /// Part of the answer of `CreateGroup`.
    CreateGroupGroup {
        /// Free text.
        "Comments" comments: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Id of the group.
        "GroupId" group_id: String,
        /// Name of the group.
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
        /// Name of the group.
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
        /// Name of the group.
        "GroupName" group_name: String,
    }
    optional {
    }
    response {
        /// The group.
        "Group" group: GetGroupGroup,
    }
}

object! {
    /// Part of the answer of `GetGroup`.
    GetGroupGroup {
        /// Free text.
        "Comments" comments: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Id of the group.
        "GroupId" group_id: String,
        /// Name of the group.
        "GroupName" group_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
        /// Where the page begins: the `Marker` of the page before.
        "Marker" marker: String,
        /// Entries of a page, 1 to 100; 100 when it is left out.
        "MaxItems" max_items: i64,
    }
    response {
        /// The groups.
        "Groups" groups: ListGroupsGroups,
        /// Whether there is another page.
        "IsTruncated" is_truncated: bool,
        /// Where the next page begins; left out on the last one.
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
        /// Id of the group.
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
        /// Name of the user.
        "UserName" user_name: String,
    }
    optional {
    }
    response {
        /// The groups.
        "Groups" groups: ListGroupsForUserGroups,
    }
}

object! {
    /// Part of the answer of `ListGroupsForUser`.
    ListGroupsForUserGroupsGroup {
        /// Free text.
        "Comments" comments: String,
        /// Id of the group.
        "GroupId" group_id: String,
        /// Name of the group.
        "GroupName" group_name: String,
        /// Time since when the user is in the group, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
        /// Name of the group.
        "GroupName" group_name: String,
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
        "Users" users: ListUsersForGroupUsers,
    }
}

object! {
    /// Part of the answer of `ListUsersForGroup`.
    ListUsersForGroupUsersUser {
        /// Name for people.
        "DisplayName" display_name: String,
        /// Time since when the user is in the group, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "JoinDate" join_date: String,
        /// Name of the user.
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
        /// Name of the group.
        "GroupName" group_name: String,
        /// Name of the user.
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
        /// Name of the group.
        "GroupName" group_name: String,
    }
    optional {
        /// Free text, at most 128 characters.
        "NewComments" new_comments: String,
        /// New name of the group: 1 to 64 letters, digits and `.` `-` `_`.
        "NewGroupName" new_group_name: String,
    }
    response {
        /// The group.
        "Group" group: UpdateGroupGroup,
    }
}

object! {
    /// Part of the answer of `UpdateGroup`.
    UpdateGroupGroup {
        /// Free text.
        "Comments" comments: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Id of the group.
        "GroupId" group_id: String,
        /// Name of the group.
        "GroupName" group_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
    }
}
