use crate::{
    object, operation,
    types::{
        JsonText, PolicyDocument,
        identities::{PolicyType, RotateStrategy, Tag},
    },
};

operation! {
    /// Creates a custom policy with its first version, `v1`.
    CreatePolicy ("create_policy"), CreatePolicyRequest -> CreatePolicyResponse;
    product: Ram as RamCreatePolicy;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreatePolicy" on Named("policy", "PolicyName")];
    errors: [
        InvalidParameter, EntityAlreadyExistsPolicy, LimitExceededPolicy, MalformedPolicyDocument,
        InvalidParameterTagKey, InvalidParameterTagValue, DuplicateTagKey,
    ];
    required {
        /// The document: JSON text of at most 6,144 characters.
        "PolicyDocument" policy_document: PolicyDocument,
        /// Name of the policy: 1 to 128 letters, digits and `-`; none of a system policy.
        "PolicyName" policy_name: String,
    }
    optional {
        /// Free text, at most 1,024 characters.
        "Description" description: String,
        /// Tags: a JSON array of at most 20 objects with `Key` and `Value`.
        "Tag" tag: JsonText<Vec<Tag>>,
    }
    response {
        /// The policy.
        "Policy" policy: CreatePolicyPolicy,
    }
}

object! {
    /// Part of the answer of `CreatePolicy`.
    CreatePolicyPolicy {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
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
        /// The document: JSON text of at most 6,144 characters.
        "PolicyDocument" policy_document: PolicyDocument,
        /// Name of the policy.
        "PolicyName" policy_name: String,
    }
    optional {
        /// `None`, or `DeleteOldestNonDefaultVersionWhenLimitExceeded`: the oldest version that is not in force
        /// makes room.
        "RotateStrategy" rotate_strategy: RotateStrategy,
        /// Whether the version is in force at once.
        "SetAsDefault" set_as_default: bool,
    }
    response {
        /// The version.
        "PolicyVersion" policy_version: CreatePolicyVersionPolicyVersion,
    }
}

object! {
    /// Part of the answer of `CreatePolicyVersion`.
    CreatePolicyVersionPolicyVersion {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Whether the version is in force.
        "IsDefaultVersion" is_default_version: bool,
        /// The document, JSON text.
        "PolicyDocument" policy_document: PolicyDocument,
        /// Id of the version.
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
        /// Name of the policy.
        "PolicyName" policy_name: String,
    }
    optional {
        /// Whether all versions go with the policy.
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
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// Id of the version, such as `v1`.
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
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
    }
    optional {
    }
    response {
        /// The version that is in force.
        "DefaultPolicyVersion" default_policy_version: GetPolicyDefaultPolicyVersion,
        /// The policy.
        "Policy" policy: GetPolicyPolicy,
    }
}

object! {
    /// Part of the answer of `GetPolicy`.
    GetPolicyDefaultPolicyVersion {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Whether the version is in force.
        "IsDefaultVersion" is_default_version: bool,
        /// The document, JSON text.
        "PolicyDocument" policy_document: PolicyDocument,
        /// Id of the version.
        "VersionId" version_id: String,
    }
}

object! {
    /// Part of the answer of `GetPolicy`.
    GetPolicyPolicy {
        /// To how many users, groups and roles it is attached.
        "AttachmentCount" attachment_count: i64,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Id of the version that is in force.
        "DefaultVersion" default_version: String,
        /// Free text.
        "Description" description: String,
        /// The document, JSON text.
        "PolicyDocument" policy_document: PolicyDocument,
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
        /// Id of the version, such as `v1`.
        "VersionId" version_id: String,
    }
    optional {
    }
    response {
        /// The version.
        "PolicyVersion" policy_version: GetPolicyVersionPolicyVersion,
    }
}

object! {
    /// Part of the answer of `GetPolicyVersion`.
    GetPolicyVersionPolicyVersion {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Whether the version is in force.
        "IsDefaultVersion" is_default_version: bool,
        /// The document, JSON text.
        "PolicyDocument" policy_document: PolicyDocument,
        /// Id of the version.
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
        /// Where the page begins: the `Marker` of the page before.
        "Marker" marker: String,
        /// Entries of a page, 1 to 1,000; 100 when it is left out.
        "MaxItems" max_items: i64,
        /// `System` or `Custom`; both when it is left out.
        "PolicyType" policy_type: PolicyType,
        /// Tags that an entry must have: a JSON array of objects with `Key` and `Value`.
        "Tag" tag: JsonText<Vec<Tag>>,
    }
    response {
        /// Whether there is another page.
        "IsTruncated" is_truncated: bool,
        /// Where the next page begins; left out on the last one.
        "Marker" marker: Option<String>,
        /// The policies.
        "Policies" policies: ListPoliciesPolicies,
    }
}

object! {
    /// Part of the answer of `ListPolicies`.
    ListPoliciesPoliciesPolicyTagsTag {
        /// Key of the tag.
        "TagKey" tag_key: String,
        /// Value of the tag.
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
        "PolicyType" policy_type: PolicyType,
        /// The tags.
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
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
    }
    optional {
    }
    response {
        /// The versions.
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
        "PolicyDocument" policy_document: PolicyDocument,
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
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// Id of the version, such as `v1`.
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
        /// Free text, at most 1,024 characters.
        "NewDescription" new_description: String,
        /// Name of the policy.
        "PolicyName" policy_name: String,
    }
    optional {
    }
    response {
        /// The policy.
        "Policy" policy: UpdatePolicyDescriptionPolicy,
    }
}

object! {
    /// Part of the answer of `UpdatePolicyDescription`.
    UpdatePolicyDescriptionPolicy {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Id of the version that is in force.
        "DefaultVersion" default_version: String,
        /// Free text.
        "Description" description: String,
        /// Name of the policy.
        "PolicyName" policy_name: String,
        /// `System` or `Custom`.
        "PolicyType" policy_type: PolicyType,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
    }
}
