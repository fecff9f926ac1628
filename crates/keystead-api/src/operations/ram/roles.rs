use crate::{
    object, operation,
    types::{JsonText, PolicyDocument, identities::Tag},
};

operation! {
    /// Creates a role with the policy that says who may assume it.
    CreateRole ("create_role"), CreateRoleRequest -> CreateRoleResponse;
    product: Ram as RamCreateRole;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreateRole" on Named("role", "RoleName")];
    errors: [
        InvalidParameter, EntityAlreadyExistsRole, LimitExceededRole, MalformedPolicyDocument,
        InvalidParameterTagKey, InvalidParameterTagValue, DuplicateTagKey,
    ];
    required {
        /// The policy that says who may assume the role: JSON text of at most 4,096 characters.
        "AssumeRolePolicyDocument" assume_role_policy_document: PolicyDocument,
        /// Name of the role: 1 to 64 letters, digits and `.` `-`.
        "RoleName" role_name: String,
    }
    optional {
        /// Is taken and changes nothing: there is no console.
        "AllowConsoleLogin" allow_console_login: bool,
        /// Free text, at most 1,024 characters.
        "Description" description: String,
        /// How long a session lasts at most, in seconds: 3,600 (usual) to 43,200.
        "MaxSessionDuration" max_session_duration: i64,
        /// Tags: a JSON array of at most 20 objects with `Key` and `Value`.
        "Tag" tag: JsonText<Vec<Tag>>,
    }
    response {
        /// The role.
        "Role" role: CreateRoleRole,
    }
}

object! {
    /// Part of the answer of `CreateRole`.
    CreateRoleRole {
        /// Always `false`: there is no console.
        "AllowConsoleLogin" allow_console_login: bool,
        /// ARN of the role.
        "Arn" arn: String,
        /// The policy that says who may assume the role, JSON text.
        "AssumeRolePolicyDocument" assume_role_policy_document: PolicyDocument,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// How long a session lasts at most, in seconds.
        "MaxSessionDuration" max_session_duration: i64,
        /// Id of the role.
        "RoleId" role_id: String,
        /// Name of the role.
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
        /// Name of the role.
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
        /// Name of the role.
        "RoleName" role_name: String,
    }
    optional {
    }
    response {
        /// The role.
        "Role" role: GetRoleRole,
    }
}

object! {
    /// Part of the answer of `GetRole`.
    GetRoleRoleLatestDeletionTask {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Id of the task.
        "DeletionTaskId" deletion_task_id: String,
    }
}

object! {
    /// Part of the answer of `GetRole`.
    GetRoleRole {
        /// Always `false`: there is no console.
        "AllowConsoleLogin" allow_console_login: bool,
        /// ARN of the role.
        "Arn" arn: String,
        /// The policy that says who may assume the role, JSON text.
        "AssumeRolePolicyDocument" assume_role_policy_document: PolicyDocument,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Always `false`: there are no such roles.
        "IsServiceLinkedRole" is_service_linked_role: bool,
        /// Left out: roles are deleted at once.
        "LatestDeletionTask" latest_deletion_task: Option<GetRoleRoleLatestDeletionTask>,
        /// How long a session lasts at most, in seconds.
        "MaxSessionDuration" max_session_duration: i64,
        /// Id of the role.
        "RoleId" role_id: String,
        /// Name of the role.
        "RoleName" role_name: String,
        /// Name of the role with the account behind it.
        "RolePrincipalName" role_principal_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
        /// Where the page begins: the `Marker` of the page before.
        "Marker" marker: String,
        /// Entries of a page, 1 to 1,000; 100 when it is left out.
        "MaxItems" max_items: i64,
        /// Tags that an entry must have: a JSON array of objects with `Key` and `Value`.
        "Tag" tag: JsonText<Vec<Tag>>,
    }
    response {
        /// Whether there is another page.
        "IsTruncated" is_truncated: bool,
        /// Where the next page begins; left out on the last one.
        "Marker" marker: Option<String>,
        /// The roles.
        "Roles" roles: ListRolesRoles,
    }
}

object! {
    /// Part of the answer of `ListRoles`.
    ListRolesRolesRoleTagsTag {
        /// Key of the tag.
        "TagKey" tag_key: String,
        /// Value of the tag.
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
        /// Always `false`: there is no console.
        "AllowConsoleLogin" allow_console_login: bool,
        /// ARN of the role.
        "Arn" arn: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// How long a session lasts at most, in seconds.
        "MaxSessionDuration" max_session_duration: i64,
        /// Id of the role.
        "RoleId" role_id: String,
        /// Name of the role.
        "RoleName" role_name: String,
        /// The tags.
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
        /// Name of the role.
        "RoleName" role_name: String,
    }
    optional {
        /// Is taken and changes nothing: there is no console.
        "NewAllowConsoleLogin" new_allow_console_login: bool,
        /// The policy that says who may assume the role: JSON text of at most 4,096 characters.
        "NewAssumeRolePolicyDocument" new_assume_role_policy_document: PolicyDocument,
        /// Free text, at most 1,024 characters.
        "NewDescription" new_description: String,
        /// How long a session lasts at most, in seconds: 3,600 to 43,200.
        "NewMaxSessionDuration" new_max_session_duration: i64,
    }
    response {
        /// The role.
        "Role" role: UpdateRoleRole,
    }
}

object! {
    /// Part of the answer of `UpdateRole`.
    UpdateRoleRole {
        /// Always `false`: there is no console.
        "AllowConsoleLogin" allow_console_login: bool,
        /// ARN of the role.
        "Arn" arn: String,
        /// The policy that says who may assume the role, JSON text.
        "AssumeRolePolicyDocument" assume_role_policy_document: PolicyDocument,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// How long a session lasts at most, in seconds.
        "MaxSessionDuration" max_session_duration: i64,
        /// Id of the role.
        "RoleId" role_id: String,
        /// Name of the role.
        "RoleName" role_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
    }
}
