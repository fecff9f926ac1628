use crate::{object, operation};

operation! {
    /// Creates a custom policy with its first version, `v1`.
    CreatePolicy ("create_policy"), CreatePolicyRequest -> CreatePolicyResponse;
    product: Ram as RamCreatePolicy;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreatePolicy" on Named("policy", "PolicyName")];
    errors: [InvalidParameter, EntityAlreadyExistsPolicy, LimitExceededPolicy, MalformedPolicyDocument];
    required {
        /// The document of the policy. The document must be 1 to 6,144 characters in length.
        "PolicyDocument" policy_document: String,
        /// The name of the policy. The name must be 1 to 128 characters in length and can contain letters, digits,
        /// and hyphens (-).
        "PolicyName" policy_name: String,
    }
    optional {
        /// The description of the policy. The description must be 1 to 1,024 characters in length.
        "Description" description: String,
        /// The tags.
        "Tag" tag: String,
    }
    response {
        /// The information about the policy.
        "Policy" policy: CreatePolicyPolicy,
    }
}

object! {
    /// Part of the answer of `CreatePolicy`.
    CreatePolicyPolicy {
        /// The time when the policy was created.
        "CreateDate" create_date: String,
        /// The version of the policy. Default value: v1.
        "DefaultVersion" default_version: String,
        /// The description of the policy.
        "Description" description: String,
        /// The name of the policy.
        "PolicyName" policy_name: String,
        /// The type of the policy. Valid values: - Custom - System.
        "PolicyType" policy_type: String,
    }
}

operation! {
    /// Adds a version to a custom policy, which has at most five.
    CreatePolicyVersion ("create_policy_version"), CreatePolicyVersionRequest -> CreatePolicyVersionResponse;
    product: Ram as RamCreatePolicyVersion;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreatePolicyVersion" on Named("policy", "PolicyName")];
    errors: [
        InvalidParameter, EntityNotExistPolicy, LimitExceededPolicyVersion, MalformedPolicyDocument,
    ];
    required {
        /// The document of the policy. The document can be up to 6,144 bytes in length.
        "PolicyDocument" policy_document: String,
        /// The name of the policy.
        "PolicyName" policy_name: String,
    }
    optional {
        /// The rotation strategy of the policy. The rotation strategy can be used to delete an early policy
        /// version.
        "RotateStrategy" rotate_strategy: String,
        /// Specifies whether to set this policy as the default policy. Default value: `false`.
        "SetAsDefault" set_as_default: bool,
    }
    response {
        /// The information about the policy version.
        "PolicyVersion" policy_version: CreatePolicyVersionPolicyVersion,
    }
}

object! {
    /// Part of the answer of `CreatePolicyVersion`.
    CreatePolicyVersionPolicyVersion {
        /// The time when the policy version was created.
        "CreateDate" create_date: String,
        /// Indicates whether the policy version is the default version.
        "IsDefaultVersion" is_default_version: bool,
        /// The document of the policy.
        "PolicyDocument" policy_document: String,
        /// The ID of the policy version.
        "VersionId" version_id: String,
    }
}

operation! {
    /// Deletes a custom policy that is attached to nothing and has no version beside the default one.
    DeletePolicy ("delete_policy"), DeletePolicyRequest -> DeletePolicyResponse;
    product: Ram as RamDeletePolicy;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:DeletePolicy" on Named("policy", "PolicyName")];
    errors: [
        InvalidParameter, EntityNotExistPolicy, DeleteConflictPolicyUser, DeleteConflictPolicyGroup,
        DeleteConflictPolicyRole, DeleteConflictPolicyVersion,
    ];
    required {
        /// The name of the policy.
        "PolicyName" policy_name: String,
    }
    optional {
        /// Specifies whether to delete all versions of the policy. Valid values: - `true`: deletes all versions of
        /// the policy. - `false`: does not delete all versions of the policy.
        "CascadingDelete" cascading_delete: bool,
    }
    response {
    }
}

operation! {
    /// Deletes a version of a custom policy that is not the default one.
    DeletePolicyVersion ("delete_policy_version"), DeletePolicyVersionRequest -> DeletePolicyVersionResponse;
    product: Ram as RamDeletePolicyVersion;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:DeletePolicyVersion" on Named("policy", "PolicyName")];
    errors: [
        InvalidParameter, EntityNotExistPolicy, EntityNotExistPolicyVersion, DeleteConflictPolicyVersionDefault,
    ];
    required {
        /// The name of the policy.
        "PolicyName" policy_name: String,
        /// The ID of the policy version that you want to delete.
        "VersionId" version_id: String,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Shows a policy and its default version.
    GetPolicy ("get_policy"), GetPolicyRequest -> GetPolicyResponse;
    product: Ram as RamGetPolicy;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:GetPolicy" on Named("policy", "PolicyName")];
    errors: [InvalidParameter, EntityNotExistPolicy];
    required {
        /// The name of the access policy.
        "PolicyName" policy_name: String,
        /// The type of the access policy. Valid values: `System`, `Custom`.
        "PolicyType" policy_type: String,
    }
    optional {
    }
    response {
        /// The default version of the access policy.
        "DefaultPolicyVersion" default_policy_version: GetPolicyDefaultPolicyVersion,
        /// The basic information of the access policy.
        "Policy" policy: GetPolicyPolicy,
    }
}

object! {
    /// Part of the answer of `GetPolicy`.
    GetPolicyDefaultPolicyVersion {
        /// The time when the policy was created. The time is in UTC.
        "CreateDate" create_date: String,
        /// The data structure returned by `DefaultPolicyVersion` is always the default version. Therefore, the
        /// value of `IsDefaultVersion` is always `true`.
        "IsDefaultVersion" is_default_version: bool,
        /// The policy document of the access policy.
        "PolicyDocument" policy_document: String,
        /// The version of the access policy.
        "VersionId" version_id: String,
    }
}

object! {
    /// Part of the answer of `GetPolicy`.
    GetPolicyPolicy {
        /// The number of references.
        "AttachmentCount" attachment_count: i64,
        /// The time when the policy was created. The time is in UTC.
        "CreateDate" create_date: String,
        /// The default version.
        "DefaultVersion" default_version: String,
        /// The description of the access policy.
        "Description" description: String,
        /// Deprecated.
        "PolicyDocument" policy_document: String,
        /// The name of the access policy.
        "PolicyName" policy_name: String,
        /// The type of the access policy.
        "PolicyType" policy_type: String,
        /// The time when the policy was last modified. The time is in UTC.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Shows a version of a policy.
    GetPolicyVersion ("get_policy_version"), GetPolicyVersionRequest -> GetPolicyVersionResponse;
    product: Ram as RamGetPolicyVersion;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:GetPolicyVersion" on Named("policy", "PolicyName")];
    errors: [InvalidParameter, EntityNotExistPolicy, EntityNotExistPolicyVersion];
    required {
        /// The access policy name.
        "PolicyName" policy_name: String,
        /// The type of the access policy. Valid values: `System`, `Custom`.
        "PolicyType" policy_type: String,
        /// The ID of the target version.
        "VersionId" version_id: String,
    }
    optional {
    }
    response {
        /// The version information of the access policy.
        "PolicyVersion" policy_version: GetPolicyVersionPolicyVersion,
    }
}

object! {
    /// Part of the answer of `GetPolicyVersion`.
    GetPolicyVersionPolicyVersion {
        /// The time when the version was created. The time is in UTC and in the format of `YYYY-MM-DDThh:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Indicates whether this is the default version.
        "IsDefaultVersion" is_default_version: bool,
        /// The policy document of the permission.
        "PolicyDocument" policy_document: String,
        /// The ID of the access policy version.
        "VersionId" version_id: String,
    }
}

operation! {
    /// Lists system and custom policies.
    ListPolicies ("list_policies"), ListPoliciesRequest -> ListPoliciesResponse;
    product: Ram as RamListPolicies;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListPolicies" on Container("policy")];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// The marker. If the response is truncated, you can use `Marker` to obtain the content that starts from
        /// the position after the truncation point.
        "Marker" marker: String,
        /// The number of entries to return. If the response is truncated because it reaches the `MaxItems` limit,
        /// the `IsTruncated` response parameter equals `true`.
        "MaxItems" max_items: i64,
        /// The type of the access policy. Valid values: `System` and `Custom`.
        "PolicyType" policy_type: String,
        /// The tags.
        "Tag" tag: String,
    }
    response {
        /// Indicates whether the response is truncated.
        "IsTruncated" is_truncated: bool,
        /// This parameter is returned only when `IsTruncated` is `true`. If `true` is returned, call this operation
        /// again and use `Marker` to obtain the truncated content.
        "Marker" marker: Option<String>,
        /// Policies.
        "Policies" policies: ListPoliciesPolicies,
    }
}

object! {
    /// Part of the answer of `ListPolicies`.
    ListPoliciesPoliciesPolicyTagsTag {
        /// TagKey.
        "TagKey" tag_key: String,
        /// TagValue.
        "TagValue" tag_value: String,
    }
}

object! {
    /// Part of the answer of `ListPolicies`.
    ListPoliciesPoliciesPolicyTags {
        /// The members of the list.
        "Tag" tag: Vec<ListPoliciesPoliciesPolicyTagsTag>,
    }
}

object! {
    /// Part of the answer of `ListPolicies`.
    ListPoliciesPoliciesPolicy {
        /// To how many users, groups and roles it is attached.
        "AttachmentCount" attachment_count: i64,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Id of the version that is in force.
        "DefaultVersion" default_version: String,
        /// Free text.
        "Description" description: String,
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: String,
        /// Tags.
        "Tags" tags: ListPoliciesPoliciesPolicyTags,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
    }
}

object! {
    /// Part of the answer of `ListPolicies`.
    ListPoliciesPolicies {
        /// The members of the list.
        "Policy" policy: Vec<ListPoliciesPoliciesPolicy>,
    }
}

operation! {
    /// Lists the versions of a policy.
    ListPolicyVersions ("list_policy_versions"), ListPolicyVersionsRequest -> ListPolicyVersionsResponse;
    product: Ram as RamListPolicyVersions;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListPolicyVersions" on Named("policy", "PolicyName")];
    errors: [InvalidParameter, EntityNotExistPolicy];
    required {
        /// The name of the access policy.
        "PolicyName" policy_name: String,
        /// The type of the access policy. Valid values: `System`, `Custom`.
        "PolicyType" policy_type: String,
    }
    optional {
    }
    response {
        /// PolicyVersions.
        "PolicyVersions" policy_versions: ListPolicyVersionsPolicyVersions,
    }
}

object! {
    /// Part of the answer of `ListPolicyVersions`.
    ListPolicyVersionsPolicyVersionsPolicyVersion {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Whether the version is in force.
        "IsDefaultVersion" is_default_version: bool,
        /// The document, JSON text.
        "PolicyDocument" policy_document: String,
        /// Id of the version.
        "VersionId" version_id: String,
    }
}

object! {
    /// Part of the answer of `ListPolicyVersions`.
    ListPolicyVersionsPolicyVersions {
        /// The members of the list.
        "PolicyVersion" policy_version: Vec<ListPolicyVersionsPolicyVersionsPolicyVersion>,
    }
}

operation! {
    /// Chooses the version of a custom policy that is in force.
    SetDefaultPolicyVersion ("set_default_policy_version"), SetDefaultPolicyVersionRequest -> SetDefaultPolicyVersionResponse;
    product: Ram as RamSetDefaultPolicyVersion;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:SetDefaultPolicyVersion" on Named("policy", "PolicyName")];
    errors: [InvalidParameter, EntityNotExistPolicy, EntityNotExistPolicyVersion];
    required {
        /// The name of the policy.
        "PolicyName" policy_name: String,
        /// The ID of the policy version that you want to set as the default version.
        "VersionId" version_id: String,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Changes the description of a custom policy.
    UpdatePolicyDescription ("update_policy_description"), UpdatePolicyDescriptionRequest -> UpdatePolicyDescriptionResponse;
    product: Ram as RamUpdatePolicyDescription;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:UpdatePolicyDescription" on Named("policy", "PolicyName")];
    errors: [InvalidParameter, EntityNotExistPolicy];
    required {
        /// The description of the policy. The description must be 1 to 1,024 characters in length.
        "NewDescription" new_description: String,
        /// The name of the policy.
        "PolicyName" policy_name: String,
    }
    optional {
    }
    response {
        /// The information about the policy.
        "Policy" policy: UpdatePolicyDescriptionPolicy,
    }
}

object! {
    /// Part of the answer of `UpdatePolicyDescription`.
    UpdatePolicyDescriptionPolicy {
        /// The time when the policy was created.
        "CreateDate" create_date: String,
        /// The version of the policy. Default value: v1.
        "DefaultVersion" default_version: String,
        /// The description of the policy.
        "Description" description: String,
        /// The name of the policy.
        "PolicyName" policy_name: String,
        /// The type of the policy. Valid values: - Custom - System.
        "PolicyType" policy_type: String,
        /// The time when the policy was modified.
        "UpdateDate" update_date: String,
    }
}
