use crate::{object, operation};

operation! {
    /// Creates a role with the policy that says who may assume it.
    CreateRole ("create_role"), CreateRoleRequest -> CreateRoleResponse;
    product: Ram as RamCreateRole;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreateRole" on Named("role", "RoleName")];
    errors: [InvalidParameter, EntityAlreadyExistsRole, LimitExceededRole, MalformedPolicyDocument];
    required {
        /// The trust policy. Specifies one or more principals that are allowed to assume the RAM role.
        "AssumeRolePolicyDocument" assume_role_policy_document: String,
        /// The name of the RAM role. The name must be 1 to 64 characters in length and can contain letters, digits,
        /// periods (.), and hyphens (-).
        "RoleName" role_name: String,
    }
    optional {
        /// Specifies whether console logon is allowed for the RAM role. Valid values: - `true`: Console logon is
        /// allowed. - `false`: Console logon is not allowed.
        "AllowConsoleLogin" allow_console_login: bool,
        /// The description of the RAM role. The description must be 1 to 1024 characters in length.
        "Description" description: String,
        /// The maximum session duration of the RAM role. Valid values: 3600 to 43200.
        "MaxSessionDuration" max_session_duration: i64,
        /// The tags.
        "Tag" tag: String,
    }
    response {
        /// The information about the RAM role.
        "Role" role: CreateRoleRole,
    }
}

object! {
    /// Part of the answer of `CreateRole`.
    CreateRoleRole {
        /// Indicates whether console logon is allowed for the RAM role.
        "AllowConsoleLogin" allow_console_login: bool,
        /// The resource descriptor of the RAM role.
        "Arn" arn: String,
        /// The trust policy of the RAM role.
        "AssumeRolePolicyDocument" assume_role_policy_document: String,
        /// The time when the RAM role was created.
        "CreateDate" create_date: String,
        /// The description of the RAM role.
        "Description" description: String,
        /// The maximum session duration of the RAM role.
        "MaxSessionDuration" max_session_duration: i64,
        /// The ID of the RAM role.
        "RoleId" role_id: String,
        /// The name of the RAM role.
        "RoleName" role_name: String,
    }
}

operation! {
    /// Deletes a role that has no policies. Its sessions end at once.
    DeleteRole ("delete_role"), DeleteRoleRequest -> DeleteRoleResponse;
    product: Ram as RamDeleteRole;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:DeleteRole" on Named("role", "RoleName")];
    errors: [InvalidParameter, EntityNotExistRole, DeleteConflictRolePolicy];
    required {
        /// The name of the RAM role.
        "RoleName" role_name: String,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Shows a role.
    GetRole ("get_role"), GetRoleRequest -> GetRoleResponse;
    product: Ram as RamGetRole;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:GetRole" on Named("role", "RoleName")];
    errors: [InvalidParameter, EntityNotExistRole];
    required {
        /// The name of the role. The name must be 1 to 64 characters in length and can contain letters, digits,
        /// periods (.), and hyphens (-).
        "RoleName" role_name: String,
    }
    optional {
    }
    response {
        /// The role information.
        "Role" role: GetRoleRole,
    }
}

object! {
    /// Part of the answer of `GetRole`.
    GetRoleRoleLatestDeletionTask {
        /// The time when the deletion task was created. The time is in UTC in the `YYYY-MM-DDThh:mm:ssZ` format.
        "CreateDate" create_date: String,
        /// The ID of the deletion task.
        "DeletionTaskId" deletion_task_id: String,
    }
}

object! {
    /// Part of the answer of `GetRole`.
    GetRoleRole {
        /// Indicates whether console logon is allowed for the RAM role.
        "AllowConsoleLogin" allow_console_login: bool,
        /// The resource descriptor of the role.
        "Arn" arn: String,
        /// The access policy that specifies the permission to assume the role.
        "AssumeRolePolicyDocument" assume_role_policy_document: String,
        /// The time when the role was created. The time is in UTC in the `YYYY-MM-DDThh:mm:ssZ` format.
        "CreateDate" create_date: String,
        /// The description of the role.
        "Description" description: String,
        /// Indicates whether the role is a service-linked role.
        "IsServiceLinkedRole" is_service_linked_role: bool,
        /// The information about the most recent deletion task.
        "LatestDeletionTask" latest_deletion_task: Option<GetRoleRoleLatestDeletionTask>,
        /// The maximum session duration of the role.
        "MaxSessionDuration" max_session_duration: i64,
        /// The ID of the role.
        "RoleId" role_id: String,
        /// The name of the role.
        "RoleName" role_name: String,
        /// The name of the role with the domain name suffix.
        "RolePrincipalName" role_principal_name: String,
        /// The time when the role was last updated. The time is in UTC in the `YYYY-MM-DDThh:mm:ssZ` format.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Lists the roles of the account, sorted by name.
    ListRoles ("list_roles"), ListRolesRequest -> ListRolesResponse;
    product: Ram as RamListRoles;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListRoles" on Container("role")];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// The marker. If the response is truncated, you can use `Marker` to retrieve the content that starts from
        /// the position after the truncation point.
        "Marker" marker: String,
        /// The number of entries to return. If the response is truncated because it reaches the `MaxItems` limit,
        /// the `IsTruncated` parameter is set to `true`.
        "MaxItems" max_items: i64,
        /// The tags.
        "Tag" tag: String,
    }
    response {
        /// Indicates whether the response is truncated.
        "IsTruncated" is_truncated: bool,
        /// This parameter is returned only when `IsTruncated` is `true`. If the value of `IsTruncated` is `true`,
        /// call this operation again and use `Marker` to retrieve the truncated content.
        "Marker" marker: Option<String>,
        /// Roles.
        "Roles" roles: ListRolesRoles,
    }
}

object! {
    /// Part of the answer of `ListRoles`.
    ListRolesRolesRoleTagsTag {
        /// TagKey.
        "TagKey" tag_key: String,
        /// TagValue.
        "TagValue" tag_value: String,
    }
}

object! {
    /// Part of the answer of `ListRoles`.
    ListRolesRolesRoleTags {
        /// The members of the list.
        "Tag" tag: Vec<ListRolesRolesRoleTagsTag>,
    }
}

object! {
    /// Part of the answer of `ListRoles`.
    ListRolesRolesRole {
        /// AllowConsoleLogin.
        "AllowConsoleLogin" allow_console_login: bool,
        /// ARN.
        "Arn" arn: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// MaxSessionDuration.
        "MaxSessionDuration" max_session_duration: i64,
        /// RoleId.
        "RoleId" role_id: String,
        /// Name of the role.
        "RoleName" role_name: String,
        /// Tags.
        "Tags" tags: ListRolesRolesRoleTags,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
    }
}

object! {
    /// Part of the answer of `ListRoles`.
    ListRolesRoles {
        /// The members of the list.
        "Role" role: Vec<ListRolesRolesRole>,
    }
}

operation! {
    /// Changes a role: its description, who may assume it, how long its sessions last at most.
    UpdateRole ("update_role"), UpdateRoleRequest -> UpdateRoleResponse;
    product: Ram as RamUpdateRole;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:UpdateRole" on Named("role", "RoleName")];
    errors: [InvalidParameter, EntityNotExistRole, MalformedPolicyDocument];
    required {
        /// The name of the RAM role. The name must be 1 to 64 characters in length and can contain letters, digits,
        /// periods (.), and hyphens (-).
        "RoleName" role_name: String,
    }
    optional {
        /// Specifies whether the RAM role is allowed to log on to the console.
        "NewAllowConsoleLogin" new_allow_console_login: bool,
        /// The trust policy of the RAM role.
        "NewAssumeRolePolicyDocument" new_assume_role_policy_document: String,
        /// The description of the RAM role. The description must be 1 to 1024 characters in length.
        "NewDescription" new_description: String,
        /// The maximum session duration of the RAM role. Valid values: 3600 to 43200.
        "NewMaxSessionDuration" new_max_session_duration: i64,
    }
    response {
        /// The information of the RAM role.
        "Role" role: UpdateRoleRole,
    }
}

object! {
    /// Part of the answer of `UpdateRole`.
    UpdateRoleRole {
        /// Specifies whether the RAM role is allowed to log on to the console.
        "AllowConsoleLogin" allow_console_login: bool,
        /// The resource descriptor of the RAM role.
        "Arn" arn: String,
        /// The trust policy of the RAM role.
        "AssumeRolePolicyDocument" assume_role_policy_document: String,
        /// The time when the RAM role was created.
        "CreateDate" create_date: String,
        /// The description of the RAM role.
        "Description" description: String,
        /// The maximum session duration of the RAM role.
        "MaxSessionDuration" max_session_duration: i64,
        /// The ID of the RAM role.
        "RoleId" role_id: String,
        /// The name of the RAM role.
        "RoleName" role_name: String,
        /// The time when the RAM role was updated.
        "UpdateDate" update_date: String,
    }
}
