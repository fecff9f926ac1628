use crate::{object, operation, types::identities::PolicyType};

operation! {
    /// Attaches a policy to a group.
    AttachPolicyToGroup ("attach_policy_to_group"), AttachPolicyToGroupRequest -> AttachPolicyToGroupResponse;
    product: Ram as RamAttachPolicyToGroup;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: [
        "ram:AttachPolicyToGroup" on Named("policy", "PolicyName"),
        "ram:AttachPolicyToGroup" on Named("group", "GroupName"),
    ];
    errors: [
        InvalidParameter, EntityNotExistGroup, EntityNotExistPolicy, EntityAlreadyExistsGroupPolicy,
        LimitExceededGroupPolicy,
    ];
    required {
        /// Name of the group.
        "GroupName" group_name: String,
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
    }
    optional {
        /// Is refused: there are no resource groups.
        "ResourceGroupId" resource_group_id: String,
    }
    response {
    }
}

operation! {
    /// Attaches a policy to a role.
    AttachPolicyToRole ("attach_policy_to_role"), AttachPolicyToRoleRequest -> AttachPolicyToRoleResponse;
    product: Ram as RamAttachPolicyToRole;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: [
        "ram:AttachPolicyToRole" on Named("policy", "PolicyName"),
        "ram:AttachPolicyToRole" on Named("role", "RoleName"),
    ];
    errors: [
        InvalidParameter, EntityNotExistRole, EntityNotExistPolicy, EntityAlreadyExistsRolePolicy,
        LimitExceededRolePolicy,
    ];
    required {
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
        /// Name of the role.
        "RoleName" role_name: String,
    }
    optional {
        /// Is refused: there are no resource groups.
        "ResourceGroupId" resource_group_id: String,
    }
    response {
    }
}

operation! {
    /// Attaches a policy to a RAM user.
    AttachPolicyToUser ("attach_policy_to_user"), AttachPolicyToUserRequest -> AttachPolicyToUserResponse;
    product: Ram as RamAttachPolicyToUser;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: [
        "ram:AttachPolicyToUser" on Named("policy", "PolicyName"),
        "ram:AttachPolicyToUser" on Named("user", "UserName"),
    ];
    errors: [
        InvalidParameter, EntityNotExistUser, EntityNotExistPolicy, EntityAlreadyExistsUserPolicy,
        LimitExceededUserPolicy,
    ];
    required {
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
        /// Name of the user.
        "UserName" user_name: String,
    }
    optional {
        /// Is refused: there are no resource groups.
        "ResourceGroupId" resource_group_id: String,
    }
    response {
    }
}

operation! {
    /// Detaches a policy from a group.
    DetachPolicyFromGroup ("detach_policy_from_group"), DetachPolicyFromGroupRequest -> DetachPolicyFromGroupResponse;
    product: Ram as RamDetachPolicyFromGroup;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: [
        "ram:DetachPolicyFromGroup" on Named("policy", "PolicyName"),
        "ram:DetachPolicyFromGroup" on Named("group", "GroupName"),
    ];
    errors: [InvalidParameter, EntityNotExistGroup, EntityNotExistPolicy, EntityNotExistGroupPolicy];
    required {
        /// Name of the group.
        "GroupName" group_name: String,
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
    }
    optional {
        /// Is refused: there are no resource groups.
        "ResourceGroupId" resource_group_id: String,
    }
    response {
    }
}

operation! {
    /// Detaches a policy from a role.
    DetachPolicyFromRole ("detach_policy_from_role"), DetachPolicyFromRoleRequest -> DetachPolicyFromRoleResponse;
    product: Ram as RamDetachPolicyFromRole;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: [
        "ram:DetachPolicyFromRole" on Named("policy", "PolicyName"),
        "ram:DetachPolicyFromRole" on Named("role", "RoleName"),
    ];
    errors: [InvalidParameter, EntityNotExistRole, EntityNotExistPolicy, EntityNotExistRolePolicy];
    required {
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
        /// Name of the role.
        "RoleName" role_name: String,
    }
    optional {
        /// Is refused: there are no resource groups.
        "ResourceGroupId" resource_group_id: String,
    }
    response {
    }
}

operation! {
    /// Detaches a policy from a RAM user.
    DetachPolicyFromUser ("detach_policy_from_user"), DetachPolicyFromUserRequest -> DetachPolicyFromUserResponse;
    product: Ram as RamDetachPolicyFromUser;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: [
        "ram:DetachPolicyFromUser" on Named("policy", "PolicyName"),
        "ram:DetachPolicyFromUser" on Named("user", "UserName"),
    ];
    errors: [InvalidParameter, EntityNotExistUser, EntityNotExistPolicy, EntityNotExistUserPolicy];
    required {
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
        /// Name of the user.
        "UserName" user_name: String,
    }
    optional {
        /// Is refused: there are no resource groups.
        "ResourceGroupId" resource_group_id: String,
    }
    response {
    }
}

operation! {
    /// Lists the users, groups and roles that a policy is attached to.
    ListEntitiesForPolicy ("list_entities_for_policy"), ListEntitiesForPolicyRequest -> ListEntitiesForPolicyResponse;
    product: Ram as RamListEntitiesForPolicy;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListEntitiesForPolicy" on Named("policy", "PolicyName")];
    errors: [InvalidParameter, EntityNotExistPolicy];
    required {
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
    }
    optional {
    }
    response {
        /// The groups.
        "Groups" groups: ListEntitiesForPolicyGroups,
        /// The roles.
        "Roles" roles: ListEntitiesForPolicyRoles,
        /// The users.
        "Users" users: ListEntitiesForPolicyUsers,
    }
}

object! {
    /// Part of the answer of `ListEntitiesForPolicy`.
    ListEntitiesForPolicyGroupsGroup {
        /// Time of attachment, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "AttachDate" attach_date: String,
        /// Free text.
        "Comments" comments: String,
        /// Name of the group.
        "GroupName" group_name: String,
    }
}

object! {
    /// Part of the answer of `ListEntitiesForPolicy`.
    ListEntitiesForPolicyGroups {
        /// The members of the list.
        "Group" group: Vec<ListEntitiesForPolicyGroupsGroup>,
    }
}

object! {
    /// Part of the answer of `ListEntitiesForPolicy`.
    ListEntitiesForPolicyRolesRole {
        /// ARN of the role.
        "Arn" arn: String,
        /// Time of attachment, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "AttachDate" attach_date: String,
        /// Free text.
        "Description" description: String,
        /// Id of the role.
        "RoleId" role_id: String,
        /// Name of the role.
        "RoleName" role_name: String,
    }
}

object! {
    /// Part of the answer of `ListEntitiesForPolicy`.
    ListEntitiesForPolicyRoles {
        /// The members of the list.
        "Role" role: Vec<ListEntitiesForPolicyRolesRole>,
    }
}

object! {
    /// Part of the answer of `ListEntitiesForPolicy`.
    ListEntitiesForPolicyUsersUser {
        /// Time of attachment, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "AttachDate" attach_date: String,
        /// Name for people.
        "DisplayName" display_name: String,
        /// Id of the user.
        "UserId" user_id: String,
        /// Name of the user.
        "UserName" user_name: String,
    }
}

object! {
    /// Part of the answer of `ListEntitiesForPolicy`.
    ListEntitiesForPolicyUsers {
        /// The members of the list.
        "User" user: Vec<ListEntitiesForPolicyUsersUser>,
    }
}

operation! {
    /// Lists the policies that are attached to a group.
    ListPoliciesForGroup ("list_policies_for_group"), ListPoliciesForGroupRequest -> ListPoliciesForGroupResponse;
    product: Ram as RamListPoliciesForGroup;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListPoliciesForGroup" on Named("group", "GroupName")];
    errors: [InvalidParameter, EntityNotExistGroup];
    required {
        /// Name of the group.
        "GroupName" group_name: String,
    }
    optional {
    }
    response {
        /// The policies.
        "Policies" policies: ListPoliciesForGroupPolicies,
    }
}

object! {
    /// Part of the answer of `ListPoliciesForGroup`.
    ListPoliciesForGroupPoliciesPolicy {
        /// Time of attachment, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "AttachDate" attach_date: String,
        /// Id of the version that is in force.
        "DefaultVersion" default_version: String,
        /// Free text.
        "Description" description: String,
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
    }
}

object! {
    /// Part of the answer of `ListPoliciesForGroup`.
    ListPoliciesForGroupPolicies {
        /// The members of the list.
        "Policy" policy: Vec<ListPoliciesForGroupPoliciesPolicy>,
    }
}

operation! {
    /// Lists the policies that are attached to a role.
    ListPoliciesForRole ("list_policies_for_role"), ListPoliciesForRoleRequest -> ListPoliciesForRoleResponse;
    product: Ram as RamListPoliciesForRole;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListPoliciesForRole" on Named("role", "RoleName")];
    errors: [InvalidParameter, EntityNotExistRole];
    required {
        /// Name of the role.
        "RoleName" role_name: String,
    }
    optional {
    }
    response {
        /// The policies.
        "Policies" policies: ListPoliciesForRolePolicies,
    }
}

object! {
    /// Part of the answer of `ListPoliciesForRole`.
    ListPoliciesForRolePoliciesPolicy {
        /// Time of attachment, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "AttachDate" attach_date: String,
        /// Id of the version that is in force.
        "DefaultVersion" default_version: String,
        /// Free text.
        "Description" description: String,
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
    }
}

object! {
    /// Part of the answer of `ListPoliciesForRole`.
    ListPoliciesForRolePolicies {
        /// The members of the list.
        "Policy" policy: Vec<ListPoliciesForRolePoliciesPolicy>,
    }
}

operation! {
    /// Lists the policies that are attached to a RAM user.
    ListPoliciesForUser ("list_policies_for_user"), ListPoliciesForUserRequest -> ListPoliciesForUserResponse;
    product: Ram as RamListPoliciesForUser;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListPoliciesForUser" on Named("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser];
    required {
        /// Name of the user.
        "UserName" user_name: String,
    }
    optional {
    }
    response {
        /// The policies.
        "Policies" policies: ListPoliciesForUserPolicies,
    }
}

object! {
    /// Part of the answer of `ListPoliciesForUser`.
    ListPoliciesForUserPoliciesPolicy {
        /// Time of attachment, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "AttachDate" attach_date: String,
        /// Id of the version that is in force.
        "DefaultVersion" default_version: String,
        /// Free text.
        "Description" description: String,
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
    }
}

object! {
    /// Part of the answer of `ListPoliciesForUser`.
    ListPoliciesForUserPolicies {
        /// The members of the list.
        "Policy" policy: Vec<ListPoliciesForUserPoliciesPolicy>,
    }
}
